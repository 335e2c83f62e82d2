using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Praman.Proof.Experimental.Pedersen;

/// <summary>Arithmetic of 64-bit limbs with carries as values: no branch and no table depends on what is added.</summary>
internal static class Limbs
{
    /// <summary>a + b + carry; the carry, 0 or 1, becomes the new one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Add(ulong a, ulong b, ref ulong carry)
    {
        ulong sum = a + b, all = sum + carry;
        carry = (sum < a ? 1UL : 0UL) | (all < sum ? 1UL : 0UL);
        return all;
    }

    /// <summary>a − b − borrow; the borrow, 0 or 1, becomes the new one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Subtract(ulong a, ulong b, ref ulong borrow)
    {
        ulong difference = a - b, all = difference - borrow;
        borrow = (a < b ? 1UL : 0UL) | (difference < borrow ? 1UL : 0UL);
        return all;
    }

    /// <summary>a × b + addend + carry, which never passes 128 bits: the low limb, and the high one as the new carry.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong MultiplyAdd(ulong a, ulong b, ulong addend, ref ulong carry)
    {
        ulong high = MultiplyHigh(a, b), low = unchecked(a * b);
        low += addend;
        high += low < addend ? 1UL : 0UL;
        low += carry;
        high += low < carry ? 1UL : 0UL;
        carry = high;
        return low;
    }

    /// <summary>The high limb of a × b. On x86-64 the platform's product of 128 bits goes by way of memory, which takes longer than a second multiplication.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong MultiplyHigh(ulong a, ulong b) => Bmi2.X64.IsSupported ? Bmi2.X64.MultiplyNoFlags(a, b) : Math.BigMul(a, b, out _);

    /// <summary>All ones where the limbs are all zero, else zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong ZeroMask(ulong any) => ((any | (0 - any)) >> 63) - 1;
}
