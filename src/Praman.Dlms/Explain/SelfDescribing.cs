using System.Text.Json.Nodes;
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
