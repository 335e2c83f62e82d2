using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Praman.Metering;
using Praman.Proof.Merkle;

namespace Praman.Proof.Notes;

/// <summary>
/// A proof file (C2SP tlog-proof, v1): that one entry is in the log whose checkpoint it carries. Text: <c>c2sp.org/tlog-proof@v1</c>, an
/// optional <c>extra</c> line, <c>index</c>, the hashes of the inclusion proof, an empty line, the checkpoint verbatim.
/// </summary>
/// <param name="Extra">Octets beside the proof, such as a salt; null where the line is absent. Nothing authenticates them.</param>
/// <param name="Index">The entry's place, from 0.</param>
/// <param name="Path">The inclusion proof, from the leaf's neighbour up.</param>
/// <param name="Checkpoint">The head that it leads to.</param>
public sealed record TlogProof(ReadOnlyMemory<byte>? Extra, long Index, IReadOnlyList<Digest> Path, SignedCheckpoint Checkpoint)
{
    /// <summary>Octets of a file, at most.</summary>
    public const int LengthMax = SignedNote.LengthMax + 64 * 1024;

    /// <summary>Octets of extra data, at most.</summary>
    public const int ExtraLengthMax = 32 * 1024;

    private const string Clause = "C2SP tlog-proof";

    private static ReadOnlySpan<byte> Header => "c2sp.org/tlog-proof@v1\n"u8;

    /// <summary>The file.</summary>
    public byte[] ToBytes()
    {
        var text = new StringBuilder("c2sp.org/tlog-proof@v1\n");
        if (Extra is { } extra) text.Append("extra ").Append(Convert.ToBase64String(extra.Span)).Append('\n');
        text.Append(CultureInfo.InvariantCulture, $"index {Index}\n");
        foreach (Digest hash in Path) text.Append(hash.ToBase64()).Append('\n');
        text.Append('\n');
        return [.. Encoding.ASCII.GetBytes(text.ToString()), .. Checkpoint.Note.Octets];
    }

    /// <summary>Whether the proof leads from that leaf to the checkpoint's root. Says nothing of signatures.</summary>
    public bool Includes(in Digest leafHash)
    {
        Span<Digest> path = stackalloc Digest[MerkleProof.HashCountMax];
        if (Path.Count > path.Length) return false;
        for (int i = 0; i < Path.Count; i++) path[i] = Path[i];
        return MerkleProof.VerifyInclusion(leafHash, Index, Checkpoint.Size, path[..Path.Count], Checkpoint.Root);
    }

    /// <summary>Reads a file. One text stands for one proof: whatever this takes, <see cref="ToBytes"/> writes again.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, [NotNullWhen(true)] out TlogProof? proof, out DecodeError error) =>
        TryParse(text, null, out proof, out error);

    /// <inheritdoc cref="TryParse(ReadOnlySpan{byte}, out TlogProof?, out DecodeError)"/>
    /// <param name="known">
    /// A checkpoint read before, taken where this file's is the same to the octet: bills of one run share it, and reading it anew costs more
    /// than the rest of the file.
    /// </param>
    public static bool TryParse(ReadOnlySpan<byte> text, SignedCheckpoint? known, [NotNullWhen(true)] out TlogProof? proof, out DecodeError error)
    {
        proof = null;
        if (text.Length > LengthMax) return Refuse(out error, LengthMax, $"more than {LengthMax} octets");
        if (!text.StartsWith(Header)) return Refuse(out error, text.CommonPrefixLength(Header), "a proof begins with the line c2sp.org/tlog-proof@v1");
        int at = Header.Length;
        byte[]? extra = null;
        if (text[at..].StartsWith("extra "u8))
        {
            int start = at + 6;
            if (!TryLine(text, ref at, out ReadOnlySpan<byte> line) || (extra = CanonicalBase64.Decode(line[6..], ExtraLengthMax)) is null)
                return Refuse(out error, start, $"extra data is base64 of at most {ExtraLengthMax} octets");
        }
        int indexAt = at;
        if (!TryLine(text, ref at, out ReadOnlySpan<byte> indexLine) || !indexLine.StartsWith("index "u8) || !DecimalText.TryParse(indexLine[6..], out long index))
            return Refuse(out error, indexAt, "the index is written \"index N\", decimal, without leading zeros, below 2^63");
        var path = new List<Digest>();
        while (true)
        {
            int start = at;
            if (!TryLine(text, ref at, out ReadOnlySpan<byte> line)) return Refuse(out error, start, "an empty line parts the hashes from the checkpoint");
            if (line.IsEmpty) break;
            if (path.Count == MerkleProof.HashCountMax) return Refuse(out error, start, $"more than {MerkleProof.HashCountMax} hashes");
            if (!Digest.TryParseBase64(line, out Digest hash)) return Refuse(out error, start, "a hash is 44 characters of base64");
            path.Add(hash);
        }
        SignedCheckpoint? checkpoint = known;
        if ((checkpoint is null || !text[at..].SequenceEqual(checkpoint.Note.Octets)) && !SignedCheckpoint.TryParse(text[at..], out checkpoint, out error))
        {
            error = error with { Offset = at + error.Offset };
            return false;
        }
        // Without the cast null would become an empty memory: a line "extra " that was never there.
        proof = new(extra is null ? (ReadOnlyMemory<byte>?)null : extra, index, path, checkpoint);
        error = default;
        return true;
    }

    private static bool TryLine(ReadOnlySpan<byte> text, ref int at, out ReadOnlySpan<byte> line)
    {
        int end = text[at..].IndexOf((byte)'\n');
        line = end < 0 ? default : text.Slice(at, end);
        if (end >= 0) at += end + 1;
        return end >= 0;
    }

    private static bool Refuse(out DecodeError error, int offset, string reason)
    {
        error = new(offset, reason, Clause);
        return false;
    }
}
