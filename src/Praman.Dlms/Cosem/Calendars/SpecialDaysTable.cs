using NodaTime;
using Praman.Dlms.Axdr;

namespace Praman.Dlms.Cosem;

/// <summary>SpecialDaysTable, class_id 11, version 0 (IEC 62056-6-2): days that have a day profile of their own, as holidays have.</summary>
public sealed class SpecialDaysTable
{
    private const int EntryCountMax = 128;
    private const string Entry = "{ index: long-unsigned, specialday_date: date-octets, day_id: unsigned }";

    private readonly IndexedEntries _entries = new(EntryCountMax);

    public static CosemClass<SpecialDaysTable> Table { get; } = new(11, 0, "SpecialDaysTable",
        [new(2, "entries", $"array[128] of {Entry}", (t, _) => t._entries.Value, (t, _, v) => t._entries.Set(v), IsStatic: true)],
        [
            new(1, "insert", (SpecialDaysTable t, CosemContext _, CosemData p, out CosemData r) => t._entries.Insert(p, out r), Entry),
            new(2, "delete", (SpecialDaysTable t, CosemContext _, CosemData p, out CosemData r) => t._entries.Delete(p.ToNumber(), p.ToNumber(), out r), "long-unsigned"),
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
}
