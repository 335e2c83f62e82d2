using NodaTime;
using Praman.Dlms.Acse;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Dlms.Cosem;
using Praman.Dlms.Server;
using Praman.Metering;

namespace Praman.Dlms.Tests.Association;

/// <summary>A device that offers every service, by logical and by short names, plain (clients 16 and 17) and ciphered (48 and 49), and one behind a password (18).</summary>
internal sealed class ServiceDevice : LogicalDevice
{
    public static readonly Instant Now = Instant.FromUtc(2026, 3, 3, 0, 0);
    public static readonly ObisCode Text = new(0, 0, 96, 13, 0), Note = new(0, 0, 96, 13, 1), Import = new(1, 0, 1, 8, 0), Profile = new(1, 0, 99, 1, 0), Echo = new(0, 0, 128, 0, 0);
    public static readonly AttributeDescriptor TextValue = new(1, Text, 2), NoteValue = new(1, Note, 2), ImportValue = new(3, Import, 2), Rows = new(7, Profile, 2);
    public static readonly MethodDescriptor EchoMethod = new(EchoObject.Id, Echo, 1), FailMethod = new(EchoObject.Id, Echo, 2);

    private readonly Conformance _conformance;

    public ServiceDevice(
        ushort pduSize = 1024, ProfileEncoding encoding = ProfileEncoding.Plain, int rowCount = 96, Conformance conformance = DlmsServerAssociation.Supported | DlmsServerAssociation.SupportedByShortName)
    {
        PduSizeMax = pduSize;
        _conformance = conformance;
        Security = new(TestDevice.Title, new KeySet(TestDevice.Guek, TestDevice.Gak, 5), TestDevice.Gak, "lnt1"u8.ToArray(), "ABCDEFGHABCDEFGH"u8.ToArray());
        Associations =
        [
            new(16, 0, new(0, 0, 40, 0, 1), AssociationLevel.UtilitySetting, AuthenticationMechanism.None, false),
            new(17, 1, new(0, 0, 40, 0, 2), AssociationLevel.UtilitySetting, AuthenticationMechanism.None, false) { UsesShortNames = true },
            new(18, 2, new(0, 0, 40, 0, 3), AssociationLevel.MeterReader, AuthenticationMechanism.Lls, false) { UsesShortNames = true },
            new(48, 3, new(0, 0, 40, 0, 4), AssociationLevel.UtilitySetting, AuthenticationMechanism.HlsGmac, true),
            new(49, 4, new(0, 0, 40, 0, 5), AssociationLevel.UtilitySetting, AuthenticationMechanism.HlsGmac, true) { UsesShortNames = true },
        ];
        Objects = new(
        [
            .. Associations.Select(a => new AssociationLogicalName(a.Object, _ => a)),
            new Data(new(0, 0, 42, 0, 0), _ => CosemData.OctetString("PEE0000000000001"u8)) { Access = AccessRights.Public },
            new Clock(new(0, 0, 1, 0, 0), new(_ => CosemDateTime.Wildcard, null, _ => 330)) { Access = AccessRights.Public },
            new Register(Import, new(0, Unit.WattHour), _ => CosemData.DoubleLongUnsigned(1_234_567)) { Access = AccessRights.Readings },
            new ProfileGeneric(Profile, [new(8, new(0, 0, 1, 0, 0), 2), new(3, new(1, 0, 12, 27, 0), 2), new(3, new(1, 0, 1, 29, 0), 2)], new CountedRows(rowCount))
                { Access = AccessRights.Readings, Encoding = encoding },
            new Data(Text, _ => Written, (_, value) => Write(v => Written = v, value)),
            new Data(Note, _ => Noted, (_, value) => Write(v => Noted = v, value)),
            new EchoObject(Echo, this),
            new DisconnectControl(TestDevice.Relay, new(_ => Connected ? ControlState.Connected : ControlState.Disconnected, (_, connect) =>
            {
                Connected = connect;
                return ActionResult.Success;
            }, 4)),
        ]);
    }

    public CosemData Written { get; private set; }

    public CosemData Noted { get; private set; }

    public bool Connected { get; private set; } = true;

    /// <summary>How often anything was written or invoked.</summary>
    public int Served { get; set; }

    /// <summary>What a client confirmed last.</summary>
    public LongInvokeId? Confirmed { get; private set; }

    public override ObjectList Objects { get; }

    public override IReadOnlyList<AssociationSettings> Associations { get; }

    public override DeviceSecurity Security { get; }

    public override ushort PduSizeMax { get; }

    public override byte SecurityPolicy => 3;

    public override Conformance Conformance => _conformance;

    public override Offset OffsetAt(Instant at) => Offset.FromHoursAndMinutes(5, 30);

    public override bool TryActivatePolicy(ObisCode setup, byte policy) => false;

    public override void OnNotificationConfirmed(CosemContext context, LongInvokeId invoke) => Confirmed = invoke;

    /// <summary>A client for one of its associations.</summary>
    public static DlmsClientSettings ClientOf(ushort sap, int window = 0, ushort pduSize = ushort.MaxValue) => new()
    {
        ClientSap = sap,
        UsesShortNames = sap is 17 or 18 or 49,
        Mechanism = sap >= 48 ? AuthenticationMechanism.HlsGmac : sap == 18 ? AuthenticationMechanism.Lls : AuthenticationMechanism.None,
        Secret = "lnt1"u8.ToArray(),
        IsCiphered = sap >= 48,
        SystemTitle = TestDevice.ClientTitle,
        Guek = TestDevice.Guek,
        Gak = TestDevice.Gak,
        BlockWindow = window,
        MaxReceivePduSize = pduSize,
    };

    /// <summary>A client that is associated with a server of this device.</summary>
    public (DlmsClient Client, DlmsServerAssociation Server) Connect(DlmsClientSettings settings)
    {
        var client = new DlmsClient(settings, new CounterLease(1, 100_000));
        var server = new DlmsServerAssociation(this);
        Run(client, server, client.Connect());
        if (settings.UsesShortNames) Run(client, server, client.ReadShortNames());
        return (client, server);
    }

    public static void Run(DlmsClient client, DlmsServerAssociation server, ClientStep step)
    {
        ClientStep last = Wire.Walk(client, server, step, Now);
        Assert.True(last.IsDone, last.Error?.ToString() ?? "no answer came");
    }

    public static ClientError Refused(DlmsClient client, DlmsServerAssociation server, ClientStep step)
    {
        ClientStep last = Wire.Walk(client, server, step, Now);
        Assert.True(last.IsFailed, "it was not refused");
        return last.Error!;
    }

    private DataAccessResult Write(Action<CosemData> set, CosemData value)
    {
        Served++;
        set(value);
        return DataAccessResult.Success;
    }

    /// <summary>Half hours from 1 March 2026, 00:30 Indian time: a voltage that stays for four rows, and an energy that grows a little.</summary>
    public sealed class CountedRows(int count) : ProfileRows
    {
        public static readonly Instant Start = Instant.FromUtc(2026, 2, 28, 18, 30);

        public override uint EntryCountMax(CosemContext context) => 100_000;

        public override uint PeriodSeconds(CosemContext context) => 1800;

        public override RowNumbers Numbers(CosemContext context) => new(1, count);

        public override RowNumbers NumbersWithin(CosemContext context, Instant from, Instant to) => new(1, count);

        public static long Voltage(long number) => 23_000 + (number / 4 % 7);

        public static long Energy(long number) => 5_000_000 + (number * number % 1_000);

        public override void WriteRow(CosemContext context, long number, ProfileColumns columns, ref AxdrWriter writer)
        {
            writer.WriteStructureHeader(columns.Count(3));
            if (columns.Includes(0))
            {
                LocalDateTime local = (Start + (Duration.FromMinutes(30) * number)).WithOffset(Offset.FromHoursAndMinutes(5, 30)).LocalDateTime;
                writer.WriteDateTimeOctets(CosemDateTime.From(local, Offset.FromHoursAndMinutes(5, 30), indianSign: true) with { DayOfWeek = 0xFF });
            }
            if (columns.Includes(1)) writer.WriteLongUnsigned((ushort)Voltage(number));
            if (columns.Includes(2)) writer.WriteDoubleLongUnsigned((uint)Energy(number));
        }
    }

    /// <summary>A maker's own class: method 1 returns what it is given, method 2 fails.</summary>
    private sealed class EchoObject(ObisCode logicalName, ServiceDevice device) : CosemObject(logicalName)
    {
        public const ushort Id = 8_200;

        private static readonly CosemClass<EchoObject> Table = new(Id, 0, "Echo", [],
        [
            new(1, "echo", (EchoObject o, CosemContext _, CosemData p, out CosemData r) =>
            {
                o.Count();
                r = p;
                return ActionResult.Success;
            }),
            new(2, "fail", (EchoObject o, CosemContext _, CosemData _, out CosemData r) =>
            {
                o.Count();
                r = default;
                return ActionResult.TemporaryFailure;
            }),
        ]);

        private readonly ServiceDevice _device = device;

        public override CosemClass Class => Table;

        private void Count() => _device.Served++;
    }
}
