using Praman.Dlms.Axdr;

namespace Praman.Dlms.Apdus;

/// <summary>One piece of a long request or response (IEC 62056-5-3, DataBlock-SA). Blocks are numbered from 1.</summary>
public readonly record struct DataBlock(bool LastBlock, uint BlockNumber, ReadOnlyMemory<byte> RawData)
{
    internal static bool TryRead(ref AxdrReader reader, out DataBlock block)
    {
        block = default;
        if (!reader.TryReadBoolean(out bool last) || !reader.TryReadUInt32(out uint number) || !ApduLists.TryReadMemory(ref reader, out ReadOnlyMemory<byte> raw))
            return false;
        block = new(last, number, raw);
        return true;
    }

    internal void Write(ref AxdrWriter writer)
    {
        writer.WriteBoolean(LastBlock);
        writer.WriteUInt32(BlockNumber);
        writer.WriteOctets(RawData.Span);
    }
}
