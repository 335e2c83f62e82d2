using System.Buffers;
using System.Security.Cryptography;

namespace Praman.Proof;

/// <summary>
/// The 32 octets of one usage point from which the salt of each of its day blocks and bills is derived:
/// HMAC-SHA256(master, label LF header). Keeping one secret per usage point, not one per block, is what makes a day block's evidence
/// small; erasing it makes every commitment of that usage point unlinkable at once, while salts already handed to the consumer go on opening theirs.
/// </summary>
public sealed class MasterSalt : IDisposable
{
    private readonly byte[] _octets;

    /// <summary>Takes a copy of 32 octets.</summary>
    public MasterSalt(ReadOnlySpan<byte> octets)
    {
        if (octets.Length != Commitment.SaltLength)
            throw new ArgumentException($"A master salt has {Commitment.SaltLength} octets, not {octets.Length}.", nameof(octets));
        _octets = octets.ToArray();
    }

    /// <summary>The label under which the salts of day blocks are derived.</summary>
    public static ReadOnlySpan<byte> BlockLabel => "praman-block-salt/1"u8;

    /// <summary>The label under which the salts of bills are derived.</summary>
    public static ReadOnlySpan<byte> BillLabel => "praman-bill-salt/1"u8;

    /// <summary>Whether the octets were erased: nothing can be derived any more.</summary>
    public bool IsErased { get; private set; }

    /// <summary>A master from the system's generator.</summary>
    public static MasterSalt Create()
    {
        Span<byte> octets = stackalloc byte[Commitment.SaltLength];
        RandomNumberGenerator.Fill(octets);
        var master = new MasterSalt(octets);
        CryptographicOperations.ZeroMemory(octets);
        return master;
    }

    /// <summary>
    /// Derives the salt of what <paramref name="header"/> names (a block's header octets, a bill's number). Nothing is allocated for headers up to
    /// 448 octets.
    /// </summary>
    /// <param name="label">What the salt is for: <see cref="BlockLabel"/> or <see cref="BillLabel"/>; no line feed within.</param>
    /// <param name="header">The octets that tell this block or bill from every other of the usage point.</param>
    /// <param name="salt">Takes 32 octets.</param>
    /// <returns>False where the master is erased.</returns>
    public bool TryDerive(ReadOnlySpan<byte> label, ReadOnlySpan<byte> header, Span<byte> salt)
    {
        if (label.Contains((byte)'\n')) throw new ArgumentException("A label has no line feed: it ends the label.", nameof(label));
        if (IsErased) return false;
        int length = label.Length + 1 + header.Length;
        byte[]? rented = null;
        Span<byte> message = length <= 512 ? stackalloc byte[length] : rented = ArrayPool<byte>.Shared.Rent(length);
        label.CopyTo(message);
        message[label.Length] = (byte)'\n';
        header.CopyTo(message[(label.Length + 1)..]);
        Commitment.Authenticate(_octets, message[..length], salt);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        return true;
    }

    /// <summary>The salt of a day block, by its header octets.</summary>
    public bool TryDeriveBlockSalt(ReadOnlySpan<byte> header, Span<byte> salt) => TryDerive(BlockLabel, header, salt);

    /// <summary>The salt of a bill, by its number in UTF-8.</summary>
    public bool TryDeriveBillSalt(ReadOnlySpan<byte> billNumber, Span<byte> salt) => TryDerive(BillLabel, billNumber, salt);

    /// <summary>Writes the octets, for the key store that keeps them.</summary>
    public bool TryExport(Span<byte> target)
    {
        if (IsErased) return false;
        _octets.CopyTo(target);
        return true;
    }

    /// <summary>Overwrites the octets. There is no way back.</summary>
    public void Erase()
    {
        CryptographicOperations.ZeroMemory(_octets);
        IsErased = true;
    }

    /// <inheritdoc cref="Erase"/>
    public void Dispose() => Erase();
}
