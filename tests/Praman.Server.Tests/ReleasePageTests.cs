using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using NodaTime;
using Praman.Metering;
using Praman.Server.Access;
using Praman.Server.Hosting;
using Praman.Server.People;
using Praman.Server.Stores;
using Praman.Server.Testing;
using Praman.Server.Tests.Operations;

namespace Praman.Server.Tests;

/// <summary>A supervisor's page on a real data folder: who may release what, and what the consumer reads of it.</summary>
public sealed partial class ReleasePageTests : IAsyncLifetime
{
    private const string Page = "/operator/releases", Reason = "two of us compared the display's photograph with the values";
    private static readonly UsagePointId Home = BillingWorld.Homes[1];

    private static readonly PeopleList People = new(
    [
        Person.Create("asha", "Asha Patel", Role.Consumer, SampleServer.Password, Home),
        Person.Create("om", "Om Desai", Role.Operator, SampleServer.Password),
        Person.Create("sunita", "Sunita Mehta", Role.Supervisor, SampleServer.Password),
        Person.Create("anil", "Anil Joshi", Role.Supervisor, SampleServer.Password),
        Person.Create("aditi", "Aditi Rao", Role.Auditor, SampleServer.Password),
    ]);

    private BillingWorld _world = null!;
    private WebApplication _app = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await BillingWorld.CreateAsync(closesNight: false);
        await _world.EditAsync(Home, 15, "anil");
        await _world.CloseNightAsync();
        await _world.BillAsync();
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
    public async Task ASupervisorReleasesAndTheConsumerReadsIt()
    {
        using TestClient sunita = await AsAsync("sunita"), asha = await AsAsync("asha");
        Assert.Contains("Bills that wait for a supervisor: 1.", await sunita.PageAsync("/operator"), StringComparison.Ordinal);
        string page = WebUtility.HtmlDecode(await sunita.PageAsync(Page));
        Assert.Contains("UP-000000043", page, StringComparison.Ordinal);
        Assert.Contains("Intervals: 15 of 1,440; register readings: 0.", page, StringComparison.Ordinal);
        Assert.Contains("Edited by anil.", page, StringComparison.Ordinal);

        using HttpResponseMessage empty = await PostAsync(sunita, page, "because");
        Assert.Equal(HttpStatusCode.BadRequest, empty.StatusCode);
        string refused = WebUtility.HtmlDecode(await empty.Content.ReadAsStringAsync());
        Assert.Contains("A reason of 10 to 500 characters on one line is needed.", refused, StringComparison.Ordinal);
        Assert.Contains("value=\"because\"", refused, StringComparison.Ordinal);
        Assert.Empty(await _world.Store.Releases.ReadAsync(10, CancellationToken.None));

        using HttpResponseMessage done = await PostAsync(sunita, page, $"  {Reason} ");
        Assert.Equal((HttpStatusCode.Redirect, Page), (done.StatusCode, done.Headers.Location!.ToString()));
        EditRelease release = Assert.Single(await _world.Store.Releases.ReadAsync(10, CancellationToken.None));
        Assert.Equal(("sunita", Reason, Home, BillingWorld.Month), (release.By, release.Reason, release.UsagePoint, release.Period));
        string after = WebUtility.HtmlDecode(await sunita.PageAsync(Page));
        Assert.Contains("No bill waits for a release.", after, StringComparison.Ordinal);
        Assert.Contains("April 2026, by sunita at ", after, StringComparison.Ordinal);
        Assert.DoesNotContain("<form method=\"post\" action=\"/operator/releases\"", after, StringComparison.Ordinal);

        Assert.Equal(Home, Assert.Single((await _world.BillAsync()).Bills).UsagePoint);
        string bill = WebUtility.HtmlDecode(await asha.PageAsync("/bill/2026-04-000000043"));
        Assert.Contains("it needed a second look. A supervisor released it on ", bill, StringComparison.Ordinal);
        Assert.Contains($"<q>{Reason}</q>", bill, StringComparison.Ordinal);
        Assert.DoesNotContain("sunita", bill, StringComparison.Ordinal); // the consumer reads a role, as of those who looked
        string looks = WebUtility.HtmlDecode(await asha.PageAsync("/who-looked"));
        Assert.Contains("A supervisor released for a bill what had been entered or accepted by persons.", looks, StringComparison.Ordinal);
        Assert.Contains(Reason, looks, StringComparison.Ordinal);
        // A bill that needed none says nothing of it.
        using TestClient staff = await AsAsync("om");
        Assert.DoesNotContain("second look", await staff.PageAsync("/bill/2026-04-000000042"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhoEditedMayNotRelease()
    {
        using TestClient anil = await AsAsync("anil"), sunita = await AsAsync("sunita");
        string page = WebUtility.HtmlDecode(await anil.PageAsync(Page));
        Assert.Contains("You edited some of these readings: another supervisor has to look at them.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"blocks\"", page, StringComparison.Ordinal);
        // By a form that was made by hand he may no more.
        using HttpResponseMessage refused = await PostAsync(anil, WebUtility.HtmlDecode(await sunita.PageAsync(Page)), Reason);
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains("UP-000000043, April 2026: not released. You edited", WebUtility.HtmlDecode(await refused.Content.ReadAsStringAsync()), StringComparison.Ordinal);
        await AssertNothingReleasedAsync();
    }

    [Fact]
    public async Task NobodyElseReleases()
    {
        using TestClient sunita = await AsAsync("sunita");
        string form = WebUtility.HtmlDecode(await sunita.PageAsync(Page));
        using TestClient om = await AsAsync("om");
        string page = WebUtility.HtmlDecode(await om.PageAsync(Page));
        Assert.Contains("A supervisor can release it.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"blocks\"", page, StringComparison.Ordinal);
        foreach (string name in (string[])["om", "aditi", "asha"])
        {
            using TestClient client = await AsAsync(name);
            using HttpResponseMessage refused = await PostAsync(client, form, Reason);
            Assert.True(refused.StatusCode == HttpStatusCode.NotFound, $"{name}: {refused.StatusCode}");
            if (name != "om") Assert.Equal(HttpStatusCode.NotFound, await client.StatusAsync(Page));
        }
        using var stranger = new TestClient(Address);
        using HttpResponseMessage asked = await PostAsync(stranger, form, Reason);
        Assert.StartsWith("/sign-in?back=", asked.Headers.Location!.PathAndQuery, StringComparison.Ordinal);
        await AssertNothingReleasedAsync();
    }

    [Fact]
    public async Task AFormWithoutItsTokenReleasesNothing()
    {
        using TestClient sunita = await AsAsync("sunita");
        using var content = new FormUrlEncodedContent(Fields(WebUtility.HtmlDecode(await sunita.PageAsync(Page)), Reason).Select(field => KeyValuePair.Create(field.Name, field.Value)));
        using var request = new HttpRequestMessage(HttpMethod.Post, Page) { Content = content };
        using HttpResponseMessage refused = await sunita.SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        await AssertNothingReleasedAsync();
    }

    [Theory]
    [InlineData("usagePoint", "UP-x")]
    [InlineData("from", "2026-04-31")]
    [InlineData("from", "1999-12-31")]
    [InlineData("to", "2026-03-31")]
    [InlineData("to", "9999-12-31")]
    [InlineData("to", "2028-04-30")]
    [InlineData("blocks", "aa")]
    public async Task AFormThatNoPageMadeFindsNothing(string field, string value)
    {
        using TestClient sunita = await AsAsync("sunita");
        var fields = Fields(WebUtility.HtmlDecode(await sunita.PageAsync(Page)), Reason).Select(one => one.Name == field ? (one.Name, value) : one).ToArray();
        using HttpResponseMessage refused = await sunita.PostAsync(Page, Page, fields);
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        await AssertNothingReleasedAsync();
    }

    [Fact]
    public async Task ReadingsThatChangedSinceThePageAreNotReleased()
    {
        using TestClient sunita = await AsAsync("sunita");
        string before = WebUtility.HtmlDecode(await sunita.PageAsync(Page));
        await _world.EditAsync(Home, 16, "om");
        using HttpResponseMessage refused = await PostAsync(sunita, before, Reason);
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        string page = WebUtility.HtmlDecode(await refused.Content.ReadAsStringAsync());
        Assert.Contains("The readings have changed since you saw them.", page, StringComparison.Ordinal);
        Assert.Contains("Intervals: 16 of 1,440", page, StringComparison.Ordinal);
        Assert.Contains("Edited by anil, om.", page, StringComparison.Ordinal);
        await AssertNothingReleasedAsync();
        using HttpResponseMessage done = await PostAsync(sunita, page, Reason);
        Assert.Equal(HttpStatusCode.Redirect, done.StatusCode);
        using HttpResponseMessage again = await PostAsync(sunita, page, Reason);
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        Assert.Contains("does not wait for a release now", await again.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ASupervisorStandsInTheFileOfPeople()
    {
        string path = Path.Combine(_world.Folder, "people.json");
        People.Save(path);
        Assert.Contains("\"role\": \"supervisor\"", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(Role.Supervisor, (await PeopleList.Load(path).FindAsync("sunita", TestContext.Current.CancellationToken))!.Role);
    }

    private Uri Address => new(_app.Urls.First());

    private Task<TestClient> AsAsync(string name) => new TestClient(Address).SignInAsync(name);

    /// <summary>Sends the first form of a page that was read before, with the token of a page that everybody has.</summary>
    private static Task<HttpResponseMessage> PostAsync(TestClient client, string page, string reason) => client.PostAsync(Page, "/check", [.. Fields(page, reason)]);

    private static List<(string Name, string Value)> Fields(string page, string reason) =>
        [.. HiddenField().Matches(page[page.IndexOf($"action=\"{Page}\"", StringComparison.Ordinal)..]).Take(4).Select(field => (field.Groups[1].Value, field.Groups[2].Value)), ("reason", reason)];

    private async Task AssertNothingReleasedAsync()
    {
        Assert.Empty(await _world.Store.Releases.ReadAsync(10, CancellationToken.None));
        IAccessLog log = (IAccessLog)_app.Services.GetService(typeof(IAccessLog))!;
        Assert.Empty(await log.ReadAsync(Home, 0, 10, CancellationToken.None));
    }

    [GeneratedRegex("type=\"hidden\" name=\"(usagePoint|from|to|blocks)\" value=\"([^\"]*)\"")]
    private static partial Regex HiddenField();
}
