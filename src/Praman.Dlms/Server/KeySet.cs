using System.Security.Cryptography;
using Praman.Dlms.Security;

namespace Praman.Dlms.Server;

/// <summary>
/// Global keys of a security setup and the counters that belong to the encryption key. When that key is changed a new set begins at zero, unless
/// another setup has the key already: then it counts on with that one. The association that changed it goes on with the set it began with, so that
/// no key ever meets a counter twice. The keys are copies, and erased when they are replaced.
/// </summary>
public sealed class KeySet
{
    /// <summary>Octets of a key of suite 0.</summary>
    public const int KeyLength = 16;

    private readonly byte[] _guek, _gak, _gbek;
    private readonly Counters _counters;
    private readonly Counters? _broadcastCounters; // null where there is no broadcast key

    /// <param name="guek">Global unicast encryption key, 16 octets, 32 in suite 2.</param>
    /// <param name="gak">Global authentication key, of the same length.</param>
    /// <param name="associationCount">Associations of the device, each with its own counter of what clients sent.</param>
    /// <param name="suite">The security suite that the keys are used with.</param>
    /// <param name="gbek">Global broadcast encryption key; empty where there is none.</param>
    public KeySet(ReadOnlyMemory<byte> guek, ReadOnlyMemory<byte> gak, int associationCount, int suite = 0, ReadOnlyMemory<byte> gbek = default)
        : this(guek.ToArray(), gak.ToArray(), gbek.ToArray(), suite, new Counters(associationCount), gbek.IsEmpty ? null : new Counters(associationCount))
    {
    }

    private KeySet(byte[] guek, byte[] gak, byte[] gbek, int suite, Counters counters, Counters? broadcastCounters)
    {
        if (!SecuritySuite.IsKnown(suite)) throw new ArgumentOutOfRangeException(nameof(suite), suite, "there are suites 0 to 2");
        int length = SecuritySuite.KeyLength(suite);
        if (guek.Length != length || gak.Length != length || (gbek.Length != 0 && gbek.Length != length)) throw new ArgumentException($"a key of suite {suite} has {length} octets");
        (_guek, _gak, _gbek, Suite, _counters, _broadcastCounters) = (guek, gak, gbek, suite, counters, broadcastCounters);
    }

    /// <summary>The security suite.</summary>
    public int Suite { get; }

    public ReadOnlyMemory<byte> Guek => _guek;

    public ReadOnlyMemory<byte> Gak => _gak;

    /// <summary>Global broadcast encryption key; empty where there is none.</summary>
    public ReadOnlyMemory<byte> Gbek => _gbek;

    /// <summary>The set after a change: a key's counters go on where it stays, or stands in another set, and begin anew where it does not.</summary>
    internal KeySet With(ReadOnlyMemory<byte>? guek, ReadOnlyMemory<byte>? gak, ReadOnlyMemory<byte>? gbek, IEnumerable<KeySet> others)
    {
        bool same = guek is not { } unicast || AreEqual(unicast, _guek), sameBroadcast = gbek is not { } broadcast || AreEqual(broadcast, _gbek);
        int count = _counters.Accepted.Length;
        Counters counters = same ? _counters
            : others.FirstOrDefault(set => AreEqual(guek!.Value, set._guek))?._counters ?? new Counters(count) { Transactions = _counters.Transactions };
        Counters? broadcastCounters = sameBroadcast ? _broadcastCounters
            : others.FirstOrDefault(set => AreEqual(gbek!.Value, set._gbek))?._broadcastCounters ?? new Counters(count);
        return new(guek?.ToArray() ?? _guek, gak?.ToArray() ?? _gak, gbek?.ToArray() ?? _gbek, Suite, counters, broadcastCounters);
    }

    /// <summary>Erases those of the keys that no other set holds.</summary>
    internal void EraseBut(IEnumerable<KeySet> kept)
    {
        KeySet[] sets = [.. kept];
        foreach (byte[] key in (byte[][])[_guek, _gak, _gbek])
        {
            if (!Array.Exists(sets, set => set._guek == key || set._gak == key || set._gbek == key)) CryptographicOperations.ZeroMemory(key);
        }
    }

    private static bool AreEqual(ReadOnlyMemory<byte> one, ReadOnlyMemory<byte> other) => CryptographicOperations.FixedTimeEquals(one.Span, other.Span);

    /// <summary>The highest counter accepted under the broadcast key from clients of an association; -1 before the first.</summary>
    public long AcceptedBroadcast(int association) => _broadcastCounters?.Accepted[association] ?? -1;

    /// <summary>Moves the broadcast key's counter to one whose tag was verified.</summary>
    public void AcceptBroadcast(int association, uint counter)
    {
        if (_broadcastCounters is not null) _broadcastCounters.Accepted[association] = Math.Max(counter, AcceptedBroadcast(association));
    }

    /// <summary>The lowest transaction-id that a request with a key of its own, or only signed, may carry. It outlives every key.</summary>
    public UInt128 TransactionMin(int association) => _counters.Transactions[association];

    /// <summary>Moves it, after tag or signature verified; never back.</summary>
    public void AcceptTransactionsBelow(int association, UInt128 next) => _counters.Transactions[association] = UInt128.Max(next, TransactionMin(association));

    /// <summary>The highest counter accepted from clients of an association; -1 before the first.</summary>
    public long Accepted(int association) => _counters.Accepted[association];

    /// <summary>What the invocation counter object shows: the highest accepted, 0 before the first.</summary>
    public uint Shown(int association) => (uint)Math.Max(0, Accepted(association));

    /// <summary>Moves the counter to one whose tag was verified.</summary>
    public void Accept(int association, uint counter) => _counters.Accepted[association] = Math.Max(counter, Accepted(association));

    /// <summary>The next counter of what the device sends; false when they are used up and the key must be changed.</summary>
    public bool TryTakeNext(out uint counter)
    {
        counter = (uint)_counters.Next;
        if (_counters.Next > uint.MaxValue) return false;
        _counters.Next++;
        return true;
    }

    /// <summary>Goes on where a stored device left off: counters below are never used again.</summary>
    public void ResumeFrom(uint nextSent) => _counters.Next = Math.Max(_counters.Next, nextSent);

    private sealed class Counters
    {
        public Counters(int associationCount)
        {
            Accepted = new long[associationCount];
            Array.Fill(Accepted, -1);
            Transactions = new UInt128[associationCount];
        }

        public long[] Accepted { get; }

        public UInt128[] Transactions { get; init; }

        public long Next { get; set; }
    }
}
