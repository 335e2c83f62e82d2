using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using NodaTime;
using Praman.Billing.Rating;

namespace Praman.Billing.Tariffs.Urdb;

/// <summary>
/// Makes a tariff of a rate of OpenEI's Utility Rate Database (version 3 and later): energy in steps by season or at prices by the hour, demand in
/// steps, fixed and minimum charges, monthly fuel adjustments. What the form cannot hold is a fault by name, never left out in silence.
/// </summary>
public sealed class UrdbImport
{
    /// <summary>Largest file read, octets.</summary>
    public const int LengthMax = 4 << 20;

    private const int MonthsAYear = 12;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };
    private readonly UrdbImportOptions _options;
    private readonly FaultList _faults;
    private readonly UrdbReader _rate;
    private readonly List<string> _notes = [];
    private readonly List<string> _left = [];

    private UrdbImport(JsonElement rate, string path, UrdbImportOptions options, FaultList faults) =>
        (_options, _faults, _rate) = (options, faults, new UrdbReader(rate, path, faults));

    /// <summary>Reads a rate, or an answer of the database that holds exactly one in <c>items</c>.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="name">Of the file, for its faults.</param>
    /// <param name="options">What the rate does not say.</param>
    public static UrdbImportResult Read(ReadOnlyMemory<byte> json, string? name, UrdbImportOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var faults = new FaultList(name);
        if (json.Length > LengthMax)
        {
            faults.Add("$", $"has more than {LengthMax} octets");
            return new(null, default, faults.Faults, []);
        }
        if (!Utf8.IsValid(json.Span))
        {
            faults.Add("$", "is not UTF-8");
            return new(null, default, faults.Faults, []);
        }
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, Strict);
            JsonElement root = document.RootElement;
            string path = "$";
            if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("items", out JsonElement items))
            {
                int count = items.ValueKind == JsonValueKind.Array ? items.GetArrayLength() : 0;
                if (count != 1) faults.Add("$.items", $"holds {count} rates; expected one");
                else (root, path) = (items[0], "$.items[0]");
            }
            if (root.ValueKind != JsonValueKind.Object) faults.Add(path, "expected the object of a rate");
            return faults.Any ? new(null, default, faults.Faults, []) : new UrdbImport(root, path, options, faults).Convert();
        }
        catch (JsonException fault)
        {
            faults.Add("$", $"no JSON: line {fault.LineNumber + 1}, octet {fault.BytePositionInLine}");
            return new(null, default, faults.Faults, []);
        }
        catch (InvalidOperationException)
        {
            // What JsonElement says of a name or text with half of a surrogate pair.
            faults.Add("$", "holds a text that is no Unicode");
            return new(null, default, faults.Faults, []);
        }
    }

    private UrdbImportResult Convert()
    {
        UrdbHead head = ReadHead();
        List<UrdbTier[]> energy = _rate.Structure("energyratestructure");
        if (energy.Count == 0) _rate.Fault("energyratestructure", "missing; expected the price of energy");
        UrdbSchedule? hours = energy.Count == 0 ? null : _rate.Schedule("energyweekdayschedule", "energyweekendschedule", energy.Count, "energyratestructure");
        List<UrdbTier[]> flat = _rate.Structure("flatdemandstructure");
        int[] flatMonths = FlatMonths(flat.Count);
        CheckDemand(flat);
        decimal[]? fuel = _rate.Monthly("fueladjustmentsmonthly");
        if (_faults.Any) return Refused();

        bool hasSteps = hours!.Periods.Any(p => energy[p].Length > 1);
        for (int month = 0; hasSteps && month < MonthsAYear; month++)
        {
            if (hours.OnlyPeriodOf(month) >= 0) continue;
            _rate.Fault("energyratestructure", $"steps and prices by the hour together in {MonthName(month)}: the form has steps for all units of a bill, or a price by the hour");
            return Refused();
        }
        CheckUnits(energy, hours);
        var seasons = UrdbSeason.Of(month => (hasSteps ? hours.OnlyPeriodOf(month) : -1, flat.Count > 0 ? flatMonths[month] : -1));
        string[] fixedCharge = Charge(["fixedchargefirstmeter", "fixedmonthlycharge"], "fixedchargeunits");
        string[] minimum = Charge(["mincharge", "minmonthlycharge"], "minchargeunits");
        NoteNetMetering(energy);
        foreach (string unread in _rate.Unread()) _left.Add($"{unread}: a number that the import does not know");
        if (_left.Count > 0 && !_options.AllowsPartial)
        {
            foreach (string left in _left) _faults.Add("$", $"{left}; it would be left out of the tariff");
        }
        if (_faults.Any) return Refused();
        foreach (string left in _left) _notes.Add($"Left out: {left}.");
        if (seasons.Count > 1) _notes.Add("Seasons: " + string.Join("; ", seasons.Select(s => $"{s.Name} is {UrdbTariffWriter.MonthNames(s.Months)}")) + ".");
        byte[] file = new UrdbTariffWriter(_options, head, isPartial: _left.Count > 0, _notes).Write(
            energy, hours, hasSteps, flat.Exists(HasPrice) ? flat : null, seasons, fixedCharge, minimum, fuel);
        // What this program reads back is what it will bill by.
        return TariffSet.TryParse(file, null, out _, out IReadOnlyList<TariffFault> wrong) ? new(head.Id, file, [], _notes) : new(null, default, wrong, []);
    }

    private UrdbImportResult Refused() => new(null, default, _faults.Faults, []);

    private UrdbHead ReadHead()
    {
        string? label = _rate.Text("label"), utility = _rate.Text("utility"), name = _rate.Text("name");
        if (utility is null) _rate.Fault("utility", "missing; expected the name of the utility");
        if (name is null) _rate.Fault("name", "missing; expected the name of the rate");
        if (_options.Id is null && label is null) _rate.Fault("label", "missing, and no id was given");
        string country = _rate.Text("country") is null or "USA" or "US" ? "US" : _rate.Text("country")!;
        if (_options.Currency is null && country != "US") _rate.Fault("country", $"'{country}' is not the United States, and no currency was given");
        LocalDate? from = _rate.Date("startdate") ?? _options.ValidFrom;
        if (from is null) _rate.Fault("startdate", "missing, and no first day was given");
        string uri = _rate.Text("uri") ?? (label is null ? "https://openei.org/wiki/Utility_Rate_Database" : "https://openei.org/apps/IURDB/rate/view/" + label);
        return new(
            _options.Id ?? "us-urdb-" + label, name ?? "", utility ?? "", country, _options.Currency ?? "USD", (_rate.Text("sector") ?? "not stated").ToLowerInvariant(),
            from ?? default, _rate.Date("enddate"), uri, _rate.Text("source"));
    }

    private int[] FlatMonths(int periodCount)
    {
        var months = new int[MonthsAYear];
        if (periodCount == 0) return months;
        if (_rate.Monthly("flatdemandmonths") is { } given)
        {
            for (int i = 0; i < MonthsAYear; i++)
            {
                if (given[i] >= 0 && given[i] < periodCount && given[i] == Math.Truncate(given[i])) months[i] = (int)given[i];
                else _rate.Fault($"flatdemandmonths[{i}]", $"expected a period from 0 to {periodCount - 1}");
            }
        }
        else if (periodCount > 1)
        {
            _rate.Fault("flatdemandstructure", $"has {periodCount} periods, and flatdemandmonths does not say when they hold");
        }
        return months;
    }

    /// <summary>Demand by the hour has no place in the form, but for one period that always holds: that is demand.</summary>
    private void CheckDemand(List<UrdbTier[]> flat)
    {
        List<UrdbTier[]> byHour = _rate.Structure("demandratestructure");
        UrdbSchedule? hours = byHour.Count == 0 ? null : _rate.Schedule("demandweekdayschedule", "demandweekendschedule", byHour.Count, "demandratestructure");
        if (_rate.Text("flatdemandunit") is { } unit && unit != "kW" && flat.Exists(HasPrice)) _rate.Fault("flatdemandunit", $"'{unit}'; expected kW");
        if (_rate.Text("demandrateunit") is { } other && other != "kW" && byHour.Exists(HasPrice)) _rate.Fault("demandrateunit", $"'{other}'; expected kW");
        if (hours is null) return;
        int[] used = [.. hours.Periods];
        if (!used.Any(p => HasPrice(byHour[p]))) return;
        if (used.Length == 1 && !flat.Exists(HasPrice))
        {
            flat.Clear();
            flat.Add(byHour[used[0]]);
        }
        else
        {
            _left.Add("demandratestructure: demand by the hour");
        }
    }

    private void CheckUnits(List<UrdbTier[]> energy, UrdbSchedule hours)
    {
        foreach (int period in hours.Periods)
        {
            UrdbTier[] tiers = energy[period];
            bool byDay = UrdbTariffWriter.IsByDay(tiers);
            for (int i = 0; i < tiers.Length; i++)
            {
                if (tiers[i].Unit is null or "kWh" or "kWh daily" && (tiers.Length == 1 || byDay == (tiers[i].Unit == "kWh daily"))) continue;
                _rate.Fault($"energyratestructure[{period}][{i}].unit", $"'{tiers[i].Unit}'; expected kWh or kWh daily, the same in all steps");
            }
        }
    }

    /// <summary>An amount and what it is for, from the first of the names that is there; empty where there is none.</summary>
    private string[] Charge(string[] names, string units)
    {
        string? per = _rate.Text(units);
        foreach (string name in names)
        {
            if (_rate.Number(name) is not { } amount || amount == 0) continue;
            switch (name == names[0] ? per : "$/month")
            {
                case null or "$/month": return [DecimalText.Trimmed(amount), "month"];
                case "$/day": return [DecimalText.Trimmed(amount), "day"];
                case "$/year" when DecimalText.TryParse(DecimalText.Trimmed(amount / MonthsAYear), out decimal month) && month * MonthsAYear == amount: return [DecimalText.Trimmed(month), "month"];
                default:
                    _rate.Fault(units, $"'{per}' of {DecimalText.Trimmed(amount)}; expected $/day, $/month, or a sum a year that has a twelfth of at most 9 digits");
                    return [];
            }
        }
        return [];
    }

    private void NoteNetMetering(List<UrdbTier[]> energy)
    {
        string? rule = _rate.Text("dgrules");
        bool offered = _rate.Flag("usenetmetering") || rule == "Net Metering";
        if (_options.HasNetMetering && !offered) _rate.Fault("dgrules", $"'{rule}'; net metering was asked for, and the rate does not offer it");
        if (offered && !_options.HasNetMetering) _notes.Add("The rate offers net metering; this tariff is for homes that feed nothing in.");
        else if (rule is not null && !offered) _notes.Add($"What is fed in is settled by '{rule}', which this tariff does not hold.");
        if (energy.Exists(period => period.Any(tier => tier.Sell != 0))) _notes.Add("The rate pays for what is fed in; this tariff does not hold that price.");
    }

    private static bool HasPrice(UrdbTier[] tiers) => tiers.Any(tier => tier.Rate != 0);

    internal static string MonthName(int month) => CultureInfo.InvariantCulture.DateTimeFormat.GetMonthName(month + 1);
}
