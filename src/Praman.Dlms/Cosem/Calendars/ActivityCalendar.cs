using NodaTime;
using Praman.Dlms.Axdr;

namespace Praman.Dlms.Cosem;

/// <summary>
/// ActivityCalendar, class_id 20, version 0 (IEC 62056-6-2): seasons name a week, a week names the day profile of each weekday, a day profile says
/// which script runs when (a time with open fields is none); a special day has its own. Clients write the passive calendar, which takes the active one's place at its time.
/// </summary>
public sealed class ActivityCalendar
{
    private const int DaysBackMax = 8;
    private const string Name = "octet-string[0..32]";
    private const string Seasons = "array[16] of { season_profile_name: octet-string[0..32], season_start: date-time-octets, week_name: octet-string[0..32] }";
    private const string Weeks = "array[16] of { week_profile_name: octet-string[0..32], monday: unsigned, tuesday: unsigned, wednesday: unsigned, thursday: unsigned, "
        + "friday: unsigned, saturday: unsigned, sunday: unsigned }";
    private const string Days = "array[32] of { day_id: unsigned, day_schedule: array[24] of { start_time: time-octets, script_logical_name: logical-name, script_selector: long-unsigned } }";

    private static readonly CosemDateTime Never = CosemDateTime.Wildcard;

    private readonly CosemData[] _active = [CosemData.OctetString([]), CosemData.Array(), CosemData.Array(), CosemData.Array()];
    private readonly CosemData[] _passive = [CosemData.OctetString([]), CosemData.Array(), CosemData.Array(), CosemData.Array()];
    private CosemDateTime _activateAt = Never;

    public static CosemClass<ActivityCalendar> Table { get; } = new(20, 0, "ActivityCalendar",
        [
            new(2, "calendar_name_active", Name, (a, c) => a.Active(c, 0), IsStatic: true),
            new(3, "season_profile_active", Seasons, (a, c) => a.Active(c, 1), IsStatic: true),
            new(4, "week_profile_table_active", Weeks, (a, c) => a.Active(c, 2), IsStatic: true),
            new(5, "day_profile_table_active", Days, (a, c) => a.Active(c, 3), IsStatic: true),
            new(6, "calendar_name_passive", Name, (a, _) => a._passive[0], (a, _, v) => a.SetPassive(0, v), IsStatic: true),
            new(7, "season_profile_passive", Seasons, (a, _) => a._passive[1], (a, _, v) => a.SetPassive(1, v), IsStatic: true),
            new(8, "week_profile_table_passive", Weeks, (a, _) => a._passive[2], (a, _, v) => a.SetPassive(2, v), IsStatic: true),
            new(9, "day_profile_table_passive", Days, (a, _) => a._passive[3], (a, _, v) => a.SetPassive(3, v), IsStatic: true),
            new(10, "activate_passive_calendar_time", "date-time-octets", (a, _) => CosemData.DateTimeOctets(a._activateAt), (a, c, v) => a.SetActivation(c, v), IsStatic: true),
        ],
        [new(1, "activate_passive_calendar", (ActivityCalendar a, CosemContext _, CosemData _, out CosemData r) => a.Activate(out r), "integer")]);

    /// <summary>Told after another calendar came into force.</summary>
    public Action? Activated { get; set; }

    /// <summary>When the passive calendar comes into force by itself; null where it does not.</summary>
    public LocalDateTime? ActivatesAt => _activateAt.TryToLocal(out LocalDateTime at) ? at : null;

    /// <summary>Name of the calendar in force.</summary>
    public ReadOnlySpan<byte> ActiveName => _active[0].OctetSpan;

    /// <summary>Puts the passive calendar in force.</summary>
    public void ActivatePassive()
    {
        _passive.CopyTo(_active, 0);
        _activateAt = Never;
        Activated?.Invoke();
    }

    /// <summary>Puts the passive calendar in force where its time has come. Fields left open in that time make it never come by itself.</summary>
    public void Advance(LocalDateTime now)
    {
        if (_activateAt.TryToLocal(out LocalDateTime at) && now >= at) ActivatePassive();
    }

    /// <summary>The day profile of a day: the special day's, else that of the weekday in the week of the season in force then; null where none is named.</summary>
    public byte? DayIdOn(LocalDate day, SpecialDaysTable? specialDays = null)
    {
        if (specialDays is not null && specialDays.TryFind(day, out byte special)) return special;
        if (SeasonAt(day) is not { } season) return null;
        foreach (ref readonly CosemData week in _active[2].Items)
        {
            if (week[0] == season[2]) return (byte)week[(int)day.DayOfWeek].ToNumber();
        }
        return null;
    }

    /// <summary>The script whose time came last at or before an instant: the tariff in force. Null where none did within eight days.</summary>
    public ScriptReference? InForceAt(LocalDateTime at, SpecialDaysTable? specialDays = null)
    {
        for (int back = 0; back <= DaysBackMax; back++)
        {
            LocalDate day = at.Date.PlusDays(-back);
            ScheduledScript? latest = null;
            foreach (ScheduledScript script in ActionsOn(day, specialDays))
            {
                if (script.At <= at && (latest is null || script.At >= latest.Value.At)) latest = script;
            }
            if (latest is { } found) return found.Script;
        }
        return null;
    }

    /// <summary>Notes the scripts whose time lies in (<paramref name="after"/>, <paramref name="until"/>], by time; at most eight days back.</summary>
    public void CollectDue(LocalDateTime after, LocalDateTime until, SpecialDaysTable? specialDays, ICollection<ScheduledScript> due)
    {
        ArgumentNullException.ThrowIfNull(due);
        LocalDateTime earliest = until.PlusDays(-DaysBackMax);
        if (after < earliest) after = earliest;
        for (LocalDate day = after.Date; day <= until.Date; day = day.PlusDays(1))
        {
            foreach (ScheduledScript script in ActionsOn(day, specialDays).OrderBy(s => s.At))
            {
                if (script.At > after && script.At <= until) due.Add(script);
            }
        }
    }

    private IEnumerable<ScheduledScript> ActionsOn(LocalDate day, SpecialDaysTable? specialDays)
    {
        if (DayIdOn(day, specialDays) is not { } dayId) yield break;
        foreach (CosemData profile in _active[3].Items.ToArray())
        {
            if (profile[0].ToNumber() != dayId) continue;
            foreach (CosemData action in profile[1].Items.ToArray())
            {
                var script = new ScriptReference(action[1].ToName(), (ushort)action[2].ToNumber());
                if (DatePattern.TryTime(action[0].OctetSpan, out LocalTime time)) yield return new(day.At(time), dayId, script);
            }
            yield break;
        }
    }

    // The season that began last, this year or the year before; one without a date is in force before all others.
    private CosemData? SeasonAt(LocalDate day)
    {
        CosemData? season = null;
        LocalDate begun = LocalDate.MinIsoValue;
        foreach (CosemData candidate in _active[1].Items.ToArray())
        {
            LocalDate? start = StartOf(candidate[1].OctetSpan, day);
            if (start is not { } at || (season is not null && at <= begun)) continue;
            (season, begun) = (candidate, at);
        }
        return season;
    }

    private static LocalDate? StartOf(ReadOnlySpan<byte> dateTime, LocalDate day)
    {
        ReadOnlySpan<byte> date = dateTime[..DatePattern.DateLength];
        int year = (date[0] << 8) | date[1];
        if (date[2] == CosemDateTime.NotSpecified) return LocalDate.MinIsoValue;
        if (year != CosemDateTime.YearNotSpecified) return DatePattern.TryDateIn(date, year, out LocalDate given) && given <= day ? given : null;
        if (DatePattern.TryDateIn(date, day.Year, out LocalDate start) && start <= day) return start;
        return DatePattern.TryDateIn(date, day.Year - 1, out start) ? start : null;
    }

    private CosemData Active(CosemContext context, int part)
    {
        Advance(context.Device.LocalTimeAt(context.Now));
        return _active[part];
    }

    private DataAccessResult SetPassive(int part, in CosemData value)
    {
        _passive[part] = value;
        return DataAccessResult.Success;
    }

    // A time that is past activates at once.
    private DataAccessResult SetActivation(CosemContext context, in CosemData value)
    {
        value.TryGetDateTime(out _activateAt);
        Advance(context.Device.LocalTimeAt(context.Now));
        return DataAccessResult.Success;
    }

    private ActionResult Activate(out CosemData returned)
    {
        returned = default;
        ActivatePassive();
        return ActionResult.Success;
    }
}
