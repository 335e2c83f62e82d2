namespace Praman.Metering.Tests.Blocks;

/// <summary>Writes a block's values in any coding, Rice parameter, base and length of code, as somebody would who wants the same values under another hash.</summary>
internal static class LooseBlockWriter
{
    /// <param name="Coding">0 constant, 1 from the lowest, 2 from the previous.</param>
    /// <param name="BaseBelow">Coding 1: how far the base lies below the lowest value.</param>
    /// <param name="LongAt">The code that is written in the long form, whatever its size; −1 for none.</param>
    public readonly record struct Form(int Coding, int K, long BaseBelow = 0, int LongAt = -1);

    /// <summary>Null where this form cannot hold the values at all.</summary>
    public static byte[]? Write(in IntervalBlockHeader header, sbyte scaler, long[] values, IntervalQuality[] qualities, Form form)
    {
        byte[] canonical = IntervalBlock.Create(header, values, qualities, scaler).Bytes.ToArray();
        long[] present = [.. values.Where((_, i) => qualities[i].HasValue)];
        if (present.Length == 0 || (form.Coding == 0 && present.Distinct().Count() > 1)) return null;
        long @base = form.Coding == 1 ? present.Min() - form.BaseBelow : present[0];
        if (@base <= -IntervalBlockCodec.ValueLimit) return null;
        var octets = new List<byte>(canonical[..LeadAt(header, scaler, qualities)])
        {
            (byte)((form.Coding << 6) | (scaler != 0 ? 0x20 : 0) | form.K),
        };
        if (scaler != 0) octets.Add((byte)scaler);
        Varint(octets, ZigZag(@base));
        if (form.Coding == 0) return [.. octets];
        ulong[] codes = form.Coding == 1
            ? [.. present.Select(value => (ulong)(value - @base))]
            : [.. present.Skip(1).Select((value, i) => ZigZag(value - present[i]))];
        var bits = new List<bool>();
        for (int i = 0; i < codes.Length; i++)
        {
            ulong quotient = codes[i] >> form.K;
            bool isLong = quotient >= 24 || i == form.LongAt;
            for (ulong one = 0; one < (isLong ? 24 : quotient); one++) bits.Add(true);
            if (!isLong) bits.Add(false);
            for (int bit = (isLong ? 49 : form.K) - 1; bit >= 0; bit--) bits.Add(((codes[i] >> bit) & 1) != 0);
        }
        for (int i = 0; i < bits.Count; i += 8)
        {
            int octet = 0;
            for (int bit = 0; bit < 8; bit++) octet |= i + bit < bits.Count && bits[i + bit] ? 0x80 >> bit : 0;
            octets.Add((byte)octet);
        }
        return [.. octets];
    }

    /// <summary>Where the coding stands: the head of a block is the same whatever its values are.</summary>
    private static int LeadAt(in IntervalBlockHeader header, sbyte scaler, IntervalQuality[] qualities) =>
        IntervalBlock.Create(header, new long[qualities.Length], qualities, scaler).Bytes.Length - (scaler != 0 ? 3 : 2); // coding, scaler, base 0

    private static void Varint(List<byte> octets, ulong value)
    {
        for (; value >= 0x80; value >>= 7) octets.Add((byte)(value | 0x80));
        octets.Add((byte)value);
    }

    private static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));
}
