using Praman.Dlms.Axdr;

namespace Praman.Dlms.Apdus;

/// <summary>Data, or the reason why there is none (IEC 62056-5-3, Get-Data-Result).</summary>
public readonly record struct GetDataResult(CosemData Data, DataAccessResult Result)
{
    public GetDataResult(CosemData data) : this(data, DataAccessResult.Success) { }

    public GetDataResult(DataAccessResult refusal) : this(default, refusal) { }

    public bool IsSuccess => Result == DataAccessResult.Success;

    internal static bool TryRead(ref AxdrReader reader, out GetDataResult result)
    {
        result = default;
        int start = reader.Position;
        if (!reader.TryReadByte(out byte choice)) return false;
        if (choice == 0 && reader.TryReadData(out CosemData data)) result = new(data);
        else if (choice == 1 && reader.TryReadByte(out byte code))
        {
            if (code == 0) return reader.Fail("data-access-result success where data was to stand", GetResponse.Clause);
            result = new((DataAccessResult)code);
        }
        else return reader.FailAt(start, $"choice {choice} of Get-Data-Result: expected 0 data or 1 data-access-result", GetResponse.Clause);
        return true;
    }

    internal void Write(ref AxdrWriter writer)
    {
        writer.WriteByte(IsSuccess ? (byte)0 : (byte)1);
        if (IsSuccess) writer.WriteData(Data);
        else writer.WriteByte((byte)Result);
    }
}

/// <summary>GET-Response: its three forms (IEC 62056-5-3, GET service).</summary>
public abstract record GetResponse(InvokeIdAndPriority Invoke) : Apdu
{
    public const byte Tag = 0xC4;

    internal const string Clause = "IEC 62056-5-3 (GET-Response)";

    public sealed override byte TagOctet => Tag;

    internal static GetResponse? Read(ref AxdrReader reader)
    {
        int start = reader.Position;
        if (!reader.TryReadByte(out byte choice) || !reader.TryReadByte(out byte octet)) return null;
        var invoke = new InvokeIdAndPriority(octet);
        switch (choice)
        {
            case GetResponseNormal.Choice:
                return GetDataResult.TryRead(ref reader, out GetDataResult result) ? new GetResponseNormal(invoke, result) : null;
            case GetResponseWithDatablock.Choice:
                return GetResponseWithDatablock.ReadBlock(invoke, ref reader);
            case GetResponseWithList.Choice:
                if (!ApduLists.TryReadCount(ref reader, 2, out int count)) return null;
                var results = new GetDataResult[count];
                for (int index = 0; index < count; index++)
                {
                    if (!GetDataResult.TryRead(ref reader, out results[index])) return null;
                }
                return new GetResponseWithList(invoke, results);
            default:
                reader.FailAt(start, $"GET-Response of unknown choice {choice}: expected 1 to 3", Clause);
                return null;
        }
    }

    private protected void WriteHead(ref AxdrWriter writer, byte choice)
    {
        writer.WriteByte(Tag);
        writer.WriteByte(choice);
        writer.WriteByte(Invoke.Octet);
    }
}

/// <summary>GET-Response-Normal: the attribute, or why not.</summary>
public sealed record GetResponseNormal(InvokeIdAndPriority Invoke, GetDataResult Result) : GetResponse(Invoke)
{
    public const byte Choice = 1;

    public GetResponseNormal(InvokeIdAndPriority invoke, CosemData data) : this(invoke, new GetDataResult(data)) { }

    public GetResponseNormal(InvokeIdAndPriority invoke, DataAccessResult refusal) : this(invoke, new GetDataResult(refusal)) { }

    public override void Write(ref AxdrWriter writer)
    {
        WriteHead(ref writer, Choice);
        Result.Write(ref writer);
    }

    /// <summary>Writes all that stands before the data of a successful response; the caller streams one Data value after it.</summary>
    public static void WriteDataHead(ref AxdrWriter writer, InvokeIdAndPriority invoke)
    {
        writer.WriteByte(Tag);
        writer.WriteByte(Choice);
        writer.WriteByte(invoke.Octet);
        writer.WriteByte(0);
    }

    /// <summary>Reads all that stands before the data, without allocating; on success the reader stands at the Data value.</summary>
    /// <returns>False for any other APDU. A refusal is true, with its <paramref name="result"/>.</returns>
    public static bool TryReadHead(ref AxdrReader reader, out InvokeIdAndPriority invoke, out DataAccessResult result)
    {
        invoke = default;
        result = DataAccessResult.OtherReason;
        if (!reader.TryReadByte(out byte tag) || !reader.TryReadByte(out byte choice) || !reader.TryReadByte(out byte octet) || !reader.TryReadByte(out byte which))
            return false;
        if (tag != Tag || choice != Choice || which > 1) return reader.FailAt(0, "not a GET-Response-Normal", Clause);
        invoke = new(octet);
        byte code = 0;
        if (which == 1 && !reader.TryReadByte(out code)) return false;
        result = (DataAccessResult)code;
        return true;
    }
}

/// <summary>GET-Response-With-Datablock: one piece of a long response; the pieces joined are the Get-Data-Result(s) without APDU head.</summary>
public sealed record GetResponseWithDatablock(InvokeIdAndPriority Invoke, bool LastBlock, uint BlockNumber, ReadOnlyMemory<byte> RawData, DataAccessResult Result)
    : GetResponse(Invoke)
{
    public const byte Choice = 2;

    public override void Write(ref AxdrWriter writer)
    {
        WriteHead(ref writer, Choice);
        writer.WriteBoolean(LastBlock);
        writer.WriteUInt32(BlockNumber);
        writer.WriteByte(Result == DataAccessResult.Success ? (byte)0 : (byte)1);
        if (Result == DataAccessResult.Success) writer.WriteOctets(RawData.Span);
        else writer.WriteByte((byte)Result);
    }

    internal static GetResponseWithDatablock? ReadBlock(InvokeIdAndPriority invoke, ref AxdrReader reader)
    {
        if (!reader.TryReadBoolean(out bool last) || !reader.TryReadUInt32(out uint block)) return null;
        int start = reader.Position;
        if (!reader.TryReadByte(out byte choice)) return null;
        if (choice == 0)
            return ApduLists.TryReadMemory(ref reader, out ReadOnlyMemory<byte> raw) ? new(invoke, last, block, raw, DataAccessResult.Success) : null;
        if (choice == 1) return reader.TryReadByte(out byte code) ? new(invoke, last, block, default, (DataAccessResult)code) : null;
        reader.FailAt(start, $"choice {choice} of a data block: expected 0 raw-data or 1 data-access-result", Clause);
        return null;
    }
}

/// <summary>GET-Response-With-List: a result for each attribute that was asked for, in order.</summary>
public sealed record GetResponseWithList(InvokeIdAndPriority Invoke, IReadOnlyList<GetDataResult> Results) : GetResponse(Invoke)
{
    public const byte Choice = 3;

    public override void Write(ref AxdrWriter writer)
    {
        WriteHead(ref writer, Choice);
        writer.WriteLength(Results.Count);
        foreach (GetDataResult result in Results) result.Write(ref writer);
    }
}
