using NodaTime;

namespace Praman.Meter.Load;

/// <summary>Another source, times a whole number: a shop or a workshop from a home.</summary>
public sealed class ScaledLoad(ILoadSource source, int factor) : ILoadSource
{
    /// <summary>Largest factor.</summary>
    public const int FactorMax = 10_000;

    private readonly long _factor = factor is >= 1 and <= FactorMax ? factor : throw new ArgumentOutOfRangeException(nameof(factor), $"a load is scaled by 1 to {FactorMax}");

    public int PowerFactorPermille => source.PowerFactorPermille;

    public ulong Seed => source.Seed;

    public LoadTotals TotalsAt(Instant at, LoadCursor cursor)
    {
        LoadTotals totals = source.TotalsAt(at, cursor);
        return new(totals.ImportWh * _factor, totals.ExportWh * _factor);
    }

    public bool IsKnown(Instant start, Instant end) => source.IsKnown(start, end);

    public int VoltageCentivolts(Instant start) => source.VoltageCentivolts(start);
}
