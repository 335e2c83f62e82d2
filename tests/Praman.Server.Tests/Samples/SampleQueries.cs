using NodaTime;
using Praman.Metering;
using Praman.Server.Queries;

namespace Praman.Server.Testing;

/// <summary>The town's answers to what pages and API ask.</summary>
internal sealed class SampleQueries(SampleTown town, SampleLog log) : IConsumerQueries, IOperatorQueries
{
    private static readonly Dictionary<string, TariffSource> Sources = new()
    {
        ["sample-order"] = new("sample-order", "Tariff order for FY 2025-26, schedule of domestic rates", "https://regulator.example/order", "State Electricity Regulatory Commission", "2025-03-31", "primary"),
        ["sample-duty"] = new("sample-duty", "Electricity duty, rates by category", "https://state.example/duty", "State Government", "2023", "primary"),
        ["sample-notice"] = new("sample-notice", "Fuel surcharge of ₹2.30 from July 2025", "https://news.example/fuel", "A newspaper", "2025-07-04", "secondary"),
    };

    public SampleLog Log => log;

    /// <summary>How often the readings of a usage point were read: a test counts that a refusal reads none.</summary>
    public int BlockReads { get; private set; }

    /// <summary>Thrown where readings are asked for: a store whose data are damaged.</summary>
    public Exception? Damage { get; set; }

    /// <summary>Changes what is stored of a bill before it is given out.</summary>
    public Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>? BillDamage { get; set; }

    /// <summary>Changes the files of a bill before they are given out.</summary>
    public Func<BillFiles, BillFiles>? FilesChange { get; set; }

    public ValueTask<UsagePointFacts?> FindUsagePointAsync(UsagePointId id, CancellationToken cancellationToken) => new(town.Points.GetValueOrDefault(id));

    public ValueTask<IReadOnlyList<IntervalBlock>> BlocksAsync(ChannelId channel, LocalDate from, LocalDate to, CancellationToken cancellationToken)
    {
        BlockReads++;
        if (Damage is { } damage) throw damage;
        var blocks = new List<IntervalBlock>();
        if (channel.Type == ReadingType.ImportEnergy)
        {
            for (LocalDate day = from; day <= to; day = day.PlusDays(1))
            {
                if (town.Block(channel.UsagePoint, day) is { } block) blocks.Add(block);
            }
        }
        return new(blocks);
    }

    public ValueTask<IReadOnlyList<BillSummary>> BillsAsync(UsagePointId id, CancellationToken cancellationToken) =>
        new(log.Summaries.Where(b => b.UsagePoint == id).OrderByDescending(b => b.LogIndex).ToList());

    public ValueTask<BillFiles?> FindBillAsync(string billNo, CancellationToken cancellationToken) =>
        new(log.Bills.GetValueOrDefault(billNo) is { } files ? FilesChange?.Invoke(files) ?? files with { Bill = BillDamage?.Invoke(files.Bill) ?? files.Bill } : null);

    public async ValueTask<Money?> CostAsync(UsagePointId id, LocalDate from, LocalDate to, CancellationToken cancellationToken)
    {
        long wh = (await BlocksAsync(new ChannelId(id, ReadingType.ImportEnergy), from, to, cancellationToken)).Sum(b => b.Sum());
        return wh == 0 ? null : Money.FromMinorUnits(SampleTariff.Rate(wh).Total, "INR");
    }

    /// <summary>What was owed from a day on, the newest last; empty: no account is kept.</summary>
    public List<(LocalDate From, long Paise)> Dues { get; } = [];

    public ValueTask<long?> DuesAsync(UsagePointId id, string currency, LocalDate day, CancellationToken cancellationToken) =>
        new(Dues.Where(one => one.From <= day).Select(one => (long?)one.Paise).LastOrDefault());

    public ValueTask<TariffSource?> FindSourceAsync(string sourceId, CancellationToken cancellationToken) => new(Sources.GetValueOrDefault(sourceId));

    public ValueTask<IReadOnlyList<CoverageDay>> CoverageAsync(LocalDate from, LocalDate to, CancellationToken cancellationToken)
    {
        var days = new List<CoverageDay>();
        for (LocalDate day = from; day <= to; day = day.PlusDays(1))
        {
            if (day < SampleTown.FirstDay || day > SampleTown.LastDay) continue;
            int estimated = day.Day % 7 == 2 ? 3 : day.Day % 3, missing = day == new LocalDate(2026, 4, 6) ? 9 : day.Day % 5 == 0 ? 1 : 0;
            days.Add(new CoverageDay(day, 100, 100 - estimated - missing, estimated, day.Day % 4));
        }
        return new(days);
    }

    public ValueTask<LocalDate?> LastDayAsync(CancellationToken cancellationToken) => new((LocalDate?)SampleTown.LastDay);

    public ValueTask<IReadOnlyList<FailingMeter>> FailingMetersAsync(CancellationToken cancellationToken) => new(new List<FailingMeter>
    {
        new(new EndDeviceId("GX1000091"), new UsagePointId(91), "no answer in 30 s (three tries)", 12, Instant.FromUtc(2026, 4, 2, 18, 50)),
        new(new EndDeviceId("GX1000043"), SampleTown.Bina, "association refused: authentication failure", 2, Instant.FromUtc(2026, 4, 12, 18, 41)),
    });

    public ValueTask<IReadOnlyList<FindingGroup>> FindingsAsync(LocalDate from, LocalDate to, CancellationToken cancellationToken) => new(new List<FindingGroup>
    {
        Group("V13", 9, 7, 4.2m, 3.0m), Group("V06", 5, 3, 18, null), Group("V02", 2, 1, 312, 60),
    });

    public ValueTask<IReadOnlyList<UsagePointRow>> UsagePointsAsync(UsagePointId? after, int count, CancellationToken cancellationToken) =>
        new(town.Points.Values.Where(p => after is null || p.UsagePoint.Id > after).OrderBy(p => p.UsagePoint.Id).Take(count)
            .Select(p => new UsagePointRow(p.UsagePoint.Id, p.UsagePoint.ServicePoint, p.Meter?.EndDevice, p.LastReadAt, p.UsagePoint.TariffId)).ToList());

    public ValueTask<IssuedBills> BillsAsync(int skip, int count, CancellationToken cancellationToken) =>
        new(new IssuedBills(log.Summaries.OrderByDescending(b => b.LogIndex).Skip(skip).Take(count).ToList(), log.Summaries.Count));

    private static FindingGroup Group(string rule, int count, int points, decimal measured, decimal? limit) => new(rule, count, points,
        [.. Enumerable.Range(0, Math.Min(count, 5)).Select(i => new FindingRow(rule, new UsagePointId(42 + ((ulong)i % 3)), new LocalDate(2026, 4, 12 - i), measured + i, limit))]);
}
