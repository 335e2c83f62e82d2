using NodaTime;
using Praman.Billing.Comparison;
using Praman.Billing.Suppliers;
using Praman.Billing.Tariffs;
using Praman.Billing.Verification;
using Praman.Metering;
using Praman.Server.Queries;
using TariffSource = Praman.Server.Queries.TariffSource;

namespace Praman.Server.Bills;

/// <summary>A bill ready to be shown: its document, the sources of its rates, and who may see what of it.</summary>
/// <param name="Sources">By id; those that are not held are absent, and the page shows the id.</param>
/// <param name="LogKey">The log's verifier key.</param>
/// <param name="WitnessKeys">The witnesses' verifier keys.</param>
public sealed record BillView(
    BillDocument Bill, IReadOnlyDictionary<string, TariffSource> Sources, UsagePointId UsagePoint, string LogKey, IReadOnlyList<string> WitnessKeys)
{
    private const int HistoryMonths = 6, PowerFactorDecimals = 3;

    /// <summary>Why it differs from the bill before; null where there is none before, or its files do not tell.</summary>
    public BillChange? Change { get; init; }

    /// <summary>The tariff that its evidence holds; null where that cannot be read.</summary>
    public Tariff? Tariff { get; init; }

    /// <summary>What its supplier states of itself; null: nothing.</summary>
    public Supplier? Supplier { get; init; }

    /// <summary>Until when it is to be paid, and what follows if it is not.</summary>
    public required PaymentTerms Terms { get; init; }

    /// <summary>What was open from before when it was issued; below zero: paid in advance; null: no account of the usage point is kept.</summary>
    public long? DuesPaise { get; init; }

    /// <summary>The bills of the six months up to the end of this one, the oldest first.</summary>
    public IReadOnlyList<BillSummary> History { get; init; } = [];

    /// <summary>First day of the six months.</summary>
    public LocalDate HistoryFrom => HistoryFromOf(Bill);

    internal static LocalDate HistoryFromOf(BillDocument bill) => bill.To.PlusDays(1).PlusMonths(-HistoryMonths);

    /// <summary>What leads from paper to the proof; null where nothing does any more.</summary>
    public ProofCode? Code { get; init; }

    /// <summary>A prepaid home: what is used is taken from its balance, and no day to pay by is set.</summary>
    public bool IsPrepaid => Bill.Flags.Contains("prepaid");

    /// <summary>Number of the reversal that took the bill back; null: it stands.</summary>
    public string? ReversedBy { get; init; }

    /// <summary>A bill that is to be paid: neither taken back nor the document that takes one back.</summary>
    public bool IsInForce => ReversedBy is null && Bill.Reverses is null;

    /// <summary>The day on which the salts of the bill's files were erased; null: they are there, and the bill can be proved.</summary>
    public LocalDate? ErasedOn { get; init; }

    /// <summary>The release of edited readings that the bill was made under; null where it needed none.</summary>
    public EditRelease? Release { get; init; }

    /// <summary>Both days included.</summary>
    public DateInterval Period { get; } = new(Bill.From, Bill.To);

    /// <summary>Estimated energy as a share of what is billed; 0 where nothing is.</summary>
    public decimal EstimatedShare => Bill.Readings.EnergyWh == 0 ? 0 : (decimal)Bill.Readings.EstimatedWh / Bill.Readings.EnergyWh;

    /// <summary>An amount as a share of the sum of all positive lines, for the length of its bar: 0 to 1.</summary>
    public decimal ShareOf(BillLine line)
    {
        long sum = Bill.Lines.Where(l => l.Paise > 0).Sum(l => l.Paise);
        return sum == 0 ? 0 : Math.Min(1, Math.Abs((decimal)line.Paise) / sum);
    }

    /// <summary>An amount that the bill states, by its name in the inputs of a line; null where it is not stated.</summary>
    public decimal? Stated(string name) => name switch
    {
        "kvah" => Bill.Stated.Kvah,
        "kw_max" => Bill.Stated.KwMax ?? Bill.Stated.MaxDemandKw,
        "kwh_export" => Bill.Stated.KwhExport,
        _ => null,
    };

    /// <summary>Mean power factor, kWh by kVAh, where the bill states kVAh.</summary>
    public decimal? PowerFactor => Bill.Stated.Kvah is { } kvah and > 0 ? decimal.Round(Bill.Readings.EnergyWh / 1000m / kvah, PowerFactorDecimals, MidpointRounding.AwayFromZero) : null;

    /// <summary>A text of the bill.</summary>
    public string Text(TextSlice text) => Bill.Text(text);

    /// <summary>Texts of the bill.</summary>
    public IEnumerable<string> Texts(IEnumerable<TextSlice> texts) => texts.Select(Bill.Text);
}
