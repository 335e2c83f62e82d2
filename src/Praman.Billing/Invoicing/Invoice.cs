using NodaTime;
using Praman.Billing.Rating;
using Praman.Billing.Verification;
using Praman.Metering;

namespace Praman.Billing.Invoicing;

/// <summary>What an invoice is made of, beside the tariff.</summary>
/// <param name="BillNo">Number of the bill, unique in the utility.</param>
/// <param name="Utility">Name of the utility, as it stands on the bill.</param>
/// <param name="UsagePoint">Whose supply.</param>
/// <param name="Usage">Readings in force, their registers and the gate's verdict.</param>
/// <param name="Issued">Local date of issue.</param>
/// <param name="External">Values that come with the bill, by the tariff's names; null: none.</param>
public sealed record InvoiceRequest(
    string BillNo, string Utility, UsagePoint UsagePoint, BillableUsage Usage, LocalDate Issued, IReadOnlyDictionary<string, decimal>? External = null)
{
    /// <summary>Further values of the period that the bill states.</summary>
    public StatedInputs Stated { get; init; } = StatedInputs.None;

    /// <summary>The bill that this one stands in the place of; null: it is the first of its days.</summary>
    public BillDocument? Revises { get; init; }
}

/// <summary>An issued bill: its octets are what is logged, stored, shown and checked (docs/reference/proof-format.md).</summary>
/// <param name="Rated">The lines and totals.</param>
/// <param name="Bytes">Canonical bill.json.</param>
public sealed record Invoice(string BillNo, UsagePointId UsagePoint, DateInterval Period, RatedBill Rated, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>What is asked for, in minor units.</summary>
    public long TotalMinorUnits { get; } = new Money(Rated.Total ?? 0, Rated.Currency).ToMinorUnits();
}

/// <summary>An invoice, or why there is none.</summary>
public readonly record struct InvoiceResult(Invoice? Invoice, RatingRefusal? Refusal);
