using System.Globalization;
using System.Text;
using NodaTime;
using NodaTime.Text;
using Praman.Metering;
using Praman.Proof.Merkle;

namespace Praman.Proof.Logs;

/// <summary>
/// The head of one night's tree of day blocks: <c>praman-batch/1</c>, the date on which the batch was closed, the number of leaves and the
/// root in base64, a line each. A leaf is SHA-256(0x00 ‖ commitment), the commitment HMAC-SHA256 of the block's canonical bytes. The log holds
/// one entry a batch (<see cref="LogEntryKind.MeterDayRoot"/>), not one a block.
/// </summary>
public sealed record BatchHead(LocalDate Date, long Size, Digest Root)
{
    private static ReadOnlySpan<byte> Header => "praman-batch/1\n"u8;

    /// <summary>The leaf of a block in the batch's tree.</summary>
    public static Digest LeafHash(in Digest commitment) => MerkleHash.Leaf(commitment.Octets);

    /// <summary>The text that the log's entry commits to.</summary>
    public byte[] ToBytes() => Encoding.ASCII.GetBytes(ToString());

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"praman-batch/1\n{LocalDatePattern.Iso.Format(Date)}\n{Size}\n{Root.ToBase64()}\n");

    /// <summary>The log's entry for this batch: it commits to SHA-256 of the text.</summary>
    public LogEntry ToLogEntry() => new(LogEntryKind.MeterDayRoot, Digest.Sha256(ToBytes()));

    /// <summary>Reads a head; one text stands for one head.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out BatchHead? head, out DecodeError error)
    {
        head = null;
        if (!text.StartsWith(Header))
        {
            error = new(text.CommonPrefixLength(Header), "a batch head begins with the line praman-batch/1");
            return false;
        }
        int at = Header.Length;
        if (!TryLine(text, ref at, out ReadOnlySpan<byte> line) || !TryDate(line, out LocalDate date))
        {
            error = new(Header.Length, "the second line of a batch head is its date, YYYY-MM-DD");
            return false;
        }
        int start = at;
        if (!TryLine(text, ref at, out line) || !DecimalText.TryParse(line, out long size))
        {
            error = new(start, "the third line of a batch head is the number of its leaves, decimal, without leading zeros");
            return false;
        }
        start = at;
        if (!TryLine(text, ref at, out line) || at != text.Length || !Digest.TryParseBase64(line, out Digest root))
        {
            error = new(start, "the fourth line of a batch head is its root, 44 characters of base64, and the last");
            return false;
        }
        head = new(date, size, root);
        error = default;
        return true;
    }

    private static bool TryLine(ReadOnlySpan<byte> text, ref int at, out ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> rest = text[at..];
        int end = rest.IndexOf((byte)'\n');
        line = end < 0 ? default : rest[..end];
        at += end + 1;
        return end >= 0;
    }

    private static bool TryDate(ReadOnlySpan<byte> line, out LocalDate date)
    {
        date = default;
        if (line.Length != 10 || line[4] != '-' || line[7] != '-') return false;
        if (!TryDigits(line[..4], out int year) || !TryDigits(line[5..7], out int month) || !TryDigits(line[8..], out int day)) return false;
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > CalendarSystem.Iso.GetDaysInMonth(year, month)) return false;
        date = new(year, month, day);
        return true;
    }

    private static bool TryDigits(ReadOnlySpan<byte> text, out int value)
    {
        value = 0;
        foreach (byte digit in text)
        {
            if (digit is < (byte)'0' or > (byte)'9') return false;
            value = value * 10 + (digit - '0');
        }
        return true;
    }
}
