using Praman.Metering;

namespace Praman.Dlms.Cosem;

/// <summary>An object of a device: an instance of an interface class under a logical name (IEC 62056-6-2).</summary>
public abstract class CosemObject(ObisCode logicalName)
{
    /// <summary>Attribute 1 of every class.</summary>
    public ObisCode LogicalName { get; } = logicalName;

    /// <summary>Who may do what with it.</summary>
    public AccessRights Access { get; init; } = AccessRights.Settings;

    /// <summary>Its class: the table of attributes and methods.</summary>
    public abstract CosemClass Class { get; }
}

/// <summary>
/// An object whose state is found by the device that is asked: <typeparamref name="TState"/> is the interface class with its behaviour, the
/// same object serves many devices.
/// </summary>
/// <param name="logicalName">Its name.</param>
/// <param name="table">The class's table.</param>
/// <param name="state">Finds the state in a device.</param>
public sealed class CosemObject<TState>(ObisCode logicalName, CosemClass<TState> table, Func<CosemContext, TState> state) : CosemObject(logicalName)
    where TState : class
{
    /// <summary>An object of one device, whose state is at hand.</summary>
    public CosemObject(ObisCode logicalName, CosemClass<TState> table, TState state) : this(logicalName, table, _ => state)
    {
    }

    public override CosemClass Class => table;

    public TState StateOf(CosemContext context) => state(context);
}
