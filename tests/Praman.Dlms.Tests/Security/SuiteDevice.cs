using NodaTime;
using Praman.Dlms.Acse;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Dlms.Cosem;
using Praman.Dlms.Security;
using Praman.Dlms.Server;
using Praman.Metering;

namespace Praman.Dlms.Tests.Security;

/// <summary>A small device of any mechanism, suite and policy, and the settings of the client that fits it.</summary>
internal sealed class SuiteDevice : LogicalDevice
{
    public const ushort Client = 48, Other = 49, Plain = 16;
    public static readonly Instant Now = Instant.FromUtc(2026, 3, 3, 0, 0);
    public static readonly byte[] Title = Convert.FromHexString("5045450000000007"), ClientTitle = Convert.FromHexString("4D4D4D0000000001");
    public static readonly byte[] LowSecret = "lnt1"u8.ToArray(), HighSecret = "ABCDEFGHABCDEFGH"u8.ToArray();
    public static readonly ObisCode Text = new(0, 0, 96, 13, 0), Import = new(1, 0, 1, 8, 0), Setup = new(0, 0, 43, 0, 3), OtherSetup = new(0, 0, 43, 0, 4);

    // Made once: key pairs cost time, and their values do not matter.
    private static readonly EllipticKeys[] Meters = [EllipticKeys.Generate(1), EllipticKeys.Generate(2)], Clients = [EllipticKeys.Generate(1), EllipticKeys.Generate(2)];

    public SuiteDevice(AuthenticationMechanism mechanism = AuthenticationMechanism.HlsGmac, int suite = 0, byte policy = 3, int policyVersion = 0, bool ciphered = true, bool certificates = false)
    {
        SecurityPolicy = policy;
        SecurityPolicyVersion = policyVersion;
        Security = new(Title, new KeySet(Key(suite, 0x10), Key(suite, 0x40), 3, suite, Key(suite, 0x70)), Key(suite, 0xA0), LowSecret, HighSecret)
        {
            OwnKeys = suite == 0 ? null : Meters[suite - 1], ClientKeys = suite == 0 || certificates ? null : Clients[suite - 1],
        };
        Associations =
        [
            new(Plain, 0, new(0, 0, 40, 0, 1), AssociationLevel.Public, AuthenticationMechanism.None, false),
            new(Client, 1, new(0, 0, 40, 0, 3), AssociationLevel.UtilitySetting, mechanism, ciphered, Setup),
            new(Other, 2, new(0, 0, 40, 0, 4), AssociationLevel.UtilitySetting, AuthenticationMechanism.HlsGmac, true, OtherSetup),
        ];
        Objects = new(
        [
            .. Associations.Select(a => new AssociationLogicalName(a.Object, _ => a) { Access = new(a.Level, AssociationLevel.UtilitySetting, AssociationLevel.UtilitySetting) }),
            new SecuritySetup(Setup, policyVersion) { Access = AccessRights.Utility },
            new SecuritySetup(OtherSetup, policyVersion) { Access = AccessRights.Utility },
            new Register(Import, new(0, Unit.WattHour), _ => CosemData.DoubleLongUnsigned(1_234_567)) { Access = AccessRights.Readings },
            new Data(Text, _ => Written, (_, value) =>
            {
                Written = value;
                Writes++;
                return DataAccessResult.Success;
            }) { Access = AccessRights.Utility },
        ]);
    }

    public CosemData Written { get; private set; }

    public int Writes { get; private set; }

    public override ObjectList Objects { get; }

    public override IReadOnlyList<AssociationSettings> Associations { get; }

    public override DeviceSecurity Security { get; }

    public override byte SecurityPolicy { get; }

    public override int SecurityPolicyVersion { get; }

    public override Offset OffsetAt(Instant at) => Offset.FromHoursAndMinutes(5, 30);

    /// <summary>A key of the suite's length, told apart by its first octet.</summary>
    public static byte[] Key(int suite, byte first) => [.. Enumerable.Range(first, SecuritySuite.KeyLength(suite)).Select(octet => (byte)octet)];

    /// <summary>The client's key pairs.</summary>
    public static EllipticKeys ClientKeys(int suite) => Clients[suite - 1];

    /// <summary>The device's key pairs as it first has them.</summary>
    public static EllipticKeys MeterKeys(int suite) => Meters[suite - 1];

    /// <summary>The client that fits a device of these.</summary>
    public static DlmsClientSettings Settings(AuthenticationMechanism mechanism = AuthenticationMechanism.HlsGmac, int suite = 0, bool authenticated = true, bool encrypted = true, bool ciphered = true) => new()
    {
        ClientSap = Client, Mechanism = mechanism, IsCiphered = ciphered, SystemTitle = ClientTitle, ServerTitle = Title,
        Guek = Key(suite, 0x10), Gak = Key(suite, 0x40), MasterKey = Key(suite, 0xA0), Protection = new(suite, authenticated, encrypted),
        Secret = mechanism == AuthenticationMechanism.Lls ? LowSecret : HighSecret,
        Keys = suite == 0 ? null : Clients[suite - 1], ServerKeys = suite == 0 ? null : Meters[suite - 1],
    };
}
