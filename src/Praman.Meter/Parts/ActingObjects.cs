using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Meter.Definitions;
using Praman.Meter.Events;
using Praman.Meter.Load;
using Praman.Metering;

namespace Praman.Meter.Parts;

/// <summary>Makes the objects of a type that act, each with a place for what its meters hold of it.</summary>
internal static class ActingObjects
{
    /// <summary>Classes that may act, with their version.</summary>
    public static IReadOnlyList<(ushort ClassId, byte Version)> Classes { get; } =
    [
        (5, 0), (6, 0), (9, 0), (10, 0), (11, 0), (18, 0), (20, 0), (21, 0), (22, 0), (40, 0), (40, 3), (70, 0), (71, 0), (72, 1), (111, 0), (112, 0), (113, 0), (115, 0),
    ];

    /// <summary>Attributes that the object has from the type, not from the meter.</summary>
    public static bool IsOfType(ushort classId, sbyte attribute) => (classId, attribute) is (9 or 22, 2);

    /// <summary>Makes an object.</summary>
    public static CosemObject Create(MeterType type, ActingDefinition definition)
    {
        CosemObject made = Make(type, definition);
        foreach ((sbyte attribute, CosemData value) in definition.Attributes.OrderBy(a => a.Key))
        {
            if (!IsOfType(definition.ClassId, attribute)) type.AddInitialValue(new(made, attribute, value));
        }
        return made;
    }

    private static CosemObject Make(MeterType type, ActingDefinition definition) => definition.ClassId switch
    {
        5 => Demand(type, definition),
        6 => Place(type, definition, RegisterActivation.Table, (_, _) => new PassivePart(new RegisterActivation())),
        9 => new ScriptTable(definition.LogicalName, definition.Attributes.TryGetValue(2, out CosemData scripts) ? ScriptTable.FromData(scripts) : []) { Access = definition.Access },
        10 => Place(type, definition, Schedule.Table, (meter, parts) => new SchedulePart(meter, parts, new Schedule())),
        11 => Place(type, definition, SpecialDaysTable.Table, (_, _) => new PassivePart(new SpecialDaysTable())),
        18 => Place(type, definition, ImageTransfer.Table, (meter, parts) =>
            new PassivePart(new ImageTransfer(new ImageStore(meter, parts), ImageStore.BlockSize, ImageStore.SizeMax))),
        20 => Place(type, definition, ActivityCalendar.Table, CalendarPart.For),
        21 => Place(type, definition, RegisterMonitor.Table, (_, _) => new MonitorPart(new RegisterMonitor())),
        22 => SingleAction(type, definition),
        40 => Place(type, definition, definition.Version == 0 ? PushSetup.Table0 : PushSetup.Table,
            (meter, parts) => PushPart.For(meter, parts, definition.LogicalName, definition.Triggers)),
        70 => Relay(type, definition),
        71 => Place(type, definition, Limiter.Table, (meter, _) => LimiterPart.For(meter)),
        72 => MBus(type, definition),
        111 => Place(type, definition, Account.Table, (meter, parts) => new AccountPart(meter, parts, new Account())),
        112 => Place(type, definition, Credit.Table, (_, _) => new PassivePart(new Credit(), definition.LogicalName)),
        113 => Place(type, definition, Charge.Table, (_, _) => new PassivePart(new Charge(), definition.LogicalName)),
        115 => Place(type, definition, TokenGateway.Table, TokenPart.For),
        _ => throw new ArgumentOutOfRangeException(nameof(definition), definition.ClassId, "no class that acts"),
    };

    private static CosemObject<T> Place<T>(MeterType type, ActingDefinition definition, CosemClass<T> table, Func<VirtualMeter, MeterParts, MeterPart> make) where T : class
    {
        int slot = type.AddPart(make);
        return new CosemObject<T>(definition.LogicalName, table, c => VirtualMeter.Of(c).Parts!.State<T>(slot)) { Access = definition.Access };
    }

    private static CosemObject<DemandRegister> Demand(MeterType type, ActingDefinition definition)
    {
        MeterQuantity measured = definition.Measured!;
        Unit unit = measured.Unit switch { Unit.VoltAmpereHour => Unit.VoltAmpere, Unit.VarHour => Unit.Var, _ => Unit.Watt };
        int slot = type.AddPart((meter, _) => DemandPart.For(meter, definition.LogicalName, measured.Total!, unit));
        return new CosemObject<DemandRegister>(definition.LogicalName, DemandRegister.Table, c =>
        {
            DemandPart part = VirtualMeter.Of(c).Parts!.Part<DemandPart>(slot);
            part.FeedTo(c.Now);
            return (DemandRegister)part.State;
        })
        { Access = definition.Access };
    }

    private static CosemObject<AttributeStore> MBus(MeterType type, ActingDefinition definition)
    {
        SlaveKind kind = definition.Slave!;
        int slot = type.AddPart((meter, _) => MBusPart.For(meter, definition.LogicalName, kind));
        return new CosemObject<AttributeStore>(definition.LogicalName, (CosemClass<AttributeStore>)CosemClasses.Find(72, 1)!,
            c => VirtualMeter.Of(c).Parts!.Part<MBusPart>(slot).ClientAt(c))
        { Access = definition.Access };
    }

    /// <summary>The maximum that a demand register reached since the last reset, class 4.</summary>
    public static ExtendedRegister Maximum(ObisCode name, ObisCode demand, ScalerUnit scalerUnit)
    {
        DemandPart Of(CosemContext context) => VirtualMeter.Of(context).Parts!.OfKind<DemandPart>().First(d => d.Name == demand);
        return new ExtendedRegister(name, scalerUnit, c => Of(c).MaximumAt(c.Now)) { Access = AccessRights.Readings, Reset = c => Of(c).ResetMaximum(c.Now) };
    }

    /// <summary>An alarm register, class 1.</summary>
    public static Data Alarms(MeterType type, ObisCode name, IReadOnlyList<MeterEventCode> events)
    {
        int slot = type.AddPart((_, parts) => new AlarmPart(parts, name, events));
        AlarmPart Of(CosemContext context) => VirtualMeter.Of(context).Parts!.Part<AlarmPart>(slot);
        return new Data(name, c => CosemData.DoubleLongUnsigned(Of(c).Bits), (c, v) => Of(c).Keep(v)) { Access = AccessRights.Settings };
    }

    /// <summary>The filter of an alarm register, class 1: bits that begin a push.</summary>
    public static Data AlarmFilter(ObisCode name, ObisCode alarms)
    {
        AlarmPart Of(CosemContext context) => VirtualMeter.Of(context).Parts!.OfKind<AlarmPart>().First(a => a.Name == alarms);
        return new Data(name, c => CosemData.DoubleLongUnsigned(Of(c).Filter), (c, v) => Of(c).SetFilter(v)) { Access = AccessRights.Settings };
    }

    private static SingleActionSchedule SingleAction(MeterType type, ActingDefinition definition)
    {
        ScriptReference script = default;
        if (definition.Attributes.TryGetValue(2, out CosemData reference) && reference[0].TryGetObisCode(out ObisCode table) && reference[1].TryGetInt64(out long selector))
            script = new(table, (ushort)selector);
        int slot = type.AddPart((meter, _) => new SingleActionPart(meter, definition.LogicalName, script));
        SingleActionPart Of(CosemContext context) => VirtualMeter.Of(context).Parts!.Part<SingleActionPart>(slot);
        return new SingleActionSchedule(definition.LogicalName, script.ScriptTable, script.Selector, c => Of(c).Times, (c, times) => Of(c).SetTimes(c, times)) { Access = definition.Access };
    }

    private static DisconnectControl Relay(MeterType type, ActingDefinition definition)
    {
        type.AddPart((meter, _) => new RelayPart(meter));
        static RelayPart Of(CosemContext context) => VirtualMeter.Of(context).Parts!.Relay!;
        return new DisconnectControl(definition.LogicalName, new(c => Of(c).ControlState, (c, connect) => Of(c).Switch(c, connect), 4)
        {
            Mode = c => Of(c).Mode,
            SetMode = (c, mode) => Of(c).SetMode(mode),
        })
        { Access = definition.Access };
    }
}

/// <summary>An acting object as a file describes it.</summary>
/// <param name="ClassId">Its class.</param>
/// <param name="LogicalName">Its name.</param>
/// <param name="Attributes">What its attributes begin with.</param>
/// <param name="Access">Who may do what with it.</param>
/// <param name="Triggers">What begins a push by itself.</param>
/// <param name="Measured">The total that a demand register averages; null for others.</param>
internal sealed record ActingDefinition(
    ushort ClassId, byte Version, ObisCode LogicalName, IReadOnlyDictionary<sbyte, CosemData> Attributes, AccessRights Access, MeterQuantity? Measured, PushTriggers Triggers)
{
    /// <summary>What hangs on an M-Bus channel; null for others.</summary>
    public SlaveKind? Slave { get; init; }
}
