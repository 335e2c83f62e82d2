using Praman.Dlms.Acse;
using Praman.Dlms.Framing;
using Praman.Dlms.Security;
using Praman.Dlms.Server;

namespace Praman.Dlms.Client;

/// <summary>How a client opens an association with one server.</summary>
public sealed record DlmsClientSettings
{
    private readonly Conformance? _conformance;

    /// <summary>Who the client is: 16 public, 32 meter reader, 48 utility (IS 15959).</summary>
    public ushort ClientSap { get; init; } = 16;

    /// <summary>The logical device that is asked; over HDLC its address says it.</summary>
    public ushort ServerSap { get; init; } = 1;

    /// <summary>The HDLC link by which the server is reached; null for the wrapper, or for <see cref="MBus"/>.</summary>
    public HdlcSettings? Hdlc { get; init; }

    /// <summary>The wired M-Bus by which the server is reached, whose SAPs have one octet; null where it is not.</summary>
    public MBusLinkSettings? MBus { get; init; }

    /// <summary>True where a link below has to be opened, and takes one APDU at a time.</summary>
    internal bool HasLink => Hdlc is not null || MBus is not null;

    /// <summary>The meter behind a gateway that is asked; null where nothing stands between. Framing and logical device are as of a meter of one's own.</summary>
    public GatewayAddress? Gateway { get; init; }

    public AuthenticationMechanism Mechanism { get; init; } = AuthenticationMechanism.None;

    /// <summary>The application context that follows.</summary>
    public ApplicationContext Context => (UsesShortNames, IsCiphered) switch
    {
        (true, true) => ApplicationContext.ShortNameCiphered,
        (true, false) => ApplicationContext.ShortName,
        (false, true) => ApplicationContext.LogicalNameCiphered,
        _ => ApplicationContext.LogicalName,
    };

    /// <summary>SN referencing: the server names objects by short names; the client reads them first (<see cref="DlmsClient.ReadShortNames"/>).</summary>
    public bool UsesShortNames { get; init; }

    /// <summary>LLS: the password. HLS 2: the secret of 16 octets. HLS 3, 4 and 6: the secret. HLS 5 and 7 need none: the keys prove it.</summary>
    public ReadOnlyMemory<byte> Secret { get; init; }

    /// <summary>LN referencing with ciphering; needs title, keys and counters.</summary>
    public bool IsCiphered { get; init; }

    /// <summary>The client's system title, 8 octets; needed too by mechanisms 5 to 7.</summary>
    public ReadOnlyMemory<byte> SystemTitle { get; init; }

    /// <summary>Global unicast encryption key, 16 octets, 32 in suite 2.</summary>
    public ReadOnlyMemory<byte> Guek { get; init; }

    /// <summary>Authentication key, 16 octets, 32 in suite 2.</summary>
    public ReadOnlyMemory<byte> Gak { get; init; }

    /// <summary>A key for this association only, of the same length; empty for none.</summary>
    public ReadOnlyMemory<byte> DedicatedKey { get; init; }

    /// <summary>How what is sent is protected, in which suite, and what is received must be at least.</summary>
    public SecurityControl Protection { get; init; } = SecurityControl.AuthenticatedEncryption;

    /// <summary>What is received must be protected with at least, where that is not as <see cref="Protection"/>; of the same suite.</summary>
    public SecurityControl? AnswerProtection { get; init; }

    /// <summary>In what envelope APDUs go; null for service ciphering, or general ciphering where <see cref="UsesGeneralCiphering"/>.</summary>
    public Security.Protection? Envelope { get; init; }

    /// <summary>Every APDU is signed, and every answer must be; needs <see cref="Keys"/> and <see cref="ServerKeys"/>.</summary>
    public bool Signs { get; init; }

    /// <summary>The client's own key pairs in suites 1 and 2: for mechanism 7, signatures and agreed keys. Stays the host's.</summary>
    public EllipticKeys? Keys { get; init; }

    /// <summary>The server's public keys, from its certificates. Stays the host's.</summary>
    public EllipticKeys? ServerKeys { get; init; }

    /// <summary>
    /// Where the transaction-ids of general ciphering and signing begin; 0 takes invocation counters. The server takes none again, in any session: a
    /// host sets what rises over all of its sessions, such as the time.
    /// </summary>
    public ulong TransactionFirst { get; init; }

    /// <summary>Key-encrypting key, for keys that are wrapped into an APDU; empty for none.</summary>
    public ReadOnlyMemory<byte> MasterKey { get; init; }

    /// <summary>General ciphering (with titles) rather than ciphering by service.</summary>
    public bool UsesGeneralCiphering { get; init; }

    /// <summary>The server's system title, where it is known; any where null.</summary>
    public ReadOnlyMemory<byte>? ServerTitle { get; init; }

    /// <summary>Lowest invocation counter taken from the server, where the host kept it from the last session; 0 takes any.</summary>
    public ulong ServerCounterMin { get; init; }

    /// <summary>Services asked for; by default all but delta values, which a reader of profiles has to be ready for.</summary>
    public Conformance Conformance
    {
        get => _conformance ?? ((UsesShortNames ? DlmsServerAssociation.SupportedByShortName : DlmsServerAssociation.Supported) & ~Conformance.DeltaValueEncoding);
        init => _conformance = value;
    }

    /// <summary>Longest APDU taken; the server's answers keep to it.</summary>
    public ushort MaxReceivePduSize { get; init; } = ushort.MaxValue;

    /// <summary>Highest invoke id, 1 to 15: requests count up to it and begin again, so that late answers are told from awaited ones.</summary>
    public byte InvokeIdMax { get; init; } = 15;

    /// <summary>Longest answer put together from blocks, in octets.</summary>
    public int ResponseLengthMax { get; init; } = 1 << 24;

    /// <summary>
    /// Blocks of a general block transfer that the client takes at once, 1 to 63; requests then go by it wherever the server granted it. 0: only what
    /// has no block transfer of its own does, one block at a time.
    /// </summary>
    public int BlockWindow { get; init; }

    /// <summary>Notifications kept until they are taken; the oldest goes first where more come.</summary>
    public int NotificationCountMax { get; init; } = 16;

    /// <summary>Source of challenges; the system's where null.</summary>
    public RandomFill? FillRandom { get; init; }
}
