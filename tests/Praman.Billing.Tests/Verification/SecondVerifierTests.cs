using System.Globalization;
using System.Text;
using System.Text.Json;
using Praman.Billing.Verification;
using Praman.Proof.Notes;

namespace Praman.Billing.Tests.Verification;

/// <summary>The second verifier on the screen and in JSON, beside what <c>praman verify</c> says of the same files.</summary>
public class SecondVerifierTests
{
    /// <summary>One person can read all of it: fewer than 1,500 lines that are not empty (goal of the proof), and they are lines of a text, not a program that was pressed together.</summary>
    [Fact]
    public void TheSecondVerifierIsShortEnoughToRead()
    {
        string[] lines = SecondVerifier.ReadLines();
        Assert.InRange(lines.Count(line => line.Trim().Length > 0), 1, 1_499);
        Assert.DoesNotContain(lines, line => line.Length > 180);
        Assert.InRange(lines.Count(line => line.Length > 140), 0, lines.Length / 10);
    }

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
            [(files with { Proof = unwitnessed }, issue.Policy, "? signatures: log log.example/discom, 0 of 1 witness"),
             (files, issue.Policy with { WitnessKeys = [] }, "? signatures: log log.example/discom, 0 of 1 witness"),
             (files, issue.Policy with { WitnessesMin = 3 }, "? signatures: log log.example/discom, 1 of 3 witnesses"),
             (files, issue.Policy with { LogKeys = [] }, "? signatures: no key of the log log.example/discom was given"),
             (files with { Proof = unsalted }, issue.Policy, "? inclusion: not checked: something is missing"),
             (files, issue.Policy with { WitnessKeys = [], WitnessesMin = 0 }, "✓ signatures: log log.example/discom, 0 witnesses")])
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

    [Fact]
    public void WhatCannotBeFollowedIsOneLineAndExitTwo()
    {
        var issue = new SampleIssue(new SampleOptions());
        using var folder = new BillFolder();
        string[] files = folder.Write(issue.Bill.Files);
        string keys = folder.WriteKeys(issue.Policy);
        string badKeys = folder.Write("bad-keys.txt", Encoding.UTF8.GetBytes($"# of the log\n\n{issue.Policy.LogKeys[0]}\nlog.example+0000\n"));
        string falseId = folder.Write("false-id.txt", Encoding.UTF8.GetBytes(System.Text.RegularExpressions.Regex.Replace(issue.Policy.LogKeys[0].ToString(), "\\+[0-9a-f]{8}\\+", "+00000000+")));
        string note = folder.Write("copy.json", Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(issue.Bill.Bill).Replace("\"net_paise\":", "\"net\":1,\"net_paise\":", StringComparison.Ordinal)));
        string noText = folder.Write("no-text.json", new byte[] { 0x7B, 0xFF, 0x7D });
        foreach ((string[] arguments, string expected) in (ReadOnlySpan<(string[], string)>)
            [([], "no file is given; bill.json, bill.tlog-proof and bill.evidence.json are expected"),
             (["no-such-file"], "no-such-file: no such file; bill.json, bill.tlog-proof and bill.evidence.json are expected"),
             ([.. files, "--log-key", badKeys], $"--log-key: {badKeys}: line 4: expected name+hash+key"),
             ([.. files, "--log-key", falseId], $"--log-key: {falseId}: line 1: expected the key hash "),
             ([.. files, "--log-key", "no-such-keys.txt"], "--log-key: \"no-such-keys.txt\" (no such file, and no key): expected name+hash+key"),
             ([.. files, "--log-key"], "--log-key: a key, or a file of keys, is expected"),
             ([.. files, "--log-key", folder.Path], $"{folder.Path}: cannot be read (EISDIR); a file of keys"),
             ([.. files, "--witnesses", "-1"], "--witnesses: a number from 0 to 1000 is expected"),
             ([.. files, "--witnesses=1001"], "--witnesses: a number from 0 to 1000 is expected"),
             ([.. files, "--log-keys", keys], "--log-keys: no such option; "), ([.. files, "-v"], "-v: no such option; "),
             ([files[1]], "no bill.json is among the files"), ([keys], $"{keys}: expected JSON in UTF-8\n"), ([noText], $"{noText}: expected JSON in UTF-8\n"),
             ([note, files[1], files[2], "--log-key", keys], $"{note}: net: expected no such member, but net_paise")])
        {
            (int exit, string output, string errors) = SecondVerifier.Run(arguments);
            Assert.Equal((2, ""), (exit, output));
            Assert.StartsWith($"praman-verifier: {expected}", errors);
            Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
    }

    [Fact]
    public void HelpNamesEveryOptionAndAFolderStandsForItsFiles()
    {
        var issue = new SampleIssue(new SampleOptions());
        using var folder = new BillFolder();
        folder.Write(issue.Bill.Files);
        foreach (string help in (string[])["--help", "-h"])
        {
            (int exit, string output, string errors) = SecondVerifier.Run(help);
            Assert.Equal((0, ""), (exit, errors));
            foreach (string option in (string[])["FILE", "--log-key", "--witnesses", "--json", "--batch", "--help"]) Assert.Contains(option, output, StringComparison.Ordinal);
        }
        (int done, string verdict, string said) = SecondVerifier.Run(folder.Path, $"--log-key={folder.WriteKeys(issue.Policy)}");
        Assert.Equal((0, ""), (done, said));
        Assert.StartsWith("VALID  bill ", verdict);
    }
}
