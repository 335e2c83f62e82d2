using Praman.Metering;

namespace Praman.MeterData.Estimation;

/// <summary>E2: a straight line between two measured neighbours over a short gap: v(k) = a + (b − a) × k / (n + 1), halves rounded up to whole Wh.</summary>
public sealed class LinearInterpolation(int gapMinutesMax)
{
    /// <summary>A neighbour from which a line may be drawn: measured, not in question, supply on.</summary>
    public static bool IsAnchor(IntervalQuality quality) =>
        quality.State is IntervalState.Valid or IntervalState.Accepted or IntervalState.LateActual && (quality.Flags & IntervalFlags.Outage) == 0;

    /// <summary>Fills a gap. False, with nothing written, where the gap is too long.</summary>
    public bool TryFill(long before, long after, int intervalMinutes, Span<long> gap)
    {
        if ((long)gap.Length * intervalMinutes > gapMinutesMax) return false;
        Int128 parts = gap.Length + 1;
        for (int k = 1; k <= gap.Length; k++)
        {
            Int128 numerator = ((Int128)before * parts) + ((Int128)(after - before) * k);
            gap[k - 1] = WholeWh.DivideHalfUp(numerator, parts);
        }
        return true;
    }
}
