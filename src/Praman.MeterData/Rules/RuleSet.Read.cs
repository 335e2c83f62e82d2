using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Praman.Metering;

namespace Praman.MeterData.Rules;

public sealed partial record RuleSet
{
    private const string Clause = "praman-vee/1";

    /// <summary>Files that were published before the gate asked for a release do not name its limits: the spec's 1 % holds for them.</summary>
    private const decimal EditedOfOlderFiles = 0.01m;

    private static bool TryRead(byte[] canonical, [NotNullWhen(true)] out RuleSet? rules, out DecodeError error)
    {
        using var document = JsonDocument.Parse(canonical);
        var members = new Members(document.RootElement);
        rules = new RuleSet
        {
            CanonicalBytes = canonical,
            Sha256 = HashOf(canonical),
            Id = members.Text("id"),
            ClockWarnSeconds = members.Integer("clock.warn_seconds", 0, 86_400),
            ClockFailSeconds = members.Integer("clock.fail_seconds", 0, 86_400),
            IntervalMinutes = members.Integers("interval_minutes", 1, 1_440),
            ReferenceVoltage = members.Integer("physical_maximum.reference_voltage", 1, 1_000_000),
            PhysicalMaximumFactor = members.Number("physical_maximum.factor", 0.1m, 1_000m),
            SpikeRatio = members.Number("spike.ratio", 0m, 1_000_000m),
            IntervalStepWh = members.Integer("sum.interval_step_wh", 1, 1_000_000),
            IntervalRoundingIsCarried = members.Choice("sum.interval_rounding", "carried", "each"),
            EstimateAfterHours = members.Integer("estimation.after_hours", 0, 8_784),
            SpanDaysMax = members.Integer("estimation.span_days", 1, 400),
            LinearGapMinutesMax = members.Integer("linear_interpolation.gap_minutes", 0, 1_440),
            LikeDayCount = members.Integer("like_days.count", 1, 60),
            LikeDayLookbackDays = members.Integer("like_days.lookback_days", 7, 800),
            ScaleFactorLow = members.Number("scaling.factor_low", 0m, 1m),
            ScaleFactorHigh = members.Number("scaling.factor_high", 1m, 1_000_000m),
            Gate = new GateLimits(
                members.Number("gate.missing", 0m, 1m),
                members.Number("gate.failed", 0m, 1m),
                members.Number("gate.unscaled", 0m, 1m),
                members.Number("gate.estimated_energy", 0m, 1m),
                members.Number("gate.estimated_intervals", 0m, 1m),
                members.NumberOr(EditedOfOlderFiles, "gate.edited_energy", 0m, 1m),
                members.NumberOr(EditedOfOlderFiles, "gate.edited_intervals", 0m, 1m)),
        };
        members.Text("type", Clause);
        members.RefuseOthers();
        error = members.Fault is null ? default : new DecodeError(0, members.Fault, Clause);
        if (members.Fault is null) return true;
        rules = null;
        return false;
    }

    /// <summary>Takes members by their path; keeps the first fault and refuses what nobody asked for.</summary>
    private sealed class Members(JsonElement root)
    {
        private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

        public string? Fault { get; private set; }

        public string Text(string path, string? expected = null)
        {
            if (Take(path) is not { ValueKind: JsonValueKind.String } element) return Refuse(path, "a string", "");
            string text = element.GetString() ?? "";
            if (expected is not null && text != expected) return Refuse(path, $"'{expected}'", "");
            return text.Length is > 0 and <= 100 ? text : Refuse(path, "1 to 100 characters", "");
        }

        public bool Choice(string path, string yes, string no)
        {
            string text = Text(path);
            if (text != yes && text != no) Refuse(path, $"'{yes}' or '{no}'", 0);
            return text == yes;
        }

        public int Integer(string path, int low, int high) =>
            Take(path) is { ValueKind: JsonValueKind.Number } element && element.TryGetInt32(out int value) && value >= low && value <= high
                ? value
                : Refuse(path, $"an integer from {low} to {high}", low);

        public List<int> Integers(string path, int low, int high)
        {
            var values = new List<int>();
            if (Take(path) is { ValueKind: JsonValueKind.Array } array)
            {
                foreach (JsonElement element in array.EnumerateArray())
                {
                    if (element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out int value) && value >= low && value <= high) values.Add(value);
                    else Refuse(path, $"integers from {low} to {high}", 0);
                }
            }
            if (values.Count == 0) Refuse(path, $"an array of integers from {low} to {high}", 0);
            return values;
        }

        /// <summary>A decimal number, written as a string so that no program has to agree with another about fractions.</summary>
        public decimal Number(string path, decimal low, decimal high) =>
            Take(path) is { ValueKind: JsonValueKind.String } element
            && decimal.TryParse(element.GetString(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value)
            && value >= low && value <= high
                ? value
                : Refuse(path, string.Create(CultureInfo.InvariantCulture, $"a decimal string from {low} to {high}"), low);

        /// <summary>A member that older files lack.</summary>
        public decimal NumberOr(decimal absent, string path, decimal low, decimal high) => Take(path) is null ? absent : Number(path, low, high);

        public void RefuseOthers()
        {
            if (root.ValueKind != JsonValueKind.Object) return;
            foreach (JsonProperty member in root.EnumerateObject())
            {
                if (_taken.Contains(member.Name)) continue;
                if (member.Value.ValueKind != JsonValueKind.Object) { Refuse(member.Name, "no such member", 0); continue; }
                foreach (JsonProperty inner in member.Value.EnumerateObject())
                {
                    if (!_taken.Contains($"{member.Name}.{inner.Name}")) Refuse($"{member.Name}.{inner.Name}", "no such member", 0);
                }
                if (member.Value.GetPropertyCount() == 0) Refuse(member.Name, "members", 0);
            }
        }

        private JsonElement? Take(string path)
        {
            _taken.Add(path);
            JsonElement element = root;
            foreach (string name in path.Split('.'))
            {
                if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element)) return null;
            }
            return element;
        }

        private T Refuse<T>(string path, string expected, T instead)
        {
            Fault ??= $"member '{path}': {expected} expected";
            return instead;
        }
    }
}
