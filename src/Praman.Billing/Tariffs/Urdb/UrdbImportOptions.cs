using NodaTime;

namespace Praman.Billing.Tariffs.Urdb;

/// <summary>What a rate of the Utility Rate Database does not say itself.</summary>
public sealed record UrdbImportOptions
{
    /// <summary>Id of the tariff; null: <c>us-urdb-</c> and the rate's label.</summary>
    public string? Id { get; init; }

    /// <summary>ISO 4217; null: USD for a rate of the United States, and a fault for one of elsewhere.</summary>
    public string? Currency { get; init; }

    /// <summary>Zone of the hours of the schedules, of the tz database; null: that of the connection which is billed.</summary>
    public string? TimeZone { get; init; }

    /// <summary>First day in force, where the rate has no start date.</summary>
    public LocalDate? ValidFrom { get; init; }

    /// <summary>Day on which the rate was taken from the database.</summary>
    public required LocalDate Collected { get; init; }

    /// <summary>Writes net metering into the tariff where the rate offers it: every bill then asks for the export.</summary>
    public bool HasNetMetering { get; init; }

    /// <summary>Charges that the form cannot hold are left out, and the tariff is marked <c>partial</c>: then no bill may be issued with it.</summary>
    public bool AllowsPartial { get; init; }
}

/// <summary>What became of a rate.</summary>
/// <param name="TariffId">Null where there is no tariff.</param>
/// <param name="File">A tariff file of the form <c>praman-tariff/1</c>, UTF-8; empty where there are faults.</param>
/// <param name="Faults">What cannot be read, or not be carried over.</param>
/// <param name="Notes">What whoever bills with the tariff should know; they stand in the file too.</param>
public sealed record UrdbImportResult(string? TariffId, ReadOnlyMemory<byte> File, IReadOnlyList<TariffFault> Faults, IReadOnlyList<string> Notes);
