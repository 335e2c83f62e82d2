using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Metering;

namespace Praman.Dlms.Server;

/// <summary>What a short name stands for: an attribute, or a method.</summary>
/// <param name="Instance">The object.</param>
/// <param name="Id">The attribute's or the method's id.</param>
/// <param name="IsMethod">Which of both.</param>
public readonly record struct ShortNameTarget(CosemObject Instance, sbyte Id, bool IsMethod);

/// <summary>Short names for the objects of a device, one after another in the order of its list (IEC 62056-6-2, short name referencing).</summary>
public sealed class ShortNameTable
{
    /// <summary>The base name of the association's own object, class 12, fixed by the standard.</summary>
    public const ushort Association = 0xFA00;

    /// <summary>Its object list.</summary>
    public const ushort AssociationObjectList = 0xFA08;

    /// <summary>Its rights, object by object.</summary>
    public const ushort AssociationRights = 0xFA10;

    /// <summary>Its method read_by_logicalname.</summary>
    public const ushort ReadByLogicalName = 0xFA30;

    /// <summary>Its method reply_to_HLS_authentication.</summary>
    public const ushort ReplyToHls = 0xFA58;

    /// <summary>Its class.</summary>
    public const ushort AssociationClass = 12;

    private const byte AssociationVersion = 1;
    private const int First = 0x0100, Granule = 0x10;

    private readonly List<CosemObject> _objects = [];
    private readonly List<int> _bases = [];

    /// <summary>Gives names to objects until there are no more names; those of class 15 have no place in such an association.</summary>
    public ShortNameTable(IEnumerable<CosemObject> objects)
    {
        ArgumentNullException.ThrowIfNull(objects);
        int next = First;
        foreach (CosemObject instance in objects)
        {
            int size = (SizeOf(instance.Class) + Granule - 1) / Granule * Granule;
            if (instance.Class.ClassId == AssociationLogicalName.Table.ClassId || next + size > Association) continue;
            _objects.Add(instance);
            _bases.Add(next);
            next += size;
        }
    }

    /// <summary>The base name of an object; null where it has none.</summary>
    public ushort? BaseName(ObisCode logicalName)
    {
        int index = _objects.FindIndex(o => o.LogicalName == logicalName);
        return index < 0 ? null : (ushort)_bases[index];
    }

    /// <summary>What a name stands for; false where it is nobody's.</summary>
    public bool TryFind(ushort name, out ShortNameTarget target)
    {
        target = default;
        int index = _bases.BinarySearch(name);
        if (index < 0) index = ~index - 1;
        if (index < 0) return false;
        CosemClass known = _objects[index].Class;
        int offset = name - _bases[index];
        if (offset % ShortNames.Step != 0) return false;
        int methods = MethodsOffset(known);
        bool isMethod = offset >= methods && known.Methods.Count > 0;
        int id = ((isMethod ? offset - methods : offset) / ShortNames.Step) + 1;
        if (id > (isMethod ? LastMethod(known) : LastAttribute(known))) return false;
        target = new(_objects[index], (sbyte)id, isMethod);
        return true;
    }

    /// <summary>Writes the object list of an association: what its client may read, with base name, class, version and logical name.</summary>
    internal void WriteList(CosemContext context, ref AxdrWriter writer)
    {
        int count = 1;
        foreach (CosemObject instance in _objects) count += context.Level >= instance.Access.Read ? 1 : 0;
        writer.WriteArrayHeader(count);
        WriteEntry(ref writer, Association, AssociationClass, AssociationVersion, LogicalDevice.CurrentAssociation);
        for (int index = 0; index < _objects.Count; index++)
        {
            CosemObject instance = _objects[index];
            if (context.Level < instance.Access.Read) continue;
            WriteEntry(ref writer, (ushort)_bases[index], instance.Class.ClassId, instance.Class.Version, instance.LogicalName);
        }
    }

    /// <summary>Writes what the client may do with each of them: base name, then attributes and methods with their rights.</summary>
    internal void WriteRights(CosemContext context, ref AxdrWriter writer)
    {
        int count = 0;
        foreach (CosemObject instance in _objects) count += context.Level >= instance.Access.Read ? 1 : 0;
        writer.WriteArrayHeader(count);
        for (int index = 0; index < _objects.Count; index++)
        {
            CosemObject instance = _objects[index];
            if (context.Level < instance.Access.Read) continue;
            writer.WriteStructureHeader(3);
            writer.WriteLong((short)_bases[index]);
            AssociationLogicalName.WriteRights(instance, context, ref writer);
        }
    }

    private static void WriteEntry(ref AxdrWriter writer, ushort baseName, ushort classId, byte version, ObisCode logicalName)
    {
        writer.WriteStructureHeader(4);
        writer.WriteLong((short)baseName);
        writer.WriteLongUnsigned(classId);
        writer.WriteUnsigned(version);
        writer.WriteLogicalName(logicalName);
    }

    private static int LastAttribute(CosemClass known) => known.Attributes.Count == 0 ? 0 : known.Attributes[^1].Id;

    private static int LastMethod(CosemClass known) => known.Methods.Count == 0 ? 0 : known.Methods[^1].Id;

    // A class whose offset is not known here has its methods right behind its attributes.
    private static int MethodsOffset(CosemClass known) => Math.Max(ShortNames.MethodsOffset(known.ClassId, known.Version) ?? 0, ShortNames.Step * LastAttribute(known));

    private static int SizeOf(CosemClass known) => known.Methods.Count == 0 ? ShortNames.Step * LastAttribute(known) : MethodsOffset(known) + (ShortNames.Step * LastMethod(known));
}
