using System.Text;
using Praman.Metering;
using Praman.Proof.Notes;

namespace Praman.Proof.Tests.Notes;

public class Ed25519Tests
{
    /// <summary>RFC 8032 section 7.1, tests 1, 2, 3 and SHA(abc).</summary>
    [Theory]
    [InlineData("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [InlineData("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")]
    [InlineData("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]
    [InlineData("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42", "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704")]
    public void SignsAndVerifiesTheVectors(string seed, string publicKey, string message, string signature)
    {
        byte[] secret = Convert.FromHexString(seed), text = Convert.FromHexString(message), expected = Convert.FromHexString(signature), key = Convert.FromHexString(publicKey);
        Assert.Equal(key, Ed25519Signature.PublicKey(secret));
        Assert.Equal(expected, Ed25519Signature.Sign(secret, text));
        Assert.True(Ed25519Signature.Verify(key, text, expected));
        for (int bit = 0; bit < 8 * expected.Length; bit += 7)
        {
            byte[] changed = [.. expected];
            changed[bit >> 3] ^= (byte)(1 << (bit & 7));
            Assert.False(Ed25519Signature.Verify(key, text, changed));
        }
        Assert.False(Ed25519Signature.Verify(key, [.. text, 0], expected));
        Assert.False(Ed25519Signature.Verify(key, text, expected.AsSpan(1)));
        Assert.False(Ed25519Signature.Verify(key.AsSpan(1), text, expected));
    }

    [Fact]
    public void ASignatureWithItsScalarMovedByTheGroupOrderIsRefused()
    {
        byte[] seed = new byte[32], signature = Ed25519Signature.Sign(seed, "x"u8);
        byte[] order = Convert.FromHexString("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
        int carry = 0;
        for (int i = 0; i < 32; i++)
        {
            carry += signature[32 + i] + order[i];
            signature[32 + i] = (byte)carry;
            carry >>= 8;
        }
        Assert.False(Ed25519Signature.Verify(Ed25519Signature.PublicKey(seed), "x"u8, signature)); // RFC 8032 5.1.7: S below the order
    }

    [Fact]
    public void PointsOfSmallOrderAreNoKeys()
    {
        byte[] identity = new byte[32];
        identity[0] = 1;
        Assert.False(Ed25519Signature.IsPublicKey(identity));
        Assert.False(Ed25519Signature.IsPublicKey(new byte[32]));
        Assert.Throws<ArgumentException>(() => new NoteVerifierKey("a", NoteKeyType.Ed25519, identity));
    }

    [Fact]
    public void KeysGoBothWaysAsText()
    {
        foreach (NoteKeyType type in (NoteKeyType[])[NoteKeyType.Ed25519, NoteKeyType.CosignatureV1])
        {
            using var key = NoteSigningKey.Create("log.example/ü", type);
            Assert.True(NoteSigningKey.TryParse(key.ToSecretText() + "\n", out NoteSigningKey? back, out DecodeError error), error.ToString());
            Assert.Equal(key.VerifierKey, back.VerifierKey);
            Assert.True(NoteVerifierKey.TryParse(key.VerifierKey.ToString(), out NoteVerifierKey? publicKey, out error), error.ToString());
            Assert.Equal(key.VerifierKey, publicKey);
            Assert.DoesNotContain(Convert.ToBase64String(key.VerifierKey.PublicKey), key.ToString(), StringComparison.Ordinal);
            Assert.Equal("log.example/ü", key.ToString());
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("a+b")]
    [InlineData("+6f24e418+AcJLGl4ZyoDU98qywQXjxVCoObXO8OtfPsdGKr1+8HSb")]
    [InlineData("log.praman.example/test-discom+6f24e419+AcJLGl4ZyoDU98qywQXjxVCoObXO8OtfPsdGKr1+8HSb")] // another key's id
    [InlineData("log.praman.example/test-discoN+6f24e418+AcJLGl4ZyoDU98qywQXjxVCoObXO8OtfPsdGKr1+8HSb")] // another name
    [InlineData("log praman+6f24e418+AcJLGl4ZyoDU98qywQXjxVCoObXO8OtfPsdGKr1+8HSb")]
    [InlineData("log.praman.example/test-discom+6f24e41+AcJLGl4ZyoDU98qywQXjxVCoObXO8OtfPsdGKr1+8HSb")]
    [InlineData("log.praman.example/test-discom+6f24e418+")]
    [InlineData("log.praman.example/test-discom+6f24e418+AsJLGl4ZyoDU98qywQXjxVCoObXO8OtfPsdGKr1+8HSb")] // type 0x02
    [InlineData("log.praman.example/test-discom+6f24e418+AcJLGl4ZyoDU98qywQXjxVCoObXO8OtfPsdGKr1+8HQ=")] // 31 octets
    public void ABrokenKeyIsRefusedWithItsReason(string text)
    {
        Assert.False(NoteVerifierKey.TryParse(text, out _, out DecodeError error));
        Assert.NotEmpty(error.Reason);
        Assert.False(NoteSigningKey.TryParse("PRIVATE+KEY+" + text, out _, out error));
        Assert.NotEmpty(error.Reason);
    }

    [Fact]
    public void TheVectorsKeysHaveTheirIds()
    {
        string[] lines = File.ReadAllLines(Praman.Testing.TestFiles.SharedOrSkip("vectors/tlog/vkeys.txt"));
        foreach ((string line, string phrase, NoteKeyType type) in (ReadOnlySpan<(string, string, NoteKeyType)>)
            [(lines[0], "praman test log key", NoteKeyType.Ed25519), (lines[1], "praman test witness key", NoteKeyType.CosignatureV1)])
        {
            Assert.True(NoteVerifierKey.TryParse(line, out NoteVerifierKey? key, out DecodeError error), error.ToString());
            Assert.Equal(line, key.ToString());
            using var signing = new NoteSigningKey(key.Name, type, Digest.Sha256(Encoding.ASCII.GetBytes(phrase)).Octets);
            Assert.Equal(key, signing.VerifierKey);
        }
    }
}
