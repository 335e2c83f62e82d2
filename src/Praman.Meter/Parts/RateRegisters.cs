using NodaTime;
using Praman.Dlms.Cosem;
using Praman.Meter.Definitions;
using Praman.Metering;

namespace Praman.Meter.Parts;

/// <summary>A register that counts only while a register activation lists it, and the total that it counts; null for a maximum demand, which follows from the intervals.</summary>
internal sealed record RateRegister(ushort ClassId, ObisCode LogicalName, Func<ReadingPoint, Instant, long>? Total);

/// <summary>
/// Which registers counted when, class 6: an entry a change, not one an interval. A register of any instant is what it was at the last change and what
/// has flowed since if it counts, so registers that take turns sum to the total.
/// </summary>
internal sealed class RateRegisters(VirtualMeter meter, IReadOnlyList<RateRegister> registers)
{
    /// <summary>Most registers that a class 6 object can name.</summary>
    public const int CountMax = 64;

    // Thirteen months of five changes a day.
    private const int ChangeCountMax = 2048;

    // Totals first: a change keeps those alone.
    private readonly RateRegister[] _registers = [.. registers.OrderBy(r => r.Total is null)];
    private readonly int _totalCount = registers.Count(r => r.Total is not null);

    private readonly record struct Change(Instant At, ulong Counting, long[] Totals);

    private readonly List<Change> _changes = [];

    /// <summary>What a register shows at an instant, in the unit of its total.</summary>
    public long ValueAt(ObisCode name, in ReadingPoint point, Instant at)
    {
        int index = IndexOf(name);
        int change = _changes.Count - 1;
        while (change >= 0 && _changes[change].At > at) change--;
        if (change < 0) return _changes.Count == 0 ? 0 : _changes[0].Totals[index];
        (Instant since, ulong counting, long[] totals) = _changes[change];
        return totals[index] + ((counting >> index & 1) == 0 ? 0 : _registers[index].Total!(point, at) - _registers[index].Total!(point, since));
    }

    /// <summary>Notes which registers count from an instant on.</summary>
    public void Note(Instant at, IEnumerable<RegisterActivation> activations)
    {
        ulong counting = 0;
        foreach (RegisterActivation activation in activations)
        {
            for (int i = 0; i < _registers.Length; i++)
            {
                if (activation.IsActive(_registers[i].ClassId, _registers[i].LogicalName)) counting |= 1UL << i;
            }
        }
        if (_changes.Count > 0 && _changes[^1].Counting == counting) return;
        ReadingPoint point = ReadingPoint.Now(new CosemContext(meter) { Now = at });
        long[] totals = new long[_totalCount];
        for (int i = 0; i < totals.Length; i++) totals[i] = ValueAt(_registers[i].LogicalName, point, at);
        if (_changes.Count > 0 && _changes[^1].At == at) _changes.RemoveAt(_changes.Count - 1);
        else if (_changes.Count == ChangeCountMax) _changes.RemoveAt(0);
        _changes.Add(new(at, counting, totals));
    }

    /// <summary>Which registers counted at an instant: a bit each, in the order of <see cref="IndexOf"/>.</summary>
    public ulong CountingAt(Instant at)
    {
        int low = 0, high = _changes.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_changes[middle].At <= at) low = middle + 1;
            else high = middle;
        }
        return low == 0 ? 0 : _changes[low - 1].Counting;
    }

    /// <summary>The place of a register.</summary>
    public int IndexOf(ObisCode name)
    {
        for (int i = 0; i < _registers.Length; i++)
        {
            if (_registers[i].LogicalName == name) return i;
        }
        throw new ArgumentException($"{name} is no register that counts by turns", nameof(name));
    }
}
