namespace Praman.Dlms.Server;

/// <summary>
/// A device's global keys and the counters that belong to the encryption key. When that key is changed a new set begins at zero, and an
/// association that is still open goes on with the set it began with, so that no key ever meets a counter twice.
/// </summary>
public sealed class KeySet
{
    /// <summary>Octets of a key of suite 0.</summary>
    public const int KeyLength = 16;

    private readonly Counters _counters;

    /// <param name="guek">Global unicast encryption key, 16 octets.</param>
    /// <param name="gak">Global authentication key, 16 octets.</param>
    /// <param name="associationCount">Associations of the device, each with its own counter of what clients sent.</param>
    public KeySet(ReadOnlyMemory<byte> guek, ReadOnlyMemory<byte> gak, int associationCount)
        : this(guek, gak, new Counters(associationCount))
    {
    }

    private KeySet(ReadOnlyMemory<byte> guek, ReadOnlyMemory<byte> gak, Counters counters)
    {
        if (guek.Length != KeyLength || gak.Length != KeyLength) throw new ArgumentException($"a key of suite 0 has {KeyLength} octets");
        (Guek, Gak, _counters) = (guek, gak, counters);
    }

    public ReadOnlyMemory<byte> Guek { get; }

    public ReadOnlyMemory<byte> Gak { get; }

    /// <summary>The set after a change: counters go on where the encryption key stays, and begin anew where it does not.</summary>
    public KeySet With(ReadOnlyMemory<byte>? guek, ReadOnlyMemory<byte>? gak)
    {
        bool same = guek is null || guek.Value.Span.SequenceEqual(Guek.Span);
        return new(guek ?? Guek, gak ?? Gak, same ? _counters : new Counters(_counters.Accepted.Length));
    }

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
        }

        public long[] Accepted { get; }

        public long Next { get; set; }
    }
}
