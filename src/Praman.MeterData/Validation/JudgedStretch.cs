using NodaTime;
using Praman.MeterData.Ingest;

namespace Praman.MeterData.Validation;

/// <summary>A clock check and what it judges: the intervals that start in [From, Until), all measured by the meter that was checked.</summary>
public readonly record struct JudgedStretch(Instant From, Instant Until, ClockCheck Check);
