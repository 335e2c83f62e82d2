using NodaTime;
using Praman.Billing.Tariffs;
using Praman.Proof;

namespace Praman.Billing.Prepayment;

/// <summary>One posting to the wallet for one day. Never changed: what turns out wrong is mirrored by a posting that links to it.</summary>
public sealed record DayPosting
{
    /// <summary>Number within the period, from 1, in the order of posting.</summary>
    public required int Sequence { get; init; }

    /// <summary>The day that it is for, whenever it was posted.</summary>
    public required LocalDate Date { get; init; }
    public required DayUse Use { get; init; }

    /// <summary>What the use of this day costs by the rules that hold on it: B(k) − B(k − 1), line by line. Lines without an amount are absent.</summary>
    public required IReadOnlyList<PostingLine> Lines { get; init; }

    /// <summary>What earlier days of the period cost more or less because a rule changed on this day; empty on all other days.</summary>
    public required IReadOnlyList<PostingLine> Repricing { get; init; }

    /// <summary>Sum of both; positive takes from the wallet.</summary>
    public required decimal Deduction { get; init; }

    /// <summary>Sum of <see cref="Repricing"/>.</summary>
    public decimal RepricingTotal => PostingLine.Sum(Repricing);

    /// <summary>The posting that this one mirrors exactly; null: a posting of its own.</summary>
    public int? Reverses { get; init; }

    public required Digest TariffHash { get; init; }

    /// <summary>The exact mirror.</summary>
    internal DayPosting Mirrored(int sequence) => this with
    {
        Sequence = sequence,
        Lines = PostingLine.Negated(Lines),
        Repricing = PostingLine.Negated(Repricing),
        Deduction = -Deduction,
        Reverses = Sequence,
    };
}

/// <summary>An amount of one tariff line.</summary>
public readonly record struct PostingLine(string Id, ChargeGroup Group, decimal Amount)
{
    public static decimal Sum(IReadOnlyList<PostingLine> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        decimal sum = 0;
        for (int i = 0; i < lines.Count; i++) sum += lines[i].Amount;
        return sum;
    }

    internal static IReadOnlyList<PostingLine> Negated(IReadOnlyList<PostingLine> lines) =>
        lines.Count == 0 ? lines : [.. lines.Select(l => l with { Amount = -l.Amount })];
}
