using System.Text.Json;
using NodaTime;
using Praman.Billing.Payments;
using Praman.Metering;
using Praman.Storage;
using Praman.Testing;

namespace Praman.Cli.Tests;

/// <summary><c>praman reconcile</c> as a process, on a data folder with a ledger.</summary>
public sealed class ReconcileCommandTests : IAsyncLifetime
{
    private static readonly Instant Now = Instant.FromUtc(2026, 4, 1, 6, 0);
    private readonly string _folder = Directory.CreateTempSubdirectory("praman-reconcile").FullName;

    public async ValueTask InitializeAsync()
    {
        await using PramanStore store = await PramanStore.OpenAsync(Path.Combine(_folder, "data"));
        var desk = new PaymentDesk(store.Ledger, "INR", DateTimeZoneProviders.Tzdb["Asia/Kolkata"]);
        foreach ((string order, long amount) in ((string, long)[])[("A1", 50_000), ("A2", 700)])
        {
            await desk.OpenAsync("upi", new PaymentOrder(order, new UsagePointId(42), PaymentPurpose.Recharge, amount, []), Now, default);
            await desk.AcceptAsync("upi", new PaymentNotice(order, "R-" + order, PaymentStatus.Success, "INR", amount, Now), Now, default);
        }
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public void ABookedFileThatFitsIsCleanAndTheSameFileAgainPostsNothing()
    {
        string file = Write(50_700, ("A1", 50_000), ("A2", 700));
        (int exit, JsonElement first) = RunJson(file);
        Assert.Equal((1, "not-banked"), (exit, Assert.Single(first.GetProperty("findings").EnumerateArray().ToArray()).GetProperty("code").GetString()));
        for (int run = 0; run < 2; run++)
        {
            (exit, JsonElement report) = RunJson(file, "--book");
            Assert.Equal(0, exit);
            Assert.True(report.GetProperty("clean").GetBoolean());
            Assert.Equal([50_700L, 50_700, 50_700, 0, 0], ((string[])["taken", "settled", "banked", "suspense", "unmatched"]).Select(name => report.GetProperty(name).GetInt64()));
        }
        Assert.StartsWith("FITS  upi, 2026-04-01 to 2026-04-01, INR\n  taken 507.00 in 2 movements", Run(file).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void EachThingThatDoesNotFitIsNamedWithBothAmounts()
    {
        (int exit, JsonElement report) = RunJson(Write(50_700, ("A1", 50_001), ("A1", 50_001), ("A9", 5)), "--book");
        Assert.Equal(1, exit);
        string[] findings = [.. report.GetProperty("findings").EnumerateArray().Select(one => $"{one.GetProperty("code")} {one.GetProperty("reference")} {one.GetProperty("ledger")} {one.GetProperty("file")}")];
        Assert.Equal(["missing-in-file R-A2 700 ", "missing-in-ledger R-A9  5", "amount-differs R-A1 50000 50001", "doubled-in-file R-A1  50001", "total-differs UTR1 100007 50700"], findings);
    }

    [Fact]
    public void AFileThatCannotBeReadIsOneLineAndExitTwo()
    {
        string path = Path.Combine(_folder, "wrong.json");
        File.WriteAllText(path, "{}");
        (int exit, string output, string errors) = Run(path);
        Assert.Equal((2, ""), (exit, output));
        Assert.StartsWith($"praman: {path}: the file: an object with bank_reference", errors, StringComparison.Ordinal);
        Assert.Single(errors.TrimEnd().Split('\n'));
    }

    private string Write(long total, params (string Order, long Amount)[] lines)
    {
        string path = Path.Combine(_folder, "settlement.json");
        string list = string.Join(",", lines.Select(line => $$"""{"amount":{{line.Amount}},"order_id":"{{line.Order}}","reference":"R-{{line.Order}}"}"""));
        File.WriteAllText(path, $$"""{"bank_reference":"UTR1","channel":"upi","currency":"INR","day":"2026-04-01","lines":[{{list}}],"total":{{total}}}""");
        return path;
    }

    private (int Exit, JsonElement Report) RunJson(params string[] arguments)
    {
        (int exit, string output, string errors) = Run([.. arguments, "--json"]);
        Assert.Equal("", errors);
        return (exit, JsonElement.Parse(output));
    }

    private (int Exit, string Output, string Errors) Run(params string[] arguments) =>
        DotnetProgram.RunPraman(["reconcile", "--data", Path.Combine(_folder, "data"), .. arguments]);
}
