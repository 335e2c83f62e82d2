using System.Text.Json;
using NodaTime;
using Praman.Billing.Stores;
using Praman.MeterData.Ingest;
using Praman.Metering;
using Praman.Server.Queries;
using Praman.Storage;

namespace Praman.Server.Stores;

/// <summary>Proposals to bill again, by bill, from the embedded stores.</summary>
/// <param name="consumers">Knows what energy would cost.</param>
internal sealed class StoreRebills(PramanStore store, StoreConsumerQueries consumers) : IRebills
{
    /// <summary>Proposals that are looked at for one answer.</summary>
    private const int ProposalsMax = 20_000;

    /// <inheritdoc/>
    public async ValueTask<RebillPage> ReadAsync(int skip, int count, CancellationToken cancellationToken)
    {
        var byBill = new Dictionary<string, List<RebillProposal>>(StringComparer.Ordinal);
        int lookedAt = 0;
        await foreach (RebillProposal proposal in store.Readings.ReadRebillProposalsAsync(null, new Interval(null, null), cancellationToken).ConfigureAwait(false))
        {
            if (++lookedAt > ProposalsMax) break;
            if (!byBill.TryGetValue(proposal.BillNumber, out List<RebillProposal>? own)) byBill[proposal.BillNumber] = own = [];
            own.Add(proposal);
        }
        var bills = new List<RebillBill>();
        foreach ((string billNo, List<RebillProposal> proposals) in byBill.OrderByDescending(bill => bill.Value.Max(one => one.DayStart)).ThenBy(bill => bill.Key, StringComparer.Ordinal).Skip(skip).Take(count))
        {
            bills.Add(await BillAsync(billNo, proposals, cancellationToken).ConfigureAwait(false));
        }
        return new RebillPage(bills, byBill.Count, lookedAt > ProposalsMax);
    }

    private async ValueTask<RebillBill> BillAsync(string billNo, List<RebillProposal> proposals, CancellationToken cancellationToken)
    {
        UsagePointId id = proposals[0].UsagePoint;
        DateTimeZone zone = await store.UsagePoints.FindAsync(id, cancellationToken).ConfigureAwait(false) is { } record ? DateTimeZoneProviders.Tzdb[record.UsagePoint.TimeZone] : DateTimeZone.Utc;
        var days = new List<RebillDay>();
        // Each later change of a day is a proposal of its own: the last says how it stands.
        foreach (RebillProposal last in proposals.Where(one => !one.Type.IsRegister()).GroupBy(one => (one.Type, one.DayStart)).Select(same => same.MaxBy(one => one.NewVersion)!).OrderBy(one => one.DayStart))
        {
            days.Add(await DayAsync(last, zone, cancellationToken).ConfigureAwait(false));
        }
        RebillProposal? ofRegisters = proposals.Where(one => one.Type.IsRegister()).MaxBy(one => (one.DayStart, one.NewVersion));
        RebillRegisters? registers = ofRegisters is null ? null : new RebillRegisters(ofRegisters.DayStart, ofRegisters.BilledWh, ofRegisters.NewWh);
        IssuedBill? bill = await store.Bills.FindAsync(billNo, cancellationToken).ConfigureAwait(false);
        Money? difference = bill is null || registers?.NewWh is not { } newWh ? null : await DifferenceAsync(bill, registers.BilledWh, newWh, cancellationToken).ConfigureAwait(false);
        return new RebillBill(billNo, id, bill?.Facts.Period, days, registers, difference);
    }

    private async ValueTask<RebillDay> DayAsync(RebillProposal last, DateTimeZone zone, CancellationToken cancellationToken)
    {
        IReadOnlyList<StoredBlock> versions = await store.Readings.ReadVersionsAsync(new ChannelId(last.UsagePoint, last.Type), last.DayStart, cancellationToken).ConfigureAwait(false);
        StoredBlock[] since = [.. versions.Where(one => one.Block.Version > (last.BilledVersion ?? -1) && one.Block.Version <= last.NewVersion)];
        IReadOnlyList<string> reasons = [];
        if (since.Any(one => one.Block.Header.Cause == BlockCause.Edit))
        {
            var query = new EvidenceQuery(last.UsagePoint, last.DayStart, last.DayStart, Instant.MaxValue);
            UsagePointEvidence evidence = (await store.Readings.ReadEvidenceAsync([query], cancellationToken).ConfigureAwait(false))[0];
            reasons = [.. evidence.Edits.Where(one => one.Type == last.Type && since.Any(version => version.Block.Version == one.Version)).Select(one => one.Reason)];
        }
        return new RebillDay(LocalDays.DayOf(last.DayStart, zone), last.Type, last.BilledWh, last.NewWh ?? 0, [.. since.Select(one => one.Block.Header.Cause).Distinct()], reasons);
    }

    /// <summary>The new energy less the billed one, both at the bill's tariff; null where that wants to know more than the energy.</summary>
    private async ValueTask<Money?> DifferenceAsync(IssuedBill bill, long billedWh, long newWh, CancellationToken cancellationToken)
    {
        using JsonDocument document = JsonDocument.Parse(bill.Bill);
        string tariff = document.RootElement.GetProperty("tariff").GetProperty("id").GetString()!;
        Money? billed = await consumers.CostOfAsync(bill.Facts.UsagePoint, tariff, bill.Facts.Period, billedWh, cancellationToken).ConfigureAwait(false);
        Money? now = await consumers.CostOfAsync(bill.Facts.UsagePoint, tariff, bill.Facts.Period, newWh, cancellationToken).ConfigureAwait(false);
        return billed is { } before && now is { } after ? Money.FromMinorUnits(after.ToMinorUnits() - before.ToMinorUnits(), after.Currency) : null;
    }
}
