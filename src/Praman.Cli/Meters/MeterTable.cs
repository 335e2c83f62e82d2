using NodaTime;

namespace Praman.Cli.Meters;

/// <summary>A column of what was read: an attribute, its unit, and the digits after its point.</summary>
/// <param name="Obis">Logical name.</param>
/// <param name="Attribute">Attribute of it.</param>
/// <param name="Name">In words.</param>
/// <param name="Unit">Symbol; empty where there is none.</param>
/// <param name="Digits">Digits after the point of its numbers.</param>
internal sealed record MeterColumn(string Obis, int Attribute, string Name, string Unit, int Digits)
{
    /// <summary><c>1-0:1.29.0.255 Wh</c>, with the attribute where it is not the value.</summary>
    public string Title => Obis + (Attribute == 2 ? "" : $":{Attribute}") + (Unit.Length == 0 ? "" : " " + Unit);
}

/// <summary>A row: its time where it has one, and a value a column: a number, a text, or null for what the meter does not say.</summary>
internal sealed record MeterRow(OffsetDateTime? At, IReadOnlyList<object?> Values);

/// <summary>Rows of a profile, in engineering terms.</summary>
internal sealed record MeterTable(string Obis, string Name, IReadOnlyList<MeterColumn> Columns, IReadOnlyList<MeterRow> Rows);
