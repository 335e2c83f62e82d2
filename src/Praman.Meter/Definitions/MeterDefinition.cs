using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Praman.Dlms.Security;
using Praman.Metering;

namespace Praman.Meter.Definitions;

/// <summary>
/// A meter type as a file describes it: its model, and each object with class, version, logical name and what its attributes show. Associations,
/// security, clock and device name are every meter's and stand in no file.
/// </summary>
public sealed class MeterDefinition
{
    /// <summary>The form that is read, as the file names it.</summary>
    public const string Format = "praman-meter/1";

    /// <summary>Octets of the longest file, and most objects in it.</summary>
    public const int LengthMax = 1 << 20, ObjectCountMax = 1000;

    private readonly IReadOnlyList<ObjectDefinition> _objects;

    private MeterDefinition(string name, MeterModel model, IReadOnlyList<ObjectDefinition> objects) => (Name, Model, _objects) = (name, model, objects);

    /// <summary>What kind of meter it is, in words.</summary>
    public string Name { get; }

    public MeterModel Model { get; }

    /// <summary>What the file calls its objects, where it names them.</summary>
    public IReadOnlyDictionary<ObisCode, string> Names => _objects.Where(o => o.Name is not null).ToDictionary(o => o.LogicalName, o => o.Name!);

    /// <summary>Objects that the file describes.</summary>
    public int ObjectCount => _objects.Count;

    /// <summary>Reads a file.</summary>
    /// <param name="utf8">Its octets.</param>
    /// <param name="definition">What it describes.</param>
    /// <param name="fault">The place of the first fault in it, what stands there, and what was expected.</param>
    public static bool TryParse(ReadOnlyMemory<byte> utf8, [NotNullWhen(true)] out MeterDefinition? definition, [NotNullWhen(false)] out string? fault)
    {
        definition = null;
        fault = null;
        if (utf8.Length > LengthMax)
        {
            fault = $"{utf8.Length} octets: expected {LengthMax} at most";
            return false;
        }
        try
        {
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            var first = new DefinitionFault();
            MeterDefinition read = Read(new DefinitionNode(document.RootElement, "", first), first);
            fault = first.Text ?? Tried(read);
            if (fault is null) definition = read;
        }
        catch (JsonException exception)
        {
            fault = $"line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}: no JSON: {exception.Message.Split(". ")[0]}";
        }
        return fault is null;
    }

    /// <summary>The objects and associations of such meters.</summary>
    public MeterType CreateType() => new(Model, type =>
    {
        var builtIn = type.BuiltIn().ToDictionary(o => o.LogicalName);
        var byName = _objects.ToDictionary(o => o.LogicalName);
        return _objects.Select(o => o.Create(type, byName, builtIn));
    });

    // What objects that act refuse to begin with, shows in a first meter.
    private static string? Tried(MeterDefinition read)
    {
        try
        {
            byte[] key = new byte[Dlms.Security.SecuritySuite.KeyLength(read.Model.SecuritySuite)];
            var keys = new MeterKeys(key, key, new byte[8], new byte[16]);
            _ = new VirtualMeter(read.CreateType(), "1", new byte[8], keys, new Load.HouseholdLoad(1, NodaTime.NodaConstants.UnixEpoch, NodaTime.Offset.Zero), NodaTime.NodaConstants.UnixEpoch);
            return null;
        }
        catch (ArgumentException exception)
        {
            return $"objects: {exception.Message}";
        }
    }

    private static MeterDefinition Read(DefinitionNode root, DefinitionFault fault)
    {
        root.IsObjectOf("format", "name", "sources", "meter", "objects");
        string format = root["format"].Text();
        if (!fault.IsSet && format != Format) root["format"].Fail($"'{format}': expected {Format}");
        string name = root["name"].Text();
        MeterModel model = ReadModel(root["meter"], fault);
        var objects = new List<ObjectDefinition>();
        var names = new HashSet<ObisCode>(MeterType.AdministrationNames);
        foreach (DefinitionNode node in root["objects"].Items(ObjectCountMax))
        {
            if (ObjectDefinition.Read(node) is not { } read) break;
            if (!names.Add(read.LogicalName))
            {
                node["logicalName"].Fail($"{read.LogicalName} is an object already");
                break;
            }
            objects.Add(read);
        }
        if (!fault.IsSet && objects.FirstOrDefault(o => o.CountsByTurns) is { } counted && !objects.Any(o => o is { ClassId: 6, Acts: true }))
            fault.Set("objects", $"{counted.LogicalName} counts while it is activated: an object of class 6 that acts was expected");
        if (!fault.IsSet && objects.Count(o => o.CountsByTurns) > Parts.RateRegisters.CountMax) fault.Set("objects", "expected 64 registers at most that count while they are activated");
        if (!fault.IsSet) ObjectDefinition.Check(objects, new MeterType(new MeterModel()).BuiltIn());
        return new MeterDefinition(name, model, objects);
    }

    private static byte[] ReadKey(DefinitionNode node)
    {
        string digits = node.Text();
        if (digits.Length == 2 * Firmware.FirmwareImage.KeyLength && digits.All(char.IsAsciiHexDigit)) return Convert.FromHexString(digits);
        node.Fail($"expected a public key of P-256: {2 * Firmware.FirmwareImage.KeyLength} hex digits, both coordinates");
        return [];
    }

    private static readonly (string Name, Protection Value)[] Envelopes =
    [
        ("service", Protection.ServiceGlobal), ("general-glo", Protection.GeneralGlobal), ("identified", Protection.GeneralIdentified),
        ("one-pass", Protection.GeneralOnePass), ("static", Protection.GeneralStatic),
    ];

    private static Protection ReadEnvelope(DefinitionNode node)
    {
        string name = node.Text();
        foreach ((string known, Protection value) in Envelopes)
        {
            if (known == name) return value;
        }
        node.Fail($"'{name}' where one of {string.Join(", ", Envelopes.Select(e => e.Name))} was expected");
        return default;
    }

    private static NodaTime.DateTimeZone ReadZone(DefinitionNode node)
    {
        string name = node.Text();
        if (NodaTime.DateTimeZoneProviders.Tzdb.GetZoneOrNull(name) is { } zone) return zone;
        node.Fail($"'{name}' where the name of a time zone was expected, such as Europe/Amsterdam");
        return NodaTime.DateTimeZone.Utc;
    }

    private static MeterModel ReadModel(DefinitionNode node, DefinitionFault fault)
    {
        var model = new MeterModel();
        if (!node.IsObjectOf("flagId", "category", "zone", "firmwareKey", "firmwareNumber", "phases", "nominalVolts", "loadFactor", "capturePeriodSeconds", "blockLoadDays", "dailyLoadDays",
            "billingPeriods", "openBillingRow", "pduSizeMax", "securitySuite", "securityPolicy", "utilityMechanism", "envelope", "certificates")) return model;
        int Number(string name, int otherwise, int least, int most) => node.Has(name) ? (int)node[name].Number(least, most) : otherwise;
        model = model with
        {
            FlagId = node.Has("flagId") ? node["flagId"].Text() : model.FlagId,
            Category = node["category"].Text(),
            Zone = node.Has("zone") ? ReadZone(node["zone"]) : model.Zone,
            FirmwareKey = node.Has("firmwareKey") ? ReadKey(node["firmwareKey"]) : default,
            FirmwareNumber = node.Has("firmwareNumber") ? (uint)node["firmwareNumber"].Number(0, uint.MaxValue) : 0,
            PhaseCount = Number("phases", 1, 1, 3),
            NominalVolts = Number("nominalVolts", model.NominalVolts, 50, 300),
            LoadFactor = Number("loadFactor", 1, 1, Load.ScaledLoad.FactorMax),
            CapturePeriodSeconds = Number("capturePeriodSeconds", model.CapturePeriodSeconds, 900, 3600),
            BlockLoadDays = Number("blockLoadDays", model.BlockLoadDays, 35, 400),
            DailyLoadDays = Number("dailyLoadDays", model.DailyLoadDays, 35, 400),
            BillingPeriodCount = Number("billingPeriods", model.BillingPeriodCount, 1, 24),
            HasOpenBillingRow = node.Has("openBillingRow") && node["openBillingRow"].Truth(),
            PduSizeMax = (ushort)Number("pduSizeMax", model.PduSizeMax, 64, ushort.MaxValue),
            SecuritySuite = Number("securitySuite", model.SecuritySuite, 0, Dlms.Security.SecuritySuite.Max),
            UtilityMechanism = (byte)Number("utilityMechanism", model.UtilityMechanism, 2, 7),
            Envelope = node.Has("envelope") ? ReadEnvelope(node["envelope"]) : model.Envelope,
            HasCertificates = node.Has("certificates") && node["certificates"].Truth(),
        };
        if (node.Has("securityPolicy")) model = model with { SecurityPolicy = (byte)Number("securityPolicy", 0, 0, model.SecuritySuite == 0 ? 3 : byte.MaxValue) };
        if (fault.IsSet) return model;
        if (model.FlagId.Any(letter => letter is not (>= 'A' and <= 'Z'))) node["flagId"].Fail($"'{model.FlagId}' where three capital letters were expected");
        try
        {
            return model.Checked();
        }
        catch (ArgumentException exception)
        {
            node.Fail(exception.Message);
            return model;
        }
    }
}
