namespace Praman.Dlms.Client;

/// <summary>
/// Invocation counters that a host has set aside for one association: it stores <see cref="End"/> as used before it hands the lease out,
/// so that a counter is never used twice under a key, whatever crashes. What is left over is lost, which costs nothing.
/// </summary>
public sealed class CounterLease
{
    private ulong _next;

    /// <param name="first">The first counter that may be used.</param>
    /// <param name="count">How many; a session takes one for the opening, two for high-level security, one a request or block, one for the release.</param>
    public CounterLease(uint first, uint count)
    {
        _next = first;
        End = first + (ulong)count;
        if (End > uint.MaxValue) throw new ArgumentOutOfRangeException(nameof(count), "the counters of this key are used up: change the key");
    }

    /// <summary>The first counter that is not of this lease.</summary>
    public ulong End { get; private set; }

    /// <summary>The next counter that will be used.</summary>
    public ulong Next => _next;

    /// <summary>Counters left.</summary>
    public ulong Remaining => End - _next;

    /// <summary>Adds counters that the host has stored as used, right after the last.</summary>
    public void Extend(uint count)
    {
        if (End + count > uint.MaxValue) throw new ArgumentOutOfRangeException(nameof(count), "the counters of this key are used up: change the key");
        End += count;
    }

    internal bool TryTake(out uint counter)
    {
        counter = (uint)_next;
        if (_next >= End) return false;
        _next++;
        return true;
    }
}
