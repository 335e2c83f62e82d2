using NodaTime;
using Praman.MeterData.Ingest;
using Praman.MeterData.Rules;
using Praman.MeterData.Validation;
using Praman.MeterData.Versions;
using Praman.Metering;

namespace Praman.MeterData.Gate;

/// <summary>
/// Registers of which meters gave more than one value and between which the intervals do not choose: what waits, and a person's decision, with name and
/// reason. The value is then ACCEPTED, and the bill at that midnight, which a person's value stands behind, waits for another person's release
/// (<see cref="EditReleases"/>).
/// </summary>
public sealed class RegisterDecisions(IReadingStore store, IUsagePointDirectory directory, RuleSet rules, IDateTimeZoneProvider? zones = null)
{
    private const int AttemptsMax = 4;
    private readonly LocalDayGrids _grids = new(zones ?? DateTimeZoneProviders.Tzdb);

    /// <summary>Registers of a period that wait for a person, by instant, at most <paramref name="countMax"/>.</summary>
    public async ValueTask<IReadOnlyList<WaitingRegister>> WaitingAsync(Interval period, int countMax, CancellationToken cancellationToken)
    {
        var told = new SortedSet<(Instant At, UsagePointId UsagePoint)>();
        await foreach (StoredFinding finding in store.ReadFindingsAsync(null, period, cancellationToken).ConfigureAwait(false))
        {
            bool isDispute = finding.Finding is { Rule: var rule, Severity: Severity.Fail, Note: UsagePointEvaluation.DisputedRegisterNote } && rule == RuleId.Duplicate;
            if (isDispute && finding.Type.IsRegister()) told.Add((finding.DayStart, finding.UsagePoint));
        }
        var waiting = new List<WaitingRegister>();
        foreach ((Instant at, UsagePointId usagePoint) in told)
        {
            if (waiting.Count >= countMax) break;
            if (await directory.FindAsync(usagePoint, cancellationToken).ConfigureAwait(false) is not { } record) continue;
            var query = new EvidenceQuery(usagePoint, at, at, Instant.MaxValue);
            UsagePointEvidence evidence = (await store.ReadEvidenceAsync([query], cancellationToken).ConfigureAwait(false))[0];
            var book = new RegisterBook(record);
            foreach (StoredRegister stored in evidence.Registers) book.Add(stored.Register);
            foreach (DisputedRegister one in book.Disputed()) if (one.Chosen is null) waiting.Add(new WaitingRegister(usagePoint, one.Type, one.At, one.EndDevice, one.Values));
        }
        return waiting.Count > countMax ? waiting.GetRange(0, countMax) : waiting;
    }

    /// <summary>Takes a decision; durable on return.</summary>
    /// <exception cref="VersionConflictException">Others appended to these days at each of several attempts; nothing was decided.</exception>
    public async ValueTask<DecisionState> DecideAsync(RegisterDecision decision, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(decision);
        if (!EditReleases.IsReason(decision.Reason)) return DecisionState.NoReason;
        if (await directory.FindAsync(decision.UsagePoint, cancellationToken).ConfigureAwait(false) is not { } record) return DecisionState.NotWaiting;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await DecideOnceAsync(record, decision, cancellationToken).ConfigureAwait(false);
            }
            catch (VersionConflictException) when (attempt < AttemptsMax)
            {
                // A reading came in between: read again.
            }
        }
    }

    private async ValueTask<DecisionState> DecideOnceAsync(UsagePointRecord record, RegisterDecision decision, CancellationToken cancellationToken)
    {
        LocalDayGrid grid = _grids.Of(record.UsagePoint.TimeZone);
        LocalDate day = grid.DayOf(decision.At);
        var query = new EvidenceQuery(decision.UsagePoint, grid.Start(day.PlusDays(-1)), grid.End(day), Instant.MaxValue);
        var batch = new BatchBuilder();
        UsagePointEvaluation evaluation = await PrepareAsync(record, grid, query, batch, decision, cancellationToken).ConfigureAwait(false);
        evaluation = await PrepareAsync(record, grid, evaluation.Wide(), batch, decision, cancellationToken).ConfigureAwait(false);
        if (evaluation.AcceptRegister(decision.Type, decision.At, decision.EndDevice, decision.Value) is not { } accepted) return DecisionState.NotWaiting;
        await MeterDataIngest.AddRefusalsAsync(store, evaluation, decision.UsagePoint, grid, cancellationToken).ConfigureAwait(false);
        evaluation.Evaluate();
        var edit = new ReadingEdit(
            decision.UsagePoint, decision.Type, decision.At, decision.EndDevice, accepted.Block.Version, decision.By, decision.Reason.Trim());
        await store.AppendAsync(batch.Build(decision.DecidedAt) with { Edits = [edit] }, cancellationToken).ConfigureAwait(false);
        return DecisionState.Decided;
    }

    private async ValueTask<UsagePointEvaluation> PrepareAsync(
        UsagePointRecord record, LocalDayGrid grid, EvidenceQuery query, BatchBuilder batch, RegisterDecision decision, CancellationToken cancellationToken)
    {
        UsagePointEvidence evidence = (await store.ReadEvidenceAsync([query], cancellationToken).ConfigureAwait(false))[0];
        return new UsagePointEvaluation(record, grid, new DayPipeline(rules), query, evidence, batch, decision.DecidedAt);
    }
}

/// <summary>A register that waits for a person.</summary>
/// <param name="Values">What meters gave, Wh, lowest first.</param>
public sealed record WaitingRegister(UsagePointId UsagePoint, ReadingType Type, Instant At, EndDeviceId EndDevice, IReadOnlyList<long> Values);

/// <summary>A person's decision on a register.</summary>
/// <param name="Value">The value that is taken, one of those that meters gave.</param>
/// <param name="By">Who, by sign-in name.</param>
/// <param name="Reason">Why, in their own words: within the limits of <see cref="EditReleases.IsReason"/>.</param>
public sealed record RegisterDecision(UsagePointId UsagePoint, ReadingType Type, Instant At, EndDeviceId EndDevice, long Value, string By, string Reason, Instant DecidedAt);

/// <summary>What became of a decision.</summary>
public enum DecisionState
{
    /// <summary>It stands.</summary>
    Decided,

    /// <summary>There is no reason, or it is too short or too long.</summary>
    NoReason,

    /// <summary>The register is not disputed, or decided already, or no meter gave that value.</summary>
    NotWaiting,
}
