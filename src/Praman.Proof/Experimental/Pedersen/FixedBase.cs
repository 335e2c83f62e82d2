using System.Runtime.CompilerServices;

namespace Praman.Proof.Experimental.Pedersen;

/// <summary>
/// Multiples of one point, made once: for window k of six bits the points 1 × 64^k to 32 × 64^k. A scalar is written in signed digits −32 to 32, so a
/// multiplication is one addition a window. Every entry of a window is read for every digit, and the digit 0 is an addition whose sum is not taken, so
/// that neither addresses nor branches tell the digits of a secret.
/// </summary>
internal sealed class FixedBase
{
    private const int Width = 6, EntryCount = 1 << (Width - 1);

    private readonly AffinePoint[] _entries;

    /// <param name="bits">Bits of the longest scalar.</param>
    public FixedBase(in AffinePoint point, int bits)
    {
        WindowCount = Windows(bits);
        var multiples = new ProjectivePoint[WindowCount * EntryCount];
        ProjectivePoint power = ProjectivePoint.Of(point);
        for (int window = 0; window < WindowCount; window++)
        {
            ProjectivePoint multiple = power;
            for (int entry = 0; entry < EntryCount; entry++)
            {
                multiples[(window * EntryCount) + entry] = multiple;
                if (entry < EntryCount - 1) multiple = ProjectivePoint.Add(multiple, power);
            }
            power = ProjectivePoint.Add(multiple, multiple);
        }
        _entries = new AffinePoint[multiples.Length];
        ProjectivePoint.Normalize(multiples, _entries, new FieldElement[2 * multiples.Length]);
    }

    /// <summary>Windows of this table.</summary>
    public int WindowCount { get; }

    /// <summary>Windows for scalars of so many bits: the sign of the last digit needs a bit of its own.</summary>
    public static int Windows(int bits) => (bits + Width) / Width;

    /// <summary>sum + scalar × the point.</summary>
    /// <param name="windowCount">Windows to add, as <see cref="Windows"/> gives them; the scalar has no bits beyond.</param>
    public ProjectivePoint AddMultiple(ProjectivePoint sum, in Scalar scalar, int windowCount)
    {
        for (int window = 0; window < windowCount; window++)
        {
            // Seven bits, the lowest of which is the highest of the digit before: their half, rounded up, less 64 where the highest is set.
            uint bits = scalar.Bits((window * Width) - 1, Width + 1);
            ulong negative = 0 - (ulong)(bits >> Width);
            uint folded = bits ^ ((uint)negative & ((1u << (Width + 1)) - 1));
            uint digit = (folded >> 1) + (folded & 1);
            AffinePoint entry = Entry(window, digit);
            entry = new(entry.X, FieldElement.Select(negative, entry.Y, FieldElement.Negate(entry.Y)));
            ProjectivePoint next = ProjectivePoint.Add(sum, entry);
            ulong none = Limbs.ZeroMask(digit);
            sum = new(FieldElement.Select(none, next.X, sum.X), FieldElement.Select(none, next.Y, sum.Y), FieldElement.Select(none, next.Z, sum.Z));
        }
        return sum;
    }

    /// <summary>Digit × 64^window × the point, all entries of the window read; something without meaning for digit 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private AffinePoint Entry(int window, uint digit)
    {
        ReadOnlySpan<AffinePoint> entries = _entries.AsSpan(window * EntryCount, EntryCount);
        AffinePoint found = default;
        for (int i = 0; i < entries.Length; i++) found = AffinePoint.Select(Limbs.ZeroMask(digit ^ (uint)(i + 1)), found, entries[i]);
        return found;
    }
}
