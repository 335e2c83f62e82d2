using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Praman.System.Tests;

/// <summary>Each kind of bad input has its own clear line and exit code.</summary>
[Collection(DemoCollection.Name)]
public sealed class BadInputTests(DemoFixture demo)
{
    [Theory]
    [InlineData("--meters", "0", "--meters 0: expected 1 to 2000")]
    [InlineData("--days", "20", "no whole calendar month")]
    [InlineData("--days", "401", "--days 401: expected 32 to 400")]
    [InlineData("--seed", "-1", "--seed -1: expected a whole number from 0 to 18446744073709551615; see 'praman demo --help'")]
    [InlineData("--data", "README.md", "--data README.md: it is a file; expected a folder that is new or empty")]
    [InlineData("--data", "/proc/x", "data folder '/proc/x' cannot be made or written")]
    [InlineData("--port", "70000", "--port 70000: expected 0 to 65535")]
    [InlineData("--tariff", "in-nowhere", "there is no such tariff")]
    [InlineData("--readings", "/nowhere.csv", "there is no such file")]
    [InlineData("--map", "ts=x", "--map without --readings")]
    public async Task ADemoThatCannotBeSaysWhy(string option, string value, string reason)
    {
        PramanProgram.Outcome outcome = await PramanProgram.RunAsync(["demo", "--exit-when-done", option, value]);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(reason, outcome.Error, StringComparison.Ordinal);
        Assert.Empty(outcome.Output);
        Assert.Single(outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("read tcp://127.0.0.1:99999", "the port of the meter address is '99999': expected 1 to 65535")]
    [InlineData("read tcp://127.0.0.1:http?client=16", "the port of the meter address is 'http': expected 1 to 65535")]
    [InlineData("verify README.md --log-key nowhere.txt", "\"nowhere.txt\": there is no such file, and it is no key; expected a file with a key a line, or a key written name+keyid+base64")]
    [InlineData("frob", "praman: Unrecognized command or argument 'frob'; see 'praman --help'")]
    [InlineData("serve", "'--data' is required; see 'praman serve --help'")]
    [InlineData("bench nowhere", "nowhere: expected pipeline, dlms")]
    [InlineData("serve --data README.md", "expected a data folder")]
    public async Task WrongUsageIsSaidInOneLine(string line, string reason)
    {
        PramanProgram.Outcome outcome = await PramanProgram.RunAsync(line.Split(' '));
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(reason, outcome.Error, StringComparison.Ordinal);
        Assert.Single(outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task AnUnknownLayoutOfAReadingsFileIsNamed()
    {
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "a;b;c\n1;2;3\n");
            PramanProgram.Outcome outcome = await PramanProgram.RunAsync(["demo", "--exit-when-done", "--readings", file]);
            Assert.Equal(2, outcome.ExitCode);
            Assert.Contains("line 1: no column 'meter'", outcome.Error, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task ACutGzipFileOfReadingsIsNamedWithTheOctetWhereItBreaksOff()
    {
        string folder = Directory.CreateTempSubdirectory("praman-cut-").FullName;
        try
        {
            string file = Path.Combine(folder, "homes.csv.gz");
            using var packed = new MemoryStream();
            using (var zip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            {
                zip.Write("meter,ts,wh\n"u8);
                for (int i = 0; i < 48 * 60; i++)
                {
                    DateTime at = new DateTime(2026, 3, 30, 0, 0, 0, DateTimeKind.Unspecified).AddMinutes(30 * i);
                    zip.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"A,{at:yyyy-MM-ddTHH:mm},{i * 7919 % 541}\n")));
                }
            }
            await File.WriteAllBytesAsync(file, packed.ToArray()[..(int)(packed.Length - 40)]);
            PramanProgram.Outcome outcome = await PramanProgram.RunAsync(["demo", "--exit-when-done", "--readings", file]);
            Assert.Equal(2, outcome.ExitCode);
            Assert.Contains($"{file}: the gzip data break off at octet {packed.Length - 40}, after line ", outcome.Error, StringComparison.Ordinal);
            Assert.Empty(outcome.Output);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task APortInUseIsNamed()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        PramanProgram.Outcome outcome = await PramanProgram.RunAsync(["demo", "--meters", "1", "--port", $"{port}"]);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains($"{port}", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("in use", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ABillWithAnUnknownFieldIsUnreadableAndTheFieldIsNamed()
    {
        string file = Path.GetTempFileName();
        try
        {
            string bill = await File.ReadAllTextAsync(demo.Sample("bill.json"));
            await File.WriteAllTextAsync(file, bill.Insert(1, "\"aaa\":1,"));
            PramanProgram.Outcome outcome = await PramanProgram.RunAsync(["verify", file, "--log-key", demo.Sample("keys.txt")]);
            Assert.Equal(2, outcome.ExitCode);
            Assert.Contains("aaa", outcome.Error, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task ATariffWithAMissingRateIsRefusedByItsName()
    {
        const string Case = """{"id":"1","tariff":"in-mp-lv1-fixedrule","inputs":{"period":{"from":"2026-04-01","to":"2026-04-30"},"quantities":{"kwh":"125"},"sanctioned_load_kw":"3"}}""";
        PramanProgram.Outcome outcome = await PramanProgram.RunAsync(["rate", "--tariffs", "tariffs", "--json"], Case + "\n");
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("\"code\":\"RATE-MISSING\"", outcome.Output.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnUnreachableMeterEndsWithThree()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        int port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        PramanProgram.Outcome outcome = await PramanProgram.RunAsync(["read", $"tcp://127.0.0.1:{port}"]);
        Assert.Equal(3, outcome.ExitCode);
        Assert.Contains("not reachable", outcome.Error, StringComparison.OrdinalIgnoreCase);
        Assert.Single(outcome.Error.Split($"tcp://127.0.0.1:{port}")[1..]); // the address is said once
    }

    [Fact]
    public async Task ADamagedDatabaseIsNamedAndNothingIsWrittenToIt()
    {
        string folder = Directory.CreateTempSubdirectory("praman-damaged-").FullName;
        try
        {
            string database = Path.Combine(folder, "praman.db");
            await File.WriteAllTextAsync(database, "this is no database, and must stay as it is");
            Exception fault = await Assert.ThrowsAnyAsync<Exception>(async () => await Praman.Storage.PramanStore.OpenAsync(folder));
            Assert.Contains("praman.db", fault.Message, StringComparison.Ordinal);
            Assert.Equal("this is no database, and must stay as it is", await File.ReadAllTextAsync(database));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
