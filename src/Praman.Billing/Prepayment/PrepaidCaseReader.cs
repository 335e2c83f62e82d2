using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Praman.Billing.Rating;
using Praman.Billing.Tariffs;

namespace Praman.Billing.Prepayment;

/// <summary>Reads the scenarios of <c>praman settle</c>. Strict: an unknown member of the inputs is a fault.</summary>
public static class PrepaidCaseReader
{
    /// <summary>Members of a scenario that carry nothing for the engine.</summary>
    private static readonly string[] Unused = ["title", "origin", "sources", "rule", "note", "expected"];

    private static readonly LocalDateTimePattern Minute = LocalDateTimePattern.CreateWithInvariantCulture("uuuu'-'MM'-'dd'T'HH':'mm");

    /// <summary>Reads a scenario.</summary>
    /// <param name="rules">Packs and holidays by which it may name its rules; null: only the default pack.</param>
    /// <param name="id">The scenario's id as far as it could be read, else empty.</param>
    /// <returns>False, with the member and what was expected of it.</returns>
    public static bool TryRead(JsonElement source, RulePackSet? rules, [NotNullWhen(true)] out PrepaidCase? read, out string id, [NotNullWhen(false)] out RatingRefusal? error)
    {
        FaultList faults = new(null);
        read = null;
        id = "";
        if (StrictObject.Open(source, "$", faults) is { } root)
        {
            id = root.Text("id");
            foreach (string name in Unused) root.Ignore(name);
            if (!root.TryGet("inputs", out _)) root.Fault("inputs", "missing; expected an object");
            else if (root.OptionalObject("inputs") is { } inputs)
            {
                read = Read(id, inputs, source, rules);
                inputs.Close();
            }
            root.Close();
        }
        error = null;
        if (faults.Any || read is null)
        {
            TariffFault first = faults.Any ? faults.Faults[0] : new(null, "$", "expected an object with id and inputs");
            error = new(RefusalCodes.InputInvalid, first.ToString(), first.Path);
            read = null;
        }
        return read is not null;
    }

    private static PrepaidCase? Read(string id, StrictObject inputs, JsonElement source, RulePackSet? rules)
    {
        if (inputs.Has("total")) return new InstalmentsCase(id, Positive(inputs, "total"), inputs.Integer("days", 1, 36_600));
        if (inputs.Has("cases")) return ReadCases(id, inputs);
        RulePackSet own = RulePackSet.Read(inputs);
        bool hasDays = inputs.Has("tariff") || inputs.Has("tariffs");
        if (!hasDays && own.Packs.Count > 0) return ReadCalendar(id, inputs, source, own);
        return ReadDays(id, inputs, own, rules);
    }

    private static DaysCase ReadDays(string id, StrictObject inputs, RulePackSet own, RulePackSet? rules)
    {
        BillingDeterminants known = new()
        {
            SanctionedLoadKw = inputs.OptionalNumber("sanctioned_load_kw"),
            MaxDemandKw = inputs.OptionalNumber("max_demand_kw"),
            Phase = inputs.OptionalChoice("phase", [("single", SupplyPhase.Single), ("three", SupplyPhase.Three)]),
            Season = inputs.OptionalText("season"),
            BillDate = inputs.OptionalDate("bill_date"),
            Flags = inputs.Texts("flags"),
            External = inputs.OptionalObject("external") is { } external ? external.Element.EnumerateObject().ToDictionary(m => m.Name, m => StrictObject.ReadNumber(m.Value, external.At(m.Name), inputs.Faults)) : null,
        };
        inputs.Ignore("prepaid_rebate_per_unit"); // words: the flag prepaid asks for the rebate of the tariff
        RulePack pack = FindPack(inputs, own, rules);
        bool isLate = inputs.Has("actual_kwh_days_6_8") || inputs.Has("late_kwh");
        List<(LocalDate, decimal)> recharges = [];
        foreach (StrictObject one in inputs.Objects("recharges"))
        {
            recharges.Add((one.Date("date"), Positive(one, "amount")));
            one.Close();
        }
        return new(id)
        {
            Segments = inputs.Has("segments") ? ReadSegments(inputs, known) : [ReadSegment(inputs, known)],
            OpeningBalance = inputs.OptionalNumber("opening_balance"),
            Recharges = recharges,
            LateKwh = !isLate ? [] : Numbers(inputs, inputs.Has("late_kwh") ? "late_kwh" : "actual_kwh_days_6_8"),
            ProvisionalKwh = inputs.OptionalNumber("provisional_kwh_each"),
            Zone = Zone(inputs),
            Pack = pack,
            Holidays = Calendar(pack, own) ?? Calendar(pack, rules) ?? HolidayCalendar.None,
        };
    }

    private static HolidayCalendar? Calendar(RulePack pack, RulePackSet? set) => pack.Calendar is { } name ? set?.Calendars.GetValueOrDefault(name) : null;

    private static RulePack FindPack(StrictObject inputs, RulePackSet own, RulePackSet? rules)
    {
        if (inputs.OptionalText("pack") is not { } name) return RulePackSet.Default;
        if (own.Packs.TryGetValue(name, out RulePack? pack) || (rules is not null && rules.Packs.TryGetValue(name, out pack))) return pack;
        inputs.Fault("pack", $"no rule pack '{name}' was given");
        return RulePackSet.Default;
    }

    private static DateTimeZone Zone(StrictObject inputs)
    {
        string name = inputs.OptionalText("time_zone") ?? "Asia/Kolkata";
        if (DateTimeZoneProviders.Tzdb.GetZoneOrNull(name) is { } zone) return zone;
        inputs.Fault("time_zone", $"no time zone '{name}'");
        return DateTimeZone.Utc;
    }

    private static CaseSegment ReadSegment(StrictObject inputs, BillingDeterminants known)
    {
        string tariff = inputs.Text("tariff");
        BillingPeriod period = ReadPeriod(inputs.OptionalObject(inputs.Has("cycle") ? "cycle" : "period"), inputs);
        List<decimal> daily = inputs.Has("read_days_kwh") ? Numbers(inputs, "read_days_kwh") : ReadDaily(inputs, period);
        return new(tariff, known with { Period = period }, daily);
    }

    private static List<CaseSegment> ReadSegments(StrictObject inputs, BillingDeterminants known)
    {
        List<string> tariffs = inputs.Texts("tariffs");
        List<CaseSegment> segments = [];
        foreach (StrictObject one in inputs.Objects("segments"))
        {
            BillingPeriod period = ReadPeriod(one, inputs);
            if (segments.Count == tariffs.Count) inputs.Fault("tariffs", "expected one tariff for each segment");
            else segments.Add(new(tariffs[segments.Count], known with { Period = period }, ReadDaily(inputs, period)));
        }
        if (segments.Count == 0) inputs.Fault("segments", "expected at least one");
        return segments;
    }

    private static BillingPeriod ReadPeriod(StrictObject? period, StrictObject inputs)
    {
        if (period is null)
        {
            inputs.Fault("period", "missing; expected an object with from and to");
            return default;
        }
        BillingPeriod read = new(period.Date("from"), period.Date("to"));
        period.Close();
        if (read.To < read.From || read.Days > 366) period.Fault("to", "expected a period of 1 to 366 days");
        return read;
    }

    /// <summary>A list with a number for each day, or one number for all: <c>9.000</c>, <c>9.000 each day</c>, <c>9.000 each of 60 days</c>.</summary>
    private static List<decimal> ReadDaily(StrictObject inputs, BillingPeriod period)
    {
        if (!inputs.TryGet("daily_kwh", out JsonElement value) || value.ValueKind != JsonValueKind.String)
        {
            List<decimal> numbers = Numbers(inputs, "daily_kwh");
            if (numbers.Count > period.Days || numbers.Count == 0) inputs.Fault("daily_kwh", $"expected 1 to {period.Days} days, found {numbers.Count}");
            return numbers;
        }
        string[] words = value.GetString()!.Split(' ', 2);
        string days = period.Days.ToString(CultureInfo.InvariantCulture);
        if (DecimalText.TryParse(words[0], out decimal kwh) && kwh >= 0 && (words.Length == 1 || words[1] == "each day" || words[1] == $"each of {days} days")) return [.. Enumerable.Repeat(kwh, period.Days)];
        inputs.Fault("daily_kwh", $"expected a list of numbers, or a text such as \"9.000 each of {days} days\"");
        return [];
    }

    private static List<decimal> Numbers(StrictObject inputs, string name)
    {
        List<decimal> numbers = [];
        foreach ((JsonElement item, string path) in inputs.Items(name))
        {
            decimal number = StrictObject.ReadNumber(item, path, inputs.Faults);
            if (number < 0) inputs.Faults.Add(path, "expected 0 or more");
            numbers.Add(number);
        }
        return numbers;
    }

    private static decimal Positive(StrictObject source, string name)
    {
        decimal number = source.Number(name);
        if (number <= 0 || number % 0.01m != 0) source.Fault(name, "expected a positive number of whole paise");
        return number;
    }

    /// <summary>The instants stand in the inputs, or, as in the published scenarios, beside the answers.</summary>
    private static CalendarCase ReadCalendar(string id, StrictObject inputs, JsonElement source, RulePackSet own)
    {
        List<(RulePack, HolidayCalendar, LocalDateTime)> events = [];
        JsonElement list = default;
        bool given = inputs.TryGet("events", out list) ||
            (source.TryGetProperty("expected", out JsonElement expected) && expected.ValueKind == JsonValueKind.Object && expected.TryGetProperty("events", out list));
        if (!given || list.ValueKind != JsonValueKind.Array)
        {
            inputs.Fault("events", "missing; expected a list of objects with pack, calendar and condition_true_at");
            return new(id, events);
        }
        foreach (JsonElement item in list.EnumerateArray())
        {
            string path = string.Create(CultureInfo.InvariantCulture, $"$.events[{events.Count}]");
            if (StrictObject.Open(item, path, inputs.Faults) is not { } one) break;
            one.Ignore("earliest_cut");
            string name = one.Text("pack"), calendar = one.Text("calendar");
            ParseResult<LocalDateTime> at = Minute.Parse(one.Text("condition_true_at"));
            one.Close();
            if (!own.Packs.TryGetValue(name, out RulePack? pack)) one.Fault("pack", $"no rule pack '{name}' was given");
            if (!own.Calendars.TryGetValue(calendar, out HolidayCalendar? holidays)) one.Fault("calendar", $"no holidays '{calendar}' were given");
            if (!at.Success) one.Fault("condition_true_at", "expected a local time such as 2026-01-07T20:15");
            if (inputs.Faults.Any) break;
            events.Add((pack!, holidays!, at.Value));
        }
        return new(id, events);
    }

    private static PrepaidCase ReadCases(string id, StrictObject inputs)
    {
        List<(decimal, decimal, decimal)> conversions = [];
        List<(decimal, decimal, bool)> rebates = [];
        foreach (StrictObject one in inputs.Objects("cases"))
        {
            one.Ignore("state");
            if (one.Has("deposit")) conversions.Add((one.Number("deposit"), one.OptionalNumber("interest") ?? 0, one.Number("dues")));
            else if (one.Has("per_unit")) rebates.Add((one.Number("kwh"), one.Number("per_unit"), false));
            else if (one.Has("percent_of_energy")) rebates.Add((one.Number("energy"), one.Number("percent_of_energy"), true));
            else rebates.Add((one.Number("recharge"), one.Number("percent_of_recharge"), true));
            one.Close();
        }
        if (conversions.Count > 0 && rebates.Count > 0) inputs.Fault("cases", "expected cases of one kind");
        if (conversions.Exists(c => c.Item1 < 0 || c.Item2 < 0)) inputs.Fault("cases", "expected deposits and interest of 0 or more");
        return conversions.Count > 0 ? new ConversionCase(id, conversions) : new RebatesCase(id, rebates);
    }
}
