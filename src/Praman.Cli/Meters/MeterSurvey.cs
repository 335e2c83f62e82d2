using NodaTime;

namespace Praman.Cli.Meters;

/// <summary>One value of a meter in engineering terms.</summary>
/// <param name="Name">What it is, in words.</param>
/// <param name="Value">The value as text, scaled; null where the meter refused it.</param>
/// <param name="Unit">Symbol of its unit; empty where it has none.</param>
internal sealed record MeterValue(string Obis, int Attribute, string Name, string? Value, string Unit);

/// <summary>A row of the block load: the interval that ended then.</summary>
internal sealed record BlockLoadEntry(OffsetDateTime End, IReadOnlyList<string?> Values);

/// <summary>A day of block load.</summary>
/// <param name="Expected">Rows of a whole day, 23 and 25 hours included; null where the meter does not say its period.</param>
internal sealed record BlockLoadDay(LocalDate Day, int PeriodMinutes, int? Expected, IReadOnlyList<MeterValue> Columns, IReadOnlyList<BlockLoadEntry> Rows);

/// <summary>An event, with its number and words.</summary>
internal sealed record MeterEventEntry(OffsetDateTime? At, int Code, string Words, long? Sequence);

/// <summary>What <c>praman read</c> found out of a meter.</summary>
internal sealed class MeterSurvey
{
    public required string Address { get; init; }

    public string? SystemTitle { get; set; }

    public OffsetDateTime? Clock { get; set; }

    public Duration? ClockDrift { get; set; }

    public List<MeterValue> Identity { get; } = [];

    public List<MeterValue> Instantaneous { get; } = [];

    /// <summary>Registers that the meter lists besides those in <see cref="Instantaneous"/>.</summary>
    public int RegistersLeftOut { get; set; }

    public BlockLoadDay? BlockLoad { get; set; }

    public List<MeterEventEntry> Events { get; } = [];
}
