using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Dlms.Explain;

namespace Praman.Dlms.Push;

/// <summary>
/// What the values of a push belong to: the push's own object list where it carries one (class 40, attribute 2 as its first object), the host's
/// template, OBIS codes that stand beside the values, or nothing.
/// </summary>
internal static class PushValues
{
    private const int DepthMax = AxdrReader.DepthMax;

    public static IReadOnlyList<PushedValue> Of(Apdu apdu, ReadOnlyMemory<byte> title, TemplateFinder? findTemplate) => apdu switch
    {
        EventNotification happened => [new(happened.Attribute, Expand(happened.Value, 0))],
        InformationReport report => [.. report.Values.Select(value => new PushedValue(null, Expand(value, 0)))],
        DataNotification data => OfBody(Expand(data.Body, 0), title, findTemplate),
        _ => [],
    };

    private static PushedValue[] OfBody(CosemData body, ReadOnlyMemory<byte> title, TemplateFinder? findTemplate)
    {
        ReadOnlySpan<CosemData> items = body.Items;
        if (items.Length > 1 && TryReadObjects(items[0], items.Length, out CaptureObject[]? own)) return Pair(own, items);
        if (findTemplate is not null && items.Length > 0 && findTemplate(title, items.Length) is { } template && template.Count == items.Length) return Pair(template, items);
        IReadOnlyList<DlmsReading> readings = SelfDescribing.Find(body);
        if (readings.Count > 0) return [.. readings.Select(reading => new PushedValue(new(0, reading.Code, 2), reading.Raw, reading.ScalerUnit))];
        if (items.Length == 0) return [new(null, body)];
        var values = new PushedValue[items.Length];
        for (int index = 0; index < values.Length; index++) values[index] = new(null, items[index]);
        return values;
    }

    private static PushedValue[] Pair(IReadOnlyList<CaptureObject> objects, ReadOnlySpan<CosemData> items)
    {
        var values = new PushedValue[items.Length];
        for (int index = 0; index < values.Length; index++) values[index] = new(objects[index].Attribute, items[index]);
        return values;
    }

    // A push_object_list has four fields an object, five or six in later versions of the class.
    private static bool TryReadObjects(in CosemData list, int count, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out CaptureObject[]? objects)
    {
        objects = null;
        if (list.Type != CosemDataType.Array || list.Count != count) return false;
        var read = new CaptureObject[count];
        for (int index = 0; index < count; index++)
        {
            CosemData one = list[index];
            if (one.Type != CosemDataType.Structure || one.Count < 4) return false;
            if (!CaptureObject.TryFrom(CosemData.Structure(one[0], one[1], one[2], one[3]), out read[index])) return false;
        }
        objects = read;
        return true;
    }

    // Compact arrays as the arrays that they stand for, at any depth.
    private static CosemData Expand(CosemData value, int depth)
    {
        if (value.Type == CosemDataType.CompactArray) return CosemData.Array(value.ExpandCompactArray());
        if (value.Count == 0 || depth > DepthMax || !HoldsCompactArray(value, depth)) return value;
        var items = new CosemData[value.Count];
        for (int index = 0; index < items.Length; index++) items[index] = Expand(value[index], depth + 1);
        return value.Type == CosemDataType.Array ? CosemData.Array(items) : CosemData.Structure(items);
    }

    private static bool HoldsCompactArray(in CosemData value, int depth)
    {
        if (value.Type == CosemDataType.CompactArray) return true;
        if (depth > DepthMax) return false;
        foreach (ref readonly CosemData item in value.Items)
        {
            if (HoldsCompactArray(item, depth + 1)) return true;
        }
        return false;
    }
}
