using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using NodaTime;
using NodaTime.Text;
using Praman.MeterData.Ingest;
using Praman.Metering;
using Praman.Server.Access;
using Praman.Server.Hosting;
using Praman.Server.People;
using Praman.Server.Stores;
using Praman.Server.Testing;
using Praman.Server.Tests.Operations;

namespace Praman.Server.Tests;

/// <summary>Readings entered by hand, on a real data folder: who may, what is kept of it, what the consumer reads, and what it does to a bill.</summary>
public sealed partial class EditPageTests : IAsyncLifetime
{
    private const string Reason = "the display was read at a visit", Reference = "photograph 4711";
    private static readonly UsagePointId Home = BillingWorld.Homes[1];
    private static readonly LocalDate Day = BillingWorld.Month.Start.PlusDays(2);
    private static readonly string Page = $"/operator/edit/{Home}/{LocalDatePattern.Iso.Format(Day)}", DayPage = $"/use/{Home}/day/{LocalDatePattern.Iso.Format(Day)}";
    private static readonly string Hash = new('b', 64);

    private static readonly PeopleList People = new(
    [
        Person.Create("asha", "Asha Patel", Role.Consumer, SampleServer.Password, Home),
        Person.Create("om", "Om Desai", Role.Operator, SampleServer.Password),
        Person.Create("sunita", "Sunita Mehta", Role.Supervisor, SampleServer.Password),
        Person.Create("aditi", "Aditi Rao", Role.Auditor, SampleServer.Password),
    ]);

    private BillingWorld _world = null!;
    private WebApplication _app = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await BillingWorld.CreateAsync();
        _app = await PramanServer.StartAsync(
            StoreServer.Options(_world.Store, _world.Tariffs, _world.Log.Keys, People, 0, DateTimeZoneProviders.Tzdb["Asia/Kolkata"], isDemo: true), CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        await _world.DisposeAsync();
    }

    [Fact]
    public async Task AnOperatorEntersAndTheConsumerReadsWhy()
    {
        using TestClient om = await AsAsync("om"), asha = await AsAsync("asha");
        Assert.Equal(HttpStatusCode.Forbidden, await om.StatusAsync(Page)); // the form shows half-hours: a purpose first
        await StateAsync(om);
        Assert.Contains($"href=\"{Page}\"", await om.PageAsync(DayPage), StringComparison.Ordinal);
        long[] before = (await LastAsync()).Decode().Values;

        using HttpResponseMessage done = await PostAsync(om, ("wh-3", "75"), ("wh-4", "0"));
        Assert.Equal((HttpStatusCode.Redirect, DayPage), (done.StatusCode, done.Headers.Location!.ToString()));
        IntervalBlock last = await LastAsync();
        (long[] values, IntervalQuality[] qualities) = last.Decode();
        Assert.Equal((75, 0), (values[3], values[4]));
        Assert.Equal([3, 4], Enumerable.Range(0, 48).Where(i => qualities[i].State == IntervalState.Edited));
        Assert.All(Enumerable.Range(5, 43), i => Assert.Equal(before[i], values[i]));

        string page = WebUtility.HtmlDecode(await asha.PageAsync(DayPage));
        foreach (string text in (string[])
            ["A person of your supplier entered values, because:", $"<q>{Reason}</q>", $"What shows it: {Reference}", $"SHA-256 {Hash}", $"01:30–02:00: before {before[3] / 1000m:0.000}, now 0.075 kWh", "02:00–02:30: before", "0.075 †", "entered by a person, with a reason on record"])
        {
            Assert.Contains(text, page, StringComparison.Ordinal);
        }
        Assert.DoesNotContain("om entered", page, StringComparison.Ordinal);
        Assert.DoesNotContain(Page, page, StringComparison.Ordinal);
        Assert.Contains("om entered values, because:", await om.PageAsync(DayPage), StringComparison.Ordinal);
        Assert.Contains("2 of 48 entered by a person", await asha.PageAsync($"/use/{Home}/month/2026-04"), StringComparison.Ordinal);
        string looks = WebUtility.HtmlDecode(await asha.PageAsync("/who-looked"));
        Assert.Contains("An operator entered readings by hand:", looks, StringComparison.Ordinal);
        ReadingEdit edit = Assert.Single(await EditsAsync());
        Assert.Equal(("om", Reason, Reference, Hash, last.Version), (edit.By, edit.Reason, edit.Evidence!.Reference, edit.Evidence.Sha256, edit.Version));
    }

    /// <summary>Above the limit the bill waits for a supervisor who did not enter it, and is made once released.</summary>
    [Fact]
    public async Task WhoEnteredMuchCannotReleaseIt()
    {
        using TestClient sunita = await AsAsync("sunita");
        await StateAsync(sunita);
        (await PostAsync(sunita, [.. Enumerable.Range(0, 20).Select(i => ($"wh-{i}", "60"))])).Dispose();
        await _world.CloseNightAsync();
        await _world.BillAsync();
        string waits = WebUtility.HtmlDecode(await sunita.PageAsync("/operator/releases"));
        Assert.Contains("Intervals: 20 of 1,440", waits, StringComparison.Ordinal);
        Assert.Contains("You edited some of these readings: another supervisor has to look at them.", waits, StringComparison.Ordinal);
        Assert.Equal(Praman.MeterData.Gate.ReleaseState.OwnEdit, await _world.ReleaseAsync(Home, "sunita"));
        Assert.Equal(Praman.MeterData.Gate.ReleaseState.Released, await _world.ReleaseAsync(Home, "anil"));
    }

    public static TheoryData<string, string, string, HttpStatusCode> Refusals => new()
    {
        { "reason", "because", "A reason of 10 to 500 characters on one line is needed.", HttpStatusCode.BadRequest },
        { "evidence", " ", "What shows it is needed", HttpStatusCode.BadRequest },
        { "sha256", "b", "has 64 letters a to f and digits", HttpStatusCode.BadRequest },
        { "wh-3", "-1", "01:30–02:00: whole watt-hours from 0 up are needed.", HttpStatusCode.BadRequest },
        { "wh-3", "0.075", "01:30–02:00: whole watt-hours from 0 up are needed.", HttpStatusCode.BadRequest },
        { "wh-3", "", "01:30–02:00: whole watt-hours from 0 up are needed.", HttpStatusCode.BadRequest },
        { "wh-3", "999999999999999", "A value is larger than a half-hour can hold.", HttpStatusCode.BadRequest },
        { "version", "7", "The readings of this day have changed since you saw them.", HttpStatusCode.Conflict },
        { "version", "x", "The readings of this day have changed since you saw them.", HttpStatusCode.Conflict },
    };

    [Theory, MemberData(nameof(Refusals))]
    public async Task WhatCannotBeIsSaidAndChangesNothing(string field, string value, string words, HttpStatusCode status)
    {
        using TestClient om = await AsAsync("om");
        await StateAsync(om);
        using HttpResponseMessage refused = await PostAsync(om, ("wh-3", "75"), (field, value));
        string page = WebUtility.HtmlDecode(await refused.Content.ReadAsStringAsync());
        Assert.Equal(status, refused.StatusCode);
        Assert.Contains(words, page, StringComparison.Ordinal);
        if (field != "reason") Assert.Contains($"value=\"{Reason}\"", page, StringComparison.Ordinal); // nothing is typed twice
        Assert.Contains($"name=\"back\" value=\"{Page}\"", page, StringComparison.Ordinal);
        await AssertNothingEditedAsync();
    }

    [Fact]
    public async Task AFormThatIsLeftAsItWasIsNoEdit()
    {
        using TestClient om = await AsAsync("om");
        await StateAsync(om);
        using HttpResponseMessage refused = await PostAsync(om);
        Assert.Contains("Nothing was changed", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        await AssertNothingEditedAsync();
    }

    [Fact]
    public async Task NobodyElseEntersAnything()
    {
        using TestClient om = await AsAsync("om");
        await StateAsync(om);
        (string Name, string Value)[] fields = await FieldsAsync(om, ("wh-3", "75"));
        foreach (string name in (string[])["aditi", "asha"])
        {
            using TestClient client = await AsAsync(name);
            using HttpResponseMessage refused = await client.PostAsync(Page, "/check", fields);
            Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, await client.StatusAsync(Page));
        }
        using var stranger = new TestClient(Address);
        using HttpResponseMessage asked = await stranger.PostAsync(Page, "/check", fields);
        Assert.StartsWith("/sign-in?back=", asked.Headers.Location!.PathAndQuery, StringComparison.Ordinal);
        using var withoutToken = new HttpRequestMessage(HttpMethod.Post, Page) { Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))) };
        using HttpResponseMessage forged = await om.SendAsync(withoutToken);
        Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);
        foreach (string path in (string[])[$"/operator/edit/{Home}/2026-04-31", $"/operator/edit/{Home}/2026-05-03", "/operator/edit/UP-x/2026-04-03", $"/operator/edit/{Home}/9999-12-31"]) Assert.Equal(HttpStatusCode.NotFound, await om.StatusAsync(path));
        await AssertNothingEditedAsync();
    }

    /// <summary>An edit after the bill is listed to be billed again with its reason.</summary>
    [Fact]
    public async Task WhatChangesAfterABillIsListed()
    {
        await _world.BillAsync();
        using TestClient om = await AsAsync("om");
        Assert.Contains("No bill's readings have changed.", WebUtility.HtmlDecode(await om.PageAsync("/operator/rebill")), StringComparison.Ordinal);
        await StateAsync(om);
        long before = (await LastAsync()).Decode().Values[3], sum = (await LastAsync()).Sum();
        (await PostAsync(om, ("wh-3", (before + 25).ToString(System.Globalization.CultureInfo.InvariantCulture)))).Dispose();
        string page = WebUtility.HtmlDecode(await om.PageAsync("/operator/rebill"));
        foreach (string text in (string[])
            ["2026-04-000000043</a>", "April 2026", "3 April 2026</a>", $"<td class=\"r\">{sum:#,##0}</td><td class=\"r\">{sum + 25:#,##0}</td><td class=\"r\">+25</td>", "entered by a person", $"<q>{Reason}</q>", "The registers of the period are as they were billed"])
        {
            Assert.Contains(text, page, StringComparison.Ordinal);
        }
        Assert.DoesNotContain("000000042", page, StringComparison.Ordinal);
        Assert.Contains("Bills whose readings have changed since: 1.", await om.PageAsync("/operator"), StringComparison.Ordinal);

        // Of two registers of a midnight the intervals choose theirs: one that does not fit them changes no bill.
        await _world.RegisterAsync(BillingWorld.Homes[0], 9_000_000, BillingWorld.Month.End);
        page = WebUtility.HtmlDecode(await om.PageAsync("/operator/rebill"));
        Assert.DoesNotContain("000000042", page, StringComparison.Ordinal);
    }

    /// <summary>What the registers now say is told in Wh, and in money by the bill's tariff.</summary>
    [Fact]
    public async Task ARegisterThatSaysAnotherEnergyIsToldInMoney()
    {
        await _world.BillAsync();
        BilledPeriod billed = Assert.Single(await _world.BilledAsync(Home));
        await _world.Store.Readings.AppendAsync(
            new ReadingBatch(Instant.FromUtc(2026, 5, 2, 2, 0))
            {
                RebillProposals = [new RebillProposal(Home, ReadingType.ImportRegister, billed.End, billed.BillNumber, 0, 1, billed.EnergyWh!.Value, billed.EnergyWh.Value + 100_000)],
            }, CancellationToken.None);
        using TestClient om = await AsAsync("om");
        string page = WebUtility.HtmlDecode(await om.PageAsync("/operator/rebill"));
        Assert.Contains("a difference of +1,00,000 Wh", page, StringComparison.Ordinal);
        Match money = Money().Match(page);
        Assert.True(money.Success, page);
        Assert.InRange(decimal.Parse(money.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture), 300m, 1_000m); // a hundred units at 3 to 10 rupees
    }

    private Uri Address => new(_app.Urls.First());

    private Task<TestClient> AsAsync(string name) => new TestClient(Address).SignInAsync(name);

    private static async Task StateAsync(TestClient client)
    {
        using HttpResponseMessage stated = await client.PostAsync("/purpose", "/operator", ("usagePoint", Home.ToString()), ("purpose", "values of a visit are entered"), ("back", Page));
        Assert.Equal(Page, stated.Headers.Location!.ToString());
    }

    /// <summary>Sends the form of the page with some fields typed otherwise.</summary>
    private static async Task<HttpResponseMessage> PostAsync(TestClient client, params (string Name, string Value)[] typed) => await client.PostAsync(Page, Page, await FieldsAsync(client, typed));

    private static async Task<(string Name, string Value)[]> FieldsAsync(TestClient client, params (string Name, string Value)[] typed)
    {
        var fields = Field().Matches(await client.PageAsync(Page)).ToDictionary(field => field.Groups[1].Value, field => field.Groups[2].Value);
        (fields["reason"], fields["evidence"], fields["sha256"]) = (Reason, Reference, Hash.ToUpperInvariant());
        foreach ((string name, string value) in typed) fields[name] = value;
        Assert.Equal(48, fields.Keys.Count(name => name.StartsWith("wh-", StringComparison.Ordinal)));
        return [.. fields.Select(field => (field.Key, field.Value))];
    }

    private async Task<IntervalBlock> LastAsync() =>
        (await _world.Store.Readings.ReadVersionsAsync(new ChannelId(Home, ReadingType.ImportEnergy), LocalDays.Bounds(Day, DateTimeZoneProviders.Tzdb["Asia/Kolkata"]).Start, CancellationToken.None))[^1].Block;

    private async Task<IReadOnlyList<ReadingEdit>> EditsAsync() =>
        (await _world.Store.Readings.ReadEvidenceAsync([new EvidenceQuery(Home, Instant.FromUtc(2026, 3, 31, 0, 0), Instant.FromUtc(2026, 5, 1, 0, 0), Instant.MaxValue)], CancellationToken.None))[0].Edits;

    private async Task AssertNothingEditedAsync()
    {
        Assert.Empty(await EditsAsync());
        Assert.Equal(0, (await LastAsync()).Version);
        IAccessLog log = (IAccessLog)_app.Services.GetService(typeof(IAccessLog))!;
        Assert.DoesNotContain(await log.ReadAsync(Home, 0, 10, CancellationToken.None), record => record.What == AccessKinds.ReadingsEdited);
    }

    [GeneratedRegex("name=\"(version|wh-[0-9]+)\"[^>]*? value=\"([^\"]*)\"")]
    private static partial Regex Field();

    [GeneratedRegex("that is about \\+₹([0-9.]+)\\.")]
    private static partial Regex Money();
}
