namespace Praman.Proof;

/// <summary>Sizes and indexes as text: decimal, no sign, no leading zero, below 2^63.</summary>
internal static class DecimalText
{
    public static bool TryParse(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        if (text.IsEmpty || text.Length > 19 || text[0] == '0' && text.Length > 1) return false;
        ulong sum = 0;
        foreach (byte digit in text)
        {
            if (digit is < (byte)'0' or > (byte)'9') return false;
            sum = sum * 10 + (ulong)(digit - '0'); // 19 digits stay below 2^64
        }
        value = (long)sum;
        return sum <= long.MaxValue;
    }
}
