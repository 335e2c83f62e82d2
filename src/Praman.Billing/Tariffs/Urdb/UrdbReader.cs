using System.Text.Json;
using NodaTime;
using Praman.Billing.Rating;

namespace Praman.Billing.Tariffs.Urdb;

/// <summary>Takes the members of a rate apart, by name; a value of another form is a fault with its path.</summary>
internal sealed class UrdbReader(JsonElement rate, string path, FaultList faults)
{
    private const int PeriodCountMax = 64, TierCountMax = 32, Months = 12, Hours = 24;

    /// <summary>Numbers that say what the rate is for, not what it costs.</summary>
    private static readonly string[] Informational =
    [
        "startdate", "enddate", "eiaid", "latest_update", "revisions", "demandwindow", "peakkwcapacitymin", "peakkwcapacitymax", "peakkwcapacityhistory", "peakkwhusagemin",
        "peakkwhusagemax", "peakkwhusagehistory", "voltageminimum", "voltagemaximum", "fixedattrs", "energyattrs", "demandattrs", "flatdemandattrs", "fixedchargeeaaddl",
        "basicinformationcomments", "version",
    ];

    private readonly HashSet<string> _known = new(Informational, StringComparer.Ordinal);

    public string At(string name) => path + "." + name;

    public void Fault(string name, string message) => faults.Add(At(name), message);

    /// <summary>Null where it is absent; empty, with a fault, where it is no text.</summary>
    public string? Text(string name)
    {
        if (!TryGet(name, out JsonElement value)) return null;
        if (value.ValueKind == JsonValueKind.String) return value.GetString();
        Fault(name, "expected a text");
        return "";
    }

    public decimal? Number(string name) => TryGet(name, out JsonElement value) ? NumberOf(value, At(name)) : null;

    public bool Flag(string name) => TryGet(name, out JsonElement value) && value.ValueKind == JsonValueKind.True;

    /// <summary>A day as seconds since 1970 or as ISO text.</summary>
    public LocalDate? Date(string name)
    {
        if (!TryGet(name, out JsonElement value)) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long seconds) && Math.Abs(seconds) < 100_000_000_000) return Instant.FromUnixTimeSeconds(seconds).InUtc().Date;
        if (value.ValueKind == JsonValueKind.String && NodaTime.Text.LocalDatePattern.Iso.Parse(value.GetString()!.Split(' ')[0]) is { Success: true } day) return day.Value;
        Fault(name, "expected a day, as seconds since 1970 or as 2026-04-01");
        return null;
    }

    /// <summary>Periods of steps; empty where the rate has none.</summary>
    public List<UrdbTier[]> Structure(string name)
    {
        List<UrdbTier[]> periods = [];
        if (!TryGet(name, out JsonElement value)) return periods;
        foreach ((JsonElement period, string at) in Items(value, At(name), PeriodCountMax))
        {
            List<UrdbTier> tiers = [];
            foreach ((JsonElement tier, string place) in Items(period, at, TierCountMax))
            {
                if (tier.ValueKind != JsonValueKind.Object)
                {
                    faults.Add(place, "expected an object");
                    continue;
                }
                var one = new UrdbReader(tier, place, faults);
                tiers.Add(new(one.Number("max"), (one.Number("rate") ?? 0) + (one.Number("adj") ?? 0), one.Text("unit"), one.Number("sell") ?? 0));
                foreach (string unknown in one.Unread()) one.Fault(unknown, "unknown member with a number; expected max, rate, adj, unit or sell");
            }
            for (int i = 0; i < tiers.Count; i++)
            {
                if (tiers[i].Max is not { } max)
                {
                    if (i + 1 < tiers.Count) faults.Add(at, "an open step stands before another");
                }
                else if (max <= (i == 0 ? 0 : tiers[i - 1].Max ?? 0)) faults.Add(at, "expected limits that rise");
            }
            if (tiers.Count == 0) faults.Add(at, "expected at least one step");
            periods.Add([.. tiers]);
        }
        return periods;
    }

    /// <summary>The schedule of a structure; without one, its only period holds always.</summary>
    public UrdbSchedule? Schedule(string weekday, string weekend, int periodCount, string structure)
    {
        bool hasWeekday = TryGet(weekday, out JsonElement onWeekdays), hasWeekend = TryGet(weekend, out JsonElement onWeekends);
        if (!hasWeekday && !hasWeekend)
        {
            if (periodCount == 1) return new(Always(), Always());
            Fault(structure, $"has {periodCount} periods, and neither {weekday} nor {weekend} says when they hold");
            return null;
        }
        if (!hasWeekday || !hasWeekend)
        {
            Fault(hasWeekday ? weekend : weekday, "missing, and the other of the two is there");
            return null;
        }
        return Grid(onWeekdays, weekday, periodCount) is { } work && Grid(onWeekends, weekend, periodCount) is { } rest ? new(work, rest) : null;
    }

    /// <summary>Twelve values, January first; null where there are none.</summary>
    public decimal[]? Monthly(string name)
    {
        if (!TryGet(name, out JsonElement value)) return null;
        decimal[] months = [.. Items(value, At(name), Months).Select(item => NumberOf(item.Item, item.Path))];
        if (months.Length == Months) return months;
        Fault(name, $"expected {Months} numbers, found {months.Length}");
        return null;
    }

    /// <summary>Members that were not asked for and hold a number that is not 0.</summary>
    public IEnumerable<string> Unread() => rate.EnumerateObject().Where(member => !_known.Contains(member.Name) && HasNumber(member.Value, 0)).Select(member => member.Name);

    private static bool HasNumber(JsonElement value, int depth) => value.ValueKind switch
    {
        JsonValueKind.Number => !value.TryGetDecimal(out decimal number) || number != 0,
        JsonValueKind.Array when depth < 8 => value.EnumerateArray().Any(item => HasNumber(item, depth + 1)),
        JsonValueKind.Object when depth < 8 => value.EnumerateObject().Any(member => HasNumber(member.Value, depth + 1)),
        _ => false,
    };

    private static int[][] Always() => [.. Enumerable.Range(0, Months).Select(_ => new int[Hours])];

    private int[][]? Grid(JsonElement value, string name, int periodCount)
    {
        List<int[]> rows = [];
        foreach ((JsonElement row, string at) in Items(value, At(name), Months))
        {
            List<int> hours = [];
            foreach ((JsonElement hour, string place) in Items(row, at, Hours))
            {
                if (hour.ValueKind == JsonValueKind.Number && hour.TryGetInt32(out int period) && period >= 0 && period < periodCount) hours.Add(period);
                else faults.Add(place, $"expected a period from 0 to {periodCount - 1}");
            }
            rows.Add([.. hours]);
        }
        if (rows.Count == Months && rows.TrueForAll(row => row.Length == Hours)) return [.. rows];
        Fault(name, $"expected {Months} months of {Hours} hours");
        return null;
    }

    private bool TryGet(string name, out JsonElement value)
    {
        _known.Add(name);
        return rate.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
    }

    private decimal NumberOf(JsonElement value, string at)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out decimal number) && DecimalText.TryParse(DecimalText.Trimmed(number), out decimal read)) return read;
        faults.Add(at, "expected a number of at most 12 digits before and 9 after the point");
        return 0;
    }

    private IEnumerable<(JsonElement Item, string Path)> Items(JsonElement list, string at, int countMax)
    {
        if (list.ValueKind != JsonValueKind.Array)
        {
            faults.Add(at, "expected a list");
            yield break;
        }
        int index = 0;
        foreach (JsonElement item in list.EnumerateArray())
        {
            if (index == countMax)
            {
                faults.Add(at, $"expected at most {countMax} entries");
                yield break;
            }
            yield return (item, $"{at}[{index++}]");
        }
    }
}
