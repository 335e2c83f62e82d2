using System.Globalization;
using NodaTime;
using Praman.Billing.Invoicing;
using Praman.Billing.Rating;
using Praman.Billing.Tariffs;
using Praman.Billing.Tests.Rating;
using Praman.Billing.Verification;

namespace Praman.Billing.Tests.Verification;

/// <summary>
/// Both verifiers know every kind of component, subsidy and rebate: random bills of every published tariff and of made-up ones, as they are and with one
/// number or octet changed. <c>PRAMAN_AGREEMENT_BILLS</c> asks for as many bills in all, shared by the tariffs.
/// </summary>
public class ComponentKindAgreementTests
{
    /// <summary>Tariffs that make no bill of any inputs: a rate that every bill needs is not published.</summary>
    private static readonly string[] WithoutABill = ["in-mp-lv1-fixedrule"];

    private const int RoundCount = 6, HomeCount = 3;

    private static int Rounds(int tariffs) =>
        int.TryParse(Environment.GetEnvironmentVariable("PRAMAN_AGREEMENT_BILLS"), NumberStyles.None, CultureInfo.InvariantCulture, out int bills)
            ? Math.Max(1, bills / HomeCount / tariffs)
            : RoundCount;

    [Fact]
    public void EveryPublishedTariffIsBilledAndBothVerifiersAgree()
    {
        var samples = new List<AgreementTests.Sample>();
        int bills = 0;
        var unbilled = new List<string>();
        int rounds = Rounds(WorkedBills.Set.Tariffs.Count);
        foreach ((string id, Tariff tariff) in WorkedBills.Set.Tariffs.OrderBy(one => one.Key, StringComparer.Ordinal))
        {
            int ofTariff = 0;
            CompiledTariff compiled = WorkedBills.Tariff(id);
            for (int round = 0; round < rounds; round++) ofTariff += Issue(RandomMonth(compiled, new Random(Seed(id, round)), Seed(id, round)), round < 2, samples);
            if (ofTariff == 0) unbilled.Add(id);
            bills += ofTariff;
        }
        TestContext.Current.SendDiagnosticMessage($"{bills} bills of {WorkedBills.Set.Tariffs.Count} tariffs");
        Assert.Equal(WithoutABill, unbilled);
        AssertAgreement(samples);
    }

    public static TheoryData<string, string, string, string> MadeUp => new()
    {
        { "minimum a month, a line excluded", MadeUpTariff.Flat + """, {"id": "fuel", "kind": "unit", "group": "surcharge", "label": "Fuel", "quantity": "kwh", "rate": "0.40"}""", "", """, "minimum": {"amount": "900", "per": "month", "exclude": ["fuel"]}""" },
        { "minimum a day, with a subsidy on it", MadeUpTariff.Flat, "", """, "minimum": {"amount": "40.55", "per": "day"}, "subsidies": [{"id": "state", "form": "percent_capped", "percent": "33", "cap_per_month": "300"}, {"id": "free", "form": "free_units", "units_per_month": "40", "when_exceeded": {"energy": "only the excess"}}]""" },
        { "minimum a cycle, prorated months", MadeUpTariff.Flat, """, "month_fraction": "days_over_30", "prorate": ["fixed", "free_units"]""", """, "minimum": {"amount": "600", "per": "cycle"}""" },
        {
            "free units above their limit",
            """
            {"id": "energy", "kind": "blocks", "group": "energy", "label": "Energy", "quantity": "kwh", "per": "month", "mode": "telescopic", "bands": [{"upto": "50", "rate": "3.05"}, {"upto": "100", "rate": "4.10"}, {"rate": "6"}]},
            {"id": "peak", "kind": "blocks", "group": "energy", "label": "Second", "quantity": "kwh", "per": "month", "mode": "whole", "bands": [{"upto": "70", "rate": "1"}, {"rate": "2"}]},
            {"id": "fixed", "kind": "fixed", "group": "fixed", "label": "Fixed", "basis": "kw", "per": "month", "rate": "20", "load": "max_of_demand_and_75pct_sanctioned"},
            {"id": "duty", "kind": "percent", "group": "tax", "label": "Duty", "of": [{"id": "energy"}, {"id": "fixed", "weight": "0.5"}], "rate": "9"}
            """, """, "month_fraction": "calendar_sum", "prorate": ["slab_limits", "free_units"]""",
            """, "subsidies": [{"id": "unit", "form": "per_unit_blocks", "blocks": [{"upto": "80", "rate": "1.20"}, {"rate": "0.30"}]}, {"id": "free", "form": "free_units", "units_per_month": "120", "waives_when_within": ["energy", "fixed"], "when_exceeded": {"energy": "only the excess", "peak": "only the excess", "duty": "only on the excess", "fixed": "whole period"}}, {"id": "rest", "form": "percent_capped", "percent": "10"}]"""
        },
        {
            "the consumer's own table, in a cycle of two months",
            """{"id": "energy", "kind": "blocks", "group": "energy", "label": "Energy", "quantity": "kwh", "per": "cycle", "mode": "telescopic", "bands": [{"upto": "200", "rate": "4.50"}, {"rate": "6"}]}""",
            """, "month_fraction": "calendar_sum", "prorate": ["slab_limits"]""",
            """, "subsidies": [{"id": "state", "form": "consumer_pays_table", "tables": [{"when": {"kwh": {"lte": "150"}}, "mode": "whole", "bands": [{"rate": "1.99"}]}, {"mode": "telescopic", "bands": [{"upto": "100", "rate": "0"}, {"rate": "5.75"}]}]}, {"id": "rest", "form": "waive_all", "when": {"flags": ["waived"]}}]"""
        },
        { "an entitlement, and a rebate per unit", MadeUpTariff.Flat, "", """, "subsidies": [{"id": "zero", "form": "entitlement"}, {"id": "other", "form": "entitlement"}], "rebates": [{"id": "paperless", "form": "per_unit", "rate": "0.05"}, {"id": "early", "form": "percent", "of": ["energy"], "percent": "1.5"}]""" },
        {
            "apparent energy by the time of day, on holidays too",
            """
            {"id": "energy", "kind": "unit", "group": "energy", "label": "Energy", "quantity": "kvah", "rate": "7.15"},
            {"id": "tod", "kind": "tod", "group": "energy", "label": "Time of day", "quantity": "kvah", "base": ["energy"], "periods": [{"name": "holiday", "days": "holiday", "multiplier": "0.9"}, {"name": "peak", "days": "weekday", "from": "18:00", "to": "22:00", "multiplier": "1.2"}, {"name": "night", "from": "22:00", "to": "06:00", "adder": "-0.40"}, {"name": "rest", "rate": "0"}]},
            {"id": "demand", "kind": "blocks", "group": "fixed", "label": "Demand", "quantity": "kw_max", "per": "month", "mode": "telescopic", "bands": [{"upto": "3", "rate": "24.368"}, {"rate": "17.031"}]},
            {"id": "fixed", "kind": "fixed", "group": "fixed", "label": "Fixed", "basis": "kva", "per": "month", "rate": "250", "load": "billing_demand", "load_rounding": {"step": "0.5", "mode": "up"}}
            """, "", ""
        },
        {
            "net metering, export that is paid for, a load that follows from use, a season",
            """
            {"id": "energy", "kind": "blocks", "group": "energy", "label": "Energy", "quantity": "kwh", "per": "month", "mode": "telescopic", "bands": [{"upto": "100", "rate": "3"}, {"rate": "5"}]},
            {"id": "wheeling", "kind": "unit", "group": "energy", "label": "Wheeling", "quantity": "kwh_import", "rate": "1.10"},
            {"id": "feed", "kind": "unit", "group": "rebate", "label": "Feed in", "quantity": "kwh_export", "rate": "-0.75"},
            {"id": "fixed", "kind": "fixed", "group": "fixed", "label": "Fixed", "basis": "kw", "per": "month", "rate": "12.5", "load": "derived_from_kwh", "derive": {"kwh_per_step": "15", "step_kw": "0.1", "rounding": "up"}},
            {"id": "summer", "kind": "unit", "group": "surcharge", "label": "Summer", "quantity": "kwh", "rate": "0.10", "season": "summer"},
            {"id": "winter", "kind": "unit", "group": "surcharge", "label": "Winter", "quantity": "kwh", "rate": "0.15", "season": "winter"}
            """, "", """, "export": {"mode": "net", "quantity_in": "kwh_import", "quantity_out": "kwh_export", "carry": "next"}"""
        },
        {
            "prices of intervals with a floor, and units of a dated rate by interval",
            """
            {"id": "energy", "kind": "interval", "group": "energy", "label": "Energy", "interval_minutes": 30, "price_unit": "INR/kWh", "external": "market", "formula": {"periods": [{"from": "22:00", "to": "05:00", "multiply": "1.05", "add": "-0.25"}, {"from": "17:00", "to": "20:00", "add": "2"}, {"multiply": "1.125", "add": "0.4"}], "cap": "9.5", "floor": "-3"}},
            {"id": "slabs", "kind": "blocks", "group": "energy", "label": "Slabs", "quantity": "kwh", "per": "month", "mode": "telescopic", "bands": [{"upto": "60", "rate": "0.30"}, {"rate": "0.50"}]},
            {"id": "fuel", "kind": "unit", "group": "surcharge", "label": "Fuel", "quantity": "kwh", "series": "fuel"}
            """, """, "month_fraction": "calendar_sum", "prorate": ["slab_limits", "fixed"], "segments": "calendar_month_and_rate_change", "rate_change_split": "by_interval" """, ""
        },
        {
            "months as printed, with segments",
            """
            {"id": "energy", "kind": "blocks", "group": "energy", "label": "Energy", "quantity": "kwh", "per": "month", "mode": "telescopic", "bands": [{"upto": "60", "rate": "3"}, {"rate": "5"}]},
            {"id": "fixed", "kind": "fixed", "group": "fixed", "label": "Fixed", "basis": "by_load", "per": "month", "bands_by_load": [{"upto_kw": "2", "rate": "30", "basis": "connection"}, {"rate": "25", "basis": "kw"}]},
            {"id": "fuel", "kind": "percent", "group": "surcharge", "label": "Fuel", "of": [{"id": "energy"}], "series": "fuel", "per_band": true}
            """, """, "month_fraction": "days_over_30", "prorate": ["slab_limits", "fixed"], "segments": "calendar_month_and_rate_change" """, ""
        },
    };

    private const string Fuel = """ "fuel": {"unit": "INR/kWh", "basis": "consumption_date", "points": [{"from": "2001-01-01", "value": "0.31", "source": "s"}, {"from": "2026-04-07", "value": "0.42", "source": "s"}, {"from": "2026-04-19", "value": "0.17", "source": "s"}]} """;

    [Theory, MemberData(nameof(MadeUp))]
    public void EveryKindIsBilledAndBothVerifiersAgree(string what, string components, string billing, string more)
    {
        CompiledTariff tariff = MadeUpTariff.Of(components, billing, more, components.Contains("\"series\"", StringComparison.Ordinal) ? Fuel : "");
        var samples = new List<AgreementTests.Sample>();
        int bills = 0, rounds = Rounds(WorkedBills.Set.Tariffs.Count);
        for (int round = 0; round < rounds; round++) bills += Issue(RandomMonth(tariff, new Random(Seed(what, round)), Seed(what, round)) with { LeavesOutRefused = false }, round < 2, samples);
        Assert.Equal(rounds * HomeCount, bills);
        AssertAgreement(samples);
    }

    /// <summary>The same for every run and every machine, unlike a hash of the text.</summary>
    private static int Seed(string of, int round) => (of.Aggregate(17, (sum, letter) => unchecked((sum * 31) + letter)) & 0xffff) + (round * 100_003);

    private const int SampleCountMax = 2_000;

    /// <summary>All sample issues have the same keys, so one run of the second verifier serves many.</summary>
    private static void AssertAgreement(List<AgreementTests.Sample> samples)
    {
        if (samples.Count > 0) FalseWordAgreementTests.AssertAgreement(new SampleIssue(new SampleOptions()), samples);
        samples.Clear();
    }

    /// <summary>Bills of one issue, each valid to the first verifier, for both; some of them changed as well.</summary>
    /// <returns>How many bills were made.</returns>
    private static int Issue(SampleOptions options, bool changes, List<AgreementTests.Sample> samples)
    {
        var issue = new SampleIssue(options);
        if (issue.Bills.Count == 0) return 0;
        if (samples.Count > SampleCountMax - 100) AssertAgreement(samples);
        Assert.All(issue.Bills, bill => Assert.True(issue.Verify(bill.Files).IsValid, $"{options.Seed} {bill.Invoice.BillNo}: {VerdictJson.Format(issue.Verify(bill.Files))}"));
        string name = $"{issue.Tariff.Tariff.Id} seed {options.Seed}";
        samples.AddRange(
        [
            .. issue.Bills.Select(bill => new AgreementTests.Sample($"{name} {bill.Invoice.BillNo}", bill.Files)),
            .. changes ? AgreementTests.Changes(issue.Bill, name, new Random(options.Seed)) : [],
            .. changes ? Forged(options, name) : [],
        ]);
        return issue.Bills.Count;
    }

    /// <summary>The first bill with one number changed before it was logged: only a computation finds it.</summary>
    private static IEnumerable<AgreementTests.Sample> Forged(SampleOptions options, string name)
    {
        for (int i = 0; i < 3; i++)
        {
            string what = "";
            var random = new Random(options.Seed + i);
            var issue = new SampleIssue(options with { Homes = 1, Forge = bill => Change(bill, random, out what) });
            if (issue.Bills.Count > 0) yield return new($"{name} logged with {what}", issue.Bill.Files);
        }
    }

    private static byte[] Change(byte[] bill, Random random, out string what)
    {
        (byte[] changed, what) = AgreementTests.ChangeNumber(bill, random);
        return changed;
    }

    private static readonly decimal[] UseOfUsual = [0m, 0.02m, 0.2m, 0.5m, 1m, 4m];

    /// <summary>A random period, use and connection; everything that the tariff asks for is stated.</summary>
    private static SampleOptions RandomMonth(CompiledTariff compiled, Random random, int seed)
    {
        Tariff tariff = compiled.Tariff;
        LocalDate from = Start(compiled, random), to = from.PlusDays(random.Next(4, 40));
        if (to > tariff.ValidTo) to = tariff.ValidTo.Value;
        if (to < from) from = to;
        decimal use = UseOfUsual[random.Next(UseOfUsual.Length)];
        bool byInterval = DayBlockEnergy.IsAskedForBy(tariff);
        return new SampleOptions
        {
            Seed = seed,
            Tariff = compiled,
            Homes = HomeCount,
            LeavesOutRefused = true,
            From = from,
            To = to,
            Zone = tariff.Country switch { "GB" => "Europe/London", "US" => "America/Los_Angeles", "AU" => "Australia/Melbourne", "LK" => "Asia/Colombo", _ => "Asia/Kolkata" },
            IntervalMinutes = random.Next(3) == 0 ? 60 : 30,
            HasExchange = random.Next(4) == 0 && Period.DaysBetween(from, to) > 12,
            UnassignedWh = byInterval || random.Next(3) > 0 ? 0 : random.Next(900),
            Tamper = (_, values, _) =>
            {
                for (int i = 0; i < values.Length; i++) values[i] = (long)(values[i] * use);
            },
            External = Externals(tariff, random),
            Flags = [.. Flags(tariff).Where(_ => random.Next(2) == 0)],
            Stated = Stating(tariff, from, random),
        };
    }

    private static LocalDate Start(CompiledTariff compiled, Random random)
    {
        LocalDate[] starts =
        [
            compiled.Tariff.ValidFrom, new(2025, 8, 1), new(2026, 4, 1), new(2026, 3, 20),
            .. compiled.Series.SelectMany(series => series.Points).Select(point => point.From.PlusDays(random.Next(-10, 10))),
        ];
        starts = [.. starts.Where(start => compiled.Tariff.IsInForce(start) && start.Year > 2000)]; // blocks begin with the year 2000
        return starts[random.Next(starts.Length)].PlusDays(random.Next(4));
    }

    private static string[] Flags(Tariff tariff) =>
    [
        .. tariff.Components.Select(one => one.When).Concat(tariff.Subsidies.Select(one => one.When)).Concat(tariff.Rebates.Select(one => one.When))
            .Concat(tariff.Components.OfType<BlockCharge>().SelectMany(one => one.Tables).Select(table => table.When))
            .Concat(tariff.Components.OfType<UnitCharge>().SelectMany(one => one.Tables).Select(table => table.When))
            .Where(when => when is not null).SelectMany(when => when!.Flags).Distinct().Order(StringComparer.Ordinal),
    ];

    private static Dictionary<string, decimal> Externals(Tariff tariff, Random random)
    {
        IEnumerable<string?> names = tariff.Components.SelectMany(one => one switch
        {
            BlockCharge blocks => blocks.Tables.SelectMany(table => table.Bands).SelectMany(band => (string?[])[band.External, band.UptoExternal]),
            UnitCharge unit => [unit.External],
            FixedCharge charge => [charge.External],
            PercentCharge percent => [percent.External],
            _ => [],
        });
        names = names.Concat(tariff.Subsidies.OfType<Entitlement>().Where(_ => random.Next(2) == 0).Select(one => one.Id));
        return names.OfType<string>().Distinct().ToDictionary(name => name, _ => random.Next(1, 4_000) / 100m);
    }

    private static Func<int, StatedInputs> Stating(Tariff tariff, LocalDate from, Random random)
    {
        decimal Amount(int max) => random.Next(max * 1000) / 1000m;
        string[] seasons = [.. tariff.Components.Select(one => one.Season).OfType<string>().Distinct()];
        bool asks(BilledQuantity quantity) => tariff.Components.Any(one =>
            one is BlockCharge blocks && blocks.Quantity == quantity || one is UnitCharge unit && unit.Quantity == quantity || one is TimeOfDayCharge tod && tod.Quantity == quantity);
        var stated = new StatedInputs
        {
            BillingMonths = random.Next(4) == 0 ? 1 + Amount(1) : null,
            Holidays = tariff.Components.OfType<TimeOfDayCharge>().SelectMany(one => one.Periods).Any(period => period.Days == DayKind.Holiday) ? [from.PlusDays(1), from.PlusDays(3)] : null,
            Kvah = asks(BilledQuantity.Kvah) ? Amount(400) : null,
            KwMax = asks(BilledQuantity.KwMax) ? Amount(150) : null,
            KwhExport = tariff.Export is not null || asks(BilledQuantity.KwhExport) ? Amount(300) : null,
            KwhCarriedIn = tariff.Export is not null && random.Next(2) == 0 ? random.Next(60) : null,
            MaxDemandKw = random.Next(2) == 0 ? Amount(6) : null,
            Season = seasons.Length > 0 ? seasons[random.Next(seasons.Length)] : null,
        };
        bool hasPrices = tariff.Components.Any(one => one is IntervalCharge);
        int seed = random.Next();
        return count =>
        {
            var prices = new Random(seed);
            return hasPrices ? stated with { Prices = [.. Enumerable.Range(0, count).Select(_ => prices.Next(-3_000, 9_000) / 100m)] } : stated;
        };
    }

    /// <summary>A bill states what its evidence cannot give; prices of another number than the intervals are none.</summary>
    [Fact]
    public void APriceTooFewOrTooManyMakesNoBill()
    {
        CompiledTariff agile = WorkedBills.Tariff("uk-octopus-agile-2022");
        foreach (int more in (int[])[-1, 1])
        {
            var issue = new SampleIssue(new SampleOptions
            {
                Tariff = agile,
                Zone = "Europe/London",
                From = new(2026, 3, 28),
                To = new(2026, 3, 30), // a day of 23 hours in it
                External = new Dictionary<string, decimal> { ["standing_gbp_per_day"] = 0.4m },
                Stated = count => new StatedInputs { Prices = [.. Enumerable.Repeat(12.4m, count)] },
                Forge = bill => FalseWordAgreementTests.Edited(bill, json =>
                {
                    var prices = (System.Text.Json.Nodes.JsonArray)json["inputs"]!["prices"]!;
                    if (more < 0) prices.RemoveAt(0);
                    else prices.Add("1");
                }),
            });
            FalseWordAgreementTests.AssertAgreement(issue, [new($"{more} price", issue.Bill.Files)]);
            Assert.Equal("tariff", issue.Verify(issue.Bill.Files).Difference?.Line);
        }
        var refused = new SampleIssue(new SampleOptions { Tariff = agile, LeavesOutRefused = true, External = new Dictionary<string, decimal> { ["standing_gbp_per_day"] = 0.4m } });
        Assert.Equal((0, "wholesale_p_per_kwh"), (refused.Bills.Count, refused.Refusals.Single().Missing));
    }

    /// <summary>Prices belong to known times: energy that is in no interval has none, so it is not billed as if it were free.</summary>
    [Fact]
    public void EnergyAtNoKnownTimeHasNoPrice()
    {
        var issue = new SampleIssue(new SampleOptions
        {
            Tariff = WorkedBills.Tariff("uk-octopus-shape"),
            UnassignedWh = 300,
            LeavesOutRefused = true,
            Stated = count => new StatedInputs { Prices = [.. Enumerable.Repeat(12.4m, count)] },
        });
        Assert.Equal((0, "unassigned_kwh"), (issue.Bills.Count, issue.Refusals.Single().Missing));
    }

    public static TheoryData<string, StatedInputs> NotStatable => new()
    {
        { "kvah", new StatedInputs { Kvah = -1 } },
        { "billing_months", new StatedInputs { BillingMonths = 0 } },
        { "kwh_export", new StatedInputs { KwhExport = 1.0000000001m } },
        { "prices[1]", new StatedInputs { Prices = [1, 1_234_567_890_123m] } },
    };

    [Theory, MemberData(nameof(NotStatable))]
    public void AValueThatAFileCannotHoldIsRefusedByName(string name, StatedInputs stated)
    {
        var issue = new SampleIssue(new SampleOptions { LeavesOutRefused = true, Stated = _ => stated });
        Assert.Equal((0, name), (issue.Bills.Count, issue.Refusals.Single().Missing));
    }

    [Theory]
    [InlineData("\"phase\":", "\"max_demand_kw\":\"-1\",\"phase\":", "inputs.max_demand_kw")]
    [InlineData("\"phase\":", "\"kwh_export\":\"1.0000000001\",\"phase\":", "inputs.kwh_export")]
    [InlineData("\"phase\":", "\"kwh_exports\":\"1\",\"phase\":", "inputs.kwh_exports")]
    [InlineData("\"external\":", "\"billing_months\":\"0.0\",\"external\":", "inputs.billing_months")]
    [InlineData("\"external\":", "\"billing_month\":\"1\",\"external\":", "inputs.billing_month")]
    [InlineData("\"phase\":", "\"holidays\":[\"2026-02-30\"],\"phase\":", "inputs.holidays[0]")]
    [InlineData("\"sanctioned_load_kw\":", "\"prices\":[\"1\",\"x\"],\"sanctioned_load_kw\":", "inputs.prices[1]")]
    [InlineData("\"sanctioned_load_kw\":\"2\"", "\"sanctioned_load_kw\":\"2\",\"season\":1", "inputs.season")]
    [InlineData("\"sanctioned_load_kw\":\"2\"", "\"sanctioned_load_kw\":\"2\",\"seasons\":\"a\"", "inputs.seasons")]
    public void AFaultOfAStatedValueIsNamedAlike(string before, string after, string place)
    {
        var issue = new SampleIssue(new SampleOptions());
        string bill = System.Text.Encoding.UTF8.GetString(issue.Bill.Bill);
        Assert.Contains(before, bill, StringComparison.Ordinal);
        BillFiles files = issue.Bill.Files with { Bill = System.Text.Encoding.UTF8.GetBytes(bill.Replace(before, after, StringComparison.Ordinal)) };
        FalseWordAgreementTests.AssertAgreement(issue, [new(place, files)]);
        Assert.False(new BillVerifier(issue.Policy).TryVerify(files, out _, out UnreadableFile? fault));
        Assert.Equal(place, fault.Field);
    }
}
