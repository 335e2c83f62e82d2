using System.Net;
using System.Text;
using System.Text.Json;
using Praman.Server.Testing;
using Praman.Storage;

namespace Praman.Server.Tests;

/// <summary>A page whose data turn out damaged says so in plain words; what the store or a parser said stays in the server's log.</summary>
public sealed class DamageTests
{
    private const string Said = "the block of UP-000000042 gives the checksum 00000000";

    [Theory]
    [InlineData("/home")]
    [InlineData("/use/42/day/2026-03-10")]
    public async Task DamagedReadingsAreSaidInPlainWords(string path)
    {
        await using SampleServer server = await DamagedAsync();
        using TestClient asha = await new TestClient(server).SignInAsync("asha");
        using HttpResponseMessage response = await asha.GetAsync(path);
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        string page = await response.Content.ReadAsStringAsync();
        Assert.Contains("What is stored here is damaged", page, StringComparison.Ordinal);
        Assert.DoesNotContain(Said, page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheApiSaysItAsAProblem()
    {
        await using SampleServer server = await DamagedAsync();
        using TestClient asha = await new TestClient(server).SignInAsync("asha");
        using HttpResponseMessage response = await asha.GetAsync("/api/v1/usage-points/42/readings?from=2026-04-09&until=2026-04-12");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("What is stored here is damaged", JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("title").GetString());
    }

    [Fact]
    public async Task ADamagedBillIsSaidWithoutTheWordsOfAParser()
    {
        await using SampleServer server = await SampleServer.StartAsync();
        server.Queries.BillDamage = bill => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bill.Span).Replace("\"id\":\"energy\"", "\"id\":7", StringComparison.Ordinal));
        using TestClient asha = await new TestClient(server).SignInAsync("asha");
        using HttpResponseMessage response = await asha.GetAsync("/bill/SVN-42-202603");
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        string page = await response.Content.ReadAsStringAsync();
        Assert.Contains("What is stored of bill SVN-42-202603 is damaged", page, StringComparison.Ordinal);
        foreach (string word in (string[])["JSON", "BillLine", "Path:"]) Assert.DoesNotContain(word, page, StringComparison.Ordinal);
    }

    private static async Task<SampleServer> DamagedAsync()
    {
        SampleServer server = await SampleServer.StartAsync();
        server.Queries.Damage = new StoreException(StoreFault.Damaged, Said);
        return server;
    }
}
