using System.Globalization;

namespace Praman.Metering;

/// <summary>An amount and its currency (ISO 4217). Decimal while it is computed; posted amounts are whole minor units.</summary>
public readonly record struct Money(decimal Amount, string Currency)
{
    /// <summary>Whole minor units (paise for INR); throws where the amount has not been rounded to them.</summary>
    /// <exception cref="InvalidOperationException">The amount has more than two decimals.</exception>
    public long ToMinorUnits()
    {
        decimal minor = Amount * 100m;
        return minor == decimal.Truncate(minor)
            ? (long)minor
            : throw new InvalidOperationException($"{this} is not a whole number of minor units; round it by a named rule first");
    }

    public static Money FromMinorUnits(long minorUnits, string currency) => new(minorUnits / 100m, currency);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Currency} {Amount:0.00########}");
}
