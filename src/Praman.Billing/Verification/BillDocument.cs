using System.Diagnostics.CodeAnalysis;
using System.Text;
using NodaTime;
using Praman.Billing.Invoicing;
using Praman.Billing.Rating;
using Praman.Metering;
using Praman.Proof;
using Praman.Proof.Canonical;

namespace Praman.Billing.Verification;

/// <summary>
/// bill.json, taken apart (docs/reference/proof-format.md): what the check computes again and what the pages show are read by one reader from
/// the same octets. Texts of lines stay in place; <see cref="Text"/> reads them.
/// </summary>
public sealed class BillDocument
{
    internal BillDocument(ReadOnlyMemory<byte> bytes) => Bytes = bytes;

    public ReadOnlyMemory<byte> Bytes { get; }
    public string BillNo { get; internal set; } = "";
    public string Currency { get; internal set; } = "";

    /// <summary>The short form: it can be proved to be what was logged, not computed again.</summary>
    public bool IsShort { get; internal set; }

    /// <summary>Too much of it is estimated for a final bill.</summary>
    public bool IsProvisional { get; internal set; }
    public TextSlice Utility { get; internal set; }
    public TextSlice ServicePoint { get; internal set; }
    public long GrossPaise { get; internal set; }
    public long NetPaise { get; internal set; }
    public long RoundingPaise { get; internal set; }
    public long TotalPaise { get; internal set; }
    public Dictionary<string, decimal>? External { get; internal set; }
    public List<string> Flags { get; } = [];
    public SupplyPhase Phase { get; internal set; }
    public decimal SanctionedLoadKw { get; internal set; }
    public StatedInputs Stated { get; internal set; } = StatedInputs.None;
    public LocalDate Issued { get; internal set; }
    public List<BillLine> Lines { get; } = [];
    public LocalDate From { get; internal set; }
    public LocalDate To { get; internal set; }
    public BillReadings Readings { get; } = new();
    public List<HashedId> Series { get; } = [];
    public HashedId Rules { get; internal set; }
    public string TariffId { get; internal set; } = "";
    public Digest TariffHash { get; internal set; }
    public DateTimeZone Zone { get; internal set; } = DateTimeZone.Utc;
    public UsagePointId UsagePoint { get; internal set; }

    /// <summary>The bill that this document takes back in full: its amounts are that bill's, with the other sign; null: it is a bill.</summary>
    public ReversedBill? Reverses { get; internal set; }

    /// <summary>The bill that this one stands in the place of; null: it is the first of its days.</summary>
    public RevisedBill? Revises { get; internal set; }

    /// <summary>Reads a bill: exactly the members of its type, in the long or in the short form.</summary>
    /// <returns>False, with the place and what was expected there, where the file is not of the form or is longer than a bill may be.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out BillDocument? bill, [NotNullWhen(false)] out UnreadableFile? fault)
    {
        if (bytes.Length <= BillFiles.LengthMax) return BillDocumentReader.TryRead(bytes, out bill, out fault);
        bill = null;
        fault = new(BillFiles.BillName, "", new DecodeError(BillFiles.LengthMax, $"more than {BillFiles.LengthMax} octets"));
        return false;
    }

    /// <summary>What the bill was rated from.</summary>
    /// <param name="evidence">Its evidence, whose blocks were checked.</param>
    /// <param name="goesByTime">Whether prices go by the time of day: then the intervals are taken from the blocks.</param>
    internal BillingDeterminants Determinants(EvidenceDocument evidence, bool goesByTime) => Stated.AddTo(new()
    {
        Period = new BillingPeriod(From, To),
        BillDate = Issued,
        Kwh = Readings.EnergyWh / 1000m,
        KwhImport = Readings.EnergyWh / 1000m,
        SanctionedLoadKw = SanctionedLoadKw,
        Phase = Phase,
        Flags = Flags,
        External = External,
        Intervals = goesByTime ? DayBlockEnergy.Of(evidence.DayBlocks(), Zone, Stated.Prices) : null,
        UnassignedKwh = Readings.UnassignedWh / 1000m,
    });

    /// <summary>The octets of a text that stands in place.</summary>
    public ReadOnlySpan<byte> Raw(TextSlice text) => Bytes.Span.Slice(text.Start, text.Length);

    /// <summary>A text that stands in place.</summary>
    public string Text(TextSlice text)
    {
        if (!text.HasEscapes) return Encoding.UTF8.GetString(Raw(text));
        var reader = new CanonicalJsonReader(Bytes.Span.Slice(text.Start - 1, text.Length + 2));
        return reader.Read() ? reader.GetString() : "";
    }

    /// <summary>Whether a text that stands in place is this one.</summary>
    public bool Is(TextSlice text, string expected) => text.HasEscapes ? Text(text) == expected : TextForms.IsText(Raw(text), expected);
}

/// <summary>A thing by its id and the hash of its canonical JSON.</summary>
public readonly record struct HashedId(string Id, Digest Hash);

/// <summary>One line of a bill.</summary>
public sealed class BillLine
{
    public TextSlice Formula { get; internal set; }
    public TextSlice Group { get; internal set; }
    public TextSlice Id { get; internal set; }
    public List<TextSlice> Inputs { get; } = [];
    public TextSlice Label { get; internal set; }
    public List<BillLinePart> Parts { get; } = [];
    public long Paise { get; internal set; }
    public TextSlice Quantity { get; internal set; }
    public TextSlice Rate { get; internal set; }
    public List<TextSlice> Sources { get; } = [];
    public TextSlice Unit { get; internal set; }
}

public readonly record struct BillLinePart(long Paise, TextSlice Rate, TextSlice Units);

/// <summary>The readings that a bill states.</summary>
public sealed class BillReadings
{
    public long EditedIntervals { get; internal set; }
    public long EditedRegisters { get; internal set; }
    public long EnergyWh { get; internal set; }
    public long EstimatedIntervals { get; internal set; }
    public long EstimatedWh { get; internal set; }
    public long Intervals { get; internal set; }
    public List<BillSegment> Segments { get; } = [];
    public Digest Hash { get; internal set; }
    public long UnassignedWh { get; internal set; }
}

/// <summary>One meter's part of the period, as the bill states it.</summary>
public readonly record struct BillSegment(long Closing, Instant ClosingAt, string Device, long Digits, long EnergyWh, long Multiplier, long Opening, Instant OpeningAt);
