using Praman.Dlms.Axdr;

namespace Praman.Dlms.Cosem;

/// <summary>
/// RegisterMonitor, class_id 21, version 0 (IEC 62056-6-2): runs a script when a value crosses a threshold, another when it comes back.
/// </summary>
public sealed class RegisterMonitor
{
    private CosemData _thresholds = CosemData.Array();
    private CosemData _monitored = new AttributeDescriptor(3, default, 2).ToData();
    private CosemData _actions = CosemData.Array();
    private decimal? _last;

    public static CosemClass<RegisterMonitor> Table { get; } = new(21, 0, "RegisterMonitor",
        [
            new(2, "thresholds", "array[32] of whole-number", (m, _) => m._thresholds, (m, _, v) => m.Set(ref m._thresholds, v), IsStatic: true),
            new(3, "monitored_value", "attribute-reference", (m, _) => m._monitored, (m, _, v) => m.Set(ref m._monitored, v), IsStatic: true),
            new(4, "actions", "array[32] of { action_up: script-reference, action_down: script-reference }", (m, _) => m._actions,
                (m, _, v) => m.Set(ref m._actions, v), IsStatic: true),
        ],
        []);

    /// <summary>The attribute that is watched.</summary>
    public AttributeDescriptor Monitored => _monitored.ToAttribute();

    /// <summary>False while there is no threshold.</summary>
    public bool IsWatching => _thresholds.Count > 0;

    /// <summary>
    /// Takes a new value of what is watched and notes the scripts that its way from the last one calls for, thresholds in the order they are
    /// passed. The first value only tells where the watch begins.
    /// </summary>
    public void Evaluate(decimal value, ICollection<ScriptReference> due)
    {
        ArgumentNullException.ThrowIfNull(due);
        decimal? last = _last;
        _last = value;
        if (last is not { } before || before == value) return;
        bool up = value > before;
        decimal reached = before;
        // At most 32: the nearest threshold ahead, until none is left on the way.
        while (TryNext(reached, value, up, out decimal threshold))
        {
            for (int i = 0; i < Math.Min(_thresholds.Count, _actions.Count); i++)
            {
                if (!_thresholds.Items[i].TryGetNumber(out decimal here) || here != threshold) continue;
                ScriptReference script = ScriptReference.From(_actions.Items[i][up ? 0 : 1]);
                if (!script.IsNone) due.Add(script);
            }
            reached = up ? threshold + 1 : threshold; // thresholds are whole numbers
        }
    }

    /// <summary>Reads what is watched from the device, evaluates it and runs what it calls for.</summary>
    public DataAccessResult Evaluate(CosemContext context)
    {
        DataAccessResult result = CosemAccess.Read(context, Monitored, 0, out CosemData read);
        if (result != DataAccessResult.Success) return result;
        if (!read.TryGetNumber(out decimal value)) return DataAccessResult.TypeUnmatched;
        var due = new List<ScriptReference>();
        Evaluate(value, due);
        foreach (ScriptReference script in due) CosemAccess.Execute(context, script);
        return DataAccessResult.Success;
    }

    // Up: a threshold t is passed where from <= t < to, that is, the value comes to lie above it. Down: from > t >= to, as whole numbers are.
    private bool TryNext(decimal from, decimal to, bool up, out decimal nearest)
    {
        bool found = false;
        nearest = 0;
        foreach (ref readonly CosemData item in _thresholds.Items)
        {
            if (!item.TryGetNumber(out decimal threshold)) continue;
            bool passed = up ? threshold >= from && threshold < to : threshold < from && threshold >= to;
            if (!passed || (found && (up ? threshold >= nearest : threshold <= nearest))) continue;
            (nearest, found) = (threshold, true);
        }
        return found;
    }

    private DataAccessResult Set(ref CosemData place, in CosemData value)
    {
        place = value;
        _last = null;
        return DataAccessResult.Success;
    }
}
