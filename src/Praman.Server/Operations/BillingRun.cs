using System.Globalization;
using System.Text;
using NodaTime;
using NodaTime.Text;
using Praman.Billing.Invoicing;
using Praman.Billing.Rating;
using Praman.Billing.Stores;
using Praman.Billing.Tariffs;
using Praman.Billing.Verification;
using Praman.MeterData.Gate;
using Praman.MeterData.Ingest;
using Praman.Metering;
using Praman.Proof;
using Praman.Proof.Logs;
using Praman.Proof.Notes;
using Praman.Proof.Stores;

namespace Praman.Server.Operations;

/// <summary>What a billing run stands on.</summary>
public sealed record BillingStores(IUsagePointDirectory UsagePoints, IBatchStore Batches, IMasterSalts Salts, IBillStore Bills);

/// <summary>A usage point that got no bill, and why.</summary>
public sealed record BillRefused(UsagePointId UsagePoint, string Code, string Reason)
{
    /// <summary>The bill of these very days is kept already.</summary>
    public const string Exists = "BILL-EXISTS";

    /// <summary>Another bill that is kept covers some of these days.</summary>
    public const string Overlaps = "BILL-OVERLAPS";
}

/// <summary>What a run made.</summary>
public sealed record BillingRunResult(IReadOnlyList<IssuedBill> Bills, IReadOnlyList<BillRefused> Refused);

/// <summary>
/// Makes the bills of a period: usage through the gate, lines by the tariff, the commitment into the log, and, once the head is
/// cosigned, the proof and the evidence beside each bill. Tariff and series stand in the log before the first bill that uses them.
/// A run that failed or was cut off is run again as it was, with the same date of issue: bills that are kept are not made again, bills that
/// are logged are not logged again.
/// </summary>
public sealed class BillingRun(BillingPeriodReadings usage, TariffSet tariffs, PublicLog log, BillingStores stores)
{
    private readonly Dictionary<string, Plan> _plans = new(StringComparer.Ordinal);
    private readonly Dictionary<long, LoggedBatch> _batches = [];

    /// <summary>Issues the bills of a period of local days, both included.</summary>
    /// <param name="issued">Local date on the bills.</param>
    /// <param name="now">Time of the run.</param>
    /// <returns>The bills made; refused with <see cref="BillRefused.Exists"/> or <see cref="BillRefused.Overlaps"/> is a usage point some of whose days are billed already.</returns>
    /// <param name="progress">Told of each usage point that is done.</param>
    public async Task<BillingRunResult> IssueAsync(
        IReadOnlyList<UsagePointId> usagePoints, DateInterval period, LocalDate issued, Instant now, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(usagePoints);
        var drafts = new List<Draft>();
        var refused = new List<BillRefused>();
        for (int i = 0; i < usagePoints.Count; i++)
        {
            if (await ExistsAsync(usagePoints[i], period, now, cancellationToken).ConfigureAwait(false) is { } kept)
            {
                refused.Add(kept);
                progress?.Report(i + 1);
                continue;
            }
            (Draft? draft, BillRefused? refusal) = await DraftAsync(usagePoints[i], period, issued, cancellationToken).ConfigureAwait(false);
            if (draft is not null) drafts.Add(draft);
            else refused.Add(refusal!);
            progress?.Report(i + 1);
        }
        if (drafts.Count == 0) return new BillingRunResult([], refused);

        foreach (Draft draft in drafts)
        {
            var entry = new LogEntry(LogEntryKind.Bill, Commitment.Compute(draft.Salt.Octets, draft.Invoice.Bytes.Span));
            draft.Entry = await log.AppendOnceAsync(entry, draft.Invoice.BillNo, cancellationToken).ConfigureAwait(false);
        }
        await log.PublishAsync(now, cancellationToken).ConfigureAwait(false);

        BillEvidenceWriter evidence = log.EvidenceWriter();
        var bills = new List<IssuedBill>(drafts.Count);
        foreach (Draft draft in drafts) bills.Add(Close(draft, evidence, issued));
        await stores.Bills.AddAsync(bills, cancellationToken).ConfigureAwait(false);
        foreach (Draft draft in drafts) await usage.MarkBilledAsync(draft.Usage, draft.Invoice.BillNo, now, cancellationToken).ConfigureAwait(false);
        return new BillingRunResult(bills, refused);
    }

    /// <summary>
    /// Refuses a usage point whose bill is kept. A run that was cut off may have left it unmarked in the readings: it is marked here, which
    /// for one that is marked changes nothing.
    /// </summary>
    private async ValueTask<BillRefused?> ExistsAsync(UsagePointId usagePoint, DateInterval period, Instant now, CancellationToken cancellationToken)
    {
        string billNo = BillNo(usagePoint, period);
        if (await stores.Bills.FindAsync(billNo, cancellationToken).ConfigureAwait(false) is not { } kept)
        {
            return await OverlapAsync(usagePoint, period, cancellationToken).ConfigureAwait(false) is { } other
                ? new BillRefused(usagePoint, BillRefused.Overlaps, $"bill {other.BillNo} covers some of these days: a day is billed once")
                : null;
        }
        BillableUsage used = await usage.UsageForBillingAsync(usagePoint, kept.Facts.Period, null, cancellationToken).ConfigureAwait(false);
        // What was billed stands in the bill's own evidence; what is in force by now may be another version.
        await usage.MarkBilledAsync(used with { Blocks = BillEvidenceBlocks.Read(kept.Evidence) }, billNo, now, cancellationToken).ConfigureAwait(false);
        return new BillRefused(usagePoint, BillRefused.Exists, $"bill {billNo} is issued already: a correction is a reversal and a new bill");
    }

    private const int BillPageLength = 200;

    /// <summary>A bill that covers a day of the period. The bills are asked, not the marks on the readings: a run that was cut off left those out.</summary>
    private async ValueTask<BillFacts?> OverlapAsync(UsagePointId usagePoint, DateInterval period, CancellationToken cancellationToken)
    {
        for (int skip = 0; ; skip += BillPageLength)
        {
            IReadOnlyList<BillFacts> page = await stores.Bills.ReadAsync(usagePoint, skip, BillPageLength, cancellationToken).ConfigureAwait(false);
            foreach (BillFacts bill in page)
            {
                if (bill.Period.Start <= period.End && bill.Period.End >= period.Start) return bill;
            }
            if (page.Count < BillPageLength) return null;
        }
    }

    /// <summary>A month by its name, any other period by both its dates: two periods of a usage point never share a number.</summary>
    private static string BillNo(UsagePointId usagePoint, DateInterval period)
    {
        bool isMonth = period.Start.Day == 1 && period.End == period.Start.With(DateAdjusters.EndOfMonth);
        string dates = isMonth
            ? string.Create(CultureInfo.InvariantCulture, $"{period.Start.Year:D4}-{period.Start.Month:D2}")
            : $"{LocalDatePattern.Iso.Format(period.Start)}-{LocalDatePattern.Iso.Format(period.End)}";
        return string.Create(CultureInfo.InvariantCulture, $"{dates}-{usagePoint.Number:D9}");
    }

    private async ValueTask<(Draft? Draft, BillRefused? Refused)> DraftAsync(
        UsagePointId usagePoint, DateInterval period, LocalDate issued, CancellationToken cancellationToken)
    {
        UsagePointRecord? record = await stores.UsagePoints.FindAsync(usagePoint, cancellationToken).ConfigureAwait(false);
        if (record is null) return (null, new BillRefused(usagePoint, "USAGE-POINT-UNKNOWN", "there is no master data of this usage point"));
        BillableUsage used = await usage.UsageForBillingAsync(usagePoint, period, null, cancellationToken).ConfigureAwait(false);
        Plan? plan = await PlanAsync(record.UsagePoint.TariffId, cancellationToken).ConfigureAwait(false);
        if (plan is null) return (null, new BillRefused(usagePoint, RefusalCodes.TariffUnknown, $"there is no tariff '{record.UsagePoint.TariffId}'"));

        IReadOnlyList<IntervalBlock> blocks = BillEvidenceWriter.BlocksOf(used);
        LoggedBlock[]? logged = await LoggedAsync(blocks, cancellationToken).ConfigureAwait(false);
        if (logged is null) return (null, new BillRefused(usagePoint, "READINGS-NOT-LOGGED", "a block of the period is in no batch of the log yet, or its salt was erased"));
        Digest readings = BillEvidenceWriter.ReadingsHash(logged.Select(block => block.Leaf));

        string billNo = BillNo(usagePoint, period);
        var request = new InvoiceRequest(billNo, plan.Tariff.Tariff.Utilities[0], record.UsagePoint, used, issued);
        InvoiceResult result = plan.Writer.Write(request, readings);
        if (result.Invoice is null) return (null, new BillRefused(usagePoint, result.Refusal!.Code, result.Refusal.Message));

        MasterSalt master = (await stores.Salts.GetAsync([usagePoint], cancellationToken).ConfigureAwait(false))[0];
        byte[] salt = new byte[Commitment.SaltLength];
        return master.TryDeriveBillSalt(Encoding.UTF8.GetBytes(billNo), salt)
            ? (new Draft(used, result.Invoice, plan, logged, new Digest(salt)), null)
            : (null, new BillRefused(usagePoint, "SALT-ERASED", "the salt of this usage point was erased"));
    }

    private IssuedBill Close(Draft draft, BillEvidenceWriter writer, LocalDate issued)
    {
        Invoice invoice = draft.Invoice;
        TlogProof proof = log.Prove(draft.Entry, draft.Salt.Octets.ToArray());
        byte[] evidence = writer.Write(invoice.BillNo, draft.Blocks, draft.Plan.Logged, draft.Plan.Series)
            ?? throw new InvalidDataException("a tile of the log is missing below a proof");
        var facts = new BillFacts(
            invoice.BillNo, invoice.UsagePoint, invoice.Period, issued, invoice.Rated.Currency, invoice.TotalMinorUnits, draft.Usage.EnergyWh, draft.Usage.EstimatedWh,
            draft.Usage.Gate == BillingGate.Provisional, draft.Entry);
        return new IssuedBill(facts, invoice.Bytes, proof.ToBytes(), evidence);
    }

    private async ValueTask<Plan?> PlanAsync(string tariffId, CancellationToken cancellationToken)
    {
        if (_plans.TryGetValue(tariffId, out Plan? plan)) return plan;
        if (!tariffs.Tariffs.TryGetValue(tariffId, out Tariff? tariff)) return null;
        CompiledTariff compiled = CompiledTariff.Compile(tariff, tariffs);
        long entry = await log.AppendOnceAsync(new LogEntry(LogEntryKind.Tariff, tariff.Hash), tariff.Id, cancellationToken).ConfigureAwait(false);
        var series = new List<LoggedSeries>();
        foreach (TariffSeries one in compiled.Series)
        {
            long at = await log.AppendOnceAsync(new LogEntry(LogEntryKind.TariffSeries, one.Hash), one.Id, cancellationToken).ConfigureAwait(false);
            series.Add(new LoggedSeries(one, at));
        }
        return _plans[tariffId] = new Plan(compiled, new InvoiceWriter(compiled), new LoggedTariff(tariff, entry), series);
    }

    private async ValueTask<LoggedBlock[]?> LoggedAsync(IReadOnlyList<IntervalBlock> blocks, CancellationToken cancellationToken)
    {
        IReadOnlyList<BlockEvidence?> found = await stores.Batches.FindEvidenceAsync(blocks, cancellationToken).ConfigureAwait(false);
        var logged = new LoggedBlock[blocks.Count];
        for (int i = 0; i < blocks.Count; i++)
        {
            if (found[i] is not { Batch: { } number, Salt: { } salt } evidence) return null;
            if (!_batches.TryGetValue(number, out LoggedBatch? batch))
            {
                StoredBatch? stored = await stores.Batches.FindAsync(number, cancellationToken).ConfigureAwait(false);
                if (stored?.Entry is not { } entry) return null;
                batch = _batches[number] = new LoggedBatch(stored.Head, await stores.Batches.ReadTreeAsync(number, cancellationToken).ConfigureAwait(false), entry);
            }
            logged[i] = new LoggedBlock(blocks[i], new Digest(salt.Span), batch, evidence.Index);
        }
        return logged;
    }

    private sealed record Plan(CompiledTariff Tariff, InvoiceWriter Writer, LoggedTariff Logged, IReadOnlyList<LoggedSeries> Series);

    private sealed record Draft(BillableUsage Usage, Invoice Invoice, Plan Plan, LoggedBlock[] Blocks, Digest Salt)
    {
        public long Entry { get; set; }
    }
}
