using NodaTime;
using Praman.Billing.Ledger;
using Praman.Billing.Prepayment;
using Praman.Billing.Rating;
using Praman.Billing.Tariffs;
using Praman.Billing.Wallets;
using Praman.Metering;
using Praman.Testing;
using PostingLine = Praman.Billing.Ledger.PostingLine;

namespace Praman.Stores.Tests.Crash;

/// <summary>
/// A year of a wallet, made up from its number alone: recharges, payments that are taken back, estimated days that are replaced, an exchange of the meter, dues under a
/// plan, a change of tariff. What a day brings follows from the wallet as it stands, so that whoever goes on after a crash does what would have been done without it.
/// </summary>
internal sealed class WalletYear
{
    public static readonly LocalDate First = new(2024, 10, 1), Last = new(2025, 9, 30);

    private static readonly DateTimeZone India = DateTimeZoneProviders.Tzdb["Asia/Kolkata"];
    private static readonly Postings Rupees = new("INR");
    private static readonly string[] Tariffs = ["in-gj-rgp-urban", "in-gj-rgp-rural"];
    private static readonly Lazy<TariffBook> Book = new(() => TariffSet.TryLoad(TestFiles.InRepository("tariffs"), out TariffSet? set, out IReadOnlyList<TariffFault> faults)
        ? new TariffBook(set)
        : throw new InvalidDataException(faults[0].ToString()));

    private readonly ulong _seed;

    private WalletYear(int number, Wallet? wallet) => (Number, Wallet, _seed) = (number, wallet!, (ulong)number * 0x9E3779B97F4A7C15);

    public int Number { get; }

    public Wallet Wallet { get; private set; }

    /// <summary>The day that comes next.</summary>
    public LocalDate Next { get; private set; } = First;

    public static WalletTerms Terms(int number) => new(new UsagePointId((ulong)number), "INR", RulePackSet.Default, HolidayCalendar.None, India);

    public static Instant Midnight(LocalDate day) => India.AtStartOfDay(day).ToInstant();

    public static WalletYear Begin(int number) => new(number, null);

    /// <summary>Goes on with a wallet as it is kept.</summary>
    public static WalletYear GoOn(int number, IReadOnlyList<WalletRecord> entries)
    {
        var year = new WalletYear(number, Wallet.Restore(Terms(number), entries, Book.Value.Find));
        year.Next = year.Wallet.Settlement?.NextDay ?? entries[^1].Entry.Date.PlusDays(1);
        return year;
    }

    /// <summary>What is paid on the next day, to be posted before <see cref="Live"/>; the same however often it is asked.</summary>
    public List<PostingRequest> Payments()
    {
        var requests = new List<PostingRequest>();
        UsagePointId home = Terms(Number).UsagePoint;
        if (Next == First)
        {
            LedgerAccount deposit = Rupees.Of(AccountKind.Deposit, home), arrears = Rupees.Of(AccountKind.Arrears, home, "2024-09");
            requests.Add(PostingRequest.Post($"deposit/{home}", First, "deposit", [PostingLine.Debit(50_000, Rupees.Of(AccountKind.Bank)), PostingLine.Credit(50_000, deposit)]));
            if (Dues > 0)
                requests.Add(PostingRequest.Post($"bill/{home}", First, "bill", [PostingLine.Debit(MinorUnits.Of(Dues), arrears), PostingLine.Credit(MinorUnits.Of(Dues), Rupees.Of(AccountKind.Revenue, "energy"))]));
        }
        if (Paid(Next) is { } amount)
        {
            requests.Add(PostingRequest.Post(
                PayKey(Next), Next, "recharge",
                [PostingLine.Debit(MinorUnits.Of(amount), Rupees.Of(AccountKind.GatewaySuspense, "upi")), PostingLine.Credit(MinorUnits.Of(amount), Rupees.TopUpPlaces(home))]));
        }
        if (TakenBack(Next) is not null) requests.Add(PostingRequest.Reverse(PayKey(Next.PlusDays(-2)) + "/back", PayKey(Next.PlusDays(-2)), "payment-reversed", Next));
        return requests;
    }

    /// <summary>Lives the next day.</summary>
    /// <returns>Its steps, which are written together.</returns>
    public List<WalletStep> Live()
    {
        var steps = new List<WalletStep>();
        Instant morning = Midnight(Next) + Duration.FromHours(8), midnight = Midnight(Next.PlusDays(1));
        if (Next == First)
        {
            decimal left = Math.Max(0, Dues - 500);
            DebtPlan? plan = left == 0 ? null : Number % 2 == 0 ? new TimePlan("dues", left, First, First.PlusDays(-30), WasShown: true, 120) : new SharePlan("dues", left, First, First.PlusDays(-30), WasShown: true, 20, null, null);
            (Wallet, WalletStep opened) = Wallet.Open(Terms(Number), morning, First, 500, 0, Dues, ["2024-09"], plan);
            steps.Add(opened);
        }
        if (Wallet.Settlement is null)
        {
            // In April every third home moves to the other tariff.
            string tariff = Tariffs[(Number + (Number % 3 == 0 && Next.Month is >= 4 and <= 9 ? 1 : 0)) % 2];
            steps.Add(Wallet.BeginPeriod(morning, Book.Value.Find(tariff)!, new() { Period = new(Next, Next.With(DateAdjusters.EndOfMonth)), SanctionedLoadKw = 1 + (Number % 5), BillDate = Next.With(DateAdjusters.EndOfMonth) }, []));
        }
        if (Paid(Next) is { } amount) Add(steps, Wallet.Paid(morning, Next, PayKey(Next), amount));
        if (TakenBack(Next) is { } back) Add(steps, Wallet.PaymentBack(morning, Next, PayKey(Next.PlusDays(-2)) + "/back", back));
        bool isRead = Draw(Next, "read") % 9 != 0;
        steps.Add(Wallet.SettleDay(midnight, new(Kwh(Next) + (isRead ? 0 : 1.25m), isRead ? DayQuality.Actual : DayQuality.Estimated)).Step ?? throw new InvalidOperationException($"{Next} is not rated"));
        // A day that was not read is read two days later, if the month is still open.
        LocalDate late = Next.PlusDays(-2);
        if (late.Month == Next.Month && late >= First && Draw(late, "read") % 9 == 0) Add(steps, Wallet.Replace(midnight, late, [new(Kwh(late))], out _));
        Add(steps, Wallet.TakeInstalments(midnight, Next));
        if (Wallet.Settlement!.IsFull) Add(steps, Wallet.Close(midnight, null, out _, out _));
        Wallet.Account.TakeEvents();
        Next = Next.PlusDays(1);
        return steps;
    }

    private static void Add(List<WalletStep> steps, WalletStep? step)
    {
        if (step is not null) steps.Add(step);
    }

    private decimal Dues => Number % 4 == 0 ? 500 + (Number % 7 * 150) : Number % 4 == 1 ? 300 : 0;

    private string PayKey(LocalDate day) => $"pay/upi/{day:uuuuMMdd}-{Number}";

    private decimal? Paid(LocalDate day) => day >= First && Draw(day, "paid") % 8 == 0 ? 50 + (Draw(day, "amount") % 40_000 / 100m) : null;

    private decimal? TakenBack(LocalDate day) => Draw(day.PlusDays(-2), "back") % 12 == 0 ? Paid(day.PlusDays(-2)) : null;

    /// <summary>Energy of a day: the difference of two registers; on the day of the exchange, of two registers each of two meters.</summary>
    private decimal Kwh(LocalDate day)
    {
        decimal use = Draw(day, "kwh") % 12_000 / 1000m;
        if (Draw(First, "exchange") % 365 != (ulong)Period.DaysBetween(First, day)) return use;
        decimal opening = 4_000 + Number, final = opening + decimal.Round(use / 3, 3, MidpointRounding.ToZero), initial = 0.125m, now = initial + use - (final - opening);
        return final - opening + (now - initial);
    }

    private ulong Draw(LocalDate day, string what)
    {
        ulong state = _seed ^ ((ulong)(day.Year * 400 + day.DayOfYear) << 20);
        foreach (char c in what) state = (state ^ c) * 0x100000001B3;
        state ^= state >> 31;
        state *= 0xBF58476D1CE4E5B9;
        return state ^ (state >> 29);
    }
}
