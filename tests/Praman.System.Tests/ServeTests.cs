using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Praman.Dlms;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Framing;
using Praman.Dlms.Security;
using Praman.HeadEnd.Inventory;
using Praman.Storage;
using Praman.Testing;

namespace Praman.System.Tests;

/// <summary><c>praman serve</c> on the folder of a demonstration that has ended, and on folders that are not whole.</summary>
[Collection(DemoCollection.Name)]
public sealed class ServeTests(DemoFixture demo)
{
    /// <summary>Octets of a page of the database (docs/reference/storage.md).</summary>
    private const int PageLength = 8_192;

    [Fact]
    public async Task TheFolderOfAnEndedDemonstrationIsServed()
    {
        string folder = CopyOfTheFolder();
        try
        {
            ProcessStartInfo start = DotnetProgram.Of("praman.dll", ["serve", "--data", folder, "--port", "0"]);
            start.WorkingDirectory = TestFiles.Root;
            using Process serve = Process.Start(start)!;
            try
            {
                using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
                string? address = null;
                string said = "";
                while (address is null && await serve.StandardOutput.ReadLineAsync(timeout.Token) is { } line)
                {
                    said += line + "\n";
                    if (Regex.Match(line, @"^The pages stand at (\S+) until") is { Success: true } match) address = match.Groups[1].Value;
                }
                Assert.True(address is not null, said);
                using var client = new HttpClient();
                Assert.Contains("Sign in", await client.GetStringAsync(new Uri($"{address}/sign-in"), timeout.Token), StringComparison.Ordinal);
            }
            finally
            {
                serve.Kill(entireProcessTree: true);
                await serve.WaitForExitAsync();
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task PushesAreTakenBesideThePages()
    {
        string folder = CopyOfTheFolder();
        try
        {
            (byte[] frame, string serial) = await PushOfAMeterAsync(folder);
            ProcessStartInfo start = DotnetProgram.Of("praman.dll", ["serve", "--data", folder, "--port", "0", "--push", "0"]);
            start.WorkingDirectory = TestFiles.Root;
            using Process serve = Process.Start(start)!;
            try
            {
                using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
                string said = await serve.StandardOutput.ReadLineAsync(timeout.Token) ?? "";
                Assert.True(Regex.Match(said, @"^Pushes of meters are taken at 127\.0\.0\.1:(\d+)\.") is { Success: true }, said);
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, int.Parse(Regex.Match(said, @":(\d+)\.$").Groups[1].Value, CultureInfo.InvariantCulture), timeout.Token);
                NetworkStream stream = client.GetStream();
                await stream.WriteAsync(frame, timeout.Token);
                client.Client.Shutdown(SocketShutdown.Send);
                Assert.Equal(0, await stream.ReadAsync(new byte[1], timeout.Token)); // closed when all was read
            }
            finally
            {
                serve.Kill(entireProcessTree: true);
                await serve.WaitForExitAsync();
            }
            PramanProgram.Outcome outcome = await PramanProgram.RunAsync(["pushes", "--data", folder], timeoutSeconds: 60);
            Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
            Assert.Contains(serial, outcome.Output, StringComparison.Ordinal);
            Assert.Contains("4711", outcome.Output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task PushesAreNotTakenWithoutTheKeysOrAtNoAddress()
    {
        string folder = CopyOfTheFolder();
        try
        {
            foreach (string wrong in new[] { "here", "70000", "1.2.3.4", "[::1]" })
            {
                PramanProgram.Outcome refused = await PramanProgram.RunAsync(["serve", "--data", folder, "--port", "0", "--push", wrong], timeoutSeconds: 60);
                Assert.Equal(2, refused.ExitCode);
                Assert.Contains($"--push {wrong}: expected PORT, or ADDRESS:PORT", refused.Error, StringComparison.Ordinal);
            }
            File.Delete(Path.Combine(folder, "keys", "master.key"));
            PramanProgram.Outcome keyless = await PramanProgram.RunAsync(["serve", "--data", folder, "--port", "0", "--push", "0"], timeoutSeconds: 60);
            Assert.Equal(2, keyless.ExitCode);
            Assert.Contains("there is no master key; --push needs the keys of the meters", keyless.Error, StringComparison.Ordinal);
            Assert.False(File.Exists(Path.Combine(folder, "keys", "master.key")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // A push as the first meter of the folder's inventory would send it.
    private static async Task<(byte[] Frame, string Serial)> PushOfAMeterAsync(string folder)
    {
        await using PramanStore store = await PramanStore.OpenExistingAsync(folder, CancellationToken.None);
        using MasterKey master = MasterKey.OpenOrCreate(Path.Combine(folder, "keys", "master.key"));
        await foreach (InventoryMeter meter in store.Meters.ReadAllAsync(CancellationToken.None))
        {
            using MeterKeys? keys = await new KeyStore(master, store.Keys).OpenAsync(meter.EndDevice, CancellationToken.None);
            using var security = new SecurityContext(SecurityControl.AuthenticatedEncryption, Convert.FromHexString(meter.SystemTitle), keys!.Encryption.Span, keys.Authentication.Span) { SendCounter = 3_000_000 };
            var apdu = new ArrayBufferWriter<byte>();
            var writer = new AxdrWriter(apdu);
            byte[] notification = new DataNotification(new LongInvokeId(1, confirmed: false).Octets, null, CosemData.Structure(CosemData.LongUnsigned(4711))).Encode();
            Assert.Equal(SecurityOutcome.Success, security.Protect(Protection.GeneralGlobal, notification, ref writer));
            writer.Flush();
            byte[] frame = new byte[WrapperHeader.Length + apdu.WrittenCount];
            new WrapperHeader(1, 64, (ushort)apdu.WrittenCount).Write(frame);
            apdu.WrittenSpan.CopyTo(frame.AsSpan(WrapperHeader.Length));
            return (frame, meter.EndDevice.Serial);
        }
        throw new InvalidOperationException("the folder has no meters");
    }

    [Fact]
    public async Task AFolderWithoutPeopleSaysWhatWasExpected() =>
        await RefusedAsync(folder => File.Delete(Path.Combine(folder, "people.json")), "people.json: there is no such file: expected the people who may sign in");

    [Fact]
    public async Task AnEmptiedDatabaseBesideAFullLogIsRefusedAndLeftAsItIs() =>
        await RefusedAsync(folder => File.WriteAllBytes(Path.Combine(folder, "praman.db"), []), "praman.db': the database is empty, but the log beside it has");

    [Fact]
    public async Task ADatabaseWithZeroedPagesIsRefusedAndLeftAsItIs() => await RefusedAsync(
        folder =>
        {
            using FileStream file = new(Path.Combine(folder, "praman.db"), FileMode.Open);
            for (int page = 2; page < file.Length / PageLength; page += 7)
            {
                file.Position = page * PageLength;
                file.Write(new byte[PageLength]);
            }
        },
        "the database is damaged");

    [Fact]
    public async Task ANewDatabaseBesideAFullLogIsRefused() => await RefusedAsync(
        folder =>
        {
            string elsewhere = Directory.CreateTempSubdirectory("praman-new-").FullName;
            Praman.Storage.PramanStore.OpenAsync(elsewhere).GetAwaiter().GetResult().DisposeAsync().AsTask().GetAwaiter().GetResult();
            File.Copy(Path.Combine(elsewhere, "praman.db"), Path.Combine(folder, "praman.db"), overwrite: true);
            Directory.Delete(elsewhere, recursive: true);
        },
        "the database holds no readings, but the log beside it has");

    [Fact]
    public async Task ADatabaseWithoutItsLogIsRefused() => await RefusedAsync(folder => File.Delete(Path.Combine(folder, "log", "checkpoint")), "but the log beside it has 0");

    /// <summary>Harms a copy of the folder; the program must end with 2 and one line that says <paramref name="reason"/>.</summary>
    private async Task RefusedAsync(Action<string> harm, string reason)
    {
        string folder = CopyOfTheFolder();
        try
        {
            harm(folder);
            byte[] before = await File.ReadAllBytesAsync(Path.Combine(folder, "praman.db"));
            PramanProgram.Outcome outcome = await PramanProgram.RunAsync(["serve", "--data", folder, "--port", "0"], timeoutSeconds: 60);
            Assert.Equal(2, outcome.ExitCode);
            Assert.Contains(reason, outcome.Error, StringComparison.Ordinal);
            Assert.Single(outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            Assert.Equal(before, await File.ReadAllBytesAsync(Path.Combine(folder, "praman.db")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private string CopyOfTheFolder()
    {
        string copy = Directory.CreateTempSubdirectory("praman-serve-").FullName;
        foreach (string file in Directory.EnumerateFiles(demo.Folder, "*", SearchOption.AllDirectories))
        {
            string path = Path.Combine(copy, Path.GetRelativePath(demo.Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Copy(file, path);
        }
        return copy;
    }
}
