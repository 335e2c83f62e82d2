using System.Globalization;
using System.Text;
using Praman.Billing.Verification;
using Praman.Metering;

namespace Praman.Cli.Demo;

/// <summary>Alters copies of a bill's files by the smallest amounts there are, to show that both are caught.</summary>
internal static class DemoTamper
{
    /// <summary>A copy whose first line asks for one paisa more.</summary>
    public static BillFiles OnePaisaMore(BillFiles files)
    {
        string text = Encoding.UTF8.GetString(files.Bill.Span);
        // The amount of a line stands just before its parts.
        int end = text.IndexOf(",\"parts\":", StringComparison.Ordinal);
        int start = text.LastIndexOf("\"paise\":", end, StringComparison.Ordinal) + 8;
        long paise = long.Parse(text.AsSpan(start, end - start), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        string altered = string.Concat(text.AsSpan(0, start), (paise + 1).ToString(CultureInfo.InvariantCulture), text.AsSpan(end));
        return files with { Bill = Encoding.UTF8.GetBytes(altered) };
    }

    /// <summary>A copy in which one half-hour of the tenth day holds one watt-hour more.</summary>
    public static BillFiles OneWattHourMore(BillFiles files)
    {
        string text = Encoding.UTF8.GetString(files.Evidence!.Value.Span);
        int at = 0;
        for (int day = 0; day < 10; day++) at = text.IndexOf("\"bytes\":\"", at, StringComparison.Ordinal) + 9;
        int end = text.IndexOf('"', at);
        byte[] octets = Convert.FromBase64String(text[at..end]);
        if (!IntervalBlock.TryParse(octets, out IntervalBlock? block, out DecodeError error)) throw new InvalidDataException($"the block of the tenth day: {error}");
        (long[] values, IntervalQuality[] qualities) = block.Decode();
        values[values.Length * 3 / 4]++; // in the evening
        string changed = Convert.ToBase64String(IntervalBlock.Create(block.Header, values, qualities, block.Scaler).Bytes.Span);
        return files with { Evidence = Encoding.UTF8.GetBytes(string.Concat(text.AsSpan(0, at), changed, text.AsSpan(end))) };
    }
}
