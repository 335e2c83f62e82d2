using Praman.Testing;

namespace Praman.Cli.Tests;

/// <summary>A mistyped option is told by its name, by every command in one way, and is not taken for input.</summary>
public sealed class UnknownOptionTests
{
    [Theory]
    [InlineData("decode", "C001C100030100010800FF0200", "--jsn")]
    [InlineData("decode", "--jsn", "C001C100030100010800FF0200")]
    [InlineData("decode", "-x")]
    [InlineData("verify", "bill.json", "--log-kee", "key")]
    [InlineData("read", "--client", "tcp://127.0.0.1:1")]
    [InlineData("reconcile", "settlement.json", "--chanel")]
    [InlineData("rate", "--tariffs", "tariffs", "--jsn")]
    [InlineData("settle", "--tariffs", "tariffs", "--rules", "rules.json", "--jsn")]
    [InlineData("demo", "--meter")]
    [InlineData("tariff", "lint", "--jsn")]
    [InlineData("log", "monitor", "--jsn")]
    public void IsRefusedByName(params string[] arguments)
    {
        string[] options = [.. arguments.Where(argument => argument is "--jsn" or "-x" or "--log-kee" or "--client" or "--chanel" or "--meter")];
        (int exit, string output, string errors) = DotnetProgram.RunPraman(arguments);
        Assert.Equal((2, ""), (exit, output));
        string command = string.Join(' ', arguments.TakeWhile((argument, index) => index == 0 || (index == 1 && argument is "lint" or "monitor")));
        Assert.Equal($"praman: {Assert.Single(options)}: there is no such option; see 'praman {command} --help'", errors.TrimEnd());
    }

    /// <summary>Behind two hyphens everything is input, and one hyphen is standard input.</summary>
    [Fact]
    public void InputThatLooksLikeAnOptionIsTakenBehindTwoHyphens()
    {
        (int exit, _, string errors) = DotnetProgram.RunPraman(["verify", "--", "--bill.json"]);
        Assert.Equal(2, exit);
        Assert.Contains("--bill.json: no such file", errors, StringComparison.Ordinal);
        Assert.Equal(0, DotnetProgram.RunPraman(["decode", "-"], "C001C100030100010800FF0200"u8.ToArray()).Exit);
        Assert.Equal(0, DotnetProgram.RunPraman(["decode", "C0-01-C1-00-03-01-00-01-08-00-FF-02-00"]).Exit);
    }
}
