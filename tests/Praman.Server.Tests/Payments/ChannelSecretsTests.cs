using NodaTime;
using Praman.Billing.Ledger;
using Praman.Server.Payments;

namespace Praman.Server.Tests.Payments;

/// <summary>Secrets of channels as a place sets them: what does not fit is refused by name, and no secret is ever said.</summary>
public sealed class ChannelSecretsTests : IDisposable
{
    private const string Secret = "00112233445566778899aabbccddeeff";
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void AFileGivesItsChannels()
    {
        PaymentChannels channels = Load($$$"""{"currency":"INR","channels":{"upi":"{{{Secret}}}","bbps":"{{{Secret}}}00"}}""");
        Assert.Equal(Convert.FromHexString(Secret), channels.SecretOf("upi"));
        Assert.Equal(17, channels.SecretOf("bbps")!.Length);
        Assert.Null(channels.SecretOf("card"));
    }

    [Theory]
    [InlineData("""{"currency":"INR","channels":{"upi":"00112233445566778899aabbccddee"}}""", "channels.upi: at least 16 octets in hex")]
    [InlineData("""{"currency":"INR","channels":{"upi":"not hex, and quite a long text"}}""", "channels.upi: at least 16 octets in hex")]
    [InlineData("""{"currency":"INR","channels":{"upi":7}}""", "channels.upi: at least 16 octets in hex")]
    [InlineData("""{"currency":"INR","channels":{}}""", "at least one channel")]
    [InlineData("""{"currency":"rupees","channels":{"upi":"00112233445566778899aabbccddeeff"}}""", "three capital letters")]
    [InlineData("""{"currency":"INR","secrets":{"upi":"00112233445566778899aabbccddeeff"}}""", "secrets: expected currency")]
    [InlineData("[]", "an object with currency and channels")]
    [InlineData("{\"currency\":", "line 1: JSON was expected")]
    public void WhatDoesNotFitIsRefusedByName(string json, string expected)
    {
        InvalidDataException refused = Assert.Throws<InvalidDataException>(() => Load(json));
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.Contains(_path, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFileThatOthersMayReadIsRefused()
    {
        if (OperatingSystem.IsWindows()) return; // no such bits there
        File.WriteAllText(_path, $$$"""{"currency":"INR","channels":{"upi":"{{{Secret}}}"}}""");
        File.SetUnixFileMode(_path, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Contains("others may read it", Assert.Throws<InvalidDataException>(Load).Message, StringComparison.Ordinal);
    }

    private PaymentChannels Load(string json)
    {
        File.WriteAllText(_path, json);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(_path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return Load();
    }

    private PaymentChannels Load() => ChannelSecrets.Load(_path, new MemoryLedger(), DateTimeZone.Utc);
}
