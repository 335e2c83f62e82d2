using NodaTime;
using Praman.Dlms.Axdr;

namespace Praman.Dlms.Cosem;

/// <summary>SpecialDaysTable, class_id 11, version 0 (IEC 62056-6-2): days that have a day profile of their own, as holidays have.</summary>
public sealed class SpecialDaysTable
{
    private const int EntryCountMax = 128;
    private const string Entry = "{ index: long-unsigned, specialday_date: date-octets, day_id: unsigned }";

    private CosemData _entries = CosemData.Array();

    public static CosemClass<SpecialDaysTable> Table { get; } = new(11, 0, "SpecialDaysTable",
        [new(2, "entries", $"array[128] of {Entry}", (t, _) => t._entries, (t, _, v) => t.Set(v), IsStatic: true)],
        [
            new(1, "insert", (SpecialDaysTable t, CosemContext _, CosemData p, out CosemData r) => t.Insert(p, out r), Entry),
            new(2, "delete", (SpecialDaysTable t, CosemContext _, CosemData p, out CosemData r) => t.Delete(p, out r), "long-unsigned"),
        ]);

    /// <summary>The day profile of a special day; false where the day is none. The entry of the lowest index counts.</summary>
    public bool TryFind(LocalDate day, out byte dayId)
    {
        dayId = 0;
        long index = long.MaxValue;
        foreach (ref readonly CosemData entry in _entries.Items)
        {
            if (entry[0].ToNumber() >= index || !DatePattern.Matches(entry[1].OctetSpan, day)) continue;
            (index, dayId) = (entry[0].ToNumber(), (byte)entry[2].ToNumber());
        }
        return index != long.MaxValue;
    }

    private DataAccessResult Set(in CosemData value)
    {
        for (int i = 0; i < value.Count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (value.Items[i][0] == value.Items[j][0]) return DataAccessResult.OtherReason; // two entries of one index
            }
        }
        _entries = value;
        return DataAccessResult.Success;
    }

    // An entry of that index is replaced.
    private ActionResult Insert(in CosemData entry, out CosemData returned)
    {
        returned = default;
        CosemData index = entry[0];
        CosemData[] others = [.. _entries.Items.ToArray().Where(e => e[0] != index)];
        if (others.Length == EntryCountMax) return ActionResult.OtherReason;
        _entries = CosemData.Array([.. others, entry]);
        return ActionResult.Success;
    }

    private ActionResult Delete(in CosemData index, out CosemData returned)
    {
        returned = default;
        CosemData key = index;
        CosemData[] others = [.. _entries.Items.ToArray().Where(e => e[0] != key)];
        if (others.Length == _entries.Count) return ActionResult.ObjectUndefined;
        _entries = CosemData.Array(others);
        return ActionResult.Success;
    }
}
