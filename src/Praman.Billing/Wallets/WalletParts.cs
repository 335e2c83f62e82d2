using Praman.Billing.Ledger;
using Praman.Billing.Tariffs;
using TariffLine = Praman.Billing.Prepayment.PostingLine;

namespace Praman.Billing.Wallets;

/// <summary>Lines of a tariff as parts of a posting: which account each line earns.</summary>
public sealed class WalletParts(string currency)
{
    private readonly Dictionary<(ChargeGroup Group, string Id), LedgerAccount> _accounts = [];

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
        if (_accounts.TryGetValue((group, id), out LedgerAccount account)) return account;
        string detail = Detail(id);
        account = group switch
        {
            ChargeGroup.Tax => new(currency, AccountKind.DutyPayable, null, detail),
            ChargeGroup.Subsidy => new(currency, AccountKind.SubsidyReceivable, null, detail),
            ChargeGroup.Rebate => new(currency, AccountKind.RebateExpense, null, detail),
            ChargeGroup.Surcharge => new(currency, AccountKind.Revenue, null, "surcharge." + detail),
            _ => new(currency, AccountKind.Revenue, null, detail),
        };
        _accounts.Add((group, id), account);
        return account;
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
