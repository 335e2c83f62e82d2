using System.Numerics;
using CsCheck;
using Praman.Billing.Rating;
using Praman.Billing.Tariffs;

namespace Praman.Billing.Tests.Rating;

/// <summary>Exact fractions against whole-number arithmetic of any size.</summary>
public sealed class ExactFractionTests
{
    private static readonly Gen<(long Numerator, long Denominator, int Scale)> Parts =
        Gen.Select(Gen.Long[-1_000_000_000, 1_000_000_000], Gen.Long[1, 400_000], Gen.Int[0, 4]);

    private static readonly decimal[] Steps = [0.01m, 1m, 0.5m, 10m, 0.001m];

    private static ExactFraction Make((long Numerator, long Denominator, int Scale) p) =>
        ExactFraction.Of(new decimal(p.Numerator) / Power(p.Scale), p.Denominator);

    private static decimal Power(int scale) => scale switch { 0 => 1m, 1 => 10m, 2 => 100m, 3 => 1000m, _ => 10000m };

    private static (BigInteger N, BigInteger D) Big((long Numerator, long Denominator, int Scale) p) =>
        (p.Numerator, (BigInteger)p.Denominator * (long)Power(p.Scale));

    private static (BigInteger N, BigInteger D) Big(ExactFraction f)
    {
        int scale = f.Numerator.Scale;
        BigInteger power = BigInteger.Pow(10, scale);
        return (new BigInteger(f.Numerator * (decimal)power), power * f.Denominator);
    }

    private static void Same((BigInteger N, BigInteger D) a, (BigInteger N, BigInteger D) b) => Assert.Equal(a.N * b.D, b.N * a.D);

    [Fact]
    public void SumProductQuotientAndOrderAreThoseOfWholeNumbers() =>
        Gen.Select(Parts, Parts).Sample((x, y) =>
        {
            ExactFraction a = Make(x), b = Make(y);
            (BigInteger N, BigInteger D) p = Big(x), q = Big(y);
            Same((p.N * q.D + q.N * p.D, p.D * q.D), Big(a + b));
            Same((p.N * q.D - q.N * p.D, p.D * q.D), Big(a - b));
            Same((p.N * q.N, p.D * q.D), Big(a * b));
            if (y.Numerator != 0) Same((p.N * q.D, p.D * q.N), Big(a / b));
            Assert.Equal((p.N * q.D).CompareTo(q.N * p.D), a.CompareTo(b));
            Assert.Equal((p.N * q.D) == (q.N * p.D), a == b);
        }, seed: "0000KGJ5yaB3");

    [Fact]
    public void RoundsHalvesAwayFromZeroUpAndDownForAnyStep() =>
        Gen.Select(Parts, Gen.Int[0, 4].Select(i => Steps[i])).Sample((x, step) =>
        {
            ExactFraction value = Make(x);
            (BigInteger n, BigInteger d) = Big(x);
            // value / step = n·1000 / (d·step·1000)
            BigInteger numerator = n * 1000, divisor = d * (long)(step * 1000);
            BigInteger floor = BigInteger.Divide(numerator - (((numerator % divisor) + divisor) % divisor), divisor);
            bool whole = numerator % divisor == 0;
            Assert.Equal((decimal)floor * step, value.RoundTo(step, RoundingMode.Down));
            Assert.Equal((decimal)(whole ? floor : floor + 1) * step, value.RoundTo(step, RoundingMode.Up));
            BigInteger twice = BigInteger.Abs(numerator) * 2 + divisor;
            BigInteger half = BigInteger.Divide(twice, divisor * 2) * numerator.Sign;
            Assert.Equal((decimal)half * step, value.RoundTo(step, RoundingMode.HalfUp));
        }, seed: "0000KGJ5yaB3");

    [Theory]
    [InlineData("85.875", "85.88")]
    [InlineData("0.675", "0.68")]
    [InlineData("-0.005", "-0.01")]
    [InlineData("2.344999999", "2.34")]
    public void TiesThatBinaryFloatingPointLosesGoUp(string value, string rounded)
    {
        Assert.True(DecimalText.TryParse(value, out decimal number));
        Assert.Equal(rounded, DecimalText.Money(ExactFraction.FromDecimal(number).RoundTo(0.01m, RoundingMode.HalfUp)));
        Assert.Equal(rounded, DecimalText.Money(ExactFraction.Of(number * 31, 31).RoundTo(0.01m, RoundingMode.HalfUp)));
    }

    [Fact]
    public void SixDaysOfJuneAnd24OfJulyAreOneFraction()
    {
        ExactFraction months = ExactFraction.Of(6, 30) + ExactFraction.Of(24, 31);
        Assert.Equal("151/155", months.ToString());
        Assert.Equal("0.9742", months.ToText(4));
        Assert.Equal(ExactFraction.Of(302, 310), months);
        Assert.Equal(ExactFraction.Of(302, 310).GetHashCode(), months.GetHashCode());
        Assert.Equal("0", default(ExactFraction).ToString());
        Assert.Equal(1, default(ExactFraction).Denominator);
    }

    [Fact]
    public void ALostDigitIsAnErrorNotARounding()
    {
        ExactFraction large = ExactFraction.FromDecimal(99_999_999_999_999_999_999m), fine = ExactFraction.FromDecimal(1.000_000_000_1m);
        Assert.Throws<OverflowException>(() => large * fine);
        Assert.Throws<OverflowException>(() => large + ExactFraction.FromDecimal(0.000_000_000_01m));
        Assert.Throws<DivideByZeroException>(() => large / ExactFraction.Zero);
        Assert.Throws<ArgumentOutOfRangeException>(() => ExactFraction.Of(1, 0));
    }

    [Theory]
    [InlineData("3.05", true)]
    [InlineData("-0.05", true)]
    [InlineData("999999999999.999999999", true)]
    [InlineData("", false)]
    [InlineData("-", false)]
    [InlineData("+1", false)]
    [InlineData("1e3", false)]
    [InlineData("1,5", false)]
    [InlineData("1.", false)]
    [InlineData(".5", false)]
    [InlineData(" 1", false)]
    [InlineData("१२", false)]
    [InlineData("1000000000000", false)]
    [InlineData("0.0000000001", false)]
    public void OnlyPlainDecimalsAreRead(string text, bool expected) => Assert.Equal(expected, DecimalText.TryParse(text, out _));
}
