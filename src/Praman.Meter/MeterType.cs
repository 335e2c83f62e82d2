using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Acse;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Dlms.Server;
using Praman.Meter.Events;
using Praman.Meter.Parts;
using Praman.Meter.Profiles;
using Praman.Meter.Registers;
using Praman.Metering;

namespace Praman.Meter;

/// <summary>
/// The objects and associations of a meter model after IS 15959, built once and shared by all its meters: an object looks into the meter
/// that is asked, it holds nothing of it.
/// </summary>
public sealed partial class MeterType
{
    private readonly List<Func<VirtualMeter, MeterParts, MeterPart>> _partMakers = [];
    private readonly List<InitialValue> _initialValues = [];
    private readonly List<RateRegister> _rateRegisters = [];

    /// <summary>Columns of the profiles.</summary>
    internal const int BlockLoadColumnCount = 7, DailyLoadColumnCount = 5, BillingColumnCount = 11;

    /// <summary>A single-phase smart meter, category D1.</summary>
    public MeterType(MeterModel model)
        : this(model, type => [.. type.NamePlate(), .. type.Measurements(), .. type.Control(), .. type.Profiles()])
    {
    }

    /// <summary>Associations, security and clock, and other objects beside them.</summary>
    internal MeterType(MeterModel model, Func<MeterType, IEnumerable<CosemObject>> objects)
    {
        Model = model.Checked();
        HasFixedOffset = model.Zone is { MinOffset: var min, MaxOffset: var max } && min == max;
        Associations =
        [
            new(MeterClient.Public, 0, MeterObis.PublicAssociation, AssociationLevel.Public, AuthenticationMechanism.None, false),
            new(MeterClient.MeterReader, 1, MeterObis.ReaderAssociation, AssociationLevel.MeterReader, AuthenticationMechanism.Lls, model.MeterReaderCiphered, MeterObis.ReaderSecurity),
            new(MeterClient.UtilitySetting, 2, MeterObis.UtilityAssociation, AssociationLevel.UtilitySetting, (AuthenticationMechanism)model.UtilityMechanism, true, MeterObis.UtilitySecurity),
        ];
        ShortNameAssociations = [.. Associations.Select(association => association with { UsesShortNames = true })];
        List = new([.. Administration(), .. objects(this)]);
    }

    public MeterModel Model { get; }

    /// <summary>All objects.</summary>
    public ObjectList List { get; }

    /// <summary>Public client, meter reader, utility.</summary>
    public IReadOnlyList<AssociationSettings> Associations { get; }

    /// <summary>The same, for clients that name objects by short names.</summary>
    public IReadOnlyList<AssociationSettings> ShortNameAssociations { get; }

    internal bool HasFixedOffset { get; }

    /// <summary>Makes what each meter holds of the objects that act, in their order.</summary>
    internal IReadOnlyList<Func<VirtualMeter, MeterParts, MeterPart>> PartMakers => _partMakers;

    /// <summary>What those objects begin with.</summary>
    internal IReadOnlyList<InitialValue> InitialValues => _initialValues;

    /// <summary>Registers that count by turns.</summary>
    internal IReadOnlyList<RateRegister> RateRegisters => _rateRegisters;

    internal void AddRateRegister(RateRegister register) => _rateRegisters.Add(register);

    /// <summary>Makes a place in each meter of the type, while the type is made.</summary>
    internal int AddPart(Func<VirtualMeter, MeterParts, MeterPart> make)
    {
        _partMakers.Add(make);
        return _partMakers.Count - 1;
    }

    internal void AddInitialValue(InitialValue value) => _initialValues.Add(value);

    /// <summary>Names of the objects that every meter has; attributes of the current association included.</summary>
    internal static IReadOnlyList<ObisCode> AdministrationNames { get; } =
    [
        LogicalDevice.CurrentAssociation, MeterObis.PublicAssociation, MeterObis.ReaderAssociation, MeterObis.UtilityAssociation, MeterObis.ReaderSecurity,
        MeterObis.UtilitySecurity, MeterObis.ReaderCounter, MeterObis.UtilityCounter, MeterObis.DeviceName, MeterObis.Clock,
    ];

    /// <summary>Objects that do something, for definitions to name.</summary>
    internal IEnumerable<CosemObject> BuiltIn() => Control();

    private IEnumerable<CosemObject> Administration()
    {
        foreach (AssociationSettings settings in Associations)
        {
            yield return new AssociationLogicalName(settings.Object, _ => settings)
            {
                Access = new(settings.Level, AssociationLevel.UtilitySetting, AssociationLevel.UtilitySetting),
            };
        }
        yield return new SecuritySetup(MeterObis.ReaderSecurity, Model.SecuritySetupVersion) { Access = AccessRights.Utility };
        yield return new SecuritySetup(MeterObis.UtilitySecurity, Model.SecuritySetupVersion) { Access = AccessRights.Utility };
        yield return Value(MeterObis.ReaderCounter, c => CosemData.DoubleLongUnsigned(c.Device.Security.KeysOf(MeterObis.ReaderSecurity).Shown(1)), AccessRights.Public);
        yield return Value(MeterObis.UtilityCounter, c => CosemData.DoubleLongUnsigned(c.Device.Security.KeysOf(MeterObis.UtilitySecurity).Shown(2)), AccessRights.Public);
        yield return Value(MeterObis.DeviceName, c => Text(Model.FlagId + Meter(c).Serial), AccessRights.Public);
        yield return new Clock(MeterObis.Clock, new(
            c => Meter(c).Stamp(Meter(c).Clock.Read(c.Now)), (c, time) => Meter(c).SetClock(c, time), c => Meter(c).StandardDeviationAt(c.Now))
        {
            Shift = (c, by) => Meter(c).ShiftClock(c, by),
            MeasuringPeriodSeconds = c => Meter(c).CapturePeriodSeconds,
            Preset = (c => Meter(c).PresetTime, (c, preset) => Meter(c).PresetTime = preset),
            SummerTime = c => Meter(c).SummerTimeAt(c.Now),
        })
        {
            Access = AccessRights.Public,
        };
    }

    private IEnumerable<CosemObject> NamePlate()
    {
        yield return Value(MeterObis.Serial, c => Text(Meter(c).Serial), AccessRights.Public);
        yield return Value(MeterObis.DeviceId, c => Text(Model.FlagId + Meter(c).Serial));
        yield return Value(MeterObis.Maker, _ => Text(Model.Maker));
        yield return Value(MeterObis.Firmware, _ => Text(Model.Firmware));
        yield return Value(MeterObis.MeterKind, _ => CosemData.Unsigned(6)); // single phase, two wire
        yield return Value(MeterObis.Category, _ => Text(Model.Category));
        yield return Value(MeterObis.CurrentRating, _ => Text(Model.CurrentRating));
        yield return Value(MeterObis.YearOfManufacture, _ => CosemData.LongUnsigned(Model.YearOfManufacture));
        yield return Value(MeterObis.PaymentMode, _ => CosemData.Unsigned(0));
        yield return Value(MeterObis.MeteringMode, _ => CosemData.Unsigned(1));
    }

    private IEnumerable<CosemObject> Measurements()
    {
        var energy = new ScalerUnit(Model.EnergyScaler, Unit.WattHour);
        var apparent = new ScalerUnit(Model.EnergyScaler, Unit.VoltAmpereHour);
        yield return Measured(MeterObis.Voltage, new(-2, Unit.Volt), v => CosemData.LongUnsigned(v.VoltageCentivolts));
        yield return Measured(MeterObis.Current, new(-2, Unit.Ampere), v => CosemData.LongUnsigned(v.CurrentCentiamperes));
        yield return Measured(MeterObis.NeutralCurrent, new(-2, Unit.Ampere), v => CosemData.LongUnsigned(v.CurrentCentiamperes));
        yield return Measured(MeterObis.PowerFactor, new(-2, Unit.Count), v => CosemData.Integer(v.PowerFactorPercent));
        yield return Measured(MeterObis.Frequency, new(-1, Unit.Hertz), v => CosemData.LongUnsigned(v.FrequencyDecihertz));
        yield return Measured(MeterObis.ApparentPower, new(0, Unit.VoltAmpere), v => CosemData.DoubleLongUnsigned(v.VoltAmperes));
        yield return Measured(MeterObis.ActivePower, new(0, Unit.Watt), v => CosemData.DoubleLong(v.Watts));
        yield return Measured(MeterObis.ImportWh, energy, v => CosemData.DoubleLongUnsigned(v.Registers.Import));
        yield return Measured(MeterObis.ImportVah, apparent, v => CosemData.DoubleLongUnsigned(v.Registers.ImportVah));
        yield return Measured(MeterObis.ExportWh, energy, v => CosemData.DoubleLongUnsigned(v.Registers.Export));
        yield return Measured(MeterObis.ExportVah, apparent, v => CosemData.DoubleLongUnsigned(v.Registers.ExportVah));
        yield return Demand(MeterObis.DemandWatts, new(0, Unit.Watt), d => d.Watts);
        yield return Demand(MeterObis.DemandVoltAmperes, new(0, Unit.VoltAmpere), d => d.VoltAmperes);
        // Interval quantities show the last closed interval.
        yield return Interval(MeterObis.IntervalVoltage, new(-2, Unit.Volt), r => CosemData.LongUnsigned(r.VoltageCentivolts));
        yield return Interval(MeterObis.IntervalImportWh, energy, r => CosemData.DoubleLongUnsigned(r.Import));
        yield return Interval(MeterObis.IntervalImportVah, apparent, r => CosemData.DoubleLongUnsigned(r.ImportVah));
        yield return Interval(MeterObis.IntervalExportWh, energy, r => CosemData.DoubleLongUnsigned(r.Export));
        yield return Interval(MeterObis.IntervalExportVah, apparent, r => CosemData.DoubleLongUnsigned(r.ExportVah));
        yield return Value(MeterObis.IntervalStatus, c => CosemData.Unsigned((byte)LastBlock(c).Status));
        yield return Value(MeterObis.PowerOnMinutes, c => CosemData.DoubleLongUnsigned(
            Meter(c).PowerOnMinutes(Meter(c).Clock.Read(Meter(c).InstalledAt), Meter(c).Clock.Read(c.Now))));
        yield return Value(MeterObis.BillingPowerOnMinutes, c => CosemData.DoubleLongUnsigned(Meter(c).PowerOnMinutes(BillingStart(c), Meter(c).Clock.Read(c.Now))));
        yield return Value(MeterObis.AveragePowerFactor, c => CosemData.Integer((sbyte)(Meter(c).Source.PowerFactorPermille / 10)));
        yield return Value(MeterObis.TamperCount, c => CosemData.DoubleLongUnsigned(Meter(c).Events.TamperCount));
        yield return Value(MeterObis.PowerFailureCount, c => CosemData.DoubleLongUnsigned(Meter(c).Events.PowerFailureCount));
        yield return Value(MeterObis.BillingCount, c => CosemData.DoubleLongUnsigned(
            (uint)(VirtualMeter.MonthNumberOf(Meter(c).LocalDateOf(Meter(c).Clock.Read(c.Now))) - VirtualMeter.MonthNumberOf(Meter(c).LocalDateOf(Meter(c).InstalledAt)))));
        yield return Value(MeterObis.BillingDate, c => CosemData.DateTimeOctets(Meter(c).Stamp(BillingStart(c))));
        yield return Value(MeterObis.ProgrammingCount, c => CosemData.Unsigned((byte)Math.Min(255, Meter(c).Events.ProgrammingCount)));
        for (byte log = 0; log < EventLog.LogCount; log++)
        {
            int of = log;
            yield return Value(MeterObis.EventCode(log), c => CosemData.LongUnsigned(Meter(c).Events.Of(of) is { Count: > 0 } events ? (ushort)events[^1].Code : (ushort)0));
            yield return Value(MeterObis.EventSequence(log), c => CosemData.DoubleLongUnsigned(Meter(c).Events.SequenceOf(of)));
        }
    }

    private IEnumerable<CosemObject> Control()
    {
        yield return new DisconnectControl(MeterObis.Relay, new(
            c => Meter(c).Supply.IsConnected ? ControlState.Connected : ControlState.Disconnected,
            Switch, ControlMode: 4)) // remote only: neither the consumer nor the meter by itself reconnects
        {
            Access = new(AssociationLevel.MeterReader, AssociationLevel.UtilitySetting, AssociationLevel.UtilitySetting),
        };
        yield return new CosemObject<Limiter>(MeterObis.Limiter, Limiter.Table, LimitOf);
        yield return new ScriptTable(MeterObis.DisconnectScripts,
            new Script(1, new(70, MeterObis.Relay, 1), c => Switch(c, false)), new Script(2, new(70, MeterObis.Relay, 2), c => Switch(c, true)));
        yield return new SingleActionSchedule(MeterObis.BillingSchedule, MeterObis.BillingScripts, 1,
            _ => [([0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 1, 0xFF])]); // midnight of the first of each month
        yield return new Data(MeterObis.CapturePeriod, c => CosemData.LongUnsigned((ushort)Meter(c).CapturePeriodSeconds),
            (c, v) => v.TryGetInt64(out long seconds) ? Meter(c).SetCapturePeriod(c, seconds) : DataAccessResult.TypeUnmatched);
        yield return Value(MeterObis.DemandPeriod, c => CosemData.LongUnsigned((ushort)Meter(c).CapturePeriodSeconds));
    }

    // The meter keeps its limit itself and looks at it by its own flow of energy; what is not kept is refused.
    private static Limiter LimitOf(CosemContext context) => new()
    {
        Monitored = new(3, MeterObis.ActivePower, 2),
        ThresholdNormal = Meter(context).LimitWatts,
        OverSeconds = Meter(context).OverLimitSeconds,
        OverAction = new(MeterObis.DisconnectScripts, 1),
        Setting = (c, attribute, value) =>
        {
            if (attribute is not (4 or 6)) return DataAccessResult.ReadWriteDenied;
            if (value.Type != CosemDataType.DoubleLongUnsigned || !value.TryGetInt64(out long number)) return DataAccessResult.TypeUnmatched;
            return attribute == 4 ? Meter(c).SetLimit(c, (uint)number) : Meter(c).SetOverLimitSeconds(c, (uint)number);
        },
    };

    private static ActionResult Switch(CosemContext context, bool connect)
    {
        if (connect) Meter(context).Connect(context.Now);
        else Meter(context).Disconnect(context.Now);
        return ActionResult.Success; // a relay that is already there is where it should be
    }

    private static VirtualMeter Meter(CosemContext context) => VirtualMeter.Of(context);

    private static Instant BillingStart(CosemContext context)
    {
        VirtualMeter meter = Meter(context);
        return meter.StartOfMonth(VirtualMeter.MonthNumberOf(meter.LocalDateOf(meter.Clock.Read(context.Now))));
    }

    private static BlockLoadRow LastBlock(CosemContext context)
    {
        VirtualMeter meter = Meter(context);
        return meter.Block(meter.BlockNumberAt(meter.Clock.Read(context.Now)), VirtualMeter.CursorOf(context));
    }

    private static CosemData Text(string value) => CosemData.OctetString(System.Text.Encoding.ASCII.GetBytes(value));

    private static Data Value(ObisCode name, Func<CosemContext, CosemData> value, AccessRights? access = null) => new(name, value) { Access = access ?? AccessRights.Readings };

    private static Register Measured(ObisCode name, ScalerUnit scaler, Func<InstantaneousValues, CosemData> value) =>
        new(name, scaler, c => value(Meter(c).ValuesAt(c.Now, VirtualMeter.CursorOf(c)))) { Access = AccessRights.Readings };

    private static Register Interval(ObisCode name, ScalerUnit scaler, Func<BlockLoadRow, CosemData> value) =>
        new(name, scaler, c => value(LastBlock(c))) { Access = AccessRights.Readings };

    private static ExtendedRegister Demand(ObisCode name, ScalerUnit scaler, Func<MaximumDemand, uint> value) => new(name, scaler, c =>
    {
        MaximumDemand demand = Meter(c).MaximumDemandWithin(BillingStart(c), Meter(c).Clock.Read(c.Now), VirtualMeter.CursorOf(c));
        return (CosemData.DoubleLongUnsigned(value(demand)), Meter(c).Stamp(demand.At));
    })
    { Access = AccessRights.Readings };
}
