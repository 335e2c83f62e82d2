using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using NodaTime;
using Praman.Metering;
using Praman.Server.Access;
using Praman.Server.Pages;
using Praman.Server.Testing;
using Praman.Server.Usage;
using Praman.Testing;

namespace Praman.Server.Tests;

/// <summary>What stands on the pages for somebody without script.</summary>
public sealed partial class PageTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const int WeightMax = 100_000;

    public static TheoryData<string, string> Pages => new()
    {
        { "", "/sign-in" }, { "", "/check" }, { "", "/log" }, { "asha", "/home" }, { "asha", "/use/42/month/2026-04" }, { "asha", "/use/42/day/2026-04-09" },
        { "lena", "/use/45/day/2026-03-29" }, { "asha", "/bills" }, { "asha", "/bill/SVN-42-202603" }, { "bina", "/home" }, { "bina", "/wallet" }, { "bina", "/wallet/43/month/2026-03" }, { "asha", "/who-looked" },
        { "operator", "/operator" }, { "operator", "/operator/usage-points" }, { "operator", "/operator/bills" }, { "operator", "/operator/releases" }, { "supervisor", "/operator/releases" }, { "auditor", "/audit" },
    };

    [Theory, MemberData(nameof(Pages))]
    public async Task EveryPageIsLightWholeAndFromThisServerAlone(string name, string path)
    {
        using TestClient client = name.Length == 0 ? fixture.Stranger() : await fixture.AsAsync(name);
        string page = await client.PageAsync(path);
        int weight = System.Text.Encoding.UTF8.GetByteCount(page);
        foreach (Match asset in Asset().Matches(page))
        {
            string href = asset.Groups[1].Value;
            Assert.StartsWith("/assets/", href, StringComparison.Ordinal);
            if (!href.EndsWith(".mjs", StringComparison.Ordinal)) weight += (await client.PageAsync(href)).Length;
        }
        Assert.InRange(weight, 1_000, WeightMax);
        Assert.Contains("lang=\"en-IN\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain(" style=", page, StringComparison.Ordinal);
        Assert.DoesNotMatch("<script(?! type=\"(module|application/json)\")", page);
        Assert.DoesNotMatch(" on[a-z]+=\"", page);
    }

    [Theory, MemberData(nameof(Pages))]
    public async Task EveryAnswerCarriesTheHeadersThatHoldItToItself(string name, string path)
    {
        using TestClient client = name.Length == 0 ? fixture.Stranger() : await fixture.AsAsync(name);
        using HttpResponseMessage response = await client.GetAsync(path);
        string policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("DENY", response.Headers.GetValues("X-Frame-Options").Single());
        Assert.True(response.Headers.CacheControl!.NoStore, "a page may hold personal data: it is not kept");
        Assert.False(response.Headers.Contains("Server"));
    }

    [Fact]
    public async Task ThePlotAndTheTableOfADayHoldTheSameFigures()
    {
        using TestClient asha = await fixture.AsAsync("asha");
        string page = await asha.PageAsync("/use/42/day/2026-03-10");
        long[] values = new SampleTown().Block(SampleTown.Asha, new(2026, 3, 10))!.Decode().Values;
        string[] bars = [.. BarTitle().Matches(page).Select(m => m.Groups[1].Value)];
        Assert.Equal(48, bars.Length);
        for (int i = 0; i < 48; i++)
        {
            string kwh = (values[i] / 1000m).ToString("0.000");
            Assert.Contains($": {kwh} kWh", bars[i], StringComparison.Ordinal);
            Assert.Contains($">{kwh}</td>", page, StringComparison.Ordinal);
        }
        Assert.Contains((values.Sum() / 1000m).ToString("0.000"), page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-03-29", 46, "this day has 23 hours")]
    [InlineData("2025-10-26", 50, "this day has 25 hours")]
    [InlineData("2026-03-28", 48, null)]
    public async Task DaysOnWhichTheClocksChangeHaveTheirOwnNumberOfBars(string day, int bars, string? note)
    {
        using TestClient lena = await fixture.AsAsync("lena");
        string page = await lena.PageAsync($"/use/45/day/{day}");
        Assert.Equal(bars, BarTitle().Count(page));
        if (note is null) Assert.DoesNotContain("The clocks changed", page, StringComparison.Ordinal);
        else Assert.Contains(note, page, StringComparison.Ordinal);
        Assert.Equal(bars / 2, HourRow().Count(page));
    }

    /// <summary>A bill whose salts were erased says so, and the home's people read who erased them and why.</summary>
    [Fact]
    public async Task AnErasureIsSaidOnTheBillAndWhereOnesPeopleReadIt()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        using TestClient asha = await new TestClient(server).SignInAsync("asha");
        Assert.DoesNotContain("cannot be proved any more", await asha.PageAsync("/bill/SVN-42-202603"), StringComparison.Ordinal);
        server.Queries.FilesChange = files => files with { Evidence = Billing.Verification.ErasedFiles.Evidence(files.Evidence, new LocalDate(2026, 5, 20)) };
        await server.AccessLog.AppendAsync(new AccessRecord(SampleTown.Now, SampleTown.Asha, "Om Rao", "operator", AccessKinds.SaltsErased, "the family asked for it"), TestContext.Current.CancellationToken);
        string page = WebUtility.HtmlDecode(await asha.PageAsync("/bill/SVN-42-202603"));
        Assert.Contains("This bill cannot be proved any more", page, StringComparison.Ordinal);
        Assert.Contains("On 20 May 2026 the salts of this home were erased", page, StringComparison.Ordinal);
        string looks = WebUtility.HtmlDecode(await asha.PageAsync("/who-looked"));
        Assert.Contains("erased the salts of this home", looks, StringComparison.Ordinal);
        Assert.Contains("the family asked for it", looks, StringComparison.Ordinal);
    }

    /// <summary>What a bill states beside its readings is shown with the line that it belongs to.</summary>
    [Fact]
    public async Task AStatedAmountIsShownWithItsLine()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        server.Queries.BillDamage = bill => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bill.Span)
            .Replace("\"phase\":", "\"kvah\":\"212.5\",\"phase\":", StringComparison.Ordinal).Replace("[\"readings\"]", "[\"input:kvah\"]", StringComparison.Ordinal));
        using TestClient asha = await new TestClient(server).SignInAsync("asha");
        string page = WebUtility.HtmlDecode(await asha.PageAsync("/bill/SVN-42-202603"));
        Assert.Contains("Given with the bill: kvah = 212.5", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatChangedSinceTheBillBeforeAddsUp()
    {
        using TestClient asha = await fixture.AsAsync("asha");
        string page = WebUtility.HtmlDecode(await asha.PageAsync("/bill/SVN-42-202603"));
        var parts = ChangePart().Matches(page).ToDictionary(m => m.Groups[1].Value, m => decimal.Parse(m.Groups[2].Value.Replace("−", "-", StringComparison.Ordinal).Replace("₹", "", StringComparison.Ordinal), System.Globalization.NumberStyles.Number, System.Globalization.CultureInfo.InvariantCulture));
        Assert.True(parts.Remove("sum", out decimal sum), "the page says nothing of the bill before");
        Assert.True(parts.Count >= 3, string.Join(", ", parts.Keys));
        Assert.Equal(sum, parts.Values.Sum());
        long[] totals = [.. ((string[])["SVN-42-202602", "SVN-42-202603"]).Select(no => new SampleLog(new SampleTown()).Summaries.Single(b => b.BillNo == no).Total.ToMinorUnits())];
        Assert.Equal((totals[1] - totals[0]) / 100m, sum);
        Assert.Contains("Days: 31 now, 28 before", page, StringComparison.Ordinal);
        // The first bill has none before it.
        Assert.DoesNotContain("What changed since", await asha.PageAsync("/bill/SVN-42-202602"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EstimatesAndHolesAreSaidAndDrawnApart()
    {
        using TestClient asha = await fixture.AsAsync("asha");
        string estimated = await asha.PageAsync("/use/42/day/2026-04-09");
        Assert.Contains("10:00 to 19:00: estimated from similar days of yours.", estimated, StringComparison.Ordinal);
        Assert.Equal(18, Regex.Count(estimated, "class=\"estimated\" fill=\"url"));
        string hole = await asha.PageAsync("/use/42/day/2026-04-11");
        Assert.Equal(3, Regex.Count(hole, "<rect class=\"missing\" x=\"[0-9.]+\" y=\"158\""));
        string month = WebUtility.HtmlDecode(await asha.PageAsync("/use/42/month/2026-04"));
        Assert.Contains("18 of 48 estimated", month, StringComparison.Ordinal);
        Assert.Contains("<td class=\"r\">–</td>", month, StringComparison.Ordinal); // 6 April never came
        Assert.Contains("No readings of this day are held.", await asha.PageAsync("/use/42/day/2026-04-06"), StringComparison.Ordinal);
        string nothing = WebUtility.HtmlDecode(await asha.PageAsync("/use/42/month/2026-01"));
        Assert.Contains("No readings of this month are held.", nothing, StringComparison.Ordinal);
        Assert.Contains("<td class=\"r sum\">–</td>", nothing, StringComparison.Ordinal); // not known is not zero
    }

    /// <summary>Near what is held, a day or month without readings is a page that says so; far away there is none, and the answer leads back.</summary>
    [Theory]
    [InlineData("2025-01-30", "2025-01-31", "2024-12", "2025-01")]
    [InlineData("2027-04-17", "2027-04-16", "2027-05", "2027-04")]
    [InlineData("8999-12-31", "2026-04-06", "8999-12", "2026-06")]
    public async Task ADayAndAMonthFarAwayAreNoneAlike(string farDay, string nearDay, string farMonth, string nearMonth)
    {
        using TestClient asha = await fixture.AsAsync("asha");
        Assert.Contains("No readings of this day are held.", await asha.PageAsync($"/use/42/day/{nearDay}"), StringComparison.Ordinal);
        Assert.Contains("No readings of this month are held.", await asha.PageAsync($"/use/42/month/{nearMonth}"), StringComparison.Ordinal);
        foreach ((string path, string text) in ((string, string)[])[($"/use/42/day/{farDay}", "No readings of this day are held."), ($"/use/42/month/{farMonth}", "No readings of this month are held.")])
        {
            using HttpResponseMessage far = await asha.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, far.StatusCode);
            string page = await far.Content.ReadAsStringAsync();
            Assert.Contains(text, page, StringComparison.Ordinal);
            Assert.Contains("<a href=\"/use?up=UP-000000042\">To the newest readings</a>", page, StringComparison.Ordinal);
        }
        Assert.Equal(HttpStatusCode.Redirect, await asha.StatusAsync("/use?up=UP-000000042"));
    }

    [Fact]
    public async Task ADayThatIsHeldWithNothingKnownHasNoSum()
    {
        using TestClient asha = await fixture.AsAsync("asha");
        string page = WebUtility.HtmlDecode(await asha.PageAsync($"/use/42/day/{SampleTown.NothingDay:uuuu-MM-dd}"));
        Assert.Equal(24, HourRow().Count(page));
        Assert.DoesNotContain("0.000", page, StringComparison.Ordinal);
        Assert.EndsWith(">–</td></tr></tfoot>", page[..(page.IndexOf("</tfoot>", StringComparison.Ordinal) + "</tfoot>".Length)], StringComparison.Ordinal);
    }

    [Fact]
    public async Task SupplyThatWasOffIsSaidByHalfHoursAndMarkedOnThePlot()
    {
        using TestClient asha = await fixture.AsAsync("asha");
        string page = WebUtility.HtmlDecode(await asha.PageAsync("/use/42/day/2026-02-17"));
        Assert.Contains("14:00 to 16:00: set to zero: the supply was off for a part or all of each of these half-hours.", page, StringComparison.Ordinal);
        Assert.Equal(4, Regex.Count(page, "<rect class=\"off\" x="));
        Assert.Equal(4, BarTitle().Matches(page).Count(bar => bar.Groups[1].Value.EndsWith("; the supply was off for a part or all of it", StringComparison.Ordinal)));
        Assert.Contains("Supply off</li>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Supply off", await asha.PageAsync("/use/42/day/2026-03-10"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(15, "quarter-hours")]
    [InlineData(30, "half-hours")]
    [InlineData(60, "these hours")]
    public void ADarkIntervalIsCalledByItsLength(int minutes, string word) =>
        Assert.Contains(word, UsePlots.Origin(new IntervalQuality(IntervalState.Valid, IntervalFlags.Outage), minutes), StringComparison.Ordinal);

    [Fact]
    public void AMonthJustBegunNamesEachOfItsDays()
    {
        DayUse[] days = [.. Enumerable.Range(1, 31).Select(day => DayUse.Unknown(new LocalDate(2026, 5, day), DateTimeZone.Utc))];
        Assert.Equal(["1", "2", "3"], UsePlots.OfMonth(days[..3], SampleTown.Asha, "p").Bars.Select(bar => bar.Tick));
        Assert.Equal(["1", "5", "10", "15", "20", "25", "30"], UsePlots.OfMonth(days, SampleTown.Asha, "p").Bars.Select(bar => bar.Tick).OfType<string>());
    }

    [Theory]
    [InlineData("asha", "/bill/SVN-42-202603", true)]
    [InlineData("", "/check", false)]
    public async Task TheCommandWithoutScriptNamesTheKeysAndOnlyFilesThatAreThere(string name, string path, bool hasFiles)
    {
        using TestClient client = name.Length == 0 ? fixture.Stranger() : await fixture.AsAsync(name);
        string page = WebUtility.HtmlDecode(await client.PageAsync(path));
        Assert.Contains("praman verify bill.json bill.tlog-proof bill.evidence.json --log-key keys.txt", page, StringComparison.Ordinal);
        Assert.Contains("<a href=\"/log/keys\" download=\"keys.txt\">", page, StringComparison.Ordinal);
        Assert.Equal(hasFiles, page.Contains("three files below", StringComparison.Ordinal));
    }

    [Fact]
    public async Task TheRegistersStandAsReadAndTheRoundingToWholeUnitsIsSaid()
    {
        using TestClient asha = await fixture.AsAsync("asha");
        string page = WebUtility.HtmlDecode(await asha.PageAsync("/bill/SVN-42-202603"));
        using var bill = System.Text.Json.JsonDocument.Parse(await asha.PageAsync("/bill/SVN-42-202603/bill.json"));
        var readings = bill.RootElement.GetProperty("readings");
        decimal opening = readings.GetProperty("segments")[0].GetProperty("opening").GetInt64() / 1000m, energy = readings.GetProperty("energy_wh").GetInt64() / 1000m;
        Assert.Contains(FormattableString.Invariant($"<td class=\"r\">{opening:#,0.000}</td>"), page, StringComparison.Ordinal);
        string units = bill.RootElement.GetProperty("lines").EnumerateArray().First(line => line.GetProperty("id").GetString() == "energy").GetProperty("quantity").GetString()!;
        Assert.NotEqual(energy, decimal.Parse(units, System.Globalization.CultureInfo.InvariantCulture)); // else there is nothing to say
        Assert.Contains(FormattableString.Invariant($"{energy:0.000} kWh are rounded, half up, to {units} before the rates apply."), page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheBillShowsWhatItsFileSays()
    {
        using TestClient asha = await fixture.AsAsync("asha");
        string page = WebUtility.HtmlDecode(await asha.PageAsync("/bill/SVN-42-202603"));
        using var bill = System.Text.Json.JsonDocument.Parse(await asha.PageAsync("/bill/SVN-42-202603/bill.json"));
        foreach (var line in bill.RootElement.GetProperty("lines").EnumerateArray())
        {
            Assert.Contains(line.GetProperty("label").GetString()!, page, StringComparison.Ordinal);
            Assert.Contains(line.GetProperty("formula").GetString()!, page, StringComparison.Ordinal);
            Assert.Contains($"₹{line.GetProperty("paise").GetInt64() / 100m:#,##0.00}", page, StringComparison.Ordinal);
        }
        Assert.Contains($"₹{bill.RootElement.GetProperty("total_paise").GetInt64() / 100m:#,##0.00}", page, StringComparison.Ordinal);
        Assert.Contains(bill.RootElement.GetProperty("tariff").GetProperty("sha256").GetString()!, page, StringComparison.Ordinal);
        Assert.Contains("Tariff order for FY 2025-26", page, StringComparison.Ordinal);
        Assert.Contains("praman verify bill.json", page, StringComparison.Ordinal);
        Assert.Matches("Rupees [a-z -]+ only", page);
    }

    [Fact]
    public async Task TheFilesOfABillAreTheIssuedOctets()
    {
        using TestClient asha = await fixture.AsAsync("asha");
        var log = new SampleLog(new SampleTown());
        using HttpResponseMessage bill = await asha.GetAsync("/bill/SVN-42-202603/bill.json");
        Assert.Equal(log.Bills["SVN-42-202603"].Bill.ToArray(), await bill.Content.ReadAsByteArrayAsync());
        Assert.Equal("bill.json", bill.Content.Headers.ContentDisposition!.FileName);
        using HttpResponseMessage evidence = await asha.GetAsync("/bill/SVN-42-202603/bill.evidence.json");
        Assert.Equal(log.Bills["SVN-42-202603"].Evidence.ToArray(), await evidence.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("/use/42/day/2026-02-30")]
    [InlineData("/use/42/day/9999-12-31")]
    [InlineData("/use/42/month/2026-13")]
    [InlineData("/use/42/month/x")]
    [InlineData("/use/UP-99999999999999999999999/month/2026-03")]
    [InlineData("/bill/%2e%2e%2fpeople.json")]
    [InlineData("/nothing/here")]
    [InlineData("/assets/0000000000000000/site.css")]
    [InlineData("/verifier/..%2fsite.css")]
    public async Task WhatIsNotThereAnswers404InWords(string path)
    {
        using TestClient asha = await fixture.AsAsync("asha");
        using HttpResponseMessage response = await asha.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("There is nothing here", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheThemeIsChosenWithoutScript()
    {
        using TestClient client = fixture.Stranger();
        using HttpResponseMessage response = await client.PostAsync("/theme", "/sign-in", ("theme", "dark"), ("back", "/log"));
        Assert.Equal("/log", response.Headers.Location!.ToString());
        Assert.Contains("data-theme=\"dark\"", await client.PageAsync("/log"), StringComparison.Ordinal);
        using HttpResponseMessage auto = await client.PostAsync("/theme", "/log", ("theme", "auto"), ("back", "/log"));
        Assert.DoesNotContain("data-theme", await client.PageAsync("/log"), StringComparison.Ordinal);
    }

    [Fact]
    public void EveryTextIsThereOnceAndItsPlacesAreFilled()
    {
        XDocument resources = XDocument.Load(TestFiles.InRepository("src", "Praman.Server", "Words", "Words.resx"));
        var texts = resources.Root!.Elements("data").ToDictionary(d => (string)d.Attribute("name")!, d => (string)d.Element("value")!);
        string sources = string.Join('\n', Directory.EnumerateFiles(TestFiles.InRepository("src", "Praman.Server"), "*", SearchOption.AllDirectories)
            .Where(f => f.EndsWith(".cs", StringComparison.Ordinal) || f.EndsWith(".razor", StringComparison.Ordinal)).Select(File.ReadAllText));
        string charges = string.Join('\n', Directory.EnumerateFiles(TestFiles.InRepository("tariffs"), "*.json").Select(File.ReadAllText).Select(tariff => Regex.Replace(tariff, @"\d+(\.\d+)?%", "{0}")))
            + string.Join('\n', Directory.EnumerateFiles(TestFiles.InRepository("src", "Praman.Billing", "Rating"), "*.cs").Select(File.ReadAllText));
        foreach ((string key, string text) in texts)
        {
            Assert.False(string.IsNullOrWhiteSpace(text), key);
            if (key.StartsWith("Charge", StringComparison.Ordinal)) Assert.Contains($"\"{text}\"", charges, StringComparison.Ordinal); // found by its English
            else if (key == "RuleUnknown" || !key.StartsWith("Rule", StringComparison.Ordinal)) Assert.Matches($@"\bW\.{key}\b", sources);
        }
    }

    [GeneratedRegex("<g class=\"bar\">\\s*<title>([^<]*)</title>")]
    private static partial Regex BarTitle();

    [GeneratedRegex("<th scope=\"row\">[0-9]{2}:00")]
    private static partial Regex HourRow();

    [GeneratedRegex("(?:href|src)=\"(/assets/[^\"]+|https?://[^\"]+\\.(?:css|js|png|svg|woff2?))\"")]
    private static partial Regex Asset();

    [GeneratedRegex("data-change=\"([A-Za-z]+)\"><dt>[^<]*</dt><dd>([^<]*)</dd>")]
    private static partial Regex ChangePart();
}
