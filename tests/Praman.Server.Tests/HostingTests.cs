using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.Logging;
using Praman.Server.Access;
using Praman.Server.Hosting;
using Praman.Server.Testing;

namespace Praman.Server.Tests;

public sealed class HostingTests
{
    [Fact]
    public async Task APortInUseIsNamedWithWhatToDo()
    {
        await using SampleServer first = await SampleServer.StartAsync();
        var error = await Assert.ThrowsAsync<PortInUseException>(() => SampleServer.StartAsync(first.Address.Port));
        Assert.Contains($"port {first.Address.Port} is in use", error.Message, StringComparison.Ordinal);
        Assert.Contains("--port", error.Message, StringComparison.Ordinal);
        Assert.Equal(first.Address.Port, error.Port);
    }

    [Fact]
    public async Task ItListensOnLoopbackAndRefusesOtherNames()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        Assert.Equal("127.0.0.1", server.Address.Host);
        using var client = new HttpClient { BaseAddress = server.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health");
        request.Headers.Host = "attacker.example";
        using HttpResponseMessage response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    /// <summary>Behind the proxy each address has sign-ins of its own, the cookie goes over TLS only, and the public name is answered.</summary>
    [Fact]
    public async Task ATrustedProxyIsBelievedAboutAddressAndTls()
    {
        await using SampleServer server = await SampleServer.StartAsync(trustedProxies: [IPAddress.Loopback], hostNames: ["bills.example.org"]);
        Assert.DoesNotContain(HttpStatusCode.TooManyRequests, await SignInsAsync(server, 70, i => $"203.0.113.{i}"));
        // What a sender puts in front is not the proxy's word.
        Assert.Contains(HttpStatusCode.TooManyRequests, await SignInsAsync(server, 400, i => $"192.0.2.{i}, 198.51.100.9"));
        using HttpResponseMessage response = await SignInAsync(server, "203.0.113.200", SampleServer.Password, "bills.example.org");
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Contains("; secure", Assert.Single(response.Headers.GetValues("Set-Cookie")), StringComparison.Ordinal);
        Assert.Equal("max-age=31536000", Assert.Single(response.Headers.GetValues("Strict-Transport-Security")));
    }

    /// <summary>Not even where the framework's own variable says that every sender is to be believed.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task NobodyElseIsBelieved(bool another)
    {
        const string variable = "ASPNETCORE_FORWARDEDHEADERS_ENABLED";
        Environment.SetEnvironmentVariable(variable, "true");
        try
        {
            await using SampleServer server = await SampleServer.StartAsync(trustedProxies: another ? [IPAddress.Parse("192.0.2.1")] : []);
            Assert.Contains(HttpStatusCode.TooManyRequests, await SignInsAsync(server, 400, i => $"203.0.113.{i}"));
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Address, "/health"));
            request.Headers.Add("X-Forwarded-Proto", "https");
            using var client = new HttpClient();
            using HttpResponseMessage response = await client.SendAsync(request);
            Assert.False(response.Headers.Contains("Strict-Transport-Security"));
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, null);
        }
    }

    // Until one is refused: a busy machine may not make sixty of them within the minute that is counted. Without a password: a try is
    // counted before it is looked into, and no password is hashed.
    private static async Task<List<HttpStatusCode>> SignInsAsync(SampleServer server, int count, Func<int, string> from)
    {
        var answers = new List<HttpStatusCode>();
        for (int i = 0; i < count; i++)
        {
            using HttpResponseMessage response = await SignInAsync(server, from(i), null, null);
            answers.Add(response.StatusCode);
            if (response.StatusCode == HttpStatusCode.TooManyRequests) break;
        }
        return answers;
    }

    private static async Task<HttpResponseMessage> SignInAsync(SampleServer server, string from, string? password, string? host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Address, "/api/v1/session")) { Content = JsonContent.Create(new { name = "asha", password }) };
        request.Headers.Add("X-Forwarded-For", from);
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Host = host;
        using var handler = new HttpClientHandler { UseCookies = false };
        using var client = new HttpClient(handler);
        return await client.SendAsync(request);
    }

    [Fact]
    public async Task AStartOverADataFolderWarnsOfNothing()
    {
        await using SampleServer server = await SampleServer.StartAsync(
            dataFolder: Directory.CreateTempSubdirectory("praman-server").FullName, logLevel: LogLevel.Information);
        Assert.False(server.IsLogged("Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogLevel.Warning));
        Assert.True(server.IsLogged("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Warning));
    }

    [Fact]
    public async Task TheAccessLogSurvivesARestartAndASessionToo()
    {
        string folder = Directory.CreateTempSubdirectory("praman-server").FullName;
        await using (SampleServer server = await SampleServer.StartAsync(dataFolder: folder))
        {
            using TestClient staff = await new TestClient(server).SignInAsync("operator");
            (await staff.PostAsync("/purpose", "/operator", ("usagePoint", "42"), ("purpose", "a purpose that is kept"), ("back", "/"))).Dispose();
            Assert.Equal(HttpStatusCode.OK, await staff.StatusAsync("/use/42/day/2026-03-10"));
        }
        await using (SampleServer server = await SampleServer.StartAsync(dataFolder: folder))
        {
            using TestClient asha = await new TestClient(server).SignInAsync("asha");
            Assert.Contains("a purpose that is kept", await asha.PageAsync("/who-looked"), StringComparison.Ordinal);
        }
        Assert.DoesNotContain("0.", await File.ReadAllTextAsync(Path.Combine(folder, "access.log")), StringComparison.Ordinal); // no figures of use in it
        await File.AppendAllTextAsync(Path.Combine(folder, "access.log"), "{\n");
        var error = Assert.Throws<InvalidDataException>(() => new AccessLogFile(Path.Combine(folder, "access.log")));
        Assert.Contains("line 2", error.Message, StringComparison.Ordinal);
    }
}
