using NodaTime;

namespace Praman.Cli.Demo;

/// <summary>
/// A clock that stands until it is moved, and only forward: 35 days pass in seconds. Timers are the system's own, because what waits for a
/// meter on a socket waits in real time.
/// </summary>
internal sealed class DrivenClock(Instant start) : TimeProvider
{
    private long _ticks = start.ToUnixTimeTicks();

    public Instant Now => Instant.FromUnixTimeTicks(Volatile.Read(ref _ticks));

    public override DateTimeOffset GetUtcNow() => Now.ToDateTimeOffset();

    /// <summary>Moves to an instant; one that is not ahead changes nothing.</summary>
    public void MoveTo(Instant instant)
    {
        long ticks = instant.ToUnixTimeTicks();
        if (ticks > Volatile.Read(ref _ticks)) Volatile.Write(ref _ticks, ticks);
    }
}
