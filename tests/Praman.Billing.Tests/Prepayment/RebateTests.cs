using System.Text.Json;
using Praman.Billing.Prepayment;
using Praman.Billing.Rating;
using Praman.Billing.Tests.Rating;
using static Praman.Billing.Tests.Prepayment.PrepaidScenarios;

namespace Praman.Billing.Tests.Prepayment;

/// <summary>The forms of prepaid rebate, each by the tariff that has it.</summary>
public sealed class RebateTests
{
    private static decimal OnBill(string tariff, BillingDeterminants inputs) =>
        -MadeUpTariff.Bill(WorkedBills.Tariff(tariff), inputs with { Flags = ["prepaid"] }).RebateTotal;

    [Fact]
    public void RebatesAreThoseOfTheScenario()
    {
        JsonElement cases = Inputs("prepaid-rebates").GetProperty("cases");
        decimal[] expected = Numbers(Expected("prepaid-rebates").GetProperty("rebates"));
        BillingPeriod month = new(new(2025, 11, 1), new(2025, 11, 30));
        Assert.Equal(expected[0], RechargeRebate.Of(WorkedBills.Tariff("in-od-domestic-2024").Tariff, Number(cases[0].GetProperty("recharge")), ["prepaid"]).Single().Amount);
        Assert.Equal(expected[1], RechargeRebate.OfPercent(Number(cases[1].GetProperty("energy")), Number(cases[1].GetProperty("percent_of_energy"))));
        Assert.Equal(expected[2], OnBill("in-rj-domestic-2025", new() { Period = month, Kwh = Number(cases[2].GetProperty("kwh")), SanctionedLoadKw = 2 }));
        Assert.Equal(expected[3], OnBill("in-br-ds2-urban", new() { Period = month, Kwh = Number(cases[3].GetProperty("kwh")), SanctionedLoadKw = 2 }));
        Assert.Empty(RechargeRebate.Of(WorkedBills.Tariff("in-od-domestic-2024").Tariff, 500m, []));
    }
}
