using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Security;
using Praman.Metering;

namespace Praman.Dlms.Blocks;

/// <summary>A General-Block-Transfer APDU taken apart in place (IEC 62056-5-3, general block transfer); nothing is allocated.</summary>
public readonly ref struct GeneralBlock
{
    /// <summary>Most blocks of a window, as six bits hold it.</summary>
    public const int WindowMax = 63;

    /// <summary>Octets before the length of the data.</summary>
    public const int HeadLength = 6;

    internal const string Clause = "IEC 62056-5-3 (general block transfer)";

    private const byte LastBit = 0x80, StreamingBit = 0x40;

    private readonly byte _control;

    public GeneralBlock(bool isLast, bool isStreaming, int window, ushort number, ushort acknowledged, ReadOnlySpan<byte> data)
    {
        _control = (byte)((isLast ? LastBit : 0) | (isStreaming ? StreamingBit : 0) | (window & WindowMax));
        Number = number;
        Acknowledged = acknowledged;
        Data = data;
    }

    private GeneralBlock(byte control, ushort number, ushort acknowledged, ReadOnlySpan<byte> data)
    {
        _control = control;
        Number = number;
        Acknowledged = acknowledged;
        Data = data;
    }

    /// <summary>True where its sender has no more data to send.</summary>
    public bool IsLast => (_control & LastBit) != 0;

    /// <summary>True where another block follows at once; false where the other side has its turn.</summary>
    public bool IsStreaming => (_control & StreamingBit) != 0;

    /// <summary>Blocks that its sender can take at once; 0 where it takes no confirmation.</summary>
    public int Window => _control & WindowMax;

    /// <summary>From 1.</summary>
    public ushort Number { get; }

    /// <summary>The last block that its sender received in order; 0 before the first.</summary>
    public ushort Acknowledged { get; }

    public ReadOnlySpan<byte> Data { get; }

    /// <summary>Most octets of data that a block of <paramref name="apduLength"/> octets holds.</summary>
    public static int DataLengthMax(int apduLength) => ProtectedLength.RunMax(apduLength - HeadLength);

    public static bool TryRead(ReadOnlySpan<byte> apdu, out GeneralBlock block, out DecodeError error)
    {
        var reader = new AxdrReader(apdu);
        block = default;
        error = default;
        if (reader.TryReadByte(out byte tag) && tag != GeneralBlockTransfer.Tag) reader.FailAt(0, "no block of a general block transfer: expected tag 0xE0", Clause);
        if (!reader.HasFailed && reader.TryReadByte(out byte control) && reader.TryReadUInt16(out ushort number) && reader.TryReadUInt16(out ushort acknowledged)
            && reader.TryReadOctets(out ReadOnlySpan<byte> data))
        {
            block = new(control, number, acknowledged, data);
            if (reader.IsAtEnd) return true;
            reader.Fail("octets after the block", Clause);
        }
        error = reader.Error;
        return false;
    }

    public void Write(ref AxdrWriter writer)
    {
        writer.WriteByte(GeneralBlockTransfer.Tag);
        writer.WriteByte(_control);
        writer.WriteUInt16(Number);
        writer.WriteUInt16(Acknowledged);
        writer.WriteOctets(Data);
    }
}
