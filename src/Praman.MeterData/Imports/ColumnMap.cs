using System.Diagnostics.CodeAnalysis;

namespace Praman.MeterData.Imports;

/// <summary>Unit of the values of an interval file.</summary>
public enum IntervalFileUnit
{
    WattHour,
    KilowattHour,
}

/// <summary>
/// Where an interval file keeps what: names of its columns, and how its stamps and values are meant. As text:
/// <c>meter=ID,ts=Time,value=Usage,unit=kWh,stamp=end,separator=;</c>; what is left out keeps its default.
/// </summary>
/// <param name="Meter">Column that names the meter; empty where the file has one meter.</param>
/// <param name="Timestamp">Column of local time, <c>YYYY-MM-DDTHH:MM</c>; a space for the T and seconds are read too.</param>
/// <param name="Value">Column of energy in the interval.</param>
/// <param name="StampIsEnd">The stamp names the end of the interval, not its start.</param>
public sealed record ColumnMap(
    string Meter = "meter", string Timestamp = "ts", string Value = "wh", IntervalFileUnit Unit = IntervalFileUnit.WattHour, bool StampIsEnd = false, char Separator = ',')
{
    /// <summary>Whether the unit was named, and not left at its default.</summary>
    public bool IsUnitNamed { get; init; }

    /// <summary>Reads the text form.</summary>
    /// <param name="error">Which part is not understood, and what was expected.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out ColumnMap? map, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        map = new ColumnMap();
        foreach (string part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? part : part[..equals], value = equals < 0 ? "" : part[(equals + 1)..];
            ColumnMap? next = (name, value) switch
            {
                ("meter", _) when equals > 0 => map with { Meter = value },
                ("ts", not "") => map with { Timestamp = value },
                ("value", not "") => map with { Value = value },
                ("unit", "Wh" or "wh") => map with { Unit = IntervalFileUnit.WattHour, IsUnitNamed = true },
                ("unit", "kWh" or "kwh") => map with { Unit = IntervalFileUnit.KilowattHour, IsUnitNamed = true },
                ("stamp", "start") => map with { StampIsEnd = false },
                ("stamp", "end") => map with { StampIsEnd = true },
                ("separator", ";") => map with { Separator = ';' },
                ("separator", "tab") => map with { Separator = '\t' },
                ("separator", "comma") => map with { Separator = ',' },
                _ => null,
            };
            if (next is null)
            {
                error = $"'{part}' is not a part of a column map: expected meter=, ts=, value=, unit=Wh|kWh, stamp=start|end, separator=;|tab|comma";
                map = null;
                return false;
            }
            map = next;
        }
        error = null;
        return true;
    }
}
