using System.Globalization;
using NodaTime;
using Praman.Billing.Ledger;
using Praman.Billing.Wallets;
using Praman.Metering;
using Praman.Storage;

namespace Praman.Stores.Tests.Crash;

/// <summary>The process that the test of a year kills: lives all wallets day by day, and says which day of which part was acknowledged.</summary>
internal static class WalletYearChild
{
    public const string Verb = "wallet-year-child";

    private const int Part = 500;

    public static async Task<int> RunAsync(string folder, int count)
    {
        await using PramanStore store = await PramanStore.OpenAsync(folder);
        await using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        var years = new List<WalletYear>();
        for (int number = 1; number <= count; number++) years.Add(await RestoreAsync(store, number));
        output.WriteLine("ready");
        for (LocalDate day = WalletYear.First; day <= WalletYear.Last; day = day.PlusDays(1))
        {
            for (int first = 0; first < count; first += Part)
            {
                WalletYear[] due = [.. years.Skip(first).Take(Part).Where(year => year.Next == day)];
                if (due.Length == 0) continue;
                PostingRequest[] payments = [.. due.SelectMany(year => year.Payments())];
                if (payments.Length > 0)
                {
                    IReadOnlyList<PostingOutcome> outcomes = await store.Ledger.AppendAsync(payments, WalletYear.Midnight(day), CancellationToken.None);
                    if (outcomes.FirstOrDefault(outcome => outcome.Refusal is not null) is { Refusal: { } refusal }) throw new InvalidOperationException(refusal.ToString());
                }
                await store.Wallets.CommitAsync([.. due.SelectMany(year => year.Live())], WalletYear.Midnight(day.PlusDays(1)), CancellationToken.None);
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"D {day:uuuu-MM-dd} {first}"));
            }
        }
        output.WriteLine("end");
        await Task.Delay(Timeout.Infinite);
        return 0;
    }

    public static async Task<WalletYear> RestoreAsync(PramanStore store, int number)
    {
        UsagePointId home = WalletYear.Terms(number).UsagePoint;
        if (await store.Wallets.FindAsync(home, CancellationToken.None) is not { } head) return WalletYear.Begin(number);
        var records = new List<WalletRecord>();
        foreach (WalletEntry entry in await store.Wallets.ReadAsync(home, new DateInterval(head.PeriodFrom.PlusDays(-10), head.PeriodFrom.PlusDays(40)), CancellationToken.None))
            records.Add(WalletReader.TryRead(entry, out WalletRecord? record, out string? fault) ? record : throw new InvalidDataException(fault));
        return WalletYear.GoOn(number, records);
    }
}
