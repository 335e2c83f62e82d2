using System.Buffers;
using System.Globalization;
using NodaTime;
using NodaTime.Text;
using Praman.Metering;
using Praman.Proof;
using Praman.Proof.Logs;

namespace Praman.Billing.Verification;

/// <summary>Step 6: blocks are the logged ones, cover the period, and give the registers and the energy of the bill.</summary>
internal sealed partial class VerificationRun
{
    private long _intervals;
    private long _estimated;
    private long _estimatedWh;
    private long _edited;
    private long _editedRegisters;
    private long _energyWh;

    private (Outcome, string) CheckReadings()
    {
        foreach (EvidenceBatch batch in evidence!.Batches)
        {
            Digest leaf = cache.LeafOf(batch.Head);
            if (IsLogged(leaf, batch.Entry)) continue;
            return CheckLogged($"readings/batch {LocalDatePattern.Iso.Format(batch.Head.Date)}", leaf, batch.Entry)!.Value;
        }
        byte[] leaves = ArrayPool<byte>.Shared.Rent(Math.Max(1, evidence.Blocks.Count * Digest.Length));
        try
        {
            return CheckLeaves(leaves) ?? CheckDays() ?? CheckCounts() ?? CheckSegments() ?? CheckSums(leaves) ??
                (evidence.Erased is { } day ? (Outcome.NotRun, $"not proven: {ErasedText(day)}; {Summary()}") : (Outcome.Held, Summary()));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(leaves);
        }
    }

    private string Summary() => string.Create(CultureInfo.InvariantCulture,
        $"{Counted.Of(evidence!.Blocks.Count - (2 * bill.Readings.Segments.Count), "day")}, {Counted.Of(_intervals, "interval")}, {Meters}, {bill.Readings.EnergyWh} Wh{ByPersons}");

    private string ByPersons => bill.Readings is { EditedIntervals: 0, EditedRegisters: 0 } ? ""
        : $"; entered or accepted by a person: {Counted.Of(bill.Readings.EditedIntervals, "interval")}, {Counted.Of(bill.Readings.EditedRegisters, "register")}";

    private string Meters => bill.Readings.Segments.Count == 0 ? "no register" : Counted.Of(bill.Readings.Segments.Count, "meter");

    private string PlaceOf(int block)
    {
        EvidenceBlock of = evidence!.Blocks[block];
        if (!of.IsRegister) return DayPlace(LocalDays.DayOf(of.Header.Start, bill.Zone));
        int first = evidence.Blocks.Count - (2 * bill.Readings.Segments.Count);
        return $"readings/segments[{Text(Math.Max(0, (block - first) >> 1))}]";
    }

    private static string DayPlace(LocalDate day) => $"readings/{LocalDatePattern.Iso.Format(day)}";

    /// <summary>Each block stands in its night's tree, and is of this usage point.</summary>
    private (Outcome, string)? CheckLeaves(Span<byte> leaves)
    {
        for (int i = 0; i < evidence!.Blocks.Count; i++)
        {
            EvidenceBlock one = evidence.Blocks[i];
            if (one.Salt is { } salt)
            {
                BatchHead head = evidence.Batches[one.Batch].Head;
                Digest leaf = BatchHead.LeafHash(Commitment.Compute(salt.Octets, evidence.Octets(one)));
                if (!cache.Tree(head.Size, head.Root).Includes(leaf, one.Index, evidence.Path(one.Path))) return Differs(PlaceOf(i), "the block that was logged", "another");
                leaf.CopyTo(leaves[(i * Digest.Length)..]);
            }
            if (one.Header.UsagePoint != bill.UsagePoint) return Differs(PlaceOf(i), bill.UsagePoint.ToString(), one.Header.UsagePoint.ToString());
        }
        return null;
    }

    /// <summary>One block a local day, from midnight to midnight, every interval billable.</summary>
    private (Outcome, string)? CheckDays()
    {
        LocalDate day = bill.From;
        Instant start = bill.Zone.AtStartOfDay(day).ToInstant();
        bool registersBegan = false;
        for (int i = 0; i < evidence!.Blocks.Count; i++)
        {
            EvidenceBlock block = evidence.Blocks[i];
            IntervalBlockHeader header = block.Header;
            if (block.IsRegister)
            {
                registersBegan = true;
                _editedRegisters += block.Sums.Edited;
                continue;
            }
            if (header.Type != ReadingType.ImportEnergy) return Differs(PlaceOf(i), "import energy", header.Type.Name());
            if (day > bill.To || header.Start != start) return DiffersAtStart(header, day);
            Instant end = bill.Zone.AtStartOfDay(day.PlusDays(1)).ToInstant();
            if (header.End != end) return Differs(PlaceOf(i), "a block to midnight", $"{Text(header.Count)} × {Text(header.IntervalMinutes)} min");
            if (block.Scaler != 0) return Differs(PlaceOf(i), "whole Wh", $"scaler {Text(block.Scaler)}");
            if (registersBegan) return Differs(PlaceOf(i), "interval blocks first", "another order");
            if (block.Sums.Unbillable >= 0)
                return Differs(PlaceOf(i), "a billable state", $"state {Text((int)block.Sums.UnbillableState)} in interval {Text(block.Sums.Unbillable + 1)}");
            _energyWh += block.Sums.Wh;
            _estimated += block.Sums.Estimated;
            _estimatedWh += block.Sums.EstimatedWh;
            _edited += block.Sums.Edited;
            _intervals += header.Count;
            day = day.PlusDays(1);
            start = end;
        }
        return day.PlusDays(-1) == bill.To ? null : Differs(DayPlace(day), "a block for each day of the period", "none");
    }

    /// <summary>A block that does not start where the next day does: one too many is named by its own day, one that is missing by the day that it lacks.</summary>
    private (Outcome, string) DiffersAtStart(IntervalBlockHeader header, LocalDate day)
    {
        LocalDate own = LocalDays.DayOf(header.Start, bill.Zone);
        return day > bill.To || own < bill.From || own > bill.To
            ? Differs(DayPlace(own), "a block for each day of the period, and no other", "one more")
            : Differs(DayPlace(day), "a block from midnight", "none");
    }

    private (Outcome, string)? CheckCounts() =>
        Whole("intervals", _intervals, bill.Readings.Intervals) ??
        Whole("estimated_intervals", _estimated, bill.Readings.EstimatedIntervals) ??
        Whole("estimated_wh", _estimatedWh, bill.Readings.EstimatedWh) ??
        Whole("edited_intervals", _edited, bill.Readings.EditedIntervals) ??
        Whole("edited_registers", _editedRegisters, bill.Readings.EditedRegisters);

    private (Outcome, string)? Whole(string place, Int128 ours, long theirs) =>
        ours == theirs ? null : Differs($"readings/{place}", ours.ToString(CultureInfo.InvariantCulture), Text(theirs));

    /// <summary>Each meter's part: two proven registers whose difference, times its multiplier, is its energy; the parts follow one another from midnight to midnight.</summary>
    private (Outcome, string)? CheckSegments()
    {
        List<BillSegment> segments = bill.Readings.Segments;
        int first = 0;
        while (first < evidence!.Blocks.Count && !evidence.Blocks[first].IsRegister) first++;
        int registers = evidence.Blocks.Count - first;
        if (registers != 2 * segments.Count) return Differs("readings/segments", $"{Text(registers)} register blocks", $"{Text(segments.Count)} segments");
        Instant at = bill.Zone.AtStartOfDay(bill.From).ToInstant();
        Int128 sum = 0; // a register of the longest form times the greatest multiplier is more than 64 bits
        for (int i = 0; i < segments.Count; i++)
        {
            if (CheckSegment(i, evidence.Blocks[first + (2 * i)], evidence.Blocks[first + (2 * i) + 1], ref at, out Int128 energy) is { } differs) return differs;
            sum += energy;
        }
        if (segments.Count == 0) return Whole("energy_wh", _energyWh, bill.Readings.EnergyWh);
        return at == bill.Zone.AtStartOfDay(bill.To.PlusDays(1)).ToInstant()
            ? Whole("energy_wh", sum, bill.Readings.EnergyWh)
            : Differs("readings/segments", "registers to the end of the period", "an earlier end");
    }

    private (Outcome, string)? CheckSegment(int i, in EvidenceBlock opening, in EvidenceBlock closing, ref Instant at, out Int128 energy)
    {
        BillSegment segment = bill.Readings.Segments[i];
        string place = $"segments[{Text(i)}]";
        energy = 0;
        if (!IsMeasuredRegister(opening) || !IsMeasuredRegister(closing)) return Differs($"readings/{place}", "a measured register", "another block");
        // Between two parts the meter was exchanged; else one part runs from midnight to midnight.
        bool isFirst = i == 0, isLast = i == bill.Readings.Segments.Count - 1;
        if (opening.Header.Type != ReadingType.ImportRegisterAtInstallation && !(isFirst && opening.Header.Type == ReadingType.ImportRegister))
            return Differs($"readings/{place}", "a register at midnight or installation", "another type");
        if (closing.Header.Type != ReadingType.ImportRegisterAtRemoval && !(isLast && closing.Header.Type == ReadingType.ImportRegister))
            return Differs($"readings/{place}", "a register at midnight or removal", "another type");
        if ((Whole(place, opening.Sums.Wh, segment.Opening) ?? Whole(place, closing.Sums.Wh, segment.Closing)) is { } register) return register;
        if (opening.Header.Start != segment.OpeningAt || closing.Header.Start != segment.ClosingAt)
            return Differs($"readings/{place}", $"{opening.Header.Start} to {closing.Header.Start}", $"{segment.OpeningAt} to {segment.ClosingAt}");
        if (i == 0 ? opening.Header.Start != at : opening.Header.Start < at) return Differs($"readings/{place}", "a part that joins the one before", segment.OpeningAt.ToString());
        if (closing.Header.Start <= opening.Header.Start) return Differs($"readings/{place}", "a closing after its opening", segment.ClosingAt.ToString());
        at = closing.Header.Start;
        energy = segment.Closing - segment.Opening;
        if (energy < 0)
        {
            long span = 1_000; // Wh of a kWh
            for (long digits = segment.Digits; digits > 0; digits--) span *= 10;
            energy += span;
        }
        energy *= segment.Multiplier;
        return Whole(place, energy, segment.EnergyWh);
    }

    private static bool IsMeasuredRegister(in EvidenceBlock block) =>
        block is { Header: { Count: 1, IntervalMinutes: 0 }, Scaler: 0, Sums: { Unbillable: < 0, Estimated: 0 } };

    private (Outcome, string)? CheckSums(ReadOnlySpan<byte> leaves)
    {
        if (Whole("unassigned_wh", bill.Readings.EnergyWh - _energyWh, bill.Readings.UnassignedWh) is { } differs) return differs;
        long most = 0;
        foreach (BillSegment segment in bill.Readings.Segments) most += RegisterSegment.UnassignedWhMax * segment.Multiplier;
        if (Math.Abs(bill.Readings.UnassignedWh) > most) return Differs("readings/unassigned_wh", $"at most {Text(most)} Wh", Text(bill.Readings.UnassignedWh));
        if (evidence!.Erased is not null) return null; // without salts there are no leaves to hash
        Digest hash = Digest.Sha256(leaves[..(evidence.Blocks.Count * Digest.Length)]);
        return hash == bill.Readings.Hash ? null : Differs("readings/sha256", hash.ToString(), bill.Readings.Hash.ToString());
    }
}
