using System.Text.Json;
using System.Text.Json.Nodes;
using Praman.Testing;

namespace Praman.Cli.Tests;

/// <summary><c>praman decode</c> of captures and logs, as the executable. The conversations are recorded ones, put into capture files here.</summary>
public sealed class DecodeCaptureTests : IDisposable
{
    private const string Client = "192.0.2.1:50000", Server = "192.0.2.2:4059";
    private const string Request = "000100100001000DC001C100030100010800FF0200";

    private readonly string _file = Path.Combine(Path.GetTempPath(), $"praman-capture-{Guid.NewGuid():N}"), _keys = Path.Combine(Path.GetTempPath(), $"praman-keys-{Guid.NewGuid():N}");

    public void Dispose()
    {
        File.Delete(_file);
        File.Delete(_keys);
    }

    private (int Exit, string[] Lines, string Errors) Run(byte[] content, params string[] options)
    {
        File.WriteAllBytes(_file, content);
        (int exit, string output, string errors) = DotnetProgram.RunPraman(["decode", _file, .. options]);
        return (exit, output.TrimEnd().Split('\n'), errors);
    }

    private static List<(bool IsRequest, byte[] Octets)> Session(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(TestFiles.SharedOrSkip("vectors/dlms/sessions.json")));
        return [.. document.RootElement.EnumerateArray().Select(v => (Name: v.GetProperty("name").GetString()!, Hex: v.GetProperty("hex").GetString()!))
            .Where(v => v.Name.StartsWith($"session-{name}-", StringComparison.Ordinal) && v.Name.Length == $"session-{name}-".Length + 6)
            .Select(v => (v.Name.EndsWith("req", StringComparison.Ordinal), Convert.FromHexString(v.Hex)))];
    }

    private static byte[] Capture(List<(bool IsRequest, byte[] Octets)> session, CaptureForm form)
    {
        var builder = new CaptureBuilder(form);
        uint client = 100, server = 900;
        foreach ((bool isRequest, byte[] octets) in session)
        {
            if (isRequest) builder.Tcp(Client, Server, client, octets, 0x18, server);
            else builder.Tcp(Server, Client, server, octets, 0x18, client);
            if (isRequest) client += (uint)octets.Length;
            else server += (uint)octets.Length;
        }
        return builder.File;
    }

    private string[] KeysOf(string guek = "000102030405060708090A0B0C0D0E0F")
    {
        File.WriteAllText(_keys, $"# made-up keys\nguek = {guek}\ngak = D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF\n");
        return ["--keys", _keys];
    }

    [Theory, InlineData(CaptureForm.PcapMicroLittle), InlineData(CaptureForm.NgBig)]
    public void ACipheredConversationIsOpenedWithKeysFromAFile(CaptureForm form)
    {
        List<(bool IsRequest, byte[] Octets)> session = Session("w-us");
        (int exit, string[] lines, string errors) = Run(Capture(session, form), ["--json", .. KeysOf()]);
        Assert.Equal((0, session.Count), (exit, lines.Length));
        JsonNode[] documents = [.. lines.Select(line => JsonNode.Parse(line)!)];
        Assert.Equal("2026-01-02T03:04:05Z", documents[0]["at"]!.GetValue<string>());
        Assert.Equal((Client, Server, "to-server"), (documents[0]["from"]!.GetValue<string>(), documents[0]["to"]!.GetValue<string>(), documents[0]["direction"]!.GetValue<string>()));
        Assert.Equal((Server, Client, "from-server"), (documents[1]["from"]!.GetValue<string>(), documents[1]["to"]!.GetValue<string>(), documents[1]["direction"]!.GetValue<string>()));
        JsonNode[] ciphered = [.. documents.Where(d => d["apdu"]!["security"] is not null)];
        Assert.True(ciphered.Length > 10);
        Assert.All(ciphered, d => Assert.True(d["apdu"]!["security"]!["tagVerified"]!.GetValue<bool>()));
        Assert.Contains($"{session.Count} packets, {session.Count} of the ports followed", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutKeysItSaysWhatIsMissingAndWithAWrongOneThatItIsWrong()
    {
        byte[] capture = Capture(Session("w-us"), CaptureForm.PcapNanoBig);
        (int exit, string[] lines, _) = Run(capture, "--json");
        Assert.Equal(0, exit);
        Assert.Contains("no key 'guek'", lines[^2], StringComparison.Ordinal);
        (exit, lines, string errors) = Run(capture, ["--json", .. KeysOf("FF0102030405060708090A0B0C0D0E0F")]);
        Assert.Equal(1, exit);
        string[] told = [.. errors.Split('\n').Where(line => line.Contains("another encryption key", StringComparison.Ordinal))];
        Assert.Equal(2, told.Length); // in full at the first message, then how often again
        Assert.Matches("^praman decode: packet [0-9]+ and [0-9]+ more messages, the last in packet [0-9]+: ", told[1]);
        (_, string[] shown, _) = Run(capture, KeysOf("FF0102030405060708090A0B0C0D0E0F"));
        Assert.Single(shown, line => line.StartsWith("REFUSED: ", StringComparison.Ordinal) && line.Contains("another encryption key", StringComparison.Ordinal));
        Assert.Contains(shown, line => line.StartsWith("REFUSED: as in packet ", StringComparison.Ordinal));
        Assert.Contains(lines, line => JsonNode.Parse(line)!["findings"]?[0]!["kind"]!.GetValue<string>() == "wrong-key");
    }

    [Fact]
    public void HdlcOverTcpIsFoundToo()
    {
        List<(bool IsRequest, byte[] Octets)> session = Session("h-mr");
        (int exit, string[] lines, _) = Run(Capture(session, CaptureForm.NgLittle), "--json");
        Assert.Equal(0, exit);
        Assert.All(lines, line => Assert.Equal("hdlc", JsonNode.Parse(line)!["layer"]!.GetValue<string>()));
        Assert.Contains(lines, line => line.Contains("reassembledFromPreviousSegments", StringComparison.Ordinal));
    }

    [Fact]
    public void PeopleSeeWhenFromWhomAndWhatWasLost()
    {
        byte[] request = Convert.FromHexString(Request);
        byte[] file = new CaptureBuilder().Tcp(Client, Server, 1, request).Tcp(Client, Server, 100, request).Tcp(Server, Client, 5, [], acknowledged: 121).File;
        (int exit, string[] lines, string errors) = Run(file);
        Assert.Equal(0, exit);
        Assert.StartsWith($"── 2026-01-02T03:04:05Z  {Client} → {Server}  TCP, to the server, packet 1", lines[0], StringComparison.Ordinal);
        Assert.Contains("78 octets before it are missing", string.Join('\n', lines), StringComparison.Ordinal);
        Assert.Contains("78 octets missing", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void ASerialLogIsReadByItsMarksAndTimes()
    {
        List<(bool IsRequest, byte[] Octets)> session = Session("h-mr");
        string log = string.Join('\n', session.Select((s, i) => $"2026-01-02 10:11:{i:00}.500 {(s.IsRequest ? "TX" : "RX")}: {string.Join(' ', s.Octets.Select(o => o.ToString("X2")))}"));
        (int exit, string[] lines, string errors) = Run(System.Text.Encoding.UTF8.GetBytes("opened COM3\n" + log + "\n"), "--json");
        Assert.Equal((0, "", session.Count), (exit, errors, lines.Length));
        JsonNode first = JsonNode.Parse(lines[0])!;
        Assert.Equal(("2026-01-02 10:11:00.500", "sent", "serial", 2), (first["at"]!.GetValue<string>(), first["direction"]!.GetValue<string>(), first["carrier"]!.GetValue<string>(), first["line"]!.GetValue<int>()));
    }

    [Fact]
    public void AnotherPortIsNamedInTheErrorAndFollowedWhenGiven()
    {
        byte[] file = new CaptureBuilder().Tcp(Client, "192.0.2.2:4061", 1, Convert.FromHexString(Request)).File;
        (int exit, string[] lines, string errors) = Run(file, "--json");
        Assert.Equal(2, exit);
        Assert.Contains("other ports in it: 4061; name one with --tcp-port", errors, StringComparison.Ordinal);
        (exit, lines, _) = Run(file, "--json", "--tcp-port", "4061");
        Assert.Equal(0, exit);
        Assert.Equal("get-request-normal", JsonNode.Parse(lines[0])!["apdu"]!["name"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("D4C3B2A102000400", "ends inside its header")]
    [InlineData("D4C3B2A1020004000000000000000000FFFF00009300000001000000010000000100000001000000FF", "link type 147 is not read")]
    [InlineData("0A0D0D0A1C000000FFFFFFFF", "byte-order magic")]
    [InlineData("1F8B08000000000000FF", "unpack it first")]
    public void AHostileFileEndsInAnErrorThatSaysWhere(string hex, string words)
    {
        (int exit, _, string errors) = Run(Convert.FromHexString(hex), "--json");
        Assert.Equal(2, exit);
        Assert.Contains(words, errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--tcp-port", "0")]
    [InlineData("--udp-port", "70000")]
    [InlineData("--keys", "/nonexistent/keys")]
    public void AWrongOptionIsRefused(string option, string value)
    {
        (int exit, _, string errors) = Run(Convert.FromHexString(Request), option, value);
        Assert.Equal(2, exit);
        Assert.Contains(option, errors, StringComparison.Ordinal);
    }

    [Fact]
    public void AKeyFileWithAFaultNamesTheLineAndNotTheKey()
    {
        File.WriteAllText(_keys, "guek=000102030405060708090A0B0C0D0E0F\ngak=D0D1D2D3\n");
        (int exit, _, string errors) = Run(Convert.FromHexString(Request), "--keys", _keys);
        Assert.Equal(2, exit);
        Assert.Contains("line 2 gak", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("D0D1", errors, StringComparison.Ordinal);
    }
}
