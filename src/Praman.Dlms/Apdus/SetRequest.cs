using Praman.Dlms.Axdr;

namespace Praman.Dlms.Apdus;

/// <summary>SET-Request: its five forms (IEC 62056-5-3, SET service).</summary>
public abstract record SetRequest(InvokeIdAndPriority Invoke) : Apdu
{
    public const byte Tag = 0xC1;

    internal const string Clause = "IEC 62056-5-3 (SET-Request)";

    public sealed override byte TagOctet => Tag;

    internal static SetRequest? Read(ref AxdrReader reader)
    {
        int start = reader.Position;
        if (!reader.TryReadByte(out byte choice) || !reader.TryReadByte(out byte octet)) return null;
        var invoke = new InvokeIdAndPriority(octet);
        AttributeDescriptor attribute;
        SelectiveAccess? access;
        DataBlock block;
        switch (choice)
        {
            case SetRequestNormal.Choice:
                return reader.TryReadDescriptor(out attribute) && reader.TryReadSelectiveAccess(out access) && reader.TryReadData(out CosemData value)
                    ? new SetRequestNormal(invoke, attribute, access, value) : null;
            case SetRequestWithFirstDatablock.Choice:
                return reader.TryReadDescriptor(out attribute) && reader.TryReadSelectiveAccess(out access) && DataBlock.TryRead(ref reader, out block)
                    ? new SetRequestWithFirstDatablock(invoke, attribute, access, block) : null;
            case SetRequestWithDatablock.Choice:
                return DataBlock.TryRead(ref reader, out block) ? new SetRequestWithDatablock(invoke, block) : null;
            case SetRequestWithList.Choice:
                return ApduLists.ReadSelections(ref reader) is { } list && ApduLists.ReadData(ref reader) is { } values ? new SetRequestWithList(invoke, list, values) : null;
            case SetRequestWithListAndFirstDatablock.Choice:
                return ApduLists.ReadSelections(ref reader) is { } first && DataBlock.TryRead(ref reader, out block)
                    ? new SetRequestWithListAndFirstDatablock(invoke, first, block) : null;
            default:
                reader.FailAt(start, $"SET-Request of unknown choice {choice}: expected 1 to 5", Clause);
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

/// <summary>SET-Request-Normal: writes one attribute.</summary>
public sealed record SetRequestNormal(InvokeIdAndPriority Invoke, AttributeDescriptor Attribute, SelectiveAccess? Access, CosemData Value) : SetRequest(Invoke)
{
    public const byte Choice = 1;

    public override void Write(ref AxdrWriter writer)
    {
        WriteHead(ref writer, Choice);
        writer.WriteDescriptor(Attribute);
        writer.WriteSelectiveAccess(Access);
        writer.WriteData(Value);
    }
}

/// <summary>SET-Request-With-First-Datablock: begins a long write.</summary>
public sealed record SetRequestWithFirstDatablock(InvokeIdAndPriority Invoke, AttributeDescriptor Attribute, SelectiveAccess? Access, DataBlock Block) : SetRequest(Invoke)
{
    public const byte Choice = 2;

    public override void Write(ref AxdrWriter writer)
    {
        WriteHead(ref writer, Choice);
        writer.WriteDescriptor(Attribute);
        writer.WriteSelectiveAccess(Access);
        Block.Write(ref writer);
    }
}

/// <summary>SET-Request-With-Datablock: the next piece of a long write.</summary>
public sealed record SetRequestWithDatablock(InvokeIdAndPriority Invoke, DataBlock Block) : SetRequest(Invoke)
{
    public const byte Choice = 3;

    public override void Write(ref AxdrWriter writer)
    {
        WriteHead(ref writer, Choice);
        Block.Write(ref writer);
    }
}

/// <summary>SET-Request-With-List: writes several attributes, with a value for each, in order.</summary>
public sealed record SetRequestWithList(InvokeIdAndPriority Invoke, IReadOnlyList<AttributeSelection> Attributes, IReadOnlyList<CosemData> Values) : SetRequest(Invoke)
{
    public const byte Choice = 4;

    public override void Write(ref AxdrWriter writer)
    {
        WriteHead(ref writer, Choice);
        ApduLists.WriteSelections(ref writer, Attributes);
        ApduLists.WriteData(ref writer, Values);
    }
}

/// <summary>SET-Request-With-List-And-First-Datablock: begins a long write of several attributes.</summary>
public sealed record SetRequestWithListAndFirstDatablock(InvokeIdAndPriority Invoke, IReadOnlyList<AttributeSelection> Attributes, DataBlock Block) : SetRequest(Invoke)
{
    public const byte Choice = 5;

    public override void Write(ref AxdrWriter writer)
    {
        WriteHead(ref writer, Choice);
        ApduLists.WriteSelections(ref writer, Attributes);
        Block.Write(ref writer);
    }
}
