using System.Text.Json.Nodes;
using Praman.Testing;

namespace Praman.Cli.Tests;

/// <summary><c>praman decode</c> as people and programs call it: the executable, its output and its exit code.</summary>
public sealed class DecodeCommandTests : IDisposable
{
    private const string Request = "C001C100030100010800FF0200";
    private const string Ciphered = "DB084D4D4D00000000011E30000000678707063C11353E15C6E09A6CD01F9DAD3A4EBC959065EF7930"; // made-up keys
    private static readonly string[] Keys = ["--key", "guek=000102030405060708090A0B0C0D0E0F", "--key", "gak=D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"];

    private readonly string _file = Path.Combine(Path.GetTempPath(), $"praman-decode-{Guid.NewGuid():N}");

    public void Dispose() => File.Delete(_file);

    private static (int Exit, string Output, string Errors) Run(string[] arguments, byte[]? input = null) => DotnetProgram.RunPraman(["decode", .. arguments], input);

    [Theory]
    [InlineData(Request)]
    [InlineData("0xC0 0x01 0xC1 00 03 01:00:01:08:00:FF 02 00")]
    [InlineData("c0-01-c1-00-03-01-00-01-08-00-ff-02-00")]
    public void SaysWhatARequestAsksFor(string hex)
    {
        (int exit, string output, string errors) = Run([hex]);
        Assert.Equal((0, ""), (exit, errors));
        Assert.StartsWith("Asks for attribute 2 (value) of register 1-0:1.8.0.255, active energy import (+A), total.", output, StringComparison.Ordinal);
        Assert.Contains("01 00 01 08 00 FF", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output); // no colour where it is not a terminal
    }

    [Fact]
    public void GivesOneJsonDocumentAndNothingElse()
    {
        (int exit, string output, string errors) = Run([Request, "--json"]);
        Assert.Equal((0, ""), (exit, errors));
        JsonNode json = JsonNode.Parse(output)!;
        Assert.Equal(("dlms", "apdu", "1.0.1.8.0.255"),
            (json["protocol"]!.GetValue<string>(), json["layer"]!.GetValue<string>(), json["apdu"]!["attribute"]!["logicalName"]!.GetValue<string>()));
        Assert.NotEmpty(json["explain"]!.AsArray());
        Assert.Single(output.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("nofile.pcap", "praman decode: no such file: nofile.pcap")]
    [InlineData("caps/abc", "praman decode: no such file: caps/abc")]
    [InlineData("hello", "praman decode: 'hello' is neither a file nor hex: 'h' where hex digits were expected")]
    public void ANameOfNoFileIsSaid(string name, string words)
    {
        (int exit, string output, string errors) = Run([name]);
        Assert.Equal((2, "", words), (exit, output, errors.TrimEnd()));
    }

    [Fact]
    public void OneOctetIsOne()
    {
        Assert.Contains("a key of 1 octet: expected", Run([Request, "--key", "guek=00"]).Errors, StringComparison.Ordinal);
        Assert.Contains("where 1 octet is left", Run(["C401C100042000"]).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void ATextOfAnotherKindIsRefusedInOneLine()
    {
        File.WriteAllText(_file, "A page of words\n\nand none of hex.\n");
        (int exit, string output, string errors) = Run([_file]);
        Assert.Equal((2, "", $"praman decode: {_file} has no line of hex: line 1, at character 1: a hex digit without its pair: expected two digits an octet"), (exit, output, errors.TrimEnd()));
        (exit, output, _) = Run([_file, "--json"]);
        Assert.Equal((2, 2), (exit, output.TrimEnd().Split('\n').Length)); // a program gets a document a line
    }

    [Fact]
    public void OpensWithKeysAndSaysNoWhereTheTagDoesNotVerify()
    {
        (int exit, string output, _) = Run([Ciphered, "--json", .. Keys]);
        Assert.Equal(0, exit);
        Assert.True(JsonNode.Parse(output)!["apdu"]!["security"]!["tagVerified"]!.GetValue<bool>());

        (exit, output, string errors) = Run([Ciphered[..^1] + "1", "--json", .. Keys]);
        Assert.Equal(1, exit);
        Assert.False(JsonNode.Parse(output)!["apdu"]!["security"]!["tagVerified"]!.GetValue<bool>());
        Assert.Contains("does not verify", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("C001C100030100010800FF02", "at byte 12")]
    [InlineData("C0G1", "at character 3")]
    [InlineData("no-such-file.bin", "no such file: no-such-file.bin")]
    [InlineData("C00", "two digits")]
    [InlineData("C401C100847FFFFFFF", "unknown data type")]
    public void RefusesWhatCannotBeReadInOneLine(string text, string expected)
    {
        (int exit, string output, string errors) = Run([text, "--json"]);
        Assert.Equal((2, ""), (exit, output));
        Assert.Contains(expected, Assert.Single(errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--key", "guek=0011")]
    [InlineData("--key", "nonsense")]
    [InlineData("--key", "master=000102030405060708090A0B0C0D0E0F")]
    [InlineData("--protocol", "morse")]
    public void RefusesAWrongOption(string option, string value)
    {
        (int exit, string output, string errors) = Run([Request, option, value]);
        Assert.Equal((2, ""), (exit, output));
        Assert.Contains(option, Assert.Single(errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public void AFileOfLinesGivesADocumentForEach()
    {
        File.WriteAllText(_file, $"# a conversation\r\n{Request}\r\n\r\nC0FF\r\nC401C100060012D687\r\n");
        (int exit, string output, string errors) = Run([_file, "--json"]);
        string[] lines = output.TrimEnd().Split('\n');
        Assert.Equal((2, 3), (exit, lines.Length));
        Assert.Equal("get-request-normal", JsonNode.Parse(lines[0])!["apdu"]!["name"]!.GetValue<string>());
        Assert.Equal(2, JsonNode.Parse(lines[1])!["error"]!["offset"]!.GetValue<int>());
        Assert.Contains("line 4", Assert.Single(errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
        JsonNode reading = JsonNode.Parse(lines[2])!["readings"]![0]!; // the request before says what the value is
        Assert.Equal(("1-0:1.8.0.255", 1234567), (reading["obis"]!.GetValue<string>(), reading["value"]!.GetValue<int>()));
    }

    [Fact]
    public void ReadsBinaryFromAFileAndFromStandardInput()
    {
        byte[] octets = Convert.FromHexString(Request);
        File.WriteAllBytes(_file, octets);
        Assert.Equal(Run([_file, "--json"]), Run(["-", "--json"], octets));
        Assert.Equal(Run([_file, "--json"]), Run(["-", "--json"], System.Text.Encoding.ASCII.GetBytes(Request)));
        Assert.Equal(0, Run([_file]).Exit);
        (int exit, _, string errors) = Run(["-"], []);
        Assert.Equal(2, exit);
        Assert.Contains("empty", errors, StringComparison.Ordinal);
    }
}
