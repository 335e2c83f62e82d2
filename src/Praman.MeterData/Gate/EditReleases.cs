using Praman.Metering;

namespace Praman.MeterData.Gate;

/// <summary>
/// Releases of edited readings: what waits, and whether a person may release it. A release is another person's than the editors', has a reason, and
/// stands for the versions that its maker saw. Where nobody's name was recorded with an edit, any supervisor's release is enough.
/// </summary>
public sealed class EditReleases(BillingPeriodReadings readings, IReleaseStore store)
{
    /// <summary>Characters of the shortest and longest reason.</summary>
    public const int ReasonLengthMin = 10, ReasonLengthMax = 500;

    /// <summary>Periods that are looked at for one answer, at most.</summary>
    private const int LookedAtMax = 2_000;

    private const int PageLength = 100;

    /// <summary>Periods that wait for a release and for nothing else, in the order in which they were asked for.</summary>
    public async ValueTask<IReadOnlyList<WaitingPeriod>> WaitingAsync(int countMax, CancellationToken cancellationToken)
    {
        var waiting = new List<WaitingPeriod>();
        ReleaseRequest? last = null;
        for (int lookedAt = 0; lookedAt < LookedAtMax; lookedAt += PageLength)
        {
            IReadOnlyList<ReleaseRequest> page = await store.ReadOpenAsync(last, PageLength, cancellationToken).ConfigureAwait(false);
            foreach (ReleaseRequest request in page)
            {
                if (waiting.Count == countMax) return waiting;
                BillableUsage usage = await readings.UsageForBillingAsync(request.UsagePoint, request.Period, null, cancellationToken).ConfigureAwait(false);
                if (GateReason.IsWaitingForRelease(usage)) waiting.Add(new WaitingPeriod(request, usage.Edited!, usage.EditedCount, usage.IntervalCount, usage.EditedRegisterCount, usage.EnergyWh));
            }
            if (page.Count < PageLength) break;
            last = page[^1];
        }
        return waiting;
    }

    /// <summary>Whether a release may be made. <see cref="ReleaseState.Released"/>: it may.</summary>
    public async ValueTask<ReleaseState> JudgeAsync(EditRelease release, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(release);
        if (!IsReason(release.Reason)) return ReleaseState.NoReason;
        BillableUsage usage = await readings.UsageForBillingAsync(release.UsagePoint, release.Period, null, cancellationToken).ConfigureAwait(false);
        if (!GateReason.IsWaitingForRelease(usage)) return ReleaseState.NotWaiting;
        if (usage.Edited!.BlocksSha256 != release.BlocksSha256) return ReleaseState.Changed;
        return usage.Edited.By.Contains(release.By, StringComparer.OrdinalIgnoreCase) ? ReleaseState.OwnEdit : ReleaseState.Released;
    }

    /// <summary>Makes a release that may be made; durable on return.</summary>
    public async ValueTask<ReleaseState> ReleaseAsync(EditRelease release, CancellationToken cancellationToken)
    {
        ReleaseState state = await JudgeAsync(release, cancellationToken).ConfigureAwait(false);
        // Values that come between do no harm: the release stands for the versions that it names, and for no others.
        if (state == ReleaseState.Released) await store.AddAsync(release with { Reason = release.Reason.Trim() }, cancellationToken).ConfigureAwait(false);
        return state;
    }

    /// <summary>Whether a text will do as a reason: a few words, on one line.</summary>
    public static bool IsReason(string? text) => text?.Trim() is { Length: >= ReasonLengthMin and <= ReasonLengthMax } reason && !reason.Any(char.IsControl);
}

/// <summary>What became of a release.</summary>
public enum ReleaseState
{
    /// <summary>It stands.</summary>
    Released,

    /// <summary>There is no reason, or it is too short or too long.</summary>
    NoReason,

    /// <summary>The period waits for no release: nothing to release, released already, or stopped by something else too.</summary>
    NotWaiting,

    /// <summary>The readings are not those any more that the person saw.</summary>
    Changed,

    /// <summary>The person entered or accepted some of the readings: somebody else has to look.</summary>
    OwnEdit,
}

/// <summary>A period that waits, with what a supervisor needs to see of it.</summary>
/// <param name="EditedCount">Intervals that a person entered or accepted.</param>
/// <param name="IntervalCount">Intervals of the period.</param>
/// <param name="EditedRegisterCount">Registers that a person entered or accepted.</param>
/// <param name="EnergyWh">Energy of the period.</param>
public sealed record WaitingPeriod(ReleaseRequest Request, EditedReadings Edited, int EditedCount, int IntervalCount, int EditedRegisterCount, long EnergyWh);
