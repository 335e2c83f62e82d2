using NodaTime;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Metering;

namespace Praman.Dlms.Tests.Cosem;

/// <summary>Activity calendar, special days and schedule, as clients write them and as days go by.</summary>
public class CalendarTests
{
    private static readonly Instant Now = Instant.FromUtc(2026, 3, 31, 6, 0);
    private static readonly ObisCode Tariffs = new(0, 0, 10, 0, 100);

    private readonly ActivityCalendar _calendar = new();
    private readonly SpecialDaysTable _special = new();
    private readonly CosemObject<ActivityCalendar> _calendarObject;
    private readonly CosemObject<SpecialDaysTable> _specialObject;

    public CalendarTests()
    {
        _calendarObject = new(new(0, 0, 13, 0, 0), ActivityCalendar.Table, _calendar);
        _specialObject = new(new(0, 0, 11, 0, 0), SpecialDaysTable.Table, _special);
    }

    [Fact]
    public void ASeasonBeginsAndASpecialDayHasItsOwnProfile()
    {
        using var session = new Session(new ObjectsDevice(_calendarObject, _specialObject), Now);
        WritePassive(session);
        Assert.Empty(session.Get(_calendarObject, 3).Items.ToArray()); // not yet in force
        Assert.Null(_calendar.DayIdOn(new(2026, 3, 31)));
        Assert.Equal(ActionResult.Success, session.Invoke(_calendarObject, 1));
        Assert.Equal("SUMMER26", session.Get(_calendarObject, 2).Text);
        Assert.Equal(2, session.Get(_calendarObject, 3).Count);
        // 14 April, a holiday, each year.
        CosemData holiday = CosemData.Structure(CosemData.LongUnsigned(1), CosemData.OctetString([0xFF, 0xFF, 4, 14, 0xFF]), CosemData.Unsigned(9));
        Assert.Equal(ActionResult.Success, session.Invoke(_specialObject, 1, holiday));

        // Winter until 31 March (a Tuesday), summer from 1 April; winter again over the turn of the year.
        Assert.Equal((byte)1, _calendar.DayIdOn(new(2026, 3, 31), _special));
        Assert.Equal((byte)2, _calendar.DayIdOn(new(2026, 4, 1), _special));
        Assert.Equal((byte)3, _calendar.DayIdOn(new(2026, 4, 5), _special)); // Sunday
        Assert.Equal((byte)9, _calendar.DayIdOn(new(2026, 4, 14), _special));
        Assert.Equal((byte)2, _calendar.DayIdOn(new(2026, 4, 14)));
        Assert.Equal((byte)1, _calendar.DayIdOn(new(2027, 1, 4), _special));

        // 31 March to 1 April: winter's evening tariff holds until summer's first switch.
        var due = new List<ScheduledScript>();
        _calendar.CollectDue(new(2026, 3, 31, 12, 0), new(2026, 4, 1, 18, 0), _special, due);
        Assert.Equal([(new LocalDateTime(2026, 3, 31, 18, 0), 2), (new(2026, 4, 1, 6, 0), 3), (new(2026, 4, 1, 18, 0), 4)], due.Select(d => (d.At, (int)d.Script.Selector)));
        Assert.Equal(new ScriptReference(Tariffs, 2), _calendar.InForceAt(new(2026, 4, 1, 5, 59), _special));
        Assert.Equal(new ScriptReference(Tariffs, 3), _calendar.InForceAt(new(2026, 4, 1, 6, 0), _special));
        Assert.Equal(new ScriptReference(Tariffs, 7), _calendar.InForceAt(new(2026, 4, 14, 23, 0), _special)); // flat on the holiday
    }

    [Fact]
    public void ThePassiveCalendarWaitsForItsTime()
    {
        using var session = new Session(new ObjectsDevice(_calendarObject), Now);
        WritePassive(session);
        Assert.Equal(DataAccessResult.Success, session.Set(_calendarObject, 10, ObjectsDevice.Stamp(2026, 4, 1)));
        Assert.Equal("", session.Get(_calendarObject, 2).Text);
        session.Now = Instant.FromUtc(2026, 3, 31, 18, 30); // midnight in India
        Assert.Equal("SUMMER26", session.Get(_calendarObject, 2).Text);
        Assert.Equal(CosemData.DateTimeOctets(CosemDateTime.Wildcard), session.Get(_calendarObject, 10));
        Assert.Equal(DataAccessResult.ReadWriteDenied, session.Set(_calendarObject, 3, CosemData.Array()));
        Assert.Equal(DataAccessResult.TypeUnmatched, session.Set(_calendarObject, 8, CosemData.Array(CosemData.Unsigned(1))));
    }

    [Fact]
    public void DaysOfAPatternAreFound()
    {
        Assert.True(Special([0xFF, 0xFF, 2, 0xFE, 0xFF], new(2028, 2, 29))); // last of February
        Assert.True(Special([0xFF, 0xFF, 2, 0xFD, 0xFF], new(2028, 2, 28)));
        Assert.True(Special([0xFF, 0xFF, 3, 0xFE, 7], new(2026, 3, 29)));    // last Sunday of March
        Assert.False(Special([0xFF, 0xFF, 3, 0xFE, 7], new(2026, 3, 22)));
        Assert.True(Special([0xFF, 0xFF, 5, 8, 1], new(2026, 5, 11)));       // the Monday on or after 8 May
        Assert.False(Special([0xFF, 0xFF, 5, 8, 1], new(2026, 5, 4)));
        Assert.True(Special([0xFF, 0xFF, 0xFF, 0xFF, 5], new(2026, 5, 8)));  // every Friday
        Assert.False(Special([0x07, 0xE9, 5, 8, 0xFF], new(2026, 5, 8)));    // of another year
        Assert.False(Special([0xFF, 0xFF, 2, 30, 0xFF], new(2026, 3, 2)));   // no such day

        bool Special(byte[] date, LocalDate day)
        {
            var table = new SpecialDaysTable();
            var instance = new CosemObject<SpecialDaysTable>(new(0, 0, 11, 0, 0), SpecialDaysTable.Table, table);
            using var session = new Session(new ObjectsDevice(instance), Now);
            Assert.Equal(DataAccessResult.Success, session.Set(instance, 2,
                CosemData.Array(CosemData.Structure(CosemData.LongUnsigned(1), CosemData.OctetString(date), CosemData.Unsigned(1)))));
            return table.TryFind(day, out _);
        }
    }

    [Fact]
    public void SpecialDaysAreInsertedReplacedAndDeletedWithinTheirBound()
    {
        CosemData Entry(int index, byte id) =>
            CosemData.Structure(CosemData.LongUnsigned((ushort)index), CosemData.OctetString([0xFF, 0xFF, 1, 26, 0xFF]), CosemData.Unsigned(id));
        using var session = new Session(new ObjectsDevice(_specialObject), Now);
        for (int i = 0; i < 128; i++) Assert.Equal(ActionResult.Success, session.Invoke(_specialObject, 1, Entry(i, (byte)i)));
        Assert.Equal(ActionResult.OtherReason, session.Invoke(_specialObject, 1, Entry(128, 1)));
        Assert.Equal(ActionResult.Success, session.Invoke(_specialObject, 1, Entry(0, 77)));
        Assert.True(_special.TryFind(new(2026, 1, 26), out byte day));
        Assert.Equal(77, day);
        Assert.Equal(ActionResult.Success, session.Invoke(_specialObject, 2, CosemData.LongUnsigned(0)));
        Assert.Equal(ActionResult.ObjectUndefined, session.Invoke(_specialObject, 2, CosemData.LongUnsigned(0)));
        Assert.True(_special.TryFind(new(2026, 1, 26), out day));
        Assert.Equal(1, day);
        Assert.Equal(DataAccessResult.OtherReason, session.Set(_specialObject, 2, CosemData.Array(Entry(5, 1), Entry(5, 2))));
    }

    [Fact]
    public void AScheduleRunsOnItsDaysAndCatchesUpWithinItsWindow()
    {
        var schedule = new Schedule();
        var instance = new CosemObject<Schedule>(new(0, 0, 12, 0, 0), Schedule.Table, schedule);
        using var session = new Session(new ObjectsDevice(instance, _specialObject), Now);
        Assert.Equal(DataAccessResult.Success, session.Set(instance, 2, CosemData.Array(
            Entry(1, 1, [6, 0, 0, 0], 0, 0b1111100, []),         // working days at six, only on time
            Entry(2, 2, [22, 0, 0, 0], 120, 0b1111111, []),      // every day at ten in the evening, two hours late at most
            Entry(3, 3, [8, 0, 0, 0], 0xFFFF, 0, [0, 1])))); // special days of id 1 only, however late
        Assert.Equal(ActionResult.Success, session.Invoke(_specialObject, 1,
            CosemData.Structure(CosemData.LongUnsigned(1), CosemData.OctetString([0x07, 0xEA, 4, 2, 0xFF]), CosemData.Unsigned(1))));

        Assert.Equal([1], Due(new(2026, 4, 1, 5, 59), new(2026, 4, 1, 6, 0)));    // Wednesday
        Assert.Empty(Due(new(2026, 4, 4, 5, 59), new(2026, 4, 4, 6, 0)));         // Saturday
        Assert.Empty(Due(new(2026, 4, 1, 6, 0), new(2026, 4, 1, 21, 59)));
        Assert.Equal([3], Due(new(2026, 4, 1, 23, 0), new(2026, 4, 2, 20, 0)));   // 2 April is special: weekdays do not count
        // Off from Wednesday morning until an hour before midnight: what is two hours late at most is run.
        Assert.Equal([2], Due(new(2026, 4, 1, 5, 0), new(2026, 4, 1, 23, 0)));
        Assert.Empty(Due(new(2026, 4, 1, 5, 0), new(2026, 4, 2, 0, 1)));

        Assert.Equal(ActionResult.Success, session.Invoke(instance, 1, Ranges(1, 2, 0, 0)));
        Assert.Empty(Due(new(2026, 4, 1, 5, 59), new(2026, 4, 1, 6, 0)));
        Assert.Equal(ActionResult.Success, session.Invoke(instance, 1, Ranges(0, 0, 1, 1)));
        Assert.Equal([1], Due(new(2026, 4, 1, 5, 59), new(2026, 4, 1, 6, 0)));
        Assert.Equal(ActionResult.OtherReason, session.Invoke(instance, 1, Ranges(2, 1, 0, 0)));
        Assert.Equal(ActionResult.Success, session.Invoke(instance, 3, CosemData.Structure(CosemData.LongUnsigned(1), CosemData.LongUnsigned(2))));
        Assert.Equal(1, session.Get(instance, 2).Count);
        Assert.Equal(ActionResult.ObjectUndefined, session.Invoke(instance, 3, CosemData.Structure(CosemData.LongUnsigned(1), CosemData.LongUnsigned(2))));

        int[] Due(LocalDateTime after, LocalDateTime until)
        {
            var due = new List<ScheduledScript>();
            schedule.CollectDue(after, until, _special, due);
            return [.. due.Select(d => (int)d.Script.Selector)];
        }

        static CosemData Ranges(ushort a, ushort b, ushort c, ushort d) =>
            CosemData.Structure(CosemData.LongUnsigned(a), CosemData.LongUnsigned(b), CosemData.LongUnsigned(c), CosemData.LongUnsigned(d));
    }

    [Fact]
    public void AScheduleOfEveryMinuteIsBounded()
    {
        var schedule = new Schedule();
        var instance = new CosemObject<Schedule>(new(0, 0, 12, 0, 0), Schedule.Table, schedule);
        using var session = new Session(new ObjectsDevice(instance), Now);
        Assert.Equal(DataAccessResult.Success, session.Set(instance, 2, CosemData.Array(
            [.. Enumerable.Range(0, 64).Select(i => Entry((ushort)i, 1, [0xFF, 0xFF, 0xFF, 0xFF], 0xFFFF, 0b1111111, []))])));
        var due = new List<ScheduledScript>();
        schedule.CollectDue(new(2020, 1, 1, 0, 0), new(2026, 3, 3, 0, 0), null, due);
        Assert.Equal(1000, due.Count);
    }

    [Fact]
    public void TheNextTimeOfAFullScheduleIsFoundWithoutALookAtEachMinute()
    {
        var schedule = new Schedule();
        var instance = new CosemObject<Schedule>(new(0, 0, 12, 0, 0), Schedule.Table, schedule);
        using var session = new Session(new ObjectsDevice(instance), Now);
        Assert.Equal(DataAccessResult.Success, session.Set(instance, 2, CosemData.Array(
            [.. Enumerable.Range(0, 64).Select(i => Entry((ushort)i, 1, [0xFF, 0xFF, 0xFF, 0xFF], 0xFFFF, 0b1111111, []))])));
        LocalDateTime after = new(2026, 3, 3, 17, 4, 5), until = after.PlusDays(1);
        Assert.Equal(new LocalDateTime(2026, 3, 3, 17, 5), schedule.NextAfter(after, until, null));
        long before = GC.GetAllocatedBytesForCurrentThread();
        schedule.NextAfter(after, until, null);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void TheFirstTimeThatAPatternNamesIsTheFirstOfAllThatItNames()
    {
        LocalDate day = new(2026, 3, 3);
        byte[] anyDay = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
        LocalTime[] afters = [LocalTime.Midnight, new(0, 0, 30), new(6, 59, 59), new(7, 15), LocalTime.FromMillisecondsSinceMidnight((((7 * 60) + 15) * 60_000) + 500), new(7, 59), new(22, 59, 30), new(23, 59), LocalTime.MaxValue];
        foreach (byte hour in (byte[])[0xFF, 0, 7, 23, 24])
        {
            foreach (byte minute in (byte[])[0xFF, 0, 15, 59, 60])
            {
                foreach (byte second in (byte[])[0xFF, 0, 30, 60])
                {
                    LocalTime[] named =
                    [
                        .. from h in Enumerable.Range(0, 24) where hour == 0xFF || h == hour
                           from m in Enumerable.Range(0, 60) where minute == 0xFF || m == minute
                           where second is 0xFF or < 60
                           select new LocalTime(h, m, second == 0xFF ? 0 : second),
                    ];
                    foreach (LocalTime after in afters)
                    {
                        LocalDateTime? expected = named.Any(time => time > after) ? day.At(named.First(time => time > after)) : null;
                        Assert.Equal(expected, SingleActionSchedule.FirstAfter([([hour, minute, second, 0xFF], anyDay)], day.At(after), day.At(LocalTime.MaxValue)));
                    }
                }
            }
        }
    }

    [Fact]
    public void AnEntryHoldsInItsPeriodEvenOverTheTurnOfTheYear()
    {
        var schedule = new Schedule();
        var instance = new CosemObject<Schedule>(new(0, 0, 12, 0, 0), Schedule.Table, schedule);
        using var session = new Session(new ObjectsDevice(instance), Now);
        Assert.Equal(DataAccessResult.Success, session.Set(instance, 2, CosemData.Array(Entry(1, 1, [6, 0, 0, 0], 0, 0b1111111, [], [0xFF, 0xFF, 11, 15, 0xFF], [0xFF, 0xFF, 2, 15, 0xFF]))));
        foreach ((LocalDate day, bool runs) in new[] { (new LocalDate(2026, 11, 14), false), (new(2026, 11, 15), true), (new(2027, 2, 15), true), (new(2027, 2, 16), false) })
        {
            var due = new List<ScheduledScript>();
            schedule.CollectDue(day.At(new(5, 59)), day.At(new(6, 0)), null, due);
            Assert.Equal(runs, due.Count == 1);
        }
    }

    private static CosemData Entry(ushort index, ushort selector, byte[] time, ushort window, byte weekdays, int[] specialDays, byte[]? begin = null, byte[]? end = null)
    {
        byte[] anyDay = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
        byte bits = 0;
        foreach (int on in specialDays.Length > 0 ? new[] { specialDays[1] } : []) bits |= (byte)(0x80 >> on);
        return CosemData.Structure(CosemData.LongUnsigned(index), CosemData.Boolean(true), CosemData.LogicalName(Tariffs), CosemData.LongUnsigned(selector),
            CosemData.OctetString(time), CosemData.LongUnsigned(window), CosemData.BitString([(byte)(weekdays << 1)], 7), CosemData.BitString([bits], 8),
            CosemData.OctetString(begin ?? anyDay), CosemData.OctetString(end ?? anyDay));
    }

    private void WritePassive(Session session)
    {
        Assert.Equal(DataAccessResult.Success, session.Set(_calendarObject, 6, CosemData.OctetString("SUMMER26"u8)));
        Assert.Equal(DataAccessResult.Success, session.Set(_calendarObject, 7, CosemData.Array(Season("W", 10, "W"), Season("S", 4, "S"))));
        Assert.Equal(DataAccessResult.Success, session.Set(_calendarObject, 8, CosemData.Array(Week("W", 1, 1), Week("S", 2, 3))));
        Assert.Equal(DataAccessResult.Success, session.Set(_calendarObject, 9, CosemData.Array(Day(1, (6, 1), (18, 2)), Day(2, (18, 4), (6, 3)), Day(3, (0, 6)), Day(9, (0, 7)))));

        static CosemData Text(string value) => CosemData.OctetString(System.Text.Encoding.ASCII.GetBytes(value));
        static CosemData Season(string name, byte month, string week) => CosemData.Structure(Text(name),
            CosemData.DateTimeOctets(CosemDateTime.Wildcard with { Month = month, Day = 1, Hour = 0, Minute = 0, Second = 0 }), Text(week));
        static CosemData Week(string name, byte day, byte sunday) =>
            CosemData.Structure([Text(name), .. Enumerable.Repeat(CosemData.Unsigned(day), 6), CosemData.Unsigned(sunday)]);
        static CosemData Day(byte id, params (byte Hour, ushort Script)[] actions) => CosemData.Structure(CosemData.Unsigned(id), CosemData.Array([.. actions.Select(a =>
            CosemData.Structure(CosemData.OctetString([a.Hour, 0, 0, 0]), CosemData.LogicalName(Tariffs), CosemData.LongUnsigned(a.Script)))]));
    }
}
