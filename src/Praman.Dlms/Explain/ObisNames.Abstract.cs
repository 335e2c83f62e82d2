using System.Globalization;
using Praman.Metering;

namespace Praman.Dlms.Explain;

// Objects of no medium (A = 0) by their groups C, D and E: where the interface classes usually stand (IEC 62056-6-1, abstract objects).
public static partial class ObisNames
{
    // C.D.E, or C.D where E numbers several.
    private static readonly Dictionary<int, string> Abstract = ByKey(new()
    {
        ["0.1.0"] = "billing period counter", ["0.1.1"] = "number of available billing periods", ["0.1.2"] = "time of the last billing period",
        ["0.2.0"] = "active firmware identifier", ["0.2.1"] = "active firmware version", ["0.2.8"] = "active firmware signature", ["0.9.1"] = "local time", ["0.9.2"] = "local date",
        ["1.0"] = "clock", ["1.1.0"] = "UNIX clock", ["1.2.0"] = "high resolution clock",
        ["2.0.0"] = "modem configuration", ["2.1.0"] = "auto connect", ["2.2.0"] = "auto answer",
        ["10.0.0"] = "global meter reset script", ["10.0.1"] = "MDI reset and end of billing period script", ["10.0.100"] = "tariffication script", ["10.0.101"] = "activate test mode script",
        ["10.0.102"] = "activate normal mode script", ["10.0.103"] = "set output signals script", ["10.0.104"] = "switch optical test output script",
        ["10.0.105"] = "power quality measurement script", ["10.0.106"] = "disconnect control script", ["10.0.107"] = "image activation script", ["10.0.108"] = "push script",
        ["10.0.109"] = "load profile control script", ["10.0.110"] = "M-Bus profile control script", ["10.0.111"] = "function control script", ["10.0.125"] = "broadcast script",
        ["10.0"] = "script table", ["11.0"] = "special days table", ["12.0"] = "schedule", ["13.0"] = "activity calendar", ["14.0"] = "register activation",
        ["15.0.0"] = "end of billing period schedule", ["15.0.1"] = "disconnect control schedule", ["15.0.2"] = "image activation schedule", ["15.0.3"] = "output control schedule",
        ["15.0.4"] = "push schedule", ["15.0.5"] = "load profile control schedule", ["15.0.6"] = "M-Bus profile control schedule", ["15.0.7"] = "function control schedule",
        ["15.0"] = "single action schedule", ["16.0"] = "register monitor", ["16.1"] = "alarm monitor", ["16.2"] = "parameter monitor", ["17.0"] = "limiter", ["18.0"] = "array manager",
        ["19.0"] = "account", ["19.10"] = "credit", ["19.20"] = "charge", ["19.40"] = "token gateway",
        ["20.0.0"] = "optical port setup", ["20.0.1"] = "electrical port setup", ["21.0"] = "data profile for local readout", ["22.0.0"] = "HDLC setup", ["23.0.0"] = "twisted pair setup",
        ["24.0"] = "M-Bus slave port setup", ["24.1"] = "M-Bus client", ["24.2"] = "M-Bus value", ["24.3"] = "M-Bus profile", ["24.4"] = "M-Bus disconnect control", ["24.5"] = "M-Bus control log",
        ["24.6"] = "M-Bus master port setup", ["24.8"] = "DLMS server M-Bus port setup", ["24.9"] = "M-Bus diagnostic",
        ["25.0.0"] = "TCP-UDP setup", ["25.1.0"] = "IPv4 setup", ["25.2.0"] = "MAC address setup", ["25.3.0"] = "PPP setup", ["25.4.0"] = "GPRS modem setup", ["25.5.0"] = "SMTP setup",
        ["25.6.0"] = "GSM diagnostic", ["25.7.0"] = "IPv6 setup", ["25.9"] = "push setup", ["25.10.0"] = "NTP setup", ["25.11.0"] = "LTE monitoring",
        ["26.0.0"] = "S-FSK Phy&MAC setup", ["26.1.0"] = "S-FSK active initiator", ["26.2.0"] = "S-FSK MAC synchronization timeouts", ["26.3.0"] = "S-FSK MAC counters",
        ["26.5.0"] = "IEC 61334-4-32 LLC setup", ["26.6.0"] = "S-FSK reporting system list",
        ["27.0.0"] = "LLC type 1 setup", ["27.1.0"] = "LLC type 2 setup", ["27.2.0"] = "LLC type 3 setup",
        ["28.0.0"] = "PRIME LLC SSCS setup", ["28.1.0"] = "PRIME physical layer counters", ["28.2.0"] = "PRIME MAC setup", ["28.3.0"] = "PRIME MAC functional parameters",
        ["28.4.0"] = "PRIME MAC counters", ["28.5.0"] = "PRIME MAC network administration data", ["28.6.0"] = "PRIME MAC address", ["28.7.0"] = "PRIME application identification",
        ["29.0.0"] = "G3-PLC MAC layer counters", ["29.1.0"] = "G3-PLC MAC setup", ["29.2.0"] = "G3-PLC 6LoWPAN adaptation layer setup",
        ["30.0"] = "ZigBee SAS startup", ["30.1"] = "ZigBee SAS join", ["30.2"] = "ZigBee SAS APS fragmentation", ["30.3"] = "ZigBee network control", ["30.4"] = "ZigBee tunnel setup",
        ["31.0.0"] = "wireless mode Q channel", ["34.0.0"] = "ISO/IEC 14908 identification",
        ["40.0.0"] = "current association", ["40.0"] = "association", ["41.0.0"] = "SAP assignment", ["42.0.0"] = "COSEM logical device name",
        ["43.0"] = "security setup", ["43.1"] = "invocation counter", ["43.2"] = "data protection", ["44.0"] = "image transfer", ["44.1"] = "function control", ["44.2"] = "communication port protection",
        ["66.0"] = "compact data",
        ["96.1"] = "device identifier", ["96.2.0"] = "number of configuration changes", ["96.2.1"] = "date of the last configuration change", ["96.2"] = "parameter change",
        ["96.3.1"] = "state of the input control signals", ["96.3.2"] = "state of the output control signals", ["96.3.10"] = "disconnect control", ["96.3.20"] = "arbitrator", ["96.3"] = "state of control signals",
        ["96.4"] = "state of the internal control signals", ["96.5"] = "internal operating status",
        ["96.6.0"] = "battery use time", ["96.6.1"] = "battery charge display", ["96.6.2"] = "date of the next battery change", ["96.6.3"] = "battery voltage",
        ["96.6.4"] = "battery initial capacity", ["96.6.5"] = "battery installation date", ["96.6.6"] = "battery remaining use time", ["96.6.10"] = "auxiliary supply use time",
        ["96.7.0"] = "number of power failures in all phases", ["96.7.1"] = "number of power failures in L1", ["96.7.2"] = "number of power failures in L2", ["96.7.3"] = "number of power failures in L3",
        ["96.7.4"] = "number of power failures of the auxiliary supply", ["96.7.5"] = "number of long power failures in all phases", ["96.7"] = "power failure monitoring",
        ["96.8.0"] = "time of operation", ["96.8"] = "time of operation in tariff", ["96.9.0"] = "ambient temperature", ["96.9"] = "temperature",
        ["96.10"] = "status register", ["96.11"] = "event code", ["96.12.1"] = "number of connections", ["96.12.4"] = "communication port log", ["96.12.5"] = "signal strength",
        ["96.12.6"] = "telephone number", ["96.12"] = "communication log parameter", ["96.13.0"] = "consumer message", ["96.13.1"] = "consumer message on the display", ["96.13"] = "consumer message",
        ["96.14"] = "currently active tariff", ["96.15"] = "event counter", ["96.20"] = "tamper event record", ["97.97"] = "error register", ["97.98"] = "alarm register", ["98.1"] = "billing profile",
        ["99.1"] = "load profile", ["99.2"] = "load profile with recording period 2", ["99.98"] = "event log", ["99.99"] = "certification data log",
    });

    private const int AnyE = 256;

    private static Dictionary<int, string> ByKey(Dictionary<string, string> names)
    {
        var byKey = new Dictionary<int, string>(names.Count);
        foreach ((string groups, string words) in names)
        {
            string[] parts = groups.Split('.');
            int e = parts.Length < 3 ? AnyE : int.Parse(parts[2], CultureInfo.InvariantCulture);
            byKey.Add(KeyOf(int.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture), e), words);
        }
        return byKey;
    }

    private static int KeyOf(int c, int d, int e) => (c << 20) | (d << 12) | e;

    // An exact entry, else the row of several and which of them.
    private static string? DescribeAbstract(ObisCode code)
    {
        string channel = code.B == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", channel {code.B}");
        if (Abstract.TryGetValue(KeyOf(code.C, code.D, code.E), out string? exact)) return exact + channel + Period(code);
        if (code.C == 65 && code.D < 16) return string.Create(CultureInfo.InvariantCulture, $"utility table {(code.D * 128) + code.E}{channel}");
        if (!Abstract.TryGetValue(KeyOf(code.C, code.D, AnyE), out string? several)) return null;
        string number = code.E == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" {code.E}");
        return several + number + channel + Period(code);
    }

    private static string Period(ObisCode code) => code.F == Current ? "" : string.Create(CultureInfo.InvariantCulture, $", billing period {code.F}");
}
