using NodaTime;
using Praman.MeterData.Estimation;
using Praman.MeterData.Rules;
using Praman.MeterData.Scaling;
using Praman.MeterData.Validation;
using Praman.Metering;

namespace Praman.MeterData.Versions;

internal sealed partial class UsagePointEvaluation
{
    /// <summary>An estimate that is to be scaled.</summary>
    private readonly record struct Estimated(Work Work, int Index);

    /// <summary>Estimates what is missing or refused, then scales to the registers (docs/reference/vee.md, estimation and scaling).</summary>
    private void Estimate(List<Work> works, RegisterPart[] parts, bool everyDay)
    {
        foreach (Work work in works) work.State.Validated = ([.. work.Values], [.. work.Qualities]);
        long? usage = everyDay ? UsageOf(parts) : null;
        var estimates = new List<Estimated>();
        var flat = new List<Estimated>();
        foreach (Work work in works) EstimateDay(work, usage is not null, estimates, flat);
        if (usage is not { } usageWh) return;
        Scale(works, parts, usageWh, estimates, flat);
    }

    private static long? UsageOf(RegisterPart[] parts)
    {
        if (parts.Length == 0) return null;
        long usage = 0;
        foreach (RegisterPart part in parts)
        {
            if (!RegisterUsage.TryCompute(part, out long partWh, out _)) return null;
            usage += partWh;
        }
        return usage;
    }

    /// <summary>One day: E8, then E2, E4 and, where registers are known, E7, gap by gap.</summary>
    private void EstimateDay(Work work, bool hasRegisters, List<Estimated> estimates, List<Estimated> flat)
    {
        DayState state = work.State;
        if (work.IsHeld) return;
        IReadOnlyList<ReferenceDay>? likeDays = null;
        var linear = new LinearInterpolation(_rules.LinearGapMinutesMax);
        IntervalQuality[] validated = state.Validated!.Value.Qualities;
        for (int i = 0; i < state.Count; i++)
        {
            if (!IsOpen(validated[i])) continue;
            if (KeepLocked(work, i)) continue;
            if (IsOff(validated[i]))
            {
                Put(work, i, 0, IntervalState.ZeroOutage);
                continue;
            }
            int end = i + 1;
            while (end < state.Count && IsOpen(validated[end]) && !IsOff(validated[end]) && !KeepLocked(work, end)) end++;
            Span<long> gap = work.Values.AsSpan(i, end - i);
            IntervalState method;
            if (Neighbour(work, i - 1) is { } before && Neighbour(work, end) is { } after && linear.TryFill(before, after, state.Minutes, gap))
            {
                method = IntervalState.LinearInterpolation;
            }
            else if ((likeDays ??= LikeDays(state)).Count > 0)
            {
                for (int k = i; k < end; k++) work.Values[k] = LikeDayEstimate.Mean(likeDays, _grid.PlaceInDay(state.StartOf(k), state.Minutes));
                method = IntervalState.LikeDayAverage;
            }
            else if (hasRegisters)
            {
                method = IntervalState.Flat; // its value is what the registers leave
                for (int k = i; k < end; k++) flat.Add(new Estimated(work, k));
            }
            else
            {
                work.Findings.Add(new Finding(RuleId.NoEstimate, Severity.Fail, state.StartOf(i), end - i));
                i = end - 1;
                continue;
            }
            for (int k = i; k < end; k++)
            {
                Put(work, k, method == IntervalState.Flat ? 0 : work.Values[k], method);
                estimates.Add(new Estimated(work, k));
            }
            i = end - 1;
        }
    }

    private static bool IsOpen(IntervalQuality quality) => quality.State is IntervalState.Missing or IntervalState.Failed;

    private static bool IsOff(IntervalQuality quality) => quality.State == IntervalState.Missing && (quality.Flags & IntervalFlags.Outage) != 0;

    /// <summary>
    /// A billed estimate stays as it was billed until the meter gives something new for its day, or a register of its stretch: then the day is
    /// worked out again in a new version, and the billed one stays locked behind it.
    /// </summary>
    private static bool KeepLocked(Work work, int index)
    {
        DayState state = work.State;
        if (state.InForceQualities.Length == 0 || state.NewValues.Count > 0 || state.IsUnlocked) return false;
        IntervalQuality inForce = state.InForceQualities[index];
        if (!inForce.IsEstimated || (inForce.Flags & IntervalFlags.Locked) == 0) return false;
        work.Values[index] = state.InForceValues[index];
        work.Qualities[index] = inForce;
        return true;
    }

    private static void Put(Work work, int index, long value, IntervalState method)
    {
        work.Values[index] = value;
        work.Qualities[index] = work.Qualities[index] with { State = method };
    }

    /// <summary>A neighbour's value where a line may be drawn from it; the last of the day before and the first of the day after count.</summary>
    private long? Neighbour(Work work, int index)
    {
        DayState state = work.State;
        if (index < 0 || index >= state.Count)
        {
            if (!_days.TryGetValue((state.Type, state.Day.PlusDays(index < 0 ? -1 : 1)), out DayState? other) || other.Minutes != state.Minutes) return null;
            index = index < 0 ? other.Count - 1 : 0;
            state = other;
        }
        (long[] values, IntervalQuality[] qualities) = state.Known;
        return Anchor(values, qualities, index);
    }

    private static long? Anchor(long[] values, IntervalQuality[] qualities, int index) =>
        index < qualities.Length && LinearInterpolation.IsAnchor(qualities[index]) ? values[index] : null;

    private IReadOnlyList<ReferenceDay> LikeDays(DayState state)
    {
        int places = 1_440 / state.Minutes;
        LocalDate earliest = state.Day.PlusDays(-_rules.LikeDayLookbackDays);
        var candidates = new List<ReferenceDay>();
        foreach (DayState other in _days.Values)
        {
            // A day of 23 or 25 hours has no one interval for each local time: it is no reference.
            if (other.Type != state.Type || other.Day >= state.Day || other.Day < earliest || other.Minutes != state.Minutes || other.Count != places) continue;
            (long[] values, IntervalQuality[] qualities) = other.Known;
            if (qualities.Length > 0 && ReferenceDay.IsUsable(qualities)) candidates.Add(new ReferenceDay(other.Day, values));
        }
        return new LikeDayEstimate(_rules.LikeDayCount).Choose(state.Day, candidates);
    }

    private void Scale(List<Work> works, RegisterPart[] parts, long usageWh, List<Estimated> estimates, List<Estimated> flat)
    {
        Instant at = works[0].State.Start;
        var taken = new HashSet<(DayState, int)>();
        foreach (Estimated estimate in estimates) taken.Add((estimate.Work.State, estimate.Index));
        long known = 0;
        int count = 0;
        foreach (Work work in works)
        {
            count += work.State.Count;
            for (int i = 0; i < work.State.Count; i++)
            {
                IntervalQuality quality = work.Qualities[i];
                if (IsOpen(quality)) return; // held, or nothing to estimate from: the gate stops it
                if (!taken.Contains((work.State, i))) known += work.Values[i];
            }
        }
        long target = usageWh - known;
        decimal tolerance = _pipeline.SumTolerance(parts, count);
        if (estimates.Count == 0)
        {
            if (target >= 0 && target <= tolerance) return;
            if (target < 0 && -target <= tolerance) return;
            if (target > 0) TakeZeros(works, estimates, flat); // the registers say that energy flowed in the outage
            if (estimates.Count == 0)
            {
                works[0].Findings.Add(new Finding(RuleId.ScaleNegative, Severity.Fail, at, target, 0m));
                return;
            }
        }
        if (target < 0)
        {
            works[0].Findings.Add(new Finding(RuleId.ScaleNegative, Severity.Fail, at, target, 0m));
            return;
        }
        foreach (Estimated estimate in flat) estimate.Work.Values[estimate.Index] = target / estimates.Count;

        var values = new long[estimates.Count];
        for (int i = 0; i < values.Length; i++) values[i] = estimates[i].Work.Values[estimates[i].Index];
        decimal? factor = RegisterScaling.Factor(values, target);
        var scaled = new long[values.Length];
        if (!RegisterScaling.TryScale(values, target, scaled)) return;
        for (int i = 0; i < scaled.Length; i++)
        {
            if (scaled[i] <= estimates[i].Work.IntervalMaximumWh || estimates[i].Work.IntervalMaximumWh == 0) continue;
            Work work = estimates[i].Work; // the rules run on the result too
            work.Findings.Add(new Finding(
                RuleId.PhysicalMaximum, Severity.Fail, work.State.StartOf(estimates[i].Index), scaled[i], work.IntervalMaximumWh, "estimate"));
            return;
        }
        if (factor is { } f && (f < _rules.ScaleFactorLow || f > _rules.ScaleFactorHigh))
        {
            works[0].Findings.Add(new Finding(
                RuleId.ScaleExtreme, Severity.Warn, at, decimal.Round(f, 6, MidpointRounding.AwayFromZero), f < 1 ? _rules.ScaleFactorLow : _rules.ScaleFactorHigh));
        }
        for (int i = 0; i < scaled.Length; i++)
        {
            (Work work, int index) = estimates[i];
            work.Values[index] = scaled[i];
            work.Qualities[index] = work.Qualities[index] with { Flags = work.Qualities[index].Flags | IntervalFlags.Scaled };
        }
    }

    private static void TakeZeros(List<Work> works, List<Estimated> estimates, List<Estimated> flat)
    {
        foreach (Work work in works)
        {
            for (int i = 0; i < work.State.Count; i++)
            {
                IntervalQuality quality = work.Qualities[i];
                if (quality.State != IntervalState.ZeroOutage || (quality.Flags & IntervalFlags.Locked) != 0) continue;
                Put(work, i, 0, IntervalState.Flat);
                estimates.Add(new Estimated(work, i));
                flat.Add(new Estimated(work, i));
            }
        }
    }
}
