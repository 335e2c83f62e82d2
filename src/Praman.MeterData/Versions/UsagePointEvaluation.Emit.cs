using Praman.MeterData.Gate;
using Praman.MeterData.Ingest;
using Praman.MeterData.Validation;
using Praman.Metering;

namespace Praman.MeterData.Versions;

internal sealed partial class UsagePointEvaluation
{
    /// <summary>
    /// Appends a version where a value or a state changed. A new value that the result does not show (disputed, or refused and estimated at
    /// once) gets a version of its own before it, so that no value of a meter is ever without one.
    /// </summary>
    private void Emit(Work work)
    {
        DayState state = work.State;
        if (state.IsUnlocked) LockAgain(work);
        state.Result = work.Qualities;
        if (state.InForce is null && !state.IsReceived && !Array.Exists(work.Qualities, quality => quality.HasValue)) return; // nothing to say
        int version = state.InForce?.Block.Version ?? -1;
        bool isAppended = false;
        foreach (List<(int Index, long Value)> layer in Hidden(work))
        {
            long[] values = [.. state.Validated!.Value.Values];
            IntervalQuality[] qualities = [.. state.Validated.Value.Qualities];
            foreach ((int index, long value) in layer)
            {
                bool isDisputed = state.Disputes is { } disputes && disputes.ContainsKey(index);
                values[index] = value;
                // A meter's value beside a person's is not theirs.
                if (isDisputed || !qualities[index].HasValue || qualities[index].IsByPerson) qualities[index] = qualities[index] with { State = IntervalState.Failed };
            }
            isAppended = Append(state, values, qualities, ref version, ReceiptCause(state, version));
        }
        bool changed = isAppended
            ? !Same(_batch.Blocks[^1], work)
            : state.InForce is null || !Same(state.InForceValues, state.InForceQualities, work.Values, work.Qualities);
        if (changed) isAppended |= Append(state, work.Values, work.Qualities, ref version, CauseOf(work, version, isAppended));
        foreach (Finding finding in work.Findings) Find(state.Type, state.Start, Math.Max(version, 0), finding);
        if (isAppended || state.BeforeEdit is not null) ProposeRebilling(state, version, work);
    }

    /// <summary>Estimates that were made again because of a register and came out as they were billed: nothing changed, and the lock stays.</summary>
    private static void LockAgain(Work work)
    {
        DayState state = work.State;
        if (state.InForceQualities.Length == 0 || state.NewValues.Count > 0) return;
        IntervalQuality[] unlocked = [.. state.InForceQualities.Select(quality => quality with { Flags = quality.Flags & ~IntervalFlags.Locked })];
        if (Same(state.InForceValues, unlocked, work.Values, work.Qualities)) state.InForceQualities.CopyTo(work.Qualities, 0);
    }

    private bool Append(DayState state, long[] values, IntervalQuality[] qualities, ref int version, BlockCause cause)
    {
        version++;
        _batch.Blocks.Add(IntervalBlock.Create(state.Header(Id, version, cause), values, qualities, state.Scaler));
        return true;
    }

    /// <summary>New values that the result does not show, in layers of at most one an interval.</summary>
    private static List<List<(int Index, long Value)>> Hidden(Work work)
    {
        var layers = new List<List<(int Index, long Value)>>();
        foreach ((int index, long value) in work.State.NewValues)
        {
            IntervalQuality quality = work.Qualities[index];
            if (quality.HasValue && !quality.IsEstimated && work.Values[index] == value) continue;
            List<(int Index, long Value)>? layer = layers.Find(open => !open.Exists(taken => taken.Index == index));
            if (layer is null) layers.Add(layer = []);
            layer.Add((index, value));
        }
        return layers;
    }

    private static BlockCause ReceiptCause(DayState state, int version) =>
        version < 0 ? BlockCause.Received : state.IsCorrected ? BlockCause.Correction : BlockCause.LateData;

    private static BlockCause CauseOf(Work work, int version, bool isReceiptAppended)
    {
        if (work.State.NewValues.Count > 0 && !(isReceiptAppended && HasEstimate(work))) return ReceiptCause(work.State, version);
        if (HasEstimate(work)) return BlockCause.Estimation;
        return version < 0 ? BlockCause.Received : BlockCause.Revalidation;
    }

    private static bool HasEstimate(Work work) => Array.Exists(work.Qualities, quality => quality.IsEstimated);

    private static bool Same(IntervalBlock block, Work work)
    {
        (long[] values, IntervalQuality[] qualities) = block.Decode();
        return Same(values, qualities, work.Values, work.Qualities);
    }

    private static bool Same(long[] values, IntervalQuality[] qualities, long[] otherValues, IntervalQuality[] otherQualities)
    {
        for (int i = 0; i < qualities.Length; i++)
        {
            if (qualities[i] != otherQualities[i]) return false;
            if (qualities[i].HasValue && values[i] != otherValues[i]) return false;
        }
        return true;
    }

    /// <summary>T23 for registers: bills are made from them, so a bill is compared where one of its registers came late or is disputed.</summary>
    private void ProposeByRegisters()
    {
        if (_touchedBills is null) return;
        var stored = new RegisterBook(_record);
        foreach (StoredRegister register in _evidence.Registers) stored.Add(register.Register);
        foreach ((BilledPeriod period, RegisterBlock changed) in _touchedBills.Values)
        {
            List<RegisterSegment>? before = PeriodSegments.Find(_record, _pipeline, stored, period.Start, period.End);
            List<RegisterSegment>? after = PeriodSegments.Find(_record, _pipeline, _registers, period.Start, period.End);
            if (PeriodSegments.Compare(period, before, after, changed) is { } proposal) _batch.RebillProposals.Add(proposal);
        }
    }

    private void ProposeRebilling(DayState state, int version, Work work)
    {
        if (state.InForce is null) return;
        foreach (BilledPeriod period in _evidence.Billed)
        {
            if (period.Type != state.Type || period.Start >= state.End || period.End <= state.Start) continue;
            long sum = 0;
            for (int i = 0; i < work.Values.Length; i++) if (work.Qualities[i].HasValue) sum += work.Values[i];
            // The bill stands on its own version of the day, whatever came between; a day that it does not have is compared with what was in force.
            int? billedVersion = period.VersionOf(state.Start);
            IntervalBlock billed = _evidence.Blocks.FirstOrDefault(
                stored => stored.Block.Version == billedVersion && stored.Block.Type == state.Type && stored.Block.Start == state.Start)?.Block ?? (state.BeforeEdit ?? state.InForce).Block;
            _batch.RebillProposals.Add(new RebillProposal(Id, state.Type, state.Start, period.BillNumber, billed.Version, version, billed.Sum(), sum));
        }
    }
}
