using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Metering;

namespace Praman.Meter.Parts;

/// <summary>Makes the objects of a type that act, each with a place for what its meters hold of it.</summary>
internal static class ActingObjects
{
    /// <summary>Classes that may act, with their version.</summary>
    public static IReadOnlyList<(ushort ClassId, byte Version)> Classes { get; } =
    [
        (6, 0), (9, 0), (11, 0), (20, 0), (21, 0), (70, 0), (71, 0),
    ];

    /// <summary>Attributes that the object has from the type, not from the meter.</summary>
    public static bool IsOfType(ushort classId, sbyte attribute) => (classId, attribute) is (9, 2);

    /// <summary>Makes an object; its initial values are those of <paramref name="attributes"/>.</summary>
    public static CosemObject Create(MeterType type, ushort classId, ObisCode name, IReadOnlyDictionary<sbyte, CosemData> attributes, AccessRights access)
    {
        CosemObject made = Make(type, classId, name, attributes, access);
        foreach ((sbyte attribute, CosemData value) in attributes.OrderBy(a => a.Key))
        {
            if (!IsOfType(classId, attribute)) type.AddInitialValue(new(made, attribute, value));
        }
        return made;
    }

    private static CosemObject Make(MeterType type, ushort classId, ObisCode name, IReadOnlyDictionary<sbyte, CosemData> attributes, AccessRights access) => classId switch
    {
        6 => Place(type, name, RegisterActivation.Table, (_, _) => new PassivePart(new RegisterActivation()), access),
        9 => new ScriptTable(name, attributes.TryGetValue(2, out CosemData scripts) ? ScriptTable.FromData(scripts) : []) { Access = access },
        11 => Place(type, name, SpecialDaysTable.Table, (_, _) => new PassivePart(new SpecialDaysTable()), access),
        20 => Place(type, name, ActivityCalendar.Table, CalendarPart.For, access),
        21 => Place(type, name, RegisterMonitor.Table, (meter, _) => new MonitorPart(meter, new RegisterMonitor()), access),
        70 => Relay(type, name, access),
        71 => Place(type, name, Limiter.Table, (meter, _) => LimiterPart.For(meter), access),
        _ => throw new ArgumentOutOfRangeException(nameof(classId), classId, "no class that acts"),
    };

    private static CosemObject<T> Place<T>(MeterType type, ObisCode name, CosemClass<T> table, Func<VirtualMeter, MeterParts, MeterPart> make, AccessRights access) where T : class
    {
        int slot = type.AddPart(make);
        return new CosemObject<T>(name, table, c => VirtualMeter.Of(c).Parts!.State<T>(slot)) { Access = access };
    }

    private static DisconnectControl Relay(MeterType type, ObisCode name, AccessRights access)
    {
        type.AddPart((meter, _) => new RelayPart(meter));
        static RelayPart Of(CosemContext context) => VirtualMeter.Of(context).Parts!.Relay!;
        return new DisconnectControl(name, new(c => Of(c).ControlState, (c, connect) => Of(c).Switch(c, connect), 4)
        {
            Mode = c => Of(c).Mode,
            SetMode = (c, mode) => Of(c).SetMode(mode),
        })
        { Access = access };
    }
}
