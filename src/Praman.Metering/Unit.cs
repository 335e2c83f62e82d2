using System.Collections.Frozen;

namespace Praman.Metering;

/// <summary>Physical units with their DLMS codes (IEC 62056-6-2, table of units); those that electricity meters use.</summary>
public enum Unit : byte
{
    Unknown = 0,
    Year = 1, Month = 2, Week = 3, Day = 4, Hour = 5, Minute = 6, Second = 7,
    DegreeAngle = 8, DegreeCelsius = 9, Currency = 10, Metre = 11, MetrePerSecond = 12,
    CubicMetre = 13, CubicMetreCorrected = 14, CubicMetrePerHour = 15, Litre = 19, Kilogram = 20, Newton = 21, Pascal = 23, Bar = 24, Joule = 25,
    JoulePerHour = 26, Watt = 27, VoltAmpere = 28, Var = 29, WattHour = 30, VoltAmpereHour = 31, VarHour = 32, Ampere = 33, Coulomb = 34,
    Volt = 35, VoltPerMetre = 36, Farad = 37, Ohm = 38, Hertz = 44, WattHourPulse = 45, VarHourPulse = 46, VoltAmpereHourPulse = 47,
    Percentage = 56, AmpereHour = 57, DecibelMilliwatt = 70, Decibel = 72, Other = 254, Count = 255,
}

/// <summary>Symbols of units, as people write them.</summary>
public static class Units
{
    private static readonly FrozenDictionary<Unit, string> Symbols = new Dictionary<Unit, string>
    {
        [Unit.Year] = "a", [Unit.Month] = "mo", [Unit.Week] = "wk", [Unit.Day] = "d", [Unit.Hour] = "h", [Unit.Minute] = "min", [Unit.Second] = "s",
        [Unit.DegreeAngle] = "°", [Unit.DegreeCelsius] = "°C", [Unit.Metre] = "m", [Unit.MetrePerSecond] = "m/s", [Unit.CubicMetre] = "m³",
        [Unit.CubicMetreCorrected] = "m³", [Unit.CubicMetrePerHour] = "m³/h", [Unit.Litre] = "l", [Unit.Kilogram] = "kg", [Unit.Newton] = "N",
        [Unit.Pascal] = "Pa", [Unit.Bar] = "bar", [Unit.Joule] = "J", [Unit.JoulePerHour] = "J/h", [Unit.Watt] = "W", [Unit.VoltAmpere] = "VA",
        [Unit.Var] = "var", [Unit.WattHour] = "Wh", [Unit.VoltAmpereHour] = "VAh", [Unit.VarHour] = "varh", [Unit.Ampere] = "A", [Unit.Coulomb] = "C",
        [Unit.Volt] = "V", [Unit.VoltPerMetre] = "V/m", [Unit.Farad] = "F", [Unit.Ohm] = "Ω", [Unit.Hertz] = "Hz", [Unit.Percentage] = "%",
        [Unit.AmpereHour] = "Ah", [Unit.DecibelMilliwatt] = "dBm", [Unit.Decibel] = "dB",
    }.ToFrozenDictionary();

    /// <summary>The symbol; empty for a count or an unknown unit.</summary>
    public static string Symbol(this Unit unit) => Symbols.TryGetValue(unit, out string? symbol) ? symbol : "";
}

/// <summary>Scaler and unit of a register: engineering value = raw × 10^<see cref="Scaler"/>, in <see cref="Unit"/> (IEC 62056-6-2, class 3 attribute 3).</summary>
public readonly record struct ScalerUnit(sbyte Scaler, Unit Unit);
