using NodaTime;
using Praman.Dlms.Axdr;

namespace Praman.Dlms.Cosem;

/// <summary>A script that a schedule runs, and when it was due.</summary>
public readonly record struct ScheduledScript(LocalDateTime At, ushort Index, ScriptReference Script);

/// <summary>
/// Schedule, class_id 10, version 0 (IEC 62056-6-2): scripts by time of day, weekday, special day and period. What fell due while the device was
/// off is run late, within the entry's validity window.
/// </summary>
public sealed class Schedule
{
    private const int EntryCountMax = 64;
    private const int LateSeconds = 60;
    private const int UnlimitedWindow = 0xFFFF;
    private const int DaysBackMax = 8;
    private const int DueCountMax = 1000;
    private const string Entry = "{ index: long-unsigned, enable: boolean, script_logical_name: logical-name, script_selector: long-unsigned, switch_time: time-octets, "
        + "validity_window: long-unsigned, exec_weekdays: bit-string[7], exec_specdays: bit-string[0..256], begin_date: date-octets, end_date: date-octets }";

    private readonly IndexedEntries _entries = new(EntryCountMax);

    public static CosemClass<Schedule> Table { get; } = new(10, 0, "Schedule",
        [new(2, "entries", $"array[64] of {Entry}", (s, _) => s._entries.Value, (s, _, v) => s._entries.Set(v), IsStatic: true)],
        [
            new(1, "enable_disable", (Schedule s, CosemContext _, CosemData p, out CosemData r) => s.EnableDisable(p, out r),
                "{ first_index_A: long-unsigned, last_index_A: long-unsigned, first_index_B: long-unsigned, last_index_B: long-unsigned }"),
            new(2, "insert", (Schedule s, CosemContext _, CosemData p, out CosemData r) => s._entries.Insert(p, out r), Entry),
            new(3, "delete", (Schedule s, CosemContext _, CosemData p, out CosemData r) => s._entries.Delete(p[0].ToNumber(), p[1].ToNumber(), out r), "{ first_index: long-unsigned, last_index: long-unsigned }"),
        ]);

    /// <summary>
    /// Notes what falls due in (<paramref name="after"/>, <paramref name="until"/>], by time, then index. What is more than a minute late counts
    /// as missed while the device was off; it is due where the validity window (minutes) still holds. At most eight days back are looked at, and
    /// at most a thousand scripts are due at once.
    /// </summary>
    /// <param name="after">Local time up to which scripts were run before.</param>
    /// <param name="until">Local time now.</param>
    /// <param name="specialDays">Special days, which exec_specdays chooses by their day id; null where there are none.</param>
    /// <param name="due">Takes what is due.</param>
    public void CollectDue(LocalDateTime after, LocalDateTime until, SpecialDaysTable? specialDays, ICollection<ScheduledScript> due)
    {
        ArgumentNullException.ThrowIfNull(due);
        LocalDateTime earliest = until.PlusDays(-DaysBackMax);
        if (after < earliest) after = earliest;
        var found = new List<ScheduledScript>();
        for (LocalDate day = after.Date; day <= until.Date; day = day.PlusDays(1))
        {
            foreach (ref readonly CosemData entry in _entries.Items)
            {
                if (entry[1].ToNumber() == 0 || !RunsOn(entry, day, specialDays)) continue;
                AddTimes(entry, day, after, until, found);
            }
        }
        foreach (ScheduledScript script in found.OrderBy(s => s.At).ThenBy(s => s.Index)) due.Add(script);
    }

    /// <summary>The first time in (<paramref name="after"/>, <paramref name="until"/>] at which an entry is to run; null where there is none.</summary>
    public LocalDateTime? NextAfter(LocalDateTime after, LocalDateTime until, SpecialDaysTable? specialDays)
    {
        LocalDateTime? first = null;
        for (LocalDate day = after.Date; first is null && day <= until.Date; day = day.PlusDays(1))
        {
            foreach (ref readonly CosemData entry in _entries.Items)
            {
                if (entry[1].ToNumber() == 0 || !RunsOn(entry, day, specialDays)) continue;
                if (DatePattern.TimeAfter(entry[4].OctetSpan, TimeOn(day, after)) is not { } time) continue;
                LocalDateTime at = day.At(time);
                if (at <= until && (first is null || at < first)) first = at;
            }
        }
        return first;
    }

    // On the day of an instant only what is later counts.
    private static LocalTime? TimeOn(LocalDate day, LocalDateTime after) => day == after.Date ? after.TimeOfDay : null;

    private static void AddTimes(in CosemData entry, LocalDate day, LocalDateTime after, LocalDateTime until, List<ScheduledScript> found)
    {
        long window = entry[5].ToNumber();
        var script = new ScriptReference(entry[2].ToName(), (ushort)entry[3].ToNumber());
        for (LocalTime? next = TimeOn(day, after); (next = DatePattern.TimeAfter(entry[4].OctetSpan, next)) is { } time;)
        {
            LocalDateTime at = day.At(time);
            if (at > until) return;
            long late = (long)Period.Between(at, until, PeriodUnits.Seconds).Seconds;
            if (found.Count == DueCountMax) return;
            if (late > LateSeconds && window != UnlimitedWindow && late > window * 60) continue;
            found.Add(new(at, (ushort)entry[0].ToNumber(), script));
        }
    }

    // On a special day, exec_specdays decides; on others the weekday, Monday first.
    private static bool RunsOn(in CosemData entry, LocalDate day, SpecialDaysTable? specialDays)
    {
        if (!IsWithin(entry[8].OctetSpan, entry[9].OctetSpan, day)) return false;
        return specialDays is not null && specialDays.TryFind(day, out byte dayId) ? entry[7].Bit(dayId) : entry[6].Bit((int)day.DayOfWeek - 1);
    }

    // A date with an open year returns each year; then the end may lie before the begin, over the turn of the year.
    private static bool IsWithin(ReadOnlySpan<byte> begin, ReadOnlySpan<byte> end, LocalDate day)
    {
        bool hasBegin = TryDate(begin, day.Year, out LocalDate from, out bool beginReturns), hasEnd = TryDate(end, day.Year, out LocalDate to, out bool endReturns);
        if (hasBegin && hasEnd && beginReturns && endReturns && to < from) return day >= from || day <= to;
        return (!hasBegin || day >= from) && (!hasEnd || day <= to);
    }

    private static bool TryDate(ReadOnlySpan<byte> date, int year, out LocalDate day, out bool returns)
    {
        int given = (date[0] << 8) | date[1];
        returns = given == CosemDateTime.YearNotSpecified;
        return DatePattern.TryDateIn(date, returns ? year : given, out day);
    }

    // Range A is disabled, then range B enabled; a range of 0 to 0 is none.
    private ActionResult EnableDisable(in CosemData ranges, out CosemData returned)
    {
        returned = default;
        (long firstA, long lastA, long firstB, long lastB) = (ranges[0].ToNumber(), ranges[1].ToNumber(), ranges[2].ToNumber(), ranges[3].ToNumber());
        if (lastA < firstA || lastB < firstB) return ActionResult.OtherReason;
        _entries.Change(entry =>
        {
            long index = entry[0].ToNumber();
            bool disables = lastA != 0 && index >= firstA && index <= lastA, enables = lastB != 0 && index >= firstB && index <= lastB;
            if (!disables && !enables) return entry;
            CosemData[] fields = entry.Items.ToArray();
            fields[1] = CosemData.Boolean(enables);
            return CosemData.Structure(fields);
        });
        return ActionResult.Success;
    }
}
