using Praman.Server.Testing;

namespace Praman.Server.Tests;

/// <summary>Who may keep a copy of an answer.</summary>
public sealed class CacheTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    [Theory]
    [InlineData("/use/UP-000000042/month/2026-03")]
    [InlineData("/use/UP-000000042/day/2026-03-10")]
    [InlineData("/bill/SVN-42-202603")]
    [InlineData("/bill/SVN-42-202603/bill.json")]
    [InlineData("/bill/SVN-42-202603/bill.tlog-proof")]
    [InlineData("/bill/SVN-42-202603/bill.evidence.json")]
    [InlineData("/api/v1/usage-points/UP-000000042/readings?from=2026-03-01&until=2026-03-02")]
    [InlineData("/api/v1/usage-points/42/bills")]
    [InlineData("/api/v1/bills/SVN-42-202603")]
    [InlineData("/api/v1/bills/SVN-42-202603/evidence")]
    [InlineData("/who-looked")]
    [InlineData("/bill/SVN-43-202603/bill.json")] // not hers, and not there
    public async Task NothingPersonalIsKept(string path)
    {
        using TestClient asha = await fixture.AsAsync("asha");
        using HttpResponseMessage response = await asha.GetAsync(path);
        Assert.True(response.Headers.CacheControl?.NoStore, $"{(int)response.StatusCode} {response.Headers.CacheControl}");
    }

    [Theory]
    [InlineData("/log/checkpoint")]
    [InlineData("/log/keys")]
    [InlineData("/log/tile/0/000.p/81")]
    [InlineData("/verifier/praman-verifier.mjs")]
    public async Task PublicFilesMayBeKept(string path)
    {
        using TestClient stranger = fixture.Stranger();
        using HttpResponseMessage response = await stranger.GetAsync(path);
        Assert.False(response.Headers.CacheControl!.NoStore);
    }
}
