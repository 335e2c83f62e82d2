using NodaTime;
using Praman.MeterData.Rules;
using Praman.MeterData.Validation;
using Praman.Metering;

namespace Praman.MeterData.Versions;

internal sealed partial class UsagePointEvaluation
{
    /// <summary>Local days between two neighbouring known registers (one day where registers are not known), with the registers.</summary>
    private sealed record Span(ReadingType Type, LocalDate First, LocalDate Last, List<MeterStretch> Stretches)
    {
        public int Days => Period.DaysBetween(First, Last) + 1;
    }

    /// <summary>A day while it is worked on.</summary>
    private sealed class Work(DayState state)
    {
        public DayState State { get; } = state;

        public long[] Values { get; } = new long[state.Count];

        public IntervalQuality[] Qualities { get; } = new IntervalQuality[state.Count];

        public List<Finding> Findings { get; } = [];

        /// <summary>The whole day was refused by its sum: it waits for a person, not for an estimate.</summary>
        public bool IsHeld { get; set; }

        public long SumWh { get; set; }

        public bool IsComplete { get; set; }

        /// <summary>The day has a spike that waits for the sum of its stretch.</summary>
        public bool HoldsASpike { get; set; }

        public long IntervalMaximumWh { get; set; }
    }

    /// <summary>The days of a stretch, validated, with its registers.</summary>
    private sealed record ValidatedSpan(List<Work> Works, RegisterPart[] Parts, bool EveryDay);

    /// <summary>
    /// Works out every affected day and appends what changed. All are validated before any is estimated: a line over midnight needs the
    /// neighbour as it is now, whichever of the two comes first.
    /// </summary>
    /// <param name="estimate">Make estimates also where none were made before.</param>
    public void Evaluate(bool estimate = false)
    {
        ChooseRegisters();
        var spans = new List<ValidatedSpan>(_affected.Count);
        foreach ((ReadingType type, LocalDate day) in _affected)
        {
            if (_days.TryGetValue((type, day), out DayState? state) && state.Validated is not null) continue; // in the stretch of a day before
            Validate(SpanOf(type, day), estimate, spans);
        }
        int affected = spans.Count;
        for (int i = 0; i < affected; i++)
        {
            foreach (Work work in spans[i].Works)
            {
                AddNeighbour(work.State, -1, estimate, spans);
                AddNeighbour(work.State, 1, estimate, spans);
            }
        }
        foreach (ValidatedSpan span in spans)
        {
            if (estimate || span.Works.Exists(work => work.State.HasEstimates)) Estimate(span.Works, span.Parts, span.EveryDay);
            foreach (Work work in span.Works) Emit(work);
        }
        ProposeByRegisters();
    }

    /// <summary>Intervals of a day that was worked on which are not settled: missing, refused, or estimated and not billed.</summary>
    public int CountOpen(ReadingType type, LocalDate day) =>
        _days.TryGetValue((type, day), out DayState? state) && state.Result is { } result
            ? result.Count(quality => IsOpen(quality) || (quality.IsEstimated && (quality.Flags & IntervalFlags.Locked) == 0))
            : 0;

    /// <summary>A day beside one that was worked on, where its estimates reach the midnight between them: they are made again from what stands there now.</summary>
    private void AddNeighbour(DayState state, int step, bool estimate, List<ValidatedSpan> spans)
    {
        LocalDate day = state.Day.PlusDays(step);
        if (!IsEstimatedUpTo(state.Type, day, -step) || _days[(state.Type, day)].Validated is not null) return;
        (long[] values, IntervalQuality[] qualities) = state.Validated!.Value;
        int edge = step < 0 ? 0 : state.Count - 1;
        bool isChanged = Anchor(values, qualities, edge) != Anchor(state.InForceValues, state.InForceQualities, edge);
        if (estimate || isChanged) Validate(SpanOf(state.Type, day), estimate, spans);
    }

    /// <summary>Whether the evidence has a day whose first or last interval (−1 and 1) is estimated and not billed.</summary>
    private bool IsEstimatedUpTo(ReadingType type, LocalDate day, int side)
    {
        if (!_days.TryGetValue((type, day), out DayState? state) || !state.HasEstimates) return false;
        IntervalQuality edge = state.InForceQualities[side < 0 ? 0 : state.Count - 1];
        return edge.IsEstimated && (edge.Flags & IntervalFlags.Locked) == 0;
    }

    /// <summary>Whether the registers at both ends of a day, or of the stretch around it, are known.</summary>
    public bool HasRegistersAround(ReadingType type, LocalDate day) => SpanOf(type, day).Stretches.Count > 0;

    /// <summary>Puts a day on the list although nothing new came for it.</summary>
    public void Touch(ReadingType type, LocalDate day) => _affected.Add((type, day));

    private Span SpanOf(ReadingType type, LocalDate day)
    {
        var alone = new Span(type, day, day, []);
        if (type.Register() is not { } register || _record.Installations.Count == 0) return alone;
        LocalDate first = day, last = day;
        while (!_registers.IsKnown(register, _grid.Start(first)))
        {
            first = first.PlusDays(-1);
            if (_grid.Start(first) < _query.First || Period.DaysBetween(first, day) >= _rules.SpanDaysMax) return alone;
        }
        while (!_registers.IsKnown(register, _grid.End(last)))
        {
            last = last.PlusDays(1);
            if (_grid.End(last) > _query.Last || Period.DaysBetween(first, last) >= _rules.SpanDaysMax) return alone;
        }
        List<MeterStretch>? stretches = _registers.Stretches(register, _grid.Start(first), _grid.End(last));
        return stretches is { Count: > 0 } ? new Span(type, first, last, stretches) : alone;
    }

    private void Validate(Span span, bool estimate, List<ValidatedSpan> spans)
    {
        List<Work> works = TakeDays(span, estimate, out bool everyDay);
        if (works.Count == 0) return;
        RegisterPart[] parts = Parts(span);
        if (parts.Length > 0 && everyDay) ResolveDisputes(works, parts);
        if (parts.Length > 0 && span.Days > 1) Total(works);
        foreach (Work work in works) Validate(work, works, parts, everyDay, span.Days);
        foreach (Work work in works) work.State.Validated = (work.Values, work.Qualities);
        spans.Add(new ValidatedSpan(works, parts, everyDay));
    }

    private List<Work> TakeDays(Span span, bool estimate, out bool everyDay)
    {
        var works = new List<Work>(span.Days);
        everyDay = true;
        for (LocalDate day = span.First; day <= span.Last; day = day.PlusDays(1))
        {
            if (!_days.TryGetValue((span.Type, day), out DayState? state))
            {
                if (!estimate) { everyDay = false; continue; }
                int minutes = MinutesBefore(span.Type, day);
                state = new DayState(span.Type, day, _grid.Start(day), minutes, _grid.Count(day, minutes), 0);
                _days[(span.Type, day)] = state;
            }
            var work = new Work(state) { IntervalMaximumWh = IntervalMaximumWh(state) };
            state.CopyReceived(work.Values, work.Qualities, _supply);
            works.Add(work);
        }
        return works;
    }

    /// <summary>The length of intervals of the nearest earlier day of the channel, else of any day, else half an hour.</summary>
    private int MinutesBefore(ReadingType type, LocalDate day)
    {
        DayState? nearest = null;
        foreach (DayState state in _days.Values)
        {
            if (state.Type != type) continue;
            if (nearest is null || (state.Day < day && (nearest.Day >= day || state.Day > nearest.Day))) nearest = state;
        }
        return nearest?.Minutes ?? 30;
    }

    private long IntervalMaximumWh(DayState state)
    {
        long limit = 0;
        foreach (Installation installation in _record.Installations)
        {
            if (installation.From >= state.End || installation.Until <= state.Start) continue;
            limit = Math.Max(limit, _pipeline.IntervalMaximumWh(installation, _record.UsagePoint.PhaseCount, state.Minutes));
        }
        return limit;
    }

    private RegisterPart[] Parts(Span span)
    {
        var parts = new RegisterPart[span.Stretches.Count];
        for (int i = 0; i < parts.Length; i++)
        {
            MeterStretch stretch = span.Stretches[i];
            long minutes = (long)(stretch.End - stretch.Start).TotalMinutes;
            parts[i] = _pipeline.Part(
                stretch.Installation, _record.UsagePoint.PhaseCount, stretch.Opening.ToReading(), stretch.Closing.ToReading(), minutes);
        }
        return parts;
    }

    /// <summary>Sums of the days of a longer stretch, after the value rules.</summary>
    private void Total(List<Work> works)
    {
        foreach (Work work in works)
        {
            ValidationDay day = Day(work, [.. work.Qualities]);
            _pipeline.Validate(ref day);
            work.SumWh = day.Summary.SumWh;
            work.IsComplete = day.Summary.IsComplete;
            work.HoldsASpike = day.SpikeAt >= 0;
        }
    }

    private ValidationDay Day(Work work, Span<IntervalQuality> qualities) => new()
    {
        Header = work.State.Header(Id, 0, BlockCause.Received),
        Values = work.Values,
        Qualities = qualities,
        DayStart = work.State.Start,
        ExpectedCount = work.State.Count,
        ConfiguredMinutes = work.State.Minutes,
        IntervalMaximumWh = work.IntervalMaximumWh,
        ClockChecks = _clock.Judging(work.State.Start, work.State.End),
        OtherDaysAreComplete = true,
    };

    private void Validate(Work work, List<Work> works, RegisterPart[] parts, bool everyDay, int spanDays)
    {
        ValidationDay day = Day(work, work.Qualities);
        day.Registers = parts;
        day.RegistersAreOfThisDay = spanDays == 1;
        day.OtherDaysAreComplete = everyDay;
        foreach (Work other in works)
        {
            if (ReferenceEquals(other, work)) continue;
            day.OtherDaysWh += other.SumWh;
            day.OtherDaysCount += other.State.Count;
            day.OtherDaysAreComplete &= other.IsComplete;
            day.OtherDaysHoldASpike |= other.HoldsASpike;
        }
        _pipeline.Validate(ref day);
        work.IsHeld = day.IsHeldBySum;
        if (work.State.Disputes is { } disputes)
        {
            foreach (int index in disputes.Keys)
            {
                bool resolved = work.Qualities[index].State != IntervalState.Failed;
                work.Findings.Add(new Finding(
                    RuleId.Duplicate, resolved ? Severity.Information : Severity.Fail, work.State.StartOf(index), work.Values[index], null,
                    resolved ? "register-decides" : "two-values"));
            }
        }
        foreach (Finding finding in _pipeline.Findings.Found)
        {
            // What stands as refused may be disputed only; what the meter itself said is told below.
            if (finding.Rule != RuleId.DeviceStatus || finding.Note != DeviceStatusCheck.NotValid) work.Findings.Add(finding);
        }
        for (int i = 0; work.State.HasMeterStatus && i < work.State.Count; i++)
        {
            Instant at = work.State.StartOf(i);
            if (work.State.IsRefusedByMeter(i)) work.Findings.Add(new Finding(RuleId.DeviceStatus, Severity.Fail, at, work.Values[i], Note: DeviceStatusCheck.NotValid));
            if (work.State.IsClockDoubtedByMeter(i)) work.Findings.Add(new Finding(RuleId.DeviceStatus, Severity.Information, at, Note: DeviceStatusCheck.ClockDoubted));
        }
        for (int i = 0; work.State.HasLocked && i < work.Qualities.Length; i++)
        {
            if (work.Qualities[i].State == IntervalState.Valid && work.State.WasLocked(i)) work.Qualities[i] = work.Qualities[i] with { State = IntervalState.LateActual };
        }
        work.State.RestorePersons(work.Values, work.Qualities);
    }

    /// <summary>
    /// V04: where the rest of the stretch is complete, the registers decide between values. Exactly one choice must fit the tolerance of V14;
    /// else all stay refused.
    /// </summary>
    private void ResolveDisputes(List<Work> works, RegisterPart[] parts)
    {
        const int ChoicesMax = 1_024;
        var disputed = new List<(Work Work, int Index, long[] Candidates)>();
        long known = 0, choices = 1;
        int count = 0;
        foreach (Work work in works)
        {
            count += work.State.Count;
            for (int i = 0; i < work.State.Count; i++)
            {
                if (work.State.Disputes is { } disputes && disputes.TryGetValue(i, out SortedSet<long>? values))
                {
                    if (work.State.IsRefusedByMeter(i)) return;
                    disputed.Add((work, i, [.. values]));
                    choices *= values.Count;
                    if (choices > ChoicesMax) return;
                    continue;
                }
                if (work.Qualities[i].State != IntervalState.Raw) return;
                known += work.Values[i];
            }
        }
        if (disputed.Count == 0) return;
        long usage = 0;
        foreach (RegisterPart part in parts)
        {
            if (!RegisterUsage.TryCompute(part, out long partWh, out _)) return;
            usage += partWh;
        }
        decimal tolerance = _pipeline.SumTolerance(parts, count);
        long chosen = -1;
        for (long choice = 0; choice < choices; choice++)
        {
            long sum = known, rest = choice;
            foreach ((_, _, long[] candidates) in disputed)
            {
                sum += candidates[rest % candidates.Length];
                rest /= candidates.Length;
            }
            if (Math.Abs(sum - usage) > tolerance) continue;
            if (chosen >= 0) return; // more than one fits
            chosen = choice;
        }
        if (chosen < 0) return;
        foreach ((Work work, int index, long[] candidates) in disputed)
        {
            work.Values[index] = candidates[chosen % candidates.Length];
            work.Qualities[index] = work.Qualities[index] with { State = IntervalState.Raw };
            chosen /= candidates.Length;
        }
    }
}
