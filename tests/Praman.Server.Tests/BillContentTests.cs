using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Praman.Billing.Suppliers;
using Praman.Server.Testing;
using Praman.Testing;

namespace Praman.Server.Tests;

/// <summary>What the rules demand on a bill, held against the table of docs/conformance/bill-content.md and a rendered bill.</summary>
public sealed partial class BillContentTests
{
    private const string Bill = "/bill/SVN-42-202603";

    /// <summary>What the sample bill must say at each item of the table.</summary>
    private static readonly Dictionary<string, string[]> Expected = new(StringComparer.Ordinal)
    {
        ["issued"] = ["3 April 2026"],
        ["supplier"] = ["Sample Vidyut Nigam Limited"],
        ["office"] = ["Sub-division 4, Lake Road, Sampleville"],
        ["consumer-name"] = ["Asha Patel"],
        ["consumer-address"] = ["Not on record here"],
        ["consumer-no"] = ["10 0042 7781"],
        ["period"] = ["1 March 2026 – 31 March 2026"],
        ["tariff"] = ["Sample domestic"],
        ["category"] = ["Domestic"],
        ["load"] = ["2 kW", "single phase"],
        ["meter-no"] = ["GX1000042"],
        ["reading-start"] = ["1 March 2026", Kwh(new SampleTown().Register(SampleTown.Asha, new(2026, 3, 1)))],
        ["reading-end"] = ["1 April 2026", Kwh(new SampleTown().Register(SampleTown.Asha, new(2026, 4, 1)))],
        ["estimates"] = ["All 1,488 intervals were measured"],
        ["energy"] = [((SampleTotal().EnergyWh + 50) / 100 / 10m).ToString("0.0", CultureInfo.InvariantCulture) + " kWh"],
        ["multiplier"] = ["× 1"],
        ["demand"] = ["Not stated: the tariff does not use it"],
        ["power-factor"] = ["Not stated: the tariff does not use it"],
        ["lines"] = ["Energy charge", "Fixed charge", "Fuel surcharge", "Electricity duty", "× ₹2.30", "15 %", "Tariff order for FY 2025-26", "Electricity duty, rates by category"],
        ["total"] = [SampleTotal().Total.ToString("#,##0.00", CultureInfo.InvariantCulture)],
        ["in-words"] = ["Rupees", "only"],
        ["gate"] = ["Final"],
        ["due"] = ["18 April 2026", "15", "Sample Code 2015, 6.2", "Supply code of the sample"],
        ["dues"] = ["no account of this connection is kept"],
        ["disconnection"] = ["5 May 2026", "are none: 15.", "Electricity Act 2003, s. 56(1)"],
        ["ways-to-pay"] = ["Cash or cheque at the sub-division", "UPI from any application"],
        ["telephone"] = ["1912", "1800 000 0001", "ask@sample-vidyut.example"],
        ["forum"] = ["Forum of the supplier", "Lake Road 1, Sampleville", "0265 000000", "s. 42(5)"],
        ["ombudsman"] = ["Ombudsman of the sample State", "Court Road 9, Sample City", "s. 42(6)"],
        ["six-months"] = ["February 2026", "March 2026", "No bill from before 1 February 2026"],
        ["changed"] = ["What changed since the bill before"],
        ["qr"] = ["Place in the public log", "Commitment"],
    };

    /// <summary>Each item of the table is found on the page, and each that the tests know is in the table.</summary>
    [Fact]
    public async Task EveryItemOfTheTableStandsOnTheBill()
    {
        string[][] rows = [.. File.ReadAllLines(TestFiles.InRepository("docs", "conformance", "bill-content.md")).Where(line => line.StartsWith('|')).Skip(2)
            .Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim()).ToArray())];
        Assert.All(rows, row => Assert.True(row.Length == 5 && row.All(cell => cell.Length > 0), string.Join('|', row)));
        Assert.Equal(Expected.Keys.Order(StringComparer.Ordinal), rows.Select(row => row[3].Trim('`')).Distinct().Order(StringComparer.Ordinal));
        await using SampleServer server = await SampleServer.StartAsync();
        using TestClient asha = await new TestClient(server).SignInAsync("asha");
        string page = await asha.PageAsync(Bill);
        foreach ((string item, string[] texts) in Expected)
        {
            string found = Item(page, item);
            foreach (string text in texts) Assert.True(found.Contains(text, StringComparison.Ordinal), $"{item}: expected '{text}' in: {found}");
        }
    }

    [Fact]
    public async Task WhatTheSupplierDoesNotStateIsSaidToBeSo()
    {
        await using SampleServer server = await SampleServer.StartAsync(suppliers: SupplierSet.Empty);
        using TestClient asha = await new TestClient(server).SignInAsync("asha");
        string page = await asha.PageAsync(Bill);
        foreach (string item in (string[])["due", "disconnection", "ways-to-pay", "office", "telephone", "forum", "ombudsman"])
            Assert.Contains("The supplier has not stated it.", Item(page, item), StringComparison.Ordinal);
        Assert.Contains("Sample Vidyut Nigam", Item(page, "supplier"), StringComparison.Ordinal);
    }

    /// <summary>A supplier that states nothing but the law: no day is made up, and the notice that the law demands is said.</summary>
    [Fact]
    public async Task WithoutADayToPayByNoDayOfACutIsNamed()
    {
        await using SampleServer server = await SampleServer.StartAsync(suppliers: SampleSupplier.Read("""
            {"format": "praman-supplier/1", "id": "s", "name": "Sample Vidyut Nigam", "names": ["Sample Vidyut Nigam"], "country": "IN",
             "sources": {"act": {"title": "The Act", "url": "https://law.example", "publisher": "p", "date": "2003", "kind": "primary"}},
             "disconnection": [{"clear_days": 15, "clause": "Electricity Act 2003, s. 56(1)", "sources": ["act"]}], "forum": {"name": "The forum", "sources": ["act"]}}
            """));
        using TestClient asha = await new TestClient(server).SignInAsync("asha");
        string page = await asha.PageAsync(Bill);
        string cut = Item(page, "disconnection");
        Assert.Contains("only be cut when the day to pay by has passed, a written notice has come", cut, StringComparison.Ordinal);
        Assert.Contains("are none: 15.", cut, StringComparison.Ordinal);
        Assert.DoesNotContain("2026", cut.Replace("(p, 2003)", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("Its address: the supplier has not stated it.", Item(page, "forum"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task APrepaidBillHasNoDayToPayBy()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        server.Queries.BillDamage = bill => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bill.Span).Replace("\"flags\":[]", "\"flags\":[\"prepaid\"]", StringComparison.Ordinal));
        using TestClient asha = await new TestClient(server).SignInAsync("asha");
        string page = await asha.PageAsync(Bill);
        Assert.Contains("taken from your prepaid balance", Item(page, "due"), StringComparison.Ordinal);
        Assert.Contains("comes back with a recharge", Item(page, "disconnection"), StringComparison.Ordinal);
        Assert.DoesNotContain("18 April 2026", page, StringComparison.Ordinal);
    }

    /// <summary>Dues are those of the day before the issue: what the bill itself posts is not among them. The change since the bill before has them too.</summary>
    [Theory]
    [InlineData(0, "Nothing was open", null)]
    [InlineData(5_000, "₹50.00 was open", "+₹50.00")]
    [InlineData(-12_345, "₹123.45 was paid in advance", "−₹123.45")]
    public async Task WhatIsOpenFromBeforeIsSaidAndChangesTheBill(long paise, string text, string? change)
    {
        await using SampleServer server = await SampleServer.StartAsync();
        server.Queries.Dues.AddRange([(new(2026, 4, 2), paise), (new(2026, 4, 3), 999_900)]); // issued on 3 April
        using TestClient asha = await new TestClient(server).SignInAsync("asha");
        string page = await asha.PageAsync(Bill);
        Assert.Contains(text, Item(page, "dues"), StringComparison.Ordinal);
        Match dues = Regex.Match(WebUtility.HtmlDecode(page), "data-change=\"Dues\"><dt>[^<]*</dt><dd>([^<]*)</dd>");
        Assert.Equal(change, dues.Success ? dues.Groups[1].Value : null);
        decimal[] parts = [.. Regex.Matches(WebUtility.HtmlDecode(page), "data-change=\"([A-Za-z]+)\"><dt>[^<]*</dt><dd>([^<]*)</dd>").Where(part => part.Groups[1].Value != "sum")
            .Select(part => decimal.Parse(part.Groups[2].Value.Replace("−", "-", StringComparison.Ordinal).Replace("₹", "", StringComparison.Ordinal), NumberStyles.Number, CultureInfo.InvariantCulture))];
        long[] totals = [.. new SampleLog(new SampleTown()).Summaries.Where(bill => bill.UsagePoint == SampleTown.Asha).OrderBy(bill => bill.Issued).Select(bill => bill.Total.ToMinorUnits())];
        Assert.Equal((totals[1] - totals[0] + paise) / 100m, parts.Sum());
    }

    /// <summary>Demand and power factor stand where a bill states what they come from; a multiplier as the meter has it.</summary>
    [Fact]
    public async Task WhatABillStatesOfDemandIsShown()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        server.Queries.BillDamage = bill => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bill.Span)
            .Replace("\"phase\":", "\"kvah\":\"600\",\"kw_max\":\"1.8\",\"phase\":", StringComparison.Ordinal).Replace("\"multiplier\":1,", "\"multiplier\":20,", StringComparison.Ordinal));
        using TestClient asha = await new TestClient(server).SignInAsync("asha");
        string page = await asha.PageAsync(Bill);
        Assert.Contains("1.8 kW", Item(page, "demand"), StringComparison.Ordinal);
        decimal factor = decimal.Round(SampleTotal().EnergyWh / 1000m / 600m, 3, MidpointRounding.AwayFromZero);
        Assert.Contains(factor.ToString(CultureInfo.InvariantCulture), Item(page, "power-factor"), StringComparison.Ordinal);
        Assert.Contains("× 20", Item(page, "multiplier"), StringComparison.Ordinal);
    }

    /// <summary>The plot of the last six months and its table hold the same figures, and end with the bill that is open.</summary>
    [Theory]
    [InlineData("SVN-42-202603", "February 2026", "March 2026")]
    [InlineData("SVN-42-202602", "February 2026")]
    public async Task TheLastSixMonthsAreThoseUpToTheBill(string billNo, params string[] periods)
    {
        await using SampleServer server = await SampleServer.StartAsync();
        using TestClient asha = await new TestClient(server).SignInAsync("asha");
        string history = Element(WebUtility.HtmlDecode(await asha.PageAsync("/bill/" + billNo)), "six-months");
        var summaries = new SampleLog(new SampleTown()).Summaries.Where(bill => bill.UsagePoint == SampleTown.Asha).ToDictionary(bill => Format(bill.Period.Start));
        Assert.Equal(periods.Length, BarTitle().Count(history));
        Assert.Equal(periods.Length, Regex.Count(history, "<th scope=\"row\">"));
        for (int i = 0; i < periods.Length; i++)
        {
            string kwh = (summaries[periods[i]].EnergyWh / 1000m).ToString("0.0", CultureInfo.InvariantCulture);
            Assert.StartsWith($"{periods[i]}: {kwh} kWh", BarTitle().Matches(history)[i].Groups[1].Value, StringComparison.Ordinal);
            Assert.Contains($">{kwh}</td>", history, StringComparison.Ordinal);
            Assert.Contains($"₹{summaries[periods[i]].Total.ToMinorUnits() / 100m:#,##0.00}", history, StringComparison.Ordinal);
        }
    }

    private static string Format(NodaTime.LocalDate day) => NodaTime.Text.LocalDatePattern.CreateWithInvariantCulture("MMMM uuuu").Format(day);

    private static (decimal Total, long EnergyWh) SampleTotal()
    {
        Queries.BillSummary bill = new SampleLog(new SampleTown()).Summaries.Single(one => one.BillNo == "SVN-42-202603");
        return (bill.Total.ToMinorUnits() / 100m, bill.EnergyWh);
    }

    private static string Kwh(long wh) => (wh / 1000m).ToString("#,##0.000", CultureInfo.InvariantCulture);

    /// <summary>What a reader reads at an item.</summary>
    private static string Item(string page, string item) => WebUtility.HtmlDecode(Tag().Replace(Element(page, item), " "));

    /// <summary>The element with a mark, up to where it ends.</summary>
    private static string Element(string page, string item)
    {
        Match start = Regex.Match(page, $"<([a-z]+)[^>]*data-item=\"{item}\"[^>]*>");
        Assert.True(start.Success, $"{item} is not on the page");
        int depth = 0;
        foreach (Match tag in Regex.Matches(page[start.Index..], $"<(/?){start.Groups[1].Value}[ >]"))
        {
            depth += tag.Groups[1].Length == 0 ? 1 : -1;
            if (depth == 0) return page.Substring(start.Index, tag.Index);
        }
        Assert.Fail($"{item} does not end");
        return "";
    }

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex("class=\"bar\"[^>]*>\\s*<title>([^<]*)</title>")]
    private static partial Regex BarTitle();
}
