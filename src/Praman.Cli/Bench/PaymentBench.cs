using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using NodaTime;
using Praman.Billing.Ledger;
using Praman.Billing.Payments;
using Praman.Billing.Tariffs;
using Praman.Cli.Demo;
using Praman.Metering;
using Praman.Proof.Notes;
using Praman.Server.Hosting;
using Praman.Server.Payments;
using Praman.Server.People;
using Praman.Server.Stores;
using Praman.Storage;

namespace Praman.Cli.Bench;

/// <summary>
/// P11, the way of a recharge: the gateway's signed callback leaves by HTTP, is checked, posted durably and answered, and a reader of the store sees the new balance.
/// Once on a quiet ledger, once while the day's deductions of all homes are posted.
/// </summary>
internal sealed class PaymentBench(int meters, ulong seed, string folder, int runs, Action<string> say)
{
    private const string Channel = "upi";
    private const string Currency = "INR";
    private const int PaymentMax = 5_000, ClientCount = 32, DeductionsPerCall = 500;
    private const int FloorMs = 10_000;

    private static readonly Postings Rupees = new(Currency);

    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);
    private int _order;

    public async Task<List<BenchFigure>> RunAsync(CancellationToken cancellationToken)
    {
        string place = Path.Combine(folder, "payments");
        PramanStore store = await PramanStore.OpenAsync(place, cancellationToken).ConfigureAwait(false);
        var figures = new List<BenchFigure>();
        await using (store.ConfigureAwait(false))
        {
            var desk = new PaymentDesk(store.Ledger, Currency, DemoOptions.India);
            await using WebApplication server = await StartAsync(store, desk, cancellationToken).ConfigureAwait(false);
            using var client = new HttpClient { BaseAddress = new Uri(server.Urls.First()) };
            await PayAsync(store, desk, client, 200, cancellationToken).ConfigureAwait(false); // warm
            foreach (bool isBusy in (bool[])[false, true]) figures.Add(await MeasureAsync(store, desk, client, isBusy, cancellationToken).ConfigureAwait(false));
            await server.StopAsync(cancellationToken).ConfigureAwait(false);
        }
        Directory.Delete(place, recursive: true);
        return figures;
    }

    private async Task<BenchFigure> MeasureAsync(PramanStore store, PaymentDesk desk, HttpClient client, bool isBusy, CancellationToken cancellationToken)
    {
        int count = Math.Min(meters, PaymentMax);
        var p50 = new List<double>();
        var p99 = new List<double>();
        var rates = new List<double>();
        long deductions = 0;
        for (int run = 0; run < runs; run++)
        {
            say($"P11{(isBusy ? " while a day is deducted" : "")}: {count} recharges, run {run + 1} of {runs} ...");
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Task<long> other = isBusy ? DeductAsync(store, run, stop.Token) : Task.FromResult(0L);
            long start = Stopwatch.GetTimestamp();
            double[] times = await PayAsync(store, desk, client, count, cancellationToken).ConfigureAwait(false);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            await stop.CancelAsync().ConfigureAwait(false);
            deductions += await other.ConfigureAwait(false);
            Array.Sort(times);
            p50.Add(times[times.Length / 2]);
            p99.Add(times[times.Length * 99 / 100]);
            rates.Add(times.Length / seconds);
        }
        string detail = string.Create(
            CultureInfo.InvariantCulture,
            $"p50 {BenchRuns.Median(p50):0.0} ms; {ClientCount} callbacks under way, {BenchRuns.Median(rates):#,0} a second with the opening of their orders; {(isBusy ? $"{deductions:#,0} days of {meters:#,0} homes posted meanwhile" : "nothing else written")}");
        return new BenchFigure("P11", $"recharge paid to balance visible, p99{(isBusy ? ", while a day is deducted" : "")}", "ms", BenchRuns.Median(p99), FloorMs, detail);
    }

    /// <summary>Milliseconds from the sending of a signed callback to a balance that has it, a payment each.</summary>
    private async Task<double[]> PayAsync(PramanStore store, PaymentDesk desk, HttpClient client, int count, CancellationToken cancellationToken)
    {
        double[] times = new double[count];
        int first = Interlocked.Add(ref _order, count) - count, next = -1;
        async Task WorkAsync()
        {
            for (int i = Interlocked.Increment(ref next); i < count; i = Interlocked.Increment(ref next))
            {
                // A home of its own for each: what the wallet holds after is what was paid.
                var order = new PaymentOrder($"{seed}-{first + i}", new UsagePointId((ulong)(meters + first + i)), PaymentPurpose.Recharge, 10_000 + i, []);
                await desk.OpenAsync(Channel, order, Now(), cancellationToken).ConfigureAwait(false);
                times[i] = await PayAsync(store, client, order, cancellationToken).ConfigureAwait(false);
            }
        }
        await Task.WhenAll(Enumerable.Range(0, ClientCount).Select(_ => Task.Run(WorkAsync, cancellationToken))).ConfigureAwait(false);
        return times;
    }

    private async Task<double> PayAsync(PramanStore store, HttpClient client, PaymentOrder order, CancellationToken cancellationToken)
    {
        Instant now = Now();
        byte[] body = PaymentNoticeJson.Write(new PaymentNotice(order.Id, $"R{order.Id}", PaymentStatus.Success, Currency, order.Amount, now));
        long start = Stopwatch.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/api/v1/payments/{Channel}/callback", UriKind.Relative)) { Content = new ByteArrayContent(body) };
        request.Headers.TryAddWithoutValidation(CallbackSignature.Header, CallbackSignature.Sign(_secret, body, now));
        using HttpResponseMessage answer = await client.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccessStatusCode) throw new InvalidDataException($"order {order.Id}: the callback was answered {(int)answer.StatusCode}");
        AccountBalance balance = await store.Ledger.BalanceAsync(Rupees.Of(AccountKind.Wallet, order.UsagePoint), AsOf.Now, cancellationToken).ConfigureAwait(false);
        double time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return balance.Posted == -order.Amount ? time : throw new InvalidDataException($"order {order.Id}: the balance is {balance.Posted} after {order.Amount} were paid");
    }

    /// <summary>Posts days of homes, three postings each in a group, until it is stopped.</summary>
    private async Task<long> DeductAsync(PramanStore store, int run, CancellationToken cancellationToken)
    {
        long posted = 0;
        var random = new Random((int)seed + run);
        LocalDate first = new(2026, 4, 1);
        while (!cancellationToken.IsCancellationRequested)
        {
            long from = posted;
            PostingRequest[] days = [.. Enumerable.Range(0, DeductionsPerCall).Select(i =>
            {
                long number = from + i;
                var home = new UsagePointId((ulong)(number % meters));
                long energy = random.Next(1_000, 20_000);
                return Rupees.DayDeduction(
                    string.Create(CultureInfo.InvariantCulture, $"day/{run}/{number}"), home, first.PlusDays((int)(number / meters)),
                    [new(Rupees.Of(AccountKind.Revenue, "energy"), energy), new(Rupees.Of(AccountKind.Revenue, "fixed"), 300), new(Rupees.Of(AccountKind.DutyPayable), energy * 15 / 100)], 0);
            })];
            await store.Ledger.AppendAsync(days, Now(), CancellationToken.None).ConfigureAwait(false);
            posted += days.Length;
        }
        return posted;
    }

    private async Task<WebApplication> StartAsync(PramanStore store, PaymentDesk desk, CancellationToken cancellationToken)
    {
        string tariffs = RepositoryFiles.Find("tariffs");
        if (!TariffSet.TryLoad(tariffs, out TariffSet? set, out IReadOnlyList<TariffFault> faults)) throw new InvalidDataException(faults[0].ToString());
        var key = new NoteSigningKey("log.example/bench", NoteKeyType.Ed25519, RandomNumberGenerator.GetBytes(32));
        var channels = new PaymentChannels(desk, new Dictionary<string, byte[]> { [Channel] = _secret });
        PramanServerOptions options = StoreServer.Options(store, set, [key.VerifierKey], new PeopleList([]), 0, DemoOptions.India, isDemo: true, payments: channels);
        return await PramanServer.StartAsync(options, cancellationToken).ConfigureAwait(false);
    }

    private static Instant Now() => Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow());
}
