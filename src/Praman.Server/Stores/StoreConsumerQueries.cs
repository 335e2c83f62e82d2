using NodaTime;
using Praman.Billing.Ledger;
using Praman.Billing.Rating;
using Praman.Billing.Stores;
using Praman.Billing.Tariffs;
using Praman.HeadEnd.Inventory;
using Praman.HeadEnd.Stores;
using Praman.MeterData.Ingest;
using Praman.Metering;
using Praman.Server.Queries;
using Praman.Server.Usage;
using Praman.Storage;

namespace Praman.Server.Stores;

/// <summary>What the consumer's pages ask, answered from the embedded stores.</summary>
internal sealed class StoreConsumerQueries(PramanStore store, TariffSet tariffs) : IConsumerQueries
{
    /// <summary>How far back the newest day of a usage point is looked for.</summary>
    private static readonly Duration LastDayLookBack = Duration.FromDays(70);

    /// <summary>The accounts whose sum a person owes or has paid in advance.</summary>
    private static readonly AccountKind[] DuesKinds = [AccountKind.Arrears, AccountKind.Plan, AccountKind.Emergency, AccountKind.Overdrawn, AccountKind.Wallet];

    private readonly Dictionary<string, CompiledTariff> _compiled = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <inheritdoc/>
    public async ValueTask<UsagePointFacts?> FindUsagePointAsync(UsagePointId id, CancellationToken cancellationToken)
    {
        UsagePointRecord? record = await store.UsagePoints.FindAsync(id, cancellationToken).ConfigureAwait(false);
        if (record is null) return null;
        Instant? readAt = null;
        foreach (InventoryMeter meter in await store.Meters.FindAtAsync(id, cancellationToken).ConfigureAwait(false))
        {
            CollectionProgress? progress = await store.Progress.FindAsync(meter.EndDevice, cancellationToken).ConfigureAwait(false);
            if (progress?.ReadAt is { } at && (readAt is null || at > readAt)) readAt = at;
        }
        Installation? standing = record.Installations.Count > 0 && record.Installations[^1].Until is null ? record.Installations[^1] : null;
        return new UsagePointFacts(record.UsagePoint, UtilityOf(record.UsagePoint), standing, readAt, await LastDayAsync(record.UsagePoint, readAt, cancellationToken).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<IntervalBlock>> BlocksAsync(ChannelId channel, LocalDate from, LocalDate to, CancellationToken cancellationToken)
    {
        UsagePointRecord? record = await store.UsagePoints.FindAsync(channel.UsagePoint, cancellationToken).ConfigureAwait(false);
        if (record is null) return [];
        DateTimeZone zone = DateTimeZoneProviders.Tzdb[record.UsagePoint.TimeZone];
        var period = new Interval(LocalDays.Bounds(from, zone).Start, LocalDays.Bounds(to, zone).End);
        var blocks = new List<IntervalBlock>();
        await foreach (StoredBlock stored in store.Readings.ReadAsync(channel, period, Instant.MaxValue, cancellationToken).ConfigureAwait(false)) blocks.Add(stored.Block);
        return blocks;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<BillSummary>> BillsAsync(UsagePointId id, CancellationToken cancellationToken) =>
        [.. (await store.Bills.ReadAsync(id, 0, 240, cancellationToken).ConfigureAwait(false)).Select(Summary)];

    /// <inheritdoc/>
    public async ValueTask<BillFiles?> FindBillAsync(string billNo, CancellationToken cancellationToken) =>
        await store.Bills.FindAsync(billNo, cancellationToken).ConfigureAwait(false) is { } bill
            ? new BillFiles(billNo, bill.Facts.UsagePoint, bill.Bill, bill.Proof, bill.Evidence) { ReleasedBlocks = bill.Facts.ReleasedBlocks, ReversedBy = bill.Facts.ReversedBy }
            : null;

    /// <inheritdoc/>
    public async ValueTask<Money?> CostAsync(UsagePointId id, LocalDate from, LocalDate to, CancellationToken cancellationToken)
    {
        UsagePointRecord? record = await store.UsagePoints.FindAsync(id, cancellationToken).ConfigureAwait(false);
        if (record is null) return null;
        IReadOnlyList<IntervalBlock> blocks = await BlocksAsync(new ChannelId(id, ReadingType.ImportEnergy), from, to, cancellationToken).ConfigureAwait(false);
        if (blocks.Count == 0) return null;
        DateTimeZone zone = DateTimeZoneProviders.Tzdb[record.UsagePoint.TimeZone];
        // The energy that the page shows beside it: of that, what failed validation is no part.
        return CostOf(record.UsagePoint, record.UsagePoint.TariffId, new DateInterval(from, to), blocks.Sum(block => DayUse.From(block, zone).TotalWh));
    }

    /// <summary>What an energy would cost over a period by a tariff, in whole minor units; null where no estimate can be made.</summary>
    internal async ValueTask<Money?> CostOfAsync(UsagePointId id, string tariffId, DateInterval period, long wh, CancellationToken cancellationToken) =>
        await store.UsagePoints.FindAsync(id, cancellationToken).ConfigureAwait(false) is { } record ? CostOf(record.UsagePoint, tariffId, period, wh) : null;

    /// <inheritdoc/>
    public async ValueTask<long?> DuesAsync(UsagePointId id, string currency, LocalDate day, CancellationToken cancellationToken)
    {
        long[] balances = [.. (await store.Ledger.BalancesOfAsync(id, currency, new AsOf(day, null), cancellationToken).ConfigureAwait(false))
            .Where(one => DuesKinds.Contains(one.Key.Kind)).Select(one => one.Value.Posted)];
        return balances.Length == 0 ? null : balances.Sum();
    }

    /// <inheritdoc/>
    public ValueTask<Queries.TariffSource?> FindSourceAsync(string sourceId, CancellationToken cancellationToken) =>
        new(tariffs.Sources.TryGetValue(sourceId, out Billing.Tariffs.TariffSource? source)
            ? new Queries.TariffSource(source.Id, source.Title, source.Url, source.Publisher, source.Date, source.IsPrimary ? "primary" : "secondary")
            : null);

    internal static BillSummary Summary(BillFacts facts) => new(
        facts.BillNo, facts.UsagePoint, facts.Period, facts.Issued, Money.FromMinorUnits(facts.TotalMinorUnits, facts.Currency), facts.EnergyWh, facts.EstimatedWh,
        facts.IsProvisional, facts.LogIndex)
    {
        Reverses = facts.Reverses, Revises = facts.Revises, ReversedBy = facts.ReversedBy,
    };

    private string UtilityOf(UsagePoint point) => tariffs.Tariffs.TryGetValue(point.TariffId, out Tariff? tariff) ? tariff.Utilities[0] : "";

    private async ValueTask<LocalDate?> LastDayAsync(UsagePoint point, Instant? readAt, CancellationToken cancellationToken)
    {
        if (readAt is not { } end) return null;
        LocalDate? last = null;
        DateTimeZone zone = DateTimeZoneProviders.Tzdb[point.TimeZone];
        await foreach (StoredBlock stored in store.Readings.ReadAsync(
            new ChannelId(point.Id, ReadingType.ImportEnergy), new Interval(end - LastDayLookBack, end), Instant.MaxValue, cancellationToken).ConfigureAwait(false))
        {
            last = LocalDays.DayOf(stored.Block.Start, zone);
        }
        return last;
    }

    private Money? CostOf(UsagePoint point, string tariffId, DateInterval period, long wh)
    {
        if (Compiled(tariffId) is not { } tariff) return null;
        var determinants = new BillingDeterminants
        {
            Period = new BillingPeriod(period.Start, period.End), BillDate = period.End, Kwh = wh / 1000m, SanctionedLoadKw = point.SanctionedLoadW / 1000m,
            Phase = point.PhaseCount == 3 ? SupplyPhase.Three : SupplyPhase.Single, Flags = point.BillingFlags,
        };
        RatingResult result = RatingEngine.Rate(tariff, determinants);
        return result.Bill?.Total is { } total ? new Money(decimal.Round(total, 2, MidpointRounding.AwayFromZero), tariff.Tariff.Currency) : null;
    }

    private CompiledTariff? Compiled(string id)
    {
        lock (_gate)
        {
            if (_compiled.TryGetValue(id, out CompiledTariff? compiled)) return compiled;
            return tariffs.Tariffs.TryGetValue(id, out Tariff? tariff) ? _compiled[id] = CompiledTariff.Compile(tariff, tariffs) : null;
        }
    }
}
