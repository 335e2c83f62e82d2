using Praman.Billing.Rating;

namespace Praman.Billing.Tariffs;

/// <summary>To which multiple, and which way, a figure is rounded.</summary>
public sealed record Rounding(decimal Step, RoundingMode Mode)
{
    /// <summary>Half up to a hundredth: a paisa, a cent.</summary>
    public static Rounding HalfUpCent { get; } = new(0.01m, RoundingMode.HalfUp);

    /// <summary>Half up to a whole unit.</summary>
    public static Rounding HalfUpUnit { get; } = new(1m, RoundingMode.HalfUp);

    /// <summary>The rounded figure. Halves go away from zero, so that a credit rounds as the charge that it mirrors.</summary>
    public decimal Apply(ExactFraction value) => value.RoundTo(Step, Mode);
}

/// <summary>Which way a figure goes that is not a multiple of the step.</summary>
public enum RoundingMode
{
    /// <summary>To the nearest; halves away from zero.</summary>
    HalfUp,

    /// <summary>To the next multiple above.</summary>
    Up,

    /// <summary>To the next multiple below.</summary>
    Down,
}
