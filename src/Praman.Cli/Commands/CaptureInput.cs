using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Praman.Dlms.Explain;
using Praman.Dlms.Explain.Captures;
using Praman.Metering;

namespace Praman.Cli.Commands;

/// <summary>The messages of a capture file or of a serial line's log, one after another as they are complete.</summary>
internal sealed class CaptureInput(DlmsKeys keys, IReadOnlyList<ushort> tcpPorts, IReadOnlyList<ushort> udpPorts, TextWriter errors)
{
    private const int PortsNamed = 6;

    /// <summary>Opens a capture file.</summary>
    public bool TryRead(byte[] content, string name, [NotNullWhen(true)] out IEnumerable<DecodeInput>? inputs, [NotNullWhen(false)] out string? fault)
    {
        inputs = null;
        fault = null;
        if (CaptureFileReader.TryOpen(content, out CaptureFileReader? reader, out DecodeError error)) inputs = Read(reader, name);
        else fault = $"{name}, {error}";
        return fault is null;
    }

    /// <summary>The messages of a log; empty where no line has octets.</summary>
    public List<DecodeInput> ReadLog(string text) => [.. SerialLog.Read(text, keys).Select(message => Of(message, "line"))];

    private IEnumerable<DecodeInput> Read(CaptureFileReader reader, string name)
    {
        var conversations = new CaptureConversations(keys, tcpPorts, udpPorts);
        var messages = new List<CapturedMessage>();
        bool any = false;
        CaptureRead read;
        DecodeError error;
        while ((read = reader.TryRead(out CapturedPacket packet, out error)) == CaptureRead.Packet)
        {
            conversations.Add(packet, messages);
            any |= messages.Count > 0;
            foreach (CapturedMessage message in messages) yield return Of(message, "packet");
            messages.Clear();
        }
        conversations.Finish(messages);
        any |= messages.Count > 0;
        foreach (CapturedMessage message in messages) yield return Of(message, "packet");
        if (read == CaptureRead.Faulty) yield return new DecodeInput(name, null, error.ToString());
        else if (!any) yield return new DecodeInput(name, null, NothingFound(conversations));
        errors.WriteLine($"praman decode: {InWords(conversations.Counts)}");
    }

    private static DecodeInput Of(CapturedMessage message, string unit) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{unit} {message.Moment.Number}"), message.Octets, message.Fault) { Captured = message };

    private static string NothingFound(CaptureConversations conversations)
    {
        CaptureCounts counts = conversations.Counts;
        if (counts.UnknownLink is { } link) return string.Create(CultureInfo.InvariantCulture, $"link type {(int)link} is not read: expected Ethernet, Linux cooked, raw IP or loopback");
        string others = counts.OtherPorts.Count == 0 ? "" : "; other ports in it: " + string.Join(", ", counts.OtherPorts.OrderByDescending(port => port.Value)
            .Take(PortsNamed).Select(port => port.Key.ToString(CultureInfo.InvariantCulture))) + "; name one with --tcp-port or --udp-port";
        return string.Create(CultureInfo.InvariantCulture, $"none of its {Counted.Of(counts.Packets, "packet")} carries octets of {conversations.Ports}{others}");
    }

    private static string InWords(CaptureCounts counts)
    {
        var words = new List<string> { Counted.Of(counts.Packets, "packet"), $"{counts.Followed.ToString(CultureInfo.InvariantCulture)} of the ports followed" };
        if (counts.Retransmitted > 0) words.Add(Counted.Of(counts.Retransmitted, "segment") + " sent again");
        if (counts.OutOfOrder > 0) words.Add(Counted.Of(counts.OutOfOrder, "segment") + " out of order");
        if (counts.LostOctets > 0) words.Add(Counted.Of(counts.LostOctets, "octet") + " missing");
        if (counts.Fragments > 0) words.Add(Counted.Of(counts.Fragments, "IP fragment") + " not joined");
        if (counts.Faulty > 0) words.Add(Counted.Of(counts.Faulty, "packet") + " with cut or contradictory headers");
        return string.Join(", ", words);
    }
}
