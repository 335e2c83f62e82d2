using Praman.Billing.Tariffs;

namespace Praman.Billing.Prepayment;

/// <summary>What a tariff gives back when a recharge is made; the rebates on lines and units are on the bill.</summary>
public static class RechargeRebate
{
    /// <summary>The rebates of a recharge, each rounded to the paisa.</summary>
    /// <param name="flags">Facts that the rebates' conditions ask for.</param>
    public static IReadOnlyList<(string Id, decimal Amount)> Of(Tariff tariff, decimal recharge, IReadOnlyCollection<string> flags)
    {
        ArgumentNullException.ThrowIfNull(tariff);
        ArgumentNullException.ThrowIfNull(flags);
        List<(string, decimal)> rebates = [];
        foreach (Rebate rebate in tariff.Rebates)
        {
            if (rebate is not PercentRebate { IsOfRecharge: true } percent || (rebate.When is { } when && !when.Flags.All(flags.Contains))) continue;
            rebates.Add((rebate.Id, OfPercent(recharge, percent.Percent)));
        }
        return rebates;
    }

    /// <summary>A percentage, half up to the paisa.</summary>
    public static decimal OfPercent(decimal amount, decimal percent) => decimal.Round(amount * percent / 100, 2, MidpointRounding.AwayFromZero);
}
