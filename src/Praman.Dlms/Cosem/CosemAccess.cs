using Praman.Dlms.Axdr;
using Praman.Dlms.Server;
using Praman.Metering;

namespace Praman.Dlms.Cosem;

/// <summary>How objects of a device use one another: a profile reads what it captures, a calendar runs a script. No client's rights apply.</summary>
public static class CosemAccess
{
    private const int DepthMax = 4;

    /// <summary>Reads an attribute, or one element of it where <paramref name="element"/> is above 0.</summary>
    public static DataAccessResult Read(CosemContext context, AttributeDescriptor attribute, ushort element, out CosemData value)
    {
        value = default;
        if (Find(context, attribute.ClassId, attribute.LogicalName) is not { } instance) return DataAccessResult.ObjectUndefined;
        if (context.Depth >= DepthMax) return DataAccessResult.OtherReason; // objects that read each other in a circle
        AssociationLevel level = context.Level;
        var buffer = new GrowingBuffer();
        var writer = new AxdrWriter(buffer);
        (context.Level, context.Depth) = (AssociationLevel.UtilitySetting, context.Depth + 1);
        DataAccessResult result;
        try
        {
            result = instance.Class.Read(instance, attribute.AttributeId, null, context, ref writer);
        }
        finally
        {
            (context.Level, context.Depth) = (level, context.Depth - 1);
        }
        writer.Flush();
        if (result != DataAccessResult.Success) return result;
        if (!CosemData.TryDecode(buffer.Span, out value, out _)) return DataAccessResult.OtherReason;
        if (element == 0) return DataAccessResult.Success;
        if (element > value.Count) return DataAccessResult.ScopeOfAccessViolated;
        value = value[element - 1];
        return DataAccessResult.Success;
    }

    /// <inheritdoc cref="Read(CosemContext, AttributeDescriptor, ushort, out CosemData)"/>
    public static DataAccessResult Read(CosemContext context, in CaptureObject captured, out CosemData value) =>
        Read(context, captured.Attribute, captured.DataIndex, out value);

    /// <summary>Sets an attribute.</summary>
    public static DataAccessResult Write(CosemContext context, AttributeDescriptor attribute, in CosemData value)
    {
        if (Find(context, attribute.ClassId, attribute.LogicalName) is not { } instance) return DataAccessResult.ObjectUndefined;
        if (context.Depth >= DepthMax) return DataAccessResult.OtherReason;
        AssociationLevel level = context.Level;
        (context.Level, context.Depth) = (AssociationLevel.UtilitySetting, context.Depth + 1);
        try
        {
            return instance.Class.Write(instance, attribute.AttributeId, value, context);
        }
        finally
        {
            (context.Level, context.Depth) = (level, context.Depth - 1);
        }
    }

    /// <summary>Runs a script; one that is none succeeds.</summary>
    public static ActionResult Execute(CosemContext context, ScriptReference script)
    {
        if (script.IsNone) return ActionResult.Success;
        if (Find(context, ScriptTable.Table.ClassId, script.ScriptTable) is not { } table) return ActionResult.ObjectUndefined;
        if (context.Depth >= DepthMax) return ActionResult.OtherReason;
        AssociationLevel level = context.Level;
        (context.Level, context.Depth) = (AssociationLevel.UtilitySetting, context.Depth + 1);
        try
        {
            return table.Class.Invoke(table, 1, CosemData.LongUnsigned(script.Selector), context, out _);
        }
        finally
        {
            (context.Level, context.Depth) = (level, context.Depth - 1);
        }
    }

    private static CosemObject? Find(CosemContext context, ushort classId, ObisCode name) =>
        context.Device.Objects.Find(name) is { } instance && instance.Class.ClassId == classId ? instance : null;
}
