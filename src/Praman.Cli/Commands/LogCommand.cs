using System.CommandLine;
using NodaTime;
using Praman.Billing.Tariffs;
using Praman.Metering;
using Praman.Proof;
using Praman.Proof.Logs;
using Praman.Proof.Notes;
using Praman.Storage.Logs;

namespace Praman.Cli.Commands;

/// <summary><c>praman log</c>: what anyone may do with a public log (docs/reference/log.md).</summary>
internal static class LogCommand
{
    public static Command Create()
    {
        var command = new Command("log", "Checks a public log from its files alone: all of it, or how it goes on.");
        command.Subcommands.Add(CreateVerify());
        command.Subcommands.Add(LogMonitorCommand.Create());
        return command;
    }

    /// <summary>The log's folder or address.</summary>
    public static Argument<string> Source() => new("LOG") { Description = "folder or address (http, https) that holds checkpoint and tile/" };

    /// <summary>Keys of the log and of witnesses.</summary>
    public static Option<string[]> Keys() => new("--log-key")
    {
        Description = "A public key of the log or of a witness (name+id+base64), or a file with one a line. May stand several times.", Required = true,
    };

    /// <summary>How many witnesses.</summary>
    public static Option<int> Witnesses() => new("--witnesses") { Description = "Witnesses that must have cosigned.", DefaultValueFactory = _ => 1 };

    /// <summary>The policy, or why there is none.</summary>
    public static CheckpointPolicy? Policy(string[] keys, int witnesses, out string? problem)
    {
        if (witnesses is < 0 or > 1_000)
        {
            problem = $"--witnesses {witnesses}: a number from 0 to 1000 is expected";
            return null;
        }
        CheckpointPolicy? policy = VerifyCommand.ReadPolicy(keys, witnesses, out problem);
        if (policy is null || policy.LogKeys.Count > 0) return policy;
        problem = "--log-key: none of the keys is of a log (type 0x01)";
        return null;
    }

    private static Command CreateVerify()
    {
        Argument<string> source = Source();
        Option<string[]> keys = Keys();
        Option<int> witnesses = Witnesses();
        var kept = new Option<string?>("--kept") { Description = "A folder of `praman log monitor`: each head that it kept must be a beginning of this log." };
        var tariffs = new Option<string?>("--tariffs") { Description = "A folder of tariffs: says at which entry each tariff and series was logged." };
        var json = new Option<bool>("--json") { Description = "One JSON object instead of text." };
        var command = new Command("verify", "Reads a whole log: every entry, every hash of every tile, the root, the signatures.") { source, keys, witnesses, kept, tariffs, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            CheckpointPolicy? policy = Policy(parsed.GetValue(keys) ?? [], parsed.GetValue(witnesses), out string? problem);
            if (policy is null) throw new InvalidDataException(problem);
            string? folder = parsed.GetValue(kept);
            if (folder is not null && !Directory.Exists(folder)) throw new InvalidDataException($"--kept {folder}: there is no such folder");
            TariffSet? set = null;
            if (parsed.GetValue(tariffs) is { } path && !TariffSet.TryLoad(path, out set, out IReadOnlyList<TariffFault> faults)) throw new InvalidDataException($"--tariffs {path}: {faults[0]}");
            using LogSource log = LogSource.Open(parsed.GetValue(source)!);
            LogVerdict verdict;
            try
            {
                verdict = Verify(log, policy, folder is null ? [] : MonitorFolder.ReadAll(folder), set, cancellationToken);
            }
            catch (HttpRequestException fault)
            {
                await Console.Error.WriteLineAsync($"praman log verify: {parsed.GetValue(source)}: {fault.Message}").ConfigureAwait(false);
                return ExitCodes.Unreachable;
            }
            await Console.Out.WriteAsync(parsed.GetValue(json) ? verdict.ToJson() + "\n" : verdict.ToText()).ConfigureAwait(false);
            return verdict.IsWhole ? ExitCodes.Done : ExitCodes.No;
        });
        return command;
    }

    private static LogVerdict Verify(LogSource log, CheckpointPolicy policy, IReadOnlyList<SignedCheckpoint> kept, TariffSet? tariffs, CancellationToken cancellationToken)
    {
        if (log.ReadCheckpoint() is not { } octets) throw new InvalidDataException($"there is no {LogFolder.CheckpointName}: expected a log that has signed a head");
        if (!SignedCheckpoint.TryParse(octets, out SignedCheckpoint? head, out DecodeError error)) throw new InvalidDataException($"{LogFolder.CheckpointName}: {error}");
        CheckpointTrust trust = policy.Check(head, Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow()));
        var faults = new List<LogFault>();
        if (!trust.LogKnown) faults.Add(new("checkpoint", $"no key of {head.Checkpoint.Origin} was given"));
        else if (trust.Log != SignatureCheck.Valid) faults.Add(new("checkpoint", $"the signature of {head.Checkpoint.Origin} is {(trust.Log == SignatureCheck.Invalid ? "false" : "not there")}"));
        if (trust.InvalidWitness is { } witness) faults.Add(new("checkpoint", $"the cosignature of {witness} is false, or of the future"));
        if (trust.Witnesses.Count < policy.WitnessesMin) faults.Add(new("checkpoint", $"{trust.Witnesses.Count} of {policy.WitnessesMin} witnesses have cosigned"));
        foreach (SignedCheckpoint one in kept)
        {
            // What this log did not sign convicts nobody.
            if (policy.Check(one).Log != SignatureCheck.Valid) throw new InvalidDataException($"--kept: the head of size {one.Size} is not signed by a key that was given");
        }
        var firstOf = new Dictionary<LogEntry, long>();
        var audit = LogAudit.Whole(
            log, head.Checkpoint, [.. kept.Select(one => one.Checkpoint)],
            (index, entry) =>
            {
                if (tariffs is not null && entry.Kind is LogEntryKind.Tariff or LogEntryKind.TariffSeries) firstOf.TryAdd(entry, index);
            },
            cancellationToken);
        return new(head, trust, [.. faults, .. audit.Faults], audit, kept.Count, tariffs is null ? null : Published(tariffs, firstOf));
    }

    private static List<LoggedObject> Published(TariffSet tariffs, Dictionary<LogEntry, long> firstOf)
    {
        long? Find(LogEntryKind kind, Digest hash) => firstOf.TryGetValue(new LogEntry(kind, hash), out long index) ? index : null;
        return
        [
            .. tariffs.Tariffs.Values.OrderBy(tariff => tariff.Id, StringComparer.Ordinal).Select(tariff => new LoggedObject("tariff", tariff.Id, Find(LogEntryKind.Tariff, tariff.Hash))),
            .. tariffs.Series.Values.OrderBy(series => series.Id, StringComparer.Ordinal).Select(series => new LoggedObject("tariff-series", series.Id, Find(LogEntryKind.TariffSeries, series.Hash))),
        ];
    }
}
