using System.Collections.Concurrent;
using Praman.Metering;

namespace Praman.Server.Access;

/// <summary>Purposes that operators stated for looking at one usage point's half-hours; each holds for a quarter of an hour.</summary>
public sealed class PurposeGrants(TimeProvider time)
{
    /// <summary>How long a stated purpose opens the readings.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromMinutes(15);

    /// <summary>Characters of the shortest and longest purpose.</summary>
    public const int LengthMin = 10, LengthMax = 200;

    private readonly ConcurrentDictionary<(string Person, UsagePointId UsagePoint), (string Purpose, DateTimeOffset Until)> _grants = new();

    /// <summary>Opens the readings of a usage point to a person for a purpose.</summary>
    public void Grant(string person, UsagePointId usagePoint, string purpose)
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach (var (key, grant) in _grants)
        {
            if (grant.Until <= now) _grants.TryRemove(key, out _);
        }
        _grants[(person, usagePoint)] = (purpose, now + Duration);
    }

    /// <summary>The purpose under which the person may look now; null where none holds.</summary>
    public string? Find(string person, UsagePointId usagePoint) =>
        _grants.TryGetValue((person, usagePoint), out var grant) && grant.Until > time.GetUtcNow() ? grant.Purpose : null;
}
