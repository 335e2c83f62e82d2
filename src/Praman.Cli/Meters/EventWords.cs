using System.Collections.Frozen;
using System.Globalization;

namespace Praman.Cli.Meters;

/// <summary>Event numbers of IS 15959 in words.</summary>
internal static class EventWords
{
    private static readonly FrozenDictionary<int, string> Words = new Dictionary<int, string>
    {
        [1] = "R phase voltage missing", [2] = "R phase voltage back", [3] = "Y phase voltage missing", [4] = "Y phase voltage back",
        [5] = "B phase voltage missing", [6] = "B phase voltage back", [7] = "over voltage", [8] = "over voltage ended", [9] = "low voltage",
        [10] = "low voltage ended", [11] = "voltage unbalance", [12] = "voltage unbalance ended", [51] = "R phase current reversed",
        [52] = "R phase current restored", [65] = "current bypass", [66] = "current bypass ended", [67] = "over current", [68] = "over current ended",
        [69] = "earth loading", [70] = "earth loading ended", [101] = "power failed", [102] = "power came back", [151] = "clock set",
        [152] = "demand period set", [153] = "capture period set", [154] = "billing schedule set", [155] = "activity calendar set",
        [157] = "new firmware activated", [158] = "load limit set", [159] = "load limit enabled", [160] = "load limit disabled",
        [161] = "reader's secret changed", [162] = "utility's key changed", [163] = "firmware key changed", [164] = "global keys changed",
        [166] = "maximum demand reset", [201] = "magnet near", [202] = "magnet gone", [203] = "neutral disturbed", [204] = "neutral undisturbed",
        [205] = "very low power factor", [206] = "power factor restored", [207] = "neutral missing", [208] = "neutral back",
        [209] = "communication module removed", [210] = "communication module put back", [211] = "changed to post-paid", [212] = "changed to prepaid",
        [215] = "overload", [216] = "overload ended", [251] = "cover opened", [253] = "relay welded", [301] = "supply disconnected", [302] = "supply connected",
    }.ToFrozenDictionary();

    public static string Of(int code) => Words.TryGetValue(code, out string? words) ? words : string.Create(CultureInfo.InvariantCulture, $"event {code}");
}
