using NodaTime;
using Praman.Billing.Prepayment;
using Praman.Billing.Rating;
using Praman.Billing.Tariffs;
using Praman.Billing.Wallets;
using Praman.Metering;
using Praman.Server.Prepaid;
using Praman.Server.Queries;
using Praman.Testing;

namespace Praman.Server.Testing;

/// <summary>The wallet of Bina's home: a month that is closed, and one that runs into a limit of its tariff. Dues under a plan, an estimate that was replaced, a refused cut.</summary>
internal sealed class SampleWallets : IWalletQueries
{
    /// <summary>A tariff whose rates for all units change at 200 units a month.</summary>
    public const string TariffId = "in-ts-lt1-2023";

    public static readonly LocalDate First = new(2026, 3, 1), Unread = new(2026, 3, 5), LastDay = SampleTown.LastDay;
    private static readonly DateTimeZone Zone = DateTimeZoneProviders.Tzdb["Asia/Kolkata"];
    private readonly TariffBook _book;
    private readonly WalletTerms _terms = new(SampleTown.Bina, "INR", RulePackSet.Default, HolidayCalendar.None, Zone);

    public SampleWallets()
    {
        if (!TariffSet.TryLoad(TestFiles.InRepository("tariffs"), out TariffSet? set, out IReadOnlyList<TariffFault> faults)) throw new InvalidDataException(faults[0].ToString());
        _book = new TariffBook(set);
        Records = [.. Live().Select(step => WalletReader.TryRead(step.Entry, out WalletRecord? record, out string? fault) ? record : throw new InvalidDataException(fault))];
    }

    public IReadOnlyList<WalletRecord> Records { get; }

    public ValueTask<WalletStanding?> FindAsync(UsagePointId id, CancellationToken cancellationToken) =>
        new(id == SampleTown.Bina ? WalletStanding.Of(_terms, Records, _book.Find) : null);

    public ValueTask<WalletMonth?> MonthAsync(UsagePointId id, LocalDate month, CancellationToken cancellationToken) =>
        new(id == SampleTown.Bina ? WalletMonth.BeginningIn(_terms, Records, month, _book.Find) : null);

    /// <summary>Fourteen on a mean day: fourteen days stay just below the limit.</summary>
    public static decimal Kwh(LocalDate day) => 13 + (day.Day * 7 % 5 * 0.5m);

    private IEnumerable<WalletStep> Live()
    {
        (Wallet wallet, WalletStep opened) = Wallet.Open(_terms, Morning(First), First, 500, 0, 900, ["2026-02"], new TimePlan("dues", 400, First, First.PlusMonths(-1), WasShown: true, 60));
        yield return opened;
        yield return Begin(wallet, First);
        for (LocalDate day = First; day <= LastDay; day = day.PlusDays(1))
        {
            if (day.Day is 1 or 12 or 22 && wallet.Paid(Morning(day), day, $"pay/upi/A{day:MMdd}/done", day.Day == 1 ? 1_500 : 1_000) is { } paid) yield return paid;
            if (day == new LocalDate(2026, 3, 24)) yield return wallet.PaymentBack(Morning(day), day, "pay/upi/A0322/back", 1_000)!;
            yield return wallet.SettleDay(Night(day), day == Unread ? new(Kwh(day) + 2, DayQuality.Estimated) : new(Kwh(day)), looksAhead: true).Step!;
            if (day == Unread.PlusDays(2)) yield return wallet.Replace(Night(day), Unread, [new(Kwh(Unread))], out _)!;
            if (wallet.TakeInstalments(Night(day), day) is { } instalment) yield return instalment;
            if (day == new LocalDate(2026, 4, 11)) yield return wallet.AskForCut(Night(day), new CutFacts { FreshBalance = wallet.Account.Balance, Flags = [] }).Step;
            if (!wallet.Settlement!.IsFull) continue;
            yield return wallet.Close(Night(day), null, out _, out _)!;
            yield return Begin(wallet, day.PlusDays(1));
        }
    }

    private WalletStep Begin(Wallet wallet, LocalDate from) => wallet.BeginPeriod(
        Morning(from), _book.Find(TariffId)!, new() { Period = new(from, from.With(DateAdjusters.EndOfMonth)), SanctionedLoadKw = 2, BillDate = from.With(DateAdjusters.EndOfMonth), Phase = SupplyPhase.Single }, []);

    private static Instant Morning(LocalDate day) => day.At(new LocalTime(8, 30)).InZoneStrictly(Zone).ToInstant();

    private static Instant Night(LocalDate day) => LocalDays.Bounds(day, Zone).End + Duration.FromMinutes(10);
}
