using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Praman.Transports.Serial;

namespace Praman.Transports.Addresses;

/// <summary>The options of an address that say how octets go to and fro: framing, HDLC address and limits, serial line.</summary>
internal sealed class LinkFields
{
    public const string Names = "framing, octets, physical, info, window, baud, format, opening, gateway, names";

    private const int OneOctetMax = 0x7F, TwoOctetsMax = 0x3FFF;
    private const int InformationMin = 8, InformationMax = 2030, WindowMax = 7;

    private readonly List<string> _hdlcNames = [], _serialNames = [];
    private LinkFraming? _framing;
    private int? _octets;
    private int _physical, _information = LinkHdlc.Default.InformationLength, _window = LinkHdlc.Default.Window, _baud = SerialLine.Default.Baud;
    private string _format = SerialLine.Default.Format;

    public LinkFraming Framing { get; private set; }

    public LinkHdlc Hdlc { get; private set; } = LinkHdlc.Default;

    public SerialLine Line { get; private set; } = SerialLine.Default;

    public LinkOpening Opening { get; private set; }

    public LinkGateway? Gateway { get; private set; }

    public bool UsesShortNames { get; private set; }

    /// <summary>Takes an option; false, with no error, where it is none of these.</summary>
    public bool TrySet(string name, string value, out string? error)
    {
        error = null;
        switch (name)
        {
            case "framing":
                _framing = value switch { "wrapper" => LinkFraming.Wrapper, "hdlc" => LinkFraming.Hdlc, _ => null };
                return _framing is not null || Fail($"framing '{Shown(value)}': expected wrapper or hdlc", out error);
            case "octets":
                _hdlcNames.Add(name);
                _octets = value switch { "1" => 1, "2" => 2, "4" => 4, _ => null };
                return _octets is not null || Fail($"octets is '{Shown(value)}': expected 1, 2 or 4, the octets of the server's HDLC address", out error);
            case "physical":
                _hdlcNames.Add(name);
                return TryNumber(name, value, 1, TwoOctetsMax, out _physical, out error);
            case "info":
                _hdlcNames.Add(name);
                return TryNumber(name, value, InformationMin, InformationMax, out _information, out error);
            case "window":
                _hdlcNames.Add(name);
                return TryNumber(name, value, 1, WindowMax, out _window, out error);
            case "baud":
                _serialNames.Add(name);
                return TryNumber(name, value, SerialLine.BaudMin, SerialLine.BaudMax, out _baud, out error);
            case "format":
                _serialNames.Add(name);
                _format = value;
                return SerialLine.TryParseFormat(value, _baud, out _) || Fail($"format is '{Shown(value)}': expected data bits, parity and stop bits, as 8N1 or 7E1", out error);
            case "opening":
                _serialNames.Add(name);
                Opening = value == "mode-e" ? LinkOpening.ModeE : LinkOpening.Direct;
                return value is "mode-e" or "direct" || Fail($"opening is '{Shown(value)}': expected direct or mode-e", out error);
            case "gateway":
                if (!LinkGateway.TryParse(value, out LinkGateway gateway, out error)) return false;
                Gateway = gateway;
                return true;
            case "names":
                UsesShortNames = value == "short";
                return value is "short" or "logical" || Fail($"names is '{Shown(value)}': expected logical or short", out error);
            default:
                return false;
        }
    }

    /// <summary>What belongs together is there together.</summary>
    public bool TryCheck(LinkScheme scheme, bool isHdlc, int client, int server, [NotNullWhen(false)] out string? error)
    {
        error = null;
        bool isSerial = scheme == LinkScheme.Serial;
        Framing = _framing ?? (isSerial || isHdlc ? LinkFraming.Hdlc : LinkFraming.Wrapper);
        if (isHdlc && Framing == LinkFraming.Wrapper) return Fail("hdlc+tcp: with framing=wrapper: expected one of the two", out error);
        if (isSerial && Framing == LinkFraming.Wrapper) return Fail("a serial line speaks HDLC: the wrapper needs TCP or UDP below it", out error);
        if (scheme == LinkScheme.Udp && Framing == LinkFraming.Hdlc) return Fail("UDP carries the wrapper: HDLC needs a line or tcp://…?framing=hdlc", out error);
        if (!isSerial && _serialNames.Count > 0) return Fail($"option '{_serialNames[0]}' is one of serial: links", out error);
        if (!SerialLine.TryParseFormat(_format, _baud, out SerialLine line)) return Fail($"format is '{Shown(_format)}': expected 8N1 or alike", out error);
        Line = line;
        if (Framing == LinkFraming.Wrapper) return _hdlcNames.Count == 0 || Fail($"option '{_hdlcNames[0]}' is one of framing=hdlc", out error);
        int octets = _octets ?? (_physical == 0 ? 1 : Math.Max(server, _physical) <= OneOctetMax ? 2 : 4);
        if (client > OneOctetMax) return Fail($"client is {client}: an HDLC address of a client is 1 to {OneOctetMax}", out error);
        if (octets == 1 && _physical != 0) return Fail("an HDLC address of 1 octet has no physical part: leave physical out, or say octets=2 or 4", out error);
        if (octets != 1 && _physical == 0) return Fail($"an HDLC address of {octets} octets needs physical=NUMBER", out error);
        int max = octets == 4 ? TwoOctetsMax : OneOctetMax;
        if (Math.Max(server, _physical) > max) return Fail($"server and physical are 1 to {max} in an HDLC address of {octets} octets", out error);
        Hdlc = new LinkHdlc(octets, _physical, _information, _window);
        return true;
    }

    /// <summary>The options of an HDLC link as text, those left out that are as usual.</summary>
    public static void Append(StringBuilder text, LinkHdlc hdlc)
    {
        text.Append("framing=hdlc");
        if (hdlc.Octets != 1) text.Append(CultureInfo.InvariantCulture, $"&octets={hdlc.Octets}&physical={hdlc.Physical}");
        if (hdlc.InformationLength != LinkHdlc.Default.InformationLength) text.Append(CultureInfo.InvariantCulture, $"&info={hdlc.InformationLength}");
        if (hdlc.Window != LinkHdlc.Default.Window) text.Append(CultureInfo.InvariantCulture, $"&window={hdlc.Window}");
    }

    private static bool TryNumber(string name, string value, int min, int max, out int number, out string? error)
    {
        error = null;
        return (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= min && number <= max)
            || Fail($"{name} is '{Shown(value)}': expected {min} to {max}", out error);
    }

    private static string Shown(string text) => text.Length <= 20 ? text : text[..20] + "…";

    private static bool Fail(string reason, out string error)
    {
        error = reason;
        return false;
    }
}
