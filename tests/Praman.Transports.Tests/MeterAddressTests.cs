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

    [Theory]
    [InlineData("lls", LinkAuthentication.Lls)]
    [InlineData("md5", LinkAuthentication.HlsMd5)]
    [InlineData("sha1", LinkAuthentication.HlsSha1)]
    [InlineData("sha256", LinkAuthentication.HlsSha256)]
    public void EveryMechanismWithASecretIsReadAndWrittenBack(string name, LinkAuthentication authentication)
    {
        Assert.True(MeterAddress.TryParse($"tcp://h?client=48&auth={name}&secret=0102030405", out MeterAddress? address, out string? error), error);
        Assert.Equal((authentication, 5), (address.Authentication, address.Secret.Length));
        Assert.True(MeterAddress.TryParse(address.ToText(withKeys: true), out MeterAddress? again, out _));
        Assert.Equal(authentication, again.Authentication);
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

    [Theory]
    [InlineData("udp://meter.example:4059?client=48", LinkScheme.Udp, LinkFraming.Wrapper, "udp://meter.example:4059")]
    [InlineData("udp://[::1]", LinkScheme.Udp, LinkFraming.Wrapper, "udp://[::1]:4059")]
    [InlineData("hdlc+tcp://h:4001?client=32", LinkScheme.Tcp, LinkFraming.Hdlc, "tcp://h:4001?framing=hdlc")]
    [InlineData("tcp://h?framing=hdlc&physical=17&window=3&info=512", LinkScheme.Tcp, LinkFraming.Hdlc, "tcp://h:4059?framing=hdlc&octets=2&physical=17&info=512&window=3")]
    [InlineData("tcp://h?framing=hdlc&physical=9999", LinkScheme.Tcp, LinkFraming.Hdlc, "tcp://h:4059?framing=hdlc&octets=4&physical=9999")]
    [InlineData("tcp://h?gateway=1:0a00000b&client=32", LinkScheme.Tcp, LinkFraming.Wrapper, "tcp://h:4059?gateway=1:0A00000B")]
    [InlineData("hdlc+tcp://h?gateway=0:@PRM0000001", LinkScheme.Tcp, LinkFraming.Hdlc, "tcp://h:4059?framing=hdlc&gateway=0:@PRM0000001")]
    [InlineData("serial:///dev/ttyUSB0?gateway=255:@a.b", LinkScheme.Serial, LinkFraming.Hdlc, "serial:///dev/ttyUSB0?baud=9600&format=8N1&opening=direct&framing=hdlc&gateway=255:612E62")]
    [InlineData("tcp://h?names=short", LinkScheme.Tcp, LinkFraming.Wrapper, "tcp://h:4059?names=short")]
    [InlineData("hdlc+tcp://h?names=short&gateway=2:01", LinkScheme.Tcp, LinkFraming.Hdlc, "tcp://h:4059?framing=hdlc&gateway=2:01&names=short")]
    [InlineData("serial:///dev/ttyUSB0", LinkScheme.Serial, LinkFraming.Hdlc, "serial:///dev/ttyUSB0?baud=9600&format=8N1&opening=direct&framing=hdlc")]
    [InlineData("serial:/dev/ttyS1?baud=300&opening=mode-e&format=7E1", LinkScheme.Serial, LinkFraming.Hdlc, "serial:///dev/ttyS1?baud=300&format=7E1&opening=mode-e&framing=hdlc")]
    [InlineData("serial://COM3?octets=4&physical=17", LinkScheme.Serial, LinkFraming.Hdlc, "serial://COM3?baud=9600&format=8N1&opening=direct&framing=hdlc&octets=4&physical=17")]
    public void EveryKindOfLinkIsReadAndWrittenBack(string text, LinkScheme scheme, LinkFraming framing, string link)
    {
        Assert.True(MeterAddress.TryParse(text, out MeterAddress? address, out string? error), error);
        Assert.Equal((scheme, framing, link), (address.Scheme, address.Framing, address.Link));
        Assert.True(MeterAddress.TryParse(address.ToText(withKeys: true), out MeterAddress? again, out error), error);
        Assert.Equal((address.Link, address.Client, address.Hdlc, address.Line, address.Opening, address.Gateway), (again.Link, again.Client, again.Hdlc, again.Line, again.Opening, again.Gateway));
        Assert.Equal((address.UsesShortNames, text.Contains("names=short", StringComparison.Ordinal)), (again.UsesShortNames, address.UsesShortNames));
        Assert.True(MeterAddress.TryParse(address.Link, out again, out error), error); // a link alone says how the meter is reached
        Assert.Equal(address.Link, again.Link);
    }

    [Theory, InlineData(1), InlineData(2)]
    public void KeyPairsAndEnvelopesAreReadAndWrittenBack(int suite)
    {
        string Octets(int count, byte first) => Convert.ToHexString([.. Enumerable.Range(first, count).Select(i => (byte)i)]);
        (string key, string sign, string agree) = (Octets(suite == 2 ? 32 : 16, 1), Octets(suite == 2 ? 48 : 32, 2), Octets(suite == 2 ? 48 : 32, 3));
        (string meterSign, string meterAgree, string authority) = (Octets(suite == 2 ? 96 : 64, 4), Octets(700, 5), Octets(2048, 6));
        string text = $"tcp://h:4059?client=48&server=1&framing=wrapper&auth=ecdsa&policy=authenticated-encrypted&suite={suite}&envelope=one-pass&signed=yes&guek={key}&gak={key}"
            + $"&sign={sign}&agree={agree}&meter-sign={meterSign}&meter-agree={meterAgree}&authority={authority}&meter-title=50524D0000000001";
        Assert.True(MeterAddress.TryParse(text, out MeterAddress? address, out string? error), error);
        Assert.Equal((LinkAuthentication.Ecdsa, suite, LinkEnvelope.OnePass, true), (address.Authentication, address.Suite, address.Envelope, address.Signs));
        Assert.Equal((sign, agree), (Convert.ToHexString(address.SignatureKey.Span), Convert.ToHexString(address.AgreementKey.Span)));
        Assert.Equal((meterSign, meterAgree, authority), (Convert.ToHexString(address.MeterSignature.Span), Convert.ToHexString(address.MeterAgreement.Span), Convert.ToHexString(address.Authority.Span)));
        Assert.Equal(text, address.ToText(withKeys: true));
        string told = address.ToString();
        foreach (string secret in new[] { key, sign, agree }) Assert.DoesNotContain(secret, told, StringComparison.Ordinal);
        MeterAddress behind = address.Behind(LinkGateway.OfText(1, "M1"));
        Assert.Equal((sign, "1:@M1"), (Convert.ToHexString(behind.SignatureKey.Span), behind.Gateway.ToString()));
    }

    [Theory]
    [InlineData("suite=3", "expected 0 to 2")]
    [InlineData("suite=", "expected 0 to 2")]
    [InlineData("envelope=wrapped", "expected service, general-glo, identified, one-pass, static")]
    [InlineData("signed=1", "expected yes, no")]
    [InlineData("auth=ecdsa", "need suite=1 or suite=2")]
    [InlineData("suite=0&sign=0102", "need suite=1 or suite=2")]
    [InlineData("suite=1&auth=ecdsa", "need sign=HEX")]
    [InlineData("suite=1&auth=ecdsa&sign={32}", "meter-sign=HEX")]
    [InlineData("suite=1&auth=ecdsa&sign={48}&meter-sign={64}", "sign has 96 characters: expected 64 hex digits in suite 1")]
    [InlineData("suite=2&auth=ecdsa&sign={48}&meter-sign={64}", "meter-sign has 128 characters: expected 192 hex digits in suite 2, or a certificate")]
    [InlineData("suite=2&guek={16}&gak={16}", "guek has 32 characters: expected 64 hex digits in suite 2")]
    [InlineData("suite=1&guek={16}&gak={32}", "gak has 64 characters: expected 32 hex digits in suite 1")]
    [InlineData("suite=1&envelope=static", "need a policy of protection")]
    [InlineData("suite=1&envelope=static&guek={16}&gak={16}", "need agree=HEX")]
    [InlineData("suite=1&meter-title=00", "16 hex digits")]
    public void AWrongOptionOfSuites1And2IsNamed(string options, string words)
    {
        foreach (int count in new[] { 16, 32, 48, 64 }) options = options.Replace($"{{{count}}}", new string('1', 2 * count), StringComparison.Ordinal);
        Assert.False(MeterAddress.TryParse("tcp://h?client=48&" + options, out _, out string? error));
        Assert.Contains(words, error, StringComparison.Ordinal);
        Assert.DoesNotContain("1111", error, StringComparison.Ordinal);
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
    [InlineData("http://h", "expected tcp://host:port, udp://host:port or serial:///dev/")]
    [InlineData("udp:h", "expected tcp://")]
    [InlineData("udp://", "no host")]
    [InlineData("udp://h?framing=hdlc", "UDP carries the wrapper")]
    [InlineData("udp://h?baud=9600", "'baud' is one of serial: links")]
    [InlineData("tcp://h?names=long", "expected logical or short")]
    [InlineData("tcp://h?gateway=256:00", "expected NETWORK:HEX")]
    [InlineData("tcp://h?gateway=1:", "expected NETWORK:HEX")]
    [InlineData("tcp://h?gateway=1:0", "expected NETWORK:HEX")]
    [InlineData("tcp://h?gateway=1:@", "expected NETWORK:HEX")]
    [InlineData("tcp://h?gateway=PRM0000001", "expected NETWORK:HEX")]
    [InlineData("tcp://h?framing=mbus", "expected wrapper or hdlc")]
    [InlineData("tcp://h?window=3", "'window' is one of framing=hdlc")]
    [InlineData("hdlc+tcp://h?framing=wrapper", "one of the two")]
    [InlineData("tcp://h?framing=hdlc&client=200", "1 to 127")]
    [InlineData("tcp://h?framing=hdlc&octets=3", "1, 2 or 4")]
    [InlineData("tcp://h?framing=hdlc&octets=4", "needs physical")]
    [InlineData("tcp://h?framing=hdlc&octets=1&physical=17", "no physical part")]
    [InlineData("tcp://h?framing=hdlc&octets=2&physical=200", "1 to 127")]
    [InlineData("tcp://h?framing=hdlc&physical=20000", "1 to 16383")]
    [InlineData("tcp://h?framing=hdlc&server=128", "1 to 127")]
    [InlineData("tcp://h?framing=hdlc&window=8", "1 to 7")]
    [InlineData("tcp://h?framing=hdlc&info=4", "8 to 2030")]
    [InlineData("serial:", "no serial device")]
    [InlineData("serial://?baud=9600", "no serial device")]
    [InlineData("serial:///dev/ttyUSB0?baud=12", "300 to 921600")]
    [InlineData("serial:///dev/ttyUSB0?format=9X1", "8N1 or 7E1")]
    [InlineData("serial:///dev/ttyUSB0?opening=mode-c", "direct or mode-e")]
    [InlineData("serial:///dev/ttyUSB0?framing=wrapper", "speaks HDLC")]
    [InlineData("tcp://", "no host")]
    [InlineData("tcp://u:p@h", "more than host")]
    [InlineData("tcp://h/path", "more than host")]
    [InlineData("tcp://h:99999", "'99999': expected 1 to 65535")]
    [InlineData("tcp://h?client=0", "1 to 65535")]
    [InlineData("tcp://h?client=70000", "1 to 65535")]
    [InlineData("tcp://h?client", "name=value")]
    [InlineData("tcp://h?client=16&client=17", "twice")]
    [InlineData("tcp://h?colour=red", "not known")]
    [InlineData("tcp://h?auth=high", "expected none, lls, hls2, gmac, md5, sha1, sha256, ecdsa")]
    [InlineData("tcp://h?auth=sha256", "sha256 need secret=HEX")]
    [InlineData("tcp://h?auth=md5", "need secret=HEX")]
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
            && MeterAddress.TryParse(text, out _, out string? other) != (other is not null)
            && MeterAddress.TryParse("serial:" + text, out _, out string? serial) != (serial is not null));
}
