using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using NodaTime;
using Praman.Billing.Ledger;
using Praman.Billing.Payments;
using Praman.Metering;
using Praman.Proof.Notes;
using Praman.Server.Operations;
using Praman.Server.Payments;
using Praman.Server.People;
using Praman.Storage;
using Praman.Testing;

namespace Praman.Cli.Tests;

/// <summary><c>praman serve</c> as a process with a ledger: it takes callbacks of the channels that are set, and publishes the trial balances of days that are over.</summary>
public sealed class ServeCommandTests : IDisposable
{
    private const string Secret = "00112233445566778899aabbccddeeff";
    private static readonly DateTimeZone India = DateTimeZoneProviders.Tzdb["Asia/Kolkata"];
    private readonly string _folder = Directory.CreateTempSubdirectory("praman-serve").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task CallbacksOfAChannelArePostedAndYesterdayIsPublished()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        using NoteSigningKey key = NoteSigningKey.Create("log.example/serve", NoteKeyType.Ed25519);
        Instant now = Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow());
        LocalDate yesterday = now.InZone(India).Date.PlusDays(-1);
        await using (PramanStore store = await PramanStore.OpenAsync(_folder, stop))
        {
            var desk = new PaymentDesk(store.Ledger, "INR", India);
            await desk.OpenAsync("upi", new PaymentOrder("A1", new UsagePointId(42), PaymentPurpose.Recharge, 50_000, []), now - Duration.FromDays(1), stop);
        }
        new PeopleList([]).Save(Path.Combine(_folder, "people.json"));
        Directory.CreateDirectory(Path.Combine(_folder, "log"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "log", "keys"), $"{key.VerifierKey}\n", stop);
        string keyFile = Path.Combine(_folder, "log.key"), channels = Path.Combine(_folder, "channels.json");
        await File.WriteAllTextAsync(keyFile, key.ToSecretText(), stop);
        await File.WriteAllTextAsync(channels, $$$"""{"currency":"INR","channels":{"upi":"{{{Secret}}}"}}""", stop);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(channels, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        ProcessStartInfo start = DotnetProgram.Of("praman.dll", ["serve", "--data", _folder, "--port", "0", "--time-zone", "Asia/Kolkata", "--log-key", keyFile]);
        start.WorkingDirectory = TestFiles.Root;
        using Process serve = Process.Start(start)!;
        try
        {
            string? address = null;
            while (address is null && await serve.StandardOutput.ReadLineAsync(stop) is { } line)
            {
                if (Regex.Match(line, @"^The pages stand at (\S+) until") is { Success: true } match) address = match.Groups[1].Value;
            }
            Assert.NotNull(address);
            using var client = new HttpClient();
            Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(client, address, "ffffffffffffffffffffffffffffffff", stop));
            Assert.Equal(HttpStatusCode.OK, await SendAsync(client, address, Secret, stop));
            string checkpoint = Path.Combine(_folder, "log", Praman.Storage.Logs.LogFolder.CheckpointName);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
            limit.CancelAfter(TimeSpan.FromSeconds(60));
            while (!File.Exists(checkpoint)) await Task.Delay(50, limit.Token);
        }
        finally
        {
            serve.Kill(entireProcessTree: true);
            await serve.WaitForExitAsync(stop);
        }
        await using PramanStore after = await PramanStore.OpenAsync(_folder, stop);
        Assert.Equal(-50_000, (await after.Ledger.BalanceAsync(new LedgerAccount("INR", AccountKind.Wallet, new UsagePointId(42), null), AsOf.Now, stop)).Posted);
        PublicLog log = PublicLog.Open(key, [], after.Log, after.LogIndex);
        (TrialBalance trial, long entry) = await new LedgerClose(after.Ledger, log, India).RunAsync(yesterday, now, stop);
        Assert.Equal((1, 0), (trial.Head.Sequence, entry)); // what was published stands: the same day is the same entry
        Assert.Equal(1, log.Head!.Size);
    }

    [Fact]
    public async Task AKeyThatIsNoneIsRefusedByName()
    {
        await (await PramanStore.OpenAsync(_folder, TestContext.Current.CancellationToken)).DisposeAsync();
        new PeopleList([]).Save(Path.Combine(_folder, "people.json"));
        using NoteSigningKey key = NoteSigningKey.Create("log.example/serve", NoteKeyType.Ed25519);
        Directory.CreateDirectory(Path.Combine(_folder, "log"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "log", "keys"), $"{key.VerifierKey}\n", TestContext.Current.CancellationToken);
        (int exit, _, string errors) = DotnetProgram.RunPraman(["serve", "--data", _folder, "--port", "0", "--log-key", Path.Combine(_folder, "people.json")]);
        Assert.Equal(2, exit);
        Assert.Contains("a signing key is written PRIVATE+KEY", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PushesWithoutAMasterKeyAreRefusedBeforeThePagesStand()
    {
        await (await PramanStore.OpenAsync(_folder, TestContext.Current.CancellationToken)).DisposeAsync();
        new PeopleList([]).Save(Path.Combine(_folder, "people.json"));
        using NoteSigningKey key = NoteSigningKey.Create("log.example/serve", NoteKeyType.Ed25519);
        Directory.CreateDirectory(Path.Combine(_folder, "log"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "log", "keys"), $"{key.VerifierKey}\n", TestContext.Current.CancellationToken);
        (int exit, string output, string errors) = DotnetProgram.RunPraman(["serve", "--data", _folder, "--port", "0", "--push", "0"]);
        Assert.Equal((2, ""), (exit, output));
        Assert.Equal($"praman: {Path.Combine(_folder, "keys", "master.key")}: there is no master key; --push needs the keys of the meters", errors.TrimEnd());
    }

    [Fact]
    public void ADamagedDatabaseIsToldBeforeAFileThatIsMissing()
    {
        string database = Path.Combine(_folder, PramanStore.DatabaseName);
        File.WriteAllText(database, "no database at all, and longer than the header of one would have to be: 0123456789 0123456789 0123456789");
        (int exit, string output, string errors) = DotnetProgram.RunPraman(["serve", "--data", _folder, "--port", "0"]);
        Assert.Equal((2, ""), (exit, output));
        Assert.Contains(database, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("people.json", errors, StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> SendAsync(HttpClient client, string address, string secret, CancellationToken stop)
    {
        Instant now = Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow());
        byte[] body = Encoding.ASCII.GetBytes($$"""{"amount":50000,"at":"{{NodaTime.Text.InstantPattern.General.Format(now)}}","currency":"INR","order_id":"A1","reference":"R1","status":"success"}""");
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"{address}/api/v1/payments/upi/callback")) { Content = content };
        request.Headers.TryAddWithoutValidation(CallbackSignature.Header, CallbackSignature.Sign(Convert.FromHexString(secret), body, now));
        using HttpResponseMessage response = await client.SendAsync(request, stop);
        return response.StatusCode;
    }
}
