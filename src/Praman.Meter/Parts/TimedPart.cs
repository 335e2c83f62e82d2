using NodaTime;
using Praman.Dlms.Cosem;
using Praman.Meter.Events;

namespace Praman.Meter.Parts;

/// <summary>A part that acts at times of the meter's own clock.</summary>
internal abstract class TimedPart(object state) : MeterPart(state)
{
    // So far ahead is looked at once; where nothing is due in it, it is looked at again at its end.
    private static readonly Duration Ahead = Duration.FromDays(1);

    private Instant? _dueAt;

    public override Instant? DueAfter(VirtualMeter meter, Instant after, Instant until)
    {
        Instant end = Instant.Min(until, after + Ahead);
        LocalDateTime from = meter.LocalTimeAt(after), to = meter.LocalTimeAt(end);
        _dueAt = null;
        while (NextLocal(from, to) is { } next)
        {
            // Where the clock shows a time twice, at the end of summer time or set back, the first time counts.
            Instant at = meter.TrueTimeOf(next);
            if (at > after && at <= end) return _dueAt = at;
            from = next;
        }
        return until > end ? end : null;
    }

    public sealed override void Act(CosemContext context)
    {
        if (_dueAt == context.Now) ActDue(context);
    }

    /// <summary>The first local time in (<paramref name="after"/>, <paramref name="until"/>] at which it acts; null where there is none.</summary>
    protected abstract LocalDateTime? NextLocal(LocalDateTime after, LocalDateTime until);

    /// <summary>Acts; the context's instant is one that was due.</summary>
    protected abstract void ActDue(CosemContext context);
}

/// <summary>Activity calendar, class 20: the script that is in force by season, week, day and special day is run when its time comes.</summary>
internal sealed class CalendarPart : TimedPart
{
    private readonly VirtualMeter _meter;
    private readonly MeterParts _parts;
    private readonly ActivityCalendar _calendar;
    private readonly List<ScheduledScript> _due = [];
    private bool _hasBegun;

    private CalendarPart(VirtualMeter meter, MeterParts parts, ActivityCalendar calendar) : base(calendar)
    {
        (_meter, _parts, _calendar) = (meter, parts, calendar);
        calendar.Activated = OnActivated;
    }

    public static CalendarPart For(VirtualMeter meter, MeterParts parts) => new(meter, parts, new ActivityCalendar());

    public override void PowerUp(CosemContext context)
    {
        // The calendar that the type gives is in force from the beginning.
        if (!_hasBegun) _calendar.ActivatePassive();
        _hasBegun = true;
        ActDue(context);
    }

    public override void ClockSet(CosemContext context) => ActDue(context);

    protected override LocalDateTime? NextLocal(LocalDateTime after, LocalDateTime until)
    {
        _due.Clear();
        _calendar.CollectDue(after, until, _parts.SpecialDays, _due);
        LocalDateTime? next = _due.Count > 0 ? _due[0].At : null;
        return _calendar.ActivatesAt is { } at && at > after && at <= until && (next is null || at < next) ? at : next;
    }

    protected override void ActDue(CosemContext context)
    {
        LocalDateTime now = _meter.LocalTimeAt(context.Now);
        _calendar.Advance(now);
        if (_calendar.InForceAt(now, _parts.SpecialDays) is not { } script) return;
        CosemAccess.Execute(context, script);
    }

    private void OnActivated()
    {
        if (!_hasBegun) return;
        _meter.Record(MeterEventCode.ActivityCalendarSet, _parts.Now);
        ActDue(new CosemContext(_meter) { Now = _parts.Now });
    }
}
