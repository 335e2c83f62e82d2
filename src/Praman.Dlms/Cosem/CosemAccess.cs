using Praman.Dlms.Axdr;
using Praman.Dlms.Server;
using Praman.Metering;

namespace Praman.Dlms.Cosem;

/// <summary>
/// How objects of a device use one another: a profile reads what it captures, a calendar runs a script. That is the device's own doing and no client's
/// rights apply; what an object reads or writes in a client's place says so, and keeps to that client's rights.
/// </summary>
public static class CosemAccess
{
    private const int DepthMax = 4;

    /// <summary>Reads an attribute, or one element of it where <paramref name="element"/> is above 0.</summary>
    public static DataAccessResult Read(CosemContext context, AttributeDescriptor attribute, ushort element, out CosemData value, bool asClient = false)
    {
        value = default;
        if (Find(context, attribute.ClassId, attribute.LogicalName) is not { } instance) return DataAccessResult.ObjectUndefined;
        if (!TryEnter(context, asClient, out AssociationLevel level)) return DataAccessResult.OtherReason;
        var buffer = new GrowingBuffer();
        var writer = new AxdrWriter(buffer);
        DataAccessResult result;
        try
        {
            result = instance.Class.Read(instance, attribute.AttributeId, null, context, ref writer);
        }
        finally
        {
            Leave(context, level);
        }
        writer.Flush();
        if (result != DataAccessResult.Success) return result;
        if (!CosemData.TryDecode(buffer.Span, out value, out _)) return DataAccessResult.OtherReason;
        if (element == 0) return DataAccessResult.Success;
        bool exists = element <= value.Count;
        value = exists ? value[element - 1] : default;
        return exists ? DataAccessResult.Success : DataAccessResult.ScopeOfAccessViolated;
    }

    /// <summary>
    /// Reads an attribute as an object list names it, with a restriction and columns; only a profile's buffer has either, of anything else nothing is given.
    /// </summary>
    public static DataAccessResult ReadRestricted(
        CosemContext context, AttributeDescriptor attribute, ushort element, in CosemData restriction, in CosemData columns, out CosemData value, bool asClient = false)
    {
        if (restriction.Count > 0 && restriction[0].ToNumber() == 0 && columns.Count == 0) return Read(context, attribute, element, out value, asClient);
        value = default;
        if (attribute.AttributeId != 2 || element != 0 || Find(context, attribute.ClassId, attribute.LogicalName) is not ProfileGeneric profile) return DataAccessResult.ScopeOfAccessViolated;
        if (!TryEnter(context, asClient, out AssociationLevel level)) return DataAccessResult.OtherReason;
        var buffer = new GrowingBuffer();
        var writer = new AxdrWriter(buffer);
        DataAccessResult result;
        try
        {
            result = context.Level >= profile.Access.Read ? profile.WriteRestricted(context, restriction, columns, ref writer) : DataAccessResult.ReadWriteDenied;
        }
        finally
        {
            Leave(context, level);
        }
        writer.Flush();
        return result == DataAccessResult.Success && !CosemData.TryDecode(buffer.Span, out value, out _) ? DataAccessResult.OtherReason : result;
    }

    /// <summary>Reads what is captured.</summary>
    public static DataAccessResult Read(CosemContext context, in CaptureObject captured, out CosemData value) =>
        Read(context, captured.Attribute, captured.DataIndex, out value);

    /// <summary>Sets an attribute, as a script of the device does, or in a client's place.</summary>
    public static DataAccessResult Write(CosemContext context, AttributeDescriptor attribute, in CosemData value, bool asClient = false)
    {
        if (Find(context, attribute.ClassId, attribute.LogicalName) is not { } instance) return DataAccessResult.ObjectUndefined;
        if (!TryEnter(context, asClient, out AssociationLevel level)) return DataAccessResult.OtherReason;
        try
        {
            return instance.Class.Write(instance, attribute.AttributeId, value, context);
        }
        finally
        {
            Leave(context, level);
        }
    }

    /// <summary>Invokes a method, as a script of the device does.</summary>
    public static ActionResult Invoke(CosemContext context, MethodDescriptor method, in CosemData parameters)
    {
        if (Find(context, method.ClassId, method.LogicalName) is not { } instance) return ActionResult.ObjectUndefined;
        if (!TryEnter(context, asClient: false, out AssociationLevel level)) return ActionResult.OtherReason;
        try
        {
            return instance.Class.Invoke(instance, method.MethodId, parameters, context, out _);
        }
        finally
        {
            Leave(context, level);
        }
    }

    /// <summary>Runs a script; one that is none succeeds.</summary>
    public static ActionResult Execute(CosemContext context, ScriptReference script)
    {
        if (script.IsNone) return ActionResult.Success;
        if (Find(context, ScriptTable.Table.ClassId, script.ScriptTable) is not { } table) return ActionResult.ObjectUndefined;
        if (!TryEnter(context, asClient: false, out AssociationLevel level)) return ActionResult.OtherReason;
        try
        {
            return table.Class.Invoke(table, 1, CosemData.LongUnsigned(script.Selector), context, out _);
        }
        finally
        {
            Leave(context, level);
        }
    }

    // Objects that use each other in a circle come to an end here.
    private static bool TryEnter(CosemContext context, bool asClient, out AssociationLevel level)
    {
        level = context.Level;
        if (context.Depth >= DepthMax) return false;
        context.Depth++;
        if (!asClient) context.Level = AssociationLevel.UtilitySetting;
        return true;
    }

    private static void Leave(CosemContext context, AssociationLevel level)
    {
        context.Depth--;
        context.Level = level;
    }

    private static CosemObject? Find(CosemContext context, ushort classId, ObisCode name) =>
        context.Device.Objects.Find(name) is { } instance && instance.Class.ClassId == classId ? instance : null;
}
