using System.Diagnostics.CodeAnalysis;
using Praman.Billing.Rating;
using Praman.Billing.Tariffs;
using Praman.Billing.Verification;
using Praman.Metering;

namespace Praman.Billing.Comparison;

/// <summary>One of the two bills of a comparison.</summary>
/// <param name="Determinants">What it was rated from, with its period.</param>
/// <param name="ChargesPaise">Sum of the lines that are no subsidy and no rebate.</param>
/// <param name="ReliefPaise">Sum of the subsidy and rebate lines: zero or below.</param>
/// <param name="TotalPaise">What it asks for by its own lines; the rest to the sum of the lines is its rounding.</param>
/// <param name="EstimatedKwh">Of its energy, what was estimated.</param>
/// <param name="DuesPaise">What was open from before when it was issued; below zero: paid in advance.</param>
public sealed record ComparedBill(
    CompiledTariff Tariff, BillingDeterminants Determinants, long ChargesPaise, long ReliefPaise, long TotalPaise, decimal EstimatedKwh, long DuesPaise = 0)
{
    private const decimal WhPerKwh = 1000m;

    /// <summary>A bill as it was issued, with the tariff that its evidence holds.</summary>
    /// <returns>False where a file is not of the form, or the bill is of the short form.</returns>
    public static bool TryRead(BillFiles files, long duesPaise, [NotNullWhen(true)] out ComparedBill? compared)
    {
        ArgumentNullException.ThrowIfNull(files);
        compared = null;
        if (!BillDocument.TryRead(files.Bill, out BillDocument? bill, out _) || bill.IsShort || files.Evidence is not { Length: <= BillFiles.LengthMax } octets) return false;
        if (!new EvidenceReader().TryRead(octets, out EvidenceDocument? evidence, out _) || EvidencedTariff.Read(evidence).Compiled is not { } tariff) return false;
        long charges = 0, relief = 0;
        foreach (BillLine line in bill.Lines)
        {
            if (bill.Is(line.Group, "subsidy") || bill.Is(line.Group, "rebate")) relief += line.Paise;
            else charges += line.Paise;
        }
        compared = new(tariff, bill.Determinants(evidence, DayBlockEnergy.IsAskedForBy(tariff.Tariff)), charges, relief, bill.TotalPaise, bill.Readings.EstimatedWh / WhPerKwh, duesPaise);
        return true;
    }

    /// <summary>A bill that was rated and not issued; null where a line of it is open.</summary>
    public static ComparedBill? Of(CompiledTariff tariff, BillingDeterminants determinants, RatedBill bill, decimal estimatedKwh, long duesPaise)
    {
        ArgumentNullException.ThrowIfNull(bill);
        if (bill is not { Gross: not null, Total: { } total }) return null;
        long charges = ChargesOf(bill), relief = bill.Lines.Where(IsRelief).Sum(line => Paise(line.Amount, bill.Currency));
        return new(tariff, determinants, charges, relief, Paise(total, bill.Currency), estimatedKwh, duesPaise);
    }

    /// <summary>Sum of the lines that are no subsidy and no rebate.</summary>
    internal static long ChargesOf(RatedBill bill) => bill.Lines.Where(line => !IsRelief(line)).Sum(line => Paise(line.Amount, bill.Currency));

    private static bool IsRelief(RatedLine line) => line.Group is ChargeGroup.Subsidy or ChargeGroup.Rebate;

    private static long Paise(decimal amount, string currency) => new Money(amount, currency).ToMinorUnits();
}
