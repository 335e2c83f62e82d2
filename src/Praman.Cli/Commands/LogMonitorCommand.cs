using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using NodaTime;
using NodaTime.Text;
using Praman.Proof.Logs;
using Praman.Proof.Notes;
using Praman.Storage.Logs;

namespace Praman.Cli.Commands;

/// <summary><c>praman log monitor</c>: looks at a log again and again; each head must go on from the last (docs/reference/log.md).</summary>
internal static class LogMonitorCommand
{
    public static Command Create()
    {
        Argument<string> source = LogCommand.Source();
        Option<string[]> keys = LogCommand.Keys();
        Option<int> witnesses = LogCommand.Witnesses();
        var state = new Option<string>("--state") { Description = "folder of the heads that were found good, and of evidence", Required = true };
        var every = new Option<int>("--every") { Description = "seconds between two looks, 1 to 86400", DefaultValueFactory = _ => 300 };
        var looks = new Option<int>("--looks") { Description = "looks until it ends; 0 goes on until Ctrl-C or an alarm", DefaultValueFactory = _ => 0 };
        var json = new Option<bool>("--json") { Description = "One JSON object a line, one for each look." };
        var command = new Command("monitor", "Follows a log: each head must go on from the last, every new entry must be there. Ends with 1 at the first alarm.")
        {
            source, keys, witnesses, state, every, looks, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            CheckpointPolicy? policy = LogCommand.Policy(parsed.GetValue(keys) ?? [], parsed.GetValue(witnesses), out string? problem);
            if (policy is null) throw new InvalidDataException(problem);
            if (parsed.GetValue(every) is < 1 or > 86_400) throw new InvalidDataException($"--every {parsed.GetValue(every)}: expected 1 to 86400");
            if (parsed.GetValue(looks) < 0) throw new InvalidDataException($"--looks {parsed.GetValue(looks)}: expected 0 or more");
            using LogSource log = LogSource.Open(parsed.GetValue(source)!);
            using var folder = new MonitorFolder(parsed.GetValue(state)!);
            var monitor = new Monitor(log, folder, policy, parsed.GetValue(json));
            return await monitor.RunAsync(parsed.GetValue(looks), TimeSpan.FromSeconds(parsed.GetValue(every)), cancellationToken).ConfigureAwait(false);
        });
        return command;
    }

    private sealed class Monitor(LogSource log, MonitorFolder folder, CheckpointPolicy policy, bool json)
    {
        /// <summary>0 after the last look, 1 at an alarm, 3 where the last look did not reach the log.</summary>
        public async Task<int> RunAsync(int looks, TimeSpan every, CancellationToken cancellationToken)
        {
            SignedCheckpoint? last = folder.ReadLast();
            for (int look = 1; ; look++)
            {
                Instant now = Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow());
                int code = ExitCodes.Done;
                try
                {
                    MonitorStep step = log.ReadCheckpoint() is { } octets
                        ? LogMonitor.Look(octets, last, policy, log, now, cancellationToken)
                        : new(last is null ? MonitorVerdict.Unreadable : MonitorVerdict.Rollback, $"there is no {LogFolder.CheckpointName}", null, null);
                    string? evidence = Keep(step, last);
                    await SayAsync(step, now, evidence).ConfigureAwait(false);
                    if (step.IsAlarm) return ExitCodes.No;
                    last = step.Head;
                }
                catch (HttpRequestException fault)
                {
                    await Console.Error.WriteLineAsync($"praman log monitor: {InstantPattern.General.Format(now)} {fault.Message}").ConfigureAwait(false);
                    code = ExitCodes.Unreachable;
                }
                if (look == looks) return code;
                try
                {
                    await Task.Delay(every, TimeProvider.System, cancellationToken).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    return code;
                }
            }
        }

        private string? Keep(MonitorStep step, SignedCheckpoint? last)
        {
            if (step.IsEvidence && last is not null && step.Head is not null)
            {
                (string before, string now) = folder.KeepEvidence(last, step.Head);
                return $"{before}, {now}";
            }
            if (!step.IsAlarm && step.Verdict != MonitorVerdict.Unchanged) folder.Keep(step.Head!);
            return null;
        }

        private async Task SayAsync(MonitorStep step, Instant now, string? evidence)
        {
            string word = Word(step.Verdict), at = InstantPattern.General.Format(now);
            if (!json)
            {
                await Console.Out.WriteLineAsync(
                    string.Create(CultureInfo.InvariantCulture, $"{at} {(step.IsAlarm ? "ALARM " : "")}{word}: {step.Detail}{(evidence is null ? "" : $"; evidence: {evidence}")}")).ConfigureAwait(false);
                return;
            }
            var line = new JsonObject { ["at"] = at, ["verdict"] = word, ["alarm"] = step.IsAlarm, ["detail"] = step.Detail };
            if (step.Head is { } head)
            {
                line["origin"] = head.Checkpoint.Origin;
                line["size"] = head.Size;
                line["root"] = head.Root.ToBase64();
                line["witnesses"] = policy.Check(head, now).Witnesses.Count;
            }
            if (step.Audit is { } audit)
            {
                line["read"] = audit.Size;
                line["faults"] = new JsonArray([.. audit.Faults.Select(fault => (JsonNode)new JsonObject { ["place"] = fault.Place, ["reason"] = fault.Reason })]);
            }
            if (evidence is not null) line["evidence"] = evidence;
            await Console.Out.WriteLineAsync(line.ToJsonString()).ConfigureAwait(false);
        }

        private static string Word(MonitorVerdict verdict) => verdict switch
        {
            MonitorVerdict.First => "FIRST",
            MonitorVerdict.Unchanged => "UNCHANGED",
            MonitorVerdict.Grown => "GROWN",
            MonitorVerdict.SplitView => "SPLIT_VIEW",
            MonitorVerdict.Rollback => "ROLLBACK",
            MonitorVerdict.BadSignature => "BAD_SIGNATURE",
            MonitorVerdict.TooFewWitnesses => "TOO_FEW_WITNESSES",
            MonitorVerdict.Unreadable => "UNREADABLE",
            _ => "DAMAGED",
        };
    }
}
