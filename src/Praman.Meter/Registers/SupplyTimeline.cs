using NodaTime;
using Praman.Meter.Load;

namespace Praman.Meter.Registers;

/// <summary>
/// When a meter counted: powered and its relay closed. Holds one entry a change, not one an interval, and gives the registers
/// of any instant: what the source says, without what could not flow.
/// </summary>
public sealed class SupplyTimeline
{
    /// <summary>A change of supply. While counting, register = <see cref="Base"/> + the source's total; else register = <see cref="Base"/>.</summary>
    private readonly record struct Change(Instant At, bool Powered, bool Connected, LoadTotals Base)
    {
        public bool Counts => Powered && Connected;
    }

    /// <summary>Changes remembered; registers before the oldest are those that it began with.</summary>
    public const int ChangeCountMax = 4096;

    private readonly ILoadSource _source;
    private readonly List<Change> _changes = new(1);

    /// <param name="source">What flows while nothing stops it.</param>
    /// <param name="start">Installation; the registers stand still before it.</param>
    /// <param name="initial">What the registers show then.</param>
    /// <param name="cursor">Scratch of the caller.</param>
    public SupplyTimeline(ILoadSource source, Instant start, LoadTotals initial, LoadCursor cursor)
    {
        _source = source;
        Start = start;
        _changes.Add(new(start, true, true, initial - source.TotalsAt(start, cursor)));
    }

    /// <summary>Installation.</summary>
    public Instant Start { get; }

    /// <summary>Powered now, after the last change.</summary>
    public bool IsPowered => _changes[^1].Powered;

    /// <summary>The relay is closed now, after the last change.</summary>
    public bool IsConnected => _changes[^1].Connected;

    /// <summary>The last change; nothing may be entered before it.</summary>
    public Instant LastChange => _changes[^1].At;

    /// <summary>Power came (true) or failed (false).</summary>
    public bool SetPower(Instant at, bool powered, LoadCursor cursor) => Enter(at, powered, IsConnected, cursor);

    /// <summary>The relay closed (true) or opened (false).</summary>
    public bool SetRelay(Instant at, bool connected, LoadCursor cursor) => Enter(at, IsPowered, connected, cursor);

    /// <summary>Cumulative registers at an instant, in Wh.</summary>
    public LoadTotals RegisterAt(Instant at, LoadCursor cursor)
    {
        if (at < Start) at = Start;
        Change change = _changes[IndexAt(at)];
        return change.Counts ? change.Base + _source.TotalsAt(at, cursor) : change.Base;
    }

    /// <summary>Time without power within [<paramref name="start"/>, <paramref name="end"/>).</summary>
    public Duration PowerOff(Instant start, Instant end)
    {
        Duration sum = Duration.Zero;
        for (int i = IndexAt(start); i < _changes.Count && _changes[i].At < end; i++)
        {
            if (_changes[i].Powered) continue;
            Instant from = Instant.Max(start, _changes[i].At), to = i + 1 < _changes.Count ? Instant.Min(end, _changes[i + 1].At) : end;
            if (to > from) sum += to - from;
        }
        return sum;
    }

    private bool Enter(Instant at, bool powered, bool connected, LoadCursor cursor)
    {
        Change last = _changes[^1];
        if (at < last.At) throw new ArgumentOutOfRangeException(nameof(at), "supply changes are entered in the order of time");
        if (last.Powered == powered && last.Connected == connected) return false;
        LoadTotals register = RegisterAt(at, cursor);
        Change change = new(at, powered, connected, powered && connected ? register - _source.TotalsAt(at, cursor) : register);
        if (at == last.At && _changes.Count > 1) _changes[^1] = change;
        else _changes.Add(change);
        if (_changes.Count > ChangeCountMax) _changes.RemoveAt(0); // older than any profile unless somebody plays with the relay
        return true;
    }

    private int IndexAt(Instant at)
    {
        int low = 0, high = _changes.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (_changes[middle].At <= at) low = middle;
            else high = middle - 1;
        }
        return low;
    }
}
