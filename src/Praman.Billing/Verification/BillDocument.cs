using System.Text;
using NodaTime;
using Praman.Billing.Invoicing;
using Praman.Billing.Rating;
using Praman.Metering;
using Praman.Proof;
using Praman.Proof.Canonical;

namespace Praman.Billing.Verification;

/// <summary>bill.json, taken apart (docs/reference/proof-format.md). Texts of lines stay in place.</summary>
internal sealed class BillDocument
{
    public required ReadOnlyMemory<byte> Bytes { get; init; }
    public string BillNo { get; set; } = "";
    public string Currency { get; set; } = "";

    /// <summary>The short form: it can be proved to be what was logged, not computed again.</summary>
    public bool IsShort { get; set; }
    public long GrossPaise { get; set; }
    public long NetPaise { get; set; }
    public long RoundingPaise { get; set; }
    public long TotalPaise { get; set; }
    public Dictionary<string, decimal>? External { get; set; }
    public List<string> Flags { get; } = [];
    public SupplyPhase Phase { get; set; }
    public decimal SanctionedLoadKw { get; set; }
    public StatedInputs Stated { get; set; } = StatedInputs.None;
    public LocalDate Issued { get; set; }
    public List<BillLine> Lines { get; } = [];
    public LocalDate From { get; set; }
    public LocalDate To { get; set; }
    public BillReadings Readings { get; } = new();
    public List<HashedId> Series { get; } = [];
    public string TariffId { get; set; } = "";
    public Digest TariffHash { get; set; }
    public DateTimeZone Zone { get; set; } = DateTimeZone.Utc;
    public UsagePointId UsagePoint { get; set; }

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
internal readonly record struct HashedId(string Id, Digest Hash);

/// <summary>One line of a bill.</summary>
internal sealed class BillLine
{
    public TextSlice Formula { get; set; }
    public TextSlice Group { get; set; }
    public TextSlice Id { get; set; }
    public List<TextSlice> Inputs { get; } = [];
    public TextSlice Label { get; set; }
    public List<BillLinePart> Parts { get; } = [];
    public long Paise { get; set; }
    public TextSlice Quantity { get; set; }
    public TextSlice Rate { get; set; }
    public List<TextSlice> Sources { get; } = [];
    public TextSlice Unit { get; set; }
}

internal readonly record struct BillLinePart(long Paise, TextSlice Rate, TextSlice Units);

/// <summary>The readings that a bill states.</summary>
internal sealed class BillReadings
{
    public long EditedIntervals { get; set; }
    public long EditedRegisters { get; set; }
    public long EnergyWh { get; set; }
    public long EstimatedIntervals { get; set; }
    public long EstimatedWh { get; set; }
    public long Intervals { get; set; }
    public List<BillSegment> Segments { get; } = [];
    public Digest Hash { get; set; }
    public long UnassignedWh { get; set; }
}

/// <summary>One meter's part of the period, as the bill states it.</summary>
internal readonly record struct BillSegment(long Closing, Instant ClosingAt, string Device, long Digits, long EnergyWh, long Multiplier, long Opening, Instant OpeningAt);
