using System.Text.Json;
using NodaTime;
using Praman.Billing.Tariffs;

namespace Praman.Billing.Rating;

/// <summary>Writes a rated case as the one JSON object that <c>praman rate --json</c> prints for it. Amounts and numbers are decimal strings.</summary>
public static class RatedCaseJson
{
    /// <summary>Decimals at which units that are no decimal, such as 155/3, are cut; <c>unitsExact</c> has them whole.</summary>
    private const int UnitDecimals = 4;

    public static void Write(Utf8JsonWriter writer, RatedCase rated)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(rated);
        writer.WriteStartObject();
        writer.WriteString("id", rated.Id);
        if (rated.Result.IsRated) WriteBill(writer, rated, rated.Result.Bill);
        else WriteError(writer, rated.Result);
        WriteTrace(writer, rated.Result.Trace);
        writer.WriteEndObject();
    }

    private static void WriteError(Utf8JsonWriter writer, RatingResult result)
    {
        writer.WriteStartObject("error");
        writer.WriteString("code", result.Refusal!.Code);
        writer.WriteString("message", result.Refusal.Message);
        writer.WriteString("missing", result.Refusal.Missing);
        writer.WriteEndObject();
        if (result.DerivedLoadKw is { } load) writer.WriteString("derived_load_kw", load.ToString());
    }

    private static void WriteBill(Utf8JsonWriter writer, RatedCase rated, RatedBill bill)
    {
        writer.WriteString("tariff", bill.TariffId);
        writer.WriteString("tariffHash", bill.TariffHash.ToString());
        writer.WriteStartObject("seriesHashes");
        foreach (TariffSeries series in bill.Series) writer.WriteString(series.Id, series.Hash.ToString());
        writer.WriteEndObject();
        writer.WriteString("currency", bill.Currency);
        writer.WriteString("months", bill.Months.ToText(4));
        if (!bill.Months.IsDecimal) writer.WriteString("monthsExact", bill.Months.ToString());
        writer.WriteStartArray("lines");
        foreach (RatedLine line in bill.Lines) WriteLine(writer, line);
        writer.WriteEndArray();
        Amount(writer, "gross", bill.Gross);
        Amount(writer, "subsidies", bill.SubsidyTotal);
        Amount(writer, "rebates", bill.RebateTotal);
        Amount(writer, "net", bill.Net);
        Amount(writer, "rounding", bill.Rounding);
        Amount(writer, "total", bill.Total);
        if (bill.KwhCarriedOut is { } carried) writer.WriteString("kwh_carried_out", DecimalText.Trimmed(carried));
        if (bill.DerivedLoadKw is { } load) writer.WriteString("derived_load_kw", load.ToString());
        if (rated.Difference is { } difference)
        {
            Amount(writer, "difference", difference);
            Amount(writer, "netAfter", rated.After!.Net);
            Amount(writer, "totalAfter", rated.After.Total);
        }
        if (bill.Warnings.Count == 0) return;
        writer.WriteStartArray("warnings");
        foreach (RatingWarning warning in bill.Warnings)
        {
            writer.WriteStartObject();
            writer.WriteString("code", warning.Code);
            writer.WriteString("message", warning.Message);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void WriteLine(Utf8JsonWriter writer, RatedLine line)
    {
        writer.WriteStartObject();
        writer.WriteString("id", line.Id);
        writer.WriteString("label", line.Label);
        writer.WriteString("group", Word(line.Group));
        writer.WriteString("quantity", line.Quantity.ToText(UnitDecimals));
        writer.WriteString("unit", line.Unit);
        if (line.Rate is { } rate) writer.WriteString("rate", DecimalText.AsGiven(rate));
        else writer.WriteNull("rate");
        if (line.Kind == LineKind.Percent) writer.WriteString("rateUnit", "percent");
        Amount(writer, "amount", line.IsOpen ? null : line.Amount);
        writer.WriteStartArray("parts");
        foreach (RatedPart part in line.Parts) WritePart(writer, line, part);
        writer.WriteEndArray();
        writer.WriteString("formula", line.Formula);
        writer.WriteStartArray("sources");
        foreach (string source in line.Sources) writer.WriteStringValue(source);
        writer.WriteEndArray();
        writer.WriteStartObject("rounding");
        writer.WriteString("step", DecimalText.AsGiven(line.Rounding.Step));
        writer.WriteString("mode", line.Rounding.Mode switch { RoundingMode.Up => "up", RoundingMode.Down => "down", _ => "half_up" });
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WritePart(Utf8JsonWriter writer, RatedLine line, in RatedPart part)
    {
        bool months = line.Kind == LineKind.Fixed && part.Name is null;
        writer.WriteStartObject();
        // Months are printed to two decimals, as bills print them.
        writer.WriteString("units", months ? DecimalText.Money(part.Units.RoundTo(0.01m, RoundingMode.HalfUp)) : part.Units.ToText(UnitDecimals));
        if (!part.Units.IsDecimal) writer.WriteString("unitsExact", part.Units.ToString());
        if (part.Rate is { } rate) writer.WriteString("rate", DecimalText.AsGiven(rate));
        Amount(writer, "amount", part.Amount);
        if (part.From is { } from) writer.WriteString("from", Text(from));
        if (part.To is { } to) writer.WriteString("to", Text(to));
        if (part.Name is not null) writer.WriteString("name", part.Name);
        writer.WriteEndObject();
    }

    private static void WriteTrace(Utf8JsonWriter writer, IReadOnlyList<TraceStep> trace)
    {
        writer.WriteStartArray("trace");
        foreach (TraceStep step in trace)
        {
            writer.WriteStartObject();
            writer.WriteString("name", step.Name);
            writer.WriteString("value", step.Value);
            writer.WriteStartArray("from");
            foreach (string from in step.From) writer.WriteStringValue(from);
            writer.WriteEndArray();
            writer.WriteString("rule", step.Rule);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void Amount(Utf8JsonWriter writer, string name, decimal? amount)
    {
        if (amount is { } known) writer.WriteString(name, DecimalText.Money(known));
        else writer.WriteNull(name);
    }

    private static string Text(LocalDate date) => NodaTime.Text.LocalDatePattern.Iso.Format(date);

    private static string Word(ChargeGroup group) => group switch
    {
        ChargeGroup.Energy => "energy",
        ChargeGroup.Fixed => "fixed",
        ChargeGroup.Surcharge => "surcharge",
        ChargeGroup.Tax => "tax",
        ChargeGroup.Rebate => "rebate",
        _ => "subsidy",
    };
}
