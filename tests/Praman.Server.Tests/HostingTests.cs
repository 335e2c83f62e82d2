using System.Net;
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
