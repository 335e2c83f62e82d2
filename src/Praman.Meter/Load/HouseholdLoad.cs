using NodaTime;

namespace Praman.Meter.Load;

/// <summary>
/// An Indian household that follows from a seed: base load, morning and evening peaks, weekdays and weekends, cooling from
/// April to September, a water heater in winter mornings, days away, occasional spikes and, for some, a roof plant. Only
/// whole-number arithmetic, so that a seed gives the same Wh on every machine.
/// </summary>
public sealed class HouseholdLoad : ILoadSource
{
    /// <summary>Slots of a day: a quarter of an hour each.</summary>
    public const int SlotsPerDay = 96;

    private const int SlotMinutes = 15;
    private static readonly long SlotTicks = Duration.FromMinutes(SlotMinutes).BclCompatibleTicks;
    private static readonly long DayTicks = Duration.FromDays(1).BclCompatibleTicks;

    // Share of a household's activity by hour, in thousandths of its peak: at work, and at home.
    private static readonly int[] Workday =
        [180, 150, 140, 140, 180, 360, 620, 760, 640, 420, 300, 260, 280, 300, 270, 260, 320, 460, 700, 920, 1000, 940, 640, 330];
    private static readonly int[] Restday =
        [200, 170, 150, 150, 170, 260, 430, 640, 760, 720, 600, 560, 620, 660, 560, 480, 480, 560, 740, 940, 1000, 960, 700, 380];

    // By month: cooling and water heating in thousandths of what the home owns.
    private static readonly int[] Cooling = [0, 40, 220, 600, 950, 1000, 820, 760, 640, 300, 60, 0];
    private static readonly int[] Heating = [1000, 700, 250, 40, 0, 0, 0, 0, 0, 60, 400, 900];
    private static readonly int[] CoolingByHour =
        [720, 640, 560, 480, 400, 300, 200, 180, 220, 300, 420, 540, 640, 720, 760, 740, 680, 600, 620, 740, 880, 960, 1000, 880];
    private static readonly int[] HeatingByHour = [0, 0, 0, 0, 60, 360, 1000, 900, 420, 120, 20, 0, 0, 0, 0, 0, 0, 40, 120, 160, 100, 60, 20, 0];
    private static readonly int[] SunByHour = [0, 0, 0, 0, 0, 0, 60, 220, 450, 680, 860, 970, 1000, 960, 850, 670, 430, 200, 50, 0, 0, 0, 0, 0];

    private readonly ulong _seed;
    private readonly long _originTicks;
    private readonly int _baseW, _activityW, _coolingW, _heatingW, _solarW;
    private readonly bool _worksAway;
    private LoadTotals[] _beforeDay = [default];
    private int _dayCount;

    /// <param name="seed">What makes this home itself.</param>
    /// <param name="start">Totals are zero before the local midnight at or before this.</param>
    /// <param name="offset">Local time, for the hours of the day; without summer time.</param>
    /// <param name="solarPeakW">Peak of a roof plant in W; 0 for none.</param>
    public HouseholdLoad(ulong seed, Instant start, Offset offset, int solarPeakW = 0)
    {
        _seed = SeedHash.Of(seed, 0x10AD);
        long local = start.ToUnixTimeTicks() + offset.Ticks;
        _originTicks = local - Modulo(local, DayTicks) - offset.Ticks;
        OriginDay = LocalDate.FromDateTime(DateTime.UnixEpoch).PlusDays((int)((_originTicks + offset.Ticks) / DayTicks));
        _baseW = 40 + SeedHash.Below(SeedHash.Of(_seed, 1), 90);
        _activityW = 220 + SeedHash.Below(SeedHash.Of(_seed, 2), 700);
        int owns = SeedHash.Below(SeedHash.Of(_seed, 3), 10);
        _coolingW = owns < 4 ? 60 + (owns * 25) : owns < 8 ? 450 + (owns * 60) : 1300 + (owns * 40); // fans, a cooler, an air conditioner
        _heatingW = SeedHash.Below(SeedHash.Of(_seed, 4), 3) == 0 ? 0 : 700 + SeedHash.Below(SeedHash.Of(_seed, 5), 900);
        _worksAway = SeedHash.Below(SeedHash.Of(_seed, 6), 10) < 7;
        _solarW = solarPeakW;
        PowerFactorPermille = 880 + SeedHash.Below(SeedHash.Of(_seed, 7), 110);
    }

    public int PowerFactorPermille { get; }

    public ulong Seed => _seed;

    private LocalDate OriginDay { get; }

    public bool IsKnown(Instant start, Instant end) => true;

    public int VoltageCentivolts(Instant start)
    {
        long slot = FloorDivide(start.ToUnixTimeTicks() - _originTicks, SlotTicks);
        int hour = (int)(Modulo(slot, SlotsPerDay) / 4);
        return 23_600 - (Workday[hour] * 9 / 10) + SeedHash.Below(SeedHash.Of(_seed, 8, (ulong)slot), 500) - 250;
    }

    public LoadTotals TotalsAt(Instant at, LoadCursor cursor)
    {
        ArgumentNullException.ThrowIfNull(cursor);
        long ticks = at.ToUnixTimeTicks() - _originTicks;
        if (ticks <= 0) return default;
        int day = (int)(ticks / DayTicks);
        long inDay = ticks % DayTicks;
        LoadTotals before = BeforeDay(day);
        if (inDay == 0) return before;
        if (!ReferenceEquals(cursor.Source, this) || cursor.Day != day) FillDay(day, cursor);
        int slot = (int)(inDay / SlotTicks);
        long inSlot = inDay % SlotTicks;
        LoadTotals total = before + cursor.Before[slot];
        if (inSlot == 0) return total;
        LoadTotals whole = cursor.Before[slot + 1] - cursor.Before[slot];
        return total + new LoadTotals(whole.ImportWh * inSlot / SlotTicks, whole.ExportWh * inSlot / SlotTicks);
    }

    private LoadTotals BeforeDay(int day)
    {
        if (day < _dayCount + 1) return _beforeDay[day];
        if (_beforeDay.Length <= day) Array.Resize(ref _beforeDay, Math.Max(day + 1, Math.Min(_beforeDay.Length * 2, _beforeDay.Length + 64)));
        for (int d = _dayCount; d < day; d++) _beforeDay[d + 1] = _beforeDay[d] + SumDay(d);
        _dayCount = day;
        return _beforeDay[day];
    }

    private LoadTotals SumDay(int day)
    {
        LoadTotals sum = default;
        var home = DayOf(day);
        for (int slot = 0; slot < SlotsPerDay; slot++) sum += Slot(day, slot, home);
        return sum;
    }

    private void FillDay(int day, LoadCursor cursor)
    {
        LoadTotals sum = default;
        var home = DayOf(day);
        for (int slot = 0; slot < SlotsPerDay; slot++)
        {
            cursor.Before[slot] = sum;
            sum += Slot(day, slot, home);
        }
        cursor.Before[SlotsPerDay] = sum;
        cursor.Source = this;
        cursor.Day = day;
    }

    private readonly record struct DayShape(int[] Hours, int Cooling, int Heating, bool Away, int Cloud);

    private DayShape DayOf(int day)
    {
        LocalDate date = OriginDay.PlusDays(day);
        LocalDate next = date.PlusDays(14);
        bool rest = date.DayOfWeek is IsoDayOfWeek.Sunday || (date.DayOfWeek is IsoDayOfWeek.Saturday && _seed % 2 == 0) || !_worksAway;
        ulong hash = SeedHash.Of(_seed, 9, (ulong)day);
        int weather = 800 + SeedHash.Below(hash, 400);
        return new(rest ? Restday : Workday,
            Between(Cooling, date, next) * weather / 1000,
            Between(Heating, date, next) * weather / 1000,
            Away: SeedHash.Below(SeedHash.Of(_seed, 10, (ulong)(day / 3)), 40) == 0,
            Cloud: 350 + SeedHash.Below(SeedHash.Of(_seed, 11, (ulong)day), 650));
    }

    // Months flow into one another: the second half of a month leans to the next.
    private static int Between(int[] byMonth, LocalDate date, LocalDate next) => (byMonth[date.Month - 1] + byMonth[next.Month - 1]) / 2;

    private LoadTotals Slot(int day, int slot, DayShape home)
    {
        int hour = slot / 4, part = slot % 4, following = (hour + 1) % 24;
        ulong hash = SeedHash.Of(_seed, 12, ((ulong)(uint)day << 8) | (uint)slot);
        int noise = 700 + SeedHash.Below(hash, 600);
        int watts = _baseW + ((slot + (int)(_seed % 5)) % 5 < 2 ? 70 : 0); // the refrigerator's compressor
        if (!home.Away)
        {
            int activity = ((home.Hours[hour] * (4 - part)) + (home.Hours[following] * part)) / 4;
            watts += _activityW * activity / 1000 * noise / 1000;
            watts += _coolingW * home.Cooling / 1000 * CoolingByHour[hour] / 1000 * (500 + (noise / 2)) / 1000;
            watts += _heatingW * home.Heating / 1000 * HeatingByHour[hour] / 1000 * noise / 1000;
            ulong spike = SeedHash.Of(hash, 13);
            if (hour is >= 6 and < 22 && SeedHash.Below(spike, 90) == 0) watts += 800 + SeedHash.Below(spike * 31, 1600); // iron, kettle, pump
        }
        int sun = _solarW == 0 ? 0 : _solarW * SunByHour[hour] / 1000 * home.Cloud / 1000;
        int net = watts - sun;
        return net >= 0 ? new LoadTotals((net * SlotMinutes / 60) + (int)(hash & 1), 0) : new LoadTotals(0, -net * SlotMinutes / 60);
    }

    private static long Modulo(long value, long divisor) => ((value % divisor) + divisor) % divisor;

    private static long FloorDivide(long value, long divisor) => (value - Modulo(value, divisor)) / divisor;
}
