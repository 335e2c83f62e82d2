using System.Diagnostics;
using System.Globalization;
using NodaTime;
using Praman.Cli.Demo;
using Praman.Metering;
using Praman.Proof.Experimental.Pedersen;

// The benchmark is the one place that means to name the experimental option (docs/reference/pedersen.md).
#pragma warning disable PRAMAN001

namespace Praman.Cli.Bench;

/// <summary>
/// PEDERSEN, only when it is asked for: commitments to the half-hours of days, and checks of months opened as sums of time-of-day slots. One thread, so
/// that a figure is one of a core.
/// </summary>
internal sealed class PedersenBench(int meters, ulong seed, int runs, Action<string> say)
{
    /// <summary>The name by which <c>--only</c> asks for it.</summary>
    public const string Name = "PEDERSEN";

    private const int DayCount = 30, IntervalCount = 48, SlotCount = 3;

    /// <summary>Months that are kept to be checked: enough that none is in a cache when its turn comes again.</summary>
    private const int MonthCount = 20;

    /// <summary>Checks of a run at most: some seconds.</summary>
    private const int ChecksMax = 1_000;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);
    private static readonly LocalDate First = new(2025, 9, 1);

    public List<BenchFigure> Run(CancellationToken cancellationToken)
    {
        int checks = Math.Min(meters, ChecksMax);
        say($"{Name}: {checks} months of {DayCount * IntervalCount} half-hours, {runs} runs ...");
        var random = new Random(unchecked((int)seed));
        Home[] homes = [.. Enumerable.Range(0, Math.Min(MonthCount, checks)).Select(home => new Home((ulong)home + 1, random))];
        try
        {
            long begun = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(begun) < WarmUp)
            {
                foreach (Home home in homes) Commit(home);
                Check(homes, homes.Length, cancellationToken);
                Decode(homes, homes.Length, cancellationToken);
            }
            List<double> commitRates = [], checkRates = [], decodeRates = [];
            TimeSpan cpuCommit = default, cpuCheck = default, cpuDecode = default;
            for (int run = 0; run < runs; run++)
            {
                cpuCommit = Measure(commitRates, homes.Length * DayCount * IntervalCount, () => Array.ForEach(homes, Commit));
                cpuCheck = Measure(checkRates, checks, () => Check(homes, checks, cancellationToken));
                cpuDecode = Measure(decodeRates, checks, () => Decode(homes, checks, cancellationToken));
            }
            string Detail(string what, double work, TimeSpan cpu, string unit) => $"{what}; {BenchRuns.PerCpuSecond(work, cpu, unit)}";
            return
            [
                new(Name, "commitments to half-hours, blinding factors derived", "commitments/s/core", BenchRuns.Median(commitRates), 0,
                    Detail($"{IntervalCount} a call", homes.Length * DayCount * IntervalCount, cpuCommit, "commitments")),
                new(Name, "months checked, of commitments that are points", "months/s/core", BenchRuns.Median(checkRates), 0,
                    Detail($"{DayCount * IntervalCount} commitments, {SlotCount} slots", checks, cpuCheck, "months")),
                new(Name, "months read and checked, of octets from anybody", "months/s/core", BenchRuns.Median(decodeRates), 0,
                    Detail(string.Create(CultureInfo.InvariantCulture, $"{PedersenCommitment.Length} octets a commitment, each point looked at"), checks, cpuDecode, "months")),
            ];
        }
        finally
        {
            foreach (Home home in homes) home.Secret.Dispose();
        }
    }

    private static TimeSpan Measure(List<double> rates, double work, Action action)
    {
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        action();
        rates.Add(work / Stopwatch.GetElapsedTime(start).TotalSeconds);
        return Environment.CpuUsage.TotalTime - cpu;
    }

    private static void Commit(Home home)
    {
        for (int day = 0; day < DayCount; day++)
        {
            if (!PedersenDay.TryCommit(home.Secret, home.Days[day], home.Commitments.AsSpan(day * IntervalCount, IntervalCount), out int refused))
                throw new InvalidDataException($"interval {refused} of the benchmark is refused");
        }
    }

    private static void Check(Home[] homes, int count, CancellationToken cancellationToken)
    {
        for (int i = 0; i < count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Home home = homes[i % homes.Length];
            MonthVerdict verdict = PedersenMonth.Check(home.Commitments, home.Slots, home.Openings);
            if (verdict.Finding != MonthFinding.Holds) throw new InvalidDataException($"a month of the benchmark does not hold: {verdict}");
        }
    }

    private static void Decode(Home[] homes, int count, CancellationToken cancellationToken)
    {
        var commitments = new PedersenCommitment[DayCount * IntervalCount];
        for (int i = 0; i < count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Home home = homes[i % homes.Length];
            for (int at = 0; at < commitments.Length; at++)
            {
                if (!PedersenCommitment.TryDecode(home.Octets.AsSpan(at * PedersenCommitment.Length, PedersenCommitment.Length), out commitments[at], out var error)) throw new InvalidDataException(error.ToString());
            }
            MonthVerdict verdict = PedersenMonth.Check(commitments, home.Slots, home.Openings);
            if (verdict.Finding != MonthFinding.Holds) throw new InvalidDataException($"a month of the benchmark does not hold: {verdict}");
        }
    }

    /// <summary>A home's month of half-hours, what it gives away of it, and what it opens.</summary>
    private sealed class Home
    {
        public Home(ulong number, Random random)
        {
            byte[] secret = new byte[BlindingSecret.Length];
            random.NextBytes(secret);
            Secret = new(secret);
            var values = new long[IntervalCount];
            IntervalQuality[] qualities = [.. Enumerable.Repeat(IntervalQuality.Raw, IntervalCount)];
            for (int day = 0; day < DayCount; day++)
            {
                for (int i = 0; i < values.Length; i++) values[i] = random.Next(20, 1_200);
                Instant midnight = First.PlusDays(day).AtStartOfDayInZone(DemoOptions.India).ToInstant();
                Days[day] = IntervalBlock.Create(new(new(number), ReadingType.ImportEnergy, midnight, 30, IntervalCount, 0, BlockCause.Received), values, qualities);
            }
            for (int i = 0; i < Slots.Length; i++) Slots[i] = SlotOf(i % IntervalCount);
            Commit(this);
            for (int i = 0; i < Commitments.Length; i++) Commitments[i].Write(Octets.AsSpan(i * PedersenCommitment.Length));
            if (!PedersenMonth.TryOpen(Secret, Days, Slots, out IReadOnlyList<SlotOpening> openings, out int tooShort)) throw new InvalidDataException($"slot {tooShort} of the benchmark is too short");
            Openings = [.. openings];
        }

        public BlindingSecret Secret { get; }

        public IntervalBlock[] Days { get; } = new IntervalBlock[DayCount];

        public PedersenCommitment[] Commitments { get; } = new PedersenCommitment[DayCount * IntervalCount];

        public byte[] Octets { get; } = new byte[DayCount * IntervalCount * PedersenCommitment.Length];

        public byte[] Slots { get; } = new byte[DayCount * IntervalCount];

        public SlotOpening[] Openings { get; }

        /// <summary>Night from 22 to 6, evening from 18 to 22, day between.</summary>
        private static byte SlotOf(int halfHour) => halfHour switch
        {
            < 12 or >= 44 => 0,
            >= 36 => 2,
            _ => 1,
        };
    }
}
