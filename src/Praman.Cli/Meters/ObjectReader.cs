using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Praman.Dlms;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Dlms.Explain;
using Praman.HeadEnd.Sessions;
using Praman.Metering;

namespace Praman.Cli.Meters;

/// <summary>One attribute of an object as it was read.</summary>
/// <param name="Refusal">Why the meter did not give it; null where it did.</param>
internal sealed record AttributeReading(int Attribute, string? Name, CosemData Data, string? Refusal);

/// <summary>Reads one object of a meter: one attribute, or all that its class has. The class is asked from the association's object list.</summary>
/// <param name="logicalName">The object.</param>
/// <param name="attribute">The one attribute that is wanted; null for all.</param>
/// <param name="classId">Its class; null where the object list tells.</param>
/// <param name="names">How objects are called.</param>
internal sealed class ObjectReader(ObisCode logicalName, int? attribute, ushort? classId, ObjectNames names)
{
    private const ushort MBusClient = 72;

    // A structure that is longer has a line for each of its elements.
    private const int LineLengthMax = 100;

    public List<AttributeReading> Readings { get; } = [];

    public ushort ClassId { get; private set; }

    private CosemClass? _known;

    public async ValueTask<SessionError?> ReadAsync(MeterSession session, CancellationToken cancellationToken)
    {
        List<int> attributes = attribute is { } one ? [one] : [];
        if (classId is { } given) ClassId = given;
        if (classId is null)
        {
            SessionError? error = await FindAsync(session, attributes, cancellationToken).ConfigureAwait(false);
            if (error is not null) return error;
        }
        _known ??= CosemClasses.Find(ClassId);
        if (attributes.Count == 0) attributes = _known is null ? [2] : [.. _known.Attributes.Select(a => (int)a.Id).Where(id => id > 1)];
        foreach (int id in attributes.Where(id => attribute is not null || ClassId != 7 || id != 2)) // a profile's buffer is read with --profile
        {
            string? name = _known?.Attribute(id)?.Name;
            SessionError? error = await session.GetAsync(new AttributeDescriptor(ClassId, logicalName, (sbyte)id), null, cancellationToken).ConfigureAwait(false);
            if (error is not null && session.ClientError?.Access is null) return error;
            if (error is not null && attribute is not null) return error;
            CosemData value = default;
            if (error is null && session.Read(out value) is { } unreadable) return unreadable;
            Readings.Add(new(id, name, value, error?.Detail));
        }
        return null;
    }

    private async ValueTask<SessionError?> FindAsync(MeterSession session, List<int> attributes, CancellationToken cancellationToken)
    {
        if (session.ShortNames is { } shorts)
        {
            ClassId = shorts.Objects.FirstOrDefault(listed => listed.LogicalName == logicalName).ClassId;
            return ClassId != 0 ? null : session.Fault(SessionFault.Refused, $"the meter has no {logicalName} for this client");
        }
        var list = new ObjectListReader(names);
        SessionError? error = await list.ReadAsync(session, cancellationToken).ConfigureAwait(false);
        if (error is not null) return error with { Detail = $"{error.Detail}; the object list was asked for the class of {logicalName}: name it with --class" };
        if (list.Objects.Find(o => o.LogicalName == logicalName) is { } found)
        {
            ClassId = found.ClassId;
            _known = CosemClasses.Find(found.ClassId, found.Version);
            if (attributes.Count == 0) attributes.AddRange(found.Readable);
            return null;
        }
        return session.Fault(SessionFault.Refused, $"the object list of this association has no {logicalName}; name its class with --class to ask all the same");
    }

    /// <summary>Scaler and unit, where the object has them and they were read.</summary>
    private ScalerUnit? Scaler => ClassId is 3 or 4 && Readings.Find(r => r.Attribute == 3) is { Refusal: null } reading && reading.Data.TryGetScalerUnit(out ScalerUnit scaler) ? scaler : null;

    public JsonObject ToJson() => new()
    {
        ["obis"] = logicalName.ToString(), ["name"] = names.Of(logicalName), ["class"] = ClassId, ["className"] = _known?.Name,
        ["attributes"] = new JsonArray([.. Readings.Select(r => (JsonNode)Attribute(r))]),
    };

    private JsonObject Attribute(AttributeReading reading)
    {
        var json = new JsonObject { ["attribute"] = reading.Attribute, ["name"] = reading.Name };
        if (reading.Refusal is not null)
        {
            json["error"] = reading.Refusal;
            return json;
        }
        json["type"] = reading.Data.Type.Name();
        json["raw"] = DataJson.Value(reading.Data);
        json["value"] = Text(reading);
        if (ClassId == MBusClient && MBusNames.Words(reading.Attribute, reading.Data) is { } words) json["words"] = words;
        if (reading.Attribute == 2 && Scaler is { } scaler) json["unit"] = scaler.Unit.Symbol();
        return json;
    }

    public string ToText()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{logicalName}  {names.Of(logicalName)}  {_known?.ToString() ?? $"class {ClassId}"}");
        foreach (AttributeReading reading in Readings)
        {
            string unit = reading.Attribute == 2 && Scaler is { } scaler ? $" {scaler.Unit.Symbol()}{Larger(reading, scaler.Unit)}" : "";
            IReadOnlyList<string> elements = reading.Refusal is null ? DataText.Elements(reading.Data, Shape(reading)) : [];
            bool fits = elements.Sum(one => one.Length) <= LineLengthMax;
            text.AppendLine(CultureInfo.InvariantCulture, $"  {reading.Attribute,2}  {reading.Name ?? "",-28}  {reading.Refusal ?? (fits ? Text(reading) + unit + Words(reading) : Counted.Of(elements.Count, "element"))}");
            if (!fits) foreach (string element in elements) text.AppendLine(CultureInfo.InvariantCulture, $"        {element}");
        }
        return text.ToString();
    }

    // In the unit that a bill has, where that is another.
    private string Larger(AttributeReading reading, Unit unit) => MeterValues.Of(reading.Data, reading.Attribute, Scaler) is decimal number && MeterValues.Billed(number, unit) is { } billed
        ? $", {billed}" : "";

    private string Words(AttributeReading reading) => ClassId == MBusClient && MBusNames.Words(reading.Attribute, reading.Data) is { } words ? $", {words}" : "";

    private string Text(AttributeReading reading) => ClassId is 3 or 4 && reading.Attribute == 3 && reading.Data.TryGetScalerUnit(out ScalerUnit own)
        ? string.Create(CultureInfo.InvariantCulture, $"10^{own.Scaler} {own.Unit.Symbol()}").TrimEnd() : Value(reading);

    private DataShape? Shape(AttributeReading reading) => _known?.Attribute(reading.Attribute)?.Shape;

    private static bool IsMadeUp(in CosemData data) => data.Type is CosemDataType.Array or CosemDataType.Structure or CosemDataType.CompactArray;

    private string Value(AttributeReading reading) => IsMadeUp(reading.Data) ? DataText.Of(reading.Data, Shape(reading)) : MeterValues.Of(reading.Data, reading.Attribute, Scaler) switch
    {
        null => "nothing",
        bool truth => truth ? "true" : "false",
        decimal number => number.ToString(CultureInfo.InvariantCulture),
        { } other => other.ToString()!,
    };
}
