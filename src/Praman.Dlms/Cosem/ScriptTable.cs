using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Cosem;

/// <summary>One action of a script: an attribute that is set (service 1) or a method that is invoked (service 2), and with what.</summary>
public readonly record struct ScriptAction(byte Service, ushort ClassId, ObisCode LogicalName, sbyte Index, CosemData Parameter)
{
    /// <summary>Sets an attribute.</summary>
    public const byte WriteService = 1;

    /// <summary>Invokes a method.</summary>
    public const byte ExecuteService = 2;

    public CosemData ToData() => CosemData.Structure(
        CosemData.Enumeration(Service), CosemData.LongUnsigned(ClassId), CosemData.LogicalName(LogicalName), CosemData.Integer(Index), Parameter);
}

/// <summary>One script: its number, what it says that it does, and what it does.</summary>
public sealed class Script
{
    private readonly Func<CosemContext, ActionResult> _body;

    /// <summary>A script of one method, carried out by the host's own hand.</summary>
    public Script(ushort id, MethodDescriptor target, Func<CosemContext, ActionResult> body)
    {
        (Id, _body) = (id, body);
        Actions = [new(ScriptAction.ExecuteService, target.ClassId, target.LogicalName, target.MethodId, CosemData.Null)];
    }

    private Script(ushort id, IReadOnlyList<ScriptAction> actions) => (Id, Actions, _body) = (id, actions, context => Run(context, actions));

    public ushort Id { get; }

    public IReadOnlyList<ScriptAction> Actions { get; }

    /// <summary>A script that does what its actions say, in order, until one fails.</summary>
    public static Script Of(ushort id, params IReadOnlyList<ScriptAction> actions) => new(id, actions);

    public ActionResult Run(CosemContext context) => _body(context);

    private static ActionResult Run(CosemContext context, IReadOnlyList<ScriptAction> actions)
    {
        foreach (ScriptAction action in actions)
        {
            ActionResult result = action.Service == ScriptAction.WriteService
                ? (ActionResult)CosemAccess.Write(context, new(action.ClassId, action.LogicalName, action.Index), action.Parameter)
                : CosemAccess.Invoke(context, new(action.ClassId, action.LogicalName, action.Index), action.Parameter);
            if (result != ActionResult.Success) return result;
        }
        return ActionResult.Success;
    }
}

/// <summary>ScriptTable, class_id 9, version 0 (IEC 62056-6-2).</summary>
public sealed class ScriptTable(ObisCode logicalName, params Script[] scripts) : CosemObject(logicalName)
{
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
            if (script.Id == id) return script.Run(context);
        }
        return ActionResult.ObjectUndefined;
    }

    private static CosemData Describe(Script script) =>
        CosemData.Structure(CosemData.LongUnsigned(script.Id), CosemData.Array([.. script.Actions.Select(a => a.ToData())]));

    /// <summary>Reads scripts as attribute 2 shows them, its shape being checked.</summary>
    public static Script[] FromData(in CosemData scripts)
    {
        var read = new List<Script>();
        foreach (CosemData script in scripts.Items)
        {
            var actions = new List<ScriptAction>();
            foreach (CosemData action in script[1].Items)
            {
                actions.Add(new((byte)action[0].ToNumber(), (ushort)action[1].ToNumber(), action[2].ToName(), (sbyte)action[3].ToNumber(), action[4]));
            }
            read.Add(Script.Of((ushort)script[0].ToNumber(), actions));
        }
        return [.. read];
    }
}
