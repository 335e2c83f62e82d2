using Praman.MeterData.Ingest;
using Praman.MeterData.Rules;
using Praman.Metering;
using Praman.Proof;

namespace Praman.MeterData.Gate;

/// <summary>
/// What persons entered or accepted of a period. A register that a person entered or accepted stands behind all of its segment: the energy and the
/// intervals of that segment count as theirs.
/// </summary>
internal static class EditedPeriod
{
    /// <summary>Null where the shares keep within the limits.</summary>
    /// <param name="intervals">Intervals of the period.</param>
    /// <param name="energyWh">What the share of energy is taken of, above 0.</param>
    public static EditedReadings? Find(
        GateLimits limits, IReadOnlyList<IntervalBlock> blocks, IReadOnlyList<RegisterSegment> segments, UsagePointEvidence evidence, int intervals, decimal energyWh)
    {
        List<RegisterSegment> edited = [.. segments.Where(IsEdited)];
        (int count, long wh) = Count(blocks, edited);
        decimal intervalShare = count / (decimal)Math.Max(1, intervals), energyShare = (wh + edited.Sum(segment => segment.EnergyWh)) / energyWh;
        if (intervalShare <= limits.EditedIntervals && energyShare <= limits.EditedEnergy) return null;
        var editors = new Editors(evidence);
        foreach (IntervalBlock block in blocks.Where(IsEdited)) editors.Add(block);
        foreach (RegisterSegment segment in edited)
        {
            if (IsEdited(segment.OpeningBlock)) editors.Add(segment.OpeningBlock, segment.EndDevice);
            if (IsEdited(segment.ClosingBlock)) editors.Add(segment.ClosingBlock, segment.EndDevice);
        }
        return new EditedReadings(Name(blocks, segments), energyShare, intervalShare, [.. editors.Names], editors.IsEveryoneKnown);
    }

    /// <summary>SHA-256 of the SHA-256 of each block: days by start, then each segment's opening and closing register.</summary>
    private static string Name(IReadOnlyList<IntervalBlock> blocks, IReadOnlyList<RegisterSegment> segments)
    {
        var hashes = new List<byte>((blocks.Count + (2 * segments.Count)) * Digest.Length);
        foreach (IntervalBlock block in blocks.Concat(segments.SelectMany(segment => new[] { segment.OpeningBlock, segment.ClosingBlock })))
        {
            hashes.AddRange(Digest.Sha256(block.Bytes.Span).Octets);
        }
        return Digest.Sha256([.. hashes]).ToString();
    }

    /// <summary>Intervals that are edited or lie in an edited segment; and the energy of those that lie in none.</summary>
    private static (int Count, long Wh) Count(IReadOnlyList<IntervalBlock> blocks, List<RegisterSegment> edited)
    {
        int count = 0;
        long wh = 0;
        foreach (IntervalBlock block in blocks)
        {
            (long[] values, IntervalQuality[] qualities) = block.Decode();
            for (int i = 0; i < values.Length; i++)
            {
                NodaTime.Instant start = block.Header.StartOf(i);
                bool isCovered = edited.Exists(segment => segment.OpeningBlock.Start <= start && start < segment.ClosingBlock.Start);
                if (!isCovered && !qualities[i].IsByPerson) continue;
                count++;
                if (!isCovered) wh += values[i];
            }
        }
        return (count, wh);
    }

    private static bool IsEdited(RegisterSegment segment) => IsEdited(segment.OpeningBlock) || IsEdited(segment.ClosingBlock);

    private static bool IsEdited(IntervalBlock block) => Array.Exists(block.Decode().Qualities, quality => quality.IsByPerson);

    /// <summary>Who made the versions in which a person's value first stands.</summary>
    private sealed class Editors(UsagePointEvidence evidence)
    {
        public SortedSet<string> Names { get; } = new(StringComparer.OrdinalIgnoreCase);

        public bool IsEveryoneKnown { get; private set; } = true;

        /// <param name="block">The version in force.</param>
        /// <param name="device">The meter of a register; null for a day.</param>
        public void Add(IntervalBlock block, EndDeviceId? device = null)
        {
            IEnumerable<IntervalBlock> all = device is { } meter
                ? evidence.Registers.Where(stored => stored.Register.EndDevice == meter).Select(stored => stored.Register.Block)
                : evidence.Blocks.Select(stored => stored.Block);
            var known = new (IntervalState State, long Value)?[block.Count];
            foreach (IntervalBlock version in all.Where(one => one.Type == block.Type && one.Start == block.Start && one.Version <= block.Version).OrderBy(one => one.Version))
            {
                bool isNamed = false;
                foreach (ReadingEdit edit in evidence.Edits)
                {
                    if (edit.Type != version.Type || edit.Start != version.Start || edit.EndDevice != device || edit.Version != version.Version) continue;
                    Names.Add(edit.By);
                    isNamed = true;
                }
                if (TakeNew(version, known) && !isNamed) IsEveryoneKnown = false;
            }
        }

        /// <summary>Whether a version holds a person's value that none before did; what else became of the day, such as a lock, is nobody's edit.</summary>
        private static bool TakeNew(IntervalBlock version, (IntervalState State, long Value)?[] known)
        {
            (long[] values, IntervalQuality[] qualities) = version.Decode();
            bool isNew = false;
            for (int i = 0; i < Math.Min(values.Length, known.Length); i++)
            {
                if (!qualities[i].IsByPerson || known[i] == (qualities[i].State, values[i])) continue;
                known[i] = (qualities[i].State, values[i]);
                isNew = true;
            }
            return isNew;
        }
    }
}
