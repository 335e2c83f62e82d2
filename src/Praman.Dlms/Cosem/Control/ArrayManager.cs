using Praman.Dlms.Axdr;

namespace Praman.Dlms.Cosem;

/// <summary>
/// ArrayManager, class_id 123, version 0 (IEC 62056-6-2): reads and changes single entries of arrays that are attributes of other objects. Entries
/// count from 1; as an end, 0 is the last. What is written has to fit the attribute as a SET of the whole array has, and the client needs the same rights.
/// </summary>
public sealed class ArrayManager
{
    private const string Range = "{ array_object_id: unsigned, entries: { from_entry: long-unsigned, to_entry: long-unsigned } }";
    private const string Placed = "{ array_object_id: unsigned, entry: { index: long-unsigned, data: any } }";

    private CosemData _list = CosemData.Array();

    public static CosemClass<ArrayManager> Table { get; } = new(123, 0, "ArrayManager",
        [
            new(2, "array_object_list", "array[32] of { array_object_id: unsigned, array_object: attribute-reference }", (m, _) => m._list, (m, _, v) => m.Set(v), IsStatic: true),
        ],
        [
            new(1, "retrieve_number_of_entries", (ArrayManager m, CosemContext c, CosemData p, out CosemData r) => m.Count(c, p, out r), "unsigned"),
            new(2, "retrieve_entries", (ArrayManager m, CosemContext c, CosemData p, out CosemData r) => m.Retrieve(c, p, out r), Range),
            new(3, "insert_entry", (ArrayManager m, CosemContext c, CosemData p, out CosemData r) => m.Insert(c, p, out r), Placed),
            new(4, "update_entry", (ArrayManager m, CosemContext c, CosemData p, out CosemData r) => m.Update(c, p, out r), Placed),
            new(5, "remove_entries", (ArrayManager m, CosemContext c, CosemData p, out CosemData r) => m.Remove(c, p, out r), Range),
        ]);

    private ActionResult Count(CosemContext context, in CosemData id, out CosemData returned)
    {
        returned = default;
        ActionResult result = TryRead(context, id, out _, out CosemData array);
        if (result == ActionResult.Success) returned = CosemData.LongUnsigned((ushort)Math.Min(array.Count, ushort.MaxValue));
        return result;
    }

    private ActionResult Retrieve(CosemContext context, in CosemData parameters, out CosemData returned)
    {
        returned = default;
        ActionResult result = TryRead(context, parameters[0], out _, out CosemData array);
        if (result != ActionResult.Success) return result;
        if (!TryRange(parameters[1], array.Count, out int from, out int count)) return ActionResult.ScopeOfAccessViolated;
        returned = CosemData.Array(array.Items.Slice(from, count).ToArray());
        return ActionResult.Success;
    }

    // The entry comes to stand at the index; the entry there and those after it move on. One beyond the last is appended.
    private ActionResult Insert(CosemContext context, in CosemData parameters, out CosemData returned)
    {
        returned = default;
        ActionResult result = TryRead(context, parameters[0], out AttributeDescriptor attribute, out CosemData array);
        if (result != ActionResult.Success) return result;
        int at = (int)parameters[1][0].ToNumber() - 1;
        if (at < 0 || at > array.Count) return ActionResult.ScopeOfAccessViolated;
        return (ActionResult)CosemAccess.Write(context, attribute, CosemData.Array([.. array.Items[..at], parameters[1][1], .. array.Items[at..]]), asClient: true);
    }

    private ActionResult Update(CosemContext context, in CosemData parameters, out CosemData returned)
    {
        returned = default;
        ActionResult result = TryRead(context, parameters[0], out AttributeDescriptor attribute, out CosemData array);
        if (result != ActionResult.Success) return result;
        int at = (int)parameters[1][0].ToNumber() - 1;
        if (at < 0 || at >= array.Count) return ActionResult.ScopeOfAccessViolated;
        return (ActionResult)CosemAccess.Write(context, attribute, CosemData.Array([.. array.Items[..at], parameters[1][1], .. array.Items[(at + 1)..]]), asClient: true);
    }

    private ActionResult Remove(CosemContext context, in CosemData parameters, out CosemData returned)
    {
        returned = default;
        ActionResult result = TryRead(context, parameters[0], out AttributeDescriptor attribute, out CosemData array);
        if (result != ActionResult.Success) return result;
        if (!TryRange(parameters[1], array.Count, out int from, out int count)) return ActionResult.ScopeOfAccessViolated;
        return (ActionResult)CosemAccess.Write(context, attribute, CosemData.Array([.. array.Items[..from], .. array.Items[(from + count)..]]), asClient: true);
    }

    private ActionResult TryRead(CosemContext context, in CosemData id, out AttributeDescriptor attribute, out CosemData array)
    {
        (attribute, array) = (default, default);
        foreach (ref readonly CosemData entry in _list.Items)
        {
            if (entry[0] != id) continue;
            attribute = entry[1].ToAttribute();
            DataAccessResult result = CosemAccess.Read(context, attribute, 0, out array, asClient: true);
            if (result != DataAccessResult.Success) return (ActionResult)result;
            return array.Type == CosemDataType.Array ? ActionResult.Success : ActionResult.TypeUnmatched;
        }
        return ActionResult.ObjectUndefined;
    }

    private static bool TryRange(in CosemData range, int entries, out int from, out int count)
    {
        long first = range[0].ToNumber(), last = range[1].ToNumber();
        if (last == 0) last = entries;
        (from, count) = ((int)first - 1, (int)(last - first + 1));
        return first >= 1 && last >= first && last <= entries;
    }

    private DataAccessResult Set(in CosemData value)
    {
        var seen = new HashSet<long>();
        foreach (ref readonly CosemData entry in value.Items)
        {
            if (!seen.Add(entry[0].ToNumber())) return DataAccessResult.OtherReason; // two arrays of one id
        }
        _list = value;
        return DataAccessResult.Success;
    }
}
