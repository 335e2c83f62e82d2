using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CsCheck;
using Praman.Proof.Experimental.Pedersen;
using Praman.Testing;

namespace Praman.Proof.Tests.Experimental;

/// <summary>Field, scalars and points of P-256 beside the slow reference, the platform's own curve, and the vectors of RFC 9380. A failure prints its seed.</summary>
public class CurveTests
{
    private static readonly Gen<BigInteger> Elements = NaiveCurve.Numbers.Select(number => NaiveCurve.Mod(number, NaiveCurve.P));
    private static readonly Gen<BigInteger> Scalars = NaiveCurve.Numbers.Select(number => NaiveCurve.Mod(number, NaiveCurve.N));

    [Fact]
    public void TheCurveIsThePlatforms()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        ECCurve curve = key.ExportExplicitParameters(includePrivateParameters: false).Curve;
        Assert.Equal(NaiveCurve.Number(curve.Prime!), NaiveCurve.P);
        Assert.Equal(NaiveCurve.Number(curve.A!), NaiveCurve.P - 3);
        Assert.Equal(NaiveCurve.Number(curve.B!), NaiveCurve.B);
        Assert.Equal(NaiveCurve.Number(curve.Order!), NaiveCurve.N);
        Assert.Equal(NaiveCurve.G, new NaiveCurve.Point(NaiveCurve.Number(curve.G.X!), NaiveCurve.Number(curve.G.Y!)));
        Assert.Equal(NaiveCurve.Octets(NaiveCurve.G), Octets(ProjectivePoint.Of(AffinePoint.Generator)));
        Assert.Equal(NaiveCurve.B, Number(AffinePoint.B));
    }

    [Fact]
    public void TheFieldIsThatOfTheReference() =>
        Gen.Select(Elements, Elements).Sample((a, b) =>
        {
            FieldElement x = Element(a), y = Element(b);
            Assert.Equal(a, Number(x));
            Assert.Equal(NaiveCurve.Mod(a + b, NaiveCurve.P), Number(FieldElement.Add(x, y)));
            Assert.Equal(NaiveCurve.Mod(a - b, NaiveCurve.P), Number(FieldElement.Subtract(x, y)));
            Assert.Equal(NaiveCurve.Mod(-a, NaiveCurve.P), Number(FieldElement.Negate(x)));
            Assert.Equal(NaiveCurve.Mod(a * b, NaiveCurve.P), Number(FieldElement.Multiply(x, y)));
            Assert.Equal(NaiveCurve.Mod(a * a, NaiveCurve.P), Number(FieldElement.Square(x)));
            Assert.Equal(!a.IsEven, x.IsOdd);
            Assert.Equal(a == b, x.Equals(y));
            Assert.Equal(a == 0, x.IsZero);
        }, iter: 20_000);

    [Fact]
    public void InversesAndRootsAreThoseOfTheReference() =>
        Gen.Select(Elements, Elements.Array[1, 9]).Sample((a, many) =>
        {
            Assert.Equal(NaiveCurve.Inverse(a), Number(Element(a).Invert()));
            FieldElement square = FieldElement.Square(Element(a));
            Assert.Equal(square, FieldElement.Square(square.RootCandidate()));
            FieldElement[] elements = [.. many.Select(one => Element(one == 0 ? 1 : one))];
            FieldElement.InvertAll(elements, new FieldElement[elements.Length]);
            Assert.Equal(many.Select(one => NaiveCurve.Inverse(one == 0 ? 1 : one)), elements.Select(Number));
        }, iter: 500);

    [Fact]
    public void ANumberHasOneEncodingAndOthersAreRefused() =>
        NaiveCurve.Numbers.Sample(number =>
        {
            Assert.Equal(number < NaiveCurve.P, FieldElement.TryRead(NaiveCurve.Octets(number), out FieldElement element));
            if (number < NaiveCurve.P) Assert.Equal(number, Number(element));
            Assert.Equal(number < NaiveCurve.N, Scalar.TryRead(NaiveCurve.Octets(number), out Scalar scalar));
            if (number < NaiveCurve.N) Assert.Equal(number, Number(scalar));
            Assert.False(FieldElement.TryRead(NaiveCurve.Octets(number).AsSpan(1), out _) || Scalar.TryRead(NaiveCurve.Octets(number).AsSpan(1), out _));
        }, iter: 5_000);

    [Fact]
    public void ScalarsAreThoseOfTheReference() =>
        Gen.Select(Scalars, Scalars, NaiveCurve.Numbers, NaiveCurve.Numbers).Sample((a, b, high, low) =>
        {
            Assert.Equal(NaiveCurve.Mod(a + b, NaiveCurve.N), Number(Scalar.Add(ScalarOf(a), ScalarOf(b))));
            BigInteger wide = ((high % (BigInteger.One << 128)) << 256) + low;
            Assert.Equal(NaiveCurve.Mod(wide, NaiveCurve.N), Number(Scalar.Reduce(NaiveCurve.Octets(wide, 48))));
            for (int from = -1; from < 256; from += 6) Assert.Equal((uint)(((a << 1) >> (from + 1)) & 127), ScalarOf(a).Bits(from, 7));
        }, iter: 3_000);

    /// <summary>Sums of all kinds: of different points, equal ones, opposite ones, and with infinity.</summary>
    [Fact]
    public void SumsAreThoseOfTheReference() =>
        Gen.Select(Gen.Int[-40, 40], Gen.Int[-40, 40], Elements).Sample((a, b, stretch) =>
        {
            NaiveCurve.Point? p = NaiveCurve.Multiply(a, NaiveCurve.G), q = NaiveCurve.Multiply(b, NaiveCurve.G), sum = NaiveCurve.Add(p, q);
            ProjectivePoint left = Stretch(p, stretch), right = Stretch(q, 1);
            Assert.Equal(Octets(sum), Octets(ProjectivePoint.Add(left, right)));
            if (q is not null) Assert.Equal(Octets(sum), Octets(ProjectivePoint.Add(left, new AffinePoint(Element(q.X), Element(q.Y)))));
            Assert.Equal(p == q, left.Is(right));
            Assert.Equal(p == q, right.Is(left));
        }, iter: 500);

    [Fact]
    public void MultiplesOfBothGeneratorsAreThoseOfTheReference() =>
        Gen.Select(Scalars, Gen.Int[0, 130], Gen.Bool).Sample((scalar, small, isSmall) =>
        {
            if (isSmall) scalar = small;
            Assert.Equal(Octets(NaiveCurve.Multiply(scalar, NaiveCurve.H)), Octets(PedersenGenerators.Commit(0, ScalarOf(scalar), 1)));
            long value = (long)(scalar & long.MaxValue), narrow = value & PedersenDay.ValueMax;
            Assert.Equal(Octets(NaiveCurve.Multiply(value, NaiveCurve.G)), Octets(PedersenGenerators.Commit(value, default, PedersenGenerators.SumBits)));
            Assert.Equal(Octets(NaiveCurve.Multiply(narrow, NaiveCurve.G)), Octets(PedersenGenerators.Commit(narrow, default, PedersenDay.ValueBits)));
        }, iter: 50);

    /// <summary>Each digit of each window once, among them those that borrow from the next.</summary>
    [Fact]
    public void EveryDigitOfEveryWindowIsAdded()
    {
        var multiples = new NaiveCurve.Point?[65];
        NaiveCurve.Point? power = NaiveCurve.H;
        for (int window = 0; window < 42; window++)
        {
            for (int digit = 1; digit < multiples.Length; digit++) multiples[digit] = NaiveCurve.Add(multiples[digit - 1], power);
            for (int digit = 1; digit < 64; digit += window % 7 == 0 ? 1 : 9)
                Assert.Equal(Octets(multiples[digit]), Octets(PedersenGenerators.Commit(0, ScalarOf(BigInteger.One * digit << (6 * window)), 1)));
            power = multiples[64];
        }
    }

    [Fact]
    public void MultiplesAreThePlatforms()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        for (int i = 0; i < 20; i++)
        {
            key.GenerateKey(ECCurve.NamedCurves.nistP256);
            ECParameters made = key.ExportParameters(includePrivateParameters: true);
            Assert.Equal(new(NaiveCurve.Number(made.Q.X!), NaiveCurve.Number(made.Q.Y!)), NaiveCurve.Multiply(NaiveCurve.Number(made.D!), NaiveCurve.G));
        }
    }

    [Fact]
    public void PointsAreHashedToAsTheVectorsSay()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(TestFiles.InRepository("tests", "vectors", "rfc9380-p256.json")));
        JsonElement points = document.RootElement.GetProperty("points"), expansions = document.RootElement.GetProperty("expansions");
        byte[] tag = Encoding.ASCII.GetBytes(points.GetProperty("dst").GetString()!);
        foreach (JsonElement vector in points.GetProperty("vectors").EnumerateArray())
        {
            byte[] message = Encoding.ASCII.GetBytes(vector.GetProperty("msg").GetString()!);
            string[] Hex(string name) => [.. vector.GetProperty(name).EnumerateArray().Select(one => one.GetString()!)];
            string[] Coordinates(AffinePoint point) => [Text(point.X), Text(point.Y)];
            (FieldElement first, FieldElement second) = HashToCurve.HashToField(message, tag);
            Assert.Equal(Hex("u"), (string[])[Text(first), Text(second)]);
            Assert.Equal(Hex("q0"), Coordinates(HashToCurve.Map(first)));
            Assert.Equal(Hex("q1"), Coordinates(HashToCurve.Map(second)));
            Assert.Equal(Hex("p"), Coordinates(HashToCurve.Hash(message, tag)));
        }
        tag = Encoding.ASCII.GetBytes(expansions.GetProperty("dst").GetString()!);
        foreach (JsonElement vector in expansions.GetProperty("vectors").EnumerateArray())
        {
            byte[] expanded = new byte[vector.GetProperty("length").GetInt32()];
            HashToCurve.Expand(Encoding.ASCII.GetBytes(vector.GetProperty("msg").GetString()!), tag, expanded);
            Assert.Equal(vector.GetProperty("uniform").GetString(), Convert.ToHexStringLower(expanded));
        }
        Assert.Equal(5, points.GetProperty("vectors").GetArrayLength());
        Assert.Equal(10, expansions.GetProperty("vectors").GetArrayLength());
    }

    [Fact]
    public void EveryElementIsMappedToThePointOfTheReference() =>
        Elements.Sample(u =>
        {
            BigInteger p = NaiveCurve.P, z = p - 10, zu = NaiveCurve.Mod(z * u * u, p), t = NaiveCurve.Mod((zu * zu) + zu, p);
            BigInteger x = t == 0 ? NaiveCurve.B * NaiveCurve.Inverse(30) : NaiveCurve.B * NaiveCurve.Inverse(3) * (1 + NaiveCurve.Inverse(t));
            x = NaiveCurve.Mod(x, p);
            if (BigInteger.ModPow(NaiveCurve.RightSide(x), (p - 1) / 2, p) == p - 1) x = NaiveCurve.Mod(zu * x, p);
            AffinePoint point = HashToCurve.Map(Element(u));
            Assert.Equal(x, Number(point.X));
            Assert.True(point.IsOnCurve);
            Assert.Equal(u.IsEven, Number(point.Y).IsEven);
        }, iter: 500);

    [Fact]
    public void TheSecondGeneratorIsTheOneThatTheDocumentStates()
    {
        Assert.Equal(NaiveCurve.Octets(NaiveCurve.H), Octets(ProjectivePoint.Of(PedersenGenerators.H)));
        string page = File.ReadAllText(TestFiles.InRepository("docs", "reference", "pedersen.md"));
        Assert.Contains(Text(PedersenGenerators.H.X), page, StringComparison.Ordinal);
        Assert.Contains(Text(PedersenGenerators.H.Y), page, StringComparison.Ordinal);
        Assert.Contains(Encoding.ASCII.GetString(PedersenGenerators.Tag), page, StringComparison.Ordinal);
        Assert.Contains(Encoding.ASCII.GetString(PedersenGenerators.Words), page, StringComparison.Ordinal);
    }

    [Fact]
    public void ATagOfNoLengthOrTooMuchIsTheCallersFault()
    {
        Assert.Throws<ArgumentException>(() => HashToCurve.Hash("x"u8, ""u8));
        Assert.Throws<ArgumentException>(() => HashToCurve.Hash("x"u8, new byte[256]));
        Assert.Throws<ArgumentException>(() => HashToCurve.Expand("x"u8, "tag"u8, new byte[255 * 32 + 1]));
        Assert.True(HashToCurve.Hash("x"u8, new byte[255]).IsOnCurve);
    }

    private static FieldElement Element(BigInteger number) => FieldElement.TryRead(NaiveCurve.Octets(number), out FieldElement element) ? element : throw new InvalidOperationException();

    private static Scalar ScalarOf(BigInteger number) => Scalar.TryRead(NaiveCurve.Octets(number), out Scalar scalar) ? scalar : throw new InvalidOperationException();

    private static string Text(FieldElement element) => Convert.ToHexStringLower(NaiveCurve.Octets(Number(element)));

    private static BigInteger Number(FieldElement element)
    {
        byte[] octets = new byte[FieldElement.Length];
        element.Write(octets);
        return NaiveCurve.Number(octets);
    }

    private static BigInteger Number(Scalar scalar)
    {
        byte[] octets = new byte[Scalar.Length];
        scalar.Write(octets);
        return NaiveCurve.Number(octets);
    }

    /// <summary>The point by other projective coordinates.</summary>
    private static ProjectivePoint Stretch(NaiveCurve.Point? point, BigInteger by)
    {
        FieldElement z = Element(by == 0 ? 1 : by);
        return point is null ? new(default, z, default) : new(FieldElement.Multiply(Element(point.X), z), FieldElement.Multiply(Element(point.Y), z), z);
    }

    private static byte[]? Octets(NaiveCurve.Point? point) => point is null ? null : NaiveCurve.Octets(point);

    private static byte[]? Octets(ProjectivePoint point)
    {
        if (point.IsInfinity) return null;
        var affine = new AffinePoint[1];
        ProjectivePoint.Normalize([point], affine, new FieldElement[2]);
        byte[] octets = new byte[AffinePoint.Length];
        affine[0].Write(octets);
        return octets;
    }
}
