using NodaTime;
using Praman.Billing.Prepayment;
using Praman.Billing.Rating;
using Praman.Billing.Wallets;

namespace Praman.Server.Prepaid;

/// <summary>A line of a day's deduction: what the bill of the month to date holds with the day, less what it held before.</summary>
/// <param name="Amount">Of this day.</param>
/// <param name="ToDate">Of the month up to and with this day.</param>
/// <param name="Formula">How the amount to date comes about, in numbers; null where the tariff is not held any more as it was.</param>
public sealed record WalletDayLine(string Id, string Label, decimal Amount, decimal? ToDate, string? Formula);

/// <summary>A day as it stands now.</summary>
/// <param name="Posted">What stands for it.</param>
/// <param name="PostedOn">The local day on which it was deducted.</param>
/// <param name="Replaced">What stood before and was given back, oldest first.</param>
/// <param name="KwhToDate">Energy of the month up to and with it.</param>
/// <param name="Repricing">What earlier days cost more or less because of it; zero on most.</param>
/// <param name="Cliff">What the consumer was warned of that night; null: nothing.</param>
public sealed record WalletMonthDay(
    LocalDate Day, WalletPosted Posted, LocalDate PostedOn, IReadOnlyList<WalletPosted> Replaced, decimal KwhToDate, IReadOnlyList<WalletDayLine> Lines, decimal Repricing, CliffWarning? Cliff);

/// <summary>
/// A month of a wallet: its days, each opened into how it was computed, and everything else that moved its balance. What is listed adds up:
/// opening + recharges − payments taken back − days − instalments and shares of old dues + moved to plans − true-up = closing.
/// </summary>
public sealed class WalletMonth
{
    private WalletMonth()
    {
    }

    public required WalletTerms Terms { get; init; }
    public required DateInterval Period { get; init; }
    public required string TariffId { get; init; }
    public required decimal Opening { get; init; }
    public required decimal Closing { get; init; }
    public required IReadOnlyList<WalletMonthDay> Days { get; init; }

    /// <summary>Payments, and payments taken back, in order.</summary>
    public required IReadOnlyList<WalletRecord> Payments { get; init; }

    /// <summary>What all days took, corrections included, by line of the tariff.</summary>
    public required IReadOnlyList<(string Label, decimal Amount)> Components { get; init; }

    /// <summary>What old dues took: shares of recharges, and daily instalments.</summary>
    public required decimal ToDues { get; init; }

    /// <summary>Corrections that were moved out of the wallet into a plan.</summary>
    public required decimal ToPlans { get; init; }

    /// <summary>The bill of the same days, once the month has ended; null while it is under way.</summary>
    public required WalletClose? Close { get; init; }

    public decimal Recharged => Payments.Where(one => one.Entry.Kind == WalletEntryKind.Payment).Sum(one => one.Amount!.Value);

    public decimal TakenBack => Payments.Where(one => one.Entry.Kind == WalletEntryKind.PaymentBack).Sum(one => one.Amount!.Value);

    public decimal Deducted => Components.Sum(one => one.Amount);

    /// <summary>The month that began with an entry.</summary>
    /// <param name="records">Entries in order; those from <paramref name="begin"/> to the month's close count.</param>
    /// <param name="begin">Place of the entry by which it began.</param>
    public static WalletMonth Of(WalletTerms terms, IReadOnlyList<WalletRecord> records, int begin, Func<string, CompiledTariff?> tariffOf)
    {
        ArgumentNullException.ThrowIfNull(terms);
        ArgumentNullException.ThrowIfNull(records);
        ArgumentNullException.ThrowIfNull(tariffOf);
        WalletRecord first = records[begin];
        BillingPeriod dates = first.Period!.Period!.Value;
        CompiledTariff? tariff = tariffOf(first.TariffId!) is { } held && held.Tariff.Hash == first.TariffHash ? held : null;
        var standing = new SortedDictionary<LocalDate, (WalletPosted Posted, LocalDate On, CliffWarning? Cliff)>();
        var replaced = new Dictionary<LocalDate, List<WalletPosted>>();
        var payments = new List<WalletRecord>();
        var sums = new Dictionary<string, decimal>(StringComparer.Ordinal);
        decimal toDues = 0, toPlans = 0;
        WalletRecord last = first;
        for (int i = begin + 1; i < records.Count && last.Close is null; i++)
        {
            WalletRecord record = last = records[i];
            foreach (WalletPosted posted in record.Posted)
            {
                foreach ((string line, decimal amount) in posted.Lines.Concat(posted.Repricing)) sums[line] = sums.GetValueOrDefault(line) + amount;
                if (posted.Reverses is not null) (replaced.TryGetValue(posted.Date, out List<WalletPosted>? before) ? before : replaced[posted.Date] = []).Add(standing[posted.Date].Posted);
                else standing[posted.Date] = (posted, terms.Day(record.At), record.Cliff);
            }
            if (record.Entry.Kind is WalletEntryKind.Payment or WalletEntryKind.PaymentBack) payments.Add(record);
            toDues += record.Takings.Sum(taking => taking.Amount);
            if (record.Entry.Kind == WalletEntryKind.Correction) toPlans += record.Plans.Sum(plan => plan.Total);
        }
        List<WalletMonthDay> days = [.. DaysOf(first, standing, replaced, tariff)];
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (WalletDayLine line in days.SelectMany(day => day.Lines)) labels[line.Id] = line.Label;
        return new WalletMonth
        {
            Terms = terms, Period = new DateInterval(dates.From, dates.To), TariffId = first.TariffId!, Opening = first.Account.Balance, Closing = last.Account.Balance,
            Days = days, Payments = payments, ToDues = toDues, ToPlans = toPlans, Close = last.Close,
            Components = [.. sums.Where(one => one.Value != 0).Select(one => (labels.GetValueOrDefault(one.Key, one.Key), one.Value))],
        };
    }

    /// <summary>The month that began in the calendar month of a day; null where none did.</summary>
    public static WalletMonth? BeginningIn(WalletTerms terms, IReadOnlyList<WalletRecord> records, LocalDate month, Func<string, CompiledTariff?> tariffOf)
    {
        ArgumentNullException.ThrowIfNull(records);
        for (int i = 0; i < records.Count; i++)
        {
            if (records[i].Entry.Kind == WalletEntryKind.Period && records[i].Entry.Date.ToYearMonth() == month.ToYearMonth()) return Of(terms, records, i, tariffOf);
        }
        return null;
    }

    private static IEnumerable<WalletMonthDay> DaysOf(
        WalletRecord first, SortedDictionary<LocalDate, (WalletPosted Posted, LocalDate On, CliffWarning? Cliff)> standing, Dictionary<LocalDate, List<WalletPosted>> replaced, CompiledTariff? tariff)
    {
        // Days that another bill has charged come before those of the wallet, and fill the same slabs.
        decimal[] kwh = [.. first.Uses.Select(use => use.Kwh), .. standing.Values.Select(one => one.Posted.Use.Kwh)];
        int count = first.Uses.Count;
        foreach ((LocalDate day, (WalletPosted posted, LocalDate on, CliffWarning? cliff)) in standing)
        {
            count++;
            RatedBill? toDate = tariff is null || posted.Use.KwhByTou is not null ? null : RatingEngine.RateToDate(tariff, first.Period!, kwh.AsMemory(0, count)).Bill;
            var lines = new List<WalletDayLine>();
            foreach (string id in posted.Lines.Concat(posted.Repricing).Select(line => line.Line).Distinct(StringComparer.Ordinal))
            {
                RatedLine? rated = toDate?.Lines.FirstOrDefault(line => line.Id == id);
                decimal amount = posted.Lines.Concat(posted.Repricing).Where(line => line.Line == id).Sum(line => line.Amount);
                lines.Add(new WalletDayLine(id, rated?.Label ?? id, amount, rated?.Amount, rated?.Formula));
            }
            yield return new WalletMonthDay(
                day, posted, on, replaced.TryGetValue(day, out List<WalletPosted>? before) ? before : [], kwh.Take(count).Sum(), lines, posted.Repricing.Sum(line => line.Amount), cliff);
        }
    }
}
