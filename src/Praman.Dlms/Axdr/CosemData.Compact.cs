using System.Buffers;

namespace Praman.Dlms.Axdr;

public readonly partial struct CosemData
{
    /// <summary>
    /// The elements as one compact-array: their type once, then their values without tags (IEC 62056-6-2, compact-array). False where they are not all
    /// of one shape, or hold a compact-array themselves.
    /// </summary>
    public static bool TryCompactArray(ReadOnlySpan<CosemData> elements, out CosemData array)
    {
        array = default;
        foreach (ref readonly CosemData element in elements)
        {
            if (!element.HasShapeOf(elements[0], 0)) return false;
        }
        var description = new ArrayBufferWriter<byte>();
        var writer = new AxdrWriter(description);
        if (elements.IsEmpty) writer.WriteByte((byte)CosemDataType.NullData);
        else elements[0].WriteDescription(ref writer);
        writer.Flush();
        var contents = new ArrayBufferWriter<byte>();
        var values = new AxdrWriter(contents);
        foreach (ref readonly CosemData element in elements) values.WriteUntagged(element);
        values.Flush();
        if (!elements.IsEmpty && contents.WrittenCount == 0) return false; // elements of no octets could not be counted
        writer.WriteOctets(contents.WrittenSpan);
        writer.Flush();
        array = Octets(CosemDataType.CompactArray, description.WrittenSpan.ToArray(), 0, description.WrittenCount);
        return true;
    }

    private bool HasShapeOf(in CosemData other, int depth)
    {
        CosemDataType type = Type;
        if (type != other.Type || type == CosemDataType.CompactArray || depth >= AxdrReader.DepthMax) return false;
        if (type is not (CosemDataType.Array or CosemDataType.Structure)) return true;
        if (Count != other.Count || (type == CosemDataType.Array && Count > ushort.MaxValue)) return false;
        for (int index = 0; index < Count; index++)
        {
            // The elements of an array share one description.
            if (!Items[index].HasShapeOf(type == CosemDataType.Array ? other.Items[0] : other.Items[index], depth + 1)) return false;
        }
        return true;
    }

    private void WriteDescription(ref AxdrWriter writer)
    {
        writer.WriteByte((byte)Type);
        switch (Type)
        {
            case CosemDataType.Array:
                writer.WriteUInt16((ushort)Count);
                if (Count == 0) writer.WriteByte((byte)CosemDataType.NullData);
                else Items[0].WriteDescription(ref writer);
                break;
            case CosemDataType.Structure:
                writer.WriteLength(Count);
                foreach (ref readonly CosemData item in Items) item.WriteDescription(ref writer);
                break;
        }
    }
}
