using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using NodaTime;
using Praman.Billing.Rating;
using Praman.Billing.Tariffs;
using Praman.Billing.Tariffs.Urdb;
using Praman.Testing;

namespace Praman.Billing.Tests.Tariffs;

/// <summary>Rates in the form of the Utility Rate Database become tariffs that cost the same, or are refused by name.</summary>
public sealed class UrdbImportTests
{
    private static readonly UrdbImportOptions Options = new() { Collected = new LocalDate(2026, 11, 24) };

    /// <summary>The rate of tariffs/us-urdb-reopt-multitier.json in the form of the database.</summary>
    private static JsonObject Tiered() => new()
    {
        ["label"] = "multitier",
        ["utility"] = "(test rate)",
        ["name"] = "two-tier energy and demand",
        ["sector"] = "Commercial",
        ["startdate"] = 946684800,
        ["energyratestructure"] = new JsonArray(
            new JsonArray(new JsonObject { ["max"] = 20000, ["rate"] = 0.07, ["adj"] = 0.008891 }, new JsonObject { ["rate"] = 0.06 }),
            new JsonArray(new JsonObject { ["rate"] = 0.061731, ["unit"] = "kWh" })),
        ["energyweekdayschedule"] = Grid(month => _ => month < 4 ? 1 : 0),
        ["energyweekendschedule"] = Grid(month => _ => month < 4 ? 1 : 0),
        ["flatdemandstructure"] = new JsonArray(new JsonArray(new JsonObject { ["max"] = 100, ["rate"] = 24.368 }, new JsonObject { ["rate"] = 17.031 })),
        ["flatdemandmonths"] = new JsonArray([.. Enumerable.Range(0, 12).Select(_ => JsonValue.Create(0))]),
        ["fixedchargefirstmeter"] = 3.298,
        ["fixedchargeunits"] = "$/day",
    };

    private static JsonObject Hourly() => new()
    {
        ["label"] = "hourly",
        ["utility"] = "A utility",
        ["name"] = "Time of use",
        ["startdate"] = 1704067200,
        ["energyratestructure"] = new JsonArray(
            new JsonArray(new JsonObject { ["rate"] = 0.10 }), new JsonArray(new JsonObject { ["rate"] = 0.45 }), new JsonArray(new JsonObject { ["rate"] = 0.20 })),
        // A night that passes midnight; a dear evening on weekdays of June to September.
        ["energyweekdayschedule"] = Grid(month => hour => hour is >= 22 or < 6 ? 0 : month is >= 5 and <= 8 && hour is >= 16 and < 21 ? 1 : 2),
        ["energyweekendschedule"] = Grid(_ => hour => hour is >= 22 or < 6 ? 0 : 2),
    };

    private static JsonArray Grid(Func<int, Func<int, int>> periodOf) =>
        new([.. Enumerable.Range(0, 12).Select(month => (JsonNode)new JsonArray([.. Enumerable.Range(0, 24).Select(hour => JsonValue.Create(periodOf(month)(hour)))]))]);

    private static UrdbImportResult Read(JsonObject rate, UrdbImportOptions? options = null) => UrdbImport.Read(Encoding.UTF8.GetBytes(rate.ToJsonString()), null, options ?? Options);

    private static TariffSet Import(JsonObject rate, UrdbImportOptions? options = null)
    {
        UrdbImportResult result = Read(rate, options);
        Assert.Empty(result.Faults);
        Assert.True(TariffSet.TryParse(result.File, null, out TariffSet? set, out _));
        Assert.Equal(result.TariffId, Assert.Single(set.Tariffs).Key);
        return set;
    }

    private static decimal Net(TariffSet set, BillingDeterminants inputs)
    {
        RatingResult result = RatingEngine.Rate(CompiledTariff.Compile(set.Tariffs.Values.Single(), set), inputs);
        Assert.True(result.IsRated, result.IsRated ? "" : result.Refusal.Message);
        return result.Bill.Net!.Value;
    }

    private static BillingDeterminants Period(int year, int month) =>
        new() { Period = new BillingPeriod(new LocalDate(year, month, 1), new LocalDate(year, month, 1).With(DateAdjusters.EndOfMonth)), SanctionedLoadKw = 5 };

    /// <summary>Any use and demand costs what the tariff that was made by hand of the same rate says.</summary>
    [Fact]
    public void ATieredRateCostsWhatTheOneMadeByHandDoes()
    {
        Assert.True(TariffSet.TryLoad(Path.Combine(TestFiles.InRepository("tariffs"), "us-urdb-reopt-multitier.json"), out TariffSet? byHand, out _));
        TariffSet imported = Import(Tiered());
        Gen.Select(Gen.Int[0, 60_000_000], Gen.Int[0, 400_000], Gen.Int[1, 12]).Sample(
            (wh, watts, month) =>
            {
                BillingDeterminants inputs = Period(2026, month) with { Kwh = wh / 1000m, KwMax = watts / 1000m };
                // By hand the seasons are named after the periods; the import names them in the order of the months.
                Assert.Equal(
                    Net(byHand, inputs with { Season = month <= 4 ? "period-2" : "period-1" }),
                    Net(imported, inputs with { Season = month <= 4 ? "season-1" : "season-2" }));
            },
            iter: 500);
        Assert.Contains("Seasons: season-1 is January to April; season-2 is May to December.", Read(Tiered()).Notes);
    }

    /// <summary>Each hour of a year costs what the schedule says, whatever stretches the import made of it.</summary>
    [Fact]
    public void EachHourOfTheYearHasThePriceOfItsPeriod()
    {
        var periods = Gen.Int[0, 3].Array[24].Array[12];
        Gen.Select(periods, periods, Gen.Int[1, 12], Gen.Int[1, 28], Gen.Int[0, 23]).Sample(
            (weekdays, weekends, month, day, hour) =>
            {
                JsonObject rate = Hourly();
                rate["energyratestructure"] = new JsonArray([.. Enumerable.Range(0, 4).Select(p => (JsonNode)new JsonArray(new JsonObject { ["rate"] = 0.10m + (p * 0.07m) }))]);
                rate["energyweekdayschedule"] = Grid(m => h => weekdays[m][h]);
                rate["energyweekendschedule"] = Grid(m => h => weekends[m][h]);
                TariffSet set = Import(rate);
                var date = new LocalDate(2026, month, day);
                int expected = (date.DayOfWeek >= IsoDayOfWeek.Saturday ? weekends : weekdays)[month - 1][hour];
                BillingDeterminants inputs = Period(2026, month) with { Kwh = 1, Intervals = [new(date, new LocalTime(hour, 30), 1m, null)] };
                Assert.Equal(0.10m + (expected * 0.07m), Net(set, inputs));
            },
            iter: 200);
    }

    [Fact]
    public void StretchesOfTheDayAreWholeAndThePriceOfMostHoursIsTheRest()
    {
        TimeOfDayCharge charge = Assert.IsType<TimeOfDayCharge>(Import(Hourly(), Options with { TimeZone = "America/Los_Angeles" }).Tariffs["us-urdb-hourly"].Components[0]);
        Assert.Equal("America/Los_Angeles", charge.TimeZone);
        Assert.Equal(
            ["period 1, 22:00 to 06:00", "period 2, weekdays, June to September, 16:00 to 21:00", "period 1, weekdays, June to September, 22:00 to 06:00", "period 1, weekends, June to September, 22:00 to 06:00", "period 3, all other hours"],
            charge.Periods.Select(p => p.Name.Replace("January to May, October to December, ", "", StringComparison.Ordinal)));
    }

    [Fact]
    public void FuelOfEachMonthIsASeriesThatEnds()
    {
        JsonObject rate = Tiered();
        rate["startdate"] = 1767225600; // 2026-01-01
        rate["fueladjustmentsmonthly"] = new JsonArray([.. Enumerable.Range(1, 12).Select(m => JsonValue.Create(m / 1000m))]);
        TariffSet set = Import(rate);
        decimal without = Net(Import(Tiered()), Period(2026, 7) with { Kwh = 1000, KwMax = 0, Season = "season-2" });
        Assert.Equal(without + 7, Net(set, Period(2026, 7) with { Kwh = 1000, KwMax = 0, Season = "season-2" }));
        Assert.Equal(without + 7, Net(set, Period(2027, 7) with { Kwh = 1000, KwMax = 0, Season = "season-2" }));
        RatingResult later = RatingEngine.Rate(CompiledTariff.Compile(set.Tariffs.Values.Single(), set), Period(2028, 7) with { Kwh = 1000, KwMax = 0, Season = "season-2" });
        Assert.False(later.IsRated);
    }

    [Fact]
    public void AMinimumAndNetMeteringAreCarried()
    {
        JsonObject rate = Hourly();
        rate["energyratestructure"] = new JsonArray(new JsonArray(new JsonObject { ["rate"] = 0.1 }));
        rate.Remove("energyweekdayschedule");
        rate.Remove("energyweekendschedule");
        rate["mincharge"] = 144;
        rate["minchargeunits"] = "$/year";
        rate["dgrules"] = "Net Metering";
        Assert.Equal(12, Net(Import(rate), Period(2026, 3) with { Kwh = 100 }));
        Assert.Equal(15, Net(Import(rate), Period(2026, 3) with { Kwh = 150 }));
        Assert.Contains(Read(rate).Notes, note => note.Contains("feed nothing in", StringComparison.Ordinal));
        TariffSet net = Import(rate, Options with { HasNetMetering = true });
        Assert.Equal(30, Net(net, Period(2026, 3) with { KwhImport = 500, KwhExport = 200 }));
    }

    public static TheoryData<string, string, string> Refusals => new()
    {
        { "utility", "null", "$.utility: missing" },
        { "startdate", "null", "$.startdate: missing" },
        { "country", "\"CAN\"", "no currency was given" },
        { "energyratestructure", "null", "$.energyratestructure: missing" },
        { "energyratestructure", "[[{\"max\":10,\"rate\":1},{\"max\":5,\"rate\":1}],[{\"rate\":1}]]", "energyratestructure[0]: expected limits that rise" },
        { "energyratestructure", "[[{\"rate\":1},{\"rate\":1}],[{\"rate\":1}]]", "energyratestructure[0]: an open step" },
        { "energyratestructure", "[[{\"rate\":1,\"unit\":\"kWh/kW\"}],[{\"rate\":1}]]", "energyratestructure[0][0].unit: 'kWh/kW'" },
        { "energyratestructure", "[[{\"rate\":0.12345678901}],[{\"rate\":1}]]", "energyratestructure[0][0].rate: expected a number" },
        { "energyratestructure", "[[{\"rate\":1,\"reactive\":2}],[{\"rate\":1}]]", "energyratestructure[0][0].reactive: unknown member" },
        { "energyratestructure", "[[{\"rate\":1}]]", "expected a period from 0 to 0" },
        { "energyweekendschedule", "null", "$.energyweekendschedule: missing" },
        { "energyweekdayschedule", "[[0]]", "expected 12 months of 24 hours" },
        { "flatdemandmonths", "[0,0]", "expected 12 numbers, found 2" },
        { "fixedchargeunits", "\"$/week\"", "$.fixedchargeunits: '$/week'" },
        { "demandratchetpercentage", "[0.5]", "demandratchetpercentage: a number that the import does not know; it would be left out" },
        { "demandratestructure", "[[{\"rate\":3}]]", "demandratestructure: demand by the hour" },
    };

    [Theory, MemberData(nameof(Refusals))]
    public void WhatCannotBeCarriedIsNamed(string member, string value, string expected)
    {
        JsonObject rate = Tiered();
        rate[member] = JsonNode.Parse(value);
        UrdbImportResult result = Read(rate);
        Assert.Null(result.TariffId);
        Assert.Contains(result.Faults, fault => fault.ToString().Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void ATextOfAnotherFormIsOneFault()
    {
        JsonObject rate = Tiered();
        rate["utility"] = 3;
        Assert.Equal("$.utility: expected a text", Assert.Single(Read(rate).Faults).ToString());
    }

    [Fact]
    public void StepsByTheHourAreRefusedEvenInPart()
    {
        JsonObject rate = Tiered();
        rate["energyweekdayschedule"] = Grid(_ => hour => hour < 12 ? 0 : 1);
        Assert.Contains("together in January", Assert.Single(Read(rate, Options with { AllowsPartial = true }).Faults).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsLeftOutMakesTheTariffPartial()
    {
        JsonObject rate = Tiered();
        rate["demandratchetpercentage"] = new JsonArray(0.5);
        TariffSet set = Import(rate, Options with { AllowsPartial = true });
        Tariff tariff = set.Tariffs.Values.Single();
        Assert.Equal(TariffStatus.Partial, tariff.Status);
        Assert.Contains(tariff.Notes, note => note.StartsWith("Left out: demandratchetpercentage", StringComparison.Ordinal));
    }

    /// <summary>Hostile files end in faults, never in an exception.</summary>
    [Fact]
    public void ADamagedFileIsRefusedOrRead()
    {
        byte[] good = Encoding.UTF8.GetBytes(new JsonObject { ["items"] = new JsonArray(Hourly()) }.ToJsonString());
        Assert.NotNull(UrdbImport.Read(good, null, Options).TariffId);
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte, Gen.Int[0, good.Length]).Sample(
            (at, octet, length) =>
            {
                byte[] changed = [.. good];
                changed[at] = octet;
                foreach (byte[] file in (byte[][])[changed, good[..length]])
                {
                    UrdbImportResult result = UrdbImport.Read(file, "rate.json", Options);
                    Assert.Equal(result.TariffId is null, result.Faults.Count > 0);
                    Assert.All(result.Faults, fault => Assert.True(fault.Path.Length > 0 && fault.Message.Length > 0));
                }
            },
            iter: 3000);
        Assert.Contains("no Unicode", UrdbImport.Read("""{"utility":"\ud800"}"""u8.ToArray(), null, Options).Faults[0].Message, StringComparison.Ordinal);
        Assert.Contains("holds 0 rates", UrdbImport.Read("""{"items":[]}"""u8.ToArray(), null, Options).Faults[0].Message, StringComparison.Ordinal);
        Assert.Contains("octets", UrdbImport.Read(new byte[UrdbImport.LengthMax + 1], null, Options).Faults[0].Message, StringComparison.Ordinal);
    }
}
