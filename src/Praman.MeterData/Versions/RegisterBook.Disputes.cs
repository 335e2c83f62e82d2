using NodaTime;
using Praman.MeterData.Ingest;
using Praman.Metering;

namespace Praman.MeterData.Versions;

/// <summary>A register of which a meter gave more than one value and no person decided.</summary>
/// <param name="Values">All that meters gave, lowest first.</param>
/// <param name="Chosen">The one that the intervals around chose; null where they choose none.</param>
internal sealed record DisputedRegister(ReadingType Type, Instant At, EndDeviceId EndDevice, IReadOnlyList<long> Values, long? Chosen, int Resolution);

internal sealed partial class RegisterBook
{
    private bool _hasDisputes;

    /// <summary>Whether a register here has more than one value, whatever became of it since.</summary>
    public bool HasDisputes => _hasDisputes;

    /// <summary>Registers with more than one value that no person decided, by type, instant and meter.</summary>
    public List<DisputedRegister> Disputed()
    {
        var disputed = new List<DisputedRegister>();
        if (!_hasDisputes) return disputed;
        foreach (((ReadingType type, Instant at, EndDeviceId device), Entry entry) in _entries)
        {
            if (entry.Values is not { } values || entry.ByPerson is not null) continue;
            disputed.Add(new DisputedRegister(type, at, device, [.. values], entry.ByIntervals?.ToReading().Value, entry.InForce.Resolution));
        }
        disputed.Sort((one, other) => (one.Type, one.At, one.EndDevice.Serial).CompareTo((other.Type, other.At, other.EndDevice.Serial)));
        return disputed;
    }

    /// <summary>What a meter showed at an instant where it gave one value only, or a person decided: what disputes of other instants are judged by.</summary>
    public RegisterReading? FindUndisputed(ReadingType type, Instant at, EndDeviceId device) =>
        _entries.TryGetValue((type, at, device), out Entry? entry) && (entry.Values is null || entry.ByPerson is not null) ? entry.InForce.ToReading() : null;

    /// <summary>Makes the version in which the intervals chose a value, or take their choice back (null): then the lowest stands, refused.</summary>
    public RegisterBlock Choose(DisputedRegister disputed, long? value)
    {
        Entry entry = _entries[(disputed.Type, disputed.At, disputed.EndDevice)];
        RegisterReading reading = entry.InForce.ToReading();
        RegisterBlock version = Make(
            reading, disputed.At, value ?? entry.Lowest, value is null ? IntervalState.Failed : IntervalState.Valid, entry.InForce.Block.Version + 1, BlockCause.Revalidation);
        entry.InForce = version;
        entry.ByIntervals = value is null ? null : version;
        return version;
    }

    /// <summary>Makes the version in which a person accepts one of the values.</summary>
    public RegisterBlock Accept(DisputedRegister disputed, long value)
    {
        Entry entry = _entries[(disputed.Type, disputed.At, disputed.EndDevice)];
        RegisterBlock version = Make(entry.InForce.ToReading(), disputed.At, value, IntervalState.Accepted, entry.InForce.Block.Version + 1, BlockCause.Edit);
        (entry.InForce, entry.ByPerson) = (version, version);
        return version;
    }
}
