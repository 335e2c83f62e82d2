using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Praman.Server.Bills;

/// <summary>
/// A bill as its file says it (docs/reference/proof-format.md, <c>praman-bill/1</c>), read to be shown. What the page shows is read from
/// the very octets that the consumer downloads; an unknown or missing member makes it unreadable.
/// </summary>
public sealed record BillDocument(
    string Type, string BillNo, string Utility, string ServicePoint, string UsagePoint, string TimeZone, string Currency, string Issued,
    BillPeriod Period, string Gate, BillReference Tariff, IReadOnlyList<BillReference> Series, BillReference Rules, BillInputs Inputs,
    BillReadings Readings, IReadOnlyList<BillLine> Lines, long GrossPaise, long NetPaise, long RoundingPaise, long TotalPaise)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, MaxDepth = 16, AllowDuplicateProperties = false,
    };

    /// <summary>The type that this page can show.</summary>
    public const string KnownType = "praman-bill/1";

    public static bool TryRead(ReadOnlyMemory<byte> octets, [NotNullWhen(true)] out BillDocument? bill, [NotNullWhen(false)] out string? reason)
    {
        bill = null;
        try
        {
            bill = JsonSerializer.Deserialize<BillDocument>(octets.Span, Json);
            reason = bill is null ? "the file is null" : bill.Type != KnownType ? $"type is '{bill.Type}': {KnownType} was expected"
                : bill.Readings.Segments.Any(segment => segment.Multiplier < 1) ? "a multiplier is below 1" : null;
        }
        catch (JsonException exception)
        {
            reason = exception.Message;
        }
        if (reason is null && bill is not null) return true;
        bill = null;
        reason ??= "the file is empty";
        return false;
    }
}

public sealed record BillPeriod(string From, string To);

public sealed record BillReference(string Id, [property: JsonPropertyName("sha256")] string Sha256);

public sealed record BillInputs(IReadOnlyDictionary<string, string> External, IReadOnlyList<string> Flags, string Phase, string SanctionedLoadKw)
{
    // What is stated only where the tariff asks for it.
    public string? BillingMonths { get; init; }
    public IReadOnlyList<string>? Holidays { get; init; }
    public string? Kvah { get; init; }
    public string? KwMax { get; init; }
    public string? KwhCarriedIn { get; init; }
    public string? KwhExport { get; init; }
    public string? MaxDemandKw { get; init; }
    public IReadOnlyList<string>? Prices { get; init; }
    public string? Season { get; init; }

    /// <summary>A stated amount by its name; null where it is not stated.</summary>
    public string? Stated(string name) => name switch
    {
        "kvah" => Kvah,
        "kw_max" => KwMax ?? MaxDemandKw,
        "kwh_export" => KwhExport,
        _ => null,
    };
}

public sealed record BillReadings(
    int EditedIntervals, int EditedRegisters, long EnergyWh, int EstimatedIntervals, long EstimatedWh, int Intervals, string Register, IReadOnlyList<BillSegment> Segments,
    [property: JsonPropertyName("sha256")] string Sha256, long UnassignedWh);

public sealed record BillSegment(long Closing, string ClosingAt, string Device, int Digits, long EnergyWh, int Multiplier, long Opening, string OpeningAt);

public sealed record BillLine(
    string Formula, string Group, string Id, IReadOnlyList<string> Inputs, string Label, IReadOnlyList<BillPart> Parts, long Paise,
    string Quantity, string Rate, IReadOnlyList<string> Sources, string Unit);

public sealed record BillPart(long Paise, string Rate, string Units);
