using System.Globalization;
using NodaTime;
using Praman.Billing.Stores;
using Praman.MeterData.Ingest;
using Praman.Metering;
using Praman.Storage;
using Praman.Testing;

namespace Praman.Stores.Tests.Crash;

/// <summary>kill -9 at random moments: nothing acknowledged is lost, nothing is there by half, nothing twice, no counter value is given out again.</summary>
public sealed class CrashTests
{
    private const int Kills = 20;
    private const int AcknowledgedMax = 400; // lines before the kill, at most

    [Fact]
    public async Task TwentyKillsLoseNothingThatWasAcknowledged()
    {
        using var folder = new TempFolder();
        var random = new Random(20_260_401);
        var batches = new SortedSet<int>();
        var bills = new SortedSet<int>();
        var counters = new HashSet<(int Meter, uint Value)>();
        int next = 0;
        for (int kill = 0; kill < Kills; kill++)
        {
            int first = next;
            int lines = kill == 0 ? 0 : random.Next(AcknowledgedMax);
            foreach (string line in await RunAndKillAsync(folder.Path, next, lines))
            {
                string[] words = line.Split(' ');
                if (words.Length != 3) continue;
                int number = int.Parse(words[1], CultureInfo.InvariantCulture);
                switch (words[0])
                {
                    case "R":
                        Assert.Equal(CrashPlan.BlocksOfBatch + 1, int.Parse(words[2], CultureInfo.InvariantCulture));
                        batches.Add(number);
                        break;
                    case "B":
                        bills.Add(number);
                        break;
                    default:
                        Assert.True(counters.Add((number, uint.Parse(words[2], CultureInfo.InvariantCulture))), $"counter value given out twice: {line}");
                        break;
                }
            }
            next += 1_000_000 / Kills; // no process comes near it: each begins with numbers of its own
            // What was acknowledged since the last kill; after the last kill, everything.
            int from = kill == Kills - 1 ? 0 : first;
            await CheckAsync(folder.Path, from, batches, bills, counters);
        }
        Assert.NotEmpty(batches);
        Assert.NotEmpty(bills);
        Assert.NotEmpty(counters);
        TestContext.Current.SendDiagnosticMessage($"{Kills} kills; acknowledged and found again: {batches.Count} batches, {bills.Count} bills, {counters.Count} counter values");
    }

    private static Task<List<string>> RunAndKillAsync(string folder, int first, int lines) =>
        DotnetProgram.RunAndKillAsync("Praman.Stores.Tests.dll", [CrashChild.Verb, folder, first.ToString(CultureInfo.InvariantCulture)], lines, TestContext.Current.CancellationToken);

    private static async Task CheckAsync(string folder, int from, SortedSet<int> batches, SortedSet<int> bills, HashSet<(int Meter, uint Value)> counters)
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        await using PramanStore store = await PramanStore.OpenAsync(folder, stop);
        Assert.Empty(await store.Database.CheckAsync(stop));

        foreach (int number in batches.Where(number => number >= from)) await CheckBatchAsync(store, number, stop);
        await CheckNothingByHalfAsync(store, batches, stop);
        foreach (int number in bills.Where(number => number >= from))
        {
            IssuedBill? bill = await store.Bills.FindAsync($"B-{number}", stop);
            Assert.Equal(CrashPlan.Bill(number).Evidence.ToArray(), bill?.Evidence.ToArray());
        }
        for (int meter = 0; meter < CrashPlan.Meters; meter++)
        {
            uint? next = await store.Counters.FindNextAsync(CrashPlan.Meter(meter), stop);
            Assert.All(counters.Where(used => used.Meter == meter), used => Assert.True(used.Value < next, $"{used} and the next is {next}"));
        }
    }

    private static async Task CheckBatchAsync(PramanStore store, int number, CancellationToken stop)
    {
        ReadingBatch batch = CrashPlan.Batch(number);
        var query = new EvidenceQuery(batch.Blocks[0].UsagePoint, batch.Blocks[0].Start, batch.Blocks[0].Start + Duration.FromDays(1), Instant.MaxValue);
        UsagePointEvidence evidence = (await store.Readings.ReadEvidenceAsync([query], stop))[0];
        Assert.Equal(batch.Registers[0], Assert.Single(evidence.Registers).Register);
        Assert.Equal(batch.Events[0], Assert.Single(evidence.Events));
        foreach (IntervalBlock block in batch.Blocks)
        {
            StoredBlock stored = Assert.Single(await store.Readings.ReadVersionsAsync(block.Header.Channel, block.Start, stop));
            Assert.Equal(block, stored.Block);
            Assert.Equal(batch.RecordedAt, stored.RecordedAt);
        }
        Assert.All(await store.Batches.FindEvidenceAsync([.. batch.Blocks, batch.Registers[0].Block], stop), evidence => Assert.NotNull(evidence?.Salt));
    }

    /// <summary>Everything that is stored belongs to a whole batch: twenty blocks of it, or none; acknowledged, or cut off between commit and answer.</summary>
    private static async Task CheckNothingByHalfAsync(PramanStore store, SortedSet<int> batches, CancellationToken stop)
    {
        var found = new Dictionary<int, int>();
        await foreach (StoredBlock stored in store.Fleet.ReadFleetAsync(ReadingType.ImportEnergy, new Interval(null, null), Instant.MaxValue, stop))
        {
            int number = (int)(stored.Block.UsagePoint.Number / CrashPlan.BlocksOfBatch);
            found[number] = found.GetValueOrDefault(number) + 1;
        }
        Assert.All(found, pair => Assert.True(pair.Value == CrashPlan.BlocksOfBatch, $"batch {pair.Key} has {pair.Value} blocks"));
        Assert.DoesNotContain(batches, number => !found.ContainsKey(number));
        Assert.True(found.Count - batches.Count <= Kills * 3, $"{found.Count} batches are stored, {batches.Count} were acknowledged: more than were under way at the kills");
    }
}
