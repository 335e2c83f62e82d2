using System.Diagnostics;
using System.Text.Json.Nodes;
using Praman.Testing;

namespace Praman.Cli.Tests;

/// <summary>Meters of suites 1 and 2 with mechanism 7: <c>praman simulate</c> serves them, <c>praman read</c> reads them, over TCP, as executables.</summary>
public sealed class KeyPairTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AMeterOfSuite1WithCertificatesIsReadAgainAndAgainAndEachWrongKeyIsTold()
    {
        (Process simulate, string uri) = await ServeAsync("e-meter-ecdsa");
        try
        {
            Assert.Contains("auth=ecdsa&policy=authenticated-encrypted&suite=1&envelope=one-pass&", uri, StringComparison.Ordinal);
            AssertReads(uri);
            AssertReads(uri); // what a meter takes once only, a second run does not say again
            (int exit, string output, string errors) = Run("read", uri, "--object", "0.0.43.0.3.255", "--json");
            Assert.True(exit == 0, errors);
            JsonNode setup = JsonNode.Parse(output)!;
            Assert.Equal("64", setup["class"]!.ToString());
            Assert.Contains(setup["attributes"]!.AsArray(), attribute => attribute!["attribute"]!.GetValue<int>() == 6); // version 1: its certificates
            Dictionary<string, string> options = uri[(uri.IndexOf('?', StringComparison.Ordinal) + 1)..].Split('&').Select(part => part.Split('=')).ToDictionary(part => part[0], part => part[1]);
            AssertRefused(Changed("sign"), 1, "wrong key: ", "it could not verify what we protected: gak, our key pair, or its own public key");
            AssertRefused(Changed("guek"), 0); // agreed keys take its place
            AssertRefused(Changed("gak"), 1, "wrong key: ", "gak");
            AssertRefused(Changed("meter-sign"), 1, "wrong certificate: ", "the meter's signature certificate");
            AssertRefused(Changed("authority"), 1, "wrong certificate: ", "authority");
            AssertRefused(uri.Replace($"meter-title={options["meter-title"]}", "meter-title=50524D0000000099", StringComparison.Ordinal), 1, "wrong certificate: ", "0000000001, where the meter is 50524D0000000099");
            AssertRefused(uri.Replace("suite=1", "suite=2", StringComparison.Ordinal), 2, "in suite 2");

            // Another value in the last octet, or in a certificate the last of its signature.
            string Changed(string name)
            {
                string value = options[name], other = value[..^1] + (value[^1] == '0' ? '1' : '0');
                return uri.Replace($"&{name}={value}", $"&{name}={other}", StringComparison.Ordinal);
            }
        }
        finally
        {
            await EndAsync(simulate);
        }
    }

    [Theory]
    [InlineData(2, 7, "static", 0x6C, false)]
    [InlineData(2, 7, "one-pass", 0xFC, true)]
    [InlineData(1, 7, "service", 0x6C, false)]
    [InlineData(2, 5, "identified", 0x6C, false)]
    [InlineData(1, 6, "general-glo", 0x24, true)]
    [InlineData(0, 6, "general-glo", 3, false)]
    public async Task AProfileSaysSuiteMechanismEnvelopeAndPolicyAndTheAddressFollows(int suite, int mechanism, string envelope, int policy, bool certificates)
    {
        JsonNode profile = JsonNode.Parse(await File.ReadAllTextAsync(TestFiles.InRepository("meters", "e-meter-ecdsa.json"), Cancellation))!;
        JsonNode meter = profile["meter"]!;
        (meter["securitySuite"], meter["utilityMechanism"], meter["envelope"], meter["securityPolicy"], meter["certificates"]) = (suite, mechanism, envelope, policy, certificates);
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, profile.ToJsonString(), Cancellation);
            (Process simulate, string uri) = await ServeAsync(file);
            try
            {
                AssertReads(uri);
                Assert.Equal(policy == 0xFC, uri.Contains("&signed=yes&", StringComparison.Ordinal));
                Assert.Equal(certificates, uri.Contains("&authority=", StringComparison.Ordinal));
            }
            finally
            {
                await EndAsync(simulate);
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static void AssertReads(string uri)
    {
        (int exit, string output, string errors) = Run("read", uri, "--json", "--timeout", "60");
        Assert.Equal((0, ""), (exit, errors));
        JsonNode json = JsonNode.Parse(output)!;
        Assert.Contains(json["identity"]!.AsArray(), value => value!["value"]?.GetValue<string>() == "PRM0000001");
        Assert.InRange(json["blockLoad"]!["rows"]!.AsArray().Count, 46, 50);
    }

    private static void AssertRefused(string uri, int exit, params string[] words)
    {
        (int code, _, string errors) = Run("read", uri, "--object", "0.0.96.1.0.255", "--timeout", "60");
        Assert.True(code == exit, errors);
        Assert.All(words, word => Assert.Contains(word, errors, StringComparison.Ordinal));
    }

    private static async Task<(Process Simulate, string Uri)> ServeAsync(string profile)
    {
        Process simulate = Process.Start(DotnetProgram.Of("praman.dll", "simulate", "--profile", profile, "--port", "0", "--seed", "5", "--json"))!;
        return (simulate, JsonNode.Parse((await simulate.StandardOutput.ReadLineAsync(Cancellation))!)!["uri"]!.GetValue<string>());
    }

    private static async Task EndAsync(Process simulate)
    {
        simulate.Kill();
        await simulate.WaitForExitAsync(CancellationToken.None);
        simulate.Dispose();
    }

    private static (int Exit, string Output, string Errors) Run(params string[] arguments) => DotnetProgram.RunPraman(arguments);
}
