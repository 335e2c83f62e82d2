using Praman.Billing.Prepayment;
using Praman.Billing.Rating;

namespace Praman.Billing.Wallets;

public sealed partial class Wallet
{
    /// <summary>A wallet from its entries since the last period began (or since it was opened, where none has). Its days are rated again, and must come out as they were posted.</summary>
    /// <param name="tariffOf">The tariff of an id.</param>
    /// <exception cref="FormatException">The entries do not fit each other, or the tariff is another one than the days were rated by.</exception>
    public static Wallet Restore(WalletTerms terms, IReadOnlyList<WalletRecord> entries, Func<string, CompiledTariff?> tariffOf)
    {
        ArgumentNullException.ThrowIfNull(terms);
        ArgumentNullException.ThrowIfNull(entries);
        ArgumentNullException.ThrowIfNull(tariffOf);
        int first = entries.Count - 1;
        while (first >= 0 && entries[first].Entry.Kind is not (WalletEntryKind.Period or WalletEntryKind.Open)) first--;
        if (first < 0) throw new FormatException($"wallet {terms.UsagePoint}: no entry begins a period");
        Wallet wallet = new(terms, new PrepaidAccount(terms.Pack, terms.Holidays, terms.Zone, entries[^1].Account), new Debts(entries[first].Plans, entries[first].Takings))
        {
            _number = entries[first].Entry.Number - 1,
        };
        // What came before the period: payments that may be told again, and what days took of late.
        for (int i = 0; i < first; i++) wallet.Recall(entries[i]);
        for (int i = first; i < entries.Count; i++) wallet.Apply(entries[i], tariffOf);
        return wallet;
    }

    private void Recall(WalletRecord record)
    {
        if (record.Reference is { } reference) _payments.Add(reference);
        if (record.Entry.Kind == WalletEntryKind.Day) Remember(record.Posted[0].Deduction);
    }

    private void Apply(WalletRecord record, Func<string, CompiledTariff?> tariffOf)
    {
        if (record.Entry.Number != ++_number) throw Odd(record, $"entry {_number} was expected");
        Recall(record);
        switch (record.Entry.Kind)
        {
            case WalletEntryKind.Period:
                CompiledTariff tariff = tariffOf(record.TariffId ?? "") ?? throw Odd(record, $"there is no tariff '{record.TariffId}'");
                if (tariff.Tariff.Hash != record.TariffHash) throw Odd(record, $"tariff '{record.TariffId}' is another one than its days were rated by");
                Settlement = new(tariff, record.Period!);
                if (Settlement.Carry(record.Uses) is { } refusal) throw Odd(record, refusal.Message);
                break;
            case WalletEntryKind.Day:
                Check(record, 0, Settlement?.Post(record.Posted[0].Use).Posting);
                break;
            case WalletEntryKind.Correction:
                Correction? correction = Settlement?.Replace(record.First!.Value, record.Uses, out _);
                DayPosting[] posted = correction is null ? [] : [.. correction.Reversals, .. correction.Reposts];
                if (posted.Length != record.Posted.Count) throw Odd(record, $"{record.Posted.Count} postings are kept, {posted.Length} come out");
                for (int i = 0; i < posted.Length; i++) Check(record, i, posted[i]);
                foreach (DebtPlan plan in record.Plans) Debts.Add(plan);
                break;
            case WalletEntryKind.Close:
                Settlement = null;
                break;
            case WalletEntryKind.Payment or WalletEntryKind.Instalment:
                Debts.Restore(record.Takings);
                break;
            default:
                break; // the account says it all
        }
    }

    private static void Check(WalletRecord record, int index, DayPosting? posting)
    {
        WalletPosted kept = record.Posted[index];
        if (posting?.Date == kept.Date && posting.Sequence == kept.Sequence && posting.Deduction == kept.Deduction) return;
        throw Odd(record, $"{kept.Date:uuuu-MM-dd} is kept with {DecimalText.Money(kept.Deduction)}, and comes out as {(posting is null ? "nothing" : DecimalText.Money(posting.Deduction))}");
    }

    private static FormatException Odd(WalletRecord record, string what) => new($"wallet {record.Entry.UsagePoint}, entry {record.Entry.Number}: {what}");
}
