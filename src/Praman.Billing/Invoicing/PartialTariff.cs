using Praman.Billing.Rating;
using Praman.Billing.Tariffs;

namespace Praman.Billing.Invoicing;

/// <summary>Why no bill is issued with a tariff in which lines of the real bill are missing.</summary>
public static class PartialTariff
{
    /// <summary>Null where the tariff is not partial. Names the numbers that are not published, else what the tariff's notes say.</summary>
    public static RatingRefusal? RefusalOf(Tariff tariff)
    {
        ArgumentNullException.ThrowIfNull(tariff);
        if (tariff.Status != TariffStatus.Partial) return null;
        IReadOnlyList<string> places = MissingRates.Of(tariff);
        string missing = places.Count > 0 ? string.Join(", ", places) : "status";
        string notes = tariff.Notes.Count > 0 ? " Its notes: " + string.Join(" ", tariff.Notes) : "";
        return new(RefusalCodes.TariffPartial, $"Tariff '{tariff.Id}' is partial: lines of the real bill are missing in it, so no bill is issued with it.{notes}", missing);
    }
}
