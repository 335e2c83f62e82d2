namespace Praman.Dlms.Cosem;

/// <summary>What a client may be trusted with, by the association it opened (IS 15959: clients 16, 32 and 48).</summary>
public enum AssociationLevel : byte
{
    /// <summary>Public client: what must be known before an association with a secret can be opened.</summary>
    Public = 0,

    /// <summary>Meter reader: all readings, no settings.</summary>
    MeterReader = 1,

    /// <summary>Utility setting: readings, settings, keys, the relay.</summary>
    UtilitySetting = 2,

    /// <summary>No client.</summary>
    Nobody = 255,
}

/// <summary>The lowest level that may read, write and invoke an object. What its class cannot write stays unwritable.</summary>
public readonly record struct AccessRights(AssociationLevel Read, AssociationLevel Write, AssociationLevel Invoke)
{
    /// <summary>Read by the meter reader, written and invoked by the utility.</summary>
    public static AccessRights Settings { get; } = new(AssociationLevel.MeterReader, AssociationLevel.UtilitySetting, AssociationLevel.UtilitySetting);

    /// <summary>Readable by everyone, written by the utility.</summary>
    public static AccessRights Public { get; } = new(AssociationLevel.Public, AssociationLevel.UtilitySetting, AssociationLevel.UtilitySetting);

    /// <summary>Readings: for meter reader and utility, set by nobody.</summary>
    public static AccessRights Readings { get; } = new(AssociationLevel.MeterReader, AssociationLevel.Nobody, AssociationLevel.UtilitySetting);

    /// <summary>The utility's alone.</summary>
    public static AccessRights Utility { get; } = new(AssociationLevel.UtilitySetting, AssociationLevel.UtilitySetting, AssociationLevel.UtilitySetting);
}
