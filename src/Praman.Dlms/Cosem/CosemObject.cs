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
