using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Acse;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Dlms.Server;
using Praman.Metering;

namespace Praman.Samples.ServeMeter;

/// <summary>
/// A meter of five objects: name, clock, an energy register, a load profile of the last day, and the association itself. Client 16 (public) sees name
/// and clock, client 32 (meter reader, password <c>12345678</c>) all of it. It draws a steady 600 W: what a row holds follows from its number.
/// </summary>
internal sealed class SampleMeter : LogicalDevice
{
    private const long Watts = 600, SecondsPerRow = 900, WattHoursPerRow = Watts * SecondsPerRow / 3_600;

    private static readonly ObisCode ImportTotal = new(1, 0, 1, 8, 0, 255), LoadProfile = new(1, 0, 99, 1, 0, 255);

    private readonly Instant _installed;
    private readonly Offset _offset;

    public SampleMeter(Instant installed, Offset offset)
    {
        (_installed, _offset) = (installed, offset);
        // Keys are there for ciphered associations; this meter offers none.
        Security = new("SMP\0\0\0\0\u0001"u8.ToArray(), new KeySet(new byte[16], new byte[16], 2), default, "12345678"u8.ToArray(), default);
        Associations =
        [
            new(16, 0, new(0, 0, 40, 0, 1, 255), AssociationLevel.Public, AuthenticationMechanism.None, IsCiphered: false),
            new(32, 1, new(0, 0, 40, 0, 2, 255), AssociationLevel.MeterReader, AuthenticationMechanism.Lls, IsCiphered: false),
        ];
        Objects = new(
        [
            .. Associations.Select(association => new AssociationLogicalName(association.Object, _ => association)
            {
                Access = new(association.Level, AssociationLevel.Nobody, AssociationLevel.Nobody),
            }),
            new Data(new(0, 0, 42, 0, 0, 255), _ => CosemData.OctetString("SMP0000000000001"u8)) { Access = AccessRights.Public },
            new Clock(new(0, 0, 1, 0, 0, 255), new(context => CosemDateTime.From(context.Now, _offset), null, _ => (short)(-_offset.Seconds / 60))) { Access = AccessRights.Public },
            new Register(ImportTotal, new(0, Unit.WattHour), context => CosemData.DoubleLongUnsigned((uint)EnergyAt(context.Now))) { Access = AccessRights.Readings },
            new ProfileGeneric(LoadProfile, [new(8, new(0, 0, 1, 0, 0, 255), 2), new(3, ImportTotal, 2)], new Rows(this)) { Access = AccessRights.Readings },
        ]);
    }

    public override ObjectList Objects { get; }

    public override IReadOnlyList<AssociationSettings> Associations { get; }

    public override DeviceSecurity Security { get; }

    public override byte SecurityPolicy => 0;

    public override Offset OffsetAt(Instant at) => _offset;

    public override bool TryActivatePolicy(ObisCode setup, byte policy) => false;

    private long EnergyAt(Instant at) => (long)((at - _installed).TotalSeconds * Watts / 3_600);

    /// <summary>The rows of the last day, each at the end of its quarter of an hour: made when they are asked for, none is kept.</summary>
    private sealed class Rows(SampleMeter meter) : ProfileRows
    {
        private const long KeptMax = 96;

        public override uint EntryCountMax(CosemContext context) => (uint)KeptMax;

        public override uint PeriodSeconds(CosemContext context) => (uint)SecondsPerRow;

        public override RowNumbers Numbers(CosemContext context)
        {
            long last = NumberAt(context.Now);
            return new(Math.Max(1, last - KeptMax + 1), last);
        }

        public override RowNumbers NumbersWithin(CosemContext context, Instant from, Instant to) =>
            new(from == Instant.MinValue ? 1 : NumberAt(from - Duration.Epsilon) + 1, to == Instant.MaxValue ? long.MaxValue : NumberAt(to));

        public override void WriteRow(CosemContext context, long number, ProfileColumns columns, ref AxdrWriter writer)
        {
            writer.WriteStructureHeader(columns.Count(2));
            if (columns.Includes(0)) writer.WriteDateTimeOctets(CosemDateTime.From(meter._installed + Duration.FromSeconds(number * SecondsPerRow), meter._offset));
            if (columns.Includes(1)) writer.WriteDoubleLongUnsigned((uint)(number * WattHoursPerRow));
        }

        private long NumberAt(Instant at) => (long)Math.Floor((at - meter._installed).TotalSeconds / SecondsPerRow);
    }
}
