using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Praman.Metering;

namespace Praman.Proof.Experimental.Pedersen;

/// <summary>What the check of a month found.</summary>
[Experimental(PedersenOption.DiagnosticId)]
public enum MonthFinding
{
    /// <summary>Every slot's energy is the sum of what was committed to.</summary>
    Holds,

    /// <summary>A slot of the month is not opened.</summary>
    NotOpened,

    /// <summary>A slot is opened more than once.</summary>
    OpenedTwice,

    /// <summary>A slot is opened that no interval is in.</summary>
    NoSuchSlot,

    /// <summary>The energy is below 0, or more than so many intervals can hold.</summary>
    OutOfRange,

    /// <summary>Energy and blinding are not those that were committed to.</summary>
    Different,
}

/// <summary>Experimental. What the check of a month found, and in which slot; slot −1 where it holds.</summary>
[Experimental(PedersenOption.DiagnosticId)]
public readonly record struct MonthVerdict(MonthFinding Finding, int Slot);

/// <summary>Experimental. A month opened as its sums by time-of-day slot, and the check of that opening; no interval and no day is shown.</summary>
[Experimental(PedersenOption.DiagnosticId)]
public static class PedersenMonth
{
    /// <summary>Fewest intervals of a slot that may be opened: an hour a day of the shortest month, in half-hours. The sum of few intervals tells them.</summary>
    public const int SlotIntervalsMin = 56;

    /// <summary>Most intervals of a period: a bi-monthly one in minutes.</summary>
    public const int IntervalsMax = 62 * 1_440;

    private const int SlotCount = 256;

    /// <summary>Opens a month: the meter's side.</summary>
    /// <param name="days">The days as they were committed to, in order.</param>
    /// <param name="slots">The slot of each interval of all days, in order.</param>
    /// <param name="openings">One a slot, by number.</param>
    /// <param name="tooShort">The first slot with fewer than <see cref="SlotIntervalsMin"/> intervals; −1 where there is none.</param>
    /// <returns>False, with nothing opened, where a slot is too short.</returns>
    /// <exception cref="ArgumentException">Days and slots have not as many intervals, or a day could not have been committed to.</exception>
    public static bool TryOpen(
        BlindingSecret secret, IReadOnlyList<IntervalBlock> days, ReadOnlySpan<byte> slots, out IReadOnlyList<SlotOpening> openings, out int tooShort)
    {
        ArgumentNullException.ThrowIfNull(secret);
        ArgumentNullException.ThrowIfNull(days);
        if (days.Sum(day => day.Count) != slots.Length) throw new ArgumentException($"{days.Sum(day => day.Count)} intervals have not {slots.Length} slots.", nameof(slots));
        Span<int> counts = stackalloc int[SlotCount];
        Count(slots, counts);
        openings = [];
        for (tooShort = 0; tooShort < SlotCount; tooShort++)
        {
            if (counts[tooShort] is > 0 and < SlotIntervalsMin) return false;
        }
        tooShort = -1;
        var energies = new long[SlotCount];
        var blindings = new Scalar[SlotCount];
        int at = 0;
        foreach (IntervalBlock day in days)
        {
            var values = new long[day.Count];
            if (!PedersenDay.TryValues(day, values, out int refused)) throw new ArgumentException($"Interval {refused} of the day at {day.Start} could not have been committed to.", nameof(days));
            Digest digest = Digest.Sha256(day.Bytes.Span);
            for (int i = 0; i < values.Length; i++, at++)
            {
                energies[slots[at]] += values[i];
                blindings[slots[at]] = Scalar.Add(blindings[slots[at]], secret.Derive(digest, i));
            }
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(values.AsSpan()));
        }
        var opened = new List<SlotOpening>();
        for (int slot = 0; slot < SlotCount; slot++)
        {
            if (counts[slot] > 0) opened.Add(new((byte)slot, energies[slot], blindings[slot]));
        }
        openings = opened;
        return true;
    }

    /// <summary>Checks an opening: anybody's side. Every interval counts in the one slot that the calendar puts it in.</summary>
    /// <param name="commitments">Those of every interval of the month, in order.</param>
    /// <param name="slots">The slot of each interval, which the checker takes from the tariff and never from the meter.</param>
    /// <exception cref="ArgumentException">Commitments and slots are not as many, are more than <see cref="IntervalsMax"/>, or a commitment was neither made nor read.</exception>
    public static MonthVerdict Check(ReadOnlySpan<PedersenCommitment> commitments, ReadOnlySpan<byte> slots, ReadOnlySpan<SlotOpening> openings)
    {
        if (commitments.Length != slots.Length) throw new ArgumentException($"{commitments.Length} commitments have not {slots.Length} slots.", nameof(slots));
        Span<int> counts = stackalloc int[SlotCount];
        Count(slots, counts);
        Span<bool> opened = stackalloc bool[SlotCount];
        foreach (SlotOpening opening in openings)
        {
            if (counts[opening.Slot] == 0) return new(MonthFinding.NoSuchSlot, opening.Slot);
            if (opened[opening.Slot]) return new(MonthFinding.OpenedTwice, opening.Slot);
            if (opening.EnergyWh < 0 || opening.EnergyWh > counts[opening.Slot] * PedersenDay.ValueMax) return new(MonthFinding.OutOfRange, opening.Slot);
            opened[opening.Slot] = true;
        }
        for (int slot = 0; slot < SlotCount; slot++)
        {
            if (counts[slot] > 0 && !opened[slot]) return new(MonthFinding.NotOpened, slot);
        }
        Span<ProjectivePoint> sums = stackalloc ProjectivePoint[SlotCount];
        sums.Fill(ProjectivePoint.Infinity);
        for (int i = 0; i < commitments.Length; i++)
        {
            if (commitments[i].IsMissing) throw new ArgumentException($"Commitment {i} was neither made nor read.", nameof(commitments));
            sums[slots[i]] = ProjectivePoint.Add(sums[slots[i]], commitments[i].Point);
        }
        foreach (SlotOpening opening in openings)
        {
            if (!PedersenGenerators.Commit(opening.EnergyWh, opening.Blinding, PedersenGenerators.SumBits).Is(sums[opening.Slot])) return new(MonthFinding.Different, opening.Slot);
        }
        return new(MonthFinding.Holds, -1);
    }

    private static void Count(ReadOnlySpan<byte> slots, Span<int> counts)
    {
        if (slots.Length > IntervalsMax) throw new ArgumentException($"A month has at most {IntervalsMax} intervals, not {slots.Length}.", nameof(slots));
        foreach (byte slot in slots) counts[slot]++;
    }
}
