using NodaTime;
using NodaTime.Text;
using Praman.Metering;
using Praman.Server.Queries;

namespace Praman.Server.Bills;

/// <summary>A bill ready to be shown: its document, the sources of its rates, and who may see what of it.</summary>
/// <param name="Sources">By id; those that are not held are absent, and the page shows the id.</param>
/// <param name="LogKey">The log's verifier key.</param>
/// <param name="WitnessKeys">The witnesses' verifier keys.</param>
public sealed record BillView(
    BillDocument Bill, IReadOnlyDictionary<string, TariffSource> Sources, UsagePointId UsagePoint, string LogKey, IReadOnlyList<string> WitnessKeys)
{
    /// <summary>The day on which the salts of the bill's files were erased; null: they are there, and the bill can be proved.</summary>
    public LocalDate? ErasedOn { get; init; }

    /// <summary>Both days included.</summary>
    public DateInterval? Period => Day(Bill.Period.From) is { } from && Day(Bill.Period.To) is { } to && from <= to ? new DateInterval(from, to) : null;

    public LocalDate? Issued => Day(Bill.Issued);

    public DateTimeZone Zone => DateTimeZoneProviders.Tzdb.GetZoneOrNull(Bill.TimeZone) ?? DateTimeZone.Utc;

    /// <summary>Estimated energy as a share of what is billed; 0 where nothing is.</summary>
    public decimal EstimatedShare => Bill.Readings.EnergyWh == 0 ? 0 : (decimal)Bill.Readings.EstimatedWh / Bill.Readings.EnergyWh;

    /// <summary>An amount as a share of the sum of all positive lines, for the length of its bar: 0 to 1.</summary>
    public decimal ShareOf(BillLine line)
    {
        long sum = Bill.Lines.Where(l => l.Paise > 0).Sum(l => l.Paise);
        return sum == 0 ? 0 : Math.Min(1, Math.Abs((decimal)line.Paise) / sum);
    }

    /// <summary>The instants of a segment as the bill writes them; null where it is none.</summary>
    public static Instant? At(string text) => InstantPattern.ExtendedIso.Parse(text) is { Success: true } parsed ? parsed.Value : null;

    private static LocalDate? Day(string text) => LocalDatePattern.Iso.Parse(text) is { Success: true } parsed ? parsed.Value : null;
}
