using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Praman.Billing.Stores;
using Praman.Billing.Tariffs;
using Praman.Cli.Demo;
using Praman.MeterData.Gate;
using Praman.MeterData.Rules;
using Praman.Metering;
using Praman.Proof.Notes;
using Praman.Server.Operations;
using Praman.Storage;

namespace Praman.Cli.Commands;

/// <summary><c>praman rebill</c>: bills that readings say something else of by now are taken back and issued again (docs/reference/proof-format.md).</summary>
internal static class RebillCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "data folder; no `praman serve` may run on it", Required = true };
        var logKey = new Option<string?>("--log-key") { Description = "file with the log's signing key; needed unless --dry-run" };
        var witness = new Option<string[]>("--witness") { Description = "a witness that cosigns the head, URL#KEY; may stand several times", HelpName = "URL#KEY", DefaultValueFactory = _ => [] };
        var issued = new Option<string?>("--issued") { Description = "date of issue, YYYY-MM-DD; without it today at the homes. A run that was cut off is run again with the same" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Tells which bills something was proposed of, and makes nothing." };
        var json = new Option<bool>("--json") { Description = "One JSON object instead of text." };
        var command = new Command("rebill", "Takes back each bill that readings say something else of by now, and issues it again; both stand in the log.") { data, logKey, witness, issued, dryRun, json };
        command.SetAction((parsed, cancellation) => RunAsync(
            new RebillOptions(parsed.GetValue(data)!, parsed.GetValue(logKey), parsed.GetValue(witness)!, parsed.GetValue(issued), parsed.GetValue(dryRun), parsed.GetValue(json)),
            Console.Out, cancellation));
        return command;
    }

    /// <returns>0 where all that was proposed is done or changes nothing, 1 where a bill was refused, 3 where witnesses do not cosign.</returns>
    /// <exception cref="InvalidDataException">An option cannot be read.</exception>
    public static async Task<int> RunAsync(RebillOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        LocalDate? issued = null;
        if (options.Issued is { } text) issued = LocalDatePattern.Iso.Parse(text) is { Success: true } date ? date.Value : throw new InvalidDataException($"--issued {text}: expected a date such as 2026-05-10");
        if (!options.DryRun && options.LogKey is null) throw new InvalidDataException("--log-key is missing: expected the file with the log's signing key, or --dry-run");
        if (!TariffSet.TryLoad(RepositoryFiles.Find("tariffs"), out TariffSet? tariffs, out IReadOnlyList<TariffFault> faults)) throw new InvalidDataException(faults[0].ToString());
        using NoteSigningKey? key = options.LogKey is { } path ? ServeCommand.ReadKey(path) : null;
        PramanStore store = await PramanStore.OpenExistingAsync(options.Data, cancellationToken).ConfigureAwait(false);
        await using (store.ConfigureAwait(false))
        {
            if (options.DryRun)
            {
                IReadOnlyList<ProposedBill> open = await OpenProposals.ReadAsync(store.Readings, store.Bills, andClosed: false, cancellationToken).ConfigureAwait(false);
                await output.WriteAsync(options.Json ? JsonOf(open) : TextOf(open)).ConfigureAwait(false);
                return ExitCodes.Done;
            }
            using var client = new HttpClient();
            using var log = PublicLog.Open(key!, [], store.Log, store.LogIndex, DemoRun.Circle(client, options.Witnesses));
            var usage = new BillingPeriodReadings(store.Readings, store.UsagePoints, RuleSet.Default, store.Releases);
            var stores = new BillingStores(store.UsagePoints, store.Batches, store.Salts, store.Bills, store.Releases) { Ledger = store.Ledger, Wallets = store.Wallets };
            var now = Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow());
            issued ??= now.InZone(await ServeCommand.ZoneAsync(store, cancellationToken).ConfigureAwait(false)).Date;
            RebillResult result;
            try
            {
                result = await new BillingRun(usage, tariffs, log, stores).RebillAsync(store.Readings, issued.Value, now, null, cancellationToken).ConfigureAwait(false);
            }
            catch (InvalidOperationException unsigned) when (options.Witnesses.Count > 0)
            {
                // Nothing is lost: the run is run again with the same date of issue.
                await Console.Error.WriteLineAsync($"praman: {unsigned.Message}").ConfigureAwait(false);
                return ExitCodes.Unreachable;
            }
            await output.WriteAsync(options.Json ? JsonOf(result) : TextOf(result)).ConfigureAwait(false);
            return result.Refused.Count == 0 ? ExitCodes.Done : ExitCodes.No;
        }
    }

    private static string JsonOf(IReadOnlyList<ProposedBill> open) => JsonSerializer.Serialize(new
    {
        open = open.Select(one => new { usagePoint = one.Facts.UsagePoint.ToString(), billNo = one.Facts.BillNo, proposals = one.Proposals.Count }),
    }) + "\n";

    private static string JsonOf(RebillResult result) => JsonSerializer.Serialize(new
    {
        rebilled = result.Rebilled.Select(one => new
        {
            usagePoint = one.Before.UsagePoint.ToString(), before = one.Before.BillNo, reversal = one.Reversal.BillNo, revised = one.Revised.BillNo,
            differencePaise = one.DifferenceMinorUnits, currency = one.Revised.Currency,
        }),
        unchanged = result.Unchanged.Select(one => one.BillNo),
        refused = result.Refused.Select(one => new { usagePoint = one.UsagePoint.ToString(), code = one.Code, reason = one.Reason }),
    }) + "\n";

    private static string TextOf(IReadOnlyList<ProposedBill> open)
    {
        var text = new StringBuilder();
        foreach (ProposedBill one in open) text.Append(CultureInfo.InvariantCulture, $"{one.Facts.UsagePoint} {one.Facts.BillNo}: {Counted.Of(one.Proposals.Count, "proposal")}\n");
        return text.Length > 0 ? text.ToString() : "Nothing is proposed of any bill that stands.\n";
    }

    private static string TextOf(RebillResult result)
    {
        var text = new StringBuilder();
        foreach (Rebilled one in result.Rebilled)
        {
            Money difference = Money.FromMinorUnits(one.DifferenceMinorUnits, one.Revised.Currency);
            text.Append(CultureInfo.InvariantCulture, $"{one.Before.UsagePoint} {one.Before.BillNo}: taken back by {one.Reversal.BillNo}, in its place {one.Revised.BillNo}, difference {difference}\n");
        }
        foreach (BillFacts one in result.Unchanged) text.Append(CultureInfo.InvariantCulture, $"{one.UsagePoint} {one.BillNo}: comes out as it was\n");
        foreach (BillRefused one in result.Refused) text.Append(CultureInfo.InvariantCulture, $"{one.UsagePoint}: {one.Code}: {one.Reason}\n");
        return text.Length > 0 ? text.ToString() : "Nothing is proposed of any bill that stands.\n";
    }
}

/// <summary>What <c>praman rebill</c> was asked.</summary>
internal sealed record RebillOptions(string Data, string? LogKey, IReadOnlyList<string> Witnesses, string? Issued, bool DryRun, bool Json);
