using System.Text.Json.Nodes;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Framing;
using Praman.Dlms.Security;
using Praman.Dlms.Tests.Explain;

namespace Praman.Dlms.Tests.Security;

/// <summary>The worked examples of the Green Book, RFC 3394 and FIPS 197.</summary>
public class SecurityVectorTests
{
    public static TheoryData<string> Crypto => Vectors.Names(vector => vector.Layer == "crypto");

    [Theory, MemberData(nameof(Crypto))]
    public void ComputesTheVector(string name)
    {
        Vector vector = Vectors.Get(name);
        string operation = vector.Expected["op"]!.GetValue<string>();
        switch (operation.Split(' ')[0])
        {
            case "hls-gmac": HlsGmac(vector); break;
            case "gcm-auth-enc": AuthenticatedEncryption(vector); break;
            case "aes-key-wrap": Wrap(vector); break;
            case "aes-ecb": Assert.Equal(Text(vector, "resultHex"), Convert.ToHexString(Hls.EncryptChallenge(Octets(vector, "key"), vector.Bytes))); break;
            case "hdlc-fcs":
                Assert.Equal(vector.Expected["fcsValue"]!.GetValue<int>(), Crc16X25.Compute(vector.Bytes));
                break;
            default: Assert.Fail("no test knows the operation " + operation); break;
        }
    }

    private static void HlsGmac(Vector vector)
    {
        using var cipher = new GcmCipher(Key(vector, "guek"));
        byte[] answer = new byte[Hls.GmacLength];
        byte[] title = Octets(vector, "systemTitle");
        uint counter = vector.Expected["invocationCounter"]!.GetValue<uint>();
        Hls.WriteGmac(cipher, Key(vector, "gak"), title, counter, vector.Bytes, answer);
        Assert.Equal(Text(vector, "fChallengeHex"), Convert.ToHexString(answer));
        Assert.True(Hls.TryVerifyGmac(cipher, Key(vector, "gak"), title, vector.Bytes, answer, out uint back));
        Assert.Equal(counter, back);
        for (int at = 0; at < answer.Length; at++)
        {
            answer[at] ^= 1;
            Assert.False(Hls.TryVerifyGmac(cipher, Key(vector, "gak"), title, vector.Bytes, answer, out _), $"octet {at} was altered");
            answer[at] ^= 1;
            Assert.False(Hls.TryVerifyGmac(cipher, Key(vector, "gak"), title, vector.Bytes, answer.AsSpan(0, at), out _));
        }
    }

    private static void AuthenticatedEncryption(Vector vector)
    {
        using var context = new SecurityContext(SecurityControl.AuthenticatedEncryption, Octets(vector, "systemTitle"), Key(vector, "guek"), Key(vector, "gak"))
        {
            SendCounter = vector.Expected["invocationCounter"]!.GetValue<uint>(),
        };
        var writer = new AxdrWriter(new byte[100]);
        Assert.Equal(SecurityOutcome.Success, context.Protect(Protection.ServiceGlobal, vector.Bytes, ref writer));
        Assert.Equal(Text(vector, "gloGetRequestHex"), Convert.ToHexString(writer.Written));
        Assert.EndsWith(Text(vector, "cipherTextAndTagHex"), Convert.ToHexString(writer.Written), StringComparison.Ordinal);
    }

    private static void Wrap(Vector vector)
    {
        byte[] kek = Octets(vector, "kek");
        byte[] wrapped = KeyWrap.Wrap(kek, vector.Bytes);
        Assert.Equal(Text(vector, "wrappedHex"), Convert.ToHexString(wrapped));
        byte[] key = new byte[vector.Bytes.Length];
        Assert.True(KeyWrap.TryUnwrap(kek, wrapped, key));
        Assert.Equal(vector.Bytes, key);
    }

    [Theory]
    [InlineData("000102030405060708090A0B0C0D0E0F", "00112233445566778899AABBCCDDEEFF", "1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5")] // RFC 3394, 4.1
    [InlineData("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F", "00112233445566778899AABBCCDDEEFF", "64E8C3F9CE0F5BA263E9777905818A2A93C8191E7D6E8AE7")] // 4.3
    public void WrapsAKeyAndNoticesEveryAlteredOctet(string kekHex, string keyHex, string wrappedHex)
    {
        byte[] kek = Convert.FromHexString(kekHex), wrapped = Convert.FromHexString(wrappedHex), key = new byte[16];
        Assert.Equal(wrappedHex, Convert.ToHexString(KeyWrap.Wrap(kek, Convert.FromHexString(keyHex))));
        Assert.True(KeyWrap.TryUnwrap(kek, wrapped, key));
        Assert.Equal(keyHex, Convert.ToHexString(key));
        key = new byte[16];
        for (int at = 0; at < wrapped.Length; at++)
        {
            wrapped[at] ^= 0x80;
            Assert.False(KeyWrap.TryUnwrap(kek, wrapped, key));
            wrapped[at] ^= 0x80;
            Assert.False(KeyWrap.TryUnwrap(kek, wrapped.AsSpan(0, at), key));
        }
        Assert.Equal(new byte[16], key); // nothing was delivered
    }

    private static string Text(Vector vector, string member) => vector.Expected[member]!.GetValue<string>();

    private static byte[] Octets(Vector vector, string member) => Convert.FromHexString(Text(vector, member));

    private static byte[] Key(Vector vector, string name) => Convert.FromHexString(((JsonNode)vector.Keys[name]!).GetValue<string>());

    [Fact]
    public void EveryServiceHasItsCipheredTagAndBack()
    {
        Assert.True(ServiceCiphering.TryGetGlobal(GetRequest.Tag, out byte global) && global == 0xC8);
        Assert.True(ServiceCiphering.TryGetDedicated(ActionResponse.Tag, out byte dedicated) && dedicated == 0xD7);
        Assert.True(ServiceCiphering.TryGetGlobal(InitiateRequest.Tag, out byte initiate) && initiate == 0x21);
        int count = 0;
        for (int tag = 0; tag < 256; tag++)
        {
            if (ServiceCiphering.TryGetGlobal((byte)tag, out global))
            {
                Assert.True(ServiceCiphering.TryGetPlain(global, out byte plain, out bool isDedicated) && plain == tag && !isDedicated);
                count++;
            }
            if (ServiceCiphering.TryGetDedicated((byte)tag, out dedicated))
                Assert.True(ServiceCiphering.TryGetPlain(dedicated, out byte plain, out bool isDedicated) && plain == tag && isDedicated);
        }
        Assert.Equal(16, count);
    }
}
