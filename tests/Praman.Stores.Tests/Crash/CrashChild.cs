using Praman.MeterData.Ingest;
using Praman.Storage;

namespace Praman.Stores.Tests.Crash;

/// <summary>
/// The process that a crash test kills: it writes readings, bills and counters from several tasks at once and says on standard output
/// what was acknowledged, a line each, until it dies.
/// </summary>
internal static class CrashChild
{
    public const string Verb = "crash-child";

    private const int ReadingTasks = 3;

    /// <param name="folder">The data folder.</param>
    /// <param name="first">The first number that no earlier process used.</param>
    public static async Task<int> RunAsync(string folder, int first)
    {
        await using PramanStore store = await PramanStore.OpenAsync(folder);
        await using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        var gate = new Lock();
        int reading = first - 1, bill = first - 1;

        void Say(string line)
        {
            lock (gate) output.WriteLine(line);
        }

        async Task Read()
        {
            while (true)
            {
                int number = Interlocked.Increment(ref reading);
                AppendResult result = await store.Readings.AppendAsync(CrashPlan.Batch(number), CancellationToken.None);
                Say($"R {number} {result.Appended}");
            }
        }

        async Task Bill()
        {
            while (true)
            {
                int number = Interlocked.Increment(ref bill);
                await store.Bills.AddAsync([CrashPlan.Bill(number)], CancellationToken.None);
                Say($"B {number} 0");
            }
        }

        async Task Count()
        {
            for (int i = 0; ; i++)
            {
                int count = 1 + i % 7;
                uint start = (await store.Counters.ReserveAsync(CrashPlan.Meter(i % CrashPlan.Meters), 0, count, CancellationToken.None))!.Value;
                for (int used = 0; used < count; used++) Say($"C {i % CrashPlan.Meters} {start + used}"); // a value counts as used once it may have been sent
            }
        }

        Say("ready");
        await Task.WhenAll([.. Enumerable.Range(0, ReadingTasks).Select(_ => Task.Run(Read)), Task.Run(Bill), Task.Run(Count)]);
        return 0;
    }
}
