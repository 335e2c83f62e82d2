using System.Net;
using System.Net.Http.Json;
using Praman.Server.People;
using Praman.Server.Testing;

namespace Praman.Server.Tests;

public sealed class SignInTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task AWrongPasswordAndAnUnknownNameAnswerAlike()
    {
        using TestClient client = fixture.Stranger();
        var pages = new List<string>();
        foreach (string name in (string[])["lena", "nobody-here"])
        {
            using HttpResponseMessage response = await client.PostAsync("/sign-in", "/sign-in", ("name", name), ("password", "wrong"));
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            string page = await response.Content.ReadAsStringAsync();
            Assert.Contains("do not belong together", page, StringComparison.Ordinal);
            pages.Add(page.Split("<main")[1].Split("form-token")[0]);
        }
        Assert.Equal(pages[0], pages[1]);
    }

    [Fact]
    public async Task FiveWrongPasswordsLockTheNameForAMinuteThenLonger()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        using var client = new TestClient(server);
        for (int i = 0; i < SignInGuard.FailuresMax; i++) await Try(client, "asha", "wrong");
        Assert.Contains("Please wait 1 min", await Try(client, "asha", SampleServer.Password), StringComparison.Ordinal); // the right one does not help now
        Assert.Equal("", await Try(client, "bina", SampleServer.Password)); // nobody else is locked
        server.Time.Push = TimeSpan.FromSeconds(61);
        for (int i = 0; i < SignInGuard.FailuresMax; i++) await Try(client, "asha", "wrong");
        Assert.Contains("Please wait 2 min", await Try(client, "asha", SampleServer.Password), StringComparison.Ordinal);
        server.Time.Push = TimeSpan.FromSeconds(61 + 121);
        Assert.Equal("", await Try(client, "asha", SampleServer.Password));

        static async Task<string> Try(TestClient client, string name, string password)
        {
            using HttpResponseMessage response = await client.PostAsync("/sign-in", "/sign-in", ("name", name), ("password", password));
            return response.StatusCode == HttpStatusCode.Redirect ? "" : await response.Content.ReadAsStringAsync();
        }
    }

    [Fact]
    public async Task ManyTriesFromOneAddressAreRefused()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        using var client = new HttpClient { BaseAddress = server.Address };
        HttpStatusCode last = HttpStatusCode.OK;
        for (int i = 0; i < 70 && last != HttpStatusCode.TooManyRequests; i++)
        {
            using HttpResponseMessage response = await client.PostAsJsonAsync("/api/v1/session", new { name = "", password = "" });
            last = response.StatusCode;
        }
        Assert.Equal(HttpStatusCode.TooManyRequests, last);
    }

    [Fact]
    public async Task AFormWithoutItsTokenIsRefused()
    {
        using TestClient client = await fixture.AsAsync("asha");
        foreach (string path in (string[])["/sign-in", "/sign-out", "/theme", "/purpose"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path)
            {
                Content = new FormUrlEncodedContent([KeyValuePair.Create("name", "asha"), KeyValuePair.Create("password", SampleServer.Password), KeyValuePair.Create("theme", "dark")]),
            };
            using HttpResponseMessage response = await client.SendAsync(request);
            Assert.True(response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.NotFound, $"{path}: {response.StatusCode}");
        }
        Assert.Equal(HttpStatusCode.OK, await client.StatusAsync("/home")); // still signed in
    }

    [Theory]
    [InlineData("https://elsewhere.example/")]
    [InlineData("//elsewhere.example/")]
    [InlineData("/\\elsewhere.example/")]
    [InlineData("javascript:alert(1)")]
    public async Task SigningInLeadsToThisServerOnly(string back)
    {
        using TestClient client = fixture.Stranger();
        using HttpResponseMessage response = await client.PostAsync("/sign-in", "/sign-in", ("name", "asha"), ("password", SampleServer.Password), ("back", back));
        Assert.Equal("/", response.Headers.Location!.ToString());
    }

    [Fact]
    public async Task SigningOutEndsTheSession()
    {
        using TestClient client = await fixture.AsAsync("asha");
        using HttpResponseMessage response = await client.PostAsync("/sign-out", "/home");
        Assert.Equal("/sign-in", response.Headers.Location!.ToString());
        Assert.Equal(HttpStatusCode.Redirect, await client.StatusAsync("/home"));
    }

    /// <summary>A cookie that somebody copied before is dead with the session: by pages and API, at both, and over a restart.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ACopiedCookieEndsWithItsSession(bool isApi)
    {
        string folder = Directory.CreateTempSubdirectory("praman-sessions").FullName;
        string cookie, other;
        await using (SampleServer server = await SampleServer.StartAsync(dataFolder: folder))
        {
            (cookie, other) = (await CookieAsync(server, "asha"), await CookieAsync(server, "asha"));
            using TestClient client = new(server);
            client.Keep(server.Address, cookie);
            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), await AskAsync(server, cookie));
            using HttpResponseMessage ended = isApi
                ? await client.SendAsync(new HttpRequestMessage(HttpMethod.Delete, "/api/v1/session")) : await client.PostAsync("/sign-out", "/home");
            Assert.Equal(isApi ? HttpStatusCode.NoContent : HttpStatusCode.Redirect, ended.StatusCode);
            Assert.Contains(ended.Headers.GetValues("Set-Cookie"), set => set.StartsWith("praman-sign-in=;", StringComparison.Ordinal)); // the browser forgets it
            Assert.Equal((HttpStatusCode.Redirect, HttpStatusCode.Unauthorized), await AskAsync(server, cookie));
            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), await AskAsync(server, other)); // another session of hers goes on
        }
        await File.AppendAllTextAsync(Path.Combine(folder, EndedSessions.Name), "17"); // cut short by a loss of power
        await using (SampleServer server = await SampleServer.StartAsync(dataFolder: folder))
        {
            Assert.Equal((HttpStatusCode.Redirect, HttpStatusCode.Unauthorized), await AskAsync(server, cookie));
            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), await AskAsync(server, other));
        }
        await File.AppendAllTextAsync(Path.Combine(folder, EndedSessions.Name), "x y\n");
        Assert.Contains("line 2", Assert.Throws<InvalidDataException>(() => new EndedSessions(Path.Combine(folder, EndedSessions.Name), TimeProvider.System)).Message, StringComparison.Ordinal);

        static async Task<(HttpStatusCode Page, HttpStatusCode Api)> AskAsync(SampleServer server, string cookie)
        {
            using TestClient client = new(server);
            client.Keep(server.Address, cookie);
            return (await client.StatusAsync("/home"), await client.StatusAsync("/api/v1/usage-points"));
        }
    }

    /// <summary>What ended is kept as long as a cookie of it could be valid, and no longer.</summary>
    [Fact]
    public void AnEndedSessionIsForgottenAfterItsCookies()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("praman-sessions").FullName, EndedSessions.Name);
        var time = new SignInClock();
        new EndedSessions(path, time).End("first");
        time.Push = EndedSessions.CookieLength;
        var kept = new EndedSessions(path, time);
        Assert.True(kept.Contains("first"));
        kept.End("second");
        time.Push = EndedSessions.CookieLength + TimeSpan.FromMinutes(6);
        var later = new EndedSessions(path, time);
        Assert.Equal((false, true), (later.Contains("first"), later.Contains("second")));
        Assert.Single(File.ReadAllLines(path));
        Assert.False(later.Contains("third"));
    }

    private static async Task<string> CookieAsync(SampleServer server, string name)
    {
        using TestClient client = new(server);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/session") { Content = JsonContent.Create(new { name, password = SampleServer.Password }) };
        using HttpResponseMessage response = await client.SendAsync(request);
        return response.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("praman-sign-in", StringComparison.Ordinal)).Split(';')[0];
    }

    [Fact]
    public async Task TheApiSignsInWithTheSameRules()
    {
        using TestClient client = fixture.Stranger();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/session") { Content = JsonContent.Create(new { name = "asha", password = SampleServer.Password }) };
        using HttpResponseMessage response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Contains("UP-000000042", await client.PageAsync("/api/v1/usage-points"), StringComparison.Ordinal);
        string cookie = response.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("praman-sign-in", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void AHashFitsItsPasswordAlone()
    {
        string hash = Passwords.Hash("one");
        Assert.True(Passwords.Verify("one", hash));
        Assert.False(Passwords.Verify("two", hash));
        Assert.False(Passwords.Verify("one", hash.Replace("210000", "99999999999", StringComparison.Ordinal)));
        Assert.False(Passwords.Verify("one", "pbkdf2-sha512$1$@@$@@"));
        Assert.NotEqual(hash, Passwords.Hash("one"));
    }

    [Fact]
    public async Task PeopleSurviveTheirFileAndADamagedOneIsNamed()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("praman-people").FullName, "people.json");
        SampleServer.People.Save(path);
        Assert.DoesNotContain(SampleServer.Password, File.ReadAllText(path), StringComparison.Ordinal);
        PeopleList read = PeopleList.Load(path);
        Assert.True(Passwords.Verify(SampleServer.Password, (await read.FindAsync("ASHA", default))!.PasswordHash));
        File.WriteAllText(path, """[{"name":"x"}]""");
        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => PeopleList.Load(path)).Message, StringComparison.Ordinal);
    }
}
