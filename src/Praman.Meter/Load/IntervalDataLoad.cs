using NodaTime;

namespace Praman.Meter.Load;

/// <summary>What a meter does where its data has a gap.</summary>
public enum GapEnergy
{
    /// <summary>The registers stand still there: nothing is added that the data does not say.</summary>
    None,

    /// <summary>The registers go on at the mean of the known intervals, as a meter's do that counted and lost the rows.</summary>
    Mean,
}

/// <summary>
/// Real interval data as a load: import, and export where given, in Wh an interval. A gap (<see cref="Gap"/>) stays a gap: the
/// meter shows no row there. Intervals shorter than the data's own divide an interval evenly, to the whole Wh.
/// </summary>
public sealed class IntervalDataLoad : ILoadSource
{
    /// <summary>Marks an interval that the data does not have.</summary>
    public const int Gap = -1;

    private const int Stride = 64; // totals are kept before every 64th interval: one eighth of a byte an interval

    private readonly long _startTicks, _slotTicks;
    private readonly ReadOnlyMemory<int> _importWh, _exportWh;
    private readonly LoadTotals[] _before;
    private readonly int _gapWh;
    private readonly ulong _seed;

    /// <param name="start">Start of the first interval.</param>
    /// <param name="slot">Length of an interval: 1 minute to 1 day.</param>
    /// <param name="importWh">Wh, 0 or more, or <see cref="Gap"/>. Kept, not copied.</param>
    /// <param name="exportWh">The same for export, of the same length; empty for none.</param>
    /// <param name="gapEnergy">What the registers do in a gap.</param>
    /// <param name="seed">For the voltage, which the data does not have.</param>
    /// <exception cref="ArgumentException">A negative value that is no gap, or lengths that differ.</exception>
    public IntervalDataLoad(
        Instant start, Duration slot, ReadOnlyMemory<int> importWh, ReadOnlyMemory<int> exportWh = default, GapEnergy gapEnergy = GapEnergy.None, ulong seed = 0)
    {
        if (slot < Duration.FromMinutes(1) || slot > Duration.FromDays(1)) throw new ArgumentOutOfRangeException(nameof(slot), "an interval is 1 minute to 1 day long");
        if (!exportWh.IsEmpty && exportWh.Length != importWh.Length) throw new ArgumentException("import and export must have as many intervals", nameof(exportWh));
        (_startTicks, _slotTicks) = (start.ToUnixTimeTicks(), slot.BclCompatibleTicks);
        (_importWh, _exportWh, _seed) = (importWh, exportWh, seed);
        _gapWh = gapEnergy == GapEnergy.Mean ? Mean(importWh.Span) : 0;
        _before = new LoadTotals[(importWh.Length / Stride) + 1];
        LoadTotals sum = default;
        for (int i = 0; i < importWh.Length; i++)
        {
            if (i % Stride == 0) _before[i / Stride] = sum;
            if (importWh.Span[i] < Gap || (!exportWh.IsEmpty && exportWh.Span[i] < Gap)) throw new ArgumentException($"interval {i} is negative", nameof(importWh));
            sum += Slot(i);
        }
        if (importWh.Length % Stride == 0) _before[importWh.Length / Stride] = sum;
        PowerFactorPermille = 900 + SeedHash.Below(SeedHash.Of(seed, 7), 90);
    }

    public int PowerFactorPermille { get; }

    public LoadTotals TotalsAt(Instant at, LoadCursor cursor)
    {
        long ticks = at.ToUnixTimeTicks() - _startTicks;
        if (ticks <= 0) return default;
        long index = ticks / _slotTicks;
        if (index >= _importWh.Length) return SumBefore(_importWh.Length);
        LoadTotals slot = Slot((int)index);
        long part = ticks % _slotTicks;
        return SumBefore((int)index) + new LoadTotals(slot.ImportWh * part / _slotTicks, slot.ExportWh * part / _slotTicks);
    }

    public bool IsKnown(Instant start, Instant end)
    {
        long first = start.ToUnixTimeTicks() - _startTicks, last = end.ToUnixTimeTicks() - _startTicks - 1;
        if (first < 0 || last < first) return last < first && first >= 0;
        long to = last / _slotTicks;
        if (to >= _importWh.Length) return false;
        for (long i = first / _slotTicks; i <= to; i++)
        {
            if (_importWh.Span[(int)i] == Gap) return false;
        }
        return true;
    }

    public int VoltageCentivolts(Instant start) => 23_000 + SeedHash.Below(SeedHash.Of(_seed, 8, (ulong)(start.ToUnixTimeTicks() / _slotTicks)), 900) - 450;

    private LoadTotals SumBefore(int index)
    {
        LoadTotals sum = _before[index / Stride];
        for (int i = index - (index % Stride); i < index; i++) sum += Slot(i);
        return sum;
    }

    private LoadTotals Slot(int i)
    {
        int import = _importWh.Span[i], export = _exportWh.IsEmpty ? 0 : _exportWh.Span[i];
        return new LoadTotals(import == Gap ? _gapWh : import, export == Gap ? 0 : export);
    }

    private static int Mean(ReadOnlySpan<int> values)
    {
        long sum = 0, count = 0;
        foreach (int value in values)
        {
            if (value == Gap) continue;
            sum += value;
            count++;
        }
        return count == 0 ? 0 : (int)(sum / count);
    }
}
