using System.Diagnostics.CodeAnalysis;
using Praman.Metering;

namespace Praman.Proof.Experimental.Pedersen;

/// <summary>
/// Experimental. A Pedersen commitment, value × G + blinding × H, on P-256: it shows nothing of the value, its maker cannot open it to another value as
/// long as logarithms on P-256 are hard, and the sum of commitments is the commitment to the sum (docs/reference/pedersen.md).
/// </summary>
[Experimental(PedersenOption.DiagnosticId)]
public readonly record struct PedersenCommitment
{
    /// <summary>Octets of a commitment: an uncompressed point, 0x04, x, y (SEC 1, section 2.3.3).</summary>
    public const int Length = AffinePoint.Length;

    internal PedersenCommitment(in AffinePoint point) => Point = point;

    internal AffinePoint Point { get; }

    /// <summary>Whether this is the value that nobody made: its coordinates are no point.</summary>
    internal bool IsMissing => Point.X.IsZero && Point.Y.IsZero;

    /// <summary>
    /// Takes octets of anybody: refused are another length or form, a coordinate that is not below p (two encodings of one point), and a point that is
    /// not on the curve. Infinity has no such encoding.
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<byte> octets, out PedersenCommitment commitment, out DecodeError error)
    {
        commitment = default;
        error = default;
        if (octets.Length != Length) return Refuse(0, $"expected {Length} octets of an uncompressed point, found {octets.Length}", out error);
        if (octets[0] != 4) return Refuse(0, $"expected 04 for an uncompressed point, found {octets[0]:X2}", out error);
        if (!FieldElement.TryRead(octets.Slice(1, FieldElement.Length), out FieldElement x)) return Refuse(1, "expected x below p", out error);
        if (!FieldElement.TryRead(octets[(1 + FieldElement.Length)..], out FieldElement y)) return Refuse(1 + FieldElement.Length, "expected y below p", out error);
        var point = new AffinePoint(x, y);
        if (!point.IsOnCurve) return Refuse(1, "expected a point of P-256, found one that is not on the curve", out error);
        commitment = new(point);
        return true;
    }

    /// <summary>Writes the octets.</summary>
    /// <param name="target">Takes <see cref="Length"/> octets.</param>
    public void Write(Span<byte> target)
    {
        if (IsMissing) throw new InvalidOperationException("This commitment was neither made nor read.");
        Point.Write(target);
    }

    private static bool Refuse(int offset, string reason, out DecodeError error)
    {
        error = new(offset, reason, "SEC 1, 2.3.4");
        return false;
    }
}
