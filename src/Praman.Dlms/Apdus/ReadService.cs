using Praman.Dlms.Axdr;

namespace Praman.Dlms.Apdus;

/// <summary>ReadRequest: variables by short name, or the next block of a long answer (IEC 62056-5-3, Read service).</summary>
public sealed record ReadRequest(IReadOnlyList<VariableAccess> Variables) : Apdu
{
    public const byte Tag = 0x05;

    public override byte TagOctet => Tag;

    public override void Write(ref AxdrWriter writer)
    {
        writer.WriteByte(Tag);
        VariableAccess.WriteList(ref writer, Variables);
    }

    internal static ReadRequest? Read(ref AxdrReader reader) => VariableAccess.ReadList(ref reader) is { } variables ? new(variables) : null;
}

/// <summary>What one variable of a ReadRequest came to.</summary>
public enum ReadItemKind : byte
{
    Data = 0,
    DataAccessError = 1,
    DataBlockResult = 2,
    BlockNumber = 3,
}

/// <summary>
/// One element of a ReadResponse (IEC 62056-5-3, ReadResponse). <paramref name="Data"/> is the value, or of a block its octets as an
/// octet-string; <paramref name="BlockNumber"/> is of a block, or the block acknowledged.
/// </summary>
public readonly record struct ReadResponseItem(ReadItemKind Kind, CosemData Data, DataAccessResult Result, bool LastBlock, ushort BlockNumber)
{
    public static ReadResponseItem Value(CosemData data) => new(ReadItemKind.Data, data, DataAccessResult.Success, false, 0);

    public static ReadResponseItem Refusal(DataAccessResult result) => new(ReadItemKind.DataAccessError, default, result, false, 0);

    /// <summary>A block over memory that must not change afterwards.</summary>
    public static ReadResponseItem Block(bool last, ushort block, byte[] raw) => new(ReadItemKind.DataBlockResult, CosemData.OctetStringOver(raw), DataAccessResult.Success, last, block);

    public static ReadResponseItem Acknowledged(ushort block) => new(ReadItemKind.BlockNumber, default, DataAccessResult.Success, false, block);

    internal static bool TryRead(ref AxdrReader reader, out ReadResponseItem result)
    {
        result = default;
        int start = reader.Position;
        if (!reader.TryReadByte(out byte choice)) return false;
        switch ((ReadItemKind)choice)
        {
            case ReadItemKind.Data:
                if (!reader.TryReadData(out CosemData data)) return false;
                result = Value(data);
                return true;
            case ReadItemKind.DataAccessError:
                if (!reader.TryReadByte(out byte code)) return false;
                result = Refusal((DataAccessResult)code);
                return true;
            case ReadItemKind.DataBlockResult:
                if (!reader.TryReadBoolean(out bool last) || !reader.TryReadUInt16(out ushort block) || !reader.TryReadOctets(out ReadOnlySpan<byte> raw)) return false;
                result = Block(last, block, raw.ToArray());
                return true;
            case ReadItemKind.BlockNumber:
                if (!reader.TryReadUInt16(out ushort acknowledged)) return false;
                result = Acknowledged(acknowledged);
                return true;
            default:
                return reader.FailAt(start, $"choice {choice} of a read result: expected 0 to 3", ReadResponse.Clause);
        }
    }

    internal void Write(ref AxdrWriter writer)
    {
        writer.WriteByte((byte)Kind);
        switch (Kind)
        {
            case ReadItemKind.Data: writer.WriteData(Data); break;
            case ReadItemKind.DataAccessError: writer.WriteByte((byte)Result); break;
            case ReadItemKind.DataBlockResult:
                writer.WriteBoolean(LastBlock);
                writer.WriteUInt16(BlockNumber);
                writer.WriteOctets(Data.OctetSpan);
                break;
            default: writer.WriteUInt16(BlockNumber); break;
        }
    }
}

/// <summary>ReadResponse: a result for each variable, in order, or one block of a long answer (IEC 62056-5-3, Read service).</summary>
public sealed record ReadResponse(IReadOnlyList<ReadResponseItem> Results) : Apdu
{
    public const byte Tag = 0x0C;

    internal const string Clause = "IEC 62056-5-3 (ReadResponse)";

    public override byte TagOctet => Tag;

    public override void Write(ref AxdrWriter writer)
    {
        writer.WriteByte(Tag);
        writer.WriteLength(Results.Count);
        foreach (ReadResponseItem result in Results) result.Write(ref writer);
    }

    internal static ReadResponse? Read(ref AxdrReader reader) => ReadList(ref reader) is { } results ? new(results) : null;

    /// <summary>What stands after the tag: the count and the results.</summary>
    internal static ReadResponseItem[]? ReadList(ref AxdrReader reader)
    {
        if (!ApduLists.TryReadCountOfSome(ref reader, 2, out int count)) return null;
        var results = new ReadResponseItem[count];
        for (int index = 0; index < count; index++)
        {
            if (!ReadResponseItem.TryRead(ref reader, out results[index])) return null;
        }
        return results;
    }
}
