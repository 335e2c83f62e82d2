using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using NodaTime;
using Praman.Billing.Verification;
using Praman.Proof;
using Praman.Proof.Canonical;
using Praman.Server.Testing;
using BillFiles = Praman.Server.Queries.BillFiles;

namespace Praman.Server.Tests;

/// <summary>A consumer sees on each of the three documents of a bill that was made again what it is, where the others are, and what is different.</summary>
public sealed class RevisionPageTests
{
    private const string BillNo = "SVN-42-202603";

    [Fact]
    public async Task AReversalSaysWhatItTakesBackAndAsksForNothing()
    {
        string page = await PageAsync(files => files with { Bill = ReversalDocument.Write(files.Bill, $"{BillNo}-R1", new LocalDate(2026, 5, 10)) });
        Assert.Contains("This document takes a bill back", page, StringComparison.Ordinal);
        Assert.Contains($"href=\"/bill/{BillNo}\"", page, StringComparison.Ordinal);
        Assert.Contains("Minus rupees", page, StringComparison.Ordinal);
        Assert.DoesNotContain("data-item=\"ways-to-pay\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ABillThatWasTakenBackSaysSoAndIsNotToBePaid()
    {
        string page = await PageAsync(files => files with { ReversedBy = $"{BillNo}-R1" });
        Assert.Contains("This bill was taken back", page, StringComparison.Ordinal);
        Assert.Contains($"href=\"/bill/{BillNo}-R1\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("data-item=\"ways-to-pay\"", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(250, "asks for ₹2.50 more", "+₹2.50")]
    [InlineData(-250, "asks for ₹2.50 less", "-₹2.50")]
    public async Task ABillInThePlaceOfAnotherShowsTheDifferenceInWordsAndLines(long paise, string words, string difference)
    {
        string page = await PageAsync(files => files with { Bill = Revised(files.Bill, paise) });
        Assert.Contains("This bill stands in the place of another", page, StringComparison.Ordinal);
        Assert.Contains(words, page, StringComparison.Ordinal);
        Assert.Contains("href=\"/bill/EARLIER-1\"", page, StringComparison.Ordinal);
        string section = page[page.IndexOf("data-item=\"revised\"", StringComparison.Ordinal)..];
        section = section[..section.IndexOf("</section>", StringComparison.Ordinal)];
        Assert.Equal(2, section.Replace("−", "-", StringComparison.Ordinal).Split(difference).Length - 1); // the energy charge, and the sum
        Assert.Contains("Energy charge", section, StringComparison.Ordinal);
        Assert.Contains("data-item=\"ways-to-pay\"", page, StringComparison.Ordinal);
    }

    /// <summary>The sample bill, as if one before it had asked for so much less.</summary>
    private static byte[] Revised(ReadOnlyMemory<byte> bill, long paise)
    {
        Assert.True(BillDocument.TryRead(bill, out BillDocument? document, out _));
        JsonObject changed = JsonNode.Parse(bill.Span)!.AsObject();
        var lines = new JsonArray();
        foreach (BillLine line in document.Lines)
        {
            lines.Add((JsonNode)new JsonObject { ["id"] = document.Text(line.Id), ["paise"] = line.Paise - (line == document.Lines[0] ? paise : 0) });
        }
        changed["revises"] = new JsonObject
        {
            ["bill_no"] = "EARLIER-1", ["difference_paise"] = paise, ["lines"] = lines, ["rounding_paise"] = document.RoundingPaise,
            ["sha256"] = Digest.Sha256("before"u8).ToString(), ["total_paise"] = document.TotalPaise - paise,
        };
        return CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(changed.ToJsonString()));
    }

    private static async Task<string> PageAsync(Func<BillFiles, BillFiles> change)
    {
        await using SampleServer server = await SampleServer.StartAsync();
        server.Queries.FilesChange = change;
        using TestClient asha = await new TestClient(server).SignInAsync("asha");
        return WebUtility.HtmlDecode(await asha.PageAsync($"/bill/{BillNo}"));
    }
}
