using System.Numerics;
using System.Security.Cryptography;
using CsCheck;

namespace Praman.Proof.Tests.Experimental;

/// <summary>P-256 as its definition says, by big integers and one inversion an addition: slow, and nothing of it is in the code that it judges. Null is infinity.</summary>
internal static class NaiveCurve
{
    public static readonly BigInteger P = (BigInteger.One << 256) - (BigInteger.One << 224) + (BigInteger.One << 192) + (BigInteger.One << 96) - 1;

    public static readonly BigInteger N = Number("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");

    public static readonly BigInteger B = Number("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b");

    public static readonly Point G = new(
        Number("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"), Number("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"));

    /// <summary>The second generator, as docs/reference/pedersen.md states it.</summary>
    public static readonly Point H = new(
        Number("8ab6377d22845915e28aac44bd36f36e5ce007a3903f29ae71ae654aa63c4dc6"), Number("54ed92664dfc7acdaf0136f32d7f22c1554c8929a7e9025d5552a06f141836f6"));

    public sealed record Point(BigInteger X, BigInteger Y);

    /// <summary>Numbers of up to 256 bits, with those at which carries and borrows run far.</summary>
    public static readonly Gen<BigInteger> Numbers = Gen.OneOf(
        Gen.Byte.Array[32].Select(octets => new BigInteger(octets, isUnsigned: true)),
        Gen.Select(Gen.Int[0, 255], Gen.Int[-2, 2]).Select((bit, more) => BigInteger.Max(0, (BigInteger.One << bit) + more)),
        Gen.Select(Gen.Int[0, 4], Gen.Int[-3, 3]).Select((from, more) => BigInteger.Max(0, new[] { 0, P, N, P - N, P - (BigInteger.One << 96) }[from] + more)),
        Gen.ULong.Array[4].Select(limbs => limbs.Aggregate(BigInteger.Zero, (sum, limb) => (sum << 64) + (limb % 3 == 0 ? ulong.MaxValue : limb % 3 == 1 ? 0 : limb))));

    public static BigInteger Number(string hex) => new(Convert.FromHexString(hex), isUnsigned: true, isBigEndian: true);

    public static BigInteger Number(ReadOnlySpan<byte> octets) => new(octets, isUnsigned: true, isBigEndian: true);

    public static byte[] Octets(BigInteger number, int length = 32)
    {
        byte[] octets = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[length - octets.Length], .. octets];
    }

    public static BigInteger Mod(BigInteger number, BigInteger modulus) => ((number % modulus) + modulus) % modulus;

    public static BigInteger Inverse(BigInteger number) => BigInteger.ModPow(number, P - 2, P);

    public static BigInteger RightSide(BigInteger x) => Mod((x * x * x) - (3 * x) + B, P);

    public static Point? Add(Point? p, Point? q)
    {
        if (p is null || q is null) return p ?? q;
        if (p.X == q.X && Mod(p.Y + q.Y, P) == 0) return null;
        BigInteger slope = p == q ? 3 * ((p.X * p.X) - 1) * Inverse(Mod(2 * p.Y, P)) : (q.Y - p.Y) * Inverse(Mod(q.X - p.X, P));
        BigInteger x = Mod((slope * slope) - p.X - q.X, P);
        return new(x, Mod((slope * (p.X - x)) - p.Y, P));
    }

    public static Point? Multiply(BigInteger scalar, Point? point)
    {
        Point? sum = null;
        for (scalar = Mod(scalar, N); scalar > 0; scalar >>= 1, point = Add(point, point))
        {
            if (!scalar.IsEven) sum = Add(sum, point);
        }
        return sum;
    }

    public static Point? Commit(BigInteger value, BigInteger blinding) => Add(Multiply(value, G), Multiply(blinding, H));

    public static byte[] Octets(Point point) => [4, .. Octets(point.X), .. Octets(point.Y)];

    /// <summary>The blinding factor of an interval by the platform's HKDF: of a secret, SHA-256 of the day's octets, the interval and the attempt 0.</summary>
    public static BigInteger Blinding(byte[] secret, byte[] day, int interval)
    {
        byte[] label = "praman-pedersen-blinding/1"u8.ToArray();
        byte[] info = [.. label, .. SHA256.HashData(day), (byte)(interval >> 8), (byte)interval, 0];
        return Mod(Number(HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 48, label, info)), N);
    }
}
