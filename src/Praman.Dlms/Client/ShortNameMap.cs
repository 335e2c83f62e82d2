using System.Diagnostics.CodeAnalysis;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Dlms.Server;
using Praman.Metering;

namespace Praman.Dlms.Client;

/// <summary>An object of a server with short names, as its association lists it (IEC 62056-6-2, class 12, attribute 2).</summary>
public readonly record struct ShortNameEntry(ushort BaseName, ushort ClassId, byte Version, ObisCode LogicalName);

/// <summary>Which short name an attribute or a method has on one server: base name from its object list, offset by class (IEC 62056-6-2).</summary>
public sealed class ShortNameMap
{
    private const string Clause = "IEC 62056-6-2 (class 12, object_list)";

    private readonly Dictionary<(ushort ClassId, ObisCode Name), ShortNameEntry> _byName = [];

    private ShortNameMap(IReadOnlyList<ShortNameEntry> objects)
    {
        Objects = objects;
        foreach (ShortNameEntry one in objects) _byName.TryAdd((one.ClassId, one.LogicalName), one); // the first of a name stands
    }

    /// <summary>All, in the server's order.</summary>
    public IReadOnlyList<ShortNameEntry> Objects { get; }

    /// <summary>Reads an object list: an array of structures of base name, class, version and logical name.</summary>
    public static bool TryRead(ReadOnlySpan<byte> data, [NotNullWhen(true)] out ShortNameMap? map, out DecodeError error)
    {
        map = null;
        var reader = new AxdrReader(data);
        var objects = new List<ShortNameEntry>();
        if (reader.TryReadArrayHeader(out int count))
        {
            for (int index = 0; index < count && TryReadOne(ref reader, out ShortNameEntry one); index++) objects.Add(one);
        }
        error = reader.Error;
        if (reader.HasFailed) return false;
        error = default;
        map = new(objects);
        return true;
    }

    /// <summary>The name of an attribute; false where the server lists no such object.</summary>
    public bool TryFind(AttributeDescriptor attribute, out ushort name)
    {
        name = 0;
        if (!TryFind(attribute.ClassId, attribute.LogicalName, out ShortNameEntry found) || attribute.AttributeId < 1) return false;
        return TryAdd(found.BaseName, ShortNames.AttributeOffset(attribute.AttributeId), out name);
    }

    /// <summary>The name of a method; false where the server lists no such object, or the class's offsets are not known here.</summary>
    public bool TryFind(MethodDescriptor method, out ushort name)
    {
        name = 0;
        if (!TryFind(method.ClassId, method.LogicalName, out ShortNameEntry found) || method.MethodId < 1) return false;
        return ShortNames.MethodOffset(found.ClassId, found.Version, method.MethodId) is { } offset && TryAdd(found.BaseName, offset, out name);
    }

    /// <summary>What a name stands for: the object whose base name is at or below it, and its attribute or method; false where it is nobody's.</summary>
    public bool TryResolve(ushort name, out ShortNameEntry entry, out sbyte id, out bool isMethod)
    {
        (entry, id, isMethod) = (default, 0, false);
        _byBase ??= [.. Objects.OrderBy(one => one.BaseName)];
        int index = Array.FindLastIndex(_byBase, one => one.BaseName <= name);
        if (index < 0) return false;
        entry = _byBase[index];
        int offset = name - entry.BaseName;
        if (offset % ShortNames.Step != 0) return false;
        CosemClass? known = CosemClasses.Find(entry.ClassId);
        int? methods = ShortNames.MethodsOffset(entry.ClassId, entry.Version);
        isMethod = offset >= methods;
        int number = ((isMethod ? offset - methods!.Value : offset) / ShortNames.Step) + 1;
        int last = known is null ? sbyte.MaxValue : isMethod ? known.Methods.Count == 0 ? 0 : known.Methods[^1].Id : known.Attributes.Count == 0 ? 1 : known.Attributes[^1].Id;
        if (number > Math.Min(last, (int)sbyte.MaxValue)) return false;
        id = (sbyte)number;
        return true;
    }

    private ShortNameEntry[]? _byBase;

    private bool TryFind(ushort classId, ObisCode logicalName, out ShortNameEntry found)
    {
        if (classId == ShortNameTable.AssociationClass && logicalName == LogicalDevice.CurrentAssociation)
        {
            found = new(ShortNameTable.Association, classId, 0, logicalName);
            return true;
        }
        return _byName.TryGetValue((classId, logicalName), out found);
    }

    private static bool TryAdd(ushort baseName, int offset, out ushort name)
    {
        name = (ushort)(baseName + offset);
        return baseName + offset <= ushort.MaxValue;
    }

    private static bool TryReadOne(ref AxdrReader reader, out ShortNameEntry one)
    {
        one = default;
        int start = reader.Position;
        if (!reader.TryReadStructureHeader(out int fields)) return false;
        if (fields != 4) return reader.FailAt(start, $"an object of {fields} fields: expected base name, class, version and logical name", Clause);
        if (!reader.TryReadInteger(out long baseName) || !reader.TryReadInteger(out long classId) || !reader.TryReadInteger(out long version)
            || !reader.TryReadOctetString(out ReadOnlySpan<byte> octets)) return false;
        if (baseName is < short.MinValue or > ushort.MaxValue || classId is < 0 or > ushort.MaxValue || version is < 0 or > byte.MaxValue
            || ObisCode.FromOctets(octets) is not { } logicalName) return reader.FailAt(start, "a field of an object is out of its range", Clause);
        one = new((ushort)baseName, (ushort)classId, (byte)version, logicalName);
        return true;
    }
}
