using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using NodaTime;
using Praman.MeterData.Ingest;
using Praman.Metering;
using Praman.Server.Access;
using Praman.Server.Operations;
using Praman.Server.Stores;
using Praman.Storage;

namespace Praman.Cli.Commands;

/// <summary><c>praman erase</c>: the salts of a home, so that nobody can link what the log holds to it (docs/reference/proof-format.md).</summary>
internal static class EraseCommand
{
    private const int NameLengthMax = 100;

    public static Command Create()
    {
        var usagePoint = new Argument<string>("USAGE-POINT") { Description = "The home, UP- and digits." };
        var data = new Option<string>("--data") { Description = "data folder; no `praman serve` may run on it", Required = true };
        var by = new Option<string>("--by") { Description = "Name of who erases, for the record that the home's people can read.", Required = true };
        var purpose = new Option<string>("--purpose") { Description = $"Why, in {PurposeGrants.LengthMin} to {PurposeGrants.LengthMax} characters, for the same record.", Required = true };
        var json = new Option<bool>("--json") { Description = "One JSON object instead of text." };
        var command = new Command("erase", "Erases the salts of a home for good: its bills stay, and cannot be proved any more from what is kept here.") { usagePoint, data, by, purpose, json };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(usagePoint)!, parsed.GetValue(data)!, parsed.GetValue(by)!, parsed.GetValue(purpose)!, parsed.GetValue(json), Console.Out, cancellation));
        return command;
    }

    /// <returns>0 where salts were erased, 1 where there were none.</returns>
    /// <exception cref="InvalidDataException">An option cannot be read, or there is no such home.</exception>
    public static async Task<int> RunAsync(string home, string folder, string by, string purpose, bool json, TextWriter output, CancellationToken cancellationToken)
    {
        if (!UsagePointId.TryParse(home, null, out UsagePointId usagePoint) || usagePoint.ToString() != home) throw new InvalidDataException($"{home}: a usage point such as UP-000000042 is expected");
        if (!Viewer.IsPurpose(purpose)) throw new InvalidDataException($"--purpose: {PurposeGrants.LengthMin} to {PurposeGrants.LengthMax} characters on one line are expected");
        if (string.IsNullOrWhiteSpace(by) || by.Length > NameLengthMax || by.Any(char.IsControl)) throw new InvalidDataException($"--by: a name of 1 to {NameLengthMax} characters is expected");
        PramanStore store = await PramanStore.OpenExistingAsync(folder, cancellationToken).ConfigureAwait(false);
        await using (store.ConfigureAwait(false))
        {
            UsagePointRecord record = await store.UsagePoints.FindAsync(usagePoint, cancellationToken).ConfigureAwait(false)
                ?? throw new InvalidDataException($"{usagePoint}: there is no such usage point in {folder}");
            string web = StoreServer.WebFolder(folder);
            Directory.CreateDirectory(web); // a folder of which no page was shown yet has none
            using var accessLog = new AccessLogFile(Path.Combine(web, AccessLogFile.Name));
            var erasure = new SaltErasure(store.Bills, store.Salts, accessLog);
            var now = Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow());
            LocalDate today = now.InZone(DateTimeZoneProviders.Tzdb[record.UsagePoint.TimeZone]).Date;
            bool hadSalts = await erasure.HasSaltsAsync(usagePoint, cancellationToken).ConfigureAwait(false);
            int bills = 0, copies = 0;
            if (hadSalts)
            {
                // Copies are known by the salts that the database still holds.
                BillCopies known = await BillCopies.OfAsync(store.Bills, usagePoint, cancellationToken).ConfigureAwait(false);
                var who = new AccessRecord(now, usagePoint, by.Trim(), Roles.Operator, AccessKinds.SaltsErased, purpose.Trim());
                bills = await erasure.RunAsync(who, today, () => copies = known.Empty(folder, today), cancellationToken).ConfigureAwait(false);
            }
            await output.WriteAsync(json ? JsonOf(usagePoint, hadSalts, bills, copies) : TextOf(usagePoint, hadSalts, bills, copies)).ConfigureAwait(false);
            return hadSalts ? ExitCodes.Done : ExitCodes.No;
        }
    }

    private static string JsonOf(UsagePointId usagePoint, bool erased, int bills, int copies) =>
        JsonSerializer.Serialize(new { usagePoint = usagePoint.ToString(), erased, bills, copies }) + "\n";

    private static string TextOf(UsagePointId usagePoint, bool erased, int bills, int copies) => erased
        ? string.Create(CultureInfo.InvariantCulture, $"""
            The salts of {usagePoint} are erased. Bills that cannot be proved any more from here: {bills}. Copies in this folder that were emptied too: {copies}.
            Files that were given away, and backups, still hold theirs.

            """)
        : $"{usagePoint} has no salts: there is nothing to erase.\n";
}
