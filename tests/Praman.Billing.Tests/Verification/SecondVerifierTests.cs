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
}
