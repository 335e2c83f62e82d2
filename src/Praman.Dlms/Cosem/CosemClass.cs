using System.Text;
using Praman.Dlms.Axdr;

namespace Praman.Dlms.Cosem;

/// <summary>An attribute as its class defines it.</summary>
public sealed record CosemAttribute(sbyte Id, string Name, DataShape Shape, bool IsReadable, bool IsWritable, bool IsStatic, bool HasSelectiveAccess)
{
    /// <summary>The type; null-data stands for a choice of types.</summary>
    public CosemDataType Type => Shape.Type;
}

/// <summary>A method as its class defines it, and its parameter; null where nothing is said of that.</summary>
public sealed record CosemMethod(sbyte Id, string Name, DataShape? Parameter = null);

/// <summary>
/// An interface class (IEC 62056-6-2): one table of attributes and methods, which the server answers from, the client's object
/// browser names attributes by and the documentation is made of.
/// </summary>
public abstract class CosemClass
{
    public abstract ushort ClassId { get; }

    public abstract byte Version { get; }

    public abstract string Name { get; }

    /// <summary>The class in words, as sentences name it: <c>disconnect control</c>.</summary>
    public string Words { get => field ?? ToWords(Name); init; }

    /// <summary>All attributes, the logical name first.</summary>
    public abstract IReadOnlyList<CosemAttribute> Attributes { get; }

    public abstract IReadOnlyList<CosemMethod> Methods { get; }

    /// <summary>Writes an attribute's value. Where the result is not success, nothing that was written counts.</summary>
    public abstract DataAccessResult Read(CosemObject instance, sbyte attribute, SelectiveAccess? selection, CosemContext context, ref AxdrWriter writer);

    /// <summary>Sets an attribute.</summary>
    public abstract DataAccessResult Write(CosemObject instance, sbyte attribute, in CosemData value, CosemContext context);

    /// <summary>Invokes a method; <paramref name="returned"/> is null-data where it returns nothing.</summary>
    public abstract ActionResult Invoke(CosemObject instance, sbyte method, in CosemData parameters, CosemContext context, out CosemData returned);

    /// <summary>The attribute, or null.</summary>
    public CosemAttribute? Attribute(int id) => Attributes.FirstOrDefault(a => a.Id == id);

    /// <summary>The method, or null.</summary>
    public CosemMethod? Method(int id) => Methods.FirstOrDefault(m => m.Id == id);

    public override string ToString() => $"{Name} (class {ClassId}, version {Version})";

    // DisconnectControl: disconnect control.
    private static string ToWords(string name)
    {
        var words = new StringBuilder(name.Length + 4);
        foreach (char c in name)
        {
            if (char.IsAsciiLetterUpper(c) && words.Length > 0) words.Append(' ');
            words.Append(char.ToLowerInvariant(c));
        }
        return words.ToString();
    }
}

public delegate CosemData AttributeGetter<in T>(T instance, CosemContext context);

public delegate DataAccessResult AttributeStream<in T>(T instance, CosemContext context, SelectiveAccess? selection, ref AxdrWriter writer);

public delegate DataAccessResult AttributeSetter<in T>(T instance, CosemContext context, CosemData value);

public delegate ActionResult MethodBody<in T>(T instance, CosemContext context, CosemData parameters, out CosemData returned);

/// <summary>
/// A row of a class's table: an attribute and how to get it, either as a value or streamed into the answer. What is set has the shape
/// before <paramref name="Set"/> sees it.
/// </summary>
public sealed record AttributeOf<T>(
    sbyte Id, string Name, DataShape Shape, AttributeGetter<T>? Get, AttributeSetter<T>? Set = null, bool IsStatic = false, AttributeStream<T>? Stream = null,
    bool HasSelectiveAccess = false);

/// <summary>A row of a class's table: a method. Where <paramref name="Parameter"/> is given, the body sees no other.</summary>
public sealed record MethodOf<T>(sbyte Id, string Name, MethodBody<T> Body, DataShape? Parameter = null);

/// <inheritdoc cref="CosemClass"/>
/// <typeparam name="T">What the rows work on: the object itself, or the state of a <see cref="CosemObject{TState}"/>.</typeparam>
public sealed class CosemClass<T> : CosemClass where T : class
{
    private readonly AttributeOf<T>?[] _attributes;
    private readonly MethodOf<T>?[] _methods;

    /// <exception cref="ArgumentException">An id occurs twice, or is not above 1 (attributes) or 0 (methods).</exception>
    public CosemClass(ushort classId, byte version, string name, AttributeOf<T>[] attributes, MethodOf<T>[] methods)
    {
        (ClassId, Version, Name) = (classId, version, name);
        _attributes = Place(attributes, a => a.Id, from: 2);
        _methods = Place(methods, m => m.Id, from: 1);
        Attributes =
        [
            new CosemAttribute(1, "logical_name", "logical-name", true, false, true, false),
            .. attributes.Select(a => new CosemAttribute(a.Id, a.Name, a.Shape, a.Get is not null || a.Stream is not null, a.Set is not null, a.IsStatic, a.HasSelectiveAccess)),
        ];
        Methods = [.. methods.Select(m => new CosemMethod(m.Id, m.Name, m.Parameter))];
    }

    public override ushort ClassId { get; }

    public override byte Version { get; }

    public override string Name { get; }

    public override IReadOnlyList<CosemAttribute> Attributes { get; }

    public override IReadOnlyList<CosemMethod> Methods { get; }

    public override DataAccessResult Read(CosemObject instance, sbyte attribute, SelectiveAccess? selection, CosemContext context, ref AxdrWriter writer)
    {
        if (context.Level < instance.Access.Read) return DataAccessResult.ReadWriteDenied;
        if (attribute == 1)
        {
            writer.WriteLogicalName(instance.LogicalName);
            return DataAccessResult.Success;
        }
        if (Find(_attributes, attribute) is not { } row) return DataAccessResult.ObjectUndefined;
        if (selection is not null && !row.HasSelectiveAccess) return DataAccessResult.ScopeOfAccessViolated;
        if (row.Stream is not null) return row.Stream(Target(instance, context), context, selection, ref writer);
        if (row.Get is null) return DataAccessResult.ReadWriteDenied;
        writer.WriteData(row.Get(Target(instance, context), context));
        return DataAccessResult.Success;
    }

    public override DataAccessResult Write(CosemObject instance, sbyte attribute, in CosemData value, CosemContext context)
    {
        if (context.Level < instance.Access.Write || instance.Access.Write == AssociationLevel.Nobody) return DataAccessResult.ReadWriteDenied;
        if (attribute == 1) return DataAccessResult.ReadWriteDenied;
        if (Find(_attributes, attribute) is not { } row) return DataAccessResult.ObjectUndefined;
        if (row.Set is null) return DataAccessResult.ReadWriteDenied;
        return row.Shape.Accepts(value) ? row.Set(Target(instance, context), context, value) : DataAccessResult.TypeUnmatched;
    }

    public override ActionResult Invoke(CosemObject instance, sbyte method, in CosemData parameters, CosemContext context, out CosemData returned)
    {
        returned = default;
        if (context.Level < instance.Access.Invoke || instance.Access.Invoke == AssociationLevel.Nobody) return ActionResult.ReadWriteDenied;
        if (Find(_methods, method) is not { } row) return ActionResult.ObjectUndefined;
        if (row.Parameter is not null && !row.Parameter.Accepts(parameters)) return ActionResult.TypeUnmatched;
        return row.Body(Target(instance, context), context, parameters, out returned);
    }

    private static T Target(CosemObject instance, CosemContext context) => instance is CosemObject<T> placed ? placed.StateOf(context) : (T)(object)instance;

    private static TRow? Find<TRow>(TRow?[] rows, sbyte id) where TRow : class => id >= 0 && id < rows.Length ? rows[id] : null;

    private static TRow?[] Place<TRow>(TRow[] rows, Func<TRow, sbyte> idOf, int from) where TRow : class
    {
        var placed = new TRow?[rows.Length == 0 ? 0 : rows.Max(idOf) + 1];
        foreach (TRow row in rows)
        {
            sbyte id = idOf(row);
            if (id < from || placed[id] is not null) throw new ArgumentException($"{id} is no free id of this class", nameof(rows));
            placed[id] = row;
        }
        return placed;
    }
}
