using System.Globalization;
using CsCheck;
using Praman.Billing.Rating;

namespace Praman.Billing.Tests.Rating;

public class DecimalTextTests
{
    private static readonly Gen<decimal> Figure = Gen.OneOf(
        Gen.Decimal,
        Gen.Select(Gen.Long, Gen.Int[0, 28], (digits, scale) => new decimal((int)digits, (int)(digits >> 32) & int.MaxValue, 0, digits < 0, (byte)scale)),
        Gen.Select(Gen.Int[-100_000, 100_000], Gen.Int[0, 12], (digits, scale) => new decimal(Math.Abs(digits), 0, 0, digits < 0, (byte)scale)));

    [Fact]
    public void EachFormIsThePlatformsOwn() => Figure.Sample(value =>
    {
        string plain = value.ToString(CultureInfo.InvariantCulture);
        Assert.Equal(plain, DecimalText.AsGiven(value));
        Assert.Equal(value == 0 ? "0" : value.Scale == 0 ? plain : plain.TrimEnd('0').TrimEnd('.'), DecimalText.Trimmed(value));
        Assert.Equal(value == 0 ? "0.00" : value.Scale == 2 ? plain : value.ToString("0.00#######", CultureInfo.InvariantCulture), DecimalText.Money(value));
    }, iter: 20_000);

    [Theory]
    [InlineData("0", "0", "0", "0.00")]
    [InlineData("-0.00", "0.00", "0", "0.00")]
    [InlineData("3.00", "3.00", "3", "3.00")]
    [InlineData("-0.05", "-0.05", "-0.05", "-0.05")]
    [InlineData("120", "120", "120", "120.00")]
    [InlineData("2.50000", "2.50000", "2.5", "2.50")]
    [InlineData("18446744073709551616.5", "18446744073709551616.5", "18446744073709551616.5", "18446744073709551616.50")]
    public void FormsOfOneFigure(string figure, string asGiven, string trimmed, string money)
    {
        decimal value = decimal.Parse(figure, CultureInfo.InvariantCulture);
        Assert.Equal([asGiven, trimmed, money], [DecimalText.AsGiven(value), DecimalText.Trimmed(value), DecimalText.Money(value)]);
    }
}
