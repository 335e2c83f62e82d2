using Praman.Dlms.Axdr;

namespace Praman.Dlms.Apdus;

/// <summary>SET-Response: its five forms (IEC 62056-5-3, SET service).</summary>
public abstract record SetResponse(InvokeIdAndPriority Invoke) : Apdu
{
    public const byte Tag = 0xC5;

    internal const string Clause = "IEC 62056-5-3 (SET-Response)";

    public sealed override byte TagOctet => Tag;

    internal static SetResponse? Read(ref AxdrReader reader)
    {
        int start = reader.Position;
        if (!reader.TryReadByte(out byte choice) || !reader.TryReadByte(out byte octet)) return null;
        var invoke = new InvokeIdAndPriority(octet);
        byte result;
        uint block;
        switch (choice)
        {
            case SetResponseNormal.Choice:
                return reader.TryReadByte(out result) ? new SetResponseNormal(invoke, (DataAccessResult)result) : null;
            case SetResponseDatablock.Choice:
                return reader.TryReadUInt32(out block) ? new SetResponseDatablock(invoke, block) : null;
            case SetResponseLastDatablock.Choice:
                return reader.TryReadByte(out result) && reader.TryReadUInt32(out block) ? new SetResponseLastDatablock(invoke, (DataAccessResult)result, block) : null;
            case SetResponseLastDatablockWithList.Choice:
                return ReadResults(ref reader) is { } last && reader.TryReadUInt32(out block) ? new SetResponseLastDatablockWithList(invoke, last, block) : null;
            case SetResponseWithList.Choice:
                return ReadResults(ref reader) is { } list ? new SetResponseWithList(invoke, list) : null;
            default:
                reader.FailAt(start, $"SET-Response of unknown choice {choice}: expected 1 to 5", Clause);
                return null;
        }
    }

    private static DataAccessResult[]? ReadResults(ref AxdrReader reader)
    {
        if (!reader.TryReadOctets(out ReadOnlySpan<byte> octets)) return null; // one octet a result, so the count is a length
        var results = new DataAccessResult[octets.Length];
        for (int index = 0; index < results.Length; index++) results[index] = (DataAccessResult)octets[index];
        return results;
    }

    private protected static void WriteResults(ref AxdrWriter writer, IReadOnlyList<DataAccessResult> results)
    {
        writer.WriteLength(results.Count);
        foreach (DataAccessResult result in results) writer.WriteByte((byte)result);
    }

    private protected void WriteHead(ref AxdrWriter writer, byte choice)
    {
        writer.WriteByte(Tag);
        writer.WriteByte(choice);
        writer.WriteByte(Invoke.Octet);
    }
}

/// <summary>SET-Response-Normal: what the write came to.</summary>
public sealed record SetResponseNormal(InvokeIdAndPriority Invoke, DataAccessResult Result) : SetResponse(Invoke)
{
    public const byte Choice = 1;

    public override void Write(ref AxdrWriter writer)
    {
        WriteHead(ref writer, Choice);
        writer.WriteByte((byte)Result);
    }
}

/// <summary>SET-Response-Datablock: acknowledges a block that is not the last.</summary>
public sealed record SetResponseDatablock(InvokeIdAndPriority Invoke, uint BlockNumber) : SetResponse(Invoke)
{
    public const byte Choice = 2;

    public override void Write(ref AxdrWriter writer)
    {
        WriteHead(ref writer, Choice);
        writer.WriteUInt32(BlockNumber);
    }
}

/// <summary>SET-Response-Last-Datablock: acknowledges the last block, with what the write came to.</summary>
public sealed record SetResponseLastDatablock(InvokeIdAndPriority Invoke, DataAccessResult Result, uint BlockNumber) : SetResponse(Invoke)
{
    public const byte Choice = 3;

    public override void Write(ref AxdrWriter writer)
    {
        WriteHead(ref writer, Choice);
        writer.WriteByte((byte)Result);
        writer.WriteUInt32(BlockNumber);
    }
}

/// <summary>SET-Response-Last-Datablock-With-List: the same for a list of attributes.</summary>
public sealed record SetResponseLastDatablockWithList(InvokeIdAndPriority Invoke, IReadOnlyList<DataAccessResult> Results, uint BlockNumber) : SetResponse(Invoke)
{
    public const byte Choice = 4;

    public override void Write(ref AxdrWriter writer)
    {
        WriteHead(ref writer, Choice);
        WriteResults(ref writer, Results);
        writer.WriteUInt32(BlockNumber);
    }
}

/// <summary>SET-Response-With-List: a result for each attribute, in order.</summary>
public sealed record SetResponseWithList(InvokeIdAndPriority Invoke, IReadOnlyList<DataAccessResult> Results) : SetResponse(Invoke)
{
    public const byte Choice = 5;

    public override void Write(ref AxdrWriter writer)
    {
        WriteHead(ref writer, Choice);
        WriteResults(ref writer, Results);
    }
}
