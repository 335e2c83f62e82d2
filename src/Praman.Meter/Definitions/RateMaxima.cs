using System.Numerics;
using Praman.Meter.Parts;
using Praman.Meter.Registers;
using Praman.Metering;

namespace Praman.Meter.Definitions;

/// <summary>A maximum demand that an object shows.</summary>
/// <param name="IsExport">Export instead of import.</param>
/// <param name="Of">What of it is shown.</param>
/// <param name="Rate">The register that counts only while a register activation lists it; null for the maximum whatever the rate.</param>
internal sealed record DemandMaximum(bool IsExport, Func<MaximumDemand, uint> Of, ObisCode? Rate = null)
{
    public MaximumDemand At(in ReadingPoint point) => Rate is { } register
        ? (point.Maxima ?? new RateMaxima()).At(point, point.Meter.Parts!.Rates!.IndexOf(register), IsExport)
        : point.Meter.MaximumDemandWithin(point.DemandFrom, point.DemandTo, point.Cursor, IsExport);
}

/// <summary>
/// The maxima of all rates over the intervals of one row: a billing row has a column or two for each rate, and a month has thousands of intervals. An
/// interval belongs to the rates that were in force when it began.
/// </summary>
internal sealed class RateMaxima
{
    private MaximumDemand[]? _import, _export;

    public MaximumDemand At(in ReadingPoint point, int register, bool export)
    {
        if (_import is null) Find(point);
        return (export ? _export : _import)![register];
    }

    private void Find(in ReadingPoint point)
    {
        var none = new MaximumDemand(0, 0, point.DemandFrom);
        (_import, _export) = (new MaximumDemand[RateRegisters.CountMax], new MaximumDemand[RateRegisters.CountMax]);
        Array.Fill(_import, none);
        Array.Fill(_export, none);
        RateRegisters rates = point.Meter.Parts!.Rates!;
        var intervals = new VirtualMeter.DemandIntervals(point.Meter, point.DemandFrom, point.DemandTo, point.Cursor);
        while (intervals.MoveNext())
        {
            ulong counting = rates.CountingAt(intervals.From);
            if (counting == 0) continue;
            Raise(_import, counting, intervals, export: false);
            Raise(_export, counting, intervals, export: true);
        }
    }

    private static void Raise(MaximumDemand[] maxima, ulong counting, in VirtualMeter.DemandIntervals interval, bool export)
    {
        long watts = interval.Watts(export);
        for (ulong rest = counting; rest != 0; rest &= rest - 1)
        {
            int register = BitOperations.TrailingZeroCount(rest);
            if (watts > maxima[register].Watts) maxima[register] = interval.Demand(export);
        }
    }
}
