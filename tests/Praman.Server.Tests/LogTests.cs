using System.Net;
using Praman.Server.Testing;
using Praman.Testing;

namespace Praman.Server.Tests;

/// <summary>The public log's files: for anybody, by the paths and types of C2SP tlog-tiles.</summary>
public sealed class LogTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task TheCheckpointIsTextThatIsAskedForAnew()
    {
        using TestClient stranger = fixture.Stranger();
        using HttpResponseMessage response = await stranger.GetAsync("/log/checkpoint");
        Assert.Equal("text/plain", response.Content.Headers.ContentType!.MediaType);
        Assert.True(response.Headers.CacheControl!.NoCache);
        string text = await response.Content.ReadAsStringAsync();
        Assert.StartsWith("log.sample-vidyut.example\n81\n", text, StringComparison.Ordinal);
        Assert.Contains("\n— witness.consumers.example ", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/log/tile/0/000.p/81", 81 * 32)]
    [InlineData("/log/tile/entries/000.p/81", 0)]
    public async Task TilesAreOctetsThatNeverChange(string path, int length)
    {
        using TestClient stranger = fixture.Stranger();
        using HttpResponseMessage response = await stranger.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/octet-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.Contains("immutable", response.Headers.GetValues("Cache-Control").Single(), StringComparison.Ordinal);
        Assert.Equal("*", response.Headers.GetValues("Access-Control-Allow-Origin").Single());
        byte[] octets = await response.Content.ReadAsByteArrayAsync();
        if (length > 0) Assert.Equal(length, octets.Length);
        else Assert.StartsWith("praman-log-entry/1\ntariff\n", System.Text.Encoding.ASCII.GetString(octets, 2, octets.Length - 2), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/log/tile/0/000.p/82")]
    [InlineData("/log/tile/0/000.p/0")]
    [InlineData("/log/tile/0/000.p/256")]
    [InlineData("/log/tile/64/000")]
    [InlineData("/log/tile/00/000")]
    [InlineData("/log/tile/0/1")]
    [InlineData("/log/tile/0/x000")]
    [InlineData("/log/tile/0/%2e%2e%2fcheckpoint")]
    [InlineData("/log/tile/data/000")]
    [InlineData("/log/tile/")]
    public async Task OtherPathsAreNotThere(string path)
    {
        using TestClient stranger = fixture.Stranger();
        Assert.Equal(HttpStatusCode.NotFound, await stranger.StatusAsync(path));
    }

    [Fact]
    public async Task TheFilesThatThePageNamesAreThere()
    {
        using TestClient stranger = fixture.Stranger();
        string page = await stranger.PageAsync("/log");
        string[] links = [.. System.Text.RegularExpressions.Regex.Matches(page, "href=\"(/log/[^\"]+)\"").Select(m => m.Groups[1].Value)];
        Assert.Equal(["/log/checkpoint", "/log/tile/entries/000.p/81", "/log/keys"], links);
        foreach (string link in links) Assert.Equal(HttpStatusCode.OK, await stranger.StatusAsync(link));
    }

    [Fact]
    public async Task TheKeysAreALineEach()
    {
        using TestClient stranger = fixture.Stranger();
        string[] lines = (await stranger.PageAsync("/log/keys")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("log.sample-vidyut.example+", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("witness.consumers.example+", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheVerifierIsServedAsItStandsInTheRepository()
    {
        using TestClient stranger = fixture.Stranger();
        using HttpResponseMessage response = await stranger.GetAsync("/verifier/praman-verifier.mjs");
        Assert.Equal("text/javascript", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(await File.ReadAllBytesAsync(TestFiles.InRepository("verifier", "praman-verifier.mjs")), await response.Content.ReadAsByteArrayAsync());
    }
}
