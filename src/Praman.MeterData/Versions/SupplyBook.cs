using NodaTime;
using Praman.Metering;

namespace Praman.MeterData.Versions;

/// <summary>When there was no supply to measure: power failures by the meter's own events (E8), and times at which no meter stood there.</summary>
internal sealed class SupplyBook(IReadOnlyList<Installation> installations)
{
    /// <summary>Power failure and restoration (IS 15959 event codes).</summary>
    public const int PowerFailure = 101, PowerRestoration = 102;

    private readonly HashSet<EndDeviceEvent> _events = [];
    private List<Interval>? _outages;

    /// <summary>Adds an event; false where it is known.</summary>
    public bool Add(in EndDeviceEvent meterEvent)
    {
        if (!_events.Add(meterEvent)) return false;
        _outages = null;
        return true;
    }

    /// <summary>Whether an interval lies wholly within an outage, or wholly outside every installation.</summary>
    public bool IsOff(Instant start, Instant end)
    {
        _outages ??= Pair();
        foreach (Interval outage in _outages) if (outage.Start <= start && outage.End >= end) return true;
        foreach (Installation installation in installations)
        {
            if (installation.From < end && (installation.Until is not { } until || until > start)) return false;
        }
        return installations.Count > 0;
    }

    /// <summary>
    /// A failure and the next restoration of the same meter. A failure without one is open: it proves nothing yet. A second failure proves that
    /// supply had come back, at a time that no event tells: the first proves nothing any more.
    /// </summary>
    private List<Interval> Pair()
    {
        var outages = new List<Interval>();
        var failures = new Dictionary<EndDeviceId, Instant>();
        foreach (EndDeviceEvent next in _events.OrderBy(e => e.At).ThenBy(e => e.Sequence).ThenBy(e => e.Code))
        {
            if (next.Code == PowerFailure) failures[next.EndDevice] = next.At;
            else if (next.Code == PowerRestoration && failures.Remove(next.EndDevice, out Instant from)) outages.Add(new Interval(from, next.At));
        }
        return outages;
    }
}
