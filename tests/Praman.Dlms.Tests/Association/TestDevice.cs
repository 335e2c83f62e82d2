using NodaTime;
using Praman.Dlms.Acse;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Dlms.Server;
using Praman.Metering;

namespace Praman.Dlms.Tests.Association;

/// <summary>A small device with the objects, values and secrets of the recorded sessions.</summary>
internal sealed class TestDevice : LogicalDevice
{
    public static readonly byte[] Guek = Convert.FromHexString("000102030405060708090A0B0C0D0E0F");
    public static readonly byte[] Gak = Convert.FromHexString("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF");
    public static readonly byte[] Title = Convert.FromHexString("5045450000000001");
    public static readonly byte[] ClientTitle = Convert.FromHexString("4D4D4D0000000001");
    public static readonly ObisCode Text = new(0, 0, 96, 13, 0), Relay = new(0, 0, 96, 3, 10), Import = new(1, 0, 1, 8, 0), Profile = new(1, 0, 99, 1, 0);

    public TestDevice(byte policy = 3, ushort pduSize = 1024, AuthenticationMechanism utility = AuthenticationMechanism.HlsGmac)
    {
        SecurityPolicy = policy;
        PduSizeMax = pduSize;
        Security = new(Title, new KeySet(Guek, Gak, 3), Gak, "lnt1"u8.ToArray(), "ABCDEFGHABCDEFGH"u8.ToArray());
        Associations =
        [
            new(16, 0, new(0, 0, 40, 0, 1), AssociationLevel.Public, AuthenticationMechanism.None, false),
            new(32, 1, new(0, 0, 40, 0, 2), AssociationLevel.MeterReader, AuthenticationMechanism.Lls, false),
            new(48, 2, new(0, 0, 40, 0, 3), AssociationLevel.UtilitySetting, utility, true, new(0, 0, 43, 0, 3)),
        ];
        CaptureObject Column(byte c, byte d) => new(3, new(1, 0, c, d, 0), 2);
        Objects = new(
        [
            .. Associations.Select(a => new AssociationLogicalName(a.Object, _ => a) { Access = new(a.Level, AssociationLevel.UtilitySetting, AssociationLevel.UtilitySetting) }),
            new SecuritySetup(new(0, 0, 43, 0, 3)) { Access = AccessRights.Utility },
            new Data(new(0, 0, 42, 0, 0), _ => CosemData.OctetString("PEE0000000000001"u8)) { Access = AccessRights.Public },
            new Data(new(0, 0, 43, 1, 3), c => CosemData.DoubleLongUnsigned(c.Device.Security.Keys.Shown(2))) { Access = AccessRights.Public },
            new Clock(new(0, 0, 1, 0, 0), new(_ => Time, null, _ => 330)) { Access = AccessRights.Public },
            new Register(Import, new(0, Unit.WattHour), _ => CosemData.DoubleLongUnsigned(1_234_567)) { Access = AccessRights.Readings },
            new ProfileGeneric(Profile, [new(8, new(0, 0, 1, 0, 0), 2), Column(12, 27), Column(1, 29), Column(9, 29), Column(2, 29), Column(10, 29)], new RecordedRows())
                { Access = AccessRights.Readings },
            new DisconnectControl(Relay, new(_ => Connected ? ControlState.Connected : ControlState.Disconnected, (_, connect) =>
            {
                Connected = connect;
                return ActionResult.Success;
            }, 4)),
            new Data(Text, _ => Written, (_, value) =>
            {
                Written = value;
                return DataAccessResult.Success;
            }),
            new ScriptTable(new(0, 0, 10, 0, 1), new Script(1, new(70, Relay, 1), _ => ActionResult.Success)),
        ]);
    }

    public CosemDateTime Time { get; set; } = CosemDateTime.Wildcard;

    public bool Connected { get; private set; } = true;

    public CosemData Written { get; set; }

    public override ObjectList Objects { get; }

    public override IReadOnlyList<AssociationSettings> Associations { get; }

    public override DeviceSecurity Security { get; }

    public override ushort PduSizeMax { get; }

    public override byte SecurityPolicy { get; }

    public override Offset OffsetAt(Instant at) => Offset.FromHoursAndMinutes(5, 30);

    public override bool TryActivatePolicy(ObisCode setup, byte policy) => false;

    /// <summary>The rows of the recorded meter: half hours of 1 and 2 March 2026, each value a function of the row's number.</summary>
    private sealed class RecordedRows : ProfileRows
    {
        private static readonly Instant Start = Instant.FromUtc(2026, 2, 28, 18, 30);
        private static readonly Duration Period = Duration.FromMinutes(30);

        public override uint EntryCountMax(CosemContext context) => 2208;

        public override uint PeriodSeconds(CosemContext context) => 1800;

        public override RowNumbers Numbers(CosemContext context) => new(1, 96);

        public override RowNumbers NumbersWithin(CosemContext context, Instant from, Instant to)
        {
            long first = from == Instant.MinValue ? 1 : (long)Math.Ceiling((from - Start) / Period), last = to == Instant.MaxValue ? 96 : (long)Math.Floor((to - Start) / Period);
            return new(first, last);
        }

        public override void WriteRow(CosemContext context, long number, ProfileColumns columns, ref AxdrWriter writer)
        {
            writer.WriteStructureHeader(columns.Count(6));
            if (columns.Includes(0))
            {
                LocalDateTime local = (Start + (Period * number)).WithOffset(Offset.FromHoursAndMinutes(5, 30)).LocalDateTime;
                writer.WriteDateTimeOctets(CosemDateTime.From(local, Offset.FromHoursAndMinutes(5, 30), indianSign: true) with { DayOfWeek = 0xFF });
            }
            if (columns.Includes(1)) writer.WriteLongUnsigned((ushort)(23_000 + number));
            if (columns.Includes(2)) writer.WriteDoubleLongUnsigned((uint)number);
            if (columns.Includes(3)) writer.WriteDoubleLongUnsigned((uint)number);
            if (columns.Includes(4)) writer.WriteDoubleLongUnsigned((uint)(number % 7));
            if (columns.Includes(5)) writer.WriteDoubleLongUnsigned((uint)(number % 9));
        }
    }
}
