using System.Net;
using System.Text.RegularExpressions;
using Praman.Proof.Notes;
using Praman.Server.Bills;
using Praman.Server.Queries;
using Praman.Server.Testing;

namespace Praman.Server.Tests;

/// <summary>The square code on a bill, and where it leads.</summary>
public sealed partial class ProofCodeTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const string BillNo = "SVN-42-202603";

    /// <summary>The code says what the log holds: found at that place with no file but the code's own text.</summary>
    [Fact]
    public async Task TheCodeOnTheBillLeadsToItsEntryInTheLog()
    {
        using TestClient asha = await fixture.AsAsync("asha");
        string page = WebUtility.HtmlDecode(await asha.PageAsync("/bill/" + BillNo));
        ProofCode code = ProofCode.Of(fixture.Server.Address.ToString(), fixture.Server.Queries.Log.Bills[BillNo])!;
        Assert.Contains($"d=\"{code.Path}\"", page, StringComparison.Ordinal);
        Assert.Contains(code.Commitment.ToString(), page, StringComparison.Ordinal);
        Assert.StartsWith(fixture.Server.Address + "check?bill=" + BillNo, code.Address, StringComparison.Ordinal);
        using TestClient stranger = fixture.Stranger();
        string check = WebUtility.HtmlDecode(await stranger.PageAsync(new Uri(code.Address).PathAndQuery));
        Assert.Contains("In the log", check, StringComparison.Ordinal);
        Assert.Contains("has a bill with this commitment", check, StringComparison.Ordinal);
        Assert.Contains(code.Commitment.ToString(), check, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("entry", "0", "has something else")] // a tariff stands there
    [InlineData("entry", "76", "has something else")] // another bill
    [InlineData("entry", "99999999", "has no such place")]
    [InlineData("commitment", "00000000000000000000000000000000000000000000000000000000000000ff", "has something else")]
    public async Task ACodeThatIsNotOfTheLogIsToldApart(string parameter, string value, string expected)
    {
        string query = new Uri(ProofCode.Of("http://x/", fixture.Server.Queries.Log.Bills[BillNo])!.Address).PathAndQuery;
        string other = Regex.Replace(query, $"{parameter}=[^&]+", $"{parameter}={value}");
        Assert.NotEqual(query, other);
        using TestClient stranger = fixture.Stranger();
        string check = WebUtility.HtmlDecode(await stranger.PageAsync(other));
        Assert.Contains("Not in the log", check, StringComparison.Ordinal);
        Assert.Contains(expected, check, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/check?bill=X&entry=-1&commitment=00000000000000000000000000000000000000000000000000000000000000ff")]
    [InlineData("/check?bill=X&entry=1&commitment=00")]
    [InlineData("/check?bill=&entry=1&commitment=00000000000000000000000000000000000000000000000000000000000000ff")]
    [InlineData("/check?entry=1")]
    public async Task WhatIsNoCodeIsPassedOver(string path)
    {
        using TestClient stranger = fixture.Stranger();
        string check = await stranger.PageAsync(path);
        Assert.DoesNotContain("From the code on a bill", check, StringComparison.Ordinal);
        Assert.Contains("What the check does", check, StringComparison.Ordinal);
    }

    /// <summary>The drawn modules, read as a scanner reads them, are the address: format, mask and data, without the library that drew them.</summary>
    [Fact]
    public void TheDrawnModulesReadBackAsTheAddress()
    {
        ProofCode code = ProofCode.Of("https://bills.example/", fixture.Server.Queries.Log.Bills[BillNo])!;
        Assert.Equal(code.Address, QrReader.Read(code));
    }

    [Fact]
    public void WithoutASaltThereIsNoCode()
    {
        BillFiles files = fixture.Server.Queries.Log.Bills[BillNo];
        Assert.True(TlogProof.TryParse(files.Proof.Span, out TlogProof? proof, out _));
        Assert.Null(ProofCode.Of("https://bills.example/", files with { Proof = (proof with { Extra = null }).ToBytes() }));
        Assert.Null(ProofCode.Of("https://bills.example/", files with { Proof = "no proof"u8.ToArray() }));
    }
}
