using Praman.Dlms.Axdr;

namespace Praman.Dlms.Apdus;

/// <summary>How a variable is named (IEC 62056-5-3, Variable-Access-Specification).</summary>
public enum VariableAccessKind : byte
{
    VariableName = 2,
    ParameterizedAccess = 4,
    BlockNumberAccess = 5,
    ReadDataBlockAccess = 6,
    WriteDataBlockAccess = 7,
}

/// <summary>
/// A variable by its short name, a part of it, or a block of a long transfer (IEC 62056-5-3, Variable-Access-Specification). Make one with
/// the methods; <paramref name="Number"/> is a short name or a block number, by the kind.
/// </summary>
public readonly record struct VariableAccess(VariableAccessKind Kind, ushort Number, SelectiveAccess? Selection, bool LastBlock, ReadOnlyMemory<byte> RawData)
{
    private const string Clause = "IEC 62056-5-3 (Variable-Access-Specification)";

    /// <summary>Octets of the shortest one.</summary>
    internal const int LengthMin = 3;

    /// <summary>A variable, whole.</summary>
    public static VariableAccess Name(ushort shortName) => new(VariableAccessKind.VariableName, shortName, null, false, default);

    /// <summary>A part of a variable, or a method with what it is given.</summary>
    public static VariableAccess Parameterized(ushort shortName, SelectiveAccess selection) => new(VariableAccessKind.ParameterizedAccess, shortName, selection, false, default);

    /// <summary>The next block of a long answer; <paramref name="block"/> is the one acknowledged.</summary>
    public static VariableAccess Block(ushort block) => new(VariableAccessKind.BlockNumberAccess, block, null, false, default);

    /// <summary>A block of a long read request.</summary>
    public static VariableAccess ReadBlock(bool last, ushort block, ReadOnlyMemory<byte> raw) => new(VariableAccessKind.ReadDataBlockAccess, block, null, last, raw);

    /// <summary>A block of a long write request; its octets stand in the list of data.</summary>
    public static VariableAccess WriteBlock(bool last, ushort block) => new(VariableAccessKind.WriteDataBlockAccess, block, null, last, default);

    internal static VariableAccess[]? ReadList(ref AxdrReader reader)
    {
        if (!ApduLists.TryReadCountOfSome(ref reader, LengthMin, out int count)) return null;
        var list = new VariableAccess[count];
        for (int index = 0; index < count; index++)
        {
            if (!TryRead(ref reader, out list[index])) return null;
        }
        return list;
    }

    internal static void WriteList(ref AxdrWriter writer, IReadOnlyList<VariableAccess> list)
    {
        writer.WriteLength(list.Count);
        foreach (VariableAccess access in list) access.Write(ref writer);
    }

    private static bool TryRead(ref AxdrReader reader, out VariableAccess access)
    {
        access = default;
        int start = reader.Position;
        if (!reader.TryReadByte(out byte choice)) return false;
        ushort number;
        bool last = false;
        ReadOnlyMemory<byte> raw = default;
        SelectiveAccess? selection = null;
        switch ((VariableAccessKind)choice)
        {
            case VariableAccessKind.VariableName or VariableAccessKind.BlockNumberAccess:
                if (!reader.TryReadUInt16(out number)) return false;
                break;
            case VariableAccessKind.ParameterizedAccess:
                if (!reader.TryReadUInt16(out number) || !reader.TryReadByte(out byte selector) || !reader.TryReadData(out CosemData parameters)) return false;
                selection = new(selector, parameters);
                break;
            case VariableAccessKind.ReadDataBlockAccess:
                if (!reader.TryReadBoolean(out last) || !reader.TryReadUInt16(out number) || !ApduLists.TryReadMemory(ref reader, out raw)) return false;
                break;
            case VariableAccessKind.WriteDataBlockAccess:
                if (!reader.TryReadBoolean(out last) || !reader.TryReadUInt16(out number)) return false;
                break;
            default:
                return reader.FailAt(start, $"choice {choice} of a variable: expected 2, 4, 5, 6 or 7", Clause);
        }
        access = new((VariableAccessKind)choice, number, selection, last, raw);
        return true;
    }

    private void Write(ref AxdrWriter writer)
    {
        writer.WriteByte((byte)Kind);
        if (Kind is VariableAccessKind.ReadDataBlockAccess or VariableAccessKind.WriteDataBlockAccess) writer.WriteBoolean(LastBlock);
        writer.WriteUInt16(Number);
        if (Kind == VariableAccessKind.ReadDataBlockAccess) writer.WriteOctets(RawData.Span);
        if (Selection is not { } selection || Kind != VariableAccessKind.ParameterizedAccess) return;
        writer.WriteByte(selection.Selector);
        writer.WriteData(selection.Parameters);
    }
}
