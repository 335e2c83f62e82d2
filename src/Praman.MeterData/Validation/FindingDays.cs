using NodaTime;
using Praman.MeterData.Rules;
using Praman.Metering;

namespace Praman.MeterData.Validation;

/// <summary>
/// Counts findings by rule in meter-days: what each channel and each version of a day says again is one finding to whoever looks after the meter.
/// </summary>
public sealed class FindingDays
{
    private readonly SortedDictionary<RuleId, Tally> _byRule = new(Comparer<RuleId>.Create((a, b) => string.CompareOrdinal(a.Code, b.Code)));

    /// <summary>Takes a finding; they come by day, then by usage point.</summary>
    /// <returns>True where its rule has found nothing in this meter-day yet.</returns>
    public bool Add(StoredFinding found)
    {
        (Instant Day, UsagePointId UsagePoint) meterDay = (found.DayStart, found.UsagePoint);
        bool known = _byRule.TryGetValue(found.Finding.Rule, out Tally tally);
        if (known && tally.Last == meterDay) return false;
        _byRule[found.Finding.Rule] = new(tally.Count + 1, meterDay);
        return true;
    }

    /// <summary>Meter-days of each rule that found something, by the rule's code.</summary>
    public IEnumerable<KeyValuePair<RuleId, int>> Counts => _byRule.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.Count));

    private readonly record struct Tally(int Count, (Instant Day, UsagePointId UsagePoint) Last);
}
