using System.Runtime.CompilerServices;

namespace Praman.Proof.Experimental.Pedersen;

/// <summary>A point of P-256 that is not the one at infinity, by its coordinates.</summary>
internal readonly record struct AffinePoint(FieldElement X, FieldElement Y)
{
    /// <summary>Octets of a point: 0x04, x, y (SEC 1, section 2.3.3, uncompressed).</summary>
    public const int Length = 1 + (2 * FieldElement.Length);

    private static readonly FieldElement Three = FieldElement.Of(3);

    /// <summary>The generator of the standard (SP 800-186, 3.2.1.3).</summary>
    public static AffinePoint Generator { get; } = new(
        Read("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"), Read("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"));

    /// <summary>The coefficient b of y² = x³ − 3x + b.</summary>
    public static FieldElement B { get; } = Read("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b");

    /// <summary>Whether y² = x³ − 3x + b. The group has prime order: a point on the curve is in it.</summary>
    public bool IsOnCurve => FieldElement.Square(Y).Equals(RightSide(X));

    /// <summary>x³ − 3x + b.</summary>
    public static FieldElement RightSide(in FieldElement x) =>
        FieldElement.Add(FieldElement.Multiply(FieldElement.Subtract(FieldElement.Square(x), Three), x), B);

    public void Write(Span<byte> target)
    {
        target[0] = 4;
        X.Write(target[1..]);
        Y.Write(target[(1 + FieldElement.Length)..]);
    }

    /// <summary>b where the mask is all ones, a where it is zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static AffinePoint Select(ulong mask, in AffinePoint a, in AffinePoint b) =>
        new(FieldElement.Select(mask, a.X, b.X), FieldElement.Select(mask, a.Y, b.Y));

    private static FieldElement Read(string hex) =>
        FieldElement.TryRead(Convert.FromHexString(hex), out FieldElement element) ? element : throw new InvalidOperationException($"{hex} is no element of the field");
}

/// <summary>
/// A point as x = X/Z, y = Y/Z; infinity is (0 : 1 : 0). Additions are those that hold for every pair of points, equal, opposite and infinite ones
/// included (Renes, Costello, Batina, "Complete addition formulas for prime order elliptic curves", 2016, for a = −3): there is no case to branch on.
/// </summary>
[SkipLocalsInit] // every temporary is written before it is read, and there are many
internal readonly struct ProjectivePoint(FieldElement x, FieldElement y, FieldElement z)
{
    public static ProjectivePoint Infinity { get; } = new(default, FieldElement.One, default);

    public FieldElement X { get; } = x;

    public FieldElement Y { get; } = y;

    public FieldElement Z { get; } = z;

    public bool IsInfinity => Z.IsZero;

    public static ProjectivePoint Of(in AffinePoint point) => new(point.X, point.Y, FieldElement.One);

    public static ProjectivePoint Add(in ProjectivePoint p, in ProjectivePoint q) => Combine(
        FieldElement.Multiply(p.X, q.X), FieldElement.Multiply(p.Y, q.Y), FieldElement.Multiply(p.Z, q.Z),
        Cross(p.X, p.Y, q.X, q.Y), Cross(p.Y, p.Z, q.Y, q.Z), Cross(p.X, p.Z, q.X, q.Z));

    public static ProjectivePoint Add(in ProjectivePoint p, in AffinePoint q)
    {
        FieldElement xx = FieldElement.Multiply(p.X, q.X), yy = FieldElement.Multiply(p.Y, q.Y);
        FieldElement xy = FieldElement.Subtract(
            FieldElement.Subtract(FieldElement.Multiply(FieldElement.Add(p.X, p.Y), FieldElement.Add(q.X, q.Y)), xx), yy);
        FieldElement yz = FieldElement.Add(FieldElement.Multiply(q.Y, p.Z), p.Y), xz = FieldElement.Add(FieldElement.Multiply(q.X, p.Z), p.X);
        return Combine(xx, yy, p.Z, xy, yz, xz);
    }

    /// <summary>Whether this is that point: x = X/Z, y = Y/Z without a division.</summary>
    public bool Is(in ProjectivePoint other) =>
        FieldElement.Multiply(X, other.Z).Equals(FieldElement.Multiply(other.X, Z)) && FieldElement.Multiply(Y, other.Z).Equals(FieldElement.Multiply(other.Y, Z)) &&
        IsInfinity == other.IsInfinity;

    /// <summary>Takes the coordinates of points none of which is infinity, with one inversion for all.</summary>
    /// <param name="scratch">Twice as long as <paramref name="points"/>.</param>
    public static void Normalize(ReadOnlySpan<ProjectivePoint> points, Span<AffinePoint> target, Span<FieldElement> scratch)
    {
        Span<FieldElement> inverses = scratch[..points.Length];
        for (int i = 0; i < points.Length; i++) inverses[i] = points[i].Z;
        FieldElement.InvertAll(inverses, scratch.Slice(points.Length, points.Length));
        for (int i = 0; i < points.Length; i++)
            target[i] = new(FieldElement.Multiply(points[i].X, inverses[i]), FieldElement.Multiply(points[i].Y, inverses[i]));
    }

    /// <summary>a₁b₂ + a₂b₁.</summary>
    private static FieldElement Cross(in FieldElement a1, in FieldElement b1, in FieldElement a2, in FieldElement b2) =>
        FieldElement.Add(FieldElement.Multiply(a1, b2), FieldElement.Multiply(a2, b1));

    /// <summary>The sum from the products of like coordinates and the crossed ones.</summary>
    private static ProjectivePoint Combine(in FieldElement xx, in FieldElement yy, in FieldElement zz, in FieldElement xy, in FieldElement yz, in FieldElement xz)
    {
        FieldElement s = Triple(FieldElement.Subtract(xz, FieldElement.Multiply(AffinePoint.B, zz))), threeZ = Triple(zz);
        FieldElement u = Triple(FieldElement.Subtract(FieldElement.Subtract(FieldElement.Multiply(AffinePoint.B, xz), threeZ), xx));
        FieldElement w = FieldElement.Subtract(Triple(xx), threeZ);
        FieldElement plus = FieldElement.Add(yy, s), minus = FieldElement.Subtract(yy, s);
        return new(
            FieldElement.Subtract(FieldElement.Multiply(xy, plus), FieldElement.Multiply(yz, u)),
            FieldElement.Add(FieldElement.Multiply(plus, minus), FieldElement.Multiply(w, u)),
            FieldElement.Add(FieldElement.Multiply(yz, minus), FieldElement.Multiply(xy, w)));
    }

    private static FieldElement Triple(in FieldElement a) => FieldElement.Add(FieldElement.Add(a, a), a);
}
