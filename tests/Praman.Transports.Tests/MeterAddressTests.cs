using CsCheck;
using Praman.Transports.Addresses;

namespace Praman.Transports.Tests;

public class MeterAddressTests
{
    private const string Key = "000102030405060708090A0B0C0D0E0F";

    [Fact]
    public void AFullAddressIsReadAndWrittenBack()
    {
        string text = $"tcp://meter.example:5001?client=48&server=1&framing=wrapper&auth=gmac&policy=authenticated-encrypted&guek={Key}&gak={Key[^32..]}&title=50524D0000000001";
        Assert.True(MeterAddress.TryParse(text, out MeterAddress? address, out string? error), error);
        Assert.Equal(("meter.example", 5001, 48, 1), (address.Host, address.Port, address.Client, address.Server));
        Assert.Equal((LinkAuthentication.Gmac, LinkProtection.AuthenticatedEncrypted), (address.Authentication, address.Protection));
        Assert.Equal(Key, Convert.ToHexString(address.EncryptionKey.Span));
        Assert.Equal(text, address.ToText(withKeys: true));
    }

    [Fact]
    public void WhatIsLeftOutHasItsUsualValue()
    {
        Assert.True(MeterAddress.TryParse("tcp://127.0.0.1", out MeterAddress? address, out _));
        Assert.Equal((4059, 16, 1), (address.Port, address.Client, address.Server));
        Assert.Equal((LinkAuthentication.None, LinkProtection.None), (address.Authentication, address.Protection));
    }

    [Fact]
    public void AnAddressWithIPv6IsReadAndWrittenBack()
    {
        Assert.True(MeterAddress.TryParse("tcp://[::1]:4060?client=32&auth=lls&secret=31323334", out MeterAddress? address, out string? error), error);
        Assert.Equal("::1", address.Host);
        Assert.Equal("tcp://[::1]:4060", address.Link);
        Assert.True(MeterAddress.TryParse(address.ToText(withKeys: true), out MeterAddress? again, out _));
        Assert.Equal("1234"u8.ToArray(), again.Secret.ToArray());
    }

    [Fact]
    public void TextForLogsHoldsNoKey()
    {
        Assert.True(MeterAddress.TryParse($"tcp://h?client=48&auth=hls2&secret={Key}&guek={Key}&gak={Key}", out MeterAddress? address, out _));
        Assert.DoesNotContain(Key, $"{address} {address.Link}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "expected tcp://")]
    [InlineData("meter", "expected tcp://")]
    [InlineData("hdlc+tcp://h", "later version")]
    [InlineData("serial:/dev/ttyUSB0", "later version")]
    [InlineData("udp://h:4059", "later version")]
    [InlineData("tcp://", "no host")]
    [InlineData("tcp://u:p@h", "more than host")]
    [InlineData("tcp://h/path", "more than host")]
    [InlineData("tcp://h:99999", "no host")]
    [InlineData("tcp://h?client=0", "1 to 65535")]
    [InlineData("tcp://h?client=70000", "1 to 65535")]
    [InlineData("tcp://h?client", "name=value")]
    [InlineData("tcp://h?client=16&client=17", "twice")]
    [InlineData("tcp://h?colour=red", "not known")]
    [InlineData("tcp://h?framing=hdlc", "later version")]
    [InlineData("tcp://h?auth=high", "expected none, lls, hls2, gmac")]
    [InlineData("tcp://h?auth=lls", "need secret")]
    [InlineData("tcp://h?auth=hls2&secret=0011", "16 octets")]
    [InlineData("tcp://h?auth=gmac&guek=000102030405060708090A0B0C0D0E0F", "gak")]
    [InlineData("tcp://h?guek=00", "32 hex digits")]
    [InlineData("tcp://h?guek=00010203040506070809 0A0B0C0D0EXX", "expected 32 hex digits")]
    [InlineData("tcp://h?policy=encrypted", "needs guek")]
    [InlineData("tcp://h?guek=000102030405060708090A0B0C0D0E0F", "needs gak")]
    [InlineData("tcp://h?title=0011", "16 hex digits")]
    public void EachFaultIsNamed(string text, string says)
    {
        Assert.False(MeterAddress.TryParse(text, out _, out string? error));
        Assert.Contains(says, error, StringComparison.Ordinal);
    }

    [Fact]
    public void AWrongKeyIsNeverRepeatedInTheError()
    {
        Assert.False(MeterAddress.TryParse($"tcp://h?guek={Key}77", out _, out string? error));
        Assert.DoesNotContain("77", error, StringComparison.Ordinal);
    }

    [Fact]
    public void AnyTextIsReadOrRefusedAndNeverThrows() =>
        Gen.String.Sample(text => MeterAddress.TryParse("tcp://h?" + text, out _, out string? error) != (error is not null)
            && MeterAddress.TryParse(text, out _, out string? other) != (other is not null));
}
