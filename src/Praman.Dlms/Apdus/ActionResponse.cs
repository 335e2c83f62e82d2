using Praman.Dlms.Axdr;

namespace Praman.Dlms.Apdus;

/// <summary>What one method came to, and what it returned where it did (IEC 62056-5-3, Action-Response-With-Optional-Data).</summary>
public readonly record struct ActionResponseItem
{
    // Kept apart, so that a long list of items stays within three words each.
    private readonly CosemData _data;
    private readonly DataAccessResult _dataResult;

    public ActionResponseItem(ActionResult result) => Result = result;

    public ActionResponseItem(ActionResult result, CosemData returned) : this(result, true, new GetDataResult(returned)) { }

    public ActionResponseItem(ActionResult result, bool hasReturn, GetDataResult returned)
    {
        Result = result;
        HasReturn = hasReturn;
        _data = returned.Data;
        _dataResult = returned.Result;
    }

    /// <summary>The outcome.</summary>
    public ActionResult Result { get; }

    /// <summary>True where return parameters are present.</summary>
    public bool HasReturn { get; }

    /// <summary>Them; data, or the reason why there is none.</summary>
    public GetDataResult Return => new(_data, _dataResult);

    internal static bool TryRead(ref AxdrReader reader, out ActionResponseItem item)
    {
        item = default;
        if (!reader.TryReadByte(out byte result) || !reader.TryReadBoolean(out bool present)) return false;
        GetDataResult returned = default;
        if (present && !GetDataResult.TryRead(ref reader, out returned)) return false;
        item = new((ActionResult)result, present, returned);
        return true;
    }

    internal void Write(ref AxdrWriter writer)
    {
        writer.WriteByte((byte)Result);
        writer.WriteBoolean(HasReturn);
        if (HasReturn) Return.Write(ref writer);
    }
}

/// <summary>ACTION-Response: its four forms (IEC 62056-5-3, ACTION service).</summary>
public abstract record ActionResponse(InvokeIdAndPriority Invoke) : Apdu
{
    public const byte Tag = 0xC7;

    internal const string Clause = "IEC 62056-5-3 (ACTION-Response)";

    public sealed override byte TagOctet => Tag;

    internal static ActionResponse? Read(ref AxdrReader reader)
    {
        int start = reader.Position;
        if (!reader.TryReadByte(out byte choice) || !reader.TryReadByte(out byte octet)) return null;
        var invoke = new InvokeIdAndPriority(octet);
        switch (choice)
        {
            case ActionResponseNormal.Choice:
                return ActionResponseItem.TryRead(ref reader, out ActionResponseItem item) ? new ActionResponseNormal(invoke, item) : null;
            case ActionResponseWithBlock.Choice:
                return DataBlock.TryRead(ref reader, out DataBlock block) ? new ActionResponseWithBlock(invoke, block) : null;
            case ActionResponseWithList.Choice:
                if (!ApduLists.TryReadCount(ref reader, 2, out int count)) return null;
                var items = new ActionResponseItem[count];
                for (int index = 0; index < count; index++)
                {
                    if (!ActionResponseItem.TryRead(ref reader, out items[index])) return null;
                }
                return new ActionResponseWithList(invoke, items);
            case ActionResponseNextBlock.Choice:
                return reader.TryReadUInt32(out uint number) ? new ActionResponseNextBlock(invoke, number) : null;
            default:
                reader.FailAt(start, $"ACTION-Response of unknown choice {choice}: expected 1 to 4", Clause);
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

/// <summary>ACTION-Response-Normal: the outcome of one method.</summary>
public sealed record ActionResponseNormal(InvokeIdAndPriority Invoke, ActionResponseItem Item) : ActionResponse(Invoke)
{
    public const byte Choice = 1;

    public ActionResponseNormal(InvokeIdAndPriority invoke, ActionResult result) : this(invoke, new ActionResponseItem(result)) { }

    public override void Write(ref AxdrWriter writer)
    {
        WriteHead(ref writer, Choice);
        Item.Write(ref writer);
    }
}

/// <summary>ACTION-Response-With-Pblock: one piece of a long response.</summary>
public sealed record ActionResponseWithBlock(InvokeIdAndPriority Invoke, DataBlock Block) : ActionResponse(Invoke)
{
    public const byte Choice = 2;

    public override void Write(ref AxdrWriter writer)
    {
        WriteHead(ref writer, Choice);
        Block.Write(ref writer);
    }
}

/// <summary>ACTION-Response-With-List: the outcome of each method, in order.</summary>
public sealed record ActionResponseWithList(InvokeIdAndPriority Invoke, IReadOnlyList<ActionResponseItem> Items) : ActionResponse(Invoke)
{
    public const byte Choice = 3;

    public override void Write(ref AxdrWriter writer)
    {
        WriteHead(ref writer, Choice);
        writer.WriteLength(Items.Count);
        foreach (ActionResponseItem item in Items) item.Write(ref writer);
    }
}

/// <summary>ACTION-Response-Next-Pblock: acknowledges a block of long parameters.</summary>
public sealed record ActionResponseNextBlock(InvokeIdAndPriority Invoke, uint BlockNumber) : ActionResponse(Invoke)
{
    public const byte Choice = 4;

    public override void Write(ref AxdrWriter writer)
    {
        WriteHead(ref writer, Choice);
        writer.WriteUInt32(BlockNumber);
    }
}
