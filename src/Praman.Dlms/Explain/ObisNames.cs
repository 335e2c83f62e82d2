using System.Collections.Frozen;
using System.Globalization;
using Praman.Metering;

namespace Praman.Dlms.Explain;

/// <summary>OBIS codes in words: by rule for electricity, by table for the objects of IS 15959, then by table for abstract objects (IEC 62056-6-1).</summary>
public static partial class ObisNames
{
    private const byte Current = 255;

    private static readonly FrozenDictionary<ObisCode, string> Known = new Dictionary<string, string>
    {
        ["0.0.1.0.0"] = "clock", ["0.0.42.0.0"] = "COSEM logical device name", ["0.0.40.0.0"] = "current association",
        ["0.0.40.0.1"] = "association of the public client", ["0.0.40.0.2"] = "association of the meter reader", ["0.0.40.0.3"] = "association for utility setting",
        ["0.0.40.0.4"] = "association for push", ["0.0.40.0.5"] = "association for firmware upgrade", ["0.0.40.0.6"] = "association of the in-home display",
        ["0.0.43.0.2"] = "security setup of the meter reader", ["0.0.43.0.3"] = "security setup for utility setting", ["0.0.43.0.4"] = "security setup for push",
        ["0.0.43.0.5"] = "security setup for firmware upgrade", ["0.0.43.0.0"] = "security setup",
        ["0.0.43.1.0"] = "invocation counter", ["0.0.43.1.1"] = "invocation counter of the public client", ["0.0.43.1.2"] = "invocation counter of the meter reader",
        ["0.0.43.1.3"] = "invocation counter for utility setting", ["0.0.43.1.4"] = "invocation counter for push",
        ["0.0.43.1.5"] = "invocation counter for firmware upgrade", ["0.0.43.1.6"] = "invocation counter of the in-home display",
        ["0.0.96.1.0"] = "meter serial number", ["0.0.96.1.1"] = "manufacturer name", ["0.0.96.1.2"] = "device id", ["0.0.96.1.4"] = "year of manufacture",
        ["0.0.96.1.7"] = "meter type", ["0.0.94.91.9"] = "meter type (single phase, three phase)", ["0.0.94.91.11"] = "meter category",
        ["0.0.94.91.12"] = "current rating", ["1.0.0.2.0"] = "firmware version", ["1.0.0.4.2"] = "current transformer ratio", ["1.0.0.4.3"] = "voltage transformer ratio",
        ["1.0.0.8.0"] = "demand integration period", ["1.0.0.8.4"] = "capture period of the block load profile", ["1.0.0.8.5"] = "capture period of the daily load profile",
        ["0.0.94.91.10"] = "name plate profile", ["1.0.94.91.0"] = "instantaneous profile", ["1.0.94.91.3"] = "scaler profile of the instantaneous profile",
        ["1.0.99.1.0"] = "block load profile", ["1.0.94.91.4"] = "scaler profile of the block load profile", ["1.0.99.2.0"] = "daily load profile",
        ["1.0.94.91.5"] = "scaler profile of the daily load profile", ["1.0.98.1.0"] = "billing profile", ["1.0.94.91.6"] = "scaler profile of the billing profile",
        ["1.0.94.91.7"] = "scaler profile of the event profiles",
        ["0.0.99.98.0"] = "voltage events", ["0.0.99.98.1"] = "current events", ["0.0.99.98.2"] = "power events", ["0.0.99.98.3"] = "transaction events",
        ["0.0.99.98.4"] = "other events", ["0.0.99.98.5"] = "non-rollover events", ["0.0.99.98.6"] = "control events",
        ["0.0.96.11.0"] = "code of a voltage event", ["0.0.96.11.1"] = "code of a current event", ["0.0.96.11.2"] = "code of a power event",
        ["0.0.96.11.3"] = "code of a transaction event", ["0.0.96.11.4"] = "code of another event", ["0.0.96.11.5"] = "code of a non-rollover event",
        ["0.0.96.11.6"] = "code of a control event", ["0.0.96.15.0"] = "sequence number of voltage events", ["0.0.96.15.1"] = "sequence number of current events",
        ["0.0.96.15.2"] = "sequence number of power events", ["0.0.96.15.3"] = "sequence number of transaction events", ["0.0.96.15.4"] = "sequence number of other events",
        ["0.0.96.15.5"] = "sequence number of non-rollover events", ["0.0.96.15.6"] = "sequence number of control events",
        ["0.0.94.91.0"] = "cumulative tamper count", ["0.0.94.91.8"] = "cumulative power failure duration", ["0.0.94.91.13"] = "power-on time in the billing period",
        ["0.0.94.91.14"] = "cumulative power-on time", ["0.0.94.91.18"] = "event status word", ["0.0.94.91.26"] = "event status word filter",
        ["0.0.96.7.0"] = "number of power failures", ["0.0.96.2.0"] = "cumulative programming count", ["0.0.0.1.0"] = "cumulative billing count", ["0.0.0.1.2"] = "billing date",
        ["0.0.96.10.1"] = "meter health", ["0.1.96.12.5"] = "signal strength", ["0.0.96.3.10"] = "disconnect control (load switch)", ["0.0.17.0.0"] = "load limiter",
        ["1.0.13.0.0"] = "average power factor of the billing period", ["0.0.96.15.128"] = "tamper count of the period",
        ["0.0.25.9.0"] = "periodic push setup", ["0.4.25.9.0"] = "event push setup", ["0.0.15.0.0"] = "billing schedule", ["0.0.15.0.2"] = "image activation schedule",
        ["0.0.15.0.4"] = "push schedule", ["0.0.10.0.0"] = "global meter reset script", ["0.0.10.0.1"] = "billing reset script", ["0.0.10.0.107"] = "image activation script",
        ["0.0.10.0.108"] = "push script", ["0.0.13.0.0"] = "activity calendar", ["0.0.44.0.0"] = "image transfer", ["0.0.22.0.0"] = "HDLC setup", ["0.0.25.0.0"] = "TCP-UDP setup",
        ["0.0.25.1.0"] = "IPv4 setup", ["0.0.25.7.0"] = "IPv6 setup", ["0.0.96.13.0"] = "consumer message", ["0.0.96.13.1"] = "consumer message code",
        ["0.0.97.98.0"] = "alarm register", ["0.0.96.9.0"] = "ambient temperature", ["0.0.94.96.19"] = "metering mode", ["0.0.94.96.20"] = "payment mode",
        ["0.0.94.96.21"] = "last token recharge amount", ["0.0.94.96.22"] = "last token recharge time", ["0.0.94.96.23"] = "total amount at last recharge",
        ["0.0.155.1.1"] = "APN structure", ["0.0.155.1.2"] = "APN structure 2", ["1.0.96.128.25"] = "active relay time", ["1.0.96.128.30"] = "passive relay time",
        ["0.0.10.3.111"] = "cover-open reset script", ["0.0.25.9.129"] = "current bill push setup", ["0.5.25.9.0"] = "load survey push setup", ["0.6.25.9.0"] = "daily push setup",
        ["0.130.25.9.0"] = "self-registration push setup", ["0.132.25.9.0"] = "bill push setup", ["0.134.25.9.0"] = "tamper push setup",
        ["0.0.94.96.24"] = "current balance amount", ["0.0.94.96.25"] = "current balance time",
        ["1.0.81.7.1"] = "angle of voltage L2 to L1", ["1.0.81.7.2"] = "angle of voltage L3 to L1", ["1.0.81.7.12"] = "angle of voltage L3 to L2",
        ["1.1.0.2.129"] = "list version", ["1.0.0.2.129"] = "list version", ["1.1.0.0.5"] = "meter id", ["1.1.96.1.1"] = "meter type",
    }.ToFrozenDictionary(pair => ObisCode.Parse(pair.Key), pair => pair.Value);

    private static readonly string[] Quadrants = ["reactive energy Q1", "reactive energy Q2", "reactive energy Q3", "reactive energy Q4"];

    /// <summary>The code in words, <c>active energy import (+A), total</c>; null where no rule and no entry names it.</summary>
    public static string? Describe(ObisCode code)
    {
        if (Known.TryGetValue(code, out string? known)) return known;
        // What another channel's push setup is for, another meter decides: that of channel 0 is no word for it.
        bool isPush = code is { A: 0, C: 25, D: 9 };
        if (!isPush && Known.TryGetValue(new ObisCode(code.A, 0, code.C, code.D, code.E, code.F), out known)) return $"{known}, channel {code.B}";
        if (code.A == 0) return DescribeAbstract(code);
        if (code.A != 1) return null;
        string? quantity = Quantity(code);
        if (quantity is null) return null;
        string tail = Tail(code);
        string channel = code.B == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", channel {code.B}");
        return quantity + tail + channel + Period(code);
    }

    private static string? Quantity(ObisCode code)
    {
        (int c, string phase) = code.C switch
        {
            >= 21 and <= 40 => (code.C - 20, " in phase L1"),
            >= 41 and <= 60 => (code.C - 40, " in phase L2"),
            >= 61 and <= 80 => (code.C - 60, " in phase L3"),
            91 => (11, " in the neutral"),
            92 => (12, " of the neutral"),
            <= 20 => (code.C, ""),
            _ => (0, ""),
        };
        bool energy = code.D is 8 or 9 or 29 or 30;
        string word = energy ? "energy" : code.D is 2 or 6 ? "demand" : "power";
        string? quantity = c switch
        {
            1 => $"active {word} import (+A)",
            2 => $"active {word} export (−A)",
            3 => $"reactive {word} import (+R)",
            4 => $"reactive {word} export (−R)",
            >= 5 and <= 8 => energy ? Quadrants[c - 5] : Quadrants[c - 5].Replace("energy", word, StringComparison.Ordinal),
            9 => $"apparent {word} import (+VA)",
            10 => $"apparent {word} export (−VA)",
            11 => "current",
            12 => "voltage",
            13 => "power factor",
            14 => "frequency",
            15 => $"active {word}, import plus export",
            16 => $"active {word}, import less export",
            _ => null,
        };
        return quantity is null ? null : quantity + phase;
    }

    private static string Tail(ObisCode code)
    {
        string rate = code.E == 0 ? "total" : string.Create(CultureInfo.InvariantCulture, $"tariff {code.E}");
        string tariff = code.E == 0 ? "" : ", " + rate;
        return code.D switch
        {
            2 => ", cumulative maximum" + tariff,
            4 => ", current average" + tariff,
            5 => ", last average" + tariff,
            6 => ", maximum" + tariff,
            7 => ", instantaneous" + tariff,
            8 => ", " + rate,
            9 or 29 or 30 => ", in the interval" + tariff,
            24 or 25 or 27 or 28 => ", average of the interval" + tariff,
            _ => string.Create(CultureInfo.InvariantCulture, $", processing {code.D}") + tariff,
        };
    }
}
