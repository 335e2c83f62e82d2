using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using NodaTime;
using Praman.Billing.Payments;
using Praman.Server.Payments;
using Praman.Server.Testing;
using Praman.Storage;

namespace Praman.Server.Tests;

/// <summary>The document of the API says of every operation what it answers, and the server answers as the document says.</summary>
public sealed class ApiDescriptionTests : IAsyncLifetime
{
    private const string Problem = "application/problem+json", Document = "/openapi/v1.json", Purpose = "check of a reported gap";
    private static readonly byte[] Secret = Encoding.ASCII.GetBytes("a secret of the test, 32 octets.");

    /// <summary>
    /// Errors of the document that cannot be brought about here: only readings are asked of a store that can be damaged (asserted below), and the log of the
    /// town has had its first checkpoint long ago.
    /// </summary>
    private static bool IsOutOfReach(string name) => name.EndsWith(" 500", StringComparison.Ordinal) || name == "get /log/checkpoint 404";

    private readonly string _folder = Directory.CreateTempSubdirectory("praman-api").FullName;
    private PramanStore _store = null!;
    private SampleServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _store = await PramanStore.OpenAsync(_folder);
        var desk = new PaymentDesk(_store.Ledger, "INR", DateTimeZoneProviders.Tzdb["Asia/Kolkata"]);
        _server = await SampleServer.StartAsync(payments: new PaymentChannels(desk, new Dictionary<string, byte[]> { ["upi"] = Secret }));
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task EveryAnswerIsAsTheDocumentSaysAndEveryErrorOfItCanBeHad()
    {
        Dictionary<string, JsonElement> operations = await OperationsAsync();
        var wanted = operations.SelectMany(operation => operation.Value.GetProperty("responses").EnumerateObject().Select(answer => $"{operation.Key} {answer.Name}")).ToHashSet();
        var had = new HashSet<string>();
        var clients = new Dictionary<string, TestClient> { [""] = new(_server) };
        foreach (Ask ask in Asks())
        {
            // Who signs in at the end is not the stranger that the others ask as.
            string session = ask.Operation.EndsWith("/session", StringComparison.Ordinal) && ask.Person.Length == 0 ? "stranger at the door" : ask.Person;
            if (!clients.TryGetValue(session, out TestClient? client)) clients[session] = client = ask.Person.Length == 0 ? new TestClient(_server) : await new TestClient(_server).SignInAsync(ask.Person);
            if (ask.Status == 500) _server.Queries.Damage = new InvalidOperationException("a store that cannot be read");
            using HttpResponseMessage answer = await client.SendAsync(RequestOf(ask));
            _server.Queries.Damage = null;
            string name = $"{ask.Operation} {(int)answer.StatusCode}", what = $"{ask.Operation} as '{ask.Person}' at {ask.Path}";
            Assert.True(ask.Status == (int)answer.StatusCode, $"{what}: {(int)answer.StatusCode} in place of {ask.Status}");
            Assert.True(wanted.Contains(name), $"{what}: {(int)answer.StatusCode} stands not in the document");
            AssertContent(operations[ask.Operation].GetProperty("responses").GetProperty(ask.Status.ToString(CultureInfo.InvariantCulture)), answer, what);
            had.Add(name);
        }
        foreach (TestClient client in clients.Values) client.Dispose();
        Assert.Equal([], wanted.Except(had).Where(name => !IsOutOfReach(name)).Order());
        Assert.Contains("get /api/v1/usage-points/{id}/readings 500", had);
    }

    /// <summary>Every error that is described has the form of problem details, and whoever may ask without a session is not told to have one.</summary>
    [Fact]
    public async Task EveryErrorIsAProblemAndOnlyWhatIsOpenWantsNoSession()
    {
        foreach ((string name, JsonElement operation) in await OperationsAsync())
        {
            foreach (JsonProperty answer in operation.GetProperty("responses").EnumerateObject().Where(answer => answer.Name[0] is '4' or '5'))
            {
                Assert.True(answer.Value.TryGetProperty("content", out JsonElement content), $"{name} {answer.Name} has no content");
                JsonProperty form = Assert.Single(content.EnumerateObject());
                Assert.Equal((Problem, "#/components/schemas/ProblemDetails"), (form.Name, form.Value.GetProperty("schema").GetProperty("$ref").GetString()));
            }
            bool isOpen = name is "post /api/v1/session" or "get /api/v1/log" || name.Contains(" /log/", StringComparison.Ordinal) || name.Contains("/payments/", StringComparison.Ordinal);
            Assert.True(isOpen != (operation.TryGetProperty("security", out JsonElement security) && security[0].TryGetProperty("session", out _)), name);
        }
    }

    [Fact]
    public async Task AMissingSignInSaysHowToSignIn()
    {
        using var stranger = new TestClient(_server);
        using HttpResponseMessage refused = await stranger.GetAsync("/api/v1/usage-points/42/bills");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal("Cookie realm=\"praman\", form-action=\"/sign-in\", cookie-name=\"praman-sign-in\"", refused.Headers.WwwAuthenticate.ToString());
        JsonElement problem = JsonDocument.Parse(await refused.Content.ReadAsStringAsync()).RootElement;
        (string session, string cookie) = (problem.GetProperty("session").GetString()!, problem.GetProperty("cookie").GetString()!);
        string detail = problem.GetProperty("detail").GetString()!;
        foreach (string part in (string[])["nobody is signed in", $"POST {session}", "\"name\"", "\"password\"", cookie]) Assert.Contains(part, detail, StringComparison.Ordinal);
        // What it says works, with nothing known but what it says.
        using var request = new HttpRequestMessage(HttpMethod.Post, session) { Content = JsonContent.Create(new { name = "asha", password = SampleServer.Password }) };
        using HttpResponseMessage signedIn = await stranger.SendAsync(request);
        Assert.StartsWith($"{cookie}=", signedIn.Headers.GetValues("Set-Cookie").First(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await stranger.StatusAsync("/api/v1/usage-points/42/bills"));
        Assert.Equal(HttpStatusCode.OK, await new TestClient(_server).StatusAsync(problem.GetProperty("sign_in").GetString()!));
    }

    private static void AssertContent(JsonElement described, HttpResponseMessage answer, string what)
    {
        string? type = answer.Content.Headers.ContentType?.MediaType;
        string[] types = described.TryGetProperty("content", out JsonElement content) ? [.. content.EnumerateObject().Select(one => one.Name)] : [];
        if (types.Length == 0) Assert.True(type is null, $"{what}: {type} in place of nothing");
        else Assert.True(types.Contains(type), $"{what}: {type} in place of {string.Join(", ", types)}");
    }

    private async Task<Dictionary<string, JsonElement>> OperationsAsync()
    {
        using var stranger = new TestClient(_server);
        JsonElement root = JsonDocument.Parse(await stranger.PageAsync(Document)).RootElement;
        return root.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(method => ($"{method.Name} {path.Name}", method.Value))).ToDictionary();
    }

    private static HttpRequestMessage RequestOf(Ask ask)
    {
        var request = new HttpRequestMessage(new HttpMethod(ask.Operation.Split(' ')[0].ToUpperInvariant()), new Uri(ask.Path, UriKind.Relative));
        if (ask.Body is { } body) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        if (ask.IsSigned) request.Headers.TryAddWithoutValidation(CallbackSignature.Header, CallbackSignature.Sign(Secret, Encoding.UTF8.GetBytes(ask.Body!), Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow())));
        if (ask.States) request.Headers.Add("X-Purpose", Purpose);
        return request;
    }

    /// <summary>A question to an operation by somebody ("" by nobody), and the status that it is to have.</summary>
    private sealed record Ask(string Operation, int Status, string Person, string Path, string? Body = null, bool IsSigned = false, bool States = false);

    private static IEnumerable<Ask> Asks()
    {
        const string Days = "from=2026-04-01&until=2026-04-03", Points = "/api/v1/usage-points", Notice = "{\"amount\":50000,\"at\":\"2026-04-01T06:00:00Z\",\"currency\":\"INR\",\"order_id\":\"A1\",\"reference\":\"R1\",\"status\":\"success\"}";
        string right = JsonSerializer.Serialize(new { name = "asha", password = SampleServer.Password }), wrong = JsonSerializer.Serialize(new { name = "asha", password = "wrong" });

        foreach ((string tail, string path, string bad) in ((string, string, string)[])
            [("/readings", $"/readings?{Days}", "/readings?from=x&until=2026-04-03"), ("/wallet", "/wallet", ""), ("/wallet/{month}", "/wallet/2026-03", "/wallet/march"), ("/bills", "/bills", "")])
        {
            string operation = $"get {Points}/{{id}}{tail}";
            yield return new(operation, 200, "bina", $"{Points}/43{path}");
            yield return new(operation, 400, "bina", bad.Length > 0 ? $"{Points}/43{bad}" : $"{Points}/UP-x{path}");
            yield return new(operation, 401, "", $"{Points}/43{path}");
            yield return new(operation, 404, "asha", $"{Points}/43{path}");
            if (tail == "/bills") continue;
            yield return new(operation, 403, "operator", $"{Points}/43{path}");
            yield return new(operation, 200, "operator", $"{Points}/43{path}", States: true);
            yield return new(operation, 404, "operator", $"{Points}/4711{path}", States: true);
        }
        yield return new($"get {Points}/{{id}}/readings", 500, "bina", $"{Points}/43/readings?{Days}");
        yield return new($"get {Points}", 200, "asha", Points);
        yield return new($"get {Points}", 401, "", Points);

        yield return new("get /api/v1/bills", 200, "auditor", "/api/v1/bills");
        yield return new("get /api/v1/bills", 400, "operator", "/api/v1/bills?count=many");
        yield return new("get /api/v1/bills", 401, "", "/api/v1/bills");
        yield return new("get /api/v1/bills", 404, "asha", "/api/v1/bills");
        foreach (string file in (string[])["", "/proof", "/evidence"])
        {
            string operation = $"get /api/v1/bills/{{billNo}}{file}";
            yield return new(operation, 200, "bina", $"/api/v1/bills/SVN-43-202603{file}");
            yield return new(operation, 401, "", $"/api/v1/bills/SVN-43-202603{file}");
            yield return new(operation, 404, "asha", $"/api/v1/bills/SVN-43-202603{file}");
            yield return new(operation, 404, "auditor", $"/api/v1/bills/none{file}");
        }
        yield return new("get /api/v1/bills/{billNo}/evidence", 403, "supervisor", "/api/v1/bills/SVN-43-202603/evidence");
        yield return new("get /api/v1/bills/{billNo}/evidence", 200, "supervisor", "/api/v1/bills/SVN-43-202603/evidence", States: true);

        yield return new("get /api/v1/coverage", 200, "operator", $"/api/v1/coverage?{Days}");
        yield return new("get /api/v1/coverage", 400, "operator", "/api/v1/coverage?from=2026-04-01&until=2026-04-31");
        yield return new("get /api/v1/coverage", 401, "", $"/api/v1/coverage?{Days}");
        yield return new("get /api/v1/coverage", 404, "auditor", $"/api/v1/coverage?{Days}");

        yield return new("get /api/v1/log", 200, "", "/api/v1/log");
        yield return new("get /log/checkpoint", 200, "", "/log/checkpoint");
        yield return new("get /log/keys", 200, "", "/log/keys");
        yield return new("get /log/tile/{path}", 200, "", "/log/tile/0/000.p/81");
        yield return new("get /log/tile/{path}", 404, "", "/log/tile/0/999");

        const string Callback = "post /api/v1/payments/{channel}/callback";
        yield return new(Callback, 200, "", "/api/v1/payments/upi/callback", Notice, IsSigned: true);
        yield return new(Callback, 400, "", "/api/v1/payments/upi/callback", "{}", IsSigned: true);
        yield return new(Callback, 401, "", "/api/v1/payments/upi/callback", Notice);
        yield return new(Callback, 404, "", "/api/v1/payments/card/callback", Notice, IsSigned: true);
        yield return new(Callback, 413, "", "/api/v1/payments/upi/callback", new string(' ', 70_000));

        yield return new("delete /api/v1/session", 204, "asha", "/api/v1/session");
        yield return new("delete /api/v1/session", 401, "", "/api/v1/session");
        yield return new("post /api/v1/session", 204, "", "/api/v1/session", right);
        yield return new("post /api/v1/session", 400, "", "/api/v1/session", "[]");
        yield return new("post /api/v1/session", 413, "", "/api/v1/session", new string(' ', 70_000));
        for (int i = 0; i < 4; i++) yield return new("post /api/v1/session", 401, "", "/api/v1/session", wrong);
        for (int i = 0; i < 2; i++) yield return new("post /api/v1/session", 429, "", "/api/v1/session", wrong); // the name waits now
    }
}
