namespace Praman.Transports.Memory;

/// <summary>
/// What goes wrong on an in-memory link. A write is what was flushed at once, a frame as a rule; each is judged by itself, in the order of
/// the writes of its direction, from the seed alone: the same seed and the same writes give the same faults.
/// </summary>
public sealed record LinkFaults
{
    /// <summary>A link without a fault.</summary>
    public static LinkFaults None { get; } = new();

    /// <summary>Share of writes that never arrive, 0 to 1.</summary>
    public double Loss { get; init; }

    /// <summary>Share of writes that arrive twice, 0 to 1.</summary>
    public double Duplication { get; init; }

    /// <summary>Share of writes that arrive in pieces, 0 to 1.</summary>
    public double Fragmentation { get; init; }

    /// <summary>Share of writes in which the link breaks: a random part of the write still arrives, 0 to 1.</summary>
    public double Cut { get; init; }

    /// <summary>Shortest time on the way. Order is kept: a later write never overtakes.</summary>
    public TimeSpan DelayMin { get; init; }

    /// <summary>Longest time on the way.</summary>
    public TimeSpan DelayMax { get; init; }

    /// <summary>Time between the pieces of a write.</summary>
    public TimeSpan FragmentGap { get; init; } = TimeSpan.FromMilliseconds(1);

    internal bool IsNone => Loss <= 0 && Duplication <= 0 && Fragmentation <= 0 && Cut <= 0 && DelayMax <= TimeSpan.Zero;
}
