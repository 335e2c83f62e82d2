using NodaTime;
using Praman.Dlms.Acse;
using Praman.Dlms.Client;
using Praman.Dlms.Security;
using Praman.Dlms.Server;
using Praman.Meter.Load;

namespace Praman.Meter.Tests;

/// <summary>A meter with known secrets, and clients for it.</summary>
internal static class TestMeter
{
    public static readonly byte[] Guek = Convert.FromHexString("000102030405060708090A0B0C0D0E0F");
    public static readonly byte[] Gak = Convert.FromHexString("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF");
    public static readonly byte[] Master = Convert.FromHexString("00112233445566778899AABBCCDDEEFF");
    public static readonly byte[] HlsSecret = "ABCDEFGHABCDEFGH"u8.ToArray();
    public static readonly byte[] ClientTitle = "HES\0\0\0\0\x01"u8.ToArray();
    public static readonly byte[] MeterTitle = VirtualMeter.MakeSystemTitle("PRM", 4711);

    /// <summary>1 June 2026, midnight in India.</summary>
    public static readonly Instant Start = Instant.FromUtc(2026, 5, 31, 18, 30);

    public static MeterKeys Keys => new(Guek, Gak, "lnt1"u8.ToArray(), HlsSecret, Master);

    public static VirtualMeter Make(MeterModel? model = null, ILoadSource? source = null, ulong seed = 1, int driftPpm = 0, LoadTotals initial = default) =>
        new(new MeterType(model ?? new()), "12345678", MeterTitle, Keys, source ?? new HouseholdLoad(seed, Start, Offset.FromHoursAndMinutes(5, 30)), Start, initial, driftPpm);

    public static DlmsClientSettings Public => new() { ClientSap = MeterClient.Public };

    public static DlmsClientSettings Reader => new() { ClientSap = MeterClient.MeterReader, Mechanism = AuthenticationMechanism.Lls, Secret = "lnt1"u8.ToArray() };

    public static DlmsClientSettings Utility => new()
    {
        ClientSap = MeterClient.UtilitySetting, Mechanism = AuthenticationMechanism.HlsGmac, IsCiphered = true,
        SystemTitle = ClientTitle, Guek = Guek, Gak = Gak, Protection = SecurityControl.AuthenticatedEncryption,
    };

    /// <summary>A client over a new connection to the meter, with counters from <paramref name="counter"/> on.</summary>
    public static TestLink Link(this VirtualMeter meter, DlmsClientSettings settings, Instant now, uint counter = 1) =>
        new(new DlmsClient(settings, new CounterLease(counter, 100_000)), meter.OpenAssociation(), now);
}

/// <summary>A client and a server with nothing between them but octets, which a test may look at, cut, repeat or change.</summary>
internal sealed class TestLink(DlmsClient client, DlmsServerAssociation server, Instant now) : IDisposable
{
    public DlmsClient Client { get; } = client;

    public DlmsServerAssociation Server { get; } = server;

    public Instant Now { get; set; } = now;

    public int RoundTripCount { get; private set; }

    /// <summary>Octets of the last request and the last answer.</summary>
    public byte[] LastRequest { get; private set; } = [];

    public byte[] LastAnswer { get; private set; } = [];

    public List<byte[]> Requests { get; } = [];

    public Func<byte[], byte[]>? ChangeRequest { get; set; }

    public Func<byte[], byte[]>? ChangeAnswer { get; set; }

    /// <summary>Runs a request until it is done or failed, or nothing more comes.</summary>
    public ClientStep Run(ClientStep step)
    {
        while (step.Status == ClientStatus.Pending && !step.Send.IsEmpty)
        {
            RoundTripCount++;
            LastRequest = step.Send.ToArray();
            if (ChangeRequest is not null) LastRequest = ChangeRequest(LastRequest);
            Requests.Add(LastRequest);
            LastAnswer = Server.Receive(LastRequest, Now).ToArray();
            if (ChangeAnswer is not null) LastAnswer = ChangeAnswer(LastAnswer);
            step = Client.Received(LastAnswer);
        }
        return step;
    }

    /// <summary>As <see cref="Run"/>; the test fails where the request does.</summary>
    public ClientStep Done(ClientStep step)
    {
        ClientStep last = Run(step);
        Assert.True(last.IsDone, last.Error?.ToString() ?? "no answer came");
        return last;
    }

    public ClientError Fails(ClientStep step)
    {
        ClientStep last = Run(step);
        Assert.True(last.IsFailed, "the request did not fail");
        return last.Error!;
    }

    public TestLink Connected()
    {
        Done(Client.Connect());
        return this;
    }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
    }
}
