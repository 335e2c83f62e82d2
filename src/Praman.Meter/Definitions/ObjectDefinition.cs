using System.Globalization;
using Praman.Dlms;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Meter.Events;
using Praman.Meter.Load;
using Praman.Meter.Parts;
using Praman.Meter.Profiles;
using Praman.Metering;

namespace Praman.Meter.Definitions;

/// <summary>An object of a definition: what it is, and how it is made.</summary>
internal sealed class ObjectDefinition
{
    private const ushort DataClass = 1, RegisterClass = 3, ExtendedRegisterClass = 4, DemandClass = 5, PushClass = 40, ProfileClass = 7, ClockClass = 8, MBusClass = 72;

    private readonly DefinitionNode _node;
    private readonly List<(ObisCode Name, sbyte Attribute, DefinitionNode Node)> _columns = [];
    private CaptureObject[] _captures = [];
    private string? _rows;
    private ObisCode _of;
    private bool _isBuiltIn;
    private bool _acts;
    private MeterQuantity? _measured;
    private ObisCode? _maximumOf;
    private ScalerUnit _maximumUnit;
    private PushTriggers _triggers;
    private MeterEventCode[]? _alarms;
    private ObisCode? _filterOf;
    private SlaveKind? _slave;
    private CapturedValue? _captured;
    private RateRegister? _counted;
    private IReadOnlyDictionary<sbyte, CosemData>? _attributes;
    private AccessRights _access = AccessRights.Readings;

    private ObjectDefinition(DefinitionNode node) => _node = node;

    public ushort ClassId { get; private set; }

    public byte Version { get; private set; }

    public ObisCode LogicalName { get; private set; }

    /// <summary>What the file calls it; null where it does not say.</summary>
    public string? Name { get; private init; }

    /// <summary>What the value of a data, register or extended register object shows; null for others.</summary>
    public ShownValue? Shown { get; private set; }

    /// <summary>True for a register that counts only while a register activation lists it.</summary>
    public bool CountsByTurns => _counted is not null;

    /// <summary>True for an object that does what its class does.</summary>
    public bool Acts => _acts;

    private int? LogNumber { get; set; }

    private bool HasScaler => ClassId is RegisterClass or ExtendedRegisterClass;

    /// <summary>Reads one object; null where there is a fault.</summary>
    public static ObjectDefinition? Read(DefinitionNode node)
    {
        if (!node.IsObjectOf("class", "version", "logicalName", "name", "access", "shows", "type", "value", "scaler", "unit", "rows", "columns", "of", "builtIn", "attributes", "acts", "counts", "measures", "maximumOf", "pushOn", "alarms", "filterOf", "slave", "capturedBy")) return null;
        var read = new ObjectDefinition(node)
        {
            ClassId = (ushort)node["class"].Number(1, ushort.MaxValue),
            Version = node.Has("version") ? (byte)node["version"].Number(0, byte.MaxValue) : (byte)0,
            LogicalName = node["logicalName"].LogicalName(),
            Name = node.Has("name") ? node["name"].Text() : null,
        };
        string[] forms = [.. ((string[])["shows", "value", "rows", "builtIn", "attributes", "acts", "maximumOf", "alarms", "filterOf", "capturedBy"]).Where(node.Has)];
        if (forms.Length != 1) return Fail(node, "one member of shows, value, rows, builtIn, attributes, acts, maximumOf, alarms, filterOf and capturedBy was expected");
        if (node.Has("access") && !read.ReadAccess(node["access"])) return null;
        bool done = forms[0] switch
        {
            "shows" => read.ReadShown(),
            "value" => read.ReadValue(),
            "rows" => read.ReadRows(),
            "acts" => read.ReadActs(),
            "maximumOf" => read.ReadMaximum(),
            "alarms" => read.ReadAlarms(),
            "filterOf" => read.ReadFilter(),
            "capturedBy" => read.ReadCaptured(),
            "builtIn" => read._isBuiltIn = node["builtIn"].Truth(),
            _ => read.ReadAttributes(),
        };
        return done ? read : null;
    }

    /// <summary>Finds what objects name of one another.</summary>
    public static void Check(IReadOnlyList<ObjectDefinition> objects, IEnumerable<CosemObject> builtIn)
    {
        var byName = objects.ToDictionary(o => o.LogicalName);
        Dictionary<ObisCode, CosemObject> known = builtIn.ToDictionary(o => o.LogicalName);
        foreach (ObjectDefinition one in objects)
        {
            if (one._isBuiltIn && (!known.TryGetValue(one.LogicalName, out CosemObject? own) || own.Class.ClassId != one.ClassId))
            {
                one._node.Fail($"no built-in object of class {one.ClassId} has this name: expected {string.Join(", ", known.Values.Select(o => $"{o.LogicalName} (class {o.Class.ClassId})"))}");
                return;
            }
            if (one._maximumOf is { } demand && (!byName.TryGetValue(demand, out ObjectDefinition? averaged) || averaged._measured is null))
            {
                one._node["maximumOf"].Fail($"{demand} is no demand register of this file that acts");
                return;
            }
            if (one._filterOf is { } alarms && (!byName.TryGetValue(alarms, out ObjectDefinition? filtered) || filtered._alarms is null))
            {
                one._node["filterOf"].Fail($"{alarms} is no alarm register of this file");
                return;
            }
            if (!one.CheckCaptured(byName)) return;
            if (one._rows == "scalers" && (!byName.TryGetValue(one._of, out ObjectDefinition? of) || of.ClassId != ProfileClass))
            {
                one._node["of"].Fail($"{one._of} is no profile of this file");
                return;
            }
            foreach ((ObisCode name, sbyte attribute, DefinitionNode node) in one._columns)
            {
                if (name == MeterObis.Clock ? attribute == 2 : byName.TryGetValue(name, out ObjectDefinition? column) && column.ClassId != ProfileClass) continue;
                node.Fail($"{name} is neither the clock (attribute 2) nor an object of this file that a profile can capture");
                return;
            }
        }
        foreach (ObjectDefinition one in objects) one._captures = one.Captures(byName);
    }

    /// <summary>Makes the object.</summary>
    public CosemObject Create(MeterType type, IReadOnlyDictionary<ObisCode, ObjectDefinition> byName, IReadOnlyDictionary<ObisCode, CosemObject> builtIn)
    {
        if (_isBuiltIn) return builtIn[LogicalName];
        if (_acts) return ActingObjects.Create(type, new(ClassId, Version, LogicalName, _attributes!, _access, _measured, _triggers) { Slave = _slave });
        if (_alarms is not null) return ActingObjects.Alarms(type, LogicalName, _alarms);
        if (_filterOf is { } alarms) return ActingObjects.AlarmFilter(LogicalName, alarms);
        if (_maximumOf is { } demand) return ActingObjects.Maximum(LogicalName, demand, _maximumUnit);
        if (_captured is { } captured) return ClassId == DataClass ? captured.StatusObject(LogicalName, _access) : captured.Register(LogicalName, _access);
        if (_rows == "captured")
            return new ProfileGeneric(LogicalName, _captures, new CapturedRows(_of, [.. _captures.Select(c => new CapturedColumn(c, byName.TryGetValue(c.LogicalName, out ObjectDefinition? of) ? of._captured : null))])) { Access = _access };
        if (_attributes is not null) return new FixedObject(ClassId, Version, LogicalName, _attributes) { Access = _access };
        if (_counted is not null) type.AddRateRegister(_counted);
        if (Shown is { } shown)
        {
            return ClassId switch
            {
                DataClass => new Data(LogicalName, c => shown.At(ReadingPoint.Now(c))) { Access = _access },
                RegisterClass => new Register(LogicalName, shown.ScalerUnit, c => shown.At(ReadingPoint.Now(c))) { Access = _access },
                _ => new ExtendedRegister(LogicalName, shown.ScalerUnit, c =>
                {
                    ReadingPoint now = ReadingPoint.Now(c);
                    return (shown.At(now), shown.CapturedAt(now));
                })
                { Access = _access },
            };
        }
        DefinedColumn[] columns = [.. _captures.Select(c => new DefinedColumn(c, byName.TryGetValue(c.LogicalName, out ObjectDefinition? of) ? of.Shown : null))];
        ProfileRows rows = _rows switch
        {
            "block-load" => DefinedRows.BlockLoad(columns),
            "daily-load" => DefinedRows.DailyLoad(columns),
            "billing" => DefinedRows.Billing(columns),
            "events" => DefinedRows.Events(LogNumber!.Value, columns),
            _ => new SnapshotRows(_captures),
        };
        return new ProfileGeneric(LogicalName, _captures, rows) { Access = _access };
    }

    private CaptureObject[] Captures(Dictionary<ObisCode, ObjectDefinition> byName)
    {
        if (_rows == "scalers")
        {
            return [.. byName[_of]._columns.Where(c => c.Attribute == 2 && byName.TryGetValue(c.Name, out ObjectDefinition? of) && of.HasScaler)
                .Select(c => new CaptureObject(byName[c.Name].ClassId, c.Name, 3))];
        }
        return [.. _columns.Select(c => new CaptureObject(c.Name == MeterObis.Clock ? ClockClass : byName[c.Name].ClassId, c.Name, c.Attribute))];
    }

    private bool ReadShown()
    {
        if (ClassId is not (DataClass or RegisterClass or ExtendedRegisterClass)) return _node["class"].Fail($"class {ClassId} shows nothing measured: expected 1, 3 or 4");
        string name = _node["shows"].Text();
        if (!MeterQuantity.All.TryGetValue(name, out MeterQuantity? quantity))
            return _node["shows"].Fail($"'{name}' is nothing that a meter measures: expected one of {string.Join(", ", MeterQuantity.All.Keys.Order(StringComparer.Ordinal))}");
        if (quantity.Data is not null)
        {
            Shown = new ShownValue(quantity, CosemDataType.OctetString, default);
            return !_node.Has("type") || _node["type"].Fail($"'{name}' has a type of its own: no member 'type' was expected");
        }
        CosemDataType type = DefinitionData.TypeOf(_node["type"]);
        if (type is not (CosemDataType.Boolean or CosemDataType.Integer or CosemDataType.Long or CosemDataType.DoubleLong or CosemDataType.Long64 or CosemDataType.Unsigned
            or CosemDataType.Enum or CosemDataType.LongUnsigned or CosemDataType.DoubleLongUnsigned or CosemDataType.Long64Unsigned))
            return _node["type"].Fail($"{type.Name()}: expected a type of whole numbers for what is measured");
        ScalerUnit scaler = ReadScaler(quantity.Scaler);
        if (HasScaler && quantity.Unit != scaler.Unit) return _node["unit"].Fail($"{scaler.Unit}: '{name}' is in {quantity.Unit}");
        if (_node.Has("counts") && !ReadCounts(ref quantity)) return false;
        Shown = new ShownValue(quantity, type, scaler);
        return true;
    }

    // A register that counts only while a register activation lists it: its total is what it counted, its maximum that of the intervals it counted in.
    private bool ReadCounts(ref MeterQuantity quantity)
    {
        if (_node["counts"].Text() != "activated") return _node["counts"].Fail("expected activated: the register counts while a register activation lists it");
        if (quantity.Maximum is not null)
        {
            _counted = new(ClassId, LogicalName, null);
            quantity = quantity.OfRate(LogicalName);
            return true;
        }
        if (quantity.Total is not { } total || quantity.IsInterval) return _node["counts"].Fail($"'{quantity.Name}' is no total that counts on and no maximum");
        ObisCode name = LogicalName;
        _counted = new(ClassId, name, total);
        quantity = quantity with { Total = (point, at) => point.Meter.Parts!.Rates!.ValueAt(name, point, at) };
        return true;
    }

    private bool ReadValue()
    {
        if (ClassId is not (DataClass or RegisterClass or ExtendedRegisterClass)) return _node["class"].Fail($"class {ClassId} has no single value: expected 1, 3 or 4, or the member attributes");
        Shown = new ShownValue(DefinitionData.Of(DefinitionData.TypeOf(_node["type"]), _node["value"]), ReadScaler(0));
        return true;
    }

    private ScalerUnit ReadScaler(sbyte otherwise)
    {
        if (!HasScaler) return new(otherwise, Unit.Unknown);
        sbyte scaler = (sbyte)_node["scaler"].Number(-9, 9);
        string symbol = _node["unit"].Text();
        if (symbol.Length == 0) return new(scaler, Unit.Count);
        foreach (Unit unit in Enum.GetValues<Unit>()) if (unit.Symbol() == symbol) return new(scaler, unit);
        _node["unit"].Fail($"'{symbol}' where a unit was expected, such as Wh, V or A; empty for a count");
        return default;
    }

    private bool ReadRows()
    {
        if (ClassId != ProfileClass) return _node["class"].Fail($"class {ClassId} has no rows: expected 7");
        Version = _node.Has("version") ? Version : (byte)1;
        string rows = _node["rows"].Text();
        if (rows is "scalers")
        {
            _rows = rows;
            _of = _node["of"].LogicalName();
            return true;
        }
        if (rows.StartsWith("events ", StringComparison.Ordinal) && int.TryParse(rows.AsSpan(7), NumberStyles.None, CultureInfo.InvariantCulture, out int log) && log < EventLog.LogCount)
            (_rows, LogNumber) = ("events", log);
        else if (rows is "block-load" or "daily-load" or "billing" or "snapshot") _rows = rows;
        else if (rows is "captured") (_rows, _of) = (rows, _node["of"].LogicalName());
        else return _node["rows"].Fail($"'{rows}': expected block-load, daily-load, billing, snapshot, captured, scalers or events 0 to events 6");
        foreach (DefinitionNode node in _node["columns"].Items(CaptureObject.CountMax))
        {
            string text = node.Text();
            int colon = text.LastIndexOf(':');
            sbyte attribute = 2;
            if (colon > 0 && !sbyte.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out attribute)) return node.Fail($"'{text}': expected a logical name, and a colon and an attribute where it is not 2");
            if (!ObisCode.TryParse(colon > 0 ? text[..colon] : text, out ObisCode name)) return node.Fail($"'{text}': expected a logical name such as 1.0.1.8.0.255, in dots");
            _columns.Add((name, attribute, node));
        }
        return true;
    }

    private bool ReadAttributes()
    {
        DefinitionNode node = _node[_acts ? "acts" : "attributes"];
        var read = new Dictionary<sbyte, CosemData>();
        if (node.Element.ValueKind != System.Text.Json.JsonValueKind.Object) return node.Fail("an object was expected, an attribute's number each member");
        foreach (System.Text.Json.JsonProperty property in node.Element.EnumerateObject())
        {
            if (!sbyte.TryParse(property.Name, NumberStyles.None, CultureInfo.InvariantCulture, out sbyte id) || id < 2) return node.Fail($"'{property.Name}' where an attribute from 2 to 127 was expected");
            CosemData value = DefinitionData.Of(node[property.Name]);
            if (_acts && CosemClasses.Find(ClassId, Version)?.Attribute(id) is { } attribute && !attribute.Shape.TryCheck(value, out string? why)) return node[property.Name].Fail(why);
            read[id] = value;
        }
        _attributes = read;
        return true;
    }

    // What the object does is its class's; the file says what its attributes begin with.
    private bool ReadActs()
    {
        _acts = true;
        if (!ActingObjects.Classes.Contains((ClassId, Version)))
            return _node["class"].Fail($"class {ClassId}, version {Version} does not act: expected {string.Join(", ", ActingObjects.Classes.Select(c => c.Version == 0 ? $"{c.ClassId}" : $"{c.ClassId} version {c.Version}"))}");
        if (!_node.Has("access")) _access = AccessRights.Settings;
        else if (_access.Write != AssociationLevel.UtilitySetting) return _node["access"].Fail("an object that acts is set by the utility: expected public or utility");
        if (_node.Has("pushOn") && !ReadTriggers()) return false;
        if (_node.Has("slave") && ClassId != MBusClass) return _node["slave"].Fail($"class {ClassId} has no slaves: expected 72");
        return (ClassId != DemandClass || ReadMeasured()) && (ClassId != MBusClass || ReadSlave()) && ReadAttributes();
    }

    private bool ReadMeasured()
    {
        string name = _node["measures"].Text();
        if (MeterQuantity.All.TryGetValue(name, out _measured) && _measured is { Total: not null, IsInterval: false }) return true;
        return _node["measures"].Fail($"'{name}' where an energy was expected, such as active energy import");
    }

    private bool ReadSlave()
    {
        string name = _node["slave"].Text();
        return SlaveKind.All.TryGetValue(name, out _slave) || _node["slave"].Fail($"'{name}': expected one of {string.Join(", ", SlaveKind.All.Keys.Order(StringComparer.Ordinal))}");
    }

    // The total of a slave (class 4), or the status of what is captured of it (class 1).
    private bool ReadCaptured()
    {
        if (ClassId is not (DataClass or ExtendedRegisterClass)) return _node["class"].Fail($"class {ClassId} holds nothing captured: expected 1 (its status) or 4");
        _captured = new(_node["capturedBy"].LogicalName(), ReadScaler(0));
        return true;
    }

    private bool CheckCaptured(Dictionary<ObisCode, ObjectDefinition> byName)
    {
        if (_captured is { } captured)
        {
            if (!byName.TryGetValue(captured.Client, out ObjectDefinition? client) || client._slave is not { } slave)
                return _node["capturedBy"].Fail($"{captured.Client} is no M-Bus client of this file that acts");
            return !HasScaler || captured.ScalerUnit.Unit == slave.Unit || _node["unit"].Fail($"{captured.ScalerUnit.Unit}: {slave.Name} is in {slave.Unit}");
        }
        if (_rows != "captured") return true;
        if (!byName.TryGetValue(_of, out ObjectDefinition? of) || of._slave is null) return _node["of"].Fail($"{_of} is no M-Bus client of this file that acts");
        foreach ((ObisCode name, sbyte attribute, DefinitionNode node) in _columns)
        {
            bool fits = name == MeterObis.Clock ? attribute == 2 : byName.TryGetValue(name, out ObjectDefinition? column) && column._captured?.Client == _of
                && (attribute == 2 || (column.HasScaler && attribute is 4 or 5));
            if (!fits) return node.Fail($"expected the clock, or what {_of} captures");
        }
        return true;
    }

    private bool ReadTriggers()
    {
        if (ClassId != PushClass) return _node["pushOn"].Fail($"class {ClassId} pushes nothing: expected 40");
        foreach (DefinitionNode node in _node["pushOn"].Items(2))
        {
            string text = node.Text();
            PushTriggers? trigger = text switch { "alarm" => PushTriggers.Alarm, "power up" => PushTriggers.PowerUp, _ => null };
            if (trigger is null) return node.Fail($"'{text}': expected alarm or power up");
            _triggers |= trigger.Value;
        }
        return true;
    }

    private bool ReadAlarms()
    {
        if (ClassId != DataClass) return _node["class"].Fail($"class {ClassId} is no alarm register: expected 1");
        var codes = new List<MeterEventCode>();
        foreach (DefinitionNode node in _node["alarms"].Items(AlarmPart.BitCount))
        {
            var code = (MeterEventCode)node.Number(1, ushort.MaxValue);
            if (!Enum.IsDefined(code)) return node.Fail($"{(int)code} is no event of this meter: expected one of {string.Join(", ", Enum.GetValues<MeterEventCode>().Select(c => (int)c))}");
            codes.Add(code);
        }
        _alarms = [.. codes];
        return true;
    }

    private bool ReadFilter()
    {
        if (ClassId != DataClass) return _node["class"].Fail($"class {ClassId} is no filter: expected 1");
        _filterOf = _node["filterOf"].LogicalName();
        return true;
    }

    private bool ReadMaximum()
    {
        if (ClassId != ExtendedRegisterClass) return _node["class"].Fail($"class {ClassId} holds no maximum: expected 4");
        _maximumOf = _node["maximumOf"].LogicalName();
        _maximumUnit = ReadScaler(0);
        return _maximumUnit.Scaler == 0 || _node["scaler"].Fail("expected 0, the scaler of demand registers");
    }

    private bool ReadAccess(DefinitionNode node)
    {
        string text = node.Text();
        AccessRights? rights = text switch { "public" => AccessRights.Public, "readings" => AccessRights.Readings, "utility" => AccessRights.Utility, _ => null };
        if (rights is null) return node.Fail($"'{text}': expected public, readings or utility");
        _access = rights.Value;
        return true;
    }

    private static ObjectDefinition? Fail(DefinitionNode node, string reason)
    {
        node.Fail(reason);
        return null;
    }
}
