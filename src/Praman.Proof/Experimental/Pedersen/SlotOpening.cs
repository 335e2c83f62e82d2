using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Praman.Metering;

namespace Praman.Proof.Experimental.Pedersen;

/// <summary>Experimental. What a meter tells of a month: the energy of one time-of-day slot, and the sum of the blinding factors that shows it is the committed one.</summary>
[Experimental(PedersenOption.DiagnosticId)]
public readonly record struct SlotOpening
{
    /// <summary>Octets: slot (1), energy (8), blinding (32), most significant first.</summary>
    public const int Length = 1 + sizeof(long) + Scalar.Length;

    internal SlotOpening(byte slot, long energyWh, in Scalar blinding)
    {
        Slot = slot;
        EnergyWh = energyWh;
        Blinding = blinding;
    }

    /// <summary>The slot's number, as the calendar of the tariff counts them.</summary>
    public byte Slot { get; }

    /// <summary>Sum of the slot's intervals over the month, in Wh.</summary>
    public long EnergyWh { get; }

    internal Scalar Blinding { get; }

    /// <summary>Takes octets of anybody: another length, a negative energy and a blinding that is not below the group's order are refused.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> octets, out SlotOpening opening, out DecodeError error)
    {
        opening = default;
        error = default;
        if (octets.Length != Length)
        {
            error = new(0, $"expected {Length} octets of an opening, found {octets.Length}");
            return false;
        }
        long energy = BinaryPrimitives.ReadInt64BigEndian(octets[1..]);
        if (energy < 0)
        {
            error = new(1, $"expected an energy of 0 or more, found {energy}");
            return false;
        }
        if (!Scalar.TryRead(octets[(1 + sizeof(long))..], out Scalar blinding))
        {
            error = new(1 + sizeof(long), "expected a blinding below the group's order");
            return false;
        }
        opening = new(octets[0], energy, blinding);
        return true;
    }

    /// <summary>Writes the octets.</summary>
    /// <param name="target">Takes <see cref="Length"/> octets.</param>
    public void Write(Span<byte> target)
    {
        target[0] = Slot;
        BinaryPrimitives.WriteInt64BigEndian(target[1..], EnergyWh);
        Blinding.Write(target[(1 + sizeof(long))..]);
    }
}
