using NodaTime;
using Praman.Billing.Ledger;
using Praman.Metering;
using Praman.Storage;

namespace Praman.Stores.Tests.Crash;

/// <summary>The process that the ledger's crash test kills: it pays, deducts and reverses from several tasks at once, and says what was acknowledged.</summary>
internal static class LedgerCrashChild
{
    public const string Verb = "ledger-crash-child";

    private const int Tasks = 3;
    private const int HomeCount = 5;

    private static readonly LocalDate Day = new(2026, 4, 1);
    private static readonly Postings Rupees = new("INR");

    /// <param name="folder">The data folder.</param>
    /// <param name="first">The first number that may not have been asked for; those before it are asked for again.</param>
    public static async Task<int> RunAsync(string folder, int first)
    {
        await using PramanStore store = await PramanStore.OpenAsync(folder);
        await using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        var gate = new Lock();
        int next = first - 1;

        async Task Write()
        {
            while (true)
            {
                int number = Interlocked.Increment(ref next);
                IReadOnlyList<PostingOutcome> outcomes = await store.Ledger.AppendAsync(Requests(number), Samples.Recorded + Duration.FromSeconds(number), CancellationToken.None);
                lock (gate) output.WriteLine($"L {number} {outcomes.Count(outcome => outcome.Record is not null)}");
            }
        }

        output.WriteLine("ready");
        await Task.WhenAll(Enumerable.Range(0, Tasks).Select(_ => Task.Run(Write)));
        return 0;
    }

    /// <summary>What number <paramref name="number"/> asks for: a payment held and settled, a day's deduction, its reversal by every third.</summary>
    public static PostingRequest[] Requests(int number)
    {
        var home = new UsagePointId((ulong)(number % HomeCount));
        long amount = 100 + number % 977;
        PostingRequest hold = PostingRequest.Hold(
            $"pay/{number}", Day, "recharge", [PostingLine.Debit(amount, Rupees.Of(AccountKind.GatewaySuspense, "upi")), PostingLine.Credit(amount, Rupees.TopUpPlaces(home))]);
        PostingRequest day = Rupees.DayDeduction($"day/{number}", home, Day.PlusDays(number % 28), [new(Rupees.Of(AccountKind.Revenue, "energy"), amount + 3), new(Rupees.Of(AccountKind.DutyPayable), 7)], 500);
        PostingRequest[] requests = [hold, PostingRequest.Settle($"pay/{number}/done", hold.Key, "recharge"), day];
        return number % 3 == 0 ? [.. requests, PostingRequest.Reverse($"day/{number}/back", day.Key, "estimate-replaced")] : requests;
    }
}
