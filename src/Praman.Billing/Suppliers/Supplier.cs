using NodaTime;
using Praman.Billing.Tariffs;

namespace Praman.Billing.Suppliers;

/// <summary>What a supplier states of itself, in the form <c>praman-supplier/1</c>. What it does not state is null or empty, and a bill says so:
/// nothing is filled in for it.</summary>
public sealed record Supplier
{
    public required string Id { get; init; }
    public required string Name { get; init; }

    /// <summary>How tariffs and bills write it.</summary>
    public required IReadOnlyList<string> Names { get; init; }
    public required string Country { get; init; }
    public string? State { get; init; }

    /// <summary>Office, telephone and web site for questions.</summary>
    public ContactPoint? Contact { get; init; }
    public IReadOnlyList<PaymentWay> PaymentWays { get; init; } = [];
    public IReadOnlyList<DueRule> DueRules { get; init; } = [];
    public IReadOnlyList<DisconnectionRule> DisconnectionRules { get; init; } = [];

    /// <summary>Where a complaint goes that the supplier did not settle.</summary>
    public ContactPoint? Forum { get; init; }

    /// <summary>Where it goes from there.</summary>
    public ContactPoint? Ombudsman { get; init; }

    /// <summary>What holds for a bill of that date; null where nothing is stated.</summary>
    public DueRule? DueRuleOn(LocalDate issued) => DueRules.FirstOrDefault(rule => rule.Span.Contains(issued));

    /// <summary>What holds for a bill of that date; null where nothing is stated.</summary>
    public DisconnectionRule? DisconnectionRuleOn(LocalDate issued) => DisconnectionRules.FirstOrDefault(rule => rule.Span.Contains(issued));
}

/// <summary>Somebody who can be reached.</summary>
/// <param name="Clause">The clause that sets it up; null where none is named.</param>
public sealed record ContactPoint(
    string? Name, string? Address, IReadOnlyList<string> Telephones, string? Email, string? Web, string? Clause, IReadOnlyList<TariffSource> Sources);

/// <summary>A way to pay.</summary>
public sealed record PaymentWay(string Text, IReadOnlyList<TariffSource> Sources);

/// <summary>The days on which a rule holds, both included; null: no beginning or no end is known.</summary>
public readonly record struct RuleSpan(LocalDate? From, LocalDate? To)
{
    public bool Contains(LocalDate day) => !(day < From) && !(day > To);
}

/// <summary>When a bill has to be paid.</summary>
/// <param name="Days">Days after the day from which they count.</param>
/// <param name="Clause">Instrument and clause.</param>
public sealed record DueRule(int Days, DueFrom From, string Clause, RuleSpan Span, IReadOnlyList<TariffSource> Sources);

/// <summary>The day from which the days until payment count.</summary>
public enum DueFrom
{
    /// <summary>The date of the bill.</summary>
    Issue,

    /// <summary>The day of the last reading that is billed.</summary>
    Reading,
}

/// <summary>The notice that must come before the supply is cut for a bill that was not paid.</summary>
/// <param name="ClearDays">Days between the notice and the cut; neither the day of service nor that of the cut counts.</param>
/// <param name="Clause">Instrument and clause.</param>
public sealed record DisconnectionRule(int ClearDays, string Clause, RuleSpan Span, IReadOnlyList<TariffSource> Sources);
