using NodaTime;
using Praman.Dlms.Cosem;
using Praman.Meter.Events;

namespace Praman.Meter.Parts;

/// <summary>What one acting object of a meter holds, and when it acts by itself. Instants are true time.</summary>
/// <param name="state">The interface class with its behaviour; the table's rows work on it.</param>
internal abstract class MeterPart(object state)
{
    public object State { get; } = state;

    /// <summary>Its next turn, as it said when it was last asked; null where it said none.</summary>
    public Instant? Due { get; set; }

    /// <summary>True where what decides about its next turn may have changed since.</summary>
    public bool IsStale { get; set; } = true;

    /// <summary>The first instant in (<paramref name="after"/>, <paramref name="until"/>] at which it wants its turn; null where there is none.</summary>
    public virtual Instant? DueAfter(VirtualMeter meter, Instant after, Instant until) => null;

    /// <summary>Its turn, at the context's instant.</summary>
    public virtual void Act(CosemContext context)
    {
    }

    /// <summary>Power came back, or the meter begins: what went by in the meantime is made up for, or not.</summary>
    public virtual void PowerUp(CosemContext context)
    {
    }

    /// <summary>The clock was set.</summary>
    public virtual void ClockSet(CosemContext context)
    {
    }

    /// <summary>An event was recorded.</summary>
    public virtual void Recorded(CosemContext context, MeterEvent entry)
    {
    }
}

/// <summary>An object that answers and is never due.</summary>
internal sealed class PassivePart(object state, Metering.ObisCode name = default) : MeterPart(state)
{
    public Metering.ObisCode Name { get; } = name;
}
