using System.Globalization;
using NodaTime;
using Praman.Billing.Invoicing;
using Praman.Billing.Stores;
using Praman.Billing.Verification;
using Praman.MeterData.Gate;
using Praman.MeterData.Ingest;
using Praman.Metering;
using Praman.Storage;

namespace Praman.Server.Operations;

/// <summary>A bill that was taken back, and the one in its place.</summary>
public sealed record Rebilled(BillFacts Before, BillFacts Reversal, BillFacts Revised)
{
    public long DifferenceMinorUnits => Revised.TotalMinorUnits - Before.TotalMinorUnits;
}

/// <summary>What a run over the proposals made.</summary>
/// <param name="Unchanged">Bills that come out as they were: nothing is made, and nothing is owed.</param>
public sealed record RebillResult(IReadOnlyList<Rebilled> Rebilled, IReadOnlyList<BillFacts> Unchanged, IReadOnlyList<BillRefused> Refused);

/// <summary>
/// Bills again: of each kept bill that something was proposed of, a reversal that takes it back in full and a new bill in its place, both logged and
/// proved, kept together, and posted. The old bill stays as it is. A run that was cut off is run again as it was.
/// </summary>
public sealed partial class BillingRun
{
    /// <param name="readings">Where the proposals are.</param>
    /// <param name="issued">Local date on reversals and new bills.</param>
    /// <param name="now">Time of the run.</param>
    /// <param name="progress">Told of each bill that is done.</param>
    public async Task<RebillResult> RebillAsync(IReadingStore readings, LocalDate issued, Instant now, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(readings);
        var result = new RebillResult(new List<Rebilled>(), new List<BillFacts>(), new List<BillRefused>());
        IReadOnlyList<ProposedBill> proposed = await OpenProposals.ReadAsync(readings, stores.Bills, andClosed: true, cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < proposed.Count; i++)
        {
            try
            {
                await RebillAsync(proposed[i].Facts, issued, now, result, cancellationToken).ConfigureAwait(false);
            }
            catch (StoreException damage) when (damage.Fault == StoreFault.Damaged)
            {
                Refuse(result, new BillRefused(proposed[i].Facts.UsagePoint, BillRefused.StoreDamaged, damage.Message));
            }
            progress?.Report(i + 1);
        }
        return result;
    }

    private async Task RebillAsync(BillFacts before, LocalDate issued, Instant now, RebillResult result, CancellationToken cancellationToken)
    {
        if (before.Reverses is not null) return;
        if (before.ReversedBy is not null)
        {
            if (await FinishAsync(before, now, cancellationToken).ConfigureAwait(false) is { } unfinished) Refuse(result, unfinished);
            return;
        }
        IssuedBill kept = (await stores.Bills.FindAsync(before.BillNo, cancellationToken).ConfigureAwait(false))!;
        (List<Draft>? pair, BillRefused? refusal) = await DraftPairAsync(kept, issued, now, cancellationToken).ConfigureAwait(false);
        if (refusal is not null) Refuse(result, refusal);
        else if (pair is null) ((List<BillFacts>)result.Unchanged).Add(before);
        else await IssuePairAsync(before, pair, now, result, cancellationToken).ConfigureAwait(false);
    }

    private async Task IssuePairAsync(BillFacts before, List<Draft> pair, Instant now, RebillResult result, CancellationToken cancellationToken)
    {
        try
        {
            Instant claimedAt = Instant.FromDateTimeOffset(_time.GetUtcNow());
            var claim = new BillClaim(pair[1].Facts.BillNo, before.UsagePoint, before.Period) { Replaces = before.BillNo };
            ClaimAnswer answer = (await stores.Bills.ClaimAsync(_run, [claim], claimedAt, claimedAt + ClaimLength, cancellationToken).ConfigureAwait(false))[0];
            if (answer.State != ClaimState.Granted)
            {
                Refuse(result, Refuse(claim, answer));
                return;
            }
            await ReadPathsAsync(pair, cancellationToken).ConfigureAwait(false);
            IssuedBill[] made = await LogAsync(pair, now, cancellationToken).ConfigureAwait(false);
            // Both or none: the old bill is taken back where the new one stands in its place.
            await stores.Bills.AddAsync(made, cancellationToken).ConfigureAwait(false);
            ((List<Rebilled>)result.Rebilled).Add(new Rebilled(before, made[0].Facts, made[1].Facts));
            if (await MarkAsync(pair[1].Usage, made[1].Facts.BillNo, now, cancellationToken).ConfigureAwait(false) is { } unmarked) Refuse(result, unmarked);
            foreach (BillRefused unposted in await PostAsync(made, now, cancellationToken).ConfigureAwait(false)) Refuse(result, unposted);
        }
        catch (Exception second) when (second is BillConflictException or BillOverlapException)
        {
            Refuse(result, new BillRefused(before.UsagePoint, BillRefused.Overlaps, second.Message));
        }
        finally
        {
            await stores.Bills.EndClaimsAsync(_run, CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>The reversal of a bill and the bill in its place, in this order; neither where the bill comes out as it was.</summary>
    private async ValueTask<(List<Draft>? Pair, BillRefused? Refused)> DraftPairAsync(IssuedBill kept, LocalDate issued, Instant now, CancellationToken cancellationToken)
    {
        (BillFacts facts, UsagePointId usagePoint) = (kept.Facts, kept.Facts.UsagePoint);
        if (!BillDocument.TryRead(kept.Bill, out BillDocument? before, out UnreadableFile? fault))
        {
            return (null, new BillRefused(usagePoint, BillRefused.Damaged, $"bill {facts.BillNo} is kept, and cannot be read: {fault}; restore a copy"));
        }
        UsagePointRecord? record = await stores.UsagePoints.FindAsync(usagePoint, cancellationToken).ConfigureAwait(false);
        if (record is null) return (null, new BillRefused(usagePoint, "USAGE-POINT-UNKNOWN", "there is no master data of this usage point"));
        BillableUsage used = await usage.UsageForBillingAsync(usagePoint, facts.Period, null, cancellationToken).ConfigureAwait(false);
        if (GateReason.IsWaitingForRelease(used))
        {
            await stores.Releases.AskAsync([new ReleaseRequest(usagePoint, facts.Period, now)], cancellationToken).ConfigureAwait(false);
            return (null, Waits(used));
        }
        // By the tariff that the bill was made by, whatever the home is on today.
        Plan? plan = await PlanAsync(before.TariffId, cancellationToken).ConfigureAwait(false);
        if (plan is null || plan.Tariff.Tariff.Hash != before.TariffHash || !plan.Tariff.Series.All(series => before.Series.Exists(one => one.Id == series.Id && one.Hash == series.Hash)))
        {
            return (null, new BillRefused(usagePoint, BillRefused.TariffChanged, $"bill {facts.BillNo} was made by tariff '{before.TariffId}' as it was then; expected that tariff and its series, unchanged"));
        }
        PlacedBlock[]? placed = await PlacedAsync(BillEvidenceWriter.BlocksOf(used), cancellationToken).ConfigureAwait(false);
        if (placed is null) return (null, new BillRefused(usagePoint, "READINGS-NOT-LOGGED", "a block of the period is in no batch of the log yet, or its salt was erased"));

        string billNo = NextNumber(facts.BillNo, "V"), reversalNo = NextNumber(facts.BillNo, "R");
        var request = new InvoiceRequest(billNo, before.Text(before.Utility), record.UsagePoint, used, issued) { Revises = before };
        InvoiceResult made = plan.Writer.Write(request, ReadingsHash(placed));
        if (made.Invoice is null) return (null, new BillRefused(usagePoint, made.Refusal!.Code, made.Refusal.Message));
        if (IsAsItWas(before, made.Invoice)) return (null, null);

        IReadOnlyList<IntervalBlock> billed;
        try
        {
            billed = BillEvidenceBlocks.ReadAll(kept.Evidence, facts.BillNo, usagePoint);
        }
        catch (InvalidDataException damage)
        {
            return (null, new BillRefused(usagePoint, BillRefused.Damaged, $"bill {facts.BillNo} is kept, but its evidence is damaged: {damage.Message}; restore a copy"));
        }
        PlacedBlock[]? placedBefore = await PlacedAsync(billed, cancellationToken).ConfigureAwait(false);
        if (placedBefore is null || await SaltOfAsync(usagePoint, reversalNo, cancellationToken).ConfigureAwait(false) is not { } reversalSalt
            || await SaltOfAsync(usagePoint, billNo, cancellationToken).ConfigureAwait(false) is not { } salt) return (null, SaltErased(usagePoint));
        BillFacts reversal = facts with { BillNo = reversalNo, Issued = issued, TotalMinorUnits = -facts.TotalMinorUnits, Reverses = facts.BillNo, Revises = null };
        BillFacts revised = FactsOf(made.Invoice, used, issued) with { Revises = facts.BillNo };
        return ([new Draft(used, reversal, ReversalDocument.Write(kept.Bill, reversalNo, issued), plan, placedBefore, reversalSalt),
            new Draft(used, revised, made.Invoice.Bytes, plan, placed, salt)], null);
    }

    /// <summary>Whether a bill would ask for the same, line by line, for the same energy, of which as much is estimated.</summary>
    private static bool IsAsItWas(BillDocument before, Invoice after)
    {
        if (!BillDocument.TryRead(after.Bytes, out BillDocument? now, out UnreadableFile? fault)) throw new InvalidDataException(fault.ToString());
        return before.TotalPaise == now.TotalPaise && before.IsProvisional == now.IsProvisional && before.Readings.EnergyWh == now.Readings.EnergyWh
            && before.Readings.EstimatedWh == now.Readings.EstimatedWh && before.Readings.Segments.SequenceEqual(now.Readings.Segments)
            && before.Lines.Select(line => (before.Text(line.Id), line.Paise)).SequenceEqual(now.Lines.Select(line => (now.Text(line.Id), line.Paise)));
    }

    /// <summary>A run that was cut off after it kept a pair may have left it unmarked or unposted; for one that is done this changes nothing.</summary>
    private async ValueTask<BillRefused?> FinishAsync(BillFacts before, Instant now, CancellationToken cancellationToken)
    {
        IssuedBill? reversal = await stores.Bills.FindAsync(before.ReversedBy!, cancellationToken).ConfigureAwait(false);
        if (await stores.Bills.FindAsync(NextNumber(before.BillNo, "V"), cancellationToken).ConfigureAwait(false) is not { } revised || reversal is null) return null;
        BillableUsage used = await usage.UsageForBillingAsync(before.UsagePoint, before.Period, null, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<IntervalBlock> blocks = BillEvidenceBlocks.Read(revised.Evidence, revised.Facts.BillNo, before.UsagePoint);
        return await MarkAsync(used with { Blocks = blocks }, revised.Facts.BillNo, now, cancellationToken).ConfigureAwait(false)
            ?? await FirstUnpostedAsync([reversal, revised], now, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The first bill of its days has a number without suffix; what takes it back has it with R1 and what stands in its place with V2, and so on.</summary>
    private static string NextNumber(string billNo, string kind)
    {
        int at = billNo.LastIndexOf("-V", StringComparison.Ordinal);
        int version = at >= 0 && int.TryParse(billNo.AsSpan(at + 2), NumberStyles.None, CultureInfo.InvariantCulture, out int known) ? known : 1;
        string first = version == 1 ? billNo : billNo[..at];
        return string.Create(CultureInfo.InvariantCulture, $"{first}-{kind}{(kind == "R" ? version : version + 1)}");
    }

    private static void Refuse(RebillResult result, BillRefused refused) => ((List<BillRefused>)result.Refused).Add(refused);
}
