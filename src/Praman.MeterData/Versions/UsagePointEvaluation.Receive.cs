using NodaTime;
using Praman.MeterData.Rules;
using Praman.Metering;

namespace Praman.MeterData.Versions;

internal sealed partial class UsagePointEvaluation
{
    /// <summary>
    /// Receipt rules V01, V05 and V07, interval by interval. What no rule refuses goes to its local day; a block of which anything is refused
    /// is also put aside as it came. An interval within which meters were exchanged was measured whole by neither: it stays missing, and the
    /// registers at removal and installation give its energy.
    /// </summary>
    private void AddBlock(EndDeviceId device, IntervalBlock block)
    {
        IntervalBlockHeader header = block.Header;
        if (header.UsagePoint != Id) { PutAside(device, block, RuleId.Identity, "other-usage-point"); return; }
        if (header.Type.IsRegister() || header.IntervalMinutes <= 0) { PutAside(device, block, RuleId.IntervalLength, "no-interval"); return; }
        bool isEnergy = header.Type.IsIntervalEnergy();
        if (isEnergy && block.Scaler is < 0 or > 6) { PutAside(device, block, RuleId.IntervalLength, "scaler"); return; }

        Span<long> values = stackalloc long[header.Count];
        Span<IntervalQuality> qualities = stackalloc IntervalQuality[header.Count];
        block.Decode(values, qualities);
        long unit = 1;
        for (int i = 0; isEnergy && i < block.Scaler; i++) unit *= 10;

        if (TryAddPartOfDay(device, block, values, qualities, isEnergy ? unit : 0)) return;

        RuleId? refused = null;
        string note = "";
        DayState? state = null;
        for (int i = 0; i < header.Count; i++)
        {
            Instant start = header.StartOf(i), end = header.StartOf(i + 1);
            if (state is null || start >= state.End)
            {
                LocalDate day = _grid.DayOf(start);
                if (!TryDay(block, day, out state, out RuleId rule, out string why))
                {
                    PutAside(device, block, rule, why);
                    return;
                }
            }
            long offset = (start - state.Start).BclCompatibleTicks, length = header.IntervalMinutes * NodaConstants.TicksPerMinute;
            if (offset % length != 0 || offset / length >= state.Count) { refused ??= RuleId.Alignment; note = "not-on-the-grid"; continue; }
            int index = (int)(offset / length);
            switch (Standing(device, start, end, out Installation? installation))
            {
                case Stands.Throughout when !qualities[i].HasValue:
                    state.Receive(index, 0, qualities[i]);
                    break;
                case Stands.Throughout:
                    long factor = isEnergy ? unit * installation!.Multiplier : 1;
                    if (Math.Abs(values[i]) >= IntervalBlockCodec.ValueLimit / factor) { refused ??= RuleId.IntervalLength; note = "scaler"; break; }
                    state.Receive(index, values[i] * factor, qualities[i]);
                    break;
                case Stands.NotThere when qualities[i].HasValue:
                    refused ??= RuleId.Identity;
                    note = "other-meter";
                    break;
                default:
                    break; // nothing measured, or exchanged within the interval
            }
        }
        if (refused is { } first) PutAside(device, block, first, note);
    }

    /// <summary>
    /// The usual block: within one local day, on its grid, of one meter that stood there all the time. It takes the same rules at once that
    /// others take interval by interval; false, and nothing received, where it is not such a block.
    /// </summary>
    /// <param name="unit">10^scaler of an energy; 0 for a type that takes no multiplier.</param>
    private bool TryAddPartOfDay(EndDeviceId device, IntervalBlock block, ReadOnlySpan<long> values, ReadOnlySpan<IntervalQuality> qualities, long unit)
    {
        IntervalBlockHeader header = block.Header;
        Instant end = header.End;
        Installation? own = null;
        foreach (Installation candidate in _record.Installations)
        {
            if (candidate.EndDevice != device || candidate.From >= end || candidate.Until <= header.Start) continue;
            if (own is not null || candidate.From > header.Start || candidate.Until < end) return false;
            own = candidate;
        }
        if (own is null || !TryDay(block, _grid.DayOf(header.Start), out DayState state, out _, out _)) return false;
        long offset = (header.Start - state.Start).BclCompatibleTicks, length = header.IntervalMinutes * NodaConstants.TicksPerMinute;
        if (offset % length != 0 || state.Minutes != header.IntervalMinutes || (offset / length) + header.Count > state.Count) return false;
        int first = (int)(offset / length);
        long factor = unit == 0 ? 1 : unit * own.Multiplier, limit = IntervalBlockCodec.ValueLimit / factor;
        bool isRefused = false;
        for (int i = 0; i < header.Count; i++)
        {
            if (!qualities[i].HasValue) state.Receive(first + i, 0, qualities[i]);
            else if (Math.Abs(values[i]) >= limit) isRefused = true;
            else state.Receive(first + i, values[i] * factor, qualities[i]);
        }
        if (isRefused) PutAside(device, block, RuleId.IntervalLength, "scaler");
        return true;
    }

    private bool TryDay(IntervalBlock block, LocalDate day, out DayState state, out RuleId rule, out string why)
    {
        int minutes = block.Header.IntervalMinutes;
        sbyte scaler = block.Type.IsIntervalEnergy() ? (sbyte)0 : block.Scaler;
        bool isKnown = _days.TryGetValue((block.Type, day), out state!);
        (rule, why) = (RuleId.IntervalLength, "length");
        if (!_pipeline.IsAcceptedLength(minutes, isKnown ? state.Minutes : 0)) return false;
        if (isKnown && state.Scaler != scaler) { why = "scaler"; return false; }
        if (!isKnown)
        {
            Instant start = _grid.Start(day);
            int count = _grid.Count(day, minutes);
            (rule, why) = (RuleId.Alignment, "not-on-the-grid");
            if (count is < 1 or > IntervalBlockCodec.CountMax || start + Duration.FromMinutes((long)minutes * count) != _grid.End(day)) return false;
            _days[(block.Type, day)] = state = new DayState(block.Type, day, start, minutes, count, scaler);
        }
        _affected.Add((block.Type, day));
        return true;
    }

    private enum Stands
    {
        NotThere,
        Partly,
        Throughout,
    }

    private Stands Standing(EndDeviceId device, Instant start, Instant end, out Installation? installation)
    {
        Stands best = Stands.NotThere;
        installation = null;
        foreach (Installation candidate in _record.Installations)
        {
            if (candidate.EndDevice != device || candidate.From >= end || candidate.Until <= start) continue;
            installation = candidate;
            if (candidate.From <= start && (candidate.Until is not { } until || until >= end)) return Stands.Throughout;
            best = Stands.Partly;
        }
        return best;
    }
}
