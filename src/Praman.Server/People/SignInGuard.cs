using System.Collections.Concurrent;

namespace Praman.Server.People;

/// <summary>
/// Stops guessing: after five wrong passwords for a name, the name waits one minute, and twice as long after each further five, up to an hour.
/// Unknown names are treated the same, so that an answer does not tell whether a name exists.
/// </summary>
public sealed class SignInGuard(TimeProvider time)
{
    /// <summary>Wrong passwords before a name waits.</summary>
    public const int FailuresMax = 5;

    private const int NamesMax = 10_000;
    private static readonly TimeSpan FirstWait = TimeSpan.FromMinutes(1), LongestWait = TimeSpan.FromHours(1), Forget = TimeSpan.FromHours(24);
    private readonly ConcurrentDictionary<string, State> _names = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>How long the name still waits; zero when it may try.</summary>
    public TimeSpan WaitOf(string name)
    {
        if (!_names.TryGetValue(name, out State state)) return TimeSpan.Zero;
        TimeSpan left = state.Until - time.GetUtcNow();
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>Counts a wrong password; true when the name now waits.</summary>
    public bool Failed(string name)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (_names.Count >= NamesMax && !_names.ContainsKey(name)) MakeRoom(now);
        State state = _names.AddOrUpdate(name, _ => new State(1, now, now), (_, s) => Next(s, now));
        return state.Until > now;
    }

    /// <summary>Forgets the failures of a name that signed in.</summary>
    public void Succeeded(string name) => _names.TryRemove(name, out _);

    private static State Next(State state, DateTimeOffset now)
    {
        int failures = now - state.Last > Forget ? 1 : state.Failures + 1;
        int doublings = (failures / FailuresMax) - 1;
        DateTimeOffset until = failures % FailuresMax == 0 ? now + Shorter(FirstWait * Math.Pow(2, Math.Min(doublings, 10)), LongestWait) : now;
        return new State(failures, until, now);
    }

    private void MakeRoom(DateTimeOffset now)
    {
        // A flood of invented names must not push out names that wait: only those that do not wait are dropped.
        foreach ((string name, State state) in _names)
        {
            if (state.Until <= now) _names.TryRemove(name, out _);
        }
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private readonly record struct State(int Failures, DateTimeOffset Until, DateTimeOffset Last);
}
