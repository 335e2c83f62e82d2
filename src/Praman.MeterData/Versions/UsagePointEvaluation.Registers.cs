using NodaTime;
using Praman.MeterData.Ingest;
using Praman.MeterData.Rules;
using Praman.MeterData.Validation;
using Praman.Metering;

namespace Praman.MeterData.Versions;

internal sealed partial class UsagePointEvaluation
{
    /// <summary>The note of a finding where intervals choose between values of a register.</summary>
    public const string IntervalsDecide = "intervals-decide";

    /// <summary>The note of a finding where a register has several values and nothing decides.</summary>
    public const string DisputedRegisterNote = "register";

    /// <summary>What lies on one side of a disputed midnight.</summary>
    /// <param name="Known">The nearest register of the meter that is not disputed; null where whole days do not lead to one.</param>
    /// <param name="Days">Days that were looked at.</param>
    /// <param name="IsCutOff">The evidence at hand ends before one was found.</param>
    private sealed record DisputeSide(RegisterReading? Known, long SumWh, int Count, List<LocalDate> Days, bool IsCutOff);

    /// <summary>
    /// V04 for registers: of several values of one midnight the intervals around choose the one that fits (V14) to the nearest known register before and
    /// after it, as far as whole days of measured intervals lead to them; there must be one at least. Where none fits or more than one, all stay
    /// refused until a person decides. Neither a value of a register that is disputed itself nor an estimate is taken for a witness, so that the order in
    /// which disputes are looked at does not matter.
    /// </summary>
    private void ChooseRegisters()
    {
        foreach (DisputedRegister disputed in _registers.Disputed())
        {
            ReadingType channel = ChannelOf(disputed.Type);
            // What meters showed when they were exchanged, no whole day leads to.
            if (channel.Register() != disputed.Type || _grid.Start(_grid.DayOf(disputed.At)) != disputed.At || InstallationAt(disputed) is not { } installation) continue;
            LocalDate day = _grid.DayOf(disputed.At);
            DisputeSide before = SideOf(disputed, installation, day.PlusDays(-1), -1), after = SideOf(disputed, installation, day, 1);
            if (!before.Days.Concat(after.Days).Any(one => _affected.Contains((channel, one)))) continue; // nothing that it hangs on has changed
            // A bill that stands on it is compared over its whole period.
            if (before.IsCutOff || after.IsCutOff || BillsAt(channel, disputed.At).Any(period => period.Start < _query.First || period.End > _query.Last)) continue;
            long? chosen = Choice(disputed, installation, before, after);
            if (chosen == disputed.Chosen) continue;
            Span[] stretches = StretchesAt(channel, disputed.At);
            _batch.Registers.Add(_registers.Choose(disputed, chosen));
            Find(disputed.Type, disputed.At, null, chosen is { } value
                ? new Finding(RuleId.Duplicate, Severity.Information, disputed.At, value, null, IntervalsDecide)
                : new Finding(RuleId.Duplicate, Severity.Fail, disputed.At, disputed.Values[0], null, DisputedRegisterNote));
            RegisterChanged(channel, disputed.At, stretches);
        }
    }

    /// <summary>A person accepts one of the values of a disputed register; the days beside it are worked out again.</summary>
    /// <returns>The version that says so; null where the register is not disputed, or the intervals chose, or no meter gave the value.</returns>
    public RegisterBlock? AcceptRegister(ReadingType type, Instant at, EndDeviceId device, long value)
    {
        DisputedRegister? disputed = _registers.Disputed().Find(one => one.Type == type && one.At == at && one.EndDevice == device);
        if (disputed is null || disputed.Chosen is not null || !disputed.Values.Contains(value)) return null;
        Span[] stretches = StretchesAt(ChannelOf(type), at);
        RegisterBlock version = _registers.Accept(disputed, value);
        _batch.Registers.Add(version);
        RegisterChanged(ChannelOf(type), at, stretches);
        return version;
    }

    private Installation? InstallationAt(DisputedRegister disputed)
    {
        foreach (Installation installation in _record.Installations)
        {
            if (installation.EndDevice == disputed.EndDevice && RegisterBook.FloorToMinute(installation.From) <= disputed.At
                && (installation.Until is not { } until || disputed.At <= RegisterBook.FloorToMinute(until))) return installation;
        }
        return null;
    }

    private DisputeSide SideOf(DisputedRegister disputed, Installation installation, LocalDate first, int step)
    {
        var days = new List<LocalDate>();
        long sum = 0;
        int count = 0;
        for (LocalDate day = first; days.Count < _rules.SpanDaysMax; day = day.PlusDays(step))
        {
            Instant edge = step < 0 ? _grid.Start(day) : _grid.End(day);
            days.Add(day);
            if (edge < RegisterBook.FloorToMinute(installation.From) || (installation.Until is { } until && edge > RegisterBook.FloorToMinute(until))) break;
            if (edge < _query.First || edge > _query.Last) return new DisputeSide(null, 0, 0, days, IsCutOff: true);
            if (!_days.TryGetValue((ChannelOf(disputed.Type), day), out DayState? state)) break;
            var values = new long[state.Count];
            var qualities = new IntervalQuality[state.Count];
            state.CopyReceived(values, qualities, _supply);
            if (Array.Exists(qualities, quality => quality.State != IntervalState.Raw)) break;
            sum += values.Sum();
            count += state.Count;
            if (_registers.FindUndisputed(disputed.Type, edge, disputed.EndDevice) is { } known) return new DisputeSide(known, sum, count, days, IsCutOff: false);
        }
        return new DisputeSide(null, 0, 0, days, IsCutOff: false);
    }

    private long? Choice(DisputedRegister disputed, Installation installation, DisputeSide before, DisputeSide after)
    {
        if (before.Known is null && after.Known is null) return null;
        long? chosen = null;
        foreach (long value in disputed.Values)
        {
            var reading = new RegisterReading(Id, disputed.EndDevice, disputed.Type, disputed.At, value, disputed.Resolution);
            bool fits = (before.Known is not { } opening || Fits(installation, opening, reading, before)) && (after.Known is not { } closing || Fits(installation, reading, closing, after));
            if (!fits) continue;
            if (chosen is not null) return null;
            chosen = value;
        }
        return chosen;
    }

    private bool Fits(Installation installation, in RegisterReading opening, in RegisterReading closing, DisputeSide side)
    {
        RegisterPart part = _pipeline.Part(installation, _record.UsagePoint.PhaseCount, opening, closing, (long)(closing.At - opening.At).TotalMinutes);
        return RegisterUsage.TryCompute(part, out long usageWh, out _) && Math.Abs(side.SumWh - usageWh) <= _pipeline.SumTolerance([part], side.Count);
    }
}
