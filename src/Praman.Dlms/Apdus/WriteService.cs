using Praman.Dlms.Axdr;

namespace Praman.Dlms.Apdus;

/// <summary>WriteRequest: values for variables by short name, in order (IEC 62056-5-3, Write service).</summary>
public sealed record WriteRequest(IReadOnlyList<VariableAccess> Variables, IReadOnlyList<CosemData> Values) : Apdu
{
    public const byte Tag = 0x06;

    public override byte TagOctet => Tag;

    public override void Write(ref AxdrWriter writer)
    {
        writer.WriteByte(Tag);
        VariableAccess.WriteList(ref writer, Variables);
        ApduLists.WriteData(ref writer, Values);
    }

    internal static WriteRequest? Read(ref AxdrReader reader) =>
        VariableAccess.ReadList(ref reader) is { } variables && ApduLists.ReadData(ref reader) is { } values ? new(variables, values) : null;
}

/// <summary>UnconfirmedWriteRequest: as WriteRequest, without an answer (IEC 62056-5-3, UnconfirmedWrite service).</summary>
public sealed record UnconfirmedWriteRequest(IReadOnlyList<VariableAccess> Variables, IReadOnlyList<CosemData> Values) : Apdu
{
    public const byte Tag = 0x16;

    public override byte TagOctet => Tag;

    public override void Write(ref AxdrWriter writer)
    {
        writer.WriteByte(Tag);
        VariableAccess.WriteList(ref writer, Variables);
        ApduLists.WriteData(ref writer, Values);
    }

    internal static UnconfirmedWriteRequest? Read(ref AxdrReader reader) =>
        VariableAccess.ReadList(ref reader) is { } variables && ApduLists.ReadData(ref reader) is { } values ? new(variables, values) : null;
}

/// <summary>What one variable of a WriteRequest came to.</summary>
public enum WriteItemKind : byte
{
    Success = 0,
    DataAccessError = 1,
    BlockNumber = 2,
}

/// <summary>One element of a WriteResponse (IEC 62056-5-3, WriteResponse).</summary>
public readonly record struct WriteResponseItem(WriteItemKind Kind, DataAccessResult Result, ushort BlockNumber)
{
    public static WriteResponseItem Of(DataAccessResult result) => new(result == DataAccessResult.Success ? WriteItemKind.Success : WriteItemKind.DataAccessError, result, 0);

    public static WriteResponseItem Acknowledged(ushort block) => new(WriteItemKind.BlockNumber, DataAccessResult.Success, block);

    internal static bool TryRead(ref AxdrReader reader, out WriteResponseItem result)
    {
        result = default;
        int start = reader.Position;
        if (!reader.TryReadByte(out byte choice)) return false;
        switch ((WriteItemKind)choice)
        {
            case WriteItemKind.Success:
                return true;
            case WriteItemKind.DataAccessError:
                if (!reader.TryReadByte(out byte code)) return false;
                result = new(WriteItemKind.DataAccessError, (DataAccessResult)code, 0);
                return true;
            case WriteItemKind.BlockNumber:
                if (!reader.TryReadUInt16(out ushort block)) return false;
                result = Acknowledged(block);
                return true;
            default:
                return reader.FailAt(start, $"choice {choice} of a write result: expected 0 to 2", "IEC 62056-5-3 (WriteResponse)");
        }
    }

    internal void Write(ref AxdrWriter writer)
    {
        writer.WriteByte((byte)Kind);
        if (Kind == WriteItemKind.DataAccessError) writer.WriteByte((byte)Result);
        else if (Kind == WriteItemKind.BlockNumber) writer.WriteUInt16(BlockNumber);
    }
}

/// <summary>WriteResponse: a result for each variable, in order (IEC 62056-5-3, Write service).</summary>
public sealed record WriteResponse(IReadOnlyList<WriteResponseItem> Results) : Apdu
{
    public const byte Tag = 0x0D;

    public override byte TagOctet => Tag;

    public override void Write(ref AxdrWriter writer)
    {
        writer.WriteByte(Tag);
        writer.WriteLength(Results.Count);
        foreach (WriteResponseItem result in Results) result.Write(ref writer);
    }

    internal static WriteResponse? Read(ref AxdrReader reader)
    {
        if (!ApduLists.TryReadCountOfSome(ref reader, 1, out int count)) return null;
        var results = new WriteResponseItem[count];
        for (int index = 0; index < count; index++)
        {
            if (!WriteResponseItem.TryRead(ref reader, out results[index])) return null;
        }
        return new(results);
    }
}

/// <summary>InformationReportRequest: values of variables, sent unasked by a server with short names (IEC 62056-5-3, InformationReport service).</summary>
/// <param name="CurrentTime">A GeneralizedTime as text; null where the server does not say.</param>
/// <param name="Variables">What is reported.</param>
/// <param name="Values">A value for each, in order.</param>
public sealed record InformationReport(ReadOnlyMemory<byte>? CurrentTime, IReadOnlyList<VariableAccess> Variables, IReadOnlyList<CosemData> Values) : Apdu
{
    public const byte Tag = 0x18;

    public override byte TagOctet => Tag;

    public override void Write(ref AxdrWriter writer)
    {
        writer.WriteByte(Tag);
        writer.WriteBoolean(CurrentTime is not null);
        if (CurrentTime is { } time) writer.WriteOctets(time.Span);
        VariableAccess.WriteList(ref writer, Variables);
        ApduLists.WriteData(ref writer, Values);
    }

    internal static InformationReport? Read(ref AxdrReader reader)
    {
        if (!reader.TryReadBoolean(out bool present)) return null;
        ReadOnlyMemory<byte> time = default;
        if (present && !ApduLists.TryReadMemory(ref reader, out time)) return null;
        return VariableAccess.ReadList(ref reader) is { } variables && ApduLists.ReadData(ref reader) is { } values
            ? new(present ? time : default(ReadOnlyMemory<byte>?), variables, values) : null;
    }
}
