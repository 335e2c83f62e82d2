using System.Text.Json.Nodes;
using NodaTime;
using NodaTime.Text;
using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Explain;

/// <summary>
/// Finds values that stand beside their OBIS code: a structure of code, value and maybe scaler and unit; or a flat list in which a code is
/// followed by its value (and maybe scaler and unit).
/// </summary>
public static class SelfDescribing
{
    private const int DepthMax = 8;

    private static readonly LocalDateTimePattern LocalTime = LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd HH:mm:ss");

    /// <summary>The readings of a body, in order; empty where it does not describe itself.</summary>
    public static IReadOnlyList<DlmsReading> Find(in CosemData body)
    {
        var readings = new List<DlmsReading>();
        Collect(body, readings, 0);
        return readings;
    }

    /// <summary>OBIS → raw, scaler, unit, as in the vectors; the first of a code stands.</summary>
    internal static void AddTo(JsonObject values, IReadOnlyList<DlmsReading> readings)
    {
        foreach (DlmsReading reading in readings)
        {
            string key = reading.Code.ToDottedString();
            if (values.ContainsKey(key)) continue;
            var value = new JsonObject { ["raw"] = DataJson.Value(reading.Raw) };
            if (reading.ScalerUnit is { } known)
            {
                value["scaler"] = known.Scaler;
                value["unit"] = (byte)known.Unit;
            }
            values[key] = value;
        }
    }

    /// <summary>
    /// OBIS → what the value says, as in the vectors: raw × 10^scaler with a decimal place at least, text of printable octets, the local time of a
    /// moment. The first of a code stands; octets that say none of these are left out.
    /// </summary>
    internal static void AddScaledTo(JsonObject scaledValues, IReadOnlyList<DlmsReading> readings)
    {
        foreach (DlmsReading reading in readings)
        {
            string key = reading.Code.ToDottedString();
            if (!scaledValues.ContainsKey(key) && Scaled(reading) is { } value) scaledValues[key] = value;
        }
    }

    private static JsonValue? Scaled(DlmsReading reading)
    {
        if (reading.Scaled is { } number) return JsonValue.Create(WithDecimalPlace(number));
        if (reading.Raw.TryGetDouble(out double real)) return double.IsFinite(real) ? JsonValue.Create(real * Math.Pow(10, reading.ScalerUnit?.Scaler ?? 0)) : null;
        if (DataWords.Printable(reading.Raw) is { } text) return JsonValue.Create(text);
        return reading.Raw.TryGetDateTime(out CosemDateTime moment) && DataWords.Plausible(moment) && moment.TryToLocal(out LocalDateTime local)
            ? JsonValue.Create(LocalTime.Format(local))
            : null;
    }

    // 237 is written 237.0, and 2.50 is 2.5: a reader sees that it is no whole raw number, and no more places than there are.
    private static decimal WithDecimalPlace(decimal number)
    {
        decimal shortest = number / 1.0000000000000000000000000000m;
        return shortest.Scale > 0 || Math.Abs(shortest) > decimal.MaxValue / 10 ? shortest : shortest * 1.0m;
    }

    /// <summary>True of a code beside which its value stands. A push tells by the name of its push setup (0-b:25.9.e, IEC 62056-6-1) which it is; what comes next is another object's.</summary>
    internal static bool NamesAValue(ObisCode code) => code is not { A: 0, C: 25, D: 9 };

    private static void Collect(in CosemData list, List<DlmsReading> readings, int depth)
    {
        if (depth > DepthMax) return;
        ReadOnlySpan<CosemData> items = list.Items;
        for (int index = 0; index < items.Length; index++)
        {
            CosemData item = items[index];
            if (TryGetCode(item, out ObisCode code))
            {
                if (!NamesAValue(code) || index + 1 >= items.Length || items[index + 1].Count > 0) continue; // a code without a value beside it
                CosemData raw = items[++index];
                ScalerUnit? scalerUnit = index + 1 < items.Length && items[index + 1].TryGetScalerUnit(out ScalerUnit given) ? given : null;
                if (scalerUnit is not null) index++;
                readings.Add(new(code, raw, scalerUnit));
            }
            else if (item.Count > 0) Collect(item, readings, depth + 1);
        }
    }

    private static bool TryGetCode(in CosemData data, out ObisCode code) => data.TryGetObisCode(out code) && code.A <= 9 && code.F is 255 or < 100;
}
