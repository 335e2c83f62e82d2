using System.Text;
using Praman.Metering;
using Praman.Proof.Merkle;

namespace Praman.Proof.Logs;

/// <summary>
/// One entry of the log: three lines, <c>praman-log-entry/1</c>, the kind, the commitment in base64, each ended by a line feed. It says what
/// kind of thing was fixed and when, by its place, and nothing of what it holds.
/// </summary>
public readonly record struct LogEntry(LogEntryKind Kind, Digest Commitment)
{
    /// <summary>Octets of the longest entry.</summary>
    public const int LengthMax = 81;

    private static ReadOnlySpan<byte> Header => "praman-log-entry/1\n"u8;

    /// <summary>The kind's word in the text.</summary>
    public static ReadOnlySpan<byte> Word(LogEntryKind kind) => kind switch
    {
        LogEntryKind.Tariff => "tariff"u8,
        LogEntryKind.TariffSeries => "tariff-series"u8,
        LogEntryKind.Bill => "bill"u8,
        LogEntryKind.MeterDayRoot => "meter-day-root"u8,
        LogEntryKind.Receipt => "receipt"u8,
        LogEntryKind.RulePack => "rule-pack"u8,
        LogEntryKind.VerifierRelease => "verifier-release"u8,
        LogEntryKind.TrialBalance => "trial-balance"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind of log entry."),
    };

    /// <summary>Writes the entry's text.</summary>
    /// <returns>The octets written, at most <see cref="LengthMax"/>.</returns>
    public int Write(Span<byte> target)
    {
        Header.CopyTo(target);
        int at = Header.Length;
        ReadOnlySpan<byte> word = Word(Kind);
        word.CopyTo(target[at..]);
        at += word.Length;
        target[at++] = (byte)'\n';
        at += Commitment.WriteBase64(target[at..]);
        target[at++] = (byte)'\n';
        return at;
    }

    /// <summary>The entry's text.</summary>
    public byte[] ToBytes()
    {
        Span<byte> text = stackalloc byte[LengthMax];
        return text[..Write(text)].ToArray();
    }

    public override string ToString() => Encoding.ASCII.GetString(ToBytes());

    /// <summary>SHA-256(0x00 ‖ entry), the leaf of the tree (RFC 9162 section 2.1.1). Nothing is allocated.</summary>
    public Digest LeafHash()
    {
        Span<byte> leaf = stackalloc byte[1 + LengthMax];
        leaf[0] = MerkleHash.LeafPrefix;
        int length = Write(leaf[1..]);
        return Digest.Sha256(leaf[..(1 + length)]);
    }

    /// <summary>Reads an entry; one text stands for one entry, so anything else is refused.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out LogEntry entry, out DecodeError error)
    {
        entry = default;
        if (!text.StartsWith(Header))
        {
            error = new(text.CommonPrefixLength(Header), "an entry begins with the line praman-log-entry/1");
            return false;
        }
        ReadOnlySpan<byte> rest = text[Header.Length..];
        int end = rest.IndexOf((byte)'\n');
        if (end < 0 || !TryParseKind(rest[..end], out LogEntryKind kind))
        {
            error = new(
                Header.Length,
                "the second line of an entry names its kind: tariff, tariff-series, bill, meter-day-root, receipt, rule-pack, verifier-release or trial-balance");
            return false;
        }
        int at = Header.Length + end + 1;
        rest = text[at..];
        if (rest.Length != 45 || rest[44] != '\n' || !Digest.TryParseBase64(rest[..44], out Digest commitment))
        {
            error = new(at, "the third line of an entry is the commitment, 44 characters of base64 and a line feed, and the last");
            return false;
        }
        entry = new(kind, commitment);
        error = default;
        return true;
    }

    /// <summary>The kind that a word names.</summary>
    public static bool TryParseKind(ReadOnlySpan<byte> word, out LogEntryKind kind)
    {
        for (kind = LogEntryKind.Tariff; kind <= LogEntryKind.TrialBalance; kind++)
        {
            if (word.SequenceEqual(Word(kind))) return true;
        }
        kind = default;
        return false;
    }
}
