using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using NodaTime.Text;
using Praman.Dlms.Explain;
using Praman.Dlms.Explain.Captures;
using Praman.Metering;

namespace Praman.Cli.Commands;

/// <summary><c>praman decode</c>: explains the octets of a meter's message, field by field.</summary>
internal static class DecodeCommand
{
    private const string Auto = "auto", Dlms = "dlms";
    private const int JsonDepthMax = 1000;

    public static Command Create()
    {
        var input = new Argument<string[]>("HEX|FILE|-")
        {
            Description = "hex digits (blanks, colons and 0x do not matter); a file with one hex string a line, with binary octets, a capture (pcap, pcapng) or a serial line's log; or - for standard input",
            Arity = ArgumentArity.OneOrMore,
        };
        var protocol = new Option<string>("--protocol") { Description = "auto or dlms", DefaultValueFactory = _ => Auto, HelpName = "NAME" };
        var key = new Option<string[]>("--key") { Description = $"a key by name, more than once: {DlmsKeys.Names}", HelpName = "NAME=HEX", DefaultValueFactory = _ => [] };
        var keyFile = new Option<string?>("--keys") { Description = "a file of keys, NAME=HEX a line, so that none lands in the shell's history", HelpName = "FILE" };
        var tcpPort = new Option<int[]>("--tcp-port") { Description = "a TCP port of captures besides 4059, more than once", HelpName = "N", DefaultValueFactory = _ => [] };
        var udpPort = new Option<int[]>("--udp-port") { Description = "a UDP port of captures besides 4059, more than once", HelpName = "N", DefaultValueFactory = _ => [] };
        var json = new Option<bool>("--json") { Description = "JSON on standard output, one document a message" };
        var command = new Command("decode", "Explain a DLMS frame, APDU, value or capture in words, byte by byte.") { input, protocol, key, keyFile, tcpPort, udpPort, json };
        command.SetAction(parsed => Run(
            new DecodeOptions(parsed.GetValue(input)!, parsed.GetValue(protocol)!, parsed.GetValue(key)!, parsed.GetValue(keyFile), parsed.GetValue(tcpPort)!, parsed.GetValue(udpPort)!, parsed.GetValue(json)),
            Console.OpenStandardInput, Console.Out, Console.Error));
        return command;
    }

    /// <summary>What the command line asks for.</summary>
    internal sealed record DecodeOptions(string[] Arguments, string Protocol, string[] Keys, string? KeyFile, int[] TcpPorts, int[] UdpPorts, bool IsJson);

    /// <summary>Decodes all messages of the input with one decoder, so that a conversation explains itself; those of a capture with one a pair of peers.</summary>
    internal static int Run(DecodeOptions options, Func<Stream> standardInput, TextWriter output, TextWriter errors)
    {
        int Refuse(string fault)
        {
            errors.WriteLine($"praman decode: {fault}");
            return ExitCodes.BadInput;
        }
        if (options.Protocol is not (Auto or Dlms)) return Refuse($"--protocol {options.Protocol}: expected {Auto} or {Dlms}");
        foreach (int port in options.TcpPorts.Concat(options.UdpPorts))
        {
            if (port is < 1 or > ushort.MaxValue) return Refuse($"--{(options.TcpPorts.Contains(port) ? "tcp" : "udp")}-port {port}: expected 1 to {ushort.MaxValue}");
        }
        if (!DecodeKeys.TryRead(options.Keys, options.KeyFile, out DlmsKeys? keys, out string? fault)) return Refuse(fault);
        var captures = new CaptureInput(keys, [.. options.TcpPorts.Select(port => (ushort)port)], [.. options.UdpPorts.Select(port => (ushort)port)], errors);
        if (!DecodeInput.TryRead(options.Arguments, standardInput, captures, out IEnumerable<DecodeInput>? inputs, out fault)) return Refuse(fault);
        // A text of another kind is one fault for a person; a program gets its document a line.
        if (!options.IsJson && inputs is List<DecodeInput> { Count: > 1 } lines && lines.All(line => line is { Fault: not null, Captured: null }))
            return Refuse($"{(options.Arguments[0] == "-" ? "standard input" : options.Arguments[0])} has no line of hex: {lines[0].Name}, {lines[0].Fault}");

        int exit = ExitCodes.Done;
        var decoder = new DlmsDecoder(keys);
        var told = new ToldFaults(errors);
        bool isTerminal = ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected;
        foreach (DecodeInput one in inputs)
        {
            DecodeError error = default;
            DlmsDocument? document = null;
            if (one.Fault is not null) error = new(0, one.Fault);
            else (one.Captured?.Conversation ?? decoder).TryDecode(one.Octets!.Value, out document, out error);
            if (document is null)
            {
                // Octets of a capture that are no message are told in their place, and do not make the rest unreadable.
                if (one is { Captured: not null, Fault: not null })
                {
                    if (options.IsJson) WriteJson(CapturedJson(ErrorJson(error), one.Captured), output);
                    else DecodeTree.WriteNoise(one.Captured, output, isTerminal);
                    continue;
                }
                exit = ExitCodes.BadInput;
                string text = one.Fault ?? error.ToString();
                errors.WriteLine($"praman decode: {(one.Name.Length == 0 ? "" : one.Name + ", ")}{text}");
                if (options.IsJson && one.Name.Length > 0) WriteJson(CapturedJson(ErrorJson(error), one.Captured), output);
                continue;
            }
            if (document.IsRefused || document.IsUnopened || document.Findings.Count > 0)
            {
                exit = Math.Max(exit, ExitCodes.No);
                IReadOnlyList<string> notes = one.Captured is null ? document.Notes : told.Notes(one.Name, document.Notes, options.IsJson);
                if (options.IsJson && notes.Count > 0) errors.WriteLine($"praman decode: {(one.Name.Length == 0 ? "" : one.Name + ", ")}{string.Join("; ", notes)}");
                else if (!options.IsJson)
                {
                    DecodeTree.Write(document, notes, one.Captured, output, isTerminal);
                    continue;
                }
            }
            if (options.IsJson) WriteJson(CapturedJson(document.ToJson(), one.Captured), output);
            else DecodeTree.Write(document, document.Notes, one.Captured, output, isTerminal);
        }
        told.Finish();
        return exit;
    }

    // Where a message of a capture stands, before what it is.
    private static JsonObject CapturedJson(JsonObject document, CapturedMessage? captured)
    {
        if (captured is null) return document;
        var json = new JsonObject { ["at"] = TimeOf(captured), ["from"] = captured.From, ["to"] = captured.To, ["carrier"] = captured.Carrier };
        if (captured.IsToServer is { } toServer) json["direction"] = captured.Carrier == "serial" ? toServer ? "sent" : "received" : toServer ? "to-server" : "from-server";
        json[captured.Carrier == "serial" ? "line" : "packet"] = captured.Moment.Number;
        if (captured.Notes.Count > 0) json["captureNotes"] = new JsonArray([.. captured.Notes.Select(note => (JsonNode)note)]);
        if (captured.Fault is not null) json["octetsHex"] = Convert.ToHexString(captured.Octets.Span);
        foreach ((string name, JsonNode? member) in document.ToArray())
        {
            document.Remove(name);
            json[name] = member;
        }
        return json;
    }

    internal static string? TimeOf(CapturedMessage captured) => captured.Moment.At is { } at ? InstantPattern.ExtendedIso.Format(at) : captured.Moment.Text;

    private static JsonObject ErrorJson(DecodeError error) =>
        new() { ["error"] = new JsonObject { ["offset"] = error.Offset, ["reason"] = error.Reason, ["clause"] = error.Clause } };

    private static void WriteJson(JsonObject document, TextWriter output)
    {
        using var buffer = new MemoryStream();
        var options = new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = JsonDepthMax };
        using (var writer = new Utf8JsonWriter(buffer, options)) document.WriteTo(writer);
        output.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }
}
