using Praman.Dlms.Framing;
using Praman.Dlms.Security;
using Praman.Dlms.Server;
using Praman.Meter;
using Praman.Transports;
using Praman.Transports.Addresses;
using Praman.Transports.Serial;

namespace Praman.Cli.Meters;

/// <summary>How the meters of <c>praman simulate</c> are reached.</summary>
internal sealed record SimulatedLinks
{
    /// <summary>Most meters on one line: every one of them hears every octet.</summary>
    public const int LineCountMax = 250;

    private const int PhysicalFirst = 17; // 0 to 15 are reserved, 16 is what makers give to a meter whose number is not set
    private const int TwoOctetsMax = 0x7F;

    // The server takes what a client offers, up to all that there is.
    private static readonly HdlcParameters Offer = HdlcParameters.Of(HdlcParameters.InformationMax, HdlcParameters.WindowMax);

    public LinkFraming Framing { get; init; }

    /// <summary>Meters that name their objects by short names.</summary>
    public bool UsesShortNames { get; init; }

    /// <summary>Datagrams rather than TCP.</summary>
    public bool IsUdp { get; init; }

    /// <summary>All at one port: logical devices over the wrapper, stations of a line over HDLC.</summary>
    public bool IsShared { get; init; }

    /// <summary>All behind a gateway at one port, in this network; null for none.</summary>
    public byte? GatewayNetwork { get; init; }

    /// <summary>The serial device; null for TCP or UDP.</summary>
    public string? Device { get; init; }

    public SerialLine Line { get; init; } = SerialLine.Default;

    public LinkOpening Opening { get; init; }

    /// <summary>True where all meters stand at one port or on one line.</summary>
    public bool IsOne => IsShared || GatewayNetwork is not null || Device is not null;

    private bool IsLine => Device is not null || (IsShared && Framing == LinkFraming.Hdlc);

    /// <summary>What does not go together, in words; null where all does.</summary>
    public string? Fault(int count) => this switch
    {
        { IsUdp: true, Framing: LinkFraming.Hdlc } => "--udp with --framing hdlc: UDP carries the wrapper",
        { Device: not null, IsUdp: true } or { Device: not null, IsShared: true } or { Device: not null, GatewayNetwork: not null } => "--serial stands alone: all meters are stations of that line",
        { IsShared: true, GatewayNetwork: not null } => "--shared and --gateway: expected one of the two",
        { Device: null, Opening: LinkOpening.ModeE } => "--opening goes with --serial",
        { Opening: LinkOpening.ModeE } when count > 1 => $"--opening mode-e with {count} meters: an optical port has one meter behind it",
        _ when IsLine && count > LineCountMax => $"--meters {count}: a line carries up to {LineCountMax}",
        _ => null,
    };

    /// <summary>The logical device of a meter.</summary>
    public ushort SapOf(int index) => (ushort)(IsShared && Framing == LinkFraming.Wrapper ? index + 1 : 1);

    /// <summary>Serves the meters and gives each one's address, in their order.</summary>
    /// <exception cref="LinkException">A port is in use, or the serial device cannot be opened.</exception>
    public IReadOnlyList<MeterAddress> Serve(StationServer server, IReadOnlyList<SimulatedMeter> meters, int port)
    {
        int callers = StationServer.CallerCountDefault, one = 0;
        if (Device is not null) ServeLine(server, meters);
        else if (GatewayNetwork is not null) one = Listen(server, Gateway(meters), port, callers + meters.Count);
        else if (IsLine) one = Listen(server, () => Stations(meters), port, callers);
        else if (IsShared) one = Listen(server, () => Devices(meters), port, callers + meters.Count);
        var addresses = new MeterAddress[meters.Count];
        for (int index = 0; index < addresses.Length; index++)
        {
            VirtualMeter meter = meters[index].Meter;
            int at = IsOne ? one : Listen(server, () => new MeterStation(meter, Framing == LinkFraming.Hdlc ? Hdlc(1, 0) : null), port == 0 ? 0 : port + index, callers);
            addresses[index] = Address(meters[index], index, at);
        }
        return addresses;
    }

    private MeterAddress Address(SimulatedMeter meter, int index, int port) => new()
    {
        Scheme = Device is not null ? LinkScheme.Serial : IsUdp ? LinkScheme.Udp : LinkScheme.Tcp,
        Host = Device is null ? "127.0.0.1" : "",
        Device = Device ?? "",
        Port = port,
        Framing = Device is not null ? LinkFraming.Hdlc : Framing,
        Hdlc = IsLine && Opening == LinkOpening.Direct ? LinkHdlc.Default with { Octets = OctetsOf(index), Physical = PhysicalFirst + index } : LinkHdlc.Default,
        Line = Line,
        Opening = Opening,
        Gateway = GatewayNetwork is { } network ? LinkGateway.OfText(network, meter.Meter.Serial) : null,
        UsesShortNames = UsesShortNames,
        Server = SapOf(index),
        Client = MeterClient.UtilitySetting,
        Authentication = AuthenticationOf(meter.Meter.Model),
        Protection = LinkProtection.AuthenticatedEncrypted,
        EncryptionKey = meter.Keys.Guek,
        AuthenticationKey = meter.Keys.Gak,
        Secret = meter.Meter.Model.UtilityMechanism is 2 or 3 or 4 or 6 ? meter.Keys.HlsSecret : default,
        Suite = meter.Meter.Model.SecuritySuite,
        Envelope = EnvelopeOf(meter.Meter.Model),
        Signs = meter.Meter.RequiredOf(MeterObis.UtilitySecurity) is { SignedRequest: true } or { SignedResponse: true },
        MeterTitle = NeedsPairs(meter) ? meter.Meter.Security.SystemTitle : default,
        SignatureKey = NeedsPairs(meter) ? meter.Pairs!.ClientSignature : default,
        AgreementKey = NeedsPairs(meter) ? meter.Pairs!.ClientAgreement : default,
        MeterSignature = NeedsPairs(meter) ? meter.Pairs!.ToldSignature : default,
        MeterAgreement = NeedsPairs(meter) ? meter.Pairs!.ToldAgreement : default,
        Authority = NeedsPairs(meter) ? meter.Pairs!.Authority : default,
    };

    private static bool NeedsPairs(SimulatedMeter meter) => meter.Pairs is not null
        && (meter.Meter.Model is { UtilityMechanism: 7 } or { HasCertificates: true } or { Envelope: Protection.GeneralOnePass or Protection.GeneralStatic }
            || meter.Meter.RequiredOf(MeterObis.UtilitySecurity) is { SignedRequest: true } or { SignedResponse: true });

    private static LinkAuthentication AuthenticationOf(MeterModel model) => model.UtilityMechanism switch
    {
        2 => LinkAuthentication.Hls2,
        3 => LinkAuthentication.HlsMd5,
        4 => LinkAuthentication.HlsSha1,
        6 => LinkAuthentication.HlsSha256,
        7 => LinkAuthentication.Ecdsa,
        _ => LinkAuthentication.Gmac,
    };

    private static LinkEnvelope EnvelopeOf(MeterModel model) => model.Envelope switch
    {
        Protection.GeneralGlobal => LinkEnvelope.GeneralGlo,
        Protection.GeneralIdentified => LinkEnvelope.Identified,
        Protection.GeneralOnePass => LinkEnvelope.OnePass,
        Protection.GeneralStatic => LinkEnvelope.Static,
        _ => LinkEnvelope.Service,
    };

    private int Listen(StationServer server, Func<IDlmsStation> open, int port, int callerCountMax) => IsUdp ? server.AddUdp(open, port, callerCountMax) : server.AddTcp(open, port, callerCountMax);

    private void ServeLine(StationServer server, IReadOnlyList<SimulatedMeter> meters)
    {
        SerialPipe pipe = SerialPipe.Open(Device!, Opening == LinkOpening.ModeE ? ModeEMeter.SignOnLine : Line);
        if (Opening == LinkOpening.Direct)
        {
            server.AddSerial(pipe, Stations(meters));
            return;
        }
        VirtualMeter meter = meters[0].Meter;
        server.AddOptical(pipe, new MeterStation(meter, Hdlc(1, 0)), new ModeEMeter(meter.Model.FlagId, meter.Serial, meter.Serial, Line.Baud));
    }

    private static HdlcLine Stations(IReadOnlyList<SimulatedMeter> meters) =>
        new([.. meters.Select((meter, index) => new MeterStation(meter.Meter, Hdlc(OctetsOf(index), PhysicalFirst + index)))]);

    private static DlmsGateway Devices(IReadOnlyList<SimulatedMeter> meters) =>
        new((sap, gateway) => gateway is null && sap >= 1 && sap <= meters.Count ? new MeterStation(meters[sap - 1].Meter) : null);

    // One directory for all connections.
    private Func<IDlmsStation> Gateway(IReadOnlyList<SimulatedMeter> meters)
    {
        Dictionary<GatewayAddress, VirtualMeter> bySerial = meters.ToDictionary(m => new GatewayAddress(GatewayNetwork!.Value, LinkGateway.OfText(0, m.Meter.Serial).Octets), m => m.Meter);
        HdlcSettings? hdlc = Framing == LinkFraming.Hdlc ? Hdlc(1, 0) : null;
        return () => new DlmsGateway((_, called) => called is not null && bySerial.TryGetValue(called, out VirtualMeter? meter) ? new MeterStation(meter) : null, hdlc);
    }

    private static int OctetsOf(int index) => PhysicalFirst + index <= TwoOctetsMax - 1 ? 2 : 4; // the last of two octets calls all

    private static HdlcSettings Hdlc(int octets, int physical) => new() { Server = new HdlcAddress(octets, 1, physical), Offer = Offer };
}
