namespace Praman.MeterData.Estimation;

/// <summary>Exact division into whole Wh: no binary fraction anywhere.</summary>
internal static class WholeWh
{
    /// <summary>The nearest whole number; halves go up.</summary>
    public static long DivideHalfUp(Int128 numerator, Int128 denominator) => (long)DivideFloor((2 * numerator) + denominator, 2 * denominator);

    /// <summary>The whole number at or below.</summary>
    public static Int128 DivideFloor(Int128 numerator, Int128 denominator)
    {
        (Int128 quotient, Int128 remainder) = Int128.DivRem(numerator, denominator);
        return remainder < 0 ? quotient - 1 : quotient;
    }
}
