using NodaTime;
using Praman.Billing.Ledger;
using Praman.Billing.Prepayment;
using Praman.Billing.Stores;
using Praman.Billing.Wallets;
using Praman.Metering;
using Praman.Proof.Logs;
using Praman.Server.Operations;
using Praman.Server.Prepaid;

namespace Praman.Cli.Demo;

internal sealed partial class DemoRun
{
    /// <summary>Counts what the wallets keep, and holds each against its bill and against the ledger.</summary>
    private async Task<DemoPrepaidResult?> SummarisePrepaidAsync(DemoBills bills, CancellationToken cancellationToken)
    {
        if (_prepaid is not { } prepaid) return null;
        var days = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var refused = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var faults = new List<string>();
        int waited = 0, replaced = 0, recharges = 0, cliffs = 0, cuts = 0, back = 0, closed = 0, agree = 0;
        decimal recharged = 0, deducted = 0, duesPaid = 0, duesLeft = 0;
        Dictionary<(UsagePointId, LocalDate), BillFacts> billed = bills.Months
            .SelectMany(month => month.Bills.Bills.Select(bill => (Key: (bill.UsagePoint, month.Period.End), Bill: bill))).ToDictionary(pair => pair.Key, pair => pair.Bill);
        var lived = new DateInterval(PrepaidFrom, DemoOptions.FirstDay.PlusDays(_options.Days + 1));
        IReadOnlyList<OpenWallet> wallets = await prepaid.Book.ListAsync(cancellationToken).ConfigureAwait(false);
        foreach (OpenWallet open in wallets)
        {
            UsagePointId id = open.UsagePoint.Id;
            foreach (WalletRecord record in await WalletBook.ReadAsync(_store.Wallets, id, lived, cancellationToken).ConfigureAwait(false))
            {
                deducted += record.Posted.Sum(posted => posted.Deduction);
                duesPaid += record.Takings.Sum(taking => record.Entry.Kind == WalletEntryKind.Period ? 0 : taking.Amount);
                if (record.Cliff is { } cliff)
                {
                    cliffs++;
                    TellOnce("cliff", record.Entry.Date, id, $"was warned: at {cliff.DailyKwh} kWh a day, earlier days will cost {Rupees(cliff.Amount)} more from {cliff.On:d MMM} on");
                }
                switch (record.Entry.Kind)
                {
                    case WalletEntryKind.Day:
                        WalletPosted day = record.Posted[0];
                        string quality = WalletReader.WordOf(day.Use.Quality);
                        days[quality] = days.GetValueOrDefault(quality) + 1;
                        int late = Period.DaysBetween(day.Date, open.Wallet.Terms.Day(record.At)) - 1;
                        if (late > 0) waited++;
                        if (late > 0) TellOnce("waited", day.Date, id, $"no register had come of this day: nothing was deducted that night, and {Rupees(day.Deduction)} {late} {(late == 1 ? "night" : "nights")} later, {(day.Use.Quality == DayQuality.Actual ? "read" : "estimated")}");
                        break;
                    case WalletEntryKind.Correction:
                        replaced += record.Uses.Count;
                        TellOnce("replaced", record.First!.Value, id,
                            $"its estimate was replaced when the reading came: {Rupees(-record.Posted.Where(posted => posted.Reverses is not null).Sum(posted => posted.Deduction))} given back in full, {Rupees(record.Posted.Where(posted => posted.Reverses is null).Sum(posted => posted.Deduction))} deducted anew");
                        break;
                    case WalletEntryKind.Payment:
                        recharges++;
                        recharged += record.Amount!.Value;
                        break;
                    case WalletEntryKind.Cut when record.Answer is { IsRequested: false } answer:
                        foreach (CutReason reason in answer.Reasons) refused[reason.Code] = refused.GetValueOrDefault(reason.Code) + 1;
                        break;
                    case WalletEntryKind.Relay when record.IsCut == true:
                        cuts++;
                        break;
                    case WalletEntryKind.Relay:
                        back++;
                        break;
                    case WalletEntryKind.Close:
                        closed++;
                        if (!billed.TryGetValue((id, record.Entry.Date), out BillFacts? bill)) break;
                        if (MinorUnits.Of(record.Close!.Bill) == bill.TotalMinorUnits) agree++;
                        else faults.Add($"{id}: the month came to {Rupees(record.Close.Bill)} by its days, and to {Money(bill)} by its bill");
                        break;
                }
            }
            duesLeft += open.Wallet.Debts.Left;
            decimal kept = await prepaid.Money.BalanceAsync(open, cancellationToken).ConfigureAwait(false);
            if (kept != open.Wallet.Account.Balance) faults.Add($"{id}: the wallet says {Rupees(open.Wallet.Account.Balance)}, the ledger {Rupees(kept)}");
        }
        JournalHead head = await _store.Ledger.HeadAsync(null, cancellationToken).ConfigureAwait(false);
        IReadOnlyDictionary<LedgerAccount, AccountBalance> balances = await _store.Ledger.BalancesAsync(AsOf.Now, cancellationToken).ConfigureAwait(false);
        int trials = 0;
        for (LocalDate day = PrepaidFrom; day < lived.End; day = day.PlusDays(1))
        {
            trials += (await _store.LogIndex.FindAsync(LogEntryKind.TrialBalance, LedgerClose.Subject(day), cancellationToken).ConfigureAwait(false)).Count;
        }
        return new DemoPrepaidResult
        {
            Homes = wallets.Count, RulePack = string.Join(", ", wallets.Select(open => open.Wallet.Terms.Pack.Id).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)), Tales = [.. _tales.OrderBy(tale => tale.Day)], Days = days, DaysWaited = waited, EstimatesReplaced = replaced,
            Recharges = recharges, RechargedMinorUnits = MinorUnits.Of(recharged), DeductedMinorUnits = MinorUnits.Of(deducted), LowWarnings = _lowWarnings, CliffWarnings = cliffs,
            Cuts = cuts, Reconnections = back, CutsRefused = refused, DuesPaidMinorUnits = MinorUnits.Of(duesPaid), DuesLeftMinorUnits = MinorUnits.Of(duesLeft), MonthsClosed = closed,
            BillsAgree = agree, MonthsBilled = wallets.Count * bills.Months.Count, LedgerRecords = head.Sequence, TrialBalances = trials, TrialDifference = balances.Values.Sum(balance => balance.Posted), JournalHead = head.Hash.ToString(), Faults = faults,
        };
    }

    private string Money(BillFacts bill) => DemoReport.Money(bill.TotalMinorUnits, bill.Currency);
}
