using Praman.Billing.Tariffs;

namespace Praman.Billing.Prepayment;

/// <summary>Whether units used later in a period can change what earlier units cost.</summary>
public static class ConditionalRules
{
    /// <summary>True for a tariff with a rule chosen by the units of the period: a table, subsidy, rebate or line under a condition, one rate for
    /// all units, a fixed charge by consumption, a free block.</summary>
    public static bool Has(Tariff tariff)
    {
        ArgumentNullException.ThrowIfNull(tariff);
        foreach (TariffComponent component in tariff.Components)
        {
            if (IsByUnits(component.When)) return true;
            bool has = component switch
            {
                BlockCharge blocks => blocks.Tables.Any(t => t.IsWhole || IsByUnits(t.When)),
                UnitCharge unit => unit.Tables.Any(t => IsByUnits(t.When)),
                FixedCharge f => f.Derive is not null || f.BandsByKwh.Count > 1 || f.SinglePhase?.Count > 1 || f.ThreePhase?.Count > 1,
                _ => false,
            };
            if (has) return true;
        }
        return tariff.Subsidies.Any(s => s is FreeUnits || IsByUnits(s.When) || (s is ConsumerPaysTable table && table.Tables.Any(t => t.IsWhole || IsByUnits(t.When)))) ||
            tariff.Rebates.Any(r => IsByUnits(r.When));
    }

    private static bool IsByUnits(TariffCondition? when) => when is { Kwh: not null } or { KwhMonth: not null };
}
