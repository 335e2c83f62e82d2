using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using NodaTime;
using Praman.Metering;
using Praman.Proof;
using Praman.Proof.Logs;
using Praman.Proof.Notes;
using Praman.Server.Operations;
using Praman.Storage;
using Praman.Storage.Logs;
using Praman.Testing;

namespace Praman.System.Tests;

/// <summary>A log whose heads two witnesses cosign, each a process with its own key and memory; and those who check and follow the log.</summary>
public sealed class WitnessTests : IAsyncDisposable
{
    private const string Origin = "log.example/two-witnesses";

    private readonly string _folder = Directory.CreateTempSubdirectory("praman-witness-").FullName;
    private readonly NoteSigningKey _key = new(Origin, NoteKeyType.Ed25519, Digest.Sha256("two witnesses"u8).Octets);
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(20) };
    private readonly List<WitnessProcess> _running = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Instant Now => Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow());

    private string LogPath => Path.Combine(_folder, "store", "log");

    public async ValueTask DisposeAsync()
    {
        foreach (WitnessProcess witness in _running) await witness.KillAsync();
        _client.Dispose();
        _key.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task TwoWitnessesInProcessesOfTheirOwnCosignAndOneThatWasKilledRemembers()
    {
        WitnessProcess first = await StartAsync("first"), second = await StartAsync("second");
        await using PramanStore store = await PramanStore.OpenAsync(Path.Combine(_folder, "store"));
        var circle = new WitnessCircle([Link(first), Link(second)], 1);
        var log = PublicLog.Open(_key, [], store.Log, store.LogIndex, circle);
        Append(log, 300);
        SignedCheckpoint at300 = await log.PublishAsync(Now, Cancellation);
        Assert.Empty(circle.Refusals);
        AssertCosigned(at300, first, second);
        string keys = WriteKeys(first, second);

        PramanProgram.Outcome monitor = await MonitorAsync(LogPath, keys);
        Assert.True(monitor.ExitCode == 0, monitor.Error);
        Assert.Equal("FIRST", JsonDocument.Parse(monitor.Output).RootElement.GetProperty("verdict").GetString());

        // One witness is gone: the other is enough, and it is said who is missing.
        await first.KillAsync();
        Append(log, 100);
        SignedCheckpoint at400 = await log.PublishAsync(Now, Cancellation);
        Assert.Equal("first.example/w", Assert.Single(circle.Refusals).Witness);
        AssertCosigned(at400, second);

        // It comes back with its key and its memory, and is led on from where it stood.
        first = await StartAsync("first");
        var both = new WitnessCircle([Link(first), Link(second)], 2);
        log = PublicLog.Open(_key, [], store.Log, store.LogIndex, both);
        Append(log, 50);
        SignedCheckpoint at450 = await log.PublishAsync(Now, Cancellation);
        AssertCosigned(at450, first, second);

        PramanProgram.Outcome verify = await PramanProgram.RunAsync(["log", "verify", LogPath, "--log-key", keys, "--witnesses", "2", "--kept", Path.Combine(_folder, "monitor"), "--json"]);
        Assert.True(verify.ExitCode == 0, verify.Output + verify.Error);
        JsonElement whole = JsonDocument.Parse(verify.Output).RootElement;
        Assert.Equal(("WHOLE", 450, 450, 1), (whole.GetProperty("verdict").GetString(), whole.GetProperty("size").GetInt32(), whole.GetProperty("read").GetInt32(), whole.GetProperty("kept").GetInt32()));
        Assert.Equal(2, whole.GetProperty("witnesses").GetArrayLength());
        monitor = await MonitorAsync(LogPath, keys);
        Assert.Equal("GROWN", JsonDocument.Parse(monitor.Output).RootElement.GetProperty("verdict").GetString());

        await SecondHistoryIsRefusedAsync(first, at300, at450, keys);

        // A witness that is killed after it has cosigned does not cosign against it when it is back.
        await second.KillAsync();
        second = await StartAsync("second");
        Assert.Equal(HttpStatusCode.Conflict, (await AskAsync(second, 0, [], Fork(450).Head)).Status);
    }

    [Fact]
    public async Task ALogThatCrashedAfterItsHeadWasCosignedGoesOnFromThatHead()
    {
        WitnessProcess witness = await StartAsync("only");
        await using PramanStore store = await PramanStore.OpenAsync(Path.Combine(_folder, "store"));
        var log = PublicLog.Open(_key, [], store.Log, store.LogIndex, new WitnessCircle([new Deaf(Link(witness))], 1));
        Append(log, 5);
        // The witness cosigns, and its answer is lost: nothing is published.
        await Assert.ThrowsAsync<InvalidOperationException>(() => log.PublishAsync(Now, Cancellation).AsTask());
        Assert.Null(store.Log.ReadCheckpoint());

        var again = PublicLog.Open(_key, [], store.Log, store.LogIndex, new WitnessCircle([Link(witness)], 1));
        // What stands in the log already is not logged a second time, and what is new comes behind it.
        Assert.Equal(3, await again.AppendOnceAsync(Entry(3), "entry 3", Cancellation));
        Assert.Equal(5, again.Append(new LogEntry(LogEntryKind.Receipt, Digest.Sha256("new"u8)), "new"));
        AssertCosigned(await again.PublishAsync(Now, Cancellation), witness);
    }

    [Fact]
    public async Task AStreetWhoseLogTwoWitnessesOfOthersCosignIsWholeAndItsTariffStandsFirst()
    {
        const string tariff = "in-gj-rgp-urban";
        NoteVerifierKey log = await DemoLogKeyAsync();
        WitnessProcess first = await WitnessProcess.StartAsync(Path.Combine(_folder, "first"), "first.example/w", log), second = await WitnessProcess.StartAsync(Path.Combine(_folder, "second"), "second.example/w", log);
        _running.AddRange([first, second]);
        string data = Path.Combine(_folder, "street");
        PramanProgram.Outcome demo = await PramanProgram.RunAsync(
            ["demo", "--meters", "2", "--days", "32", "--tariff", tariff, "--data", data, "--exit-when-done", "--json", "--witness", $"{first.Url}#{first.Key}", "--witness", $"{second.Url}#{second.Key}"]);
        Assert.True(demo.ExitCode == 0, demo.Error);

        string keys = Path.Combine(data, "log", "keys");
        Assert.Equal(4, File.ReadLines(keys).Count());
        PramanProgram.Outcome verify = await PramanProgram.RunAsync(
            ["log", "verify", Path.Combine(data, "log"), "--log-key", keys, "--witnesses", "3", "--tariffs", TestFiles.InRepository("tariffs"), "--json"]);
        Assert.True(verify.ExitCode == 0, verify.Output + verify.Error);
        JsonElement whole = JsonDocument.Parse(verify.Output).RootElement;
        Assert.Equal(3, whole.GetProperty("witnesses").GetArrayLength());
        long series = whole.GetProperty("entries").TryGetProperty("tariff-series", out JsonElement count) ? count.GetInt64() : 0;
        JsonElement published = whole.GetProperty("published").EnumerateArray().Single(one => one.GetProperty("id").GetString() == tariff);
        Assert.Equal(series, published.GetProperty("entry").GetInt64()); // behind its series, before every night and bill

        string sample = Path.Combine(data, "sample");
        PramanProgram.Outcome bill = await PramanProgram.RunAsync(["verify", sample, "--log-key", Path.Combine(sample, "keys.txt"), "--witnesses", "3"]);
        Assert.True(bill.ExitCode == 0, bill.Output + bill.Error);
        await IsCheckedOverHttpAsync(data, keys);
    }

    /// <summary>What a monitor elsewhere does: it has an address and keys, and nothing of the utility's.</summary>
    private async Task IsCheckedOverHttpAsync(string data, string keys)
    {
        ProcessStartInfo start = DotnetProgram.Of("praman.dll", ["serve", "--data", data, "--port", "0"]);
        start.WorkingDirectory = TestFiles.Root;
        using Process serve = Process.Start(start)!;
        string address = "";
        try
        {
            using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            while (address.Length == 0 && await serve.StandardOutput.ReadLineAsync(timeout.Token) is { } line)
            {
                if (Regex.Match(line, @"^The pages stand at (\S+) until") is { Success: true } match) address = match.Groups[1].Value + "/log";
            }
            Assert.NotEmpty(address);
            PramanProgram.Outcome verify = await PramanProgram.RunAsync(["log", "verify", address, "--log-key", keys, "--witnesses", "3"]);
            Assert.True(verify.ExitCode == 0, verify.Output + verify.Error);
            Assert.StartsWith("WHOLE  log.praman.example/street", verify.Output);
            PramanProgram.Outcome none = await PramanProgram.RunAsync(["log", "verify", address + "/none", "--log-key", keys]);
            Assert.Equal(2, none.ExitCode);
            Assert.Equal(["FIRST", "UNCHANGED"], [.. await LooksAsync(address, keys)]);
        }
        finally
        {
            serve.Kill(entireProcessTree: true);
            await serve.WaitForExitAsync(CancellationToken.None);
        }
        // Not reached is neither whole nor an alarm.
        Assert.Equal(3, (await PramanProgram.RunAsync(["log", "verify", address, "--log-key", keys])).ExitCode);
        PramanProgram.Outcome away = await MonitorAsync(address, keys);
        Assert.Equal((3, ""), (away.ExitCode, away.Output));
    }

    private async Task<IEnumerable<string?>> LooksAsync(string address, string keys)
    {
        PramanProgram.Outcome monitor = await PramanProgram.RunAsync(
            ["log", "monitor", address, "--log-key", keys, "--witnesses", "3", "--state", Path.Combine(_folder, "monitor"), "--looks", "2", "--every", "1", "--json"]);
        Assert.True(monitor.ExitCode == 0, monitor.Output + monitor.Error);
        return monitor.Output.TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line).RootElement.GetProperty("verdict").GetString());
    }

    [Fact]
    public async Task WrongUseIsOneLineThatSaysWhatWasExpected()
    {
        string key = _key.VerifierKey.ToString(), witness = new NoteSigningKey("w.example/w", NoteKeyType.CosignatureV1, new byte[32]).VerifierKey.ToString();
        string state = Path.Combine(_folder, "s"), empty = Directory.CreateDirectory(Path.Combine(_folder, "empty")).FullName;
        foreach ((string[] arguments, string expected) in ((string[], string)[])
            [
                (["log", "verify", empty], "--log-key"), (["log", "verify", empty], "praman log verify --help"), (["log", "verify", empty, "--log-key", witness], "none of the keys is of a log"),
                (["log", "verify", Path.Combine(_folder, "no-such"), "--log-key", key], "no such folder"), (["log", "verify", empty, "--log-key", key], "there is no checkpoint"),
                (["log", "verify", empty, "--log-key", key, "--witnesses", "-1"], "--witnesses -1"), (["log", "verify", empty, "--log-key", key, "--kept", state], "--kept"),
                (["log", "monitor", empty, "--log-key", key, "--state", state, "--every", "0"], "--every 0"),
                (["witness", "--state", state, "--log-key", key, "--port", "0"], "expected a name"), (["witness", "--state", state, "--name", "a b", "--log-key", key, "--port", "0"], "cannot name a key"),
                (["witness", "--state", state, "--name", "a", "--log-key", witness, "--port", "0"], "none of the keys is of a log"),
                (["demo", "--witness", "http://127.0.0.1:1/", "--exit-when-done"], "--witness"),
            ])
        {
            PramanProgram.Outcome outcome = await PramanProgram.RunAsync(arguments);
            Assert.True(outcome.ExitCode == 2 && outcome.Output.Length == 0, $"{string.Join(' ', arguments)}: {outcome}");
            Assert.Contains(expected, outcome.Error, StringComparison.Ordinal);
            Assert.Single(outcome.Error.TrimEnd().Split('\n'));
        }
    }

    [Fact]
    public async Task AWitnessFolderIsOneProcessesAndADamagedMemorySignsNothing()
    {
        string state = Path.Combine(_folder, "one");
        WitnessProcess witness = await StartAsync("one");
        string[] again = ["witness", "--state", state, "--log-key", _key.VerifierKey.ToString(), "--port", "0"];
        Assert.Contains("in use", (await PramanProgram.RunAsync(again)).Error, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(witness, 0, [], Fork(5).Head)).Status);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(state, WitnessFolder.KeyName)));
        await witness.KillAsync();
        string memory = Assert.Single(Directory.GetFiles(Path.Combine(state, "heads")));
        byte[] kept = File.ReadAllBytes(memory);
        kept[^10] ^= 1;
        File.WriteAllBytes(memory, kept);
        PramanProgram.Outcome damaged = await PramanProgram.RunAsync(again);
        Assert.True(damaged.ExitCode == 2 && damaged.Error.Contains(memory, StringComparison.Ordinal), damaged.ToString());
    }

    /// <summary>The key of a street's log follows from its seed: a street of one seed tells it to the witnesses of the next.</summary>
    private async Task<NoteVerifierKey> DemoLogKeyAsync()
    {
        string data = Path.Combine(_folder, "before");
        PramanProgram.Outcome demo = await PramanProgram.RunAsync(["demo", "--meters", "1", "--days", "32", "--data", data, "--exit-when-done", "--json"]);
        Assert.True(demo.ExitCode == 0, demo.Error);
        string line = File.ReadLines(Path.Combine(data, "log", "keys")).First();
        Assert.True(NoteVerifierKey.TryParse(line, out NoteVerifierKey? key, out DecodeError error), error.ToString());
        return key;
    }

    /// <summary>The same key, another history: no witness cosigns it, and whoever saw the first is alarmed and keeps both heads.</summary>
    private async Task SecondHistoryIsRefusedAsync(WitnessProcess witness, SignedCheckpoint at300, SignedCheckpoint at450, string keys)
    {
        (Log fork, LogFolder folder, SignedCheckpoint head) = Fork(500);
        (HttpStatusCode status, string type, string body) = await AskAsync(witness, 300, fork.ConsistencyProof(300, 500)!, head);
        Assert.Equal((HttpStatusCode.Conflict, "text/x.tlog.size", "450\n"), (status, type, body));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await AskAsync(witness, 450, fork.ConsistencyProof(450, 500)!, head)).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await AskAsync(witness, 450, [], Fork(450).Head)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await AskAsync(witness, 450, [], at300)).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await AskAsync(witness, 300, [], at300)).Status);
        using var thief = new NoteSigningKey(Origin, NoteKeyType.Ed25519, Digest.Sha256("thief"u8).Octets);
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(witness, 450, [], SignedCheckpoint.Sign(at450.Checkpoint, thief))).Status);
        using var stranger = new NoteSigningKey("log.example/other", NoteKeyType.Ed25519, new byte[32]);
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(witness, 0, [], SignedCheckpoint.Sign(new("log.example/other", 0, default), stranger))).Status);
        using (var text = new ByteArrayContent("new 5\n"u8.ToArray()))
        using (HttpResponseMessage answer = await _client.PostAsync(new Uri($"{witness.Url}/add-checkpoint"), text, Cancellation)) Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        using (HttpResponseMessage answer = await _client.GetAsync(new Uri($"{witness.Url}/add-checkpoint"), Cancellation)) Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);

        folder.WriteCheckpoint(head.Note.Octets);
        PramanProgram.Outcome split = await MonitorAsync(folder.Folder, keys, witnesses: 0);
        JsonElement alarm = JsonDocument.Parse(split.Output).RootElement;
        Assert.Equal((1, "SPLIT_VIEW"), (split.ExitCode, alarm.GetProperty("verdict").GetString()));
        string[] evidence = Directory.GetFiles(Path.Combine(_folder, "monitor"), "evidence-*");
        Assert.Equal([at450.Root, head.Root], evidence.Order(StringComparer.Ordinal).Select(path =>
        {
            Assert.True(SignedCheckpoint.TryParse(File.ReadAllBytes(path), out SignedCheckpoint? one, out DecodeError error), error.ToString());
            return one.Root;
        }));

        folder.WriteCheckpoint(at300.Note.Octets);
        PramanProgram.Outcome back = await MonitorAsync(folder.Folder, keys);
        Assert.Equal((1, "ROLLBACK"), (back.ExitCode, JsonDocument.Parse(back.Output).RootElement.GetProperty("verdict").GetString()));
        Assert.Contains("FAULTY", (await PramanProgram.RunAsync(["log", "verify", folder.Folder, "--log-key", keys, "--witnesses", "2"])).Output, StringComparison.Ordinal);
    }

    private static void Append(PublicLog log, int count)
    {
        for (int i = 0; i < count; i++) log.Append(Entry((log.Head?.Size ?? 0) + i), $"entry {i}");
    }

    private static LogEntry Entry(long number) => new(LogEntryKind.Bill, Digest.Sha256(BitConverter.GetBytes(number)));

    private (Log Log, LogFolder Folder, SignedCheckpoint Head) Fork(int size)
    {
        var folder = new LogFolder(Path.Combine(_folder, $"fork-{size}"));
        var log = Log.Create(_key, folder);
        for (int i = 0; i < size; i++) log.Append(new LogEntry(LogEntryKind.Bill, Digest.Sha256(BitConverter.GetBytes(i + 7))));
        return (log, folder, log.Sign());
    }

    private static void AssertCosigned(SignedCheckpoint head, params WitnessProcess[] by)
    {
        CheckpointTrust trust = new CheckpointPolicy([], [.. by.Select(witness => witness.Key)], by.Length).Check(head, Now);
        Assert.Equal(by.Select(witness => witness.Key.Name).Order(StringComparer.Ordinal), trust.Witnesses.Select(one => one.Witness).Order(StringComparer.Ordinal));
    }

    private string WriteKeys(params WitnessProcess[] witnesses)
    {
        string path = Path.Combine(_folder, "keys.txt");
        File.WriteAllLines(path, [_key.VerifierKey.ToString(), .. witnesses.Select(witness => witness.Key.ToString())]);
        return path;
    }

    private Task<PramanProgram.Outcome> MonitorAsync(string log, string keys, int witnesses = 1) => PramanProgram.RunAsync(
        ["log", "monitor", log, "--log-key", keys, "--witnesses", $"{witnesses}", "--state", Path.Combine(_folder, "monitor"), "--looks", "1", "--json"]);

    private HttpWitness Link(WitnessProcess witness)
    {
        Assert.True(HttpWitness.TryParse($"{witness.Url}#{witness.Key}", _client, out HttpWitness? link, out string? reason), reason);
        return link;
    }

    private async Task<(HttpStatusCode Status, string Type, string Body)> AskAsync(WitnessProcess witness, long old, Digest[] proof, SignedCheckpoint head)
    {
        using var content = new ByteArrayContent(new AddCheckpointRequest(old, proof, head).ToBytes());
        using HttpResponseMessage answer = await _client.PostAsync(new Uri($"{witness.Url}/add-checkpoint"), content, Cancellation);
        return (answer.StatusCode, answer.Content.Headers.ContentType?.ToString() ?? "", await answer.Content.ReadAsStringAsync(Cancellation));
    }

    private async Task<WitnessProcess> StartAsync(string name)
    {
        WitnessProcess witness = await WitnessProcess.StartAsync(Path.Combine(_folder, name), $"{name}.example/w", _key.VerifierKey);
        _running.Add(witness);
        return witness;
    }

    /// <summary>A way to a witness on which every answer is lost.</summary>
    private sealed class Deaf(IWitnessLink inner) : IWitnessLink
    {
        public NoteVerifierKey Key => inner.Key;

        public async Task<(int Status, byte[] Body)?> AddCheckpointAsync(byte[] request, CancellationToken cancellationToken)
        {
            Assert.Equal(200, (await inner.AddCheckpointAsync(request, cancellationToken))!.Value.Status);
            return null;
        }
    }

    private sealed class WitnessProcess
    {
        private readonly Process _process;

        private WitnessProcess(Process process, string url, NoteVerifierKey key)
        {
            _process = process;
            Url = url;
            Key = key;
        }

        public string Url { get; }

        public NoteVerifierKey Key { get; }

        public static async Task<WitnessProcess> StartAsync(string state, string name, NoteVerifierKey log)
        {
            ProcessStartInfo start = DotnetProgram.Of("praman.dll", ["witness", "--state", state, "--name", name, "--log-key", log.ToString(), "--port", "0", "--json"]);
            var process = Process.Start(start)!;
            using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            string? line = await process.StandardOutput.ReadLineAsync(timeout.Token);
            Assert.True(line is not null, line is null ? await process.StandardError.ReadToEndAsync(timeout.Token) : "");
            JsonElement said = JsonDocument.Parse(line!).RootElement;
            Assert.True(NoteVerifierKey.TryParse(said.GetProperty("key").GetString(), out NoteVerifierKey? key, out DecodeError error), error.ToString());
            return new(process, said.GetProperty("url").GetString()!, key);
        }

        /// <summary>Ends it as a cut of the power would (SIGKILL).</summary>
        public async Task KillAsync()
        {
            if (!_process.HasExited) _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }
    }
}
