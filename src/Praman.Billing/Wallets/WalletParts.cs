using Praman.Billing.Ledger;
using Praman.Billing.Tariffs;
using TariffLine = Praman.Billing.Prepayment.PostingLine;

namespace Praman.Billing.Wallets;

/// <summary>Lines of a tariff as parts of a posting: which account each line earns.</summary>
public sealed class WalletParts(string currency)
{
    private readonly List<Known> _known = new(8);

    /// <summary>A line and its account, as the only place of a posting line.</summary>
    private readonly record struct Known(ChargeGroup Group, string Id, Place[] Places);

    /// <summary>
    /// Sums lines by account, in the order in which the accounts are first met: the places of each, and its sum. Nothing is allocated for accounts that
    /// were met before.
    /// </summary>
    /// <param name="places">Room for an account a line.</param>
    /// <param name="sums">As long.</param>
    /// <param name="count">Accounts so far; goes on from there.</param>
    internal void Sum(IReadOnlyList<TariffLine> lines, Span<int> places, Span<long> sums, ref int count)
    {
        for (int i = 0; i < lines.Count; i++)
        {
            int known = IndexOf(lines[i].Group, lines[i].Id), at = 0;
            while (at < count && !ReferenceEquals(_known[places[at]].Places, _known[known].Places)) at++;
            if (at == count) (places[count], sums[count++]) = (known, 0);
            sums[at] += MinorUnits.Of(lines[i].Amount);
        }
    }

    /// <summary>The account that <see cref="Sum"/> numbered so.</summary>
    internal Place[] PlacesOf(int number) => _known[number].Places;

    /// <summary>Adds up to <paramref name="parts"/>, in order; lines of one account are one part.</summary>
    public void Add(List<PostingPart> parts, IReadOnlyList<TariffLine> lines)
    {
        for (int i = 0; i < lines.Count; i++)
        {
            TariffLine line = lines[i];
            Add(parts, AccountOf(line.Group, line.Id), MinorUnits.Of(line.Amount));
        }
    }

    public static void Add(List<PostingPart> parts, LedgerAccount account, long amount)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i].Account != account) continue;
            parts[i] = parts[i] with { Amount = parts[i].Amount + amount };
            return;
        }
        parts.Add(new PostingPart(account, amount));
    }

    /// <summary>The account of a line: income by component, taxes owed to the State, subsidies owed by it, rebates given.</summary>
    public LedgerAccount AccountOf(ChargeGroup group, string id)
    {
        return PlacesOf(IndexOf(group, id))[0].Account;
    }

    /// <summary>A bill has a handful of lines: a list is faster than a table.</summary>
    private int IndexOf(ChargeGroup group, string id)
    {
        for (int i = 0; i < _known.Count; i++)
        {
            if (_known[i].Group == group && string.Equals(_known[i].Id, id, StringComparison.Ordinal)) return i;
        }
        LedgerAccount account = Make(group, id);
        Place[]? places = null;
        foreach (Known known in _known)
        {
            if (known.Places[0].Account == account) places = known.Places; // two lines of one account
        }
        _known.Add(new(group, id, places ?? [new Place(account)]));
        return _known.Count - 1;
    }

    private LedgerAccount Make(ChargeGroup group, string id)
    {
        string detail = Detail(id);
        return group switch
        {
            ChargeGroup.Tax => new(currency, AccountKind.DutyPayable, null, detail),
            ChargeGroup.Subsidy => new(currency, AccountKind.SubsidyReceivable, null, detail),
            ChargeGroup.Rebate => new(currency, AccountKind.RebateExpense, null, detail),
            ChargeGroup.Surcharge => new(currency, AccountKind.Revenue, null, "surcharge." + detail),
            _ => new(currency, AccountKind.Revenue, null, detail),
        };
    }

    /// <summary>Details of accounts have lower-case letters, digits, '.' and '-'.</summary>
    private static string Detail(string id) => string.Create(id.Length, id, static (span, source) =>
    {
        for (int i = 0; i < span.Length; i++)
        {
            char c = char.ToLowerInvariant(source[i]);
            span[i] = char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-' ? c : '-';
        }
    });
}

/// <summary>Amounts as the ledger keeps them.</summary>
public static class MinorUnits
{
    /// <summary>Whole minor units of a currency of two decimals.</summary>
    /// <exception cref="ArgumentException">The amount has parts of a minor unit: nothing but the rounding of lines may make money.</exception>
    public static long Of(decimal amount)
    {
        decimal minor = amount * 100;
        long whole = (long)minor;
        return whole == minor ? whole : throw new ArgumentException($"{amount} is no whole number of minor units", nameof(amount));
    }

    /// <summary>An amount with its two decimals.</summary>
    public static decimal ToAmount(long minor)
    {
        ulong size = (ulong)Math.Abs(minor);
        return new(unchecked((int)size), (int)(size >> 32), 0, minor < 0, 2);
    }
}
