using Microsoft.Extensions.Time.Testing;
using NodaTime;
using Praman.MeterData.Estimation;
using Praman.MeterData.Gate;
using Praman.MeterData.Ingest;
using Praman.MeterData.Rules;
using Praman.Metering;

namespace Praman.MeterData.Tests.Stores;

/// <summary>One usage point, its meters, a store and the three services, with short words for readings.</summary>
internal sealed class World : IUsagePointDirectory
{
    public static readonly UsagePointId Id = new(42);
    public static readonly EndDeviceId MeterA = new("A0000001"), MeterB = new("B0000002");

    public World(string timeZone = "Asia/Kolkata", IReadOnlyList<Installation>? installations = null, int minutes = 30, RuleSet? rules = null, int start = 2030)
    {
        Clock = new FakeTimeProvider(new DateTimeOffset(start, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Zone = DateTimeZoneProviders.Tzdb[timeZone];
        Minutes = minutes;
        Rules = rules ?? RuleSet.Default;
        var usagePoint = new UsagePoint(Id, "K-1", timeZone, 5_000, 1, "none", []);
        Record = new UsagePointRecord(usagePoint, installations ?? [new Installation(Id, MeterA, Instant.FromUtc(2000, 1, 1, 0, 0), null)]);
        Ingest = new MeterDataIngest(Store, this, Rules, Clock);
        Estimation = new MeterDataEstimation(Store, this, Rules);
        Billing = new BillingPeriodReadings(Store, this, Rules, Releases);
        EditReleases = new EditReleases(Billing, Releases);
    }

    public RuleSet Rules { get; }

    public DateTimeZone Zone { get; }

    public int Minutes { get; }

    public UsagePointRecord Record { get; }

    public MemoryReadingStore Store { get; } = new();

    public MemoryReleaseStore Releases { get; } = new();

    public FakeTimeProvider Clock { get; }

    public Instant Now => Instant.FromDateTimeOffset(Clock.GetUtcNow());

    /// <summary>Moves the clock on to an instant; it never goes back.</summary>
    public void Pass(Instant at)
    {
        if (at > Now) Clock.SetUtcNow(at.ToDateTimeOffset());
    }

    public MeterDataIngest Ingest { get; }

    public MeterDataEstimation Estimation { get; }

    public BillingPeriodReadings Billing { get; }

    public EditReleases EditReleases { get; }

    public ValueTask<UsagePointRecord?> FindAsync(UsagePointId usagePoint, CancellationToken cancellationToken) =>
        ValueTask.FromResult(usagePoint == Id ? Record : null);

    public Instant Start(LocalDate day) => LocalDays.Bounds(day, Zone).Start;

    public Instant End(LocalDate day) => LocalDays.Bounds(day, Zone).End;

    public int Count(LocalDate day) => LocalDays.IntervalCount(day, Zone, Minutes);

    /// <summary>A received day; null values are missing.</summary>
    public IntervalBlock Day(LocalDate day, IReadOnlyList<long?> values, IntervalFlags flags = IntervalFlags.None)
    {
        var header = new IntervalBlockHeader(Id, ReadingType.ImportEnergy, Start(day), Minutes, values.Count, 0, BlockCause.Received);
        return IntervalBlock.Create(
            header, [.. values.Select(v => v ?? 0)], [.. values.Select(v => new IntervalQuality(v is null ? IntervalState.Missing : IntervalState.Raw, v is null ? 0 : flags))]);
    }

    public RegisterReading Register(LocalDate day, long value, EndDeviceId? device = null, int resolution = 1) =>
        new(Id, device ?? MeterA, ReadingType.ImportRegister, Start(day), value, resolution);

    /// <summary>What a session gave; read at half past midnight after the last day unless told.</summary>
    public MeterReading Reading(
        IReadOnlyList<IntervalBlock> blocks, IReadOnlyList<RegisterReading>? registers = null, Instant? readAt = null, Duration? drift = null,
        EndDeviceId? device = null, IReadOnlyList<EndDeviceEvent>? events = null)
    {
        Instant at = readAt ?? (blocks.Count > 0 ? blocks[^1].Header.End : registers is { Count: > 0 } ? registers[^1].At : Instant.FromUtc(2026, 1, 1, 0, 0)) + Duration.FromMinutes(30);
        return new MeterReading(device ?? MeterA, Id, at, drift, blocks, registers ?? [], events ?? []);
    }

    public async Task Accept(params MeterReading[] readings) => await Ingest.AcceptAsync(readings, CancellationToken.None);

    public async Task<EstimationOutcome> Estimate(LocalDate day, Instant? asOf = null) =>
        await Estimation.EstimateAsync(Id, day, asOf ?? Instant.FromUtc(2030, 1, 2, 0, 0), CancellationToken.None);

    public async Task<BillableUsage> Usage(LocalDate first, LocalDate last) =>
        await Billing.UsageForBillingAsync(Id, new DateInterval(first, last), null, CancellationToken.None);

    public (long[] Values, IntervalQuality[] Qualities) InForce(LocalDate day) =>
        (Store.InForce(Id, Start(day)) ?? throw new InvalidOperationException($"{day} has no version")).Decode();

    public IReadOnlyList<IntervalBlock> Versions(LocalDate day) =>
        [.. Store.Blocks.Where(s => s.Block.Start == Start(day)).Select(s => s.Block)];

    /// <summary>Codes of the rules that found something on a day.</summary>
    public IReadOnlyList<string> Codes(LocalDate day) =>
        [.. Store.Findings.Where(f => f.DayStart == Start(day)).Select(f => f.Finding.Rule.Number).Distinct().Order(StringComparer.Ordinal)];

    public static long?[] Flat(int count, long value) => [.. Enumerable.Repeat<long?>(value, count)];
}
