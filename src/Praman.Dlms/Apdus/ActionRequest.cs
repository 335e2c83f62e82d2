using Praman.Dlms.Axdr;

namespace Praman.Dlms.Apdus;

/// <summary>ACTION-Request: its six forms (IEC 62056-5-3, ACTION service).</summary>
public abstract record ActionRequest(InvokeIdAndPriority Invoke) : Apdu
{
    public const byte Tag = 0xC3;

    internal const string Clause = "IEC 62056-5-3 (ACTION-Request)";

    public sealed override byte TagOctet => Tag;

    internal static ActionRequest? Read(ref AxdrReader reader)
    {
        int start = reader.Position;
        if (!reader.TryReadByte(out byte choice) || !reader.TryReadByte(out byte octet)) return null;
        var invoke = new InvokeIdAndPriority(octet);
        MethodDescriptor method;
        DataBlock block;
        switch (choice)
        {
            case ActionRequestNormal.Choice:
                if (!reader.TryReadMethod(out method) || !reader.TryReadBoolean(out bool present)) return null;
                CosemData parameters = default;
                return !present || reader.TryReadData(out parameters) ? new ActionRequestNormal(invoke, method, present ? parameters : null) : null;
            case ActionRequestNextBlock.Choice:
                return reader.TryReadUInt32(out uint number) ? new ActionRequestNextBlock(invoke, number) : null;
            case ActionRequestWithList.Choice:
                return ApduLists.ReadMethods(ref reader) is { } methods && ApduLists.ReadData(ref reader) is { } list ? new ActionRequestWithList(invoke, methods, list) : null;
            case ActionRequestWithFirstBlock.Choice:
                return reader.TryReadMethod(out method) && DataBlock.TryRead(ref reader, out block) ? new ActionRequestWithFirstBlock(invoke, method, block) : null;
            case ActionRequestWithListAndFirstBlock.Choice:
                return ApduLists.ReadMethods(ref reader) is { } several && DataBlock.TryRead(ref reader, out block)
                    ? new ActionRequestWithListAndFirstBlock(invoke, several, block) : null;
            case ActionRequestWithBlock.Choice:
                return DataBlock.TryRead(ref reader, out block) ? new ActionRequestWithBlock(invoke, block) : null;
            default:
                reader.FailAt(start, $"ACTION-Request of unknown choice {choice}: expected 1 to 6", Clause);
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

/// <summary>ACTION-Request-Normal: invokes one method; null parameters are absent ones.</summary>
public sealed record ActionRequestNormal(InvokeIdAndPriority Invoke, MethodDescriptor Method, CosemData? Parameters) : ActionRequest(Invoke)
{
    public const byte Choice = 1;

    public override void Write(ref AxdrWriter writer)
    {
        WriteHead(ref writer, Choice);
        writer.WriteMethod(Method);
        writer.WriteBoolean(Parameters is not null);
        if (Parameters is { } parameters) writer.WriteData(parameters);
    }
}

/// <summary>ACTION-Request-Next-Pblock: asks for the next piece of a long response.</summary>
public sealed record ActionRequestNextBlock(InvokeIdAndPriority Invoke, uint BlockNumber) : ActionRequest(Invoke)
{
    public const byte Choice = 2;

    public override void Write(ref AxdrWriter writer)
    {
        WriteHead(ref writer, Choice);
        writer.WriteUInt32(BlockNumber);
    }
}

/// <summary>ACTION-Request-With-List: invokes several methods, with parameters for each (null-data where it takes none).</summary>
public sealed record ActionRequestWithList(InvokeIdAndPriority Invoke, IReadOnlyList<MethodDescriptor> Methods, IReadOnlyList<CosemData> Parameters) : ActionRequest(Invoke)
{
    public const byte Choice = 3;

    public override void Write(ref AxdrWriter writer)
    {
        WriteHead(ref writer, Choice);
        ApduLists.WriteMethods(ref writer, Methods);
        ApduLists.WriteData(ref writer, Parameters);
    }
}

/// <summary>ACTION-Request-With-First-Pblock: begins long parameters.</summary>
public sealed record ActionRequestWithFirstBlock(InvokeIdAndPriority Invoke, MethodDescriptor Method, DataBlock Block) : ActionRequest(Invoke)
{
    public const byte Choice = 4;

    public override void Write(ref AxdrWriter writer)
    {
        WriteHead(ref writer, Choice);
        writer.WriteMethod(Method);
        Block.Write(ref writer);
    }
}

/// <summary>ACTION-Request-With-List-And-First-Pblock: begins long parameters of several methods.</summary>
public sealed record ActionRequestWithListAndFirstBlock(InvokeIdAndPriority Invoke, IReadOnlyList<MethodDescriptor> Methods, DataBlock Block) : ActionRequest(Invoke)
{
    public const byte Choice = 5;

    public override void Write(ref AxdrWriter writer)
    {
        WriteHead(ref writer, Choice);
        ApduLists.WriteMethods(ref writer, Methods);
        Block.Write(ref writer);
    }
}

/// <summary>ACTION-Request-With-Pblock: the next piece of long parameters.</summary>
public sealed record ActionRequestWithBlock(InvokeIdAndPriority Invoke, DataBlock Block) : ActionRequest(Invoke)
{
    public const byte Choice = 6;

    public override void Write(ref AxdrWriter writer)
    {
        WriteHead(ref writer, Choice);
        Block.Write(ref writer);
    }
}
