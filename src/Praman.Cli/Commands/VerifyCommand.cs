using System.CommandLine;
using System.Globalization;
using System.Text;
using NodaTime;
using Praman.Billing.Verification;
using Praman.Metering;
using Praman.Proof.Notes;

namespace Praman.Cli.Commands;

/// <summary><c>praman verify</c>: checks a bill from its files alone, offline (docs/reference/proof-format.md).</summary>
internal static class VerifyCommand
{
    private static ReadOnlySpan<byte> ProofStart => "c2sp.org/tlog-proof"u8;

    private static ReadOnlySpan<byte> EvidenceStart => "{\"batches\""u8;

    private static ReadOnlySpan<byte> EvidenceType => "\"type\":\"praman-evidence/1\""u8;

    public static Command Create()
    {
        var files = new Argument<string[]>("FILE")
        {
            Description = "bill.json, bill.tlog-proof and bill.evidence.json in any order (told apart by what is in them), or a folder that holds them; or a file of OCMF; or a device's and a supplier's of TRuDI.",
            Arity = ArgumentArity.OneOrMore,
        };
        var keys = new Option<string[]>("--log-key")
        {
            Description = "A public key of the log or of a witness (name+id+base64), or a file with one a line. May stand several times.",
        };
        var witnesses = new Option<int>("--witnesses") { Description = "Witnesses that must have cosigned.", DefaultValueFactory = _ => 1 };
        var meterKey = new Option<string?>("--meter-key") { Description = "The public key of the meter that signed OCMF (hex or base64, or a file with it), got from the meter itself." };
        var json = new Option<bool>("--json") { Description = "One JSON object instead of text." };
        var command = new Command("verify", "Checks a bill: that it was logged, from which readings and tariff, and that every line computes. Or signed values from elsewhere.")
        {
            files, keys, witnesses, meterKey, json,
        };
        command.SetAction(async (parsed, cancellation) =>
            await SignedValuesAsync(parsed.GetValue(files)!, parsed.GetValue(meterKey), parsed.GetValue(json), Console.Out, Console.Error, cancellation).ConfigureAwait(false)
            ?? await RunAsync(parsed.GetValue(files)!, parsed.GetValue(keys) ?? [], parsed.GetValue(witnesses), parsed.GetValue(json), Console.Out, Console.Error, cancellation).ConfigureAwait(false));
        return command;
    }

    /// <summary>Checks signed values from elsewhere.</summary>
    /// <returns>Null where the first file is none of these: a bill is expected then.</returns>
    public static async Task<int?> SignedValuesAsync(string[] paths, string? meterKey, bool json, TextWriter output, TextWriter errors, CancellationToken cancellationToken)
    {
        var files = new List<(string Path, byte[] Octets)>();
        string? problem = null;
        foreach (string path in paths)
        {
            if (!File.Exists(path)) break;
            if (new FileInfo(path).Length > BillFiles.LengthMax) break;
            files.Add((path, await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false)));
        }
        if (files.Count == 0 || !SignedValuesCommand.Looks(files[0].Octets)) return null;
        if (files.Count < paths.Length) problem = $"{paths[files.Count]}: no such file, or more than {BillFiles.LengthMax} octets";
        byte[]? key = problem is null && meterKey is not null ? SignedValuesCommand.ReadKey(meterKey, out problem) : null;
        SignedValuesCommand.Outcome? outcome = problem is null ? SignedValuesCommand.Verify(files, key is null ? default(ReadOnlyMemory<byte>?) : key) : null;
        if (outcome?.Json is null)
        {
            await errors.WriteLineAsync($"praman verify: {problem ?? outcome!.Text}").ConfigureAwait(false);
            return ExitCodes.BadInput;
        }
        await output.WriteAsync(json ? outcome.Json.ToJsonString() + "\n" : outcome.Text).ConfigureAwait(false);
        return outcome.ExitCode;
    }

    /// <summary>Checks the bill among <paramref name="paths"/>.</summary>
    /// <returns>0 where it is valid, 1 where it differs or is unproven, 2 where a file or a key cannot be read.</returns>
    public static async Task<int> RunAsync(
        string[] paths, string[] keys, int witnesses, bool json, TextWriter output, TextWriter errors, CancellationToken cancellationToken)
    {
        string? problem = witnesses is < 0 or > 1_000 ? "--witnesses: a number from 0 to 1000 is expected" : null;
        CheckpointPolicy? policy = problem is null ? ReadPolicy(keys, witnesses, out problem) : null;
        BillFiles? files = null;
        var given = new Dictionary<string, string>(StringComparer.Ordinal); // paths by usual name
        if (problem is null) (files, problem) = await ReadFilesAsync(paths, given, cancellationToken).ConfigureAwait(false);
        BillVerdict? verdict = null;
        if (problem is null && !new BillVerifier(policy!, Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow())).TryVerify(files!, out verdict, out UnreadableFile? fault))
            problem = (fault with { File = given.GetValueOrDefault(fault.File, fault.File) }).ToString();
        if (verdict is null)
        {
            await errors.WriteLineAsync($"praman verify: {problem}").ConfigureAwait(false);
            return ExitCodes.BadInput;
        }
        if (json) await output.WriteLineAsync(VerdictJson.Format(verdict)).ConfigureAwait(false);
        else await output.WriteAsync(TextOf(verdict)).ConfigureAwait(false);
        return verdict.IsValid ? ExitCodes.Done : ExitCodes.No;
    }

    /// <summary>Reads keys given on the command line: each a key, or a file with a key a line.</summary>
    internal static CheckpointPolicy? ReadPolicy(string[] keys, int witnesses, out string? problem)
    {
        var read = new List<NoteVerifierKey>();
        foreach (string given in keys)
        {
            bool isFile = File.Exists(given);
            if (isFile && new FileInfo(given).Length > 1 << 20)
            {
                problem = $"--log-key: {given}: more than 1 MiB; a file of keys, one a line, is expected";
                return null;
            }
            string[] lines = isFile ? File.ReadAllLines(given) : [given];
            for (int i = 0; i < lines.Length; i++)
            {
                if (isFile && (string.IsNullOrWhiteSpace(lines[i]) || lines[i].StartsWith('#'))) continue;
                if (!NoteVerifierKey.TryParse(lines[i], out NoteVerifierKey? key, out DecodeError error))
                {
                    problem = isFile
                        ? string.Create(CultureInfo.InvariantCulture, $"--log-key: {given}: line {i + 1}: {error}")
                        : given.Contains('+', StringComparison.Ordinal)
                            ? $"--log-key: \"{given}\" (no such file, and no key): {error}"
                            : $"--log-key: \"{given}\": there is no such file, and it is no key; expected a file with a key a line, or a key written name+keyid+base64";
                    return null;
                }
                read.Add(key);
            }
        }
        problem = null;
        return new([.. read.Where(key => key.Type == NoteKeyType.Ed25519)], [.. read.Where(key => key.Type == NoteKeyType.CosignatureV1)], witnesses);
    }

    private static async Task<(BillFiles?, string?)> ReadFilesAsync(string[] paths, Dictionary<string, string> given, CancellationToken cancellationToken)
    {
        var read = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        foreach (string path in paths.SelectMany(Expand))
        {
            if (!File.Exists(path)) return (null, $"{path}: no such file; bill.json, bill.tlog-proof and bill.evidence.json are expected");
            if (new FileInfo(path).Length > BillFiles.LengthMax) return (null, $"{path}: more than {BillFiles.LengthMax} octets");
            byte[] octets = await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);
            string name = UsualName(octets);
            if (!read.TryAdd(name, octets)) return (null, $"{path}: a second {name}; the files of one bill are expected");
            given[name] = path;
        }
        ReadOnlyMemory<byte>? Of(string name) => read.TryGetValue(name, out ReadOnlyMemory<byte> octets) ? octets : (ReadOnlyMemory<byte>?)null;
        return Of(BillFiles.BillName) is { } bill ? (new BillFiles(bill, Of(BillFiles.ProofName), Of(BillFiles.EvidenceName)), null) : (null, $"no {BillFiles.BillName} is among the files");
    }

    /// <summary>Which of the three files it is; whatever else is taken as a bill, whose reader says what is wrong. Members too many do not change it.</summary>
    private static string UsualName(ReadOnlySpan<byte> octets)
    {
        if (octets.StartsWith(ProofStart)) return BillFiles.ProofName;
        return octets.StartsWith(EvidenceStart) || octets.IndexOf(EvidenceType) >= 0 ? BillFiles.EvidenceName : BillFiles.BillName;
    }

    private static IEnumerable<string> Expand(string path) => Directory.Exists(path)
        ? ((string[])[BillFiles.BillName, BillFiles.ProofName, BillFiles.EvidenceName]).Select(name => Path.Combine(path, name)).Where(File.Exists)
        : [path];

    private static string TextOf(BillVerdict verdict)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{BillVerdict.Word(verdict.Verdict)}  bill {verdict.BillNo}, total {verdict.TotalPaise / 100m:0.00}\n");
        foreach (BillCheck check in verdict.Checks)
            text.Append("  ").Append(check.Ok switch { true => "✓ ", false => "✗ ", null => "? " }).Append(check.Name).Append(": ").Append(check.Detail).Append('\n');
        if (verdict.EstimatedIntervals > 0)
            text.Append(CultureInfo.InvariantCulture, $"  estimated: {Counted.Of(verdict.EstimatedIntervals, "interval")}, {verdict.EstimatedWh} Wh\n");
        if (verdict.EditedIntervals + verdict.EditedRegisters > 0)
            text.Append(CultureInfo.InvariantCulture, $"  entered or accepted by a person: {Counted.Of(verdict.EditedIntervals, "interval")}, {Counted.Of(verdict.EditedRegisters, "register")}\n");
        if (verdict.Difference is { } difference) text.Append(CultureInfo.InvariantCulture, $"  differs at {difference.Line}: computed {difference.Ours}, the files say {difference.Theirs}\n");
        foreach (string missing in verdict.Missing) text.Append("  missing: ").Append(missing).Append('\n');
        return text.ToString();
    }
}
