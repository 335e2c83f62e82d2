using Praman.Dlms.Axdr;

namespace Praman.Dlms.Apdus;

/// <summary>What one element of an ACCESS asks for (IEC 62056-5-3, Access-Request-Specification).</summary>
public enum AccessKind : byte
{
    Get = 1,
    Set = 2,
    Action = 3,
    GetWithSelection = 4,
    SetWithSelection = 5,
}

/// <summary>One element of an ACCESS request. A method stands in <paramref name="Target"/> with its id in place of the attribute's.</summary>
public readonly record struct AccessSpecification(AccessKind Kind, AttributeDescriptor Target, SelectiveAccess? Selection = null)
{
    internal static AccessSpecification[]? ReadList(ref AxdrReader reader)
    {
        if (!ApduLists.TryReadCount(ref reader, 1 + AttributeDescriptor.Length, out int count)) return null;
        var list = new AccessSpecification[count];
        for (int index = 0; index < count; index++)
        {
            int start = reader.Position;
            if (!reader.TryReadByte(out byte kind)) return null;
            if (kind is < 1 or > 5)
            {
                reader.FailAt(start, $"choice {kind} of an access specification: expected 1 to 5", AccessRequest.Clause);
                return null;
            }
            if (!reader.TryReadDescriptor(out AttributeDescriptor target)) return null;
            SelectiveAccess? selection = null;
            if (kind >= 4)
            {
                if (!reader.TryReadByte(out byte selector) || !reader.TryReadData(out CosemData parameters)) return null;
                selection = new(selector, parameters);
            }
            list[index] = new((AccessKind)kind, target, selection);
        }
        return list;
    }

    internal static void WriteList(ref AxdrWriter writer, IReadOnlyList<AccessSpecification> list)
    {
        writer.WriteLength(list.Count);
        foreach (AccessSpecification specification in list)
        {
            writer.WriteByte((byte)specification.Kind);
            writer.WriteDescriptor(specification.Target);
            if (specification.Selection is not { } selection) continue;
            writer.WriteByte(selection.Selector);
            writer.WriteData(selection.Parameters);
        }
    }
}

/// <summary>ACCESS-Request: several gets, sets and actions in one, each with its data (IEC 62056-5-3, ACCESS service).</summary>
public sealed record AccessRequest(uint LongInvokeIdAndPriority, CosemDateTime? DateTime, IReadOnlyList<AccessSpecification> Specifications, IReadOnlyList<CosemData> Data) : Apdu
{
    public const byte Tag = 0xD9;

    internal const string Clause = "IEC 62056-5-3 (ACCESS)";

    public override byte TagOctet => Tag;

    public override void Write(ref AxdrWriter writer)
    {
        writer.WriteByte(Tag);
        writer.WriteUInt32(LongInvokeIdAndPriority);
        DateTimeField.Write(ref writer, DateTime);
        AccessSpecification.WriteList(ref writer, Specifications);
        ApduLists.WriteData(ref writer, Data);
    }

    internal static AccessRequest? Read(ref AxdrReader reader) =>
        reader.TryReadUInt32(out uint invoke) && DateTimeField.TryRead(ref reader, out CosemDateTime? dateTime)
        && AccessSpecification.ReadList(ref reader) is { } specifications && ApduLists.ReadData(ref reader) is { } data ? new(invoke, dateTime, specifications, data) : null;
}

/// <summary>What one element of an ACCESS came to; <paramref name="Result"/> is an action's result for actions.</summary>
public readonly record struct AccessResult(AccessKind Kind, DataAccessResult Result);

/// <summary>ACCESS-Response: data and result of each element, in order (IEC 62056-5-3, ACCESS service).</summary>
public sealed record AccessResponse(uint LongInvokeIdAndPriority, CosemDateTime? DateTime, IReadOnlyList<AccessSpecification>? Specifications,
    IReadOnlyList<CosemData> Data, IReadOnlyList<AccessResult> Results) : Apdu
{
    public const byte Tag = 0xDA;

    public override byte TagOctet => Tag;

    public override void Write(ref AxdrWriter writer)
    {
        writer.WriteByte(Tag);
        writer.WriteUInt32(LongInvokeIdAndPriority);
        DateTimeField.Write(ref writer, DateTime);
        writer.WriteBoolean(Specifications is not null);
        if (Specifications is not null) AccessSpecification.WriteList(ref writer, Specifications);
        ApduLists.WriteData(ref writer, Data);
        writer.WriteLength(Results.Count);
        foreach (AccessResult result in Results)
        {
            writer.WriteByte((byte)result.Kind);
            writer.WriteByte((byte)result.Result);
        }
    }

    internal static AccessResponse? Read(ref AxdrReader reader)
    {
        if (!reader.TryReadUInt32(out uint invoke) || !DateTimeField.TryRead(ref reader, out CosemDateTime? dateTime) || !reader.TryReadBoolean(out bool repeated))
            return null;
        AccessSpecification[]? specifications = null;
        if (repeated && (specifications = AccessSpecification.ReadList(ref reader)) is null) return null;
        if (ApduLists.ReadData(ref reader) is not { } data || !ApduLists.TryReadCount(ref reader, 2, out int count)) return null;
        var results = new AccessResult[count];
        for (int index = 0; index < count; index++)
        {
            int start = reader.Position;
            if (!reader.TryReadByte(out byte kind) || !reader.TryReadByte(out byte result)) return null;
            if (kind is < 1 or > 3)
            {
                reader.FailAt(start, $"choice {kind} of an access result: expected 1 to 3", AccessRequest.Clause);
                return null;
            }
            results[index] = new((AccessKind)kind, (DataAccessResult)result);
        }
        return new(invoke, dateTime, specifications, data, results);
    }
}
