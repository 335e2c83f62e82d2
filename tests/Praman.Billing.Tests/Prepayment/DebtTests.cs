using System.Text.Json;
using CsCheck;
using NodaTime;
using Praman.Billing.Prepayment;
using static Praman.Billing.Tests.Prepayment.PrepaidScenarios;

namespace Praman.Billing.Tests.Prepayment;

/// <summary>Old dues: how they are paid off, and what they may not take.</summary>
public sealed class DebtTests
{
    private static readonly LocalDate Start = new(2026, 1, 5);

    [Fact]
    public void AThousandRupeesOverNinetyTwoDaysIsTheScenario()
    {
        JsonElement inputs = Inputs("arrears-92-days"), expected = Expected("arrears-92-days");
        decimal total = Number(inputs.GetProperty("total"));
        int days = inputs.GetProperty("days").GetInt32();
        decimal[] parts = [.. Enumerable.Range(1, days).Select(k => Instalments.Of(total, days, k))];
        Assert.Equal(Numbers(expected.GetProperty("first_ten")), parts[..10]);
        Assert.Equal(Number(expected.GetProperty("last")), parts[^1]);
        Assert.Equal(Numbers(expected.GetProperty("distinct")), parts.Distinct().Order());
        Assert.Equal(Number(expected.GetProperty("sum")), parts.Sum());
        Assert.Equal(0m, Instalments.Of(total, days, days + 1));
        Debts debts = new();
        debts.Add(new TimePlan("a", total, Start, Start, true, days));
        for (int day = 0; day < days; day++) Assert.Equal(parts[day], debts.TakeDaily(Start.PlusDays(day), 1_000m).Single().Amount);
        Assert.Empty(debts.TakeDaily(Start.PlusDays(days), 1_000m));
        Assert.Equal(0m, debts.Left);
    }

    [Fact]
    public void AnEmptyWalletIsNotDebitedForOldDuesAndTheInstalmentsWaitForTheNextRecharge()
    {
        Debts debts = new();
        debts.Add(new TimePlan("a", 100m, Start, Start, true, 10));
        Assert.Equal(10m, debts.TakeDaily(Start, 50m).Single().Amount);
        Assert.Empty(debts.TakeDaily(Start.PlusDays(1), 0m));
        Assert.Empty(debts.TakeDaily(Start.PlusDays(2), -40m));
        Vend vend = debts.Recharge(Start.PlusDays(3), 200m, emergencyUsed: 40m, sharePercentMax: 25m);
        Assert.Equal((40m, 30m, 130m), (vend.ToEmergency, vend.DebtTotal, vend.ToWallet));
    }

    [Fact]
    public void ARechargePaysEmergencyCreditThenInstalmentsThenSharesThenTheWallet()
    {
        Debts debts = new();
        debts.Add(new SharePlan("share", 500m, Start, Start, true, 20m, null, null));
        debts.Add(new TimePlan("time", 70m, Start, Start, true, 7));
        Vend vend = debts.Recharge(Start.PlusDays(2), 200m, 60m, 25m);
        Assert.Equal([new("time", Start.PlusDays(2), 30m), new DebtTaking("share", Start.PlusDays(2), 20m)], vend.ToDebts); // 20 of the 40 of its share: the cap is 50
        Assert.Equal((60m, 90m), (vend.ToEmergency, vend.ToWallet));
        Vend all = debts.Recharge(Start.PlusDays(2), 50m, 60m, 25m);
        Assert.Equal((50m, 0m, 0m), (all.ToEmergency, all.DebtTotal, all.ToWallet));
    }

    [Fact]
    public void AShareKeepsToItsWeekAndMonthAndEndsWithTheDebt()
    {
        Debts debts = new();
        debts.Add(new SharePlan("s", 100m, Start, Start, true, 20m, WeekMax: 30m, MonthMax: 45m));
        decimal Take(int day, decimal amount) => debts.Recharge(Start.PlusDays(day), amount, 0, 25m).DebtTotal;
        Assert.Equal([20m, 10m, 0m, 15m, 0m], new[] { Take(0, 100m), Take(3, 100m), Take(6, 100m), Take(8, 100m), Take(20, 100m) });
        Assert.Equal([30m, 15m], new[] { Take(27, 1_000m), Take(34, 1_000m) }); // 1 February and a week later
        Assert.Equal(10m, Take(60, 1_000m)); // all that is left
        Assert.Equal((0m, 0m), (debts.Left, Take(61, 1_000m)));
    }

    [Fact]
    public void ACatchUpPlanTakesWhatItsScheduleIsAheadAndNoMore()
    {
        Debts debts = new();
        debts.Add(new CatchUpPlan("c", 300m, Start, Start, true, 30));
        Assert.Empty(debts.TakeDaily(Start.PlusDays(4), 1_000m));
        Assert.Equal(50m, debts.Recharge(Start.PlusDays(4), 400m, 0, 25m).DebtTotal);
        Assert.Equal(0m, debts.Recharge(Start.PlusDays(4), 400m, 0, 25m).DebtTotal);
        Assert.Equal(25m, debts.Recharge(Start.PlusDays(9), 100m, 0, 25m).DebtTotal); // 50 are due, a quarter may go
        Assert.Equal(225m, debts.Recharge(Start.PlusDays(40), 4_000m, 0, 25m).DebtTotal);
    }

    [Fact]
    public void ADebtOlderThanTwoYearsThatWasNotShownIsLeftAlone()
    {
        LocalDate due = Start + -DebtPlan.Limitation;
        Debts debts = new();
        debts.Add(new TimePlan("hidden", 10m, Start.PlusDays(-1), due, WasShown: false, 10));
        debts.Add(new SharePlan("shown", 10m, Start, due, WasShown: true, 25m, null, null));
        Assert.Equal(2m, debts.TakeDaily(Start, 100m).Single().Amount); // two years to the day
        Assert.Empty(debts.TakeDaily(Start.PlusDays(1), 100m)); // two years and a day
        Assert.Equal("shown", debts.Recharge(Start.PlusDays(1), 100m, 0, 25m).ToDebts.Single().PlanId);
        Assert.Equal(8m, debts.Left);
    }

    [Fact]
    public void TheDepositGoesAgainstDuesAndTheRestToTheWallet()
    {
        JsonElement cases = Inputs("deposit-on-conversion").GetProperty("cases"), expected = Expected("deposit-on-conversion").GetProperty("cases");
        for (int i = 0; i < cases.GetArrayLength(); i++)
        {
            Conversion conversion = Conversion.Of(Number(cases[i].GetProperty("deposit")), Number(cases[i].GetProperty("interest")), Number(cases[i].GetProperty("dues")));
            Assert.Equal((Number(expected[i].GetProperty("dues_left")), Number(expected[i].GetProperty("wallet_credit"))), (conversion.DuesLeft, conversion.WalletCredit));
        }
        Assert.Equal(new(0m, 11_954m), Conversion.Of(0m, 0m, -11_954m)); // a credit of the postpaid account is carried over
    }

    /// <summary>The 25 % hold for any plans and recharges, every recharge is shared out whole, and no debt is paid twice.</summary>
    [Fact]
    public void OldDuesNeverTakeMoreThanAQuarterOfARechargeNorMoreThanTheyAre() =>
        Gen.Select(Gen.Int[1, 100_000].Array[1, 5], Gen.Int[1, 50_000].Array[1, 30], Gen.Int[0, 40_000], Gen.Int[0, 1 << 20]).Sample((totals, recharges, emergency, bits) =>
        {
            Debts debts = new();
            foreach ((int total, int i) in totals.Select((t, i) => (t, i)))
            {
                LocalDate due = Start.PlusDays(-(bits % 900));
                debts.Add(((bits >> i) % 3) switch
                {
                    0 => new TimePlan($"{i}", total / 100m, Start, due, (bits & 1) == 0, 1 + (bits % 100)),
                    1 => new SharePlan($"{i}", total / 100m, Start, due, (bits & 1) == 0, 1 + (bits % 60), (bits & 2) == 0 ? null : 40m, (bits & 4) == 0 ? null : 90m),
                    _ => new CatchUpPlan($"{i}", total / 100m, Start, due, (bits & 1) == 0, 1 + (bits % 70)),
                });
            }
            decimal before = debts.Left, taken = 0, used = emergency / 100m;
            for (int i = 0; i < recharges.Length; i++)
            {
                decimal amount = recharges[i] / 100m;
                LocalDate date = Start.PlusDays(i * (1 + (bits % 9)));
                decimal daily = debts.TakeDaily(date, 10m).Sum(t => t.Amount);
                Assert.InRange(daily, 0, 10m);
                Vend vend = debts.Recharge(date, amount, used, 25m);
                Assert.Equal(amount, vend.ToEmergency + vend.DebtTotal + vend.ToWallet);
                Assert.True(vend.DebtTotal <= amount / 4 && vend.ToWallet >= 0);
                Assert.All(vend.ToDebts, t => Assert.True(t.Amount > 0 && t.Amount % 0.01m == 0));
                taken += daily + vend.DebtTotal;
                used -= vend.ToEmergency;
            }
            Assert.Equal(before - taken, debts.Left);
            Assert.All(debts.Plans, p => Assert.InRange(debts.LeftOf(p), 0, p.Total));
        }, seed: "0000KGJ5yaB3", iter: 5_000);
}
