using System.Globalization;
using Praman.Billing.Tariffs;

namespace Praman.Billing.Rating;

/// <summary>An exact rational number: a decimal over a positive whole number. A period of 6 days of June and 24 of July is 6/30 + 24/31
/// months, which no decimal holds. Arithmetic that would lose a digit throws <see cref="OverflowException"/>; it never rounds.</summary>
public readonly struct ExactFraction : IEquatable<ExactFraction>, IComparable<ExactFraction>
{
    private const long ReduceAbove = 1L << 24;
    private readonly decimal _numerator;
    private readonly long _denominatorLessOne; // so that default is 0/1

    private ExactFraction(decimal numerator, long denominator)
    {
        _numerator = numerator;
        _denominatorLessOne = denominator - 1;
    }

    public decimal Numerator => _numerator;
    public long Denominator => _denominatorLessOne + 1;

    /// <summary>True where the value is a decimal as it stands.</summary>
    public bool IsDecimal => _denominatorLessOne == 0;
    public bool IsZero => _numerator == 0;
    public int Sign => Math.Sign(_numerator);

    public static ExactFraction Zero => default;
    public static ExactFraction One { get; } = new(1, 1);

    public static implicit operator ExactFraction(decimal value) => new(value, 1);
    public static implicit operator ExactFraction(int value) => new(value, 1);
    public static ExactFraction FromDecimal(decimal value) => new(value, 1);
    public static ExactFraction FromInt32(int value) => new(value, 1);

    /// <summary>numerator / denominator.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The denominator is not positive.</exception>
    public static ExactFraction Of(decimal numerator, long denominator)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(denominator);
        return denominator == 1 ? new(numerator, 1) : Reduced(numerator, denominator);
    }

    public static ExactFraction operator +(ExactFraction left, ExactFraction right)
    {
        if (left._denominatorLessOne == right._denominatorLessOne) return new(AddExact(left._numerator, right._numerator), left.Denominator);
        long a = left.Denominator, b = right.Denominator;
        return Make(AddExact(MultiplyExact(left._numerator, b), MultiplyExact(right._numerator, a)), a, b);
    }

    public static ExactFraction operator -(ExactFraction left, ExactFraction right) => left + -right;
    public static ExactFraction operator -(ExactFraction value) => new(-value._numerator, value.Denominator);

    public static ExactFraction operator *(ExactFraction left, ExactFraction right) =>
        Make(MultiplyExact(left._numerator, right._numerator), left.Denominator, right.Denominator);

    /// <exception cref="DivideByZeroException">The right side is zero.</exception>
    public static ExactFraction operator /(ExactFraction left, ExactFraction right)
    {
        if (right._numerator == 0) throw new DivideByZeroException();
        decimal scale = 1;
        for (int digits = right._numerator.Scale; digits > 0; digits--) scale *= 10;
        decimal divisor = MultiplyExact(right._numerator, scale);
        decimal numerator = MultiplyExact(MultiplyExact(left._numerator, scale), right.Denominator);
        if (divisor < 0) (divisor, numerator) = (-divisor, -numerator);
        ExactFraction whole = Reduced(numerator, decimal.ToInt64(divisor));
        return Make(whole._numerator, whole.Denominator, left.Denominator);
    }

    public static ExactFraction Add(ExactFraction left, ExactFraction right) => left + right;
    public static ExactFraction Subtract(ExactFraction left, ExactFraction right) => left - right;
    public static ExactFraction Multiply(ExactFraction left, ExactFraction right) => left * right;
    public static ExactFraction Divide(ExactFraction left, ExactFraction right) => left / right;
    public static ExactFraction Negate(ExactFraction value) => -value;

    public static bool operator <(ExactFraction left, ExactFraction right) => left.CompareTo(right) < 0;
    public static bool operator >(ExactFraction left, ExactFraction right) => left.CompareTo(right) > 0;
    public static bool operator <=(ExactFraction left, ExactFraction right) => left.CompareTo(right) <= 0;
    public static bool operator >=(ExactFraction left, ExactFraction right) => left.CompareTo(right) >= 0;
    public static bool operator ==(ExactFraction left, ExactFraction right) => left.CompareTo(right) == 0;
    public static bool operator !=(ExactFraction left, ExactFraction right) => left.CompareTo(right) != 0;
    public static ExactFraction Min(ExactFraction left, ExactFraction right) => left <= right ? left : right;
    public static ExactFraction Max(ExactFraction left, ExactFraction right) => left >= right ? left : right;

    public int CompareTo(ExactFraction other) => _denominatorLessOne == other._denominatorLessOne
        ? _numerator.CompareTo(other._numerator)
        : MultiplyExact(_numerator, other.Denominator).CompareTo(MultiplyExact(other._numerator, Denominator));

    public bool Equals(ExactFraction other) => CompareTo(other) == 0;
    public override bool Equals(object? obj) => obj is ExactFraction other && Equals(other);

    public override int GetHashCode() => RoundTo(0.000000001m, RoundingMode.Down).GetHashCode(); // one for all ways to write a value

    /// <summary>The multiple of <paramref name="step"/> that <paramref name="mode"/> asks for.</summary>
    public decimal RoundTo(decimal step, RoundingMode mode)
    {
        if (_denominatorLessOne == 0 && mode == RoundingMode.HalfUp)
        {
            if (step == 0.01m) return decimal.Round(_numerator, 2, MidpointRounding.AwayFromZero);
            if (step == 1m) return decimal.Round(_numerator, 0, MidpointRounding.AwayFromZero);
        }
        decimal divisor = MultiplyExact(step, Denominator);
        decimal remainder = _numerator % divisor; // sign of the numerator
        decimal steps = decimal.Truncate((_numerator - remainder) / divisor);
        if (remainder != 0)
        {
            decimal up = mode switch
            {
                RoundingMode.Up => remainder > 0 ? 1 : 0,
                RoundingMode.Down => remainder < 0 ? -1 : 0,
                _ => Math.Abs(remainder) * 2 >= divisor ? Math.Sign(remainder) : 0,
            };
            steps += up;
        }
        return steps * step;
    }

    /// <summary>For display: at most so many decimals, half up, without trailing zeros.</summary>
    public string ToText(int decimalsMax) => DecimalText.Trimmed(AtMost(decimalsMax));

    /// <summary>At most so many decimals, half up.</summary>
    internal decimal AtMost(int decimals) =>
        IsDecimal && _numerator.Scale <= decimals ? _numerator : RoundTo(new(1, 0, 0, false, (byte)decimals), RoundingMode.HalfUp);

    /// <summary>Exact: <c>24/31</c>, <c>195</c>, <c>0.75</c>.</summary>
    public override string ToString()
    {
        Span<char> text = stackalloc char[DecimalText.LengthMax];
        return new string(text[..Write(text)]);
    }

    /// <summary>As <see cref="ToString"/>, into <paramref name="text"/> of <see cref="DecimalText.LengthMax"/>.</summary>
    /// <returns>Its length.</returns>
    internal int Write(Span<char> text)
    {
        ExactFraction lowest = Reduced(_numerator, Denominator);
        int length = DecimalText.WriteTrimmed(lowest._numerator, text);
        if (lowest.IsDecimal) return length;
        text[length++] = '/';
        lowest.Denominator.TryFormat(text[length..], out int digits, default, CultureInfo.InvariantCulture);
        return length + digits;
    }

    private static ExactFraction Make(decimal numerator, long a, long b)
    {
        if (a == 1) return new(numerator, b);
        if (b == 1) return new(numerator, a);
        long denominator = checked(a * b);
        return denominator > ReduceAbove ? Reduced(numerator, denominator) : new(numerator, denominator);
    }

    private static ExactFraction Reduced(decimal numerator, long denominator)
    {
        if (denominator == 1) return new(numerator, 1);
        if (numerator == 0) return default;
        // Only the denominator's factors matter: take the numerator's mantissa modulo the denominator, then Euclid on longs.
        decimal whole = numerator;
        decimal scale = 1;
        while (whole.Scale > 0 && decimal.Truncate(whole) != whole)
        {
            whole = MultiplyExact(whole, 10);
            scale *= 10;
        }
        // numerator = whole / scale: a common factor of whole and denominator may be divided out of both.
        long a = decimal.ToInt64(Math.Abs(decimal.Truncate(whole)) % denominator), b = denominator;
        while (a != 0) (a, b) = (b % a, a);
        if (b == 1) return new(numerator, denominator);
        decimal reduced = decimal.Truncate(whole) / b;
        return new(scale == 1 ? reduced : reduced / scale, denominator / b);
    }

    private static decimal MultiplyExact(decimal left, decimal right)
    {
        decimal product = left * right;
        if (product.Scale != left.Scale + right.Scale && left != 0 && right != 0) ThrowLost();
        return product;
    }

    private static decimal AddExact(decimal left, decimal right)
    {
        decimal sum = left + right;
        if (sum.Scale < Math.Max(left.Scale, right.Scale)) ThrowLost();
        return sum;
    }

    private static void ThrowLost() => throw new OverflowException("A figure needs more than 28 digits.");
}
