using System.Globalization;
using NodaTime;
using Praman.Billing.Ledger;
using Praman.Storage;
using Praman.Testing;

namespace Praman.Stores.Tests.Crash;

/// <summary>kill -9 while money moves: what was acknowledged is there once, what was asked again is not written again, and the journal gives every balance.</summary>
public sealed class LedgerCrashTests
{
    private const int Kills = 20;
    private const int AcknowledgedMax = 200; // lines before the kill, at most
    private const int Repeated = 10; // numbers that a process asks for again: some were written before the kill and some not

    [Fact]
    public async Task TwentyKillsLoseNoPaisaAndApplyNothingTwice()
    {
        using var folder = new TempFolder();
        CancellationToken stop = TestContext.Current.CancellationToken;
        var random = new Random(20_260_405);
        var acknowledged = new SortedSet<int>();
        int next = 0;
        for (int kill = 0; kill < Kills; kill++)
        {
            foreach (string line in await RunAndKillAsync(folder.Path, next, kill == 0 ? 0 : random.Next(AcknowledgedMax)))
            {
                if (line.Split(' ') is not ["L", var word, var written]) continue;
                int number = int.Parse(word, CultureInfo.InvariantCulture);
                Assert.Equal(LedgerCrashChild.Requests(number).Length, int.Parse(written, CultureInfo.InvariantCulture));
                acknowledged.Add(number);
            }
            await using PramanStore store = await PramanStore.OpenAsync(folder.Path, stop);
            Assert.Empty(await store.CheckAsync(stop)); // the journal replayed, against the balances and the entries
            HashSet<string> keys = await KeysAsync(store, stop);
            Assert.All(acknowledged, number => Assert.All(LedgerCrashChild.Requests(number), request => Assert.Contains(request.Key, keys)));
            await AskAgainAsync(store, acknowledged, stop);
            next = Math.Max(0, acknowledged.Max - Repeated);
        }
        Assert.True(acknowledged.Count > Kills, $"{acknowledged.Count} acknowledged");
    }

    private static async Task AskAgainAsync(PramanStore store, SortedSet<int> acknowledged, CancellationToken stop)
    {
        JournalHead head = await store.Ledger.HeadAsync(null, stop);
        foreach (int number in acknowledged.Reverse().Take(20))
        {
            IReadOnlyList<PostingOutcome> outcomes = await store.Ledger.AppendAsync(LedgerCrashChild.Requests(number), Samples.Recorded + Duration.FromDays(1), stop);
            Assert.All(outcomes, outcome => Assert.True(outcome is { IsNew: false, Record: not null }));
        }
        Assert.Equal(head, await store.Ledger.HeadAsync(null, stop));
    }

    private static async Task<HashSet<string>> KeysAsync(PramanStore store, CancellationToken stop)
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        await foreach (JournalRecord record in store.Ledger.ReadAsync(0, stop)) Assert.True(keys.Add(record.Key), record.Key);
        return keys;
    }

    private static Task<List<string>> RunAndKillAsync(string folder, int first, int lines) =>
        DotnetProgram.RunAndKillAsync("Praman.Stores.Tests.dll", [LedgerCrashChild.Verb, folder, first.ToString(CultureInfo.InvariantCulture)], lines, TestContext.Current.CancellationToken);
}
