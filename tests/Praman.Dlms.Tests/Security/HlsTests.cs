using Praman.Dlms.Acse;
using Praman.Dlms.Security;

namespace Praman.Dlms.Tests.Security;

/// <summary>The answers of high-level security. Challenges and titles are the Green Book's; the digests were computed with another program.</summary>
public class HlsTests
{
    private static readonly byte[] Secret = "ABCDEFGHABCDEFGH"u8.ToArray();
    private static readonly byte[] ToServer = "K56iVagY"u8.ToArray(), ToClient = "P6wRJ21F"u8.ToArray();
    private static readonly byte[] Client = Convert.FromHexString("4D4D4D0000BC614E"), Server = Convert.FromHexString("4D4D4D0000000001");

    [Theory]
    [InlineData(AuthenticationMechanism.HlsMd5, "7730C96BAF9BAE147EAAAB42FDC0B818")]
    [InlineData(AuthenticationMechanism.HlsSha1, "49125B62B92D1D6E639349BE1EF0DEB751F9A6C4")]
    [InlineData(AuthenticationMechanism.HlsSha256, "F5D89920FAFF11D9E7A69B0D67CEB3970E3A739A8D0F1A7EAB05D340055828D0")]
    public void TheClientAnswersTheServersChallenge(AuthenticationMechanism mechanism, string expected)
    {
        var client = new HlsParties { Secret = Secret, OwnTitle = Client, PeerTitle = Server, OwnChallenge = ToServer, PeerChallenge = ToClient };
        var server = new HlsParties { Secret = Secret, OwnTitle = Server, PeerTitle = Client, OwnChallenge = ToClient, PeerChallenge = ToServer };
        byte[] answer = Hls.Answer(mechanism, client, null)!;
        Assert.Equal(expected, Convert.ToHexString(answer));
        Assert.True(Hls.Check(mechanism, server, null, answer));
        Assert.False(Hls.Check(mechanism, client, null, answer)); // reflected, it is no answer
        for (int at = 0; at < answer.Length; at++)
        {
            Assert.False(Hls.Check(mechanism, server, null, answer.AsSpan(0, at)));
            answer[at] ^= 1;
            Assert.False(Hls.Check(mechanism, server, null, answer));
            answer[at] ^= 1;
        }
    }

    [Fact]
    public void TheServersAnswerOfMechanism6IsAnother()
    {
        var server = new HlsParties { Secret = Secret, OwnTitle = Server, PeerTitle = Client, OwnChallenge = ToClient, PeerChallenge = ToServer };
        Assert.Equal("D7ACBDBAE1E78F66CB1761877C920F7DD5098BF796672399308C1108EE830F9D", Convert.ToHexString(Hls.Answer(AuthenticationMechanism.HlsSha256, server, null)!));
    }

    [Theory, InlineData(1), InlineData(2)]
    public void ASignedAnswerIsOfTitlesAndChallengesInTheirOrder(int suite)
    {
        using EllipticKeys client = EllipticKeys.Generate(suite), server = EllipticKeys.Generate(suite);
        var mine = new HlsParties { OwnTitle = Client, PeerTitle = Server, OwnChallenge = ToServer, PeerChallenge = ToClient };
        var theirs = new HlsParties { OwnTitle = Server, PeerTitle = Client, OwnChallenge = ToClient, PeerChallenge = ToServer };
        byte[] answer = Hls.Answer(AuthenticationMechanism.HlsEcdsa, mine, client)!;
        Assert.True(client.Verify([.. Client, .. Server, .. ToClient, .. ToServer], answer));
        Assert.True(Hls.Check(AuthenticationMechanism.HlsEcdsa, theirs, client, answer));
        Assert.False(Hls.Check(AuthenticationMechanism.HlsEcdsa, theirs, server, answer));
        Assert.False(Hls.Check(AuthenticationMechanism.HlsEcdsa, mine, client, answer));
        Assert.False(Hls.Check(AuthenticationMechanism.HlsEcdsa, theirs, null, answer));
    }

    [Fact]
    public void WithoutASecretNothingIsAnsweredAndNothingVerifies()
    {
        var none = new HlsParties { OwnTitle = Client, PeerTitle = Server, OwnChallenge = ToServer, PeerChallenge = ToClient };
        foreach (AuthenticationMechanism mechanism in Enum.GetValues<AuthenticationMechanism>())
        {
            Assert.Null(Hls.Answer(mechanism, none, null));
            Assert.False(Hls.Check(mechanism, none, null, []));
        }
    }

    [Theory]
    [InlineData(AuthenticationMechanism.HlsGmac, 7, false)]
    [InlineData(AuthenticationMechanism.HlsGmac, 8, true)]
    [InlineData(AuthenticationMechanism.HlsGmac, 64, true)]
    [InlineData(AuthenticationMechanism.HlsGmac, 65, false)]
    [InlineData(AuthenticationMechanism.Hls, 24, false)]
    [InlineData(AuthenticationMechanism.Hls, 32, true)]
    [InlineData(AuthenticationMechanism.HlsEcdsa, 31, false)]
    [InlineData(AuthenticationMechanism.HlsEcdsa, 32, true)]
    public void AChallengeHasItsLength(AuthenticationMechanism mechanism, int length, bool taken)
    {
        Assert.Equal(taken, Hls.IsChallenge(mechanism, new byte[length]));
        Assert.False(Hls.IsChallenge(mechanism, new byte[length], new byte[length])); // our own, sent back
    }
}
