using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Cosem;

/// <summary>
/// FunctionControl, class_id 122, version 0 (IEC 62056-6-2): functions of the device by name, each a list of objects, switched on and off as one.
/// </summary>
public sealed class FunctionControl
{
    private const int FunctionCountMax = 64;
    private const string Status = "{ function_name: octet-string[1..32], function_status: boolean }";
    private const string Definition = "{ function_name: octet-string[1..32], function_specifications: array[32] of object-reference }";

    private CosemData[] _definitions = [];
    private bool[] _active = [];

    public static CosemClass<FunctionControl> Table { get; } = new(122, 0, "FunctionControl",
        [
            new(2, "activation_status", $"array[64] of {Status}", (f, _) => f.Statuses()),
            new(3, "function_list", $"array[64] of {Definition}", (f, _) => CosemData.Array(f._definitions)),
        ],
        [
            new(1, "set_function_status", (FunctionControl f, CosemContext _, CosemData p, out CosemData r) => f.SetStatuses(p, out r), $"array[64] of {Status}"),
            new(2, "add_function", (FunctionControl f, CosemContext _, CosemData p, out CosemData r) => f.Add(p, out r), Definition),
            new(3, "remove_function", (FunctionControl f, CosemContext _, CosemData p, out CosemData r) => f.Remove(p, out r), Definition),
        ]);

    /// <summary>True where a function is switched on; false too for a name that no function has.</summary>
    public bool IsActive(ReadOnlySpan<byte> function) => IndexOf(function) is >= 0 and var at && _active[at];

    /// <summary>True unless a function that the object belongs to is switched off.</summary>
    public bool IsActive(ushort classId, ObisCode name)
    {
        for (int i = 0; i < _definitions.Length; i++)
        {
            if (_active[i]) continue;
            foreach (CosemData item in _definitions[i][1].Items)
            {
                if (item[0].ToNumber() == classId && item[1].ToName() == name) return false;
            }
        }
        return true;
    }

    private CosemData Statuses()
    {
        var statuses = new CosemData[_definitions.Length];
        for (int i = 0; i < statuses.Length; i++) statuses[i] = CosemData.Structure(_definitions[i][0], CosemData.Boolean(_active[i]));
        return CosemData.Array(statuses);
    }

    // All functions named, or none.
    private ActionResult SetStatuses(in CosemData statuses, out CosemData returned)
    {
        returned = default;
        foreach (CosemData status in statuses.Items)
        {
            if (IndexOf(status[0].OctetSpan) < 0) return ActionResult.ObjectUndefined;
        }
        foreach (CosemData status in statuses.Items) _active[IndexOf(status[0].OctetSpan)] = status[1].ToNumber() != 0;
        return ActionResult.Success;
    }

    // A function of that name is replaced, its status kept; a new one is on.
    private ActionResult Add(in CosemData definition, out CosemData returned)
    {
        returned = default;
        int at = IndexOf(definition[0].OctetSpan);
        if (at >= 0)
        {
            _definitions[at] = definition;
            return ActionResult.Success;
        }
        if (_definitions.Length == FunctionCountMax) return ActionResult.OtherReason;
        (_definitions, _active) = ([.. _definitions, definition], [.. _active, true]);
        return ActionResult.Success;
    }

    private ActionResult Remove(in CosemData definition, out CosemData returned)
    {
        returned = default;
        int at = IndexOf(definition[0].OctetSpan);
        if (at < 0) return ActionResult.ObjectUndefined;
        (_definitions, _active) = ([.. _definitions[..at], .. _definitions[(at + 1)..]], [.. _active[..at], .. _active[(at + 1)..]]);
        return ActionResult.Success;
    }

    private int IndexOf(ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < _definitions.Length; i++)
        {
            if (_definitions[i][0].OctetSpan.SequenceEqual(name)) return i;
        }
        return -1;
    }
}
