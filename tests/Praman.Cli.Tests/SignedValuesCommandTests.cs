using System.Text.Json;
using Praman.Testing;

namespace Praman.Cli.Tests;

/// <summary><c>praman verify</c> as a process, on signed values from elsewhere.</summary>
public sealed class SignedValuesCommandTests
{
    private static string Vector(string name) => TestFiles.SharedOrSkip("vectors/ocmf/" + name);

    private static (int Exit, string Output, string Errors) Run(params string[] arguments) => DotnetProgram.RunPraman(["verify", .. arguments]);

    [Fact]
    public void ASignedValueIsValidAndItsKeyIsSaidToComeFromTheFile()
    {
        (int exit, string output, string errors) = Run(Vector("ocmf-xml/chargepoint_3.xml"), "--json");
        Assert.Equal((0, ""), (exit, errors));
        JsonElement verdict = JsonElement.Parse(output);
        Assert.Equal(("VALID", "file"), (verdict.GetProperty("verdict").GetString(), verdict.GetProperty("key").GetString()));
        Assert.Equal("meter-key", Assert.Single(verdict.GetProperty("missing").EnumerateArray().ToArray()).GetString());
        Assert.True(verdict.GetProperty("values")[0].GetProperty("signature_valid").GetBoolean());
        Assert.Equal("1304", verdict.GetProperty("registers")[0].GetProperty("energy_wh").GetString());
    }

    [Theory]
    [InlineData("ocmf-xml/test_ocmf_keba_kcp30_fail.xml")]
    [InlineData("ocmf-xml/log4j_test3.xml")]
    public void AFalseSignatureIsANo(string name)
    {
        (int exit, string output, string errors) = Run(Vector(name));
        Assert.Equal((1, ""), (exit, errors));
        Assert.StartsWith("DIFFERENT  OCMF", output);
        Assert.Contains("signature invalid", output, StringComparison.Ordinal);
        Assert.DoesNotContain("jndi", output, StringComparison.Ordinal); // what a stranger wrote as a signature is not repeated
    }

    [Fact]
    public void TheMetersOwnKeyIsAskedFor()
    {
        const string meter =
            "3059301306072a8648ce3d020106082a8648ce3d030107034200043AEEB45C392357820A58FDFB0857BD77ADA31585C61C430531DFA53B440AFBFDD95AC887C658EA55260F808F55CA948DF235C2108A0D6DC7D4AB1A5E1A7955BE";
        (int exit, string output, _) = Run(Vector("ocmf-xml/fromweb.xml"), "--meter-key", meter, "--json");
        Assert.Equal(0, exit);
        Assert.Equal("given", JsonElement.Parse(output).GetProperty("key").GetString());
        (exit, output, _) = Run(Vector("ocmf-xml/chargepoint_3.xml"), "--meter-key", meter);
        Assert.Equal(1, exit);
        Assert.Contains("another key", output, StringComparison.Ordinal);
    }

    [Fact]
    public void AGatewaysRegistersAreGivenAndNotProven()
    {
        (int exit, string output, string errors) = Run(Vector("trudi/supplier_single_day.xml"), Vector("trudi/result_single_day_2h-gap.xml"), "--json");
        Assert.Equal((1, ""), (exit, errors));
        JsonElement verdict = JsonElement.Parse(output);
        Assert.Equal("UNPROVEN", verdict.GetProperty("verdict").GetString());
        Assert.Equal(
            [("1-0:1.8.1*255", 310, 1), ("1-0:1.8.2*255", 560, 2), ("1-0:1.8.63*255", 90, 63)],
            verdict.GetProperty("registers").EnumerateArray().Select(one => (one.GetProperty("obis").GetString()!, one.GetProperty("amount").GetInt32(), one.GetProperty("tariff_id").GetInt32())));
    }

    [Fact]
    public void WhatCannotBeReadIsOneLineAndExitTwo()
    {
        string device = Vector("trudi/result_single_day.xml"), supplier = Vector("trudi/supplier_single_day.xml"), ocmf = Vector("ocmf-xml/fromweb.xml");
        foreach ((string[] arguments, string expected) in (ReadOnlySpan<(string[], string)>)
            [([device], "no supplier's file"), ([supplier], "no device's file"), ([device, device], "a second file"), ([device, ocmf], "of another kind"), ([ocmf, ocmf], "of another kind"),
             ([ocmf, "no-such-file"], "no-such-file: no such file"), ([ocmf, "--meter-key", "xyz!"], "--meter-key")])
        {
            (int exit, string output, string errors) = Run(arguments);
            Assert.Equal((2, ""), (exit, output));
            Assert.Contains(expected, errors, StringComparison.Ordinal);
            Assert.Single(errors.TrimEnd().Split('\n'));
        }
    }
}
