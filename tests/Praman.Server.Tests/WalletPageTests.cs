using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Praman.Billing.Prepayment;
using Praman.Billing.Wallets;
using Praman.Server.Prepaid;
using Praman.Server.Testing;
using Praman.Server.Words;

namespace Praman.Server.Tests;

/// <summary>The wallet of a prepaid home: what stands on its pages and in the API, that it adds up, and that it is nobody else's.</summary>
public sealed partial class WalletPageTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private static readonly SampleWallets Sample = new();

    [Fact]
    public async Task TheHomeLeadsToTheWalletAndTheWalletToItsStatements()
    {
        using TestClient bina = await fixture.AsAsync("bina");
        Assert.Contains("/wallet?up=UP-000000043", await bina.PageAsync("/home?up=43"), StringComparison.Ordinal);
        string wallet = await bina.PageAsync("/wallet?up=43");
        foreach (string month in (string[])["2026-03", "2026-04"]) Assert.Contains($"/wallet/UP-000000043/month/{month}", wallet, StringComparison.Ordinal);
        Assert.Contains("Statement, March 2026", await bina.PageAsync("/wallet/UP-000000043/month/2026-03"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, await bina.StatusAsync("/wallet/UP-000000043/month/2026-01"));
    }

    [Fact]
    public async Task AHomeWithoutAWalletHasNoPageAndNoLink()
    {
        using TestClient asha = await fixture.AsAsync("asha");
        Assert.DoesNotContain("/wallet", await asha.PageAsync("/home"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, await asha.StatusAsync("/wallet"));
        Assert.Equal(HttpStatusCode.NotFound, await asha.StatusAsync("/api/v1/usage-points/42/wallet"));
    }

    [Fact]
    public async Task TheBalanceTheDaysLeftTheCliffAndWhySupplyCannotBeCutStandOnThePage()
    {
        WalletStanding standing = (await Sample.FindAsync(SampleTown.Bina, default))!;
        using TestClient bina = await fixture.AsAsync("bina");
        string page = WebUtility.HtmlDecode(await bina.PageAsync("/wallet?up=43"));
        Assert.Contains(WalletWords.Money(standing.Account.Balance, "INR"), page, StringComparison.Ordinal);
        Assert.Contains($"Days that it lasts at the use of the last week: about {standing.DaysLeft!.Value.Days}", page, StringComparison.Ordinal);
        Assert.Contains("Deducted up to and with 14 April 2026", page, StringComparison.Ordinal);
        Assert.NotNull(standing.Cliff);
        Assert.Contains($"From 15 April 2026 on, at {WalletWords.Kwh(standing.Cliff.DailyKwh)} a day", page, StringComparison.Ordinal);
        Assert.Contains("Supply cannot be cut now: that is permitted only at ₹0.00 or below", page, StringComparison.Ordinal);
        Assert.Contains("Supply is never cut outside 10:00 to 18:00. Nor on: Sunday, second Saturdays", page, StringComparison.Ordinal);
        Assert.Contains("A cut was asked for and refused:", page, StringComparison.Ordinal);
        Assert.Contains("in 60 daily instalments", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EveryDayIsOpenedIntoLinesThatAddUpToIt()
    {
        WalletMonth month = (await Sample.MonthAsync(SampleTown.Bina, SampleWallets.First, default))!;
        Assert.Equal(31, month.Days.Count);
        foreach (WalletMonthDay day in month.Days)
        {
            Assert.Equal(day.Posted.Deduction, day.Lines.Sum(line => line.Amount));
            Assert.All(day.Lines, line => Assert.NotNull(line.Formula));
        }
        // The bill to date of the last day is what all days took.
        Assert.Equal(month.Deducted, month.Days[^1].Lines.Sum(line => line.ToDate!.Value));
        Assert.Contains(month.Days, day => day.Repricing > 0);
        using TestClient bina = await fixture.AsAsync("bina");
        string page = WebUtility.HtmlDecode(await bina.PageAsync("/wallet/43/month/2026-03"));
        foreach (WalletMonthDay day in month.Days) Assert.Contains(WalletWords.Money(day.Posted.Deduction, "INR"), page, StringComparison.Ordinal);
        Assert.Equal(31, DayOpened().Count(page));
        Assert.Contains("what earlier days cost more", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AReplacedEstimateIsToldAtItsDay()
    {
        WalletMonth month = (await Sample.MonthAsync(SampleTown.Bina, SampleWallets.First, default))!;
        WalletMonthDay day = month.Days.Single(one => one.Day == SampleWallets.Unread);
        Assert.Equal((DayQuality.Actual, SampleWallets.Kwh(day.Day)), (day.Posted.Use.Quality, day.Posted.Use.Kwh));
        WalletPosted before = Assert.Single(day.Replaced);
        Assert.Equal(DayQuality.Estimated, before.Use.Quality);
        using TestClient bina = await fixture.AsAsync("bina");
        Assert.Contains(
            $"Before, {WalletWords.Kwh(before.Use.Kwh)} (estimated) had been deducted with {WalletWords.Money(before.Deduction, "INR")}; that was given back in full.",
            WebUtility.HtmlDecode(await bina.PageAsync("/wallet/43/month/2026-03")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public async Task TheStatementAddsUp(int number)
    {
        WalletMonth month = (await Sample.MonthAsync(SampleTown.Bina, new(2026, number, 1), default))!;
        Assert.Equal(number == 3, month.Close is not null);
        Assert.Equal(month.Closing, month.Opening + month.Recharged - month.TakenBack - month.Deducted - month.ToDues + month.ToPlans - (month.Close?.TrueUp ?? 0));
        if (month.Close is { } close) Assert.Equal(close.Bill, month.Deducted + close.TrueUp);
        using TestClient bina = await fixture.AsAsync("bina");
        string page = WebUtility.HtmlDecode(await bina.PageAsync($"/wallet/43/month/2026-0{number}"));
        foreach (decimal amount in (decimal[])[month.Opening, month.Closing]) Assert.Contains(WalletWords.Money(amount, "INR"), page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheApiSaysTheSame()
    {
        WalletStanding standing = (await Sample.FindAsync(SampleTown.Bina, default))!;
        using TestClient bina = await fixture.AsAsync("bina");
        using JsonDocument answer = JsonDocument.Parse(await bina.PageAsync("/api/v1/usage-points/UP-000000043/wallet"));
        JsonElement root = answer.RootElement, month = root.GetProperty("month");
        Assert.Equal(MinorUnits.Of(standing.Account.Balance), root.GetProperty("balance_paise").GetInt64());
        Assert.Equal(("2026-04-14", "default"), (root.GetProperty("last_day").GetString(), root.GetProperty("rules").GetString()));
        Assert.Equal(14, month.GetProperty("days").GetArrayLength());
        foreach (JsonElement day in month.GetProperty("days").EnumerateArray())
            Assert.Equal(day.GetProperty("deduction_paise").GetInt64(), day.GetProperty("lines").EnumerateArray().Sum(line => line.GetProperty("paise").GetInt64()));
        using JsonDocument march = JsonDocument.Parse(await bina.PageAsync("/api/v1/usage-points/UP-000000043/wallet/2026-03"));
        Assert.Equal(JsonValueKind.Number, march.RootElement.GetProperty("bill_paise").ValueKind);
        Assert.Equal(3, march.RootElement.GetProperty("payments").EnumerateArray().Count(payment => payment.GetProperty("paise").GetInt64() > 0));
        using HttpResponseMessage wrong = await bina.GetAsync("/api/v1/usage-points/UP-000000043/wallet/March");
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Contains("a month such as 2026-04 was expected", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task StaffSayWhyBeforeTheApiShowsAWallet()
    {
        using TestClient staff = await fixture.AsAsync("operator");
        using HttpResponseMessage refused = await staff.GetAsync("/api/v1/usage-points/43/wallet");
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/usage-points/43/wallet");
        request.Headers.Add("X-Purpose", "complaint 4712: balance drained");
        using HttpResponseMessage answered = await staff.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
        using TestClient bina = await fixture.AsAsync("bina");
        string looks = await bina.PageAsync("/who-looked?up=UP-000000043");
        Assert.Contains("complaint 4712: balance drained", looks, StringComparison.Ordinal);
        Assert.Contains("the wallet and its days", looks, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryCheckBeforeACutAndEveryCauseHasWords()
    {
        foreach (string code in typeof(CutChecks).GetFields().Select(field => (string)field.GetRawConstantValue()!)) Assert.NotEqual(code, WalletWords.OfCheck(code));
        foreach (TrueUpCause cause in Enum.GetValues<TrueUpCause>()) Assert.NotEqual(TrueUpText.Of(cause), WalletWords.OfCause(TrueUpText.Of(cause)));
    }

    [GeneratedRegex("data-day=\"")]
    private static partial Regex DayOpened();
}
