using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Praman.Proof.Experimental.Pedersen;

/// <summary>
/// A number modulo the order n of P-256's group (SP 800-186), four limbs, least first, always below n. Blinding factors are such numbers: the same steps
/// are taken for each of them.
/// </summary>
internal readonly struct Scalar(ulong l0, ulong l1, ulong l2, ulong l3) : IEquatable<Scalar>
{
    /// <summary>Octets of a scalar, most significant first.</summary>
    public const int Length = 32;

    /// <summary>Octets that are reduced to one scalar: 128 bits more than n has, so that the remainder is as good as uniform.</summary>
    public const int WideLength = 48;

    private const ulong N0 = 0xF3B9_CAC2_FC63_2551, N1 = 0xBCE6_FAAD_A717_9E84, N2 = 0xFFFF_FFFF_FFFF_FFFF, N3 = 0xFFFF_FFFF_0000_0000;

    /// <summary>−1/n mod 2^64.</summary>
    private static readonly ulong Inverse = NegatedInverse();

    /// <summary>2^512 mod n.</summary>
    private static readonly Scalar Radix2 = TwoToThe(512);

    private readonly ulong _l0 = l0, _l1 = l1, _l2 = l2, _l3 = l3;

    public bool IsZero => (_l0 | _l1 | _l2 | _l3) == 0;

    public static Scalar Of(ulong small) => new(small, 0, 0, 0);

    /// <summary>Reads 32 octets, most significant first; a number that is not below n is refused.</summary>
    public static bool TryRead(ReadOnlySpan<byte> octets, out Scalar scalar)
    {
        scalar = default;
        if (octets.Length != Length) return false;
        Scalar read = ReadPlain(octets);
        if (!IsBelowOrder(read)) return false;
        scalar = read;
        return true;
    }

    /// <summary>The remainder of 48 octets, most significant first.</summary>
    public static Scalar Reduce(ReadOnlySpan<byte> wide)
    {
        if (wide.Length != WideLength) throw new ArgumentException($"{WideLength} octets make a scalar, not {wide.Length}.", nameof(wide));
        var high = new Scalar(BinaryPrimitives.ReadUInt64BigEndian(wide[8..]), BinaryPrimitives.ReadUInt64BigEndian(wide), 0, 0);
        Scalar low = ReadPlain(wide[16..]);
        // The high part stands for high × 2^256, which is its Montgomery product with 2^512; the low part is below 2n.
        return Add(Multiply(high, Radix2), BelowOrder(low._l0, low._l1, low._l2, low._l3, 0));
    }

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt64BigEndian(target, _l3);
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], _l2);
        BinaryPrimitives.WriteUInt64BigEndian(target[16..], _l1);
        BinaryPrimitives.WriteUInt64BigEndian(target[24..], _l0);
    }

    public static Scalar Add(in Scalar a, in Scalar b)
    {
        ulong carry = 0;
        ulong l0 = Limbs.Add(a._l0, b._l0, ref carry), l1 = Limbs.Add(a._l1, b._l1, ref carry);
        ulong l2 = Limbs.Add(a._l2, b._l2, ref carry), l3 = Limbs.Add(a._l3, b._l3, ref carry);
        return BelowOrder(l0, l1, l2, l3, carry);
    }

    /// <summary>Bits <paramref name="from"/> to <paramref name="from"/> + <paramref name="count"/> − 1; bits below 0 and past 255 are 0.</summary>
    /// <param name="from">−1 to 255.</param>
    /// <param name="count">1 to 16.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Bits(int from, int count)
    {
        // One bit is put below the lowest, so that −1 is an index as any other. Which limbs are read depends on the place alone.
        int at = from + 1, limb = at >> 6, shift = at & 63;
        ulong low = Limb(limb) >> shift, high = shift == 0 ? 0 : Limb(limb + 1) << (64 - shift);
        return (uint)((low | high) & ((1UL << count) - 1));
    }

    public bool Equals(Scalar other) => ((_l0 ^ other._l0) | (_l1 ^ other._l1) | (_l2 ^ other._l2) | (_l3 ^ other._l3)) == 0;

    public override bool Equals(object? obj) => obj is Scalar other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_l0, _l1, _l2, _l3);

    /// <summary>A limb of the scalar × 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Limb(int index) => index switch
    {
        0 => _l0 << 1,
        1 => _l1 << 1 | _l0 >> 63,
        2 => _l2 << 1 | _l1 >> 63,
        3 => _l3 << 1 | _l2 >> 63,
        4 => _l3 >> 63,
        _ => 0,
    };

    private static Scalar ReadPlain(ReadOnlySpan<byte> octets) => new(
        BinaryPrimitives.ReadUInt64BigEndian(octets[24..]), BinaryPrimitives.ReadUInt64BigEndian(octets[16..]),
        BinaryPrimitives.ReadUInt64BigEndian(octets[8..]), BinaryPrimitives.ReadUInt64BigEndian(octets));

    private static bool IsBelowOrder(in Scalar a)
    {
        ulong borrow = 0;
        Limbs.Subtract(a._l0, N0, ref borrow);
        Limbs.Subtract(a._l1, N1, ref borrow);
        Limbs.Subtract(a._l2, N2, ref borrow);
        Limbs.Subtract(a._l3, N3, ref borrow);
        return borrow != 0;
    }

    /// <summary>A number below 2n less n where it is not below n.</summary>
    private static Scalar BelowOrder(ulong l0, ulong l1, ulong l2, ulong l3, ulong l4)
    {
        ulong borrow = 0;
        ulong s0 = Limbs.Subtract(l0, N0, ref borrow), s1 = Limbs.Subtract(l1, N1, ref borrow);
        ulong s2 = Limbs.Subtract(l2, N2, ref borrow), s3 = Limbs.Subtract(l3, N3, ref borrow);
        Limbs.Subtract(l4, 0, ref borrow);
        ulong keep = 0 - borrow;
        return new(s0 ^ ((s0 ^ l0) & keep), s1 ^ ((s1 ^ l1) & keep), s2 ^ ((s2 ^ l2) & keep), s3 ^ ((s3 ^ l3) & keep));
    }

    /// <summary>The Montgomery product a × b / 2^256 mod n.</summary>
    private static Scalar Multiply(in Scalar a, in Scalar b)
    {
        ulong t0 = 0, t1 = 0, t2 = 0, t3 = 0, t4 = 0;
        Round(a, b._l0, ref t0, ref t1, ref t2, ref t3, ref t4);
        Round(a, b._l1, ref t0, ref t1, ref t2, ref t3, ref t4);
        Round(a, b._l2, ref t0, ref t1, ref t2, ref t3, ref t4);
        Round(a, b._l3, ref t0, ref t1, ref t2, ref t3, ref t4);
        return BelowOrder(t0, t1, t2, t3, t4);
    }

    private static void Round(in Scalar a, ulong b, ref ulong t0, ref ulong t1, ref ulong t2, ref ulong t3, ref ulong t4)
    {
        ulong carry = 0, top = 0;
        t0 = Limbs.MultiplyAdd(a._l0, b, t0, ref carry);
        t1 = Limbs.MultiplyAdd(a._l1, b, t1, ref carry);
        t2 = Limbs.MultiplyAdd(a._l2, b, t2, ref carry);
        t3 = Limbs.MultiplyAdd(a._l3, b, t3, ref carry);
        t4 = Limbs.Add(t4, carry, ref top);
        ulong m = unchecked(t0 * Inverse);
        carry = 0;
        Limbs.MultiplyAdd(m, N0, t0, ref carry);
        t0 = Limbs.MultiplyAdd(m, N1, t1, ref carry);
        t1 = Limbs.MultiplyAdd(m, N2, t2, ref carry);
        t2 = Limbs.MultiplyAdd(m, N3, t3, ref carry);
        ulong next = 0;
        t3 = Limbs.Add(t4, carry, ref next);
        t4 = top + next;
    }

    /// <summary>Newton's iteration: each step doubles the bits in which x × n = 1.</summary>
    private static ulong NegatedInverse()
    {
        ulong x = 1;
        for (int i = 0; i < 6; i++) x = unchecked(x * (2 - (N0 * x)));
        return unchecked(0 - x);
    }

    private static Scalar TwoToThe(int exponent)
    {
        var power = new Scalar(1, 0, 0, 0);
        for (int i = 0; i < exponent; i++) power = Add(power, power);
        return power;
    }
}
