using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Praman.Dlms;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.HeadEnd.Sessions;
using Praman.Metering;

namespace Praman.Cli.Meters;

/// <summary>An entry of the object list: what an association lets its client see.</summary>
/// <param name="Readable">Attributes beside the logical name that this client may read; none where the rights do not say.</param>
internal sealed record ListedObject(ObisCode LogicalName, ushort ClassId, byte Version, IReadOnlyList<int> Readable);

/// <summary>Walks an association: the objects that the meter lists for this client, in words.</summary>
internal sealed class ObjectListReader(ObjectNames names)
{
    private const int AttributeMax = 32;

    private static readonly AttributeDescriptor ObjectList = new(15, new ObisCode(0, 0, 40, 0, 0), 2);

    public List<ListedObject> Objects { get; } = [];

    public async ValueTask<SessionError?> ReadAsync(MeterSession session, CancellationToken cancellationToken)
    {
        if (session.ShortNames is { } shorts)
        {
            Objects.AddRange(shorts.Objects.Select(one => new ListedObject(one.LogicalName, one.ClassId, one.Version, [])));
            return null;
        }
        SessionError? error = await session.GetAsync(ObjectList, null, cancellationToken).ConfigureAwait(false);
        if (error is not null) return error;
        if (session.Read(out CosemData list) is { } unreadable) return unreadable;
        foreach (CosemData entry in list.Items)
        {
            if (entry.Count != 4 || !entry[0].TryGetInt64(out long classId) || !entry[1].TryGetInt64(out long version) || !entry[2].TryGetObisCode(out ObisCode name))
                return session.Fault(SessionFault.Malformed, "an entry of the object list is no structure of class, version, logical name and rights");
            Objects.Add(new(name, (ushort)classId, (byte)version, ReadableIn(entry[3])));
        }
        return null;
    }

    private static List<int> ReadableIn(in CosemData rights)
    {
        var readable = new List<int>();
        if (rights.Count != 2) return readable;
        foreach (CosemData right in rights[0].Items)
        {
            if (right.Count >= 2 && right[0].TryGetInt64(out long which) && which is > 1 and <= AttributeMax && right[1].TryGetInt64(out long mode) && (mode & 1) != 0) readable.Add((int)which);
        }
        return readable;
    }

    public JsonObject ToJson() => new()
    {
        ["objects"] = new JsonArray([.. Objects.Select(o => (JsonNode)new JsonObject
        {
            ["obis"] = o.LogicalName.ToString(), ["name"] = names.Of(o.LogicalName), ["class"] = o.ClassId, ["version"] = o.Version,
            ["className"] = CosemClasses.Find(o.ClassId)?.Name,
        })]),
    };

    public string ToText()
    {
        var text = new StringBuilder();
        foreach (ListedObject one in Objects)
        {
            string known = CosemClasses.Find(one.ClassId)?.Name ?? "";
            text.AppendLine(CultureInfo.InvariantCulture, $"{one.LogicalName,-18}  {one.ClassId,3} v{one.Version}  {known,-22}  {names.Of(one.LogicalName)}");
        }
        return text.ToString();
    }
}
