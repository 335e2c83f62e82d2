using Praman.Dlms.Axdr;

namespace Praman.Dlms.Cosem;

/// <summary>
/// Arbitrator, class_id 68, version 0 (IEC 62056-6-2): several actors ask for actions that exclude one another (connect, disconnect); permissions
/// say what each may ask for, weights whose wish counts more. The action of the greatest weight is carried out.
/// </summary>
public sealed class Arbitrator
{
    private const int ActorCountMax = 16, ActionCountMax = 16;

    private CosemData _actions = CosemData.Array();
    private CosemData _permissions = CosemData.Array();
    private CosemData _weightings = CosemData.Array();
    private CosemData[] _requests = [];

    public static CosemClass<Arbitrator> Table { get; } = new(68, 0, "Arbitrator",
        [
            new(2, "actions", "array[16] of script-reference", (a, _) => a._actions, (a, _, v) => a.Set(ref a._actions, v), IsStatic: true),
            new(3, "permissions_table", "array[16] of bit-string[0..16]", (a, _) => a._permissions, (a, _, v) => a.Set(ref a._permissions, v), IsStatic: true),
            new(4, "weightings_table", "array[16] of array[16] of long-unsigned", (a, _) => a._weightings, (a, _, v) => a.Set(ref a._weightings, v), IsStatic: true),
            new(5, "most_recent_requests_table", "array[16] of bit-string[0..16]", (a, _) => CosemData.Array(a._requests)),
            new(6, "last_outcome", "unsigned", (a, _) => CosemData.Unsigned(a.LastOutcome)),
        ],
        [
            new(1, "request_action", (Arbitrator a, CosemContext c, CosemData p, out CosemData r) => a.Request(c, p, out r),
                "{ request_actor: unsigned[0..15], request_action_list: bit-string[0..16] }"),
            new(2, "reset", (Arbitrator a, CosemContext _, CosemData _, out CosemData r) => a.Reset(out r), "integer"),
        ]);

    /// <summary>The action carried out last, counted from 1; 0 where none was.</summary>
    public byte LastOutcome { get; private set; }

    /// <summary>
    /// Takes an actor's wishes, which replace its former ones, and gives the script that now has the greatest weight; none where that is the one
    /// carried out last, or no wish that counts is left. Of equal weights the first action wins.
    /// </summary>
    /// <returns>False where there is no such actor, or it asks for what it may not.</returns>
    public bool TryRequest(int actor, in CosemData wishes, out ScriptReference script)
    {
        script = default;
        if (actor < 0 || actor >= _permissions.Count) return false;
        for (int action = 0; action < wishes.BitCount; action++)
        {
            if (wishes.Bit(action) && !_permissions.Items[actor].Bit(action)) return false;
        }
        Resize();
        _requests[actor] = wishes;
        (int outcome, long weight) = (0, 0);
        for (int action = 0; action < _actions.Count; action++)
        {
            long sum = 0;
            for (int of = 0; of < _requests.Length; of++)
            {
                if (_requests[of].Bit(action) && of < _weightings.Count && action < _weightings.Items[of].Count) sum += _weightings.Items[of][action].ToNumber();
            }
            if (sum > weight) (outcome, weight) = (action + 1, sum);
        }
        if (outcome == 0 || outcome == LastOutcome) return true;
        LastOutcome = (byte)outcome;
        script = ScriptReference.From(_actions.Items[outcome - 1]);
        return true;
    }

    private ActionResult Request(CosemContext context, in CosemData parameters, out CosemData returned)
    {
        returned = default;
        if (!TryRequest((int)parameters[0].ToNumber(), parameters[1], out ScriptReference script)) return ActionResult.ReadWriteDenied;
        return CosemAccess.Execute(context, script);
    }

    private ActionResult Reset(out CosemData returned)
    {
        (returned, LastOutcome, _requests) = (default, 0, []);
        return ActionResult.Success;
    }

    private void Resize()
    {
        if (_requests.Length == _permissions.Count) return;
        int before = _requests.Length;
        Array.Resize(ref _requests, _permissions.Count);
        for (int i = before; i < _requests.Length; i++) _requests[i] = CosemData.BitString([], 0);
    }

    private DataAccessResult Set(ref CosemData place, in CosemData value)
    {
        place = value;
        Reset(out _); // wishes and outcome count by the tables that were
        return DataAccessResult.Success;
    }
}
