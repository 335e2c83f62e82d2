using Praman.Dlms;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Meter.Parts;
using Praman.Metering;

namespace Praman.Meter.Definitions;

/// <summary>What an object shows that an M-Bus client captures: the total of its slave in a unit, or the status of what was captured.</summary>
/// <param name="Client">The M-Bus client's name.</param>
/// <param name="ScalerUnit">Of the register.</param>
internal sealed record CapturedValue(ObisCode Client, ScalerUnit ScalerUnit)
{
    public static MBusPart PartOf(CosemContext context, ObisCode client) => VirtualMeter.Of(context).Parts!.OfKind<MBusPart>().First(p => p.Name == client);

    public static CosemDateTime TimeOf(VirtualMeter meter, SlaveReading reading) =>
        reading.CapturedAt is { } at ? meter.Stamp(meter.Clock.Read(at)) : CosemDateTime.Wildcard;

    /// <summary>The total in the register's scaler, rolling over as a register does.</summary>
    public uint In(MBusPart part, SlaveReading reading)
    {
        long total = reading.Total;
        for (int steps = part.Kind.Scaler - ScalerUnit.Scaler; steps > 0; steps--) total *= 10;
        for (int steps = ScalerUnit.Scaler - part.Kind.Scaler; steps > 0; steps--) total /= 10;
        return unchecked((uint)total);
    }

    /// <summary>The register, class 4: attribute 4 says whether its last telegram came.</summary>
    public ExtendedRegister Register(ObisCode name, AccessRights access) => new(name, ScalerUnit, c =>
    {
        MBusPart part = PartOf(c, Client);
        SlaveReading reading = part.ReadingAt(c.Now);
        return (CosemData.DoubleLongUnsigned(In(part, reading)), TimeOf(VirtualMeter.Of(c), reading));
    })
    { Access = access, Status = c => CosemData.Unsigned((byte)PartOf(c, Client).ReadingAt(c.Now).Status) };

    /// <summary>The status of the last row, class 1.</summary>
    public Data StatusObject(ObisCode name, AccessRights access) => new(name, c =>
    {
        MBusPart part = PartOf(c, Client);
        return CosemData.Unsigned((byte)part.StatusOfRow(part.NumberAt(VirtualMeter.Of(c).Clock.Read(c.Now))));
    })
    { Access = access };
}
