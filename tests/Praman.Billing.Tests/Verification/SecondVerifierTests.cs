using System.Globalization;
using System.Text;
using System.Text.Json;
using Praman.Billing.Verification;
using Praman.Proof.Notes;

namespace Praman.Billing.Tests.Verification;

/// <summary>The second verifier on the screen and in JSON, beside what <c>praman verify</c> says of the same files.</summary>
public class SecondVerifierTests
{
    [Fact]
    public void AStepThatWasNotRunToItsEndIsNotCalledRight()
    {
        var issue = new SampleIssue(new SampleOptions());
        string[] proof = Encoding.UTF8.GetString(issue.Bill.Proof).Split('\n');
        byte[] unwitnessed = Encoding.UTF8.GetBytes(string.Join('\n', proof.Where(line => !line.StartsWith("— witness.example", StringComparison.Ordinal))));
        Assert.NotEqual(issue.Bill.Proof, unwitnessed);
        byte[] unsalted = Encoding.UTF8.GetBytes(string.Join('\n', proof.Where(line => !line.StartsWith("extra", StringComparison.Ordinal))));
        BillFiles files = issue.Bill.Files;
        foreach ((BillFiles given, CheckpointPolicy policy, string step) in (ReadOnlySpan<(BillFiles, CheckpointPolicy, string)>)
            [(files with { Proof = unwitnessed }, issue.Policy, "? signatures: log log.example/discom, 0 of 1 witness(es)"),
             (files, issue.Policy with { WitnessKeys = [] }, "? signatures: log log.example/discom, 0 of 1 witness(es)"),
             (files, issue.Policy with { WitnessesMin = 3 }, "? signatures: log log.example/discom, 1 of 3 witness(es)"),
             (files, issue.Policy with { LogKeys = [] }, "? signatures: no key of the log log.example/discom was given"),
             (files with { Proof = unsalted }, issue.Policy, "? inclusion: not checked: something is missing"),
             (files, issue.Policy with { WitnessKeys = [], WitnessesMin = 0 }, "✓ signatures: log log.example/discom, 0 witness(es)")])
        {
            using var folder = new BillFolder();
            string[] arguments = [.. folder.Write(given), "--log-key", folder.WriteKeys(policy), "--witnesses", policy.WitnessesMin.ToString(CultureInfo.InvariantCulture)];
            (int exit, string output, string errors) = SecondVerifier.Run(arguments);
            Assert.Equal((step[0] == '?' ? 1 : 0, ""), (exit, errors));
            Assert.Contains($"  {step}\n", output, StringComparison.Ordinal);
            JsonElement theirs = JsonElement.Parse(SecondVerifier.Run([.. arguments, "--json"]).Output), ours = JsonElement.Parse(VerdictJson.Format(SampleIssue.Verify(given, policy)));
            foreach (string member in (string[])["verdict", "missing", "checks"]) Assert.Equal(ours.GetProperty(member).GetRawText(), theirs.GetProperty(member).GetRawText());
        }
    }

    [Fact]
    public void TheScreenHasTotalEstimatesAndTheDifference()
    {
        var issue = new SampleIssue(new SampleOptions { HasEstimates = true, TariffId = "lk-ceb-domestic" });
        long total = issue.Bill.Invoice.TotalMinorUnits;
        string money = (total / 100m).ToString("0.00", CultureInfo.InvariantCulture);
        BillVerdict ours = issue.Verify(issue.Bill.Files);
        using var folder = new BillFolder();
        string keys = folder.WriteKeys(issue.Policy);
        (int exit, string output, string errors) = SecondVerifier.Run([.. folder.Write(issue.Bill.Files), "--log-key", keys]);
        Assert.Equal((0, ""), (exit, errors));
        Assert.StartsWith($"VALID_WITH_ESTIMATES  bill S1-UP-000000042, total {money}\n", output);
        Assert.EndsWith($"  estimated: {ours.EstimatedIntervals} intervals, {ours.EstimatedWh} Wh\n", output);
        Assert.Contains($" lines, total LKR {money}\n", output, StringComparison.Ordinal);

        (exit, output, errors) = SecondVerifier.Run([.. folder.Write(issue.Bill.Files with { Bill = BillVerifierTests.Edit(issue.Bill.Bill, "\"total_paise\":", 1) }), "--log-key", keys]);
        Assert.Equal((1, ""), (exit, errors));
        Assert.Contains($"\n  differs at total: computed {total}, the files say {total + 1}\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void AFileGivenTwiceIsRefused()
    {
        var issue = new SampleIssue(new SampleOptions());
        using var folder = new BillFolder();
        string[] files = folder.Write(issue.Bill.Files);
        foreach (string twice in files)
        {
            (int exit, string output, string errors) = SecondVerifier.Run([.. files, twice, "--log-key", folder.WriteKeys(issue.Policy)]);
            Assert.Equal((2, ""), (exit, output));
            Assert.Equal($"praman-verifier: {twice}: a second {Path.GetFileName(twice)}; the files of one bill are expected\n", errors);
        }
    }
}
