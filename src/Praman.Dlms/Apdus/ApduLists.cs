using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Apdus;

/// <summary>SEQUENCE OF in APDUs: every count is bounded by what is left before a list is made.</summary>
internal static class ApduLists
{
    private const string Clause = "IEC 62056-5-3 (SEQUENCE OF)";

    /// <summary>Reads a count that the octets left can hold, each element taking <paramref name="octetsMin"/> at least.</summary>
    public static bool TryReadCount(ref AxdrReader reader, int octetsMin, out int count)
    {
        if (!reader.TryReadLength(out count)) return false;
        return count <= reader.Remaining / octetsMin || reader.Fail($"a list of {Counted.Of(count, "element")} where {reader.Left}", Clause);
    }

    /// <summary>As <see cref="TryReadCount"/>, where a list of none has no meaning.</summary>
    public static bool TryReadCountOfSome(ref AxdrReader reader, int octetsMin, out int count)
    {
        int start = reader.Position;
        return TryReadCount(ref reader, octetsMin, out count) && (count > 0 || reader.FailAt(start, "a list of no elements: expected one at least", Clause));
    }

    public static AttributeSelection[]? ReadSelections(ref AxdrReader reader)
    {
        if (!TryReadCount(ref reader, AttributeDescriptor.Length + 1, out int count)) return null;
        var list = new AttributeSelection[count];
        for (int index = 0; index < count; index++)
        {
            if (!reader.TryReadDescriptor(out AttributeDescriptor attribute) || !reader.TryReadSelectiveAccess(out SelectiveAccess? access))
                return null;
            list[index] = new(attribute, access);
        }
        return list;
    }

    public static void WriteSelections(ref AxdrWriter writer, IReadOnlyList<AttributeSelection> list)
    {
        writer.WriteLength(list.Count);
        foreach (AttributeSelection selection in list)
        {
            writer.WriteDescriptor(selection.Attribute);
            writer.WriteSelectiveAccess(selection.Access);
        }
    }

    public static MethodDescriptor[]? ReadMethods(ref AxdrReader reader)
    {
        if (!TryReadCount(ref reader, AttributeDescriptor.Length, out int count)) return null;
        var list = new MethodDescriptor[count];
        for (int index = 0; index < count; index++)
        {
            if (!reader.TryReadMethod(out list[index])) return null;
        }
        return list;
    }

    public static void WriteMethods(ref AxdrWriter writer, IReadOnlyList<MethodDescriptor> list)
    {
        writer.WriteLength(list.Count);
        foreach (MethodDescriptor method in list) writer.WriteMethod(method);
    }

    public static CosemData[]? ReadData(ref AxdrReader reader) =>
        TryReadCount(ref reader, 1, out int count) && reader.TryReadDataList(count, out CosemData[] list) ? list : null;

    public static void WriteData(ref AxdrWriter writer, IReadOnlyList<CosemData> list)
    {
        writer.WriteLength(list.Count);
        foreach (CosemData value in list) writer.WriteData(value);
    }

    /// <summary>Octets with a length, copied.</summary>
    public static bool TryReadMemory(ref AxdrReader reader, out ReadOnlyMemory<byte> octets)
    {
        bool read = reader.TryReadOctets(out ReadOnlySpan<byte> span);
        octets = span.ToArray();
        return read;
    }
}
