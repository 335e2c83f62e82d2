using System.Globalization;
using Praman.Dlms;
using Praman.Dlms.Axdr;
using Praman.Dlms.Explain;
using Praman.Metering;

namespace Praman.Cli.Meters;

/// <summary>Values of a meter as numbers, times and text.</summary>
internal static class MeterValues
{
    private const int ScalerMax = 12;
    private const decimal WattHoursAKilowattHour = 1_000m, JoulesAGigajoule = 1_000_000_000m;

    /// <summary>A decimal, scaled; a boolean; text, a time as text; null where the meter says nothing.</summary>
    public static object? Of(in CosemData data, int attribute, ScalerUnit? scaler)
    {
        if (data.IsNull) return null;
        if (data.Type == CosemDataType.Boolean && data.TryGetInt64(out long truth)) return truth != 0;
        if ((attribute == 5 || data.OctetSpan.Length == CosemDateTime.Length) && data.TryGetDateTime(out CosemDateTime time)) return time.ToString();
        if (data.Count == 0 && data.TryGetNumber(out decimal number)) return attribute == 2 ? Scaled(number, scaler?.Scaler ?? 0) : number;
        return data.Text ?? DataJson.Value(data)?.ToJsonString() ?? data.ToString();
    }

    /// <summary>An energy in kWh or GJ, as it is billed; null for what is billed in the unit that it is read in.</summary>
    public static string? Billed(decimal number, Unit unit) => unit switch
    {
        Unit.WattHour => string.Create(CultureInfo.InvariantCulture, $"{number / WattHoursAKilowattHour} kWh"),
        Unit.Joule => string.Create(CultureInfo.InvariantCulture, $"{number / JoulesAGigajoule} GJ"),
        _ => null,
    };

    private static decimal Scaled(decimal number, int scaler)
    {
        decimal power = 1;
        for (int i = 0; i < Math.Min(Math.Abs(scaler), ScalerMax); i++) power *= 10;
        return scaler < 0 ? number / power : number * power;
    }
}
