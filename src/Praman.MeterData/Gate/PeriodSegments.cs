using NodaTime;
using Praman.MeterData.Ingest;
using Praman.MeterData.Validation;
using Praman.MeterData.Versions;
using Praman.Metering;

namespace Praman.MeterData.Gate;

/// <summary>The registers of a period, one part a meter: what its bill stands on.</summary>
internal static class PeriodSegments
{
    /// <summary>The parts between two local midnights. What keeps registers from giving the energy is added to <paramref name="reasons"/>.</summary>
    public static List<RegisterSegment> Of(UsagePointRecord record, DayPipeline pipeline, RegisterBook book, Instant start, Instant end, List<string> reasons)
    {
        var segments = new List<RegisterSegment>();
        List<MeterStretch>? stretches = book.Stretches(ReadingType.ImportRegister, start, end);
        if (stretches is null or { Count: 0 })
        {
            reasons.Add(GateReason.Register);
            return segments;
        }
        foreach (MeterStretch stretch in stretches)
        {
            RegisterReading opening = stretch.Opening.ToReading(), closing = stretch.Closing.ToReading();
            long minutes = (long)(stretch.End - stretch.Start).TotalMinutes;
            RegisterPart part = pipeline.Part(stretch.Installation, record.UsagePoint.PhaseCount, opening, closing, minutes);
            if (!RegisterUsage.TryCompute(part, out long usageWh, out _))
            {
                reasons.Add(GateReason.RegisterOrder);
                usageWh = 0;
            }
            segments.Add(new RegisterSegment(stretch.Installation.EndDevice, opening, closing, stretch.Opening.Block, stretch.Closing.Block)
            {
                EnergyWh = usageWh,
                RegisterDigits = stretch.Installation.RegisterDigits,
                Multiplier = stretch.Installation.Multiplier,
            });
        }
        return segments;
    }

    /// <summary>The parts between two local midnights; null where registers do not give the energy.</summary>
    public static List<RegisterSegment>? Find(UsagePointRecord record, DayPipeline pipeline, RegisterBook book, Instant start, Instant end)
    {
        var reasons = new List<string>();
        List<RegisterSegment> segments = Of(record, pipeline, book, start, end, reasons);
        return reasons.Count == 0 ? segments : null;
    }

    /// <summary>
    /// A proposal to bill again, where the registers say something else of a billed period than they did before; null where they do not.
    /// A bill that was made by intervals, before there were registers, is proposed when these are whole and give another energy.
    /// </summary>
    /// <param name="period">The bill.</param>
    /// <param name="before">Parts as they were; null where registers did not give the energy.</param>
    /// <param name="after">Parts as they are.</param>
    /// <param name="changed">The register that came last.</param>
    public static RebillProposal? Compare(BilledPeriod period, IReadOnlyList<RegisterSegment>? before, IReadOnlyList<RegisterSegment>? after, RegisterBlock changed)
    {
        if (AreSame(before, after)) return null;
        long? newWh = after?.Sum(segment => segment.EnergyWh);
        if ((period.EnergyWh ?? before?.Sum(segment => segment.EnergyWh)) is not { } billedWh) return null;
        if (before is null && (newWh is null || newWh == billedWh)) return null;
        IntervalBlock block = changed.Block;
        return new RebillProposal(
            period.UsagePoint, block.Type, block.Start, period.BillNumber, BilledVersionOf(before, changed), block.Version, billedWh, newWh);
    }

    private static bool AreSame(IReadOnlyList<RegisterSegment>? before, IReadOnlyList<RegisterSegment>? after)
    {
        if (before is null || after is null) return before is null && after is null;
        return before.Select(Ends).SequenceEqual(after.Select(Ends));

        // By what the meters showed: another version with the same value bills the same.
        static (RegisterReading, RegisterReading) Ends(RegisterSegment segment) => (segment.Opening, segment.Closing);
    }

    private static int? BilledVersionOf(IReadOnlyList<RegisterSegment>? billed, RegisterBlock changed)
    {
        foreach (RegisterSegment segment in billed ?? [])
        {
            if (segment.EndDevice != changed.EndDevice) continue;
            if (IsIt(segment.OpeningBlock)) return segment.OpeningBlock.Version;
            if (IsIt(segment.ClosingBlock)) return segment.ClosingBlock.Version;
        }
        return null;

        bool IsIt(IntervalBlock block) => block.Type == changed.Block.Type && block.Start == changed.Block.Start;
    }
}
