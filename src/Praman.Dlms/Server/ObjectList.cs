using System.Collections.Frozen;
using Praman.Dlms.Cosem;
using Praman.Metering;

namespace Praman.Dlms.Server;

/// <summary>The objects of a device type, found by logical name.</summary>
public sealed class ObjectList
{
    private readonly FrozenDictionary<ObisCode, CosemObject> _byName;
    private ShortNameTable? _shortNames;

    /// <exception cref="ArgumentException">Two objects have one name.</exception>
    public ObjectList(IEnumerable<CosemObject> objects)
    {
        All = [.. objects];
        _byName = All.ToFrozenDictionary(o => o.LogicalName);
        if (_byName.Count != All.Count) throw new ArgumentException("two objects have one logical name", nameof(objects));
    }

    /// <summary>All, in the order given.</summary>
    public IReadOnlyList<CosemObject> All { get; }

    /// <summary>Short names for all of them, the same at every start as long as the list is.</summary>
    public ShortNameTable ShortNames => _shortNames ??= new(All);

    /// <summary>The object of that name, or null.</summary>
    public CosemObject? Find(ObisCode logicalName) => _byName.GetValueOrDefault(logicalName);
}
