using System.Diagnostics;
using System.Text.Json;
using Praman.Testing;

namespace Praman.Cli.Tests;

/// <summary><c>praman verify</c> as a process, on the files of <c>vectors/tlog</c>.</summary>
public sealed class VerifyCommandTests
{
    private static string Vector(string name) => TestFiles.SharedOrSkip("vectors/tlog/" + name);

    private static (int Exit, string Output, string Errors) Run(params string[] arguments) => DotnetProgram.RunPraman(["verify", .. arguments]);

    [Fact]
    public void ABillOfTheShortFormIsProvenAndItsInputsAreMissing()
    {
        (int exit, string output, string errors) = Run(Vector("bill.tlog-proof"), Vector("bill.json"), "--log-key", Vector("vkeys.txt"), "--json");
        Assert.Equal((1, ""), (exit, errors));
        JsonElement verdict = JsonElement.Parse(output);
        Assert.Equal("UNPROVEN", verdict.GetProperty("verdict").GetString());
        Assert.Equal("inputs", Assert.Single(verdict.GetProperty("missing").EnumerateArray().ToArray()).GetString());
        Assert.All(verdict.GetProperty("checks").EnumerateArray(), check => Assert.True(check.GetProperty("ok").GetBoolean()));
    }

    [Fact]
    public void OnePaisaIsNamedOnTheScreen()
    {
        string altered = Path.GetTempFileName();
        try
        {
            File.WriteAllText(altered, File.ReadAllText(Vector("bill.json")).Replace("\"total_paise\":65838", "\"total_paise\":65839", StringComparison.Ordinal));
            (int exit, string output, string errors) = Run(altered, Vector("bill.tlog-proof"), "--log-key", Vector("vkeys.txt"));
            Assert.Equal((1, ""), (exit, errors));
            Assert.StartsWith("DIFFERENT  bill TEST-2025-09-0001, total 658.39\n", output);
            Assert.Contains("differs at total: computed 65838, the files say 65839", output, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(altered);
        }
    }

    [Fact]
    public void WhatCannotBeReadIsOneLineAndExitTwo()
    {
        foreach ((string[] arguments, string expected) in (ReadOnlySpan<(string[], string)>)
            [([Vector("entry.txt")], Vector("entry.txt") + ": at byte 0:"), (["no-such-file"], "no-such-file: no such file"), ([Vector("bill.tlog-proof")], "no bill.json"),
             ([Vector("bill.json"), "--log-key", "abc"], "--log-key: \"abc\""), ([Vector("bill.json"), Vector("bill.json")], "a second bill.json"),
             ([Vector("bill.json"), "--witnesses", "-1"], "--witnesses")])
        {
            (int exit, string output, string errors) = Run(arguments);
            Assert.Equal((2, ""), (exit, output));
            Assert.Contains(expected, errors, StringComparison.Ordinal);
            Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
    }

    [Theory]
    [InlineData("{\"batches\":[],\"zz\":1}", "bill_no")] // unknown and missing members: still an evidence file
    [InlineData("{\"aa\":1,\"type\":\"praman-evidence/1\"}", "aa")]
    [InlineData("c2sp.org/tlog-proof@v2\n", "")]
    public void AFileWithAFaultIsNamedByItsPathAndIsNoSecondBill(string text, string place)
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, text);
            (int exit, string output, string errors) = Run(Vector("bill.json"), file);
            Assert.Equal((2, ""), (exit, output));
            Assert.StartsWith($"praman verify: {file}: {(place.Length > 0 ? place + ": " : "")}at byte ", errors);
            Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>The second verifier, which shares no code, says the same words of the same files.</summary>
    [Fact]
    public void BothVerifiersSayTheSameOnTheScreen()
    {
        string? node = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "node")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(node is null, "Node.js is not installed: the second verifier cannot run");
        string altered = Path.GetTempFileName();
        try
        {
            File.WriteAllText(altered, File.ReadAllText(Vector("bill.json")).Replace("\"total_paise\":65838", "\"total_paise\":65839", StringComparison.Ordinal));
            foreach (string[] arguments in (ReadOnlySpan<string[]>)
                [[Vector("bill.json"), Vector("bill.tlog-proof"), "--log-key", Vector("vkeys.txt")], [altered, Vector("bill.tlog-proof"), "--log-key", Vector("vkeys.txt")],
                 [Vector("bill.json"), "--log-key", Vector("vkeys.txt")], [altered, Vector("bill.tlog-proof")]])
            {
                (int exit, string output, string errors) = Run(arguments);
                using Process second = Process.Start(new ProcessStartInfo(node!, [TestFiles.InRepository("verifier", "praman-verifier.mjs"), .. arguments]) { RedirectStandardOutput = true })!;
                string theirs = second.StandardOutput.ReadToEnd();
                second.WaitForExit();
                Assert.Equal((exit, output, errors), (second.ExitCode, theirs, ""));
            }
        }
        finally
        {
            File.Delete(altered);
        }
    }
}
