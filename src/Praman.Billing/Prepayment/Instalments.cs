namespace Praman.Billing.Prepayment;

/// <summary>A sum in equal parts of whole paise: part k = round(T k/N) − round(T (k − 1)/N), so that the parts add up and differ by a paisa at most.</summary>
public static class Instalments
{
    /// <summary>Part <paramref name="number"/>, from 1, of <paramref name="count"/>; zero beyond the last.</summary>
    public static decimal Of(decimal total, int count, int number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        return UpTo(total, count, number) - UpTo(total, count, number - 1);
    }

    /// <summary>Sum of the first parts.</summary>
    public static decimal UpTo(decimal total, int count, int number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return number >= count ? total : number <= 0 ? 0 : decimal.Round(total * number / count, 2, MidpointRounding.AwayFromZero);
    }
}
