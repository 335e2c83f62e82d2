using System.Diagnostics;
using System.Globalization;
using Praman.Meter;

namespace Praman.Cli.Bench;

internal sealed partial class PipelineBench
{
    /// <summary>
    /// P7: so many meters alive in this process, each with keys, counters, clock, supply and events of its own; every one is then read in a secured session
    /// and the memory that they hold after it is given.
    /// </summary>
    private void Fleet(CancellationToken cancellationToken)
    {
        say($"P7: {meters} meters in one process ...");
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var all = new (VirtualMeter Meter, Meter.MeterKeys Keys)[meters];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        Parallel.For(0, meters, options, i =>
        {
            (VirtualMeter meter, Meter.MeterKeys keys, _) = _frames.Meter(i);
            all[i] = (meter, keys);
        });
        long start = Stopwatch.GetTimestamp();
        long octets = 0;
        Parallel.For(0, meters, options, () => 0L, (i, _, sum) => sum + _frames.Read(all[i].Meter, all[i].Keys, 1).Length, sum => Interlocked.Add(ref octets, sum));
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        long held = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(all);
        _figures.Add(new(
            "P7", "meters alive in one process, each read once over a secured session of its own", "meters", meters, 100_000,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{held / (double)meters:#,0} B held a meter, {Environment.WorkingSet / 1048576.0:#,0} MiB working set; {meters / seconds:#,0} reads/s in memory, {octets / (double)meters:#,0} octets an answer")));
    }
}
