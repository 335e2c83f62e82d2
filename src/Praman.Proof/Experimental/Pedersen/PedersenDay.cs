using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Praman.Metering;

namespace Praman.Proof.Experimental.Pedersen;

/// <summary>Experimental. The meter's side of a day: a commitment for each interval of its day block.</summary>
[Experimental(PedersenOption.DiagnosticId)]
public static class PedersenDay
{
    /// <summary>Bits of the largest value of an interval: a terawatt-hour, so no meter is near it, and no month's sum is near the group's order.</summary>
    internal const int ValueBits = 40;

    /// <summary>The largest value of an interval.</summary>
    public const long ValueMax = (1L << ValueBits) - 1;

    /// <summary>Points whose coordinates are taken with one inversion: half the hours of most days, and little enough for the stack.</summary>
    private const int Batch = 64;

    /// <summary>Commits to every interval of a day, in order. Nothing is allocated; a missing interval is committed to as 0, as it reads.</summary>
    /// <param name="day">Intervals in Wh (scaler 0).</param>
    /// <param name="target">Takes a commitment an interval.</param>
    /// <param name="refused">The first interval that is below 0 or above <see cref="ValueMax"/>; −1 where all were committed to.</param>
    /// <returns>False, with nothing written, where an interval is refused.</returns>
    public static bool TryCommit(BlindingSecret secret, IntervalBlock day, Span<PedersenCommitment> target, out int refused)
    {
        ArgumentNullException.ThrowIfNull(secret);
        ArgumentNullException.ThrowIfNull(day);
        if (target.Length < day.Count) throw new ArgumentException($"{day.Count} intervals need as many commitments, not {target.Length}.", nameof(target));
        Span<long> values = stackalloc long[day.Count];
        if (!TryValues(day, values, out refused)) return false;
        Digest digest = Digest.Sha256(day.Bytes.Span);
        Span<ProjectivePoint> points = stackalloc ProjectivePoint[Batch];
        Span<AffinePoint> coordinates = stackalloc AffinePoint[Batch];
        Span<FieldElement> scratch = stackalloc FieldElement[2 * Batch];
        for (int first = 0; first < day.Count; first += Batch)
        {
            int count = Math.Min(Batch, day.Count - first);
            for (int i = 0; i < count; i++) points[i] = PedersenGenerators.Commit(values[first + i], secret.Derive(digest, first + i), ValueBits);
            ProjectivePoint.Normalize(points[..count], coordinates, scratch);
            for (int i = 0; i < count; i++) target[first + i] = new(coordinates[i]);
        }
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(values));
        return true;
    }

    /// <summary>The values of a day that can be committed to.</summary>
    internal static bool TryValues(IntervalBlock day, Span<long> values, out int refused)
    {
        if (day.Scaler != 0 || day.Header.IntervalMinutes == 0)
            throw new ArgumentException($"A day of intervals in Wh is committed to, not scaler {day.Scaler} and {day.Header.IntervalMinutes} minutes.", nameof(day));
        Span<IntervalQuality> qualities = stackalloc IntervalQuality[day.Count];
        day.Decode(values, qualities);
        refused = values[..day.Count].IndexOfAnyExceptInRange(0, ValueMax);
        return refused < 0;
    }
}
