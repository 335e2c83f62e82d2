namespace Praman.HeadEnd.Push;

/// <summary>
/// Which counters of a meter's pushes came already. The highest is kept in the store; of the 64 below it those that did not come yet are taken still,
/// as two connections of one meter may overtake each other. After a restart all below the highest are taken to have come.
/// </summary>
internal sealed class PushWindow(ulong next)
{
    private const int Width = 64;

    private ulong _seen = ulong.MaxValue; // bit n: the counter n below the highest

    /// <summary>One above the highest that came.</summary>
    public ulong Next { get; private set; } = next;

    /// <summary>The lowest that may still be taken.</summary>
    public ulong Lowest => Next - Math.Min(Next, Width);

    public bool IsNew(ulong counter)
    {
        if (counter >= Next) return true;
        ulong below = Next - 1 - counter;
        return below < Width && ((_seen >> (int)below) & 1) == 0;
    }

    /// <summary>Takes one that is new.</summary>
    public void Take(ulong counter)
    {
        if (counter < Next)
        {
            _seen |= 1UL << (int)(Next - 1 - counter);
            return;
        }
        ulong by = counter - Next + 1;
        _seen = (by >= Width ? 0 : _seen << (int)by) | 1;
        Next = counter + 1;
    }
}
