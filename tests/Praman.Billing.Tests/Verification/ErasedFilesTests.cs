using System.Text;
using System.Text.Json.Nodes;
using NodaTime;
using Praman.Billing.Verification;

namespace Praman.Billing.Tests.Verification;

/// <summary>A bill whose salts were erased: what is left is checked, and both verifiers say of it that it cannot be proved any more.</summary>
public class ErasedFilesTests
{
    private static readonly LocalDate Day = new(2026, 11, 24);

    private static BillFiles Erased(BillFiles files) => files with
    {
        Proof = ErasedFiles.Proof(files.Proof!.Value.Span),
        Evidence = ErasedFiles.Evidence(files.Evidence!.Value, Day),
    };

    [Theory]
    [InlineData("in-gj-rgp-urban")]
    [InlineData("in-illustrative-tod")] // recomputed from the half-hours
    public void ItIsUnprovenForAReasonOfItsOwn(string tariff)
    {
        var issue = new SampleIssue(new SampleOptions { TariffId = tariff, HasEstimates = true, HasExchange = true });
        BillFiles erased = Erased(issue.Bill.Files);
        FalseWordAgreementTests.AssertAgreement(issue,
        [
            new("erased", erased), new("erased, own proof", erased with { Proof = issue.Bill.Files.Proof }), new("erased, own evidence", erased with { Evidence = issue.Bill.Files.Evidence }),
            new("erased, no proof", erased with { Proof = null }), new("erased, no evidence", erased with { Evidence = null }),
        ]);
        BillVerdict verdict = issue.Verify(erased);
        Assert.Equal((Verdict.Unproven, null), (verdict.Verdict, verdict.Difference));
        Assert.Equal([BillVerdict.ErasedSalts], verdict.Missing);
        Assert.Equal([(3, null), (4, true), (5, true), (6, null), (7, (bool?)true)], verdict.Checks.Select(check => (check.Step, check.Ok)));
        Assert.Equal("not checked: the salts were erased on 2026-11-24", verdict.Checks[0].Detail);
        Assert.StartsWith("not proven: the salts were erased on 2026-11-24; 30 days, ", verdict.Checks[3].Detail);
        // The same words from the second verifier.
        using var folder = new BillFolder();
        string[] arguments = [.. folder.Write(erased), "--log-key", folder.WriteKeys(issue.Policy), "--json"];
        System.Text.Json.JsonElement theirs = System.Text.Json.JsonElement.Parse(SecondVerifier.Run(arguments).Output), ours = System.Text.Json.JsonElement.Parse(VerdictJson.Format(verdict));
        foreach (string member in (string[])["verdict", "missing", "checks"]) Assert.Equal(ours.GetProperty(member).GetRawText(), theirs.GetProperty(member).GetRawText());
        // Who took copies before can still prove the bill.
        Assert.True(issue.Verify(issue.Bill.Files).IsValid);
    }

    [Fact]
    public void WhatIsLeftIsStillChecked()
    {
        var issue = new SampleIssue(new SampleOptions());
        BillFiles erased = Erased(issue.Bill.Files);
        string evidence = Encoding.UTF8.GetString(erased.Evidence!.Value.Span);
        AgreementTests.Sample[] samples =
        [
            new("a paisa", erased with { Bill = BillVerifierTests.Edit(issue.Bill.Bill, "\"paise\":", 1) }),
            new("a watt-hour", erased with { Bill = BillVerifierTests.Edit(issue.Bill.Bill, "\"energy_wh\":", 1) }),
            new("a rate", erased with { Evidence = Encoding.UTF8.GetBytes(evidence.Replace("\"rate\":\"3.05\"", "\"rate\":\"3.06\"", StringComparison.Ordinal)) }),
        ];
        FalseWordAgreementTests.AssertAgreement(issue, samples);
        Assert.All(samples, sample => Assert.Equal(Verdict.Different, issue.Verify(sample.Files).Verdict));
    }

    [Fact]
    public void NoSaltIsLeftAndTheRestOfTheFilesIsAsItWas()
    {
        var issue = new SampleIssue(new SampleOptions());
        BillFiles erased = Erased(issue.Bill.Files);
        string proof = Encoding.UTF8.GetString(erased.Proof!.Value.Span), evidence = Encoding.UTF8.GetString(erased.Evidence!.Value.Span);
        Assert.All(issue.Bill.Blocks, block => Assert.DoesNotContain(block.Salt.ToBase64(), evidence, StringComparison.Ordinal));
        Assert.DoesNotContain("extra ", proof, StringComparison.Ordinal);
        Assert.Equal(Encoding.UTF8.GetString(issue.Bill.Proof).Split('\n').Where(line => !line.StartsWith("extra ", StringComparison.Ordinal)), proof.Split('\n'));
        var json = (JsonObject)JsonNode.Parse(evidence)!;
        Assert.True(json.Remove("erased"));
        foreach ((JsonNode? block, int i) in ((JsonArray)json["blocks"]!).Select((block, i) => (block, i))) block!["salt"] = issue.Bill.Blocks[i].Salt.ToBase64();
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(issue.Bill.Evidence), json));
        Assert.Equal(Day, ErasedFiles.ErasedOn(erased.Evidence!.Value.Span));
        Assert.Null(ErasedFiles.ErasedOn(issue.Bill.Evidence));
        Assert.Equal(erased.Evidence.Value.ToArray(), ErasedFiles.Evidence(erased.Evidence.Value, Day.PlusDays(9))); // an erasure is told once
        Assert.Equal(issue.Bill.Invoice.BillNo, ErasedFiles.BillNoOf(erased.Evidence.Value));
        Assert.Null(ErasedFiles.BillNoOf(issue.Bill.Bill));
    }

    [Theory]
    [InlineData("\"erased\":\"2026-11-24\",", "", "blocks[0].salt")] // empty salts, and no word of why
    [InlineData("\"erased\":\"2026-11-24\",", "\"erased\":\"2026-11-31\",", "erased")]
    [InlineData("\"salt\":\"\"", "\"salt\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"", "blocks[0].salt")]
    [InlineData("\"salt\":\"\"", "\"salt\":\"AA==\"", "blocks[0].salt")]
    public void AHalfErasureIsUnreadable(string before, string after, string place)
    {
        var issue = new SampleIssue(new SampleOptions());
        BillFiles erased = Erased(issue.Bill.Files);
        string evidence = Encoding.UTF8.GetString(erased.Evidence!.Value.Span);
        Assert.Contains(before, evidence, StringComparison.Ordinal);
        BillFiles half = erased with { Evidence = Encoding.UTF8.GetBytes(new System.Text.RegularExpressions.Regex(System.Text.RegularExpressions.Regex.Escape(before)).Replace(evidence, after, 1)) };
        FalseWordAgreementTests.AssertAgreement(issue, [new(place, half)]);
        Assert.False(new BillVerifier(issue.Policy).TryVerify(half, out _, out UnreadableFile? fault));
        Assert.Equal(place, fault.Field);
    }
}
