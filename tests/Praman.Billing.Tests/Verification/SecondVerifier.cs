using System.Diagnostics;
using Praman.Billing.Verification;
using Praman.Proof.Notes;
using Praman.Testing;

namespace Praman.Billing.Tests.Verification;

/// <summary>The second verifier, <c>verifier/praman-verifier.mjs</c>, as a program of Node.</summary>
internal static class SecondVerifier
{
    private static string Script { get; } = TestFiles.InRepository("verifier", "praman-verifier.mjs");

    /// <summary>Its text, line by line.</summary>
    public static string[] ReadLines() => File.ReadAllLines(Script);

    /// <summary>Where Node is; the running test is skipped where it is not.</summary>
    public static string FindNode()
    {
        string? node = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "node")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(node is null, "Node.js is not installed: the second verifier cannot run");
        return node!;
    }

    /// <summary>Runs it as a person does.</summary>
    public static (int Exit, string Output, string Errors) Run(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(FindNode(), [Script, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.GetAwaiter().GetResult());
    }

    /// <summary>Runs it over many bills: a document a line in, a verdict a line out.</summary>
    public static string[] RunBatch(string keys, IEnumerable<BillFiles> bills)
    {
        var start = new ProcessStartInfo(FindNode(), [Script, "--batch", "--log-key", keys]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        foreach (BillFiles files in bills)
        {
            string Field(string name, ReadOnlyMemory<byte>? file) => file is { } octets ? $",\"{name}\":\"{Convert.ToBase64String(octets.Span)}\"" : "";
            process.StandardInput.WriteLine($"{{\"bill\":\"{Convert.ToBase64String(files.Bill.Span)}\"{Field("proof", files.Proof)}{Field("evidence", files.Evidence)}}}");
        }
        process.StandardInput.Close();
        string text = output.GetAwaiter().GetResult();
        process.WaitForExit();
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}

/// <summary>The files of a bill and its keys in a folder that goes with the test.</summary>
internal sealed class BillFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("praman-bill-");

    public string Path => _folder.FullName;

    /// <summary>Writes the files that are there.</summary>
    /// <returns>Their paths.</returns>
    public string[] Write(BillFiles files) =>
    [
        Write(BillFiles.BillName, files.Bill),
        .. files.Proof is { } proof ? (string[])[Write(BillFiles.ProofName, proof)] : [],
        .. files.Evidence is { } evidence ? (string[])[Write(BillFiles.EvidenceName, evidence)] : [],
    ];

    public string Write(string name, ReadOnlyMemory<byte> octets)
    {
        string path = System.IO.Path.Combine(Path, name);
        File.WriteAllBytes(path, octets.Span);
        return path;
    }

    public string WriteKeys(CheckpointPolicy policy)
    {
        string path = System.IO.Path.Combine(Path, "keys.txt");
        File.WriteAllLines(path, policy.LogKeys.Concat(policy.WitnessKeys).Select(key => key.ToString()));
        return path;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
