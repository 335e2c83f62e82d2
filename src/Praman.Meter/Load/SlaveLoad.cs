using System.Collections.Frozen;
using NodaTime;
using Praman.Metering;

namespace Praman.Meter.Load;

/// <summary>A kind of meter that hangs on an M-Bus channel of another.</summary>
/// <param name="Name">As profile files name it.</param>
/// <param name="DeviceType">EN 13757-7, device type identification.</param>
/// <param name="Unit">What it counts in.</param>
/// <param name="Scaler">Its register counts in units of 10^Scaler.</param>
/// <param name="PerDay">Counted on an average day of an average home.</param>
/// <param name="ByMonth">What a day of a month is of an average day, in thousandths.</param>
/// <param name="ByHour">Weights of the hours of a day.</param>
internal sealed record SlaveKind(string Name, byte DeviceType, Unit Unit, sbyte Scaler, int PerDay, int[] ByMonth, int[] ByHour)
{
    private static readonly int[] Even = [1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000];
    private static readonly int[] Winter = [2100, 1950, 1500, 900, 450, 200, 150, 150, 400, 950, 1550, 1950];
    private static readonly int[] HeatingByHour = [2, 2, 2, 2, 3, 6, 8, 8, 6, 4, 4, 4, 4, 4, 4, 4, 5, 6, 7, 7, 6, 5, 3, 2];
    private static readonly int[] WaterByHour = [1, 1, 1, 1, 2, 5, 9, 10, 7, 5, 4, 4, 5, 4, 3, 3, 4, 6, 8, 8, 6, 5, 3, 2];
    private static readonly int[] ChargingByHour = [6, 6, 5, 5, 4, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4, 5, 5, 6, 6, 6, 6];

    /// <summary>All, by name.</summary>
    public static FrozenDictionary<string, SlaveKind> All { get; } = new SlaveKind[]
    {
        new("electricity", 2, Unit.WattHour, 0, 6_500, Even, ChargingByHour),
        new("gas", 3, Unit.CubicMetre, -3, 3_800, Winter, HeatingByHour),
        new("heat", 4, Unit.Joule, 6, 110, Winter, HeatingByHour),
        new("water", 7, Unit.CubicMetre, -3, 320, Even, WaterByHour),
    }.ToFrozenDictionary(kind => kind.Name, StringComparer.Ordinal);
}

/// <summary>
/// What such a meter has counted, as a total that only grows and follows from kind, seed and instant alone: seasons and hours of the day, and within each
/// hour as much as the seed says. Only whole-number arithmetic.
/// </summary>
internal sealed class SlaveLoad
{
    private const long Thousandths = 1000;
    private const int FirstYear = 2020;

    private readonly SlaveKind _kind;
    private readonly ulong _seed;
    private readonly long _perDay, _initial;
    private readonly long _yearSum; // of a year without a leap day
    private readonly int _hourSum;

    public SlaveLoad(SlaveKind kind, ulong seed)
    {
        (_kind, _seed) = (kind, seed);
        _perDay = kind.PerDay * (600L + SeedHash.Below(SeedHash.Of(seed, 1), 800)) / Thousandths;
        _initial = SeedHash.Below(SeedHash.Of(seed, 2), kind.PerDay);
        foreach (int weight in kind.ByHour) _hourSum += weight;
        _yearSum = DaysOf(1, 13);
    }

    /// <summary>The total at an instant, in the kind's unit and scaler.</summary>
    public long TotalAt(Instant at)
    {
        long seconds = Math.Max(0, (at - Origin).BclCompatibleTicks / NodaConstants.TicksPerSecond);
        (long hour, long within) = Math.DivRem(seconds, NodaConstants.SecondsPerHour);
        long before = Drawn(hour), after = Drawn(hour + 1);
        return _initial + ((before + ((after - before) * within / NodaConstants.SecondsPerHour)) / Thousandths);
    }

    private static Instant Origin { get; } = Instant.FromUtc(FirstYear, 1, 1, 0, 0);

    // At the beginning of an hour: somewhere between where the average home stands then and where it stands an hour later, so that the total never falls.
    private long Drawn(long hour)
    {
        long here = Average(hour);
        return here + SeedHash.Below(SeedHash.Of(_seed, 3, (ulong)hour), (int)Math.Max(1, Average(hour + 1) - here));
    }

    // In thousandths of the unit.
    private long Average(long hour)
    {
        LocalDate date = new LocalDate(FirstYear, 1, 1).PlusDays((int)(hour / NodaConstants.HoursPerDay));
        long days = 0; // in thousandths of an average day
        for (int year = FirstYear; year < date.Year; year++) days += _yearSum + (CalendarSystem.Iso.IsLeapYear(year) ? _kind.ByMonth[1] : 0);
        days += DaysOf(date.Year, date.Month) + ((date.Day - 1L) * _kind.ByMonth[date.Month - 1]);
        long weight = 0;
        for (int i = 0; i < hour % NodaConstants.HoursPerDay; i++) weight += _kind.ByHour[i];
        return (days * _perDay) + (_kind.ByMonth[date.Month - 1] * _perDay * weight / _hourSum);
    }

    private long DaysOf(int year, int monthEnd)
    {
        long sum = 0;
        for (int month = 1; month < monthEnd; month++) sum += CalendarSystem.Iso.GetDaysInMonth(year, month) * (long)_kind.ByMonth[month - 1];
        return sum;
    }
}
