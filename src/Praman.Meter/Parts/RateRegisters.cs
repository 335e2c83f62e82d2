using NodaTime;
using Praman.Dlms.Cosem;
using Praman.Meter.Definitions;
using Praman.Metering;

namespace Praman.Meter.Parts;

/// <summary>A register that counts only while a register activation lists it, and the total that it counts.</summary>
internal sealed record RateRegister(ushort ClassId, ObisCode LogicalName, Func<ReadingPoint, Instant, long> Total);

/// <summary>
/// Which registers counted when, class 6: an entry a change, not one an interval. A register of any instant is what it was at the last change and what
/// has flowed since if it counts, so registers that take turns sum to the total.
/// </summary>
internal sealed class RateRegisters(VirtualMeter meter, IReadOnlyList<RateRegister> registers)
{
    // Thirteen months of five changes a day.
    private const int ChangeCountMax = 2048;

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
        return totals[index] + ((counting >> index & 1) == 0 ? 0 : registers[index].Total(point, at) - registers[index].Total(point, since));
    }

    /// <summary>Notes which registers count from an instant on.</summary>
    public void Note(Instant at, IEnumerable<RegisterActivation> activations)
    {
        ulong counting = 0;
        foreach (RegisterActivation activation in activations)
        {
            for (int i = 0; i < registers.Count; i++)
            {
                if (activation.IsActive(registers[i].ClassId, registers[i].LogicalName)) counting |= 1UL << i;
            }
        }
        if (_changes.Count > 0 && _changes[^1].Counting == counting) return;
        ReadingPoint point = ReadingPoint.Now(new CosemContext(meter) { Now = at });
        long[] totals = new long[registers.Count];
        for (int i = 0; i < totals.Length; i++) totals[i] = ValueAt(registers[i].LogicalName, point, at);
        if (_changes.Count > 0 && _changes[^1].At == at) _changes.RemoveAt(_changes.Count - 1);
        else if (_changes.Count == ChangeCountMax) _changes.RemoveAt(0);
        _changes.Add(new(at, counting, totals));
    }

    private int IndexOf(ObisCode name)
    {
        for (int i = 0; i < registers.Count; i++)
        {
            if (registers[i].LogicalName == name) return i;
        }
        throw new ArgumentException($"{name} is no register that counts by turns", nameof(name));
    }
}
