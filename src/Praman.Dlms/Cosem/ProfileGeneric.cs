using NodaTime;
using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Cosem;

/// <summary>
/// ProfileGeneric, class_id 7, version 1 (IEC 62056-6-2): rows of values captured together. Rows are written straight into the
/// answer; ranges and entries are selected before anything is written. <see cref="ProfileRowReader"/> is its other end.
/// </summary>
public sealed partial class ProfileGeneric(ObisCode logicalName, IReadOnlyList<CaptureObject> captureObjects, ProfileRows rows) : CosemObject(logicalName)
{
    /// <summary>Columns, in order; the first is the time that ranges select by.</summary>
    public IReadOnlyList<CaptureObject> CaptureObjects { get; } = captureObjects.Count <= CaptureObject.CountMax
        ? captureObjects : throw new ArgumentException($"a profile has at most {CaptureObject.CountMax} columns", nameof(captureObjects));

    /// <summary>What the rows are made of.</summary>
    public ProfileRows Rows { get; } = rows;

    /// <summary>How the buffer is written.</summary>
    public ProfileEncoding Encoding { get; init; }

    /// <summary>Sets the capture period in seconds; read-write-denied where null.</summary>
    public Func<CosemContext, uint, DataAccessResult>? SetPeriod { get; init; }

    public static CosemClass<ProfileGeneric> Table { get; } = new(7, 1, "ProfileGeneric",
        [
            new(2, "buffer", CosemDataType.Array, null, Stream: WriteBuffer, HasSelectiveAccess: true),
            new(3, "capture_objects", "array[128] of capture-object", (p, _) => CosemData.Array([.. p.CaptureObjects.Select(c => c.ToData())]), IsStatic: true),
            new(4, "capture_period", CosemDataType.DoubleLongUnsigned, (p, c) => CosemData.DoubleLongUnsigned(p.Rows.PeriodSeconds(c)),
                (p, c, v) => p.SetPeriod is not null && v.TryGetInt64(out long seconds) ? p.SetPeriod(c, (uint)seconds) : DataAccessResult.ReadWriteDenied),
            new(5, "sort_method", "enum[1..6]", (p, c) => CosemData.Enumeration((byte)p.Rows.SortMethod(c)), IsStatic: true),
            new(6, "sort_object", "capture-object", (p, c) => p.SortObject(c).ToData(), IsStatic: true),
            new(7, "entries_in_use", CosemDataType.DoubleLongUnsigned, (p, c) => CosemData.DoubleLongUnsigned(p.CountRows(c, p.Rows.Numbers(c)))),
            new(8, "profile_entries", CosemDataType.DoubleLongUnsigned, (p, c) => CosemData.DoubleLongUnsigned(p.Rows.EntryCountMax(c))),
        ],
        [
            new(1, "reset", (ProfileGeneric p, CosemContext c, CosemData _, out CosemData r) => Done(p.Rows.Reset(c), out r), "integer"),
            new(2, "capture", (ProfileGeneric p, CosemContext c, CosemData _, out CosemData r) => Done(p.Rows.Capture(c), out r), "integer"),
        ])
    { Words = "profile" };

    public override CosemClass Class => Table;

    private static DataAccessResult WriteBuffer(ProfileGeneric profile, CosemContext context, SelectiveAccess? selection, ref AxdrWriter writer)
    {
        DataAccessResult result = profile.TrySelect(context, selection, out RowNumbers numbers, out ProfileColumns columns, out RowFilter? filter);
        if (result == DataAccessResult.Success) profile.WriteRows(context, numbers, columns, filter, ref writer);
        return result;
    }

    private void WriteRows(CosemContext context, RowNumbers numbers, ProfileColumns columns, RowFilter? filter, ref AxdrWriter writer)
    {
        if (Encoding != ProfileEncoding.Plain && filter is null)
        {
            new ProfilePacking().Write(Rows, context, numbers, columns, Encoding, ref writer);
            return;
        }
        writer.WriteArrayHeader((int)CountRows(context, numbers, filter));
        for (long number = numbers.First; number <= numbers.Last; number++)
        {
            if (Rows.Exists(context, number) && (filter is null || Rows.Matches(context, number, filter))) Rows.WriteRow(context, number, columns, ref writer);
        }
    }

    private CaptureObject SortObject(CosemContext context)
    {
        int column = Rows.SortColumn(context);
        return column < CaptureObjects.Count ? CaptureObjects[column] : default;
    }

    private static ActionResult Done(ActionResult result, out CosemData returned)
    {
        returned = default;
        return result;
    }

    private DataAccessResult TrySelect(
        CosemContext context, SelectiveAccess? selection, out RowNumbers numbers, out ProfileColumns columns, out RowFilter? filter)
    {
        numbers = Rows.Numbers(context);
        columns = ProfileColumns.All;
        filter = null;
        if (selection is null) return DataAccessResult.Success;
        if (selection.TryGetRange(out AttributeDescriptor restricting, out CosemData from, out CosemData to, out CosemData selected))
            return SelectRange(context, restricting, from, to, selected, ref numbers, out columns, out filter);
        if (selection.TryGetEntry(out uint first, out uint last, out ushort firstColumn, out ushort lastColumn))
            return SelectEntries(context, first, last, firstColumn, lastColumn, ref numbers, out columns);
        return selection.Selector is SelectiveAccess.RangeSelector or SelectiveAccess.EntrySelector
            ? DataAccessResult.TypeUnmatched : DataAccessResult.ScopeOfAccessViolated;
    }

    private DataAccessResult SelectRange(
        CosemContext context, AttributeDescriptor restricting, in CosemData from, in CosemData to, in CosemData selected, ref RowNumbers numbers, out ProfileColumns columns,
        out RowFilter? filter)
    {
        columns = ProfileColumns.All;
        filter = null;
        int restricted = IndexOf(restricting);
        if (restricted < 0 || (restricted > 0 && !Rows.FiltersByValue)) return DataAccessResult.ScopeOfAccessViolated;
        Instant start = Instant.MinValue, end = Instant.MaxValue;
        if (Rows.FiltersByValue) filter = new(restricted, from, to);
        else if (!TryBound(context, from, Instant.MinValue, out start) || !TryBound(context, to, Instant.MaxValue, out end)) return DataAccessResult.TypeUnmatched;
        DataAccessResult chosen = SelectColumns(selected, ref columns);
        if (chosen != DataAccessResult.Success) return chosen;
        if (filter is null) numbers = start > end ? RowNumbers.None : numbers.Intersect(Rows.NumbersWithin(context, start, end));
        return DataAccessResult.Success;
    }

    // None chosen are all.
    private DataAccessResult SelectColumns(in CosemData selected, ref ProfileColumns columns)
    {
        if (selected.Count == 0) return DataAccessResult.Success;
        UInt128 mask = 0;
        foreach (CosemData item in selected.Items)
        {
            if (!CaptureObject.TryFrom(item, out CaptureObject column)) return DataAccessResult.TypeUnmatched;
            int index = IndexOf(column);
            if (index < 0) return DataAccessResult.ObjectUndefined;
            mask |= UInt128.One << index;
        }
        columns = new(mask);
        return DataAccessResult.Success;
    }

    private DataAccessResult SelectEntries(
        CosemContext context, uint first, uint last, ushort firstColumn, ushort lastColumn, ref RowNumbers numbers, out ProfileColumns columns)
    {
        columns = ProfileColumns.All;
        int toColumn = lastColumn == 0 || lastColumn > CaptureObjects.Count ? CaptureObjects.Count : lastColumn;
        if (first == 0 || firstColumn == 0 || firstColumn > toColumn || (last != 0 && last < first)) return DataAccessResult.OtherReason;
        columns = new(ProfileColumns.FirstOf(toColumn) & ~ProfileColumns.FirstOf(firstColumn - 1));
        numbers = NumbersOfEntries(context, numbers, first, last == 0 ? uint.MaxValue : last);
        return DataAccessResult.Success;
    }

    // Entries count the rows that exist; numbers also those that were lost.
    private RowNumbers NumbersOfEntries(CosemContext context, RowNumbers all, uint first, uint last)
    {
        long from = -1, to = -1;
        uint entry = 0;
        for (long number = all.First; number <= all.Last && entry < last; number++)
        {
            if (!Rows.Exists(context, number)) continue;
            entry++;
            if (entry == first) from = number;
            if (entry >= first) to = number;
        }
        return from < 0 && to < 0 ? RowNumbers.None : new(from, to);
    }

    private static bool TryBound(CosemContext context, in CosemData value, Instant open, out Instant bound)
    {
        bound = open;
        if (value.IsNull) return true;
        if (!value.TryGetDateTime(out CosemDateTime time)) return false;
        if (time.Year == CosemDateTime.YearNotSpecified) return true; // not specified: open on this side
        return time.TryToInstant(context.Device.OffsetAt(context.Now), out bound);
    }

    private uint CountRows(CosemContext context, RowNumbers numbers, RowFilter? filter = null)
    {
        uint count = 0;
        for (long number = numbers.First; number <= numbers.Last; number++)
            count += Rows.Exists(context, number) && (filter is null || Rows.Matches(context, number, filter)) ? 1u : 0;
        return count;
    }

    private int IndexOf(AttributeDescriptor attribute)
    {
        for (int i = 0; i < CaptureObjects.Count; i++)
        {
            if (CaptureObjects[i].Attribute == attribute) return i;
        }
        return -1;
    }

    private int IndexOf(CaptureObject column)
    {
        for (int i = 0; i < CaptureObjects.Count; i++)
        {
            if (CaptureObjects[i] == column) return i;
        }
        return -1;
    }
}
