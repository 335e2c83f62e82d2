using Praman.Billing.Stores;
using Praman.Billing.Verification;
using Praman.Cli.Commands;
using Praman.Storage;

namespace Praman.Cli.Demo;

/// <summary>One bill of the demonstration as files, with the keys and the altered copies, so that anyone can check them by hand.</summary>
internal sealed record DemoFiles(string Folder, string? BillNo)
{
    public static async Task<DemoFiles> WriteAsync(string folder, DemoRun run, DemoResult result, CancellationToken cancellationToken)
    {
        string sample = Path.Combine(folder, "sample");
        OwnerOnly.CreateFolder(sample);
        string keys = string.Concat(result.Keys.Select(key => key + "\n"));
        await File.WriteAllTextAsync(Path.Combine(sample, "keys.txt"), keys, cancellationToken).ConfigureAwait(false);
        await File.WriteAllTextAsync(Path.Combine(folder, "log", ServeCommand.KeysName), keys, cancellationToken).ConfigureAwait(false);
        if (result.Bills.Sample is not { } shown) return new DemoFiles(sample, null);
        IssuedBill bill = await run.BillAsync(shown.BillNo, cancellationToken).ConfigureAwait(false);
        Put(BillFiles.BillName, bill.Bill);
        Put(BillFiles.ProofName, bill.Proof);
        Put(BillFiles.EvidenceName, bill.Evidence);
        var files = new BillFiles(bill.Bill, bill.Proof, bill.Evidence);
        Put("altered-by-one-paisa.bill.json", DemoTamper.OnePaisaMore(files).Bill);
        Put("altered-by-one-wh.evidence.json", DemoTamper.OneWattHourMore(files).Evidence!.Value);
        return new DemoFiles(sample, bill.Facts.BillNo);

        void Put(string name, ReadOnlyMemory<byte> octets) => File.WriteAllBytes(Path.Combine(sample, name), octets.ToArray());
    }

    /// <summary>Says how to check the sample by hand; the commands stand on lines of their own, unbroken, so that they can be pasted.</summary>
    public async Task ExplainAsync(TextWriter text)
    {
        if (BillNo is null) return;
        string check = $"{Folder}/bill.tlog-proof {Folder}/bill.evidence.json --log-key {Folder}/keys.txt";
        await text.WriteLineAsync($"Bill {BillNo} lies in {Folder}. To check it, and its two altered copies:").ConfigureAwait(false);
        await text.WriteLineAsync($"  ./praman verify {Folder}/bill.json {check}").ConfigureAwait(false);
        await text.WriteLineAsync($"  ./praman verify {Folder}/altered-by-one-paisa.bill.json {check}").ConfigureAwait(false);
        await text.WriteLineAsync($"  ./praman verify {Folder}/bill.json {check.Replace("bill.evidence", "altered-by-one-wh.evidence", StringComparison.Ordinal)}").ConfigureAwait(false);
    }
}
