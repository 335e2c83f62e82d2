using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Praman.Proof.Experimental.Pedersen;

/// <summary>
/// An element of the field of P-256 (FIPS 186-5, SP 800-186: p = 2^256 − 2^224 + 2^192 + 2^96 − 1): four limbs, least first, in Montgomery form
/// (a × 2^256 mod p), always below p, so that one value has one form. Every operation but the powers takes the same steps for every value.
/// </summary>
internal readonly partial struct FieldElement(ulong l0, ulong l1, ulong l2, ulong l3) : IEquatable<FieldElement>
{
    /// <summary>Octets of an element, most significant first.</summary>
    public const int Length = 32;

    internal const ulong P0 = 0xFFFF_FFFF_FFFF_FFFF, P1 = 0x0000_0000_FFFF_FFFF, P2 = 0, P3 = 0xFFFF_FFFF_0000_0001;

    private readonly ulong _l0 = l0, _l1 = l1, _l2 = l2, _l3 = l3;

    /// <summary>2^512 mod p: what carries a number into Montgomery form.</summary>
    private static readonly FieldElement Radix2 = TwoToThe(512);

    public static FieldElement One { get; } = TwoToThe(256);

    public static FieldElement Of(ulong small) => Multiply(new FieldElement(small, 0, 0, 0), Radix2);

    public bool IsZero => (_l0 | _l1 | _l2 | _l3) == 0;

    /// <summary>The parity of the number, which RFC 9380 calls sgn0.</summary>
    public bool IsOdd => (FromMontgomery()._l0 & 1) != 0;

    /// <summary>Reads 32 octets, most significant first; a number that is not below p is refused, so that no element has two encodings.</summary>
    public static bool TryRead(ReadOnlySpan<byte> octets, out FieldElement element)
    {
        element = default;
        if (octets.Length != Length) return false;
        ulong l3 = BinaryPrimitives.ReadUInt64BigEndian(octets), l2 = BinaryPrimitives.ReadUInt64BigEndian(octets[8..]);
        ulong l1 = BinaryPrimitives.ReadUInt64BigEndian(octets[16..]), l0 = BinaryPrimitives.ReadUInt64BigEndian(octets[24..]);
        ulong borrow = 0;
        Limbs.Subtract(l0, P0, ref borrow);
        Limbs.Subtract(l1, P1, ref borrow);
        Limbs.Subtract(l2, P2, ref borrow);
        Limbs.Subtract(l3, P3, ref borrow);
        if (borrow == 0) return false;
        element = Multiply(new FieldElement(l0, l1, l2, l3), Radix2);
        return true;
    }

    /// <summary>The number of any octets up to 48, most significant first, mod p (the last step of hash_to_field, RFC 9380).</summary>
    public static FieldElement Reduce(ReadOnlySpan<byte> octets)
    {
        // Public inputs only: octet by octet is plain, and plain is fast enough for two elements a process.
        FieldElement sum = default, radix = Of(256);
        foreach (byte octet in octets) sum = Add(Multiply(sum, radix), Of(octet));
        return sum;
    }

    public void Write(Span<byte> target)
    {
        FieldElement plain = FromMontgomery();
        BinaryPrimitives.WriteUInt64BigEndian(target, plain._l3);
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], plain._l2);
        BinaryPrimitives.WriteUInt64BigEndian(target[16..], plain._l1);
        BinaryPrimitives.WriteUInt64BigEndian(target[24..], plain._l0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FieldElement Add(in FieldElement a, in FieldElement b)
    {
        ulong carry = 0;
        ulong l0 = Limbs.Add(a._l0, b._l0, ref carry), l1 = Limbs.Add(a._l1, b._l1, ref carry);
        ulong l2 = Limbs.Add(a._l2, b._l2, ref carry), l3 = Limbs.Add(a._l3, b._l3, ref carry);
        return BelowP(l0, l1, l2, l3, carry);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FieldElement Subtract(in FieldElement a, in FieldElement b)
    {
        ulong borrow = 0;
        ulong l0 = Limbs.Subtract(a._l0, b._l0, ref borrow), l1 = Limbs.Subtract(a._l1, b._l1, ref borrow);
        ulong l2 = Limbs.Subtract(a._l2, b._l2, ref borrow), l3 = Limbs.Subtract(a._l3, b._l3, ref borrow);
        ulong mask = 0 - borrow, carry = 0;
        l0 = Limbs.Add(l0, P0 & mask, ref carry);
        l1 = Limbs.Add(l1, P1 & mask, ref carry);
        l2 = Limbs.Add(l2, P2 & mask, ref carry);
        l3 = Limbs.Add(l3, P3 & mask, ref carry);
        return new(l0, l1, l2, l3);
    }

    public static FieldElement Negate(in FieldElement a) => Subtract(default, a);

    /// <summary>
    /// The Montgomery product a × b / 2^256. A round adds a × one limb of b, then the multiple m of p that clears the lowest limb: −1/p is 1 mod 2^64,
    /// so m is that limb, and m × p = m × (2^256 − 2^224 + 2^192 + 2^96) − m needs one multiplication.
    /// </summary>
    public static FieldElement Multiply(in FieldElement a, in FieldElement b)
    {
        ulong a0 = a._l0, a1 = a._l1, a2 = a._l2, a3 = a._l3;
        ulong t0 = 0, t1 = 0, t2 = 0, t3 = 0, t4 = 0;
        Round(a0, a1, a2, a3, b._l0, ref t0, ref t1, ref t2, ref t3, ref t4);
        Round(a0, a1, a2, a3, b._l1, ref t0, ref t1, ref t2, ref t3, ref t4);
        Round(a0, a1, a2, a3, b._l2, ref t0, ref t1, ref t2, ref t3, ref t4);
        Round(a0, a1, a2, a3, b._l3, ref t0, ref t1, ref t2, ref t3, ref t4);
        return BelowP(t0, t1, t2, t3, t4);
    }

    public static FieldElement Square(in FieldElement a) => Multiply(a, a);

    /// <summary>b where the mask is all ones, a where it is zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FieldElement Select(ulong mask, in FieldElement a, in FieldElement b) => new(
        a._l0 ^ ((a._l0 ^ b._l0) & mask), a._l1 ^ ((a._l1 ^ b._l1) & mask), a._l2 ^ ((a._l2 ^ b._l2) & mask), a._l3 ^ ((a._l3 ^ b._l3) & mask));

    public bool Equals(FieldElement other) => ((_l0 ^ other._l0) | (_l1 ^ other._l1) | (_l2 ^ other._l2) | (_l3 ^ other._l3)) == 0;

    public override bool Equals(object? obj) => obj is FieldElement other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_l0, _l1, _l2, _l3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(ulong a0, ulong a1, ulong a2, ulong a3, ulong b, ref ulong t0, ref ulong t1, ref ulong t2, ref ulong t3, ref ulong t4)
    {
        ulong carry = 0;
        ulong m = Limbs.MultiplyAdd(a0, b, t0, ref carry);
        t1 = Limbs.MultiplyAdd(a1, b, t1, ref carry);
        t2 = Limbs.MultiplyAdd(a2, b, t2, ref carry);
        t3 = Limbs.MultiplyAdd(a3, b, t3, ref carry);
        ulong top = 0;
        t4 = Limbs.Add(t4, carry, ref top);
        ulong high = Limbs.MultiplyHigh(m, P3), low = unchecked(m * P3);
        carry = 0;
        t0 = Limbs.Add(t1, m << 32, ref carry);
        t1 = Limbs.Add(t2, m >> 32, ref carry);
        t2 = Limbs.Add(t3, low, ref carry);
        t3 = Limbs.Add(t4, high, ref carry);
        t4 = top + carry;
    }

    /// <summary>A number below 2p, the fifth limb 0 or 1, less p where it is not below p.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FieldElement BelowP(ulong l0, ulong l1, ulong l2, ulong l3, ulong l4)
    {
        ulong borrow = 0;
        ulong s0 = Limbs.Subtract(l0, P0, ref borrow), s1 = Limbs.Subtract(l1, P1, ref borrow);
        ulong s2 = Limbs.Subtract(l2, P2, ref borrow), s3 = Limbs.Subtract(l3, P3, ref borrow);
        Limbs.Subtract(l4, 0, ref borrow);
        ulong keep = 0 - borrow;
        return new(s0 ^ ((s0 ^ l0) & keep), s1 ^ ((s1 ^ l1) & keep), s2 ^ ((s2 ^ l2) & keep), s3 ^ ((s3 ^ l3) & keep));
    }

    private FieldElement FromMontgomery() => Multiply(this, new FieldElement(1, 0, 0, 0));

    private static FieldElement TwoToThe(int exponent)
    {
        var power = new FieldElement(1, 0, 0, 0);
        for (int i = 0; i < exponent; i++) power = Add(power, power);
        return power;
    }
}
