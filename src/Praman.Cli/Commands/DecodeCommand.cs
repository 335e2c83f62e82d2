using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Praman.Dlms.Explain;
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
            Description = "hex digits (blanks, colons and 0x do not matter), a file with one hex string a line or with binary octets, or - for standard input",
            Arity = ArgumentArity.OneOrMore,
        };
        var protocol = new Option<string>("--protocol") { Description = "auto or dlms", DefaultValueFactory = _ => Auto, HelpName = "NAME" };
        var key = new Option<string[]>("--key") { Description = $"a key by name, more than once: {DlmsKeys.Names}", HelpName = "NAME=HEX", DefaultValueFactory = _ => [] };
        var json = new Option<bool>("--json") { Description = "JSON on standard output, one document a message" };
        var command = new Command("decode", "Explain a DLMS frame, APDU or value in words, byte by byte.") { input, protocol, key, json };
        command.SetAction(parsed => Run(
            parsed.GetValue(input)!, parsed.GetValue(protocol)!, parsed.GetValue(key)!, parsed.GetValue(json), Console.OpenStandardInput, Console.Out, Console.Error));
        return command;
    }

    /// <summary>Decodes all messages of the input with one decoder, so that a conversation explains itself.</summary>
    internal static int Run(string[] arguments, string protocol, string[] keyTexts, bool json, Func<Stream> standardInput, TextWriter output, TextWriter errors)
    {
        int Refuse(string fault)
        {
            errors.WriteLine($"praman decode: {fault}");
            return ExitCodes.BadInput;
        }
        if (protocol is not (Auto or Dlms)) return Refuse($"--protocol {protocol}: expected {Auto} or {Dlms}");
        var keys = new DlmsKeys();
        foreach (string text in keyTexts)
        {
            int equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1) return Refuse("--key: expected NAME=HEX");
            string name = text[..equals];
            if (!DecodeInput.TryParseHex(text.AsSpan(equals + 1), out byte[]? value, out int at, out string reason))
                return Refuse($"--key {name}, at character {at + 1}: {reason}");
            if (!keys.TryAdd(name, value, out string? fault)) return Refuse($"--key {name}: {fault}");
        }
        if (!DecodeInput.TryRead(arguments, standardInput, out List<DecodeInput>? inputs, out string? unreadable)) return Refuse(unreadable);

        int exit = ExitCodes.Done;
        var decoder = new DlmsDecoder(keys);
        foreach (DecodeInput one in inputs)
        {
            DecodeError error = default;
            DlmsDocument? document = null;
            if (one.Fault is not null) error = new(0, one.Fault);
            else decoder.TryDecode(one.Octets, out document, out error);
            if (document is null)
            {
                exit = ExitCodes.BadInput;
                string text = one.Fault ?? error.ToString();
                errors.WriteLine($"praman decode: {(one.Name.Length == 0 ? "" : one.Name + ", ")}{text}");
                if (json && one.Name.Length > 0) WriteJson(ErrorJson(error), output);
                continue;
            }
            if (document.IsRefused || document.IsUnopened)
            {
                exit = Math.Max(exit, ExitCodes.No);
                if (json) errors.WriteLine($"praman decode: {(one.Name.Length == 0 ? "" : one.Name + ", ")}{string.Join("; ", document.Notes)}");
            }
            if (json) WriteJson(document.ToJson(), output);
            else DecodeTree.Write(document, output, ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected);
        }
        return exit;
    }

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
