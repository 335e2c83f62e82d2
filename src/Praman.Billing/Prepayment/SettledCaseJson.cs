using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Praman.Billing.Rating;

namespace Praman.Billing.Prepayment;

/// <summary>Writes what <c>praman settle --json</c> prints for a scenario: one JSON object. Amounts and energies are decimal strings.</summary>
public static class SettledCaseJson
{
    private static readonly LocalDateTimePattern Minute = LocalDateTimePattern.CreateWithInvariantCulture("uuuu'-'MM'-'dd'T'HH':'mm");

    /// <summary>Settles the scenario and writes it.</summary>
    /// <returns>False where it was refused; then the object has an <c>error</c>, after the days that were posted.</returns>
    public static bool Write(Utf8JsonWriter writer, TariffBook book, PrepaidCase source)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(source);
        writer.WriteStartObject();
        writer.WriteString("id", source.Id);
        RatingRefusal? refusal = null;
        switch (source)
        {
            case DaysCase days: refusal = WriteDays(writer, PrepaidCaseRun.Run(book, days)); break;
            case InstalmentsCase plan: WriteInstalments(writer, plan); break;
            case CalendarCase calendar: WriteEvents(writer, calendar); break;
            case ConversionCase conversion: WriteConversions(writer, conversion); break;
            case RebatesCase rebates: WriteRebates(writer, rebates); break;
        }
        if (refusal is not null) WriteError(writer, refusal);
        writer.WriteEndObject();
        return refusal is null;
    }

    /// <summary>Writes a scenario that could not be read.</summary>
    public static void WriteRefused(Utf8JsonWriter writer, string id, RatingRefusal refusal)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(refusal);
        writer.WriteStartObject();
        writer.WriteString("id", id);
        WriteError(writer, refusal);
        writer.WriteEndObject();
    }

    private static void WriteError(Utf8JsonWriter writer, RatingRefusal refusal)
    {
        writer.WriteStartObject("error");
        writer.WriteString("code", refusal.Code);
        writer.WriteString("message", refusal.Message);
        writer.WriteString("missing", refusal.Missing);
        writer.WriteEndObject();
    }

    private static RatingRefusal? WriteDays(Utf8JsonWriter writer, SettledCase settled)
    {
        writer.WriteStartArray("days");
        foreach (SettledEntry entry in settled.Entries) WriteEntry(writer, entry);
        writer.WriteEndArray();
        if (settled.Correction is { } correction) WriteCorrection(writer, correction);
        writer.WriteStartArray("segments");
        foreach (SettledSegment segment in settled.Segments) WriteSegment(writer, segment);
        writer.WriteEndArray();
        if (settled.Segments is [.., { Close: not null } last] && settled.Refusal is null)
        {
            // Of one period; of several, the last: each has its own in segments.
            writer.WritePropertyName("close");
            WriteClose(writer, last);
        }
        else writer.WriteNull("close");
        writer.WriteStartArray("warnings");
        if (settled.IsCalendarUnknown) writer.WriteStringValue("HOLIDAYS-UNKNOWN");
        writer.WriteEndArray();
        return settled.Refusal;
    }

    private static void WriteEntry(Utf8JsonWriter writer, SettledEntry entry)
    {
        DayPosting posting = entry.Posting;
        writer.WriteStartObject();
        writer.WriteNumber("sequence", posting.Sequence);
        writer.WriteString("date", LocalDatePattern.Iso.Format(posting.Date));
        writer.WriteString("kwh", DecimalText.AsGiven(posting.Use.Kwh));
        writer.WriteString("quality", posting.Use.Quality switch { DayQuality.Actual => "A", DayQuality.Estimated => "E", DayQuality.Spread => "S", _ => "N" });
        if (posting.Reverses is { } reverses) writer.WriteNumber("reverses", reverses);
        WriteLines(writer, "lines", posting.Lines);
        writer.WriteString("today", DecimalText.Money(PostingLine.Sum(posting.Lines)));
        if (posting.Repricing.Count > 0)
        {
            writer.WriteStartObject("repricing");
            WriteLines(writer, "lines", posting.Repricing);
            writer.WriteString("total", DecimalText.Money(posting.RepricingTotal));
            writer.WriteEndObject();
        }
        writer.WriteString("deduction", DecimalText.Money(posting.Deduction));
        writer.WriteString("balance", DecimalText.Money(entry.Balance));
        writer.WriteString("state", PrepaidStateText.Of(entry.State));
        if (entry.EarliestCut is { } cut) writer.WriteString("earliestCut", Minute.Format(cut));
        writer.WriteStartArray("warnings");
        foreach (SettledWarning warning in entry.Warnings) WriteWarning(writer, warning);
        writer.WriteEndArray();
        writer.WriteString("tariffHash", posting.TariffHash.ToString());
        writer.WriteEndObject();
    }

    private static void WriteLines(Utf8JsonWriter writer, string name, IReadOnlyList<PostingLine> lines)
    {
        writer.WriteStartObject(name);
        foreach (PostingLine line in lines) writer.WriteString(line.Id, DecimalText.Money(line.Amount));
        writer.WriteEndObject();
    }

    private static void WriteWarning(Utf8JsonWriter writer, SettledWarning warning)
    {
        writer.WriteStartObject();
        writer.WriteString("code", warning.Code);
        if (warning.Cliff is { } cliff)
        {
            writer.WriteString("on", LocalDatePattern.Iso.Format(cliff.On));
            writer.WriteNumber("inDays", cliff.InDays);
            writer.WriteString("dailyKwh", DecimalText.AsGiven(cliff.DailyKwh));
            writer.WriteString("amount", DecimalText.Money(cliff.Amount));
        }
        if (warning.Left is { } left)
        {
            writer.WriteString("days", DecimalText.AsGiven(left.Days));
            writer.WriteString("least", DecimalText.AsGiven(left.Least));
            if (left.Most is { } most) writer.WriteString("most", DecimalText.AsGiven(most));
        }
        writer.WriteEndObject();
    }

    private static void WriteCorrection(Utf8JsonWriter writer, SettledCorrection settled)
    {
        writer.WriteStartObject("correction");
        writer.WriteString("first", LocalDatePattern.Iso.Format(settled.First));
        writer.WriteString("reversalTotal", DecimalText.Money(-settled.Correction.ReversalTotal));
        writer.WriteString("repostTotal", DecimalText.Money(settled.Correction.RepostTotal));
        writer.WriteString("creditToWallet", DecimalText.Money(-settled.Correction.Net));
        writer.WriteString("balance", DecimalText.Money(settled.Balance));
        if (settled.Offer is { } offer)
        {
            writer.WriteStartObject("instalments");
            writer.WriteString("amount", DecimalText.Money(offer.Amount));
            writer.WriteNumber("days", offer.Days);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }

    private static void WriteSegment(Utf8JsonWriter writer, SettledSegment segment)
    {
        writer.WriteStartObject();
        writer.WriteString("tariff", segment.TariffId);
        writer.WriteString("currency", segment.Currency);
        writer.WriteString("from", LocalDatePattern.Iso.Format(segment.Period.From));
        writer.WriteString("to", LocalDatePattern.Iso.Format(segment.Period.To));
        if (segment.Close is not null)
        {
            writer.WritePropertyName("close");
            WriteClose(writer, segment);
        }
        else writer.WriteNull("close");
        writer.WriteEndObject();
    }

    private static void WriteClose(Utf8JsonWriter writer, SettledSegment segment)
    {
        PeriodClose close = segment.Close!;
        writer.WriteStartObject();
        writer.WriteString("kwh", DecimalText.Trimmed(close.Kwh));
        writer.WriteString("deducted", DecimalText.Money(close.Charged));
        writer.WriteString("sameUnits", DecimalText.Money(close.SameUnits));
        writer.WriteStartObject("lines");
        foreach (RatedLine line in close.Bill.Lines) writer.WriteString(line.Id, DecimalText.Money(line.Amount));
        writer.WriteEndObject();
        writer.WriteString("bill", DecimalText.Money(close.Bill.Total!.Value));
        writer.WriteString("trueup", DecimalText.Money(close.TrueUp));
        if (close.Causes.Count == 0) writer.WriteNull("cause");
        else writer.WriteString("cause", string.Join(", ", close.Causes.Select(c => TrueUpText.Of(c.Cause))));
        writer.WriteStartArray("causes");
        foreach (TrueUpPart part in close.Causes)
        {
            writer.WriteStartObject();
            writer.WriteString("cause", TrueUpText.Of(part.Cause));
            writer.WriteString("amount", DecimalText.Money(part.Amount));
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteString("balance", DecimalText.Money(segment.BalanceAfter));
        writer.WriteEndObject();
    }

    private static void WriteInstalments(Utf8JsonWriter writer, InstalmentsCase plan)
    {
        decimal sum = 0;
        writer.WriteStartArray("instalments");
        for (int k = 1; k <= plan.Days; k++)
        {
            decimal part = Instalments.Of(plan.Total, plan.Days, k);
            sum += part;
            writer.WriteStringValue(DecimalText.Money(part));
        }
        writer.WriteEndArray();
        writer.WriteString("sum", DecimalText.Money(sum));
    }

    private static void WriteEvents(Utf8JsonWriter writer, CalendarCase calendar)
    {
        writer.WriteStartArray("events");
        foreach ((RulePack pack, HolidayCalendar holidays, LocalDateTime at) in calendar.Events)
        {
            writer.WriteStartObject();
            writer.WriteString("pack", pack.Id);
            writer.WriteString("condition_true_at", Minute.Format(at));
            writer.WriteString("calendar", holidays.Id);
            if (new CutCalendar(pack, holidays).Earliest(at.PlusHours(pack.EmergencyCreditHours)) is { } earliest) writer.WriteString("earliest_cut", Minute.Format(earliest));
            else writer.WriteNull("earliest_cut");
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void WriteConversions(Utf8JsonWriter writer, ConversionCase source)
    {
        writer.WriteStartArray("cases");
        foreach ((decimal deposit, decimal interest, decimal dues) in source.Cases)
        {
            Conversion conversion = Conversion.Of(deposit, interest, dues);
            writer.WriteStartObject();
            writer.WriteString("dues_left", DecimalText.Money(conversion.DuesLeft));
            writer.WriteString("wallet_credit", DecimalText.Money(conversion.WalletCredit));
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void WriteRebates(Utf8JsonWriter writer, RebatesCase source)
    {
        writer.WriteStartArray("rebates");
        foreach ((decimal of, decimal rate, bool isPercent) in source.Cases)
        {
            writer.WriteStringValue(DecimalText.Money(isPercent ? RechargeRebate.OfPercent(of, rate) : RechargeRebate.OfPercent(of, rate * 100)));
        }
        writer.WriteEndArray();
    }
}

/// <summary>Causes as programs read them.</summary>
public static class TrueUpText
{
    public static string Of(TrueUpCause cause) => cause switch
    {
        TrueUpCause.ShorterPeriod => "SHORTER-PERIOD",
        TrueUpCause.MaximumDemand => "MAXIMUM-DEMAND",
        TrueUpCause.UnitRounding => "UNIT-ROUNDING",
        TrueUpCause.RateChangeSplit => "RATE-CHANGE-SPLIT",
        TrueUpCause.TotalRounding => "TOTAL-ROUNDING",
        _ => "UNEXPLAINED",
    };
}
