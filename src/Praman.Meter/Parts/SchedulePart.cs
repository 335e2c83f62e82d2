using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Cosem;
using Praman.Meter.Events;
using Praman.Metering;

namespace Praman.Meter.Parts;

/// <summary>Schedule, class 10: scripts by time of day, weekday and special day; what fell due while power was away is made up for within its window.</summary>
internal sealed class SchedulePart(VirtualMeter meter, MeterParts parts, Schedule schedule) : TimedPart(schedule)
{
    private readonly List<ScheduledScript> _due = [];
    private LocalDateTime? _ranTo;

    public override void PowerUp(CosemContext context)
    {
        _ranTo ??= meter.LocalTimeAt(context.Now);
        ActDue(context);
    }

    public override void ClockSet(CosemContext context) => ActDue(context);

    protected override LocalDateTime? NextLocal(LocalDateTime after, LocalDateTime until) => schedule.NextAfter(after, until, parts.SpecialDays);

    protected override void ActDue(CosemContext context)
    {
        LocalDateTime now = meter.LocalTimeAt(context.Now);
        _due.Clear();
        if (_ranTo is { } ranTo) schedule.CollectDue(ranTo, now, parts.SpecialDays, _due);
        _ranTo = now;
        foreach (ScheduledScript script in _due) CosemAccess.Execute(context, script.Script);
    }
}

/// <summary>Single action schedule, class 22: one script at times and dates whose fields may be open. A time without power is passed over.</summary>
internal sealed class SingleActionPart(VirtualMeter meter, ObisCode name, ScriptReference script) : TimedPart(new object())
{
    public IReadOnlyList<(byte[] Time, byte[] Date)> Times { get; private set; } = [];

    public DataAccessResult SetTimes(CosemContext context, IReadOnlyList<(byte[] Time, byte[] Date)> times)
    {
        Times = times;
        if (context.Association is not null && name == MeterObis.BillingSchedule) meter.Record(MeterEventCode.BillingScheduleSet, context.Now);
        return DataAccessResult.Success;
    }

    protected override LocalDateTime? NextLocal(LocalDateTime after, LocalDateTime until) => SingleActionSchedule.FirstAfter(Times, after, until);

    protected override void ActDue(CosemContext context)
    {
        CosemAccess.Execute(context, script);
    }
}
