using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;

namespace Praman.Billing.Rating;

/// <summary>Reads the <c>inputs</c> of a case, the JSON form of <see cref="BillingDeterminants"/>. Strict: an unknown field is an error.</summary>
public static class BillingInputs
{
    /// <summary>Most intervals of one bill, and most entries of its lists.</summary>
    public const int IntervalCountMax = 200_000, EntryCountMax = 1_000;

    /// <summary>Reads the object.</summary>
    /// <returns>False, with the field and what was expected of it.</returns>
    public static bool TryRead(JsonElement inputs, [NotNullWhen(true)] out BillingDeterminants? determinants, [NotNullWhen(false)] out RatingRefusal? error)
    {
        Reader reader = new();
        determinants = inputs.ValueKind == JsonValueKind.Object ? reader.Read(inputs) : reader.Stop("inputs", "expected an object");
        error = reader.Error;
        if (error is not null) determinants = null;
        return determinants is not null;
    }

    private sealed class Reader
    {
        public RatingRefusal? Error { get; private set; }

        public BillingDeterminants? Stop(string name, string reason)
        {
            Error ??= new(RefusalCodes.InputInvalid, $"Input '{name}': {reason}.", name);
            return null;
        }

        public BillingDeterminants? Read(JsonElement inputs)
        {
            BillingDeterminants read = new();
            foreach (JsonProperty member in inputs.EnumerateObject())
            {
                string name = member.Name;
                JsonElement value = member.Value;
                if (value.ValueKind == JsonValueKind.Null) continue;
                switch (name)
                {
                    case "period": read = read with { Period = ReadPeriod(value) }; break;
                    case "days": read = read with { Days = ReadInteger(value, name) }; break;
                    case "billing_months": read = read with { BillingMonths = Number(value, name) }; break;
                    case "bill_date": read = read with { BillDate = Date(value, name) }; break;
                    case "quantities": read = ReadQuantities(read, value); break;
                    case "sanctioned_load_kw": read = read with { SanctionedLoadKw = Number(value, name) }; break;
                    case "max_demand_kw": read = read with { MaxDemandKw = Number(value, name) }; break;
                    case "phase": read = read with { Phase = ReadPhase(value) }; break;
                    case "flags": read = read with { Flags = ReadTexts(value, name) }; break;
                    case "season": read = read with { Season = Text(value, name) }; break;
                    case "kwh_by_tod": read = read with { KwhByTou = ReadNumbers(value, name) }; break;
                    case "intervals": read = read with { Intervals = ReadIntervals(value) }; break;
                    case "holidays": read = read with { Holidays = [.. ReadTexts(value, name).Select(t => ParseDate(t, name))] }; break;
                    case "external": read = read with { External = ReadNumbers(value, name) }; break;
                    case "unassigned_kwh": read = read with { UnassignedKwh = Number(value, name) }; break;
                    case "kwh_carried_in": read = read with { KwhCarriedIn = Number(value, name) }; break;
                    default: return Stop(name, "unknown field");
                }
                if (Error is not null) return null;
            }
            return read;
        }

        private BillingPeriod? ReadPeriod(JsonElement value)
        {
            LocalDate? from = null, to = null;
            if (!IsObject(value, "period")) return null;
            foreach (JsonProperty member in value.EnumerateObject())
            {
                if (member.NameEquals("from")) from = Date(member.Value, "period.from");
                else if (member.NameEquals("to")) to = Date(member.Value, "period.to");
                else Stop("period." + member.Name, "unknown field");
            }
            if (from is null) Stop("period.from", "missing; expected a date such as 2025-09-01");
            if (to is null) Stop("period.to", "missing; expected a date such as 2025-09-30");
            return Error is null ? new(from!.Value, to!.Value) : null;
        }

        private BillingDeterminants ReadQuantities(BillingDeterminants read, JsonElement value)
        {
            if (!IsObject(value, "quantities")) return read;
            foreach (JsonProperty member in value.EnumerateObject())
            {
                string name = "quantities." + member.Name;
                decimal number = Number(member.Value, name);
                switch (member.Name)
                {
                    case "kwh": read = read with { Kwh = number }; break;
                    case "kvah": read = read with { Kvah = number }; break;
                    case "kw_max": read = read with { KwMax = number }; break;
                    case "kwh_import": read = read with { KwhImport = number }; break;
                    case "kwh_export": read = read with { KwhExport = number }; break;
                    default: Stop(name, "unknown field"); break;
                }
            }
            return read;
        }

        private SupplyPhase ReadPhase(JsonElement value)
        {
            string text = Text(value, "phase");
            if (text is not ("single" or "three")) Stop("phase", "expected single or three");
            return text == "three" ? SupplyPhase.Three : SupplyPhase.Single;
        }

        private List<string> ReadTexts(JsonElement value, string name)
        {
            List<string> texts = [];
            if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > EntryCountMax) Stop(name, "expected a list of texts");
            else
            {
                foreach (JsonElement item in value.EnumerateArray()) texts.Add(Text(item, name));
            }
            return texts;
        }

        private Dictionary<string, decimal> ReadNumbers(JsonElement value, string name)
        {
            Dictionary<string, decimal> numbers = new(StringComparer.Ordinal);
            if (!IsObject(value, name)) return numbers;
            foreach (JsonProperty member in value.EnumerateObject())
            {
                if (!numbers.TryAdd(member.Name, Number(member.Value, $"{name}.{member.Name}"))) Stop($"{name}.{member.Name}", "stands twice");
                if (numbers.Count > EntryCountMax) Stop(name, "has too many entries");
                if (Error is not null) break;
            }
            return numbers;
        }

        private List<IntervalEnergy> ReadIntervals(JsonElement value)
        {
            List<IntervalEnergy> intervals = [];
            if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > IntervalCountMax)
            {
                Stop("intervals", $"expected a list of at most {IntervalCountMax} intervals");
                return intervals;
            }
            foreach (JsonElement item in value.EnumerateArray())
            {
                intervals.Add(ReadInterval(item, string.Create(CultureInfo.InvariantCulture, $"intervals[{intervals.Count}]")));
                if (Error is not null) break;
            }
            return intervals;
        }

        private IntervalEnergy ReadInterval(JsonElement item, string path)
        {
            LocalDate? date = null;
            LocalTime? start = null;
            decimal? kwh = null, price = null;
            if (!IsObject(item, path)) return default;
            foreach (JsonProperty member in item.EnumerateObject())
            {
                string name = $"{path}.{member.Name}";
                switch (member.Name)
                {
                    case "from": (date, start) = ReadStart(member.Value, name); break;
                    case "w": price = Number(member.Value, name); break;
                    case "kwh": kwh = Number(member.Value, name); break;
                    default: Stop(name, "unknown field"); break;
                }
            }
            if (start is null) Stop(path + ".from", "missing; expected a time such as 17:00 or 2025-09-01T17:00");
            if (kwh is null) Stop(path + ".kwh", "missing; expected a decimal");
            return new(date, start ?? default, kwh ?? 0, price);
        }

        private (LocalDate?, LocalTime?) ReadStart(JsonElement value, string name)
        {
            string text = Text(value, name);
            if (Error is not null) return (null, null);
            if (LocalTimePattern.CreateWithInvariantCulture("HH':'mm").Parse(text) is { Success: true } time) return (null, time.Value);
            if (LocalDateTimePattern.CreateWithInvariantCulture("uuuu'-'MM'-'dd'T'HH':'mm").Parse(text) is { Success: true } both) return (both.Value.Date, both.Value.TimeOfDay);
            Stop(name, "expected a time such as 17:00 or 2025-09-01T17:00");
            return (null, null);
        }

        private bool IsObject(JsonElement value, string name)
        {
            if (value.ValueKind == JsonValueKind.Object) return true;
            Stop(name, "expected an object");
            return false;
        }

        private int ReadInteger(JsonElement value, string name)
        {
            if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number)) return number;
            if (value.ValueKind == JsonValueKind.String && int.TryParse(value.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out number)) return number;
            Stop(name, "expected a whole number");
            return 0;
        }

        private string Text(JsonElement value, string name)
        {
            if (value.ValueKind == JsonValueKind.String) return value.GetString()!;
            Stop(name, "expected a text");
            return "";
        }

        private LocalDate? Date(JsonElement value, string name) => Error is null ? ParseDate(Text(value, name), name) : null;

        private LocalDate ParseDate(string text, string name)
        {
            if (LocalDatePattern.Iso.Parse(text) is { Success: true } parsed) return parsed.Value;
            Stop(name, "expected a date such as 2025-09-01");
            return default;
        }

        /// <summary>A decimal string; a JSON number is taken by its digits, never through binary floating point.</summary>
        private decimal Number(JsonElement value, string name)
        {
            string? text = value.ValueKind switch { JsonValueKind.String => value.GetString(), JsonValueKind.Number => value.GetRawText(), _ => null };
            if (text is not null && DecimalText.TryParse(text, out decimal number)) return number;
            Stop(name, "expected " + DecimalText.Expectation);
            return 0;
        }
    }
}
