using Praman.Dlms.Axdr;
using Praman.Dlms.Server;

namespace Praman.Dlms.Cosem;

/// <summary>
/// CompactData, class_id 62, version 1 (IEC 62056-6-2): values of several attributes captured without their tags; the types stand apart in the
/// template description. Both together are a compact-array of one element. Of a profile's buffer the rows and columns are captured that a restriction
/// leaves; a restriction of anything else is refused.
/// </summary>
public sealed class CompactData
{
    private const byte CapturedWhenRead = 1;
    private const string Captures = "array[64] of (capture-object | { class_id: long-unsigned, logical_name: logical-name, attribute_index: integer, data_index: long-unsigned, "
        + "restriction: { restriction_type: enum[0..2], restriction_value: any }, columns: array[64] of capture-object })";
    private const int BufferLengthMax = 4096, DepthMax = 8;

    private CosemData _captures = CosemData.Array();
    private byte _templateId;
    private byte _method;
    private byte[] _buffer = [];
    private byte[] _template = [(byte)CosemDataType.Structure, 0];

    public static CosemClass<CompactData> Table { get; } = new(62, 1, "CompactData",
        [
            new(2, "compact_buffer", "octet-string[0..4096]", (d, c) => d.ReadBuffer(c)),
            new(3, "capture_objects", Captures, (d, _) => d._captures, (d, _, v) => d.SetCaptures(v), IsStatic: true),
            new(4, "template_id", "unsigned", (d, _) => CosemData.Unsigned(d._templateId), (d, _, v) => d.SetTemplate((byte)v.ToNumber()), IsStatic: true),
            new(5, "template_description", "octet-string[0..4096]", (d, _) => CosemData.OctetString(d._template)),
            new(6, "capture_method", "enum[0..1]", (d, _) => CosemData.Enumeration(d._method), (d, _, v) => d.SetMethod((byte)v.ToNumber()), IsStatic: true),
        ],
        [
            new(1, "reset", (CompactData d, CosemContext _, CosemData _, out CosemData r) => d.Reset(out r), "integer"),
            new(2, "capture", (CompactData d, CosemContext c, CosemData _, out CosemData r) => d.Capture(c, out r), "integer"),
        ]);

    /// <summary>The values, one after another, without tags.</summary>
    public ReadOnlyMemory<byte> Buffer => _buffer;

    /// <summary>Their types, as a compact-array begins with them.</summary>
    public ReadOnlyMemory<byte> Template => _template;

    /// <summary>Says what is captured; the first is by convention this object's own template_id.</summary>
    public void Define(byte templateId, params CaptureObject[] captures)
    {
        _templateId = templateId;
        SetCaptures(CosemData.Array([.. captures.Select(c => c.ToData())]));
    }

    /// <summary>Reads and packs all values. Where one cannot be read or has no place in a compact-array, what was captured before stays.</summary>
    public DataAccessResult Capture(CosemContext context)
    {
        var contents = new GrowingBuffer();
        var types = new GrowingBuffer();
        var content = new AxdrWriter(contents);
        var type = new AxdrWriter(types);
        type.WriteByte((byte)CosemDataType.Structure);
        type.WriteLength(_captures.Count);
        foreach (CosemData item in _captures.Items.ToArray())
        {
            ushort element = (ushort)item[3].ToNumber();
            DataAccessResult result = item.Count > 4
                ? CosemAccess.ReadRestricted(context, item.ToAttribute(), element, item[4], item[5], out CosemData value)
                : CosemAccess.Read(context, item.ToAttribute(), element, out value);
            if (result != DataAccessResult.Success) return result;
            if (!TryWriteType(value, ref type, 0)) return DataAccessResult.TypeUnmatched;
            WriteContent(value, ref content);
            if (content.Length > BufferLengthMax || type.Length > BufferLengthMax) return DataAccessResult.OtherReason;
        }
        content.Flush();
        type.Flush();
        (_buffer, _template) = (contents.Span.ToArray(), types.Span.ToArray());
        return DataAccessResult.Success;
    }

    // Elements of an array have one type; it is told once.
    private static bool TryWriteType(in CosemData value, ref AxdrWriter writer, int depth)
    {
        if (depth > DepthMax || value.Type == CosemDataType.CompactArray) return false;
        writer.WriteByte((byte)value.Type);
        if (value.Type == CosemDataType.Structure)
        {
            writer.WriteLength(value.Count);
            foreach (ref readonly CosemData item in value.Items)
            {
                if (!TryWriteType(item, ref writer, depth + 1)) return false;
            }
        }
        else if (value.Type == CosemDataType.Array)
        {
            if (value.Count is 0 or > ushort.MaxValue) return false;
            writer.WriteUInt16((ushort)value.Count);
            byte[] first = TypeOf(value[0], depth);
            for (int i = 1; i < value.Count; i++)
            {
                if (!first.AsSpan().SequenceEqual(TypeOf(value[i], depth))) return false;
            }
            if (first.Length == 0) return false;
            writer.WriteBytes(first);
        }
        return true;
    }

    private static byte[] TypeOf(in CosemData value, int depth)
    {
        var buffer = new GrowingBuffer();
        var writer = new AxdrWriter(buffer);
        if (!TryWriteType(value, ref writer, depth + 1)) return [];
        writer.Flush();
        return buffer.Span.ToArray();
    }

    private static void WriteContent(in CosemData value, ref AxdrWriter writer)
    {
        if (value.Type is CosemDataType.Structure or CosemDataType.Array)
        {
            foreach (ref readonly CosemData item in value.Items) WriteContent(item, ref writer);
            return;
        }
        writer.WriteBytes(value.Encode().AsSpan(1)); // all but the tag
    }

    private CosemData ReadBuffer(CosemContext context)
    {
        if (_method == CapturedWhenRead) Capture(context);
        return CosemData.OctetString(_buffer);
    }

    // Rows and columns are what buffers of profiles have.
    private DataAccessResult SetCaptures(in CosemData value)
    {
        foreach (ref readonly CosemData item in value.Items)
        {
            if (item.Count > 4 && (item[4][0].ToNumber() != 0 || item[5].Count > 0) && !IsBuffer(item)) return DataAccessResult.OtherReason;
        }
        _captures = value;
        Reset(out _);
        return DataAccessResult.Success;
    }

    private static bool IsBuffer(in CosemData item) =>
        item[0].ToNumber() == ProfileGeneric.Table.ClassId && item[2].ToNumber() == 2 && item[3].ToNumber() == 0;

    private DataAccessResult SetTemplate(byte id)
    {
        _templateId = id;
        return DataAccessResult.Success;
    }

    private DataAccessResult SetMethod(byte method)
    {
        _method = method;
        return DataAccessResult.Success;
    }

    private ActionResult Reset(out CosemData returned)
    {
        (returned, _buffer) = (default, []);
        return ActionResult.Success;
    }

    private ActionResult Capture(CosemContext context, out CosemData returned)
    {
        returned = default;
        return (ActionResult)Capture(context);
    }
}
