namespace Praman.Dlms.Framing;

/// <summary>CRC-16/X-25, the check sequence of HDLC frames; it is sent low octet first (ISO/IEC 13239).</summary>
public static class Crc16X25
{
    private const ushort Reversed = 0x8408;

    private static readonly ushort[] Table = CreateTable();

    /// <summary>The check sequence of <paramref name="octets"/>.</summary>
    public static ushort Compute(ReadOnlySpan<byte> octets)
    {
        ushort crc = 0xFFFF;
        foreach (byte octet in octets) crc = (ushort)((crc >> 8) ^ Table[(crc ^ octet) & 0xFF]);
        return (ushort)~crc;
    }

    private static ushort[] CreateTable()
    {
        var table = new ushort[256];
        for (int value = 0; value < table.Length; value++)
        {
            ushort crc = (ushort)value;
            for (int bit = 0; bit < 8; bit++) crc = (ushort)((crc & 1) != 0 ? (crc >> 1) ^ Reversed : crc >> 1);
            table[value] = crc;
        }
        return table;
    }
}
