using NodaTime;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Meter.Events;

namespace Praman.Meter.Parts;

/// <summary>A part that looks at a value once a minute, on the minute of true time.</summary>
internal abstract class SampledPart(object state) : MeterPart(state)
{
    private const long StepTicks = NodaConstants.TicksPerMinute;

    protected abstract bool IsWatching { get; }

    public override Instant? DueAfter(VirtualMeter meter, Instant after, Instant until)
    {
        if (!IsWatching) return null;
        long ticks = after.ToUnixTimeTicks();
        Instant next = Instant.FromUnixTimeTicks(ticks - (ticks % StepTicks) + StepTicks);
        return next <= until ? next : null;
    }
}

/// <summary>Limiter, class 71: a load that stays too high runs a script, one that came back another; the event log tells.</summary>
internal sealed class LimiterPart(VirtualMeter meter, Limiter limiter) : SampledPart(limiter)
{
    protected override bool IsWatching => limiter.IsWatching;

    public static LimiterPart For(VirtualMeter meter) => new(meter, new Limiter
    {
        Changed = (context, attribute) =>
        {
            // What the type begins with is no setting of anybody's.
            if (context.Association is not null && attribute is 4 or 5) meter.Record(MeterEventCode.LoadLimitSet, context.Now);
        },
    });

    public override void Act(CosemContext context)
    {
        bool tripped = limiter.IsTripped;
        limiter.Evaluate(context);
        if (limiter.IsTripped == tripped) return;
        meter.Record(tripped ? MeterEventCode.OverloadEnded : MeterEventCode.Overload, context.Now);
    }
}

/// <summary>Register monitor, class 21: a value that crosses a threshold runs a script.</summary>
internal sealed class MonitorPart(RegisterMonitor monitor) : SampledPart(monitor)
{
    private readonly List<ScriptReference> _due = [];

    protected override bool IsWatching => monitor.IsWatching;

    public override void Act(CosemContext context)
    {
        if (!CosemAccess.Read(context, monitor.Monitored, 0, out CosemData read).Equals(Dlms.DataAccessResult.Success) || !read.TryGetNumber(out decimal value)) return;
        _due.Clear();
        monitor.Evaluate(value, _due);
        foreach (ScriptReference script in _due) CosemAccess.Execute(context, script);
    }
}
