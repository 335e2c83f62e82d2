using System.Text;
using System.Text.Json.Nodes;
using NodaTime;
using Praman.Billing.Verification;
using Praman.Proof;
using Praman.Proof.Canonical;

namespace Praman.Billing.Tests.Verification;

/// <summary>The reversal of a bill and a bill in the place of another: both verifiers prove them, and name the same place where something was changed.</summary>
public class RevisionTests
{
    private static readonly LocalDate Later = new(2026, 6, 10);

    [Fact]
    public void AReversalIsTheBillWithTheOtherSignAndBothVerifiersProveIt()
    {
        byte[]? before = null;
        var issue = new SampleIssue(new SampleOptions { HasEstimates = true, Homes = 1, Forge = bill => ReversalDocument.Write(before = Renumbered(bill, "B-1"), NumberOf(bill), Later) });
        Assert.True(BillDocument.TryRead(issue.Bill.Bill, out BillDocument? reversal, out _));
        Assert.True(BillDocument.TryRead(before!, out BillDocument? bill, out _));
        Assert.Equal((Later, "B-1", bill!.Issued, Digest.Sha256(before)), (reversal!.Issued, reversal.Reverses!.BillNo, reversal.Reverses.Issued, reversal.Reverses.Hash));
        Assert.Equal((-bill.TotalPaise, -bill.GrossPaise), (reversal.TotalPaise, reversal.GrossPaise));
        Assert.Equal(bill.Lines.Select(line => -line.Paise), reversal.Lines.Select(line => line.Paise));
        Assert.Throws<ArgumentException>(() => ReversalDocument.Write(issue.Bill.Bill, "R-2", Later));
        BillVerdict verdict = Verify(issue, issue.Bill.Files);
        Assert.Equal((Verdict.ValidWithEstimates, reversal.BillNo, -bill.TotalPaise), (verdict.Verdict, verdict.BillNo, verdict.TotalPaise));
        AssertBothSay(issue, issue.Bill.Files, "VALID_WITH_ESTIMATES");
    }

    /// <summary>What is changed in a reversal before it is logged: an amount, what it takes back, and when that was issued.</summary>
    [Theory]
    [InlineData("energy")]
    [InlineData("reverses/sha256")]
    [InlineData("issued")]
    public void AReversalThatIsNotThatOfItsBillIsFoundByBoth(string what)
    {
        var issue = new SampleIssue(new SampleOptions
        {
            Homes = 1, Forge = bill => Changed(ReversalDocument.Write(Renumbered(bill, "B-1"), NumberOf(bill), Later), document =>
        {
            if (what == "energy") document["lines"]![0]!["paise"] = document["lines"]![0]!["paise"]!.GetValue<long>() + 1;
            else if (what == "issued") document["reverses"]!["issued"] = "2026-05-09";
            else document["reverses"]!["sha256"] = Digest.Sha256("another"u8).ToString();
        })
        });
        string place = what == "issued" ? "reverses/sha256" : what;
        Assert.Equal((Verdict.Different, place), (Verify(issue, issue.Bill.Files).Verdict, Verify(issue, issue.Bill.Files).Difference!.Line));
        AssertBothSay(issue, issue.Bill.Files, $"DIFFERENT {place}");
    }

    [Theory]
    [InlineData(0, 0, "VALID")]
    [InlineData(1, 0, "DIFFERENT revises/difference_paise")]
    [InlineData(0, 1, "DIFFERENT revises/total_paise")]
    public void WhatABillSaysOfTheOneBeforeAddsUp(long difference, long line, string expected)
    {
        var issue = new SampleIssue(new SampleOptions
        {
            Homes = 1, Forge = bill => Changed(bill, document =>
        {
            long total = document["total_paise"]!.GetValue<long>();
            document["revises"] = new JsonObject
            {
                ["bill_no"] = "B-1", ["difference_paise"] = total - 1_234 + difference, ["lines"] = new JsonArray(new JsonObject { ["id"] = "energy", ["paise"] = 1_200 + line }),
                ["rounding_paise"] = 34, ["sha256"] = Digest.Sha256("before"u8).ToString(), ["total_paise"] = 1_234,
            };
        })
        });
        AssertBothSay(issue, issue.Bill.Files, expected);
    }

    [Fact]
    public void AMemberThatIsTooManyMakesEitherUnreadable()
    {
        var issue = new SampleIssue(new SampleOptions { Homes = 1, Forge = bill => Changed(ReversalDocument.Write(Renumbered(bill, "B-1"), NumberOf(bill), Later), document => document["reverses"]!["note"] = "x") });
        Assert.False(new BillVerifier(issue.Policy).TryVerify(issue.Bill.Files, out _, out UnreadableFile? fault));
        Assert.Equal("reverses.note", fault.Field);
        AssertBothSay(issue, issue.Bill.Files, "UNREADABLE bill.json reverses.note");
    }

    /// <summary>Each number of a reversal up or down by one: both verifiers say the same of it.</summary>
    [Fact]
    public void BothAgreeOnChangedReversals()
    {
        var issue = new SampleIssue(new SampleOptions { Homes = 3, Forge = bill => ReversalDocument.Write(Renumbered(bill, "B-1"), NumberOf(bill), Later) });
        List<AgreementTests.Sample> samples = [.. issue.Bills.SelectMany((bill, i) => AgreementTests.Changes(bill, $"reversal {i}", new Random(i)))];
        using var folder = new BillFolder();
        var verdicts = new Dictionary<string, int>();
        Assert.Empty(AgreementTests.Compare(folder.WriteKeys(issue.Policy), issue.Policy, samples, verdicts));
        Assert.True(verdicts["VALID"] == 3 && verdicts["DIFFERENT"] > 10);
    }

    private static BillVerdict Verify(SampleIssue issue, BillFiles files)
    {
        Assert.True(new BillVerifier(issue.Policy).TryVerify(files, out BillVerdict? verdict, out UnreadableFile? fault), fault?.ToString());
        return verdict;
    }

    private static void AssertBothSay(SampleIssue issue, BillFiles files, string expected)
    {
        using var folder = new BillFolder();
        var verdicts = new Dictionary<string, int>();
        Assert.Empty(AgreementTests.Compare(folder.WriteKeys(issue.Policy), issue.Policy, [new("one", files)], verdicts));
        Assert.Equal(expected.Split(' ')[0], Assert.Single(verdicts).Key);
        if (expected.StartsWith("DIFFERENT ", StringComparison.Ordinal)) Assert.Equal(expected["DIFFERENT ".Length..], Verify(issue, files).Difference!.Line);
    }

    private static string NumberOf(byte[] bill) => JsonNode.Parse(bill)!["bill_no"]!.GetValue<string>();

    private static byte[] Renumbered(byte[] bill, string billNo) => Changed(bill, document => document["bill_no"] = billNo);

    private static byte[] Changed(byte[] bill, Action<JsonObject> change)
    {
        JsonObject document = JsonNode.Parse(bill)!.AsObject();
        change(document);
        return CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(document.ToJsonString()));
    }
}
