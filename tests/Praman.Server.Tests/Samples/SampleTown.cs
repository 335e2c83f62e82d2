using NodaTime;
using Praman.Metering;
using Praman.Server.Queries;

namespace Praman.Server.Testing;

/// <summary>A few seeded homes with real day blocks: measured days, an outage, estimates, a hole, and one home in a zone whose clocks change.</summary>
internal sealed class SampleTown
{
    public static readonly UsagePointId Asha = new(42), Bina = new(43), BinaShop = new(44), London = new(45);
    public static readonly LocalDate FirstDay = new(2026, 2, 1), LastDay = new(2026, 4, 14), LondonFirstDay = new(2025, 10, 1);

    /// <summary>A day of Asha's that is held, with no interval known.</summary>
    public static readonly LocalDate NothingDay = new(2026, 4, 2);

    /// <summary>A day of Asha's on which a person entered two half-hours.</summary>
    public static readonly LocalDate EditedDay = new(2026, 4, 12);

    /// <summary>Why, in their own language: the display was read at a visit, the meter had lost these two.</summary>
    public const string ReasonOfEdit = "મુલાકાત વખતે ડિસ્પ્લે વાંચ્યું, મીટરે આ બે ગુમાવ્યાં હતાં";

    /// <summary>What they entered, Wh.</summary>
    public const long EditedWh = 110;

    /// <summary>The morning after the last day, in India.</summary>
    public static readonly Instant Now = Instant.FromUtc(2026, 4, 15, 1, 2);

    public const string TariffId = "in-sample-domestic";
    private const long FirstRegister = 1_234_567;

    private readonly Dictionary<UsagePointId, UsagePointFacts> _points = new()
    {
        [Asha] = Facts(Asha, "10 0042 7781", "Asia/Kolkata", "GX1000042"),
        [Bina] = Facts(Bina, "10 0043 1200", "Asia/Kolkata", "GX1000043"),
        [BinaShop] = Facts(BinaShop, "10 0044 9931", "Asia/Kolkata", "GX1000044"),
        [London] = Facts(London, "LDN 45", "Europe/London", "GX1000045"),
    };

    public IReadOnlyDictionary<UsagePointId, UsagePointFacts> Points => _points;

    /// <summary>The block of a day; null for a day that is not held.</summary>
    public IntervalBlock? Block(UsagePointId id, LocalDate day)
    {
        if (!_points.TryGetValue(id, out UsagePointFacts? facts) || day > LastDay || day < (id == London ? LondonFirstDay : FirstDay)) return null;
        if (id == Asha && day == new LocalDate(2026, 4, 6)) return null; // a day that never came
        Interval bounds = LocalDays.Bounds(day, facts.Zone);
        int count = LocalDays.IntervalCount(day, facts.Zone, 30);
        var values = new long[count];
        var qualities = new IntervalQuality[count];
        for (int i = 0; i < count; i++)
        {
            ZonedDateTime at = (bounds.Start + Duration.FromMinutes(30 * i)).InZone(facts.Zone);
            values[i] = Load(id, day, at.Hour + (at.Minute / 60.0), i);
            qualities[i] = IntervalQuality.Valid;
        }
        Disturb(id, day, values, qualities);
        var header = new IntervalBlockHeader(id, ReadingType.ImportEnergy, bounds.Start, 30, count, id == Asha && day == EditedDay ? 1 : 0, id == Asha && day == EditedDay ? BlockCause.Edit : BlockCause.Received);
        return IntervalBlock.Create(header, values, qualities);
    }

    /// <summary>The import register at the start of a day, Wh: the first register and everything since.</summary>
    public long Register(UsagePointId id, LocalDate day)
    {
        long value = FirstRegister + ((long)id.Number * 1000);
        for (LocalDate d = FirstDay; d < day; d = d.PlusDays(1)) value += Block(id, d)?.Sum() ?? 0;
        return value;
    }

    public IntervalBlock RegisterBlock(UsagePointId id, LocalDate day) =>
        IntervalBlock.CreateRegister(id, ReadingType.ImportRegister, LocalDays.Bounds(day, _points[id].Zone).Start, Register(id, day), IntervalQuality.Valid);

    private static void Disturb(UsagePointId id, LocalDate day, long[] values, IntervalQuality[] qualities)
    {
        if (id != Asha) return;
        if (day == new LocalDate(2026, 2, 17)) Fill(28, 31, IntervalState.ZeroOutage, IntervalFlags.Outage, _ => 0);
        if (day == new LocalDate(2026, 4, 9)) Fill(20, 37, IntervalState.LikeDayAverage, IntervalFlags.Scaled, v => v);
        if (day == new LocalDate(2026, 4, 11)) Fill(12, 14, IntervalState.Missing, IntervalFlags.None, _ => 0);
        if (day == NothingDay) Fill(0, 47, IntervalState.Missing, IntervalFlags.None, _ => 0);
        if (day == EditedDay) Fill(20, 21, IntervalState.Edited, IntervalFlags.None, _ => EditedWh);
        if (day == LastDay) Fill(26, 28, IntervalState.LinearInterpolation, IntervalFlags.None, v => v);

        void Fill(int from, int to, IntervalState state, IntervalFlags flags, Func<long, long> value)
        {
            for (int i = from; i <= to; i++)
            {
                values[i] = value(values[i]);
                qualities[i] = new IntervalQuality(state, flags);
            }
        }
    }

    /// <summary>A home's half-hour in Wh: a standing load, a refrigerator, a morning, an evening, and a fan by season; repeatable.</summary>
    private static long Load(UsagePointId id, LocalDate day, double hour, int index)
    {
        uint seed = (uint)((((id.Number * 397) ^ (ulong)day.DayOfYear) * 31) + (ulong)index);
        seed ^= seed << 13;
        seed ^= seed >> 17;
        seed ^= seed << 5;
        double noise = seed % 1000 / 1000.0;
        double morning = 210 * Math.Exp(-Math.Pow((hour - 7.2) / 1.3, 2)), evening = 330 * Math.Exp(-Math.Pow((hour - 20.4) / 2.1, 2));
        double noon = 90 * Math.Exp(-Math.Pow((hour - 13.2) / 1.6, 2)), night = hour is < 6 or > 22.4 ? 45 + (day.Month * 12) : 0;
        double refrigerator = index % 3 == 0 ? 42 : 12;
        return (long)(28 + refrigerator + night + ((morning + evening + noon) * (0.7 + (0.6 * noise))) + (30 * noise));
    }

    private static UsagePointFacts Facts(UsagePointId id, string servicePoint, string zone, string meter) => new(
        new UsagePoint(id, servicePoint, zone, 2000, 1, TariffId, []), "Sample Vidyut Nigam",
        new Installation(id, new EndDeviceId(meter), Instant.FromUtc(2025, 1, 1, 0, 0), null), Instant.FromUtc(2026, 4, 14, 18, 44), LastDay);
}
