using System.Globalization;
using System.Text;
using NodaTime;
using NodaTime.Text;
using Praman.Billing.Invoicing;
using Praman.Billing.Ledger;
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
using Praman.Storage;

namespace Praman.Server.Operations;

/// <summary>What a billing run stands on.</summary>
public sealed record BillingStores(IUsagePointDirectory UsagePoints, IBatchStore Batches, IMasterSalts Salts, IBillStore Bills, IReleaseStore Releases)
{
    /// <summary>The ledger that bills are posted to; null where another does.</summary>
    public ILedgerStore? Ledger { get; init; }

    /// <summary>The wallets of prepaid homes, whose days are deducted as they pass: the bills of such days post nothing. Null where there are none.</summary>
    public IWalletStore? Wallets { get; init; }
}

/// <summary>A usage point that got no bill, and why; with the codes that say so, one whose bill is kept and has another fault.</summary>
public sealed record BillRefused(UsagePointId UsagePoint, string Code, string Reason)
{
    /// <summary>The bill of these very days is kept, and what is kept of it cannot be read or is not its own: a copy must be restored.</summary>
    public const string Damaged = "BILL-DAMAGED";

    /// <summary>What is stored of this usage point does not fit its checksums or its keys: a copy must be restored.</summary>
    public const string StoreDamaged = "STORE-DAMAGED";

    /// <summary>The bill is kept, but readings of its days came in at every attempt to mark them as billed: the next run marks them.</summary>
    public const string Unmarked = "BILL-UNMARKED";

    /// <summary>The bill is kept, but the ledger refuses its posting: the next run asks again.</summary>
    public const string Unposted = "BILL-UNPOSTED";

    /// <summary>The tariff by which the bill was made is not here any more, or says something else.</summary>
    public const string TariffChanged = "TARIFF-CHANGED";

    /// <summary>The bill of these very days is kept already.</summary>
    public const string Exists = "BILL-EXISTS";

    /// <summary>Another bill that is kept covers some of these days.</summary>
    public const string Overlaps = "BILL-OVERLAPS";

    /// <summary>Another run is billing some of these days just now: when it is done, either they are billed or the next run bills them.</summary>
    public const string Claimed = "BILL-CLAIMED";

    /// <summary>More was entered or accepted by persons than may be billed without a release: a supervisor is asked, and the next run takes what was released.</summary>
    public const string WaitsForRelease = "WAITS-FOR-RELEASE";
}

/// <summary>What a run made. The files of the bills are in the store.</summary>
public sealed record BillingRunResult(IReadOnlyList<BillFacts> Bills, IReadOnlyList<BillRefused> Refused)
{
    /// <summary>Of those refused, the ones that a supervisor's release makes billable.</summary>
    public IEnumerable<BillRefused> Waiting => Refused.Where(one => one.Code == BillRefused.WaitsForRelease);
}

/// <summary>
/// Makes the bills of a period: usage through the gate, lines by the tariff, the commitment into the log, and, once the head is
/// cosigned, the proof and the evidence beside each bill. Tariff and series stand in the log before the first bill that uses them.
/// A run that failed or was cut off is run again as it was, with the same date of issue: bills that are kept are not made again, bills that
/// are logged are not logged again. Bills are made in windows, each kept and let go before the next, so that a run holds no more of them however
/// many the period has. Another run may go on beside it: days are claimed in the store before their bills are logged, so that a day which both would
/// bill, one of them logs and bills.
/// </summary>
/// <param name="usage">Readings through the gate.</param>
/// <param name="tariffs">What bills are made by.</param>
/// <param name="log">Where they are committed to.</param>
/// <param name="stores">What else the run stands on.</param>
/// <param name="windowLength">Bills that are made, logged under one head and kept together, at most.</param>
/// <param name="time">The clock of claims; null takes the system's.</param>
public sealed partial class BillingRun(
    BillingPeriodReadings usage, TariffSet tariffs, PublicLog log, BillingStores stores, int windowLength = BillingRun.DefaultWindowLength, TimeProvider? time = null)
{
    /// <summary>A head, its cosignatures and a flush are shared by so many bills; their files are a few tens of megabytes.</summary>
    public const int DefaultWindowLength = 256;

    /// <summary>How long a window may take from its claim to its bills being kept, witnesses of others included; a claim older than this gives way.</summary>
    public static readonly Duration ClaimLength = Duration.FromMinutes(30);

    private readonly Guid _run = Guid.NewGuid();
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Dictionary<string, Plan> _plans = new(StringComparer.Ordinal);
    private readonly Dictionary<long, LoggedBatch> _batches = [];
    private readonly int _windowLength = windowLength > 0 ? windowLength : throw new ArgumentOutOfRangeException(nameof(windowLength), windowLength, "at least 1 is expected");

    /// <summary>Issues the bills of a period of local days, both included.</summary>
    /// <param name="issued">Local date on the bills.</param>
    /// <param name="now">Time of the run.</param>
    /// <returns>The bills made; refused with <see cref="BillRefused.Exists"/> or <see cref="BillRefused.Overlaps"/> is a usage point some of whose days are billed already.</returns>
    /// <param name="progress">Told of each usage point that is done.</param>
    public async Task<BillingRunResult> IssueAsync(
        IReadOnlyList<UsagePointId> usagePoints, DateInterval period, LocalDate issued, Instant now, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(usagePoints);
        var bills = new List<BillFacts>();
        var refused = new List<BillRefused>();
        for (int first = 0; first < usagePoints.Count; first += _windowLength)
        {
            int until = Math.Min(usagePoints.Count, first + _windowLength);
            var window = new List<Draft>();
            for (int i = first; i < until; i++)
            {
                (Draft? draft, BillRefused? refusal) = await TryDraftAsync(usagePoints[i], period, issued, now, cancellationToken).ConfigureAwait(false);
                if (draft is not null) window.Add(draft);
                else refused.Add(refusal!);
                progress?.Report(i + 1);
            }
            if (window.Count > 0) await IssueClaimedAsync(window, now, bills, refused, cancellationToken).ConfigureAwait(false);
        }
        return new BillingRunResult(bills, refused);
    }

    /// <summary>Issues the bills of a window whose days nobody else bills, and refuses the others before anything of them is logged.</summary>
    private async Task IssueClaimedAsync(
        List<Draft> drafts, Instant now, List<BillFacts> bills, List<BillRefused> refused, CancellationToken cancellationToken)
    {
        try
        {
            Instant claimedAt = Instant.FromDateTimeOffset(_time.GetUtcNow());
            BillClaim[] claims = [.. drafts.Select(draft => new BillClaim(draft.Facts.BillNo, draft.Facts.UsagePoint, draft.Facts.Period))];
            IReadOnlyList<ClaimAnswer> answers = await stores.Bills.ClaimAsync(_run, claims, claimedAt, claimedAt + ClaimLength, cancellationToken).ConfigureAwait(false);
            var granted = new List<Draft>(drafts.Count);
            for (int i = 0; i < claims.Length; i++)
            {
                if (answers[i].State == ClaimState.Granted) granted.Add(drafts[i]);
                else refused.Add(Refuse(claims[i], answers[i]));
            }
            granted = await WithPathsAsync(granted, refused, cancellationToken).ConfigureAwait(false);
            if (granted.Count > 0) await IssueAsync(granted, now, bills, refused, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await stores.Bills.EndClaimsAsync(_run, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static BillRefused Refuse(BillClaim claim, ClaimAnswer answer) => answer.State switch
    {
        ClaimState.Claimed => new BillRefused(claim.UsagePoint, BillRefused.Claimed, $"another run is making bill {answer.Other}, which covers some of these days: run again when it is done"),
        _ when answer.Other == claim.BillNo => Exists(claim.UsagePoint, claim.BillNo),
        _ => Overlaps(claim.UsagePoint, answer.Other!),
    };

    private async ValueTask<(Draft? Draft, BillRefused? Refused)> TryDraftAsync(
        UsagePointId usagePoint, DateInterval period, LocalDate issued, Instant now, CancellationToken cancellationToken)
    {
        try
        {
            return await ExistsAsync(usagePoint, period, now, cancellationToken).ConfigureAwait(false) is { } kept
                ? (null, kept)
                : await DraftAsync(usagePoint, period, issued, now, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreException damage) when (damage.Fault == StoreFault.Damaged)
        {
            // What is damaged is this usage point's: the others are billed.
            return (null, new BillRefused(usagePoint, BillRefused.StoreDamaged, damage.Message));
        }
    }

    /// <summary>Logs the bills of a window, makes their files under the head that covers them, keeps and marks them.</summary>
    private async Task IssueAsync(
        List<Draft> drafts, Instant now, List<BillFacts> bills, List<BillRefused> refused, CancellationToken cancellationToken)
    {
        IssuedBill[] made = await LogAsync(drafts, now, cancellationToken).ConfigureAwait(false);
        bool[] isKept = await KeepAsync(made, refused, cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < made.Length; i++)
        {
            if (!isKept[i]) continue;
            bills.Add(made[i].Facts);
            if (await MarkAsync(drafts[i].Usage, made[i].Facts.BillNo, now, cancellationToken).ConfigureAwait(false) is { } unmarked) refused.Add(unmarked);
        }
        refused.AddRange(await PostAsync([.. made.Where((_, i) => isKept[i])], now, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Logs documents, has the head cosigned, and makes their files under it.</summary>
    private async ValueTask<IssuedBill[]> LogAsync(List<Draft> drafts, Instant now, CancellationToken cancellationToken)
    {
        foreach (Draft draft in drafts)
        {
            var entry = new LogEntry(LogEntryKind.Bill, Commitment.Compute(draft.Salt.Octets, draft.Bytes.Span));
            draft.Entry = await log.AppendOnceAsync(entry, draft.Facts.BillNo, cancellationToken).ConfigureAwait(false);
        }
        SignedCheckpoint head = await log.PublishAsync(now, cancellationToken).ConfigureAwait(false);
        return await log.AloneAsync(
            () =>
            {
                BillEvidenceWriter evidence = log.EvidenceWriter(head);
                return drafts.Select(draft => Close(draft, head, evidence)).ToArray();
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Posts bills that are kept. What was posted before is not posted again: the key is the bill's number.</summary>
    /// <returns>Those that the ledger refuses.</returns>
    private async ValueTask<IReadOnlyList<BillRefused>> PostAsync(IReadOnlyList<IssuedBill> kept, Instant now, CancellationToken cancellationToken)
    {
        if (stores.Ledger is not { } ledger) return [];
        var refused = new List<BillRefused>();
        var requests = new List<PostingRequest>();
        var of = new List<BillFacts>();
        foreach (IssuedBill bill in kept)
        {
            if (!BillDocument.TryRead(bill.Bill, out BillDocument? document, out UnreadableFile? fault))
            {
                refused.Add(new BillRefused(bill.Facts.UsagePoint, BillRefused.Damaged, $"bill {bill.Facts.BillNo} is kept, and cannot be read: {fault}; restore a copy"));
                continue;
            }
            if (await IsDeductedAsync(bill.Facts, cancellationToken).ConfigureAwait(false)) continue;
            foreach (PostingRequest request in BillPostings.Of(document))
            {
                requests.Add(request);
                of.Add(bill.Facts);
            }
        }
        if (requests.Count == 0) return refused;
        IReadOnlyList<PostingOutcome> outcomes = await ledger.AppendAsync(requests, now, cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < outcomes.Count; i++)
        {
            if (outcomes[i].Refusal is { } refusal) refused.Add(new BillRefused(of[i].UsagePoint, BillRefused.Unposted, $"bill {of[i].BillNo} is kept, but not posted: {refusal}"));
        }
        return refused;
    }

    private async ValueTask<BillRefused?> FirstUnpostedAsync(IReadOnlyList<IssuedBill> kept, Instant now, CancellationToken cancellationToken)
    {
        IReadOnlyList<BillRefused> refused = await PostAsync(kept, now, cancellationToken).ConfigureAwait(false);
        return refused.Count > 0 ? refused[0] : null;
    }

    /// <summary>Whether a wallet holds days of the bill.</summary>
    private async ValueTask<bool> IsDeductedAsync(BillFacts facts, CancellationToken cancellationToken) =>
        stores.Wallets is { } wallets && (await wallets.ReadAsync(facts.UsagePoint, facts.Period, cancellationToken).ConfigureAwait(false)).Count > 0;

    /// <summary>
    /// Keeps bills, all at once where nobody else billed the same days meanwhile; otherwise (a claim ran out, and another run took the days) each alone, and
    /// refuses those that came second.
    /// </summary>
    /// <returns>Of each bill, whether it is kept.</returns>
    private async ValueTask<bool[]> KeepAsync(IssuedBill[] made, List<BillRefused> refused, CancellationToken cancellationToken)
    {
        var isKept = new bool[made.Length];
        try
        {
            await stores.Bills.AddAsync(made, cancellationToken).ConfigureAwait(false);
            Array.Fill(isKept, true);
            return isKept;
        }
        catch (Exception second) when (second is BillConflictException or BillOverlapException)
        {
            // Another run was faster with one of them; which, each tells when it is added alone.
        }
        for (int i = 0; i < made.Length; i++)
        {
            BillFacts facts = made[i].Facts;
            try
            {
                await stores.Bills.AddAsync([made[i]], cancellationToken).ConfigureAwait(false);
                isKept[i] = true;
            }
            catch (BillConflictException)
            {
                refused.Add(Exists(facts.UsagePoint, facts.BillNo));
            }
            catch (BillOverlapException overlap)
            {
                refused.Add(new BillRefused(facts.UsagePoint, BillRefused.Overlaps, overlap.Message));
            }
        }
        return isKept;
    }

    private async ValueTask<BillRefused?> MarkAsync(BillableUsage used, string billNo, Instant now, CancellationToken cancellationToken)
    {
        try
        {
            await usage.MarkBilledAsync(used, billNo, now, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (VersionConflictException)
        {
            return new BillRefused(used.UsagePoint, BillRefused.Unmarked, $"bill {billNo} is kept, but readings of its days came in at each attempt to mark them: run again to mark them");
        }
        catch (StoreException damage) when (damage.Fault == StoreFault.Damaged)
        {
            return new BillRefused(used.UsagePoint, BillRefused.StoreDamaged, $"bill {billNo} is kept, but its days are not marked: {damage.Message}");
        }
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
            return await stores.Bills.FindOverlapAsync(usagePoint, period, cancellationToken).ConfigureAwait(false) is { } other
                ? Overlaps(usagePoint, other)
                : null;
        }
        IReadOnlyList<IntervalBlock> blocks;
        try
        {
            // What was billed stands in the bill's own evidence; what is in force by now may be another version.
            blocks = BillEvidenceBlocks.Read(kept.Evidence, billNo, usagePoint);
        }
        catch (InvalidDataException damage)
        {
            return new BillRefused(usagePoint, BillRefused.Damaged, $"bill {billNo} is kept, but its evidence is damaged: {damage.Message}; restore a copy");
        }
        BillableUsage used = await usage.UsageForBillingAsync(usagePoint, kept.Facts.Period, null, cancellationToken).ConfigureAwait(false);
        return await MarkAsync(used with { Blocks = blocks }, billNo, now, cancellationToken).ConfigureAwait(false)
            ?? await FirstUnpostedAsync([kept], now, cancellationToken).ConfigureAwait(false) ?? Exists(usagePoint, billNo);
    }

    private static BillRefused Waits(BillableUsage used)
    {
        EditedReadings edited = used.Edited!;
        string who = (edited.By.Count, edited.IsEveryEditorKnown) switch
        {
            (0, _) => "whose names were not recorded, so that any supervisor may release it",
            (_, true) => string.Join(", ", edited.By),
            _ => $"{string.Join(", ", edited.By)}, and others whose names were not recorded",
        };
        return new BillRefused(used.UsagePoint, BillRefused.WaitsForRelease, string.Create(
            CultureInfo.InvariantCulture,
            $"{edited.EnergyShare:0.0##%} of the energy and {edited.IntervalShare:0.0##%} of the intervals were entered or accepted by persons ({who}): a supervisor's release is asked for"));
    }

    private static BillRefused Overlaps(UsagePointId usagePoint, string other) =>
        new(usagePoint, BillRefused.Overlaps, $"bill {other} covers some of these days: a day is billed once");

    private static BillRefused Exists(UsagePointId usagePoint, string billNo) =>
        new(usagePoint, BillRefused.Exists, $"bill {billNo} is issued already: a correction is a reversal and a new bill");

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
        UsagePointId usagePoint, DateInterval period, LocalDate issued, Instant now, CancellationToken cancellationToken)
    {
        UsagePointRecord? record = await stores.UsagePoints.FindAsync(usagePoint, cancellationToken).ConfigureAwait(false);
        if (record is null) return (null, new BillRefused(usagePoint, "USAGE-POINT-UNKNOWN", "there is no master data of this usage point"));
        BillableUsage used = await usage.UsageForBillingAsync(usagePoint, period, null, cancellationToken).ConfigureAwait(false);
        if (GateReason.IsWaitingForRelease(used))
        {
            await stores.Releases.AskAsync([new ReleaseRequest(usagePoint, period, now)], cancellationToken).ConfigureAwait(false);
            return (null, Waits(used));
        }
        Plan? plan = await PlanAsync(record.UsagePoint.TariffId, cancellationToken).ConfigureAwait(false);
        if (plan is null) return (null, new BillRefused(usagePoint, RefusalCodes.TariffUnknown, $"there is no tariff '{record.UsagePoint.TariffId}'"));

        IReadOnlyList<IntervalBlock> blocks = BillEvidenceWriter.BlocksOf(used);
        PlacedBlock[]? logged = await PlacedAsync(blocks, cancellationToken).ConfigureAwait(false);
        if (logged is null) return (null, new BillRefused(usagePoint, "READINGS-NOT-LOGGED", "a block of the period is in no batch of the log yet, or its salt was erased"));
        Digest readings = ReadingsHash(logged);

        string billNo = BillNo(usagePoint, period);
        var request = new InvoiceRequest(billNo, plan.Tariff.Tariff.Utilities[0], record.UsagePoint, used, issued);
        InvoiceResult result = plan.Writer.Write(request, readings);
        if (result.Invoice is null) return (null, new BillRefused(usagePoint, result.Refusal!.Code, result.Refusal.Message));

        return await SaltOfAsync(usagePoint, billNo, cancellationToken).ConfigureAwait(false) is { } salt
            ? (new Draft(used, FactsOf(result.Invoice, used, issued), result.Invoice.Bytes, plan, logged, salt), null)
            : (null, SaltErased(usagePoint));
    }

    private static BillRefused SaltErased(UsagePointId usagePoint) => new(usagePoint, "SALT-ERASED", "the salt of this usage point was erased");

    private static Digest ReadingsHash(PlacedBlock[] logged) => BillEvidenceWriter.ReadingsHash(logged.Select(block => block.Logged.Leaf));

    private async ValueTask<Digest?> SaltOfAsync(UsagePointId usagePoint, string billNo, CancellationToken cancellationToken)
    {
        MasterSalt master = (await stores.Salts.GetAsync([usagePoint], cancellationToken).ConfigureAwait(false))[0];
        byte[] salt = new byte[Commitment.SaltLength];
        return master.TryDeriveBillSalt(Encoding.UTF8.GetBytes(billNo), salt) ? new Digest(salt) : null;
    }

    /// <summary>What a list of bills shows of one; its entry comes when it is logged.</summary>
    private static BillFacts FactsOf(Invoice invoice, BillableUsage used, LocalDate issued) => new(
        invoice.BillNo, invoice.UsagePoint, invoice.Period, issued, invoice.Rated.Currency, invoice.TotalMinorUnits, used.EnergyWh, used.EstimatedWh,
        used.Gate == BillingGate.Provisional, 0)
    {
        ReleasedBlocks = used.Edited?.BlocksSha256,
    };

    private IssuedBill Close(Draft draft, SignedCheckpoint head, BillEvidenceWriter writer)
    {
        TlogProof proof = log.Prove(draft.Entry, head, draft.Salt.Octets.ToArray());
        byte[] evidence = writer.Write(draft.Facts.BillNo, [.. draft.Blocks.Select(block => block.Logged)], draft.Plan.Logged, draft.Plan.Series)
            ?? throw new InvalidDataException("a tile of the log is missing below a proof");
        return new IssuedBill(draft.Facts with { LogIndex = draft.Entry }, draft.Bytes, proof.ToBytes(), evidence);
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

    /// <summary>Where blocks stand in the log; null where one stands nowhere, or cannot be opened. Their paths come with those of the window.</summary>
    private async ValueTask<PlacedBlock[]?> PlacedAsync(IReadOnlyList<IntervalBlock> blocks, CancellationToken cancellationToken)
    {
        IReadOnlyList<BlockEvidence?> found = await stores.Batches.FindEvidenceAsync(blocks, cancellationToken).ConfigureAwait(false);
        var placed = new PlacedBlock[blocks.Count];
        for (int i = 0; i < blocks.Count; i++)
        {
            if (found[i] is not { Batch: { } number, Salt: { } salt } evidence) return null;
            if (!_batches.TryGetValue(number, out LoggedBatch? batch))
            {
                StoredBatch? stored = await stores.Batches.FindAsync(number, cancellationToken).ConfigureAwait(false);
                if (stored?.Entry is not { } entry) return null;
                batch = _batches[number] = new LoggedBatch(stored.Head, entry);
            }
            placed[i] = new PlacedBlock(number, new LoggedBlock(blocks[i], new Digest(salt.Span), evidence.Leaf, batch, evidence.Index, default));
        }
        return placed;
    }

    /// <summary>
    /// Reads the paths of a window's leaves, all of one night at once: homes that are recorded one after another share the tiles of the night's tree. Refuses
    /// a home whose leaves do not lead to the root of their night.
    /// </summary>
    /// <returns>The drafts that have their paths.</returns>
    private async ValueTask<List<Draft>> WithPathsAsync(List<Draft> drafts, List<BillRefused> refused, CancellationToken cancellationToken)
    {
        try
        {
            await ReadPathsAsync(drafts, cancellationToken).ConfigureAwait(false);
            return drafts;
        }
        catch (StoreException damage) when (damage.Fault == StoreFault.Damaged)
        {
            // Whose it is, each home tells when it is read alone.
        }
        var whole = new List<Draft>(drafts.Count);
        foreach (Draft draft in drafts)
        {
            try
            {
                await ReadPathsAsync([draft], cancellationToken).ConfigureAwait(false);
                whole.Add(draft);
            }
            catch (StoreException damage) when (damage.Fault == StoreFault.Damaged)
            {
                refused.Add(new BillRefused(draft.Facts.UsagePoint, BillRefused.StoreDamaged, damage.Message));
            }
        }
        return whole;
    }

    private async ValueTask ReadPathsAsync(List<Draft> drafts, CancellationToken cancellationToken)
    {
        var nights = new SortedDictionary<long, List<(PlacedBlock[] Blocks, int At)>>();
        foreach (Draft draft in drafts)
        {
            for (int i = 0; i < draft.Blocks.Length; i++)
            {
                if (!nights.TryGetValue(draft.Blocks[i].BatchNumber, out var leaves)) nights[draft.Blocks[i].BatchNumber] = leaves = [];
                leaves.Add((draft.Blocks, i));
            }
        }
        foreach ((long number, var leaves) in nights)
        {
            IReadOnlyList<Digest[]> paths = await stores.Batches.ReadPathsAsync(number, [.. leaves.Select(leaf => leaf.Blocks[leaf.At].Logged.Index)], cancellationToken).ConfigureAwait(false);
            for (int i = 0; i < paths.Count; i++)
            {
                (PlacedBlock[] blocks, int at) = leaves[i];
                blocks[at] = blocks[at] with { Logged = blocks[at].Logged with { Path = paths[i] } };
            }
        }
    }

    /// <summary>A block with the number of the batch that it stands in.</summary>
    private readonly record struct PlacedBlock(long BatchNumber, LoggedBlock Logged);

    private sealed record Plan(CompiledTariff Tariff, InvoiceWriter Writer, LoggedTariff Logged, IReadOnlyList<LoggedSeries> Series);

    private sealed record Draft(BillableUsage Usage, BillFacts Facts, ReadOnlyMemory<byte> Bytes, Plan Plan, PlacedBlock[] Blocks, Digest Salt)
    {
        public long Entry { get; set; }
    }
}
