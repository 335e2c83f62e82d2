using System.Net;
using Praman.Server.Access;
using Praman.Server.Testing;

namespace Praman.Server.Tests;

/// <summary>Who sees what. What is not a person's own does not exist for them: 404, never 403, and nothing is read for the answer.</summary>
public sealed class AccessTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    public static TheoryData<string> PersonalPaths =>
    [
        "/use/UP-000000043/month/2026-03", "/use/UP-000000043/day/2026-03-10", "/use?up=UP-000000043", "/home?up=UP-000000043", "/bills?up=UP-000000043",
        "/who-looked?up=UP-000000043", "/bill/SVN-43-202603", "/bill/SVN-43-202603/bill.json", "/bill/SVN-43-202603/bill.tlog-proof",
        "/bill/SVN-43-202603/bill.evidence.json", "/api/v1/usage-points/UP-000000043/readings?from=2026-03-01&until=2026-03-02",
        "/api/v1/usage-points/43/bills", "/api/v1/bills/SVN-43-202603", "/api/v1/bills/SVN-43-202603/proof", "/api/v1/bills/SVN-43-202603/evidence",
        "/wallet?up=UP-000000043", "/wallet/UP-000000043/month/2026-03", "/api/v1/usage-points/UP-000000043/wallet", "/api/v1/usage-points/43/wallet/2026-03",
        "/operator", "/operator/usage-points", "/operator/bills", "/operator/releases", "/operator/rebill", "/operator/edit/UP-000000043/2026-03-10", "/audit", "/api/v1/bills", "/api/v1/coverage?from=2026-03-01&until=2026-03-02",
    ];

    [Theory, MemberData(nameof(PersonalPaths))]
    public async Task AConsumerFindsNothingThatIsNotTheirs(string path)
    {
        using TestClient asha = await fixture.AsAsync("asha");
        Assert.Equal(HttpStatusCode.NotFound, await asha.StatusAsync(path));
    }

    [Theory, MemberData(nameof(PersonalPaths))]
    public async Task AStrangerIsAskedToSignIn(string path)
    {
        using TestClient stranger = fixture.Stranger();
        using HttpResponseMessage response = await stranger.GetAsync(path);
        if (path.StartsWith("/api", StringComparison.Ordinal)) Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        else Assert.StartsWith("/sign-in?back=", response.Headers.Location!.PathAndQuery, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ThousandsOfGuessedIdsAnswerNothing()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        using TestClient asha = await new TestClient(server).SignInAsync("asha");
        string[] forms =
        [
            "/api/v1/usage-points/UP-{0:D9}/readings?from=2026-03-01&until=2026-03-02", "/api/v1/usage-points/{0}/bills", "/use/{0}/month/2026-03",
            "/bill/SVN-{0}-202603", "/api/v1/bills/SVN-{0}-202602/evidence",
        ];
        int probed = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, 1000).Where(n => n != 42), async (number, _) =>
        {
            foreach (string form in forms)
            {
                HttpStatusCode status = await asha.StatusAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, form, number));
                Assert.Equal(HttpStatusCode.NotFound, status);
                Interlocked.Increment(ref probed);
            }
        });
        Assert.Equal(4995, probed);
        Assert.Equal(0, server.Queries.BlockReads);
        Assert.Equal(HttpStatusCode.OK, await asha.StatusAsync("/use/42/month/2026-03")); // the same forms answer for her own
    }

    [Fact]
    public async Task AnOperatorStatesAPurposeFirstAndTheConsumerReadsIt()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        using TestClient staff = await new TestClient(server).SignInAsync("operator");
        const string Path = "/use/UP-000000042/day/2026-04-09";
        using HttpResponseMessage refused = await staff.GetAsync(Path);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("Why do you need these readings?", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(0, server.Queries.BlockReads);

        using HttpResponseMessage tooShort = await staff.PostAsync("/purpose", "/operator", ("usagePoint", "UP-000000042"), ("purpose", "because"), ("back", Path));
        Assert.Equal(HttpStatusCode.BadRequest, tooShort.StatusCode);
        // What comes back still leads to the page that was asked for: the purpose, and the choice of language and theme.
        Assert.Equal(3, System.Text.RegularExpressions.Regex.Count(await tooShort.Content.ReadAsStringAsync(), $"name=\"back\" value=\"{Path}\""));
        using HttpResponseMessage stated = await staff.PostAsync("/purpose", "/operator", ("usagePoint", "UP-000000042"), ("purpose", "complaint 4711: spike on 9 April"), ("back", Path));
        Assert.Equal(Path, stated.Headers.Location!.ToString());
        Assert.Contains("Thursday", await staff.PageAsync(Path), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, await staff.StatusAsync("/use/UP-000000043/day/2026-04-09")); // one purpose opens one usage point

        using TestClient asha = await new TestClient(server).SignInAsync("asha");
        string looks = await asha.PageAsync("/who-looked?up=UP-000000042");
        Assert.Contains("complaint 4711: spike on 9 April", looks, StringComparison.Ordinal);

        server.Time.Push = TimeSpan.FromMinutes(16);
        Assert.Equal(HttpStatusCode.Forbidden, await staff.StatusAsync(Path));
    }

    [Theory]
    [InlineData("https://elsewhere.example/")]
    [InlineData("//elsewhere.example/")]
    [InlineData("/\\elsewhere.example/")]
    [InlineData("/use\r\n//elsewhere.example/")]
    [InlineData("")]
    public async Task ARefusedPurposeLeadsToThisServerOnly(string back)
    {
        using TestClient staff = await fixture.AsAsync("operator");
        using HttpResponseMessage refused = await staff.PostAsync("/purpose", "/operator", ("usagePoint", "UP-000000042"), ("purpose", "because"), ("back", back));
        string page = await refused.Content.ReadAsStringAsync();
        Assert.Equal(3, System.Text.RegularExpressions.Regex.Count(page, "name=\"back\" value=\"/operator\""));
        Assert.DoesNotContain("elsewhere", page, StringComparison.Ordinal);
    }

    /// <summary>What was done with readings is listed with the looks, and is none.</summary>
    [Fact]
    public async Task HomeCountsLooksAlone()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        using TestClient asha = await new TestClient(server).SignInAsync("asha");
        await Record(AccessKinds.SaltsErased);
        await Record(AccessKinds.EditsReleased);
        await Record(AccessKinds.ReadingsEdited);
        Assert.Contains("Nobody else has looked at these half-hours.", await asha.PageAsync("/home"), StringComparison.Ordinal);
        foreach (string look in (string[])[AccessKinds.HalfHours, AccessKinds.Evidence, AccessKinds.Wallet]) await Record(look);
        Assert.Contains("Others looked at these half-hours 3 times.", await asha.PageAsync("/home"), StringComparison.Ordinal);
        Assert.Equal(6, System.Text.RegularExpressions.Regex.Count(await asha.PageAsync("/who-looked"), "<q>"));

        ValueTask Record(string what) => server.AccessLog.AppendAsync(
            new AccessRecord(NodaTime.Instant.FromUtc(2026, 4, 10, 6, 0), SampleTown.Asha, "Om Rao", "operator", what, "as was asked for"), CancellationToken.None);
    }

    /// <summary>Whoever looked cannot hide it behind many later looks.</summary>
    [Fact]
    public async Task TheFirstLookIsFoundHoweverManyCameAfter()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        await Look("I was curious");
        for (int i = 0; i < 250; i++) await Look($"complaint {i:D3}");
        using TestClient asha = await new TestClient(server).SignInAsync("asha");
        Assert.Contains("Others looked at these half-hours 251 times.", await asha.PageAsync("/home"), StringComparison.Ordinal);
        string at = "/who-looked";
        var seen = new List<string>();
        for (int pages = 0; pages < 10 && at.Length > 0; pages++)
        {
            string page = await asha.PageAsync(at);
            seen.AddRange(System.Text.RegularExpressions.Regex.Matches(page, "<q>([^<]+)</q>").Select(match => match.Groups[1].Value));
            at = System.Text.RegularExpressions.Regex.Match(page, "href=\"([^\"]+)\" rel=\"next\"").Groups[1].Value.Replace("&amp;", "&", StringComparison.Ordinal);
        }
        Assert.Equal([.. Enumerable.Range(0, 250).Select(i => $"complaint {i:D3}").Reverse(), "I was curious"], seen);
        foreach (string page in (string[])["0", "4", "-1", "x", "99999999999"]) Assert.Equal(HttpStatusCode.NotFound, await asha.StatusAsync($"/who-looked?page={page}"));

        ValueTask Look(string purpose) => server.AccessLog.AppendAsync(
            new Praman.Server.Access.AccessRecord(NodaTime.Instant.FromUtc(2026, 4, 10, 6, 0), SampleTown.Asha, "Om Rao", "operator", "day 2026-04-09", purpose), CancellationToken.None);
    }

    [Fact]
    public async Task TheApiAsksStaffForAPurposeInAHeader()
    {
        using TestClient staff = await fixture.AsAsync("operator");
        const string Path = "/api/v1/usage-points/UP-000000043/readings?from=2026-04-01&until=2026-04-03";
        using HttpResponseMessage refused = await staff.GetAsync(Path);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("X-Purpose", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var request = new HttpRequestMessage(HttpMethod.Get, Path);
        request.Headers.Add("X-Purpose", "check of a reported gap");
        using HttpResponseMessage answered = await staff.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
        using TestClient bina = await fixture.AsAsync("bina");
        Assert.Contains("check of a reported gap", await bina.PageAsync("/who-looked?up=UP-000000043"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnAuditorsLookAtEvidenceIsRecorded()
    {
        using TestClient auditor = await fixture.AsAsync("auditor");
        Assert.Equal(HttpStatusCode.OK, await auditor.StatusAsync("/bill/SVN-44-202603/bill.evidence.json"));
        Assert.Equal(HttpStatusCode.Forbidden, await auditor.StatusAsync("/use/UP-000000044/month/2026-03"));
        using TestClient bina = await fixture.AsAsync("bina");
        Assert.Contains("audit of bill SVN-44-202603", await bina.PageAsync("/who-looked?up=UP-000000044"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EachRoleStartsOnItsOwnPages()
    {
        foreach ((string name, string start) in ((string, string)[])[("asha", "/home"), ("operator", "/operator"), ("supervisor", "/operator"), ("auditor", "/audit")])
        {
            using TestClient client = await fixture.AsAsync(name);
            using HttpResponseMessage response = await client.GetAsync("/");
            Assert.Equal(start, response.Headers.Location!.ToString());
            Assert.Equal(HttpStatusCode.OK, await client.StatusAsync(start));
        }
    }
}
