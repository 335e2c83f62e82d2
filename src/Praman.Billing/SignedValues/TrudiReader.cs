using System.Diagnostics.CodeAnalysis;
using System.Xml.Linq;
using NodaTime;
using NodaTime.Text;
using Praman.Metering;

namespace Praman.Billing.SignedValues;

/// <summary>Reads the two files of a German gateway's transparency software (VDE AR 2418-6): the device's readings and the supplier's calendar.</summary>
public static class TrudiReader
{
    private const string Clause = "VDE AR 2418-6";
    private const int StageCountMax = 20, ListCountMax = 64, ReadingCountMax = 400_000, ChangeCountMax = 96, DayCountMax = 800, TariffMax = 62;

    /// <summary>Whether the octets begin as one of the files does.</summary>
    public static bool Looks(ReadOnlySpan<byte> octets) => StrictXml.Begins(octets, "<UsagePoints"u8);

    /// <summary>Reads one of the files; exactly one of the two comes out.</summary>
    public static bool TryRead(ReadOnlySpan<byte> octets, out TrudiDevice? device, out TrudiSupplier? supplier, out DecodeError error)
    {
        device = null;
        supplier = null;
        if (!StrictXml.TryLoad(octets, out XDocument? document, out error)) return false;
        if (document.Root is not { Name.LocalName: "UsagePoints" } root || root.Named("UsagePoint").ToArray() is not [{ } point])
            return Refuse(out error, "UsagePoints with exactly one UsagePoint");
        if (point.Text("usagePointId") is not { } id || Only(point, "InvoicingParty")?.Text("invoicingPartyId") is not { } party
            || Only(point, "SMGW")?.Text("smgwId") is not { } gateway || point.Text("tariffName") is not { } tariff)
            return Refuse(out error, "usagePointId, invoicingPartyId, smgwId and tariffName, each once");
        var whose = new TrudiParty(id, party, gateway, tariff);
        return Only(point, "AnalysisProfile") is { } analysis
            ? TryReadSupplier(whose, analysis, out supplier, out error)
            : TryReadDevice(whose, point, out device, out error);
    }

    private static bool TryReadDevice(TrudiParty whose, XElement point, [NotNullWhen(true)] out TrudiDevice? device, out DecodeError error)
    {
        device = null;
        error = default;
        var lists = new List<TrudiList>();
        foreach (XElement reading in point.Named("MeterReading"))
        {
            if (lists.Count == ListCountMax) return Refuse(out error, $"more than {ListCountMax} lists of readings");
            string place = $"MeterReading {lists.Count}";
            if (Only(reading, "ReadingType") is not { } type || type.Number("uom", 72, 72) is null || Obis(type.Text("obisCode")) is not { } obis)
                return Refuse(out error, $"{place}: a ReadingType in Wh (uom 72) with an obisCode of 12 hex digits");
            if (type.Number("scaler", -9, 9) is not { } scaler || type.Number("powerOfTenMultiplier", -9, 9) is not { } power || Math.Abs(scaler + power) > 9)
                return Refuse(out error, $"{place}: scaler and powerOfTenMultiplier, together from -9 to 9");
            var values = new List<TrudiReading>();
            foreach (XElement one in reading.Named("IntervalBlock").SelectMany(block => block.Named("IntervalReading")))
            {
                if (values.Count == ReadingCountMax) return Refuse(out error, $"more than {ReadingCountMax} readings");
                if (one.Number("value", 0, 1L << 52) is not { } value || Time(Only(one, "timePeriod")?.Text("start")) is not { } at || one.Number("statusPTB", 0, 4) is not { } status)
                    return Refuse(out error, $"{place}, reading {values.Count}: value, timePeriod start with its offset, statusPTB 0 to 4");
                values.Add(new(at, value, (int)status));
            }
            values.Sort((a, b) => a.At.CompareTo(b.At));
            for (int i = 1; i < values.Count; i++)
            {
                if (values[i].At == values[i - 1].At) return Refuse(out error, $"{place}: two readings of {values[i].At}");
            }
            lists.Add(new(Only(reading, "Meter")?.Text("meterId") ?? "", obis, (int)(scaler + power), values));
        }
        if (lists.Count == 0) return Refuse(out error, "a device's file has a MeterReading, a supplier's an AnalysisProfile");
        device = new(whose, lists);
        return true;
    }

    private static bool TryReadSupplier(TrudiParty whose, XElement analysis, [NotNullWhen(true)] out TrudiSupplier? supplier, out DecodeError error)
    {
        supplier = null;
        error = default;
        if (analysis.Number("tariffUseCase", 1, 14) is not { } useCase || analysis.Number("defaultTariffNumber", 1, TariffMax) is not { } fallback
            || Only(analysis, "billingPeriod") is not { } period || Time(period.Text("start")) is not { } start
            || period.Number("duration", 1, DayCountMax * 86_400L) is not { } seconds)
            return Refuse(out error, $"tariffUseCase, defaultTariffNumber, and a billingPeriod of at most {DayCountMax} days");
        var stages = new List<int>();
        foreach (XElement stage in analysis.Named("TariffStage"))
        {
            if (stages.Count == StageCountMax || stage.Number("tariffNumber", 1, TariffMax) is not { } number) return Refuse(out error, $"at most {StageCountMax} TariffStage, numbered 1 to {TariffMax}");
            if (!stages.Contains((int)number)) stages.Add((int)number);
        }
        if (Only(analysis, "TariffChangeTrigger") is not { } trigger || Only(trigger, "TimeTrigger") is not { } times) return Refuse(out error, "a TariffChangeTrigger with a TimeTrigger");
        var profiles = new Dictionary<int, IReadOnlyList<TrudiChange>>();
        foreach (XElement day in times.Named("DayProfile"))
        {
            if (profiles.Count == DayCountMax || day.Number("dayId", 0, int.MaxValue) is not { } dayId || Changes(day, stages) is not { } changes || !profiles.TryAdd((int)dayId, changes))
                return Refuse(out error, $"each DayProfile with its own dayId and at most {ChangeCountMax} DayTimeProfile, each at its own time, of a stage that is named");
        }
        var days = new Dictionary<LocalDate, int>();
        foreach (XElement day in times.Named("SpecialDayProfile"))
        {
            if (days.Count == DayCountMax || Date(Only(day, "specialDayDate")) is not { } date || day.Number("dayId", 0, int.MaxValue) is not { } dayId
                || !profiles.ContainsKey((int)dayId) || !days.TryAdd(date, (int)dayId))
                return Refuse(out error, $"at most {DayCountMax} SpecialDayProfile, one a date, of a DayProfile that is there");
        }
        supplier = new(whose, (int)useCase, new Interval(start, start + Duration.FromSeconds(seconds)), stages, (int)fallback, profiles, days);
        return true;
    }

    private static List<TrudiChange>? Changes(XElement day, List<int> stages)
    {
        var changes = new List<TrudiChange>();
        foreach (XElement one in day.Named("DayTimeProfile"))
        {
            if (changes.Count == ChangeCountMax || Only(one, "startTime") is not { } at || at.Number("hour", 0, 23) is not { } hour || at.Number("minute", 0, 59) is not { } minute
                || one.Number("tariffNumber", 1, TariffMax) is not { } tariff || !stages.Contains((int)tariff)) return null;
            changes.Add(new(new LocalTime((int)hour, (int)minute), (int)tariff));
        }
        changes.Sort((a, b) => a.At.CompareTo(b.At));
        return changes.Count > 0 && changes.Zip(changes.Skip(1)).All(pair => pair.First.At != pair.Second.At) ? changes : null;
    }

    private static XElement? Only(XElement element, string name) => element.Named(name).Take(2).ToArray() is [{ } only] ? only : null;

    private static LocalDate? Date(XElement? element)
    {
        if (element?.Number("year", 1990, 2200) is not { } year || element.Number("month", 1, 12) is not { } month || element.Number("day_of_month", 1, 31) is not { } day) return null;
        return day <= CalendarSystem.Iso.GetDaysInMonth((int)year, (int)month) ? new LocalDate((int)year, (int)month, (int)day) : null;
    }

    private static Instant? Time(string? text)
    {
        if (text is null || text.Length > 40) return null;
        ParseResult<OffsetDateTime> parsed = OffsetDateTimePattern.ExtendedIso.Parse(text);
        return parsed.Success && parsed.Value.Year is >= 1990 and <= 2200 ? parsed.Value.ToInstant() : null;
    }

    private static ObisCode? Obis(string? text)
    {
        Span<byte> octets = stackalloc byte[6];
        return text is { Length: 12 } && Convert.FromHexString(text, octets, out _, out int written) == System.Buffers.OperationStatus.Done && written == 6 ? ObisCode.FromOctets(octets) : null;
    }

    private static bool Refuse(out DecodeError error, string reason)
    {
        error = new(0, reason, Clause);
        return false;
    }
}
