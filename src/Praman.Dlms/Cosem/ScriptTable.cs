using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Cosem;

/// <summary>One script: its number and what it does.</summary>
public sealed record Script(ushort Id, MethodDescriptor Target, Func<CosemContext, ActionResult> Body);

/// <summary>ScriptTable, class_id 9, version 0 (IEC 62056-6-2).</summary>
public sealed class ScriptTable(ObisCode logicalName, params Script[] scripts) : CosemObject(logicalName)
{
    private const byte ExecuteMethod = 2;
    private const string Scripts = "array[64] of { script_identifier: long-unsigned, actions: array[16] of { service_id: enum[1..2], class_id: long-unsigned, "
        + "logical_name: logical-name, index: integer, parameter: any } }";

    private readonly Script[] _scripts = scripts;

    public static CosemClass<ScriptTable> Table { get; } = new(9, 0, "ScriptTable",
        [new(2, "scripts", Scripts, (t, _) => CosemData.Array([.. t._scripts.Select(Describe)]), IsStatic: true)],
        [new(1, "execute", (ScriptTable t, CosemContext c, CosemData p, out CosemData r) => t.Execute(c, p, out r), "long-unsigned")]);

    public override CosemClass Class => Table;

    private ActionResult Execute(CosemContext context, in CosemData parameters, out CosemData returned)
    {
        returned = default;
        if (parameters.Type != CosemDataType.LongUnsigned || !parameters.TryGetInt64(out long id)) return ActionResult.TypeUnmatched;
        foreach (Script script in _scripts)
        {
            if (script.Id == id) return script.Body(context);
        }
        return ActionResult.ObjectUndefined;
    }

    private static CosemData Describe(Script script) => CosemData.Structure(CosemData.LongUnsigned(script.Id), CosemData.Array(CosemData.Structure(
        CosemData.Enumeration(ExecuteMethod), CosemData.LongUnsigned(script.Target.ClassId), CosemData.LogicalName(script.Target.LogicalName),
        CosemData.Integer(script.Target.MethodId), CosemData.Null)));
}
