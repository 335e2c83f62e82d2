using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Praman.Billing.Stores;
using Praman.Storage;
using Praman.Testing;

namespace Praman.Cli.Tests;

/// <summary><c>praman demo</c>: the months it bills, and what it says of a file of readings that is not what was meant.</summary>
public sealed class DemoCommandTests : IDisposable
{
    private const int EndMilliseconds = 400_000;
    private readonly string _folder = Directory.CreateTempSubdirectory("praman-demo").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Two whole months: a bill each for every home, the same octets for the same seed, and the second says what changed since the first.</summary>
    [Fact]
    public async Task EachWholeMonthIsBilledInOrderAndTheSecondBillSaysWhatChanged()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        string kept = Path.Combine(_folder, "kept"), again = Path.Combine(_folder, "again");
        (int exit, string text, string errors) = Run("demo", "--meters", "2", "--days", "70", "--exit-when-done", "--data", kept);
        Assert.True(exit == 0, errors);
        Assert.Matches(@"2 for 1 Apr to 30 Apr 2026", text);
        Assert.Matches(@"2 for 1 May to 31 May 2026", text);
        (exit, string output, errors) = Run("demo", "--meters", "2", "--days", "70", "--exit-when-done", "--json", "--data", again);
        Assert.True(exit == 0, errors);
        JsonElement result = JsonElement.Parse(output), months = result.GetProperty("months");
        Assert.Equal((4, 0), (result.GetProperty("bills").GetInt32(), result.GetProperty("refused").GetInt32()));
        Assert.Equal(["2026-04-01 2026-04-30 2", "2026-05-01 2026-05-31 2"],
            months.EnumerateArray().Select(month => $"{month.GetProperty("from").GetString()} {month.GetProperty("to").GetString()} {month.GetProperty("bills").GetInt32()}"));
        Assert.Equal(result.GetProperty("totalPaise").GetInt64(), months.EnumerateArray().Sum(month => month.GetProperty("totalPaise").GetInt64()));
        Assert.Equal(result.GetProperty("prepaid").GetProperty("monthsClosed").GetInt32(), result.GetProperty("prepaid").GetProperty("billsAgree").GetInt32());
        Assert.Equal(2, result.GetProperty("prepaid").GetProperty("billsAgree").GetInt32());

        List<IssuedBill> bills = await BillsAsync(kept, stop), same = await BillsAsync(again, stop);
        Assert.Equal(bills.Select(bill => Convert.ToHexString(bill.Bill.Span)), same.Select(bill => Convert.ToHexString(bill.Bill.Span)));
        Assert.Equal(2, bills.Select(bill => bill.Facts.UsagePoint).Distinct().Count());
        Assert.Equal(4, bills.Count);

        string shown = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(kept, "sample", "bill.json"), stop)).RootElement.GetProperty("bill_no").GetString()!;
        Assert.Equal(new(2026, 5, 31), bills.Single(bill => bill.Facts.BillNo == shown).Facts.Period.End);
        string password = Regex.Match(text, @"asha\s*│\s*(\w+)").Groups[1].Value;
        Assert.Contains("data-change=\"sum\"", await PageAsync(kept, "asha", password, $"/bill/{Uri.EscapeDataString(shown)}", stop), StringComparison.Ordinal);
    }

    [Fact]
    public void AFileWithFewRowsIsRefusedWithWhatWasFoundAndWhatIsNeeded()
    {
        (int exit, string output, string errors) = Run("demo", "--exit-when-done", "--readings", Readings(homes: 2, days: 3, i => 200));
        Assert.Equal((2, ""), (exit, output));
        Assert.Contains("288 rows of 2 homes were found, over 3 days at most from 2026-03-30 on; needed is one home at least with more than 7 days, and with 35, which are lived through, for whole bills", errors, StringComparison.Ordinal);

        string file = Path.Combine(_folder, "one.csv");
        File.WriteAllText(file, "meter,ts,wh\nA,2026-03-30T00:30,200\n");
        (exit, output, errors) = Run("demo", "--exit-when-done", "--readings", file);
        Assert.Equal((2, ""), (exit, output));
        Assert.Contains("1 row of 1 meter, and none has two within a day", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void MoreHomesThanTheFileHasAreSaid()
    {
        string file = Readings(homes: 2, days: 36, i => 200 + i % 48);
        (int exit, string output, string errors) = Run("demo", "--exit-when-done", "--json", "--meters", "5", "--readings", file);
        Assert.True(exit == 0, errors);
        Assert.StartsWith("praman: --meters 5: homes.csv has 2 homes with readings in these days, of 2 meters in it; all of them are replayed", errors, StringComparison.Ordinal);
        JsonElement result = JsonElement.Parse(output), readings = result.GetProperty("readings");
        Assert.Equal((2, 5, true), (result.GetProperty("homes").GetInt32(), readings.GetProperty("asked").GetInt32(), readings.GetProperty("fewerThanAsked").GetBoolean()));

        (exit, output, errors) = Run("demo", "--exit-when-done", "--json", "--meters", "1", "--readings", file);
        Assert.True(exit == 0, errors);
        Assert.Equal("", errors);
        readings = JsonElement.Parse(output).GetProperty("readings");
        Assert.Equal((1, false), (readings.GetProperty("asked").GetInt32(), readings.GetProperty("fewerThanAsked").GetBoolean()));
    }

    /// <summary>Kilowatt-hours read as watt-hours would be bills of nothing, watt-hours read as kilowatt-hours refusals by code.</summary>
    [Fact]
    public void AWrongUnitIsToldInWordsBeforeTheStreetLives()
    {
        (int exit, string output, string errors) = Run("demo", "--exit-when-done", "--readings", Readings(homes: 2, days: 36, i => 0.2m));
        Assert.Equal((2, ""), (exit, output));
        Assert.Contains("column 'wh' has values such as 0.2; read as Wh a home uses 0.01 kWh a day on average", errors, StringComparison.Ordinal);
        Assert.Contains("say unit=kWh in --map", errors, StringComparison.Ordinal);

        string large = Readings(homes: 2, days: 36, i => 200);
        (exit, output, errors) = Run("demo", "--exit-when-done", "--readings", large, "--map", "unit=kWh");
        Assert.Equal((2, ""), (exit, output));
        Assert.Contains("column 'wh' has values such as 200; read as kWh a home uses 9,600 kWh a day on average, more than the 3,312 kWh that the largest meter here carries", errors, StringComparison.Ordinal);
        Assert.Contains("say unit=Wh in --map", errors, StringComparison.Ordinal);
    }

    private string Readings(int homes, int days, Func<int, decimal> value)
    {
        string file = Path.Combine(_folder, "homes.csv");
        using var csv = new StreamWriter(file);
        csv.WriteLine("meter,ts,wh");
        for (int home = 0; home < homes; home++)
        {
            for (int i = 0; i < days * 48; i++) csv.WriteLine(string.Create(CultureInfo.InvariantCulture, $"home-{home},{new DateTime(2026, 3, 30).AddMinutes(30 * i):yyyy-MM-dd HH:mm},{value(i)}"));
        }
        return file;
    }

    private static async Task<List<IssuedBill>> BillsAsync(string folder, CancellationToken stop)
    {
        await using PramanStore store = await PramanStore.OpenAsync(folder, stop);
        var bills = new List<IssuedBill>();
        foreach (BillFacts facts in await store.Bills.ReadAsync(null, 0, 100, stop)) bills.Add((await store.Bills.FindAsync(facts.BillNo, stop))!);
        return bills;
    }

    private static async Task<string> PageAsync(string folder, string name, string password, string path, CancellationToken stop)
    {
        ProcessStartInfo start = DotnetProgram.Of("praman.dll", ["serve", "--data", folder, "--port", "0"]);
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
            using var client = new HttpClient { BaseAddress = new Uri(address) }; // keeps its cookies
            string page = await client.GetStringAsync(new Uri("/sign-in", UriKind.Relative), stop);
            string token = Regex.Match(page, "name=\"form-token\" value=\"([^\"]+)\"").Groups[1].Value;
            using var form = new FormUrlEncodedContent([new("name", name), new("password", password), new("form-token", token)]);
            using HttpResponseMessage signedIn = await client.PostAsync(new Uri("/sign-in", UriKind.Relative), form, stop);
            Assert.True(signedIn.IsSuccessStatusCode, $"{signedIn.StatusCode}");
            return await client.GetStringAsync(new Uri(path, UriKind.Relative), stop);
        }
        finally
        {
            serve.Kill(entireProcessTree: true);
            await serve.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static (int Exit, string Output, string Errors) Run(params string[] arguments)
    {
        ProcessStartInfo start = DotnetProgram.Of("praman.dll", arguments);
        start.WorkingDirectory = TestFiles.Root;
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        Assert.True(process.WaitForExit(EndMilliseconds), "it does not end");
        return (process.ExitCode, output.GetAwaiter().GetResult(), errors.GetAwaiter().GetResult());
    }
}
