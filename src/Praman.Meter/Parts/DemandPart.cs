using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Meter.Definitions;
using Praman.Meter.Events;
using Praman.Metering;

namespace Praman.Meter.Parts;

/// <summary>
/// Demand register, class 5: what the meter counted, averaged over a block or a sliding window, and the highest such average since the last reset. It is
/// brought up to date where it is looked at; what it shows then does not depend on when it was looked at before.
/// </summary>
internal sealed class DemandPart : MeterPart
{
    // A meter that was not asked for months works out each sub-period since then at once.
    private const int PeriodSecondsMin = 60;

    private readonly VirtualMeter _meter;
    private readonly Func<ReadingPoint, Instant, long> _total;
    private readonly DemandRegister _register;
    private Instant _fedTo;
    private (uint Average, Instant At)? _maximum;

    private DemandPart(VirtualMeter meter, ObisCode name, Func<ReadingPoint, Instant, long> total, DemandRegister register) : base(register) =>
        (_meter, Name, _total, _register, _fedTo) = (meter, name, total, register, meter.InstalledAt);

    public ObisCode Name { get; }

    /// <param name="meter">The meter.</param>
    /// <param name="name">The object's name.</param>
    /// <param name="total">What it averages, in Wh, VAh or varh.</param>
    /// <param name="unit">Of the averages.</param>
    public static DemandPart For(VirtualMeter meter, ObisCode name, Func<ReadingPoint, Instant, long> total, Unit unit)
    {
        DemandPart? part = null;
        part = new(meter, name, total, new DemandRegister(new(0, unit), meter.InstalledAt, meter.Model.CapturePeriodSeconds)
        {
            PeriodSecondsMin = PeriodSecondsMin,
            PeriodClosed = (at, average) => part!.Close(at, average),
        });
        return part;
    }

    /// <summary>Adds what was counted up to an instant, period by period.</summary>
    public void FeedTo(Instant now)
    {
        ReadingPoint point = ReadingPoint.Now(new CosemContext(_meter) { Now = now });
        long before = _total(point, _fedTo);
        while (_register.PeriodStart + Duration.FromSeconds(_register.PeriodSeconds) is var end && end <= now)
        {
            long after = _total(point, end);
            _register.Add((after - before) * NodaConstants.SecondsPerHour, end - Duration.Epsilon);
            _register.Advance(end);
            (before, _fedTo) = (after, end);
        }
        if (now <= _fedTo) return;
        _register.Add((_total(point, now) - before) * NodaConstants.SecondsPerHour, now);
        _fedTo = now;
    }

    /// <summary>The highest average since the last reset, and when its window ended; 0 and not specified where none closed.</summary>
    public (CosemData Value, CosemDateTime CapturedAt) MaximumAt(Instant now)
    {
        FeedTo(now);
        return _maximum is { } maximum
            ? (CosemData.DoubleLongUnsigned(maximum.Average), _meter.Stamp(_meter.Clock.Read(maximum.At)))
            : (CosemData.DoubleLongUnsigned(0), CosemDateTime.Wildcard);
    }

    /// <summary>Forgets the maximum (event 166); the window goes on.</summary>
    public ActionResult ResetMaximum(Instant now)
    {
        FeedTo(now);
        _maximum = null;
        _meter.Record(MeterEventCode.MaximumDemandReset, now);
        return ActionResult.Success;
    }

    private void Close(Instant at, uint average)
    {
        if (_maximum is not { } highest || average > highest.Average) _maximum = (average, at);
    }
}
