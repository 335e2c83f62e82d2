using System.Net;
using System.Text.Json;
using Praman.Server.Testing;

namespace Praman.Server.Tests;

public sealed class ApiTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task ReadingsAreThoseOfTheBlocks()
    {
        using TestClient asha = await fixture.AsAsync("asha");
        using JsonDocument answer = JsonDocument.Parse(await asha.PageAsync("/api/v1/usage-points/UP-000000042/readings?from=2026-04-09&until=2026-04-12"));
        JsonElement root = answer.RootElement;
        Assert.Equal("Wh", root.GetProperty("unit").GetString());
        Assert.Equal("1-0:1.29.0.255", root.GetProperty("obis").GetString());
        JsonElement[] days = [.. root.GetProperty("days").EnumerateArray()];
        Assert.Equal(["2026-04-09", "2026-04-10", "2026-04-11"], days.Select(d => d.GetProperty("day").GetString()));
        Assert.Equal(18, days[0].GetProperty("estimated_count").GetInt32());
        Assert.Equal("like-day-average", days[0].GetProperty("states")[20].GetString());
        Assert.Equal(JsonValueKind.Null, days[2].GetProperty("values")[12].ValueKind);
        long[] expected = new SampleTown().Block(SampleTown.Asha, new(2026, 4, 10))!.Decode().Values;
        Assert.Equal(expected, days[1].GetProperty("values").EnumerateArray().Select(v => v.GetInt64()));
    }

    [Theory]
    [InlineData("from=x&until=2026-04-12", "from is 'x'")]
    [InlineData("from=2026-04-12&until=2026-04-31", "until is '2026-04-31'")]
    [InlineData("from=2026-04-12&until=2026-04-12", "a date after from")]
    [InlineData("from=2020-01-01&until=2026-04-12", "at most 400 days")]
    [InlineData("from=-9998-01-01&until=-9997-01-01", "a date from 2000-01-01 on")]
    [InlineData("from=9000-12-31&until=9001-01-01", "a date until 9000-12-31")]
    [InlineData("from=2026-04-01&until=2026-04-12&channel=gas", "channel 'gas' is not known")]
    public async Task AWrongRequestIsToldWhatWasExpected(string query, string message)
    {
        using TestClient asha = await fixture.AsAsync("asha");
        using HttpResponseMessage response = await asha.GetAsync("/api/v1/usage-points/42/readings?" + query);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        Assert.Contains(message, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "from is missing")]
    [InlineData("?from=2026-04-01", "until is missing")]
    [InlineData("?from=2026-04-01&until=soon", "until is 'soon'")]
    public async Task CoverageSaysWhichDateIsWrong(string query, string message)
    {
        using TestClient staff = await fixture.AsAsync("operator");
        using HttpResponseMessage response = await staff.GetAsync("/api/v1/coverage" + query);
        Assert.Contains(message, await DetailAsync(response), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/bills?count=many", "count")]
    [InlineData("/api/v1/bills?count=0", "count 0")]
    public async Task ANumberThatIsNoneIsNamed(string path, string message)
    {
        using TestClient staff = await fixture.AsAsync("operator");
        using HttpResponseMessage response = await staff.GetAsync(path);
        Assert.Contains(message, await DetailAsync(response), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"name\":\"om\"}", "application/json", "password is missing")]
    [InlineData("{\"name\":\"om\",\"password\":7}", "application/json", "password is a JSON number")]
    [InlineData("{\"name\":\"om\",\"password\":\"x\",\"role\":\"y\"}", "application/json", "'role' is not known")]
    [InlineData("{\"name\":", "application/json", "no JSON from line 1, octet 9")]
    [InlineData("[]", "application/json", "the body is a JSON array")]
    [InlineData("name=om", "text/plain", "the content type is 'text/plain")]
    public async Task ASignInThatIsNoneSaysWhatWasExpected(string body, string type, string message)
    {
        using TestClient stranger = fixture.Stranger();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/session") { Content = new StringContent(body, System.Text.Encoding.UTF8, type) };
        using HttpResponseMessage response = await stranger.SendAsync(request);
        string detail = await DetailAsync(response);
        Assert.Contains(message, detail, StringComparison.Ordinal);
        Assert.Contains("expected", detail, StringComparison.Ordinal);
    }

    private static async Task<string> DetailAsync(HttpResponseMessage response)
    {
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("detail").GetString()!;
    }

    [Fact]
    public async Task BillsAndCoverageAnswerToTheirRoles()
    {
        using TestClient asha = await fixture.AsAsync("asha");
        using JsonDocument own = JsonDocument.Parse(await asha.PageAsync("/api/v1/usage-points/42/bills"));
        Assert.Equal(2, own.RootElement.GetProperty("total").GetInt32());
        Assert.Equal("SVN-42-202603", own.RootElement.GetProperty("bills")[0].GetProperty("bill_no").GetString());
        using TestClient auditor = await fixture.AsAsync("auditor");
        using JsonDocument all = JsonDocument.Parse(await auditor.PageAsync("/api/v1/bills?count=4&skip=1"));
        Assert.Equal(6, all.RootElement.GetProperty("total").GetInt32());
        Assert.Equal(4, all.RootElement.GetProperty("bills").GetArrayLength());
        Assert.StartsWith("c2sp.org/tlog-proof@v1\n", await auditor.PageAsync("/api/v1/bills/SVN-42-202603/proof"), StringComparison.Ordinal);
        using TestClient staff = await fixture.AsAsync("operator");
        using JsonDocument coverage = JsonDocument.Parse(await staff.PageAsync("/api/v1/coverage?from=2026-04-06&until=2026-04-07"));
        Assert.Equal(9, coverage.RootElement[0].GetProperty("missing").GetInt32());
    }

    [Fact]
    public async Task TheDescriptionNamesEveryRouteAndRefersToNothingThatIsNotThere()
    {
        using TestClient stranger = fixture.Stranger();
        using JsonDocument document = JsonDocument.Parse(await stranger.PageAsync("/openapi/v1.json"));
        JsonElement root = document.RootElement;
        Assert.StartsWith("3.1", root.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        string[] paths = [.. root.GetProperty("paths").EnumerateObject().Select(p => p.Name)];
        foreach (string expected in (string[])
            ["/api/v1/session", "/api/v1/usage-points", "/api/v1/usage-points/{id}/readings", "/api/v1/usage-points/{id}/bills", "/api/v1/usage-points/{id}/wallet", "/api/v1/usage-points/{id}/wallet/{month}", "/api/v1/bills", "/api/v1/bills/{billNo}",
             "/api/v1/bills/{billNo}/proof", "/api/v1/bills/{billNo}/evidence", "/api/v1/coverage", "/api/v1/log", "/log/checkpoint", "/log/tile/{path}", "/log/keys"])
        {
            Assert.Contains(expected, paths);
        }
        Assert.DoesNotContain(paths, p => p.StartsWith("/home", StringComparison.Ordinal) || p.StartsWith("/bill/", StringComparison.Ordinal) || p.StartsWith("/wallet", StringComparison.Ordinal));
        foreach (JsonElement operation in root.GetProperty("paths").EnumerateObject().SelectMany(p => p.Value.EnumerateObject()).Select(o => o.Value))
        {
            Assert.NotEqual("", operation.GetProperty("summary").GetString());
            Assert.True(operation.GetProperty("responses").EnumerateObject().Any());
        }
        JsonElement session = root.GetProperty("paths").GetProperty("/api/v1/session").GetProperty("post").GetProperty("requestBody").GetProperty("content").GetProperty("application/json");
        Assert.True(session.GetProperty("schema").GetProperty("properties").TryGetProperty("password", out _));
        foreach (string reference in References(root))
        {
            JsonElement at = root;
            foreach (string part in reference.TrimStart('#', '/').Split('/')) Assert.True(at.TryGetProperty(part, out at), reference);
        }
    }

    [Fact]
    public async Task HealthAnswersAnybody()
    {
        using TestClient stranger = fixture.Stranger();
        Assert.Equal("ok", await stranger.PageAsync("/health"));
    }

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p => p.Name == "$ref" ? [p.Value.GetString()!] : References(p.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };
}
