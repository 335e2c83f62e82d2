using Praman.Proof;
using Praman.Proof.Merkle;

namespace Praman.Billing.Verification;

/// <summary>
/// The path read last in one batch, as text and as hashes: the path of a near leaf ends alike, and what is alike is neither parsed nor decoded again.
/// </summary>
internal sealed class KnownPath
{
    /// <summary>44 characters, two quotes, and a comma or the bracket.</summary>
    private const int ItemLength = 47;
    private readonly byte[] _text = new byte[LengthOf(MerkleProof.HashCountMax)];
    private readonly Digest[] _hashes = new Digest[MerkleProof.HashCountMax];
    private int _count;

    /// <summary>Octets of an array of so many hashes, without its first bracket.</summary>
    public static int LengthOf(int count) => ItemLength * count;

    public int TextLength => LengthOf(_count);

    /// <summary>How many hashes at the start of a text of the same length are not those of this path; all that follow are.</summary>
    public int CountUnlike(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text.Length != TextLength) return int.MaxValue;
        int unlike = _count;
        while (unlike > 0 && text.Slice(LengthOf(unlike - 1), ItemLength).SequenceEqual(_text.AsSpan(LengthOf(unlike - 1), ItemLength))) unlike--;
        return unlike == _count ? int.MaxValue : unlike;
    }

    /// <summary>What stands after the first <paramref name="count"/> hashes, to the bracket.</summary>
    public ReadOnlySpan<byte> TextFrom(int count) => count == 0 ? _text.AsSpan(0, TextLength) : _text.AsSpan(LengthOf(count) - 1, TextLength - LengthOf(count) + 1);

    public ReadOnlySpan<Digest> HashesFrom(int count) => _hashes.AsSpan(count, _count - count);

    /// <summary>Takes another start, as long as the one before.</summary>
    public void Replace(ReadOnlySpan<byte> text, ReadOnlySpan<Digest> start)
    {
        text[..LengthOf(start.Length)].CopyTo(_text);
        start.CopyTo(_hashes);
    }

    /// <summary>Takes another path.</summary>
    public void Take(ReadOnlySpan<byte> text, ReadOnlySpan<Digest> hashes)
    {
        text.CopyTo(_text);
        hashes.CopyTo(_hashes);
        _count = hashes.Length;
    }
}
