using System.Diagnostics.CodeAnalysis;
using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Cosem;

/// <summary>What a device does where a method of a set-up object is invoked.</summary>
public delegate ActionResult MethodHandler(CosemContext context, sbyte method, in CosemData parameters, out CosemData returned);

/// <summary>
/// The attribute values of an object whose class is set-up data alone: what is set has the shape that the class's table gives it. Values that
/// were not set are those of <paramref name="shared"/> (a model's, for all its meters), else the shape's own.
/// </summary>
public sealed class AttributeStore(CosemClass<AttributeStore> table, AttributeStore? shared = null)
{
    private CosemData[]? _values;
    private ulong _set;

    /// <summary>The class that the values are of.</summary>
    public CosemClass<AttributeStore> Table { get; } = table;

    /// <summary>Carries out methods; a method that nobody carries out is refused as read-write-denied.</summary>
    public MethodHandler? Invoked { get; init; }

    /// <summary>Asked before a client's value, whose shape is right, is set: anything but success refuses it.</summary>
    public Func<CosemContext, sbyte, CosemData, DataAccessResult>? Setting { get; init; }

    /// <summary>Told of each value that a client set.</summary>
    public Action<CosemContext, sbyte>? Changed { get; init; }

    /// <summary>Values of a class of set-up data.</summary>
    /// <exception cref="ArgumentException">There is no such class, or it acts by itself.</exception>
    public static AttributeStore Of(ushort classId, byte version, AttributeStore? shared = null) =>
        CosemClasses.Find(classId, version) is CosemClass<AttributeStore> known ? new(known, shared)
            : throw new ArgumentException($"class {classId}, version {version} is no class of set-up data", nameof(classId));

    /// <summary>An object of one device with these values.</summary>
    public CosemObject<AttributeStore> At(ObisCode logicalName) => new(logicalName, Table, this);

    /// <summary>The value of an attribute.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The class has no such attribute.</exception>
    [SuppressMessage("Design", "CA1043:Use integral or string argument for indexers", Justification = "An attribute id is an integer of eight bits.")]
    public CosemData this[int id]
    {
        get
        {
            if (_values is not null && id < _values.Length && (_set >> id & 1) != 0) return _values[id];
            return shared is not null ? shared[id] : Find(id).Shape.Default;
        }
    }

    /// <summary>Sets a value as the device itself does: attributes that no client may write too.</summary>
    /// <exception cref="ArgumentException">The value has not the attribute's shape; the text says where.</exception>
    public AttributeStore With(int id, in CosemData value)
    {
        if (!Find(id).Shape.TryCheck(value, out string? why)) throw new ArgumentException($"{Table.Name}, attribute {id}: {why}", nameof(value));
        Place(id, value);
        return this;
    }

    /// <summary>What the table does with a value that a client sets, its shape being checked.</summary>
    internal DataAccessResult SetByClient(CosemContext context, int id, in CosemData value)
    {
        if (Setting?.Invoke(context, (sbyte)id, value) is { } refused and not DataAccessResult.Success) return refused;
        Place(id, value);
        Changed?.Invoke(context, (sbyte)id);
        return DataAccessResult.Success;
    }

    /// <summary>Puts the attributes that change by themselves (counters, states) back to what they begin with.</summary>
    public void ResetDynamic()
    {
        foreach (CosemAttribute attribute in Table.Attributes)
        {
            if (!attribute.IsStatic && !attribute.IsWritable) _set &= ~(1UL << attribute.Id);
        }
    }

    internal ActionResult Invoke(CosemContext context, sbyte method, in CosemData parameters, out CosemData returned)
    {
        returned = default;
        return Invoked?.Invoke(context, method, parameters, out returned) ?? ActionResult.ReadWriteDenied;
    }

    private void Place(int id, in CosemData value)
    {
        _values ??= new CosemData[Table.Attributes[^1].Id + 1];
        _values[id] = value;
        _set |= 1UL << id;
    }

    private CosemAttribute Find(int id) =>
        Table.Attribute(id) ?? throw new ArgumentOutOfRangeException(nameof(id), id, $"{Table.Name} has no such attribute");
}
