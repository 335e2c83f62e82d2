using Praman.Dlms.Axdr;

namespace Praman.Dlms.Apdus;

/// <summary>GET-Request: its three forms (IEC 62056-5-3, GET service).</summary>
public abstract record GetRequest(InvokeIdAndPriority Invoke) : Apdu
{
    public const byte Tag = 0xC0;

    internal const string Clause = "IEC 62056-5-3 (GET-Request)";

    public sealed override byte TagOctet => Tag;

    internal static GetRequest? Read(ref AxdrReader reader)
    {
        int start = reader.Position;
        if (!reader.TryReadByte(out byte choice) || !reader.TryReadByte(out byte octet)) return null;
        var invoke = new InvokeIdAndPriority(octet);
        switch (choice)
        {
            case GetRequestNormal.Choice:
                return reader.TryReadDescriptor(out AttributeDescriptor attribute) && reader.TryReadSelectiveAccess(out SelectiveAccess? access)
                    ? new GetRequestNormal(invoke, attribute, access) : null;
            case GetRequestNext.Choice:
                return reader.TryReadUInt32(out uint block) ? new GetRequestNext(invoke, block) : null;
            case GetRequestWithList.Choice:
                return ApduLists.ReadSelections(ref reader) is { } attributes ? new GetRequestWithList(invoke, attributes) : null;
            default:
                reader.FailAt(start, $"GET-Request of unknown choice {choice}: expected 1 to 3", Clause);
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

/// <summary>GET-Request-Normal: asks a server for one attribute, or the selected part of it.</summary>
public sealed record GetRequestNormal(InvokeIdAndPriority Invoke, AttributeDescriptor Attribute, SelectiveAccess? Access = null) : GetRequest(Invoke)
{
    public const byte Choice = 1;

    public override void Write(ref AxdrWriter writer)
    {
        WriteHead(ref writer, Choice);
        writer.WriteDescriptor(Attribute);
        writer.WriteSelectiveAccess(Access);
    }
}

/// <summary>GET-Request-Next: asks for the block after <paramref name="BlockNumber"/>, which it acknowledges.</summary>
public sealed record GetRequestNext(InvokeIdAndPriority Invoke, uint BlockNumber) : GetRequest(Invoke)
{
    public const byte Choice = 2;

    public override void Write(ref AxdrWriter writer)
    {
        WriteHead(ref writer, Choice);
        writer.WriteUInt32(BlockNumber);
    }
}

/// <summary>GET-Request-With-List: asks for several attributes at once.</summary>
public sealed record GetRequestWithList(InvokeIdAndPriority Invoke, IReadOnlyList<AttributeSelection> Attributes) : GetRequest(Invoke)
{
    public const byte Choice = 3;

    public override void Write(ref AxdrWriter writer)
    {
        WriteHead(ref writer, Choice);
        ApduLists.WriteSelections(ref writer, Attributes);
    }
}
