namespace Praman.Dlms.Cosem;

/// <summary>The interface classes that are built here, found by number: what an object browser names attributes and methods by.</summary>
public static class CosemClasses
{
    /// <summary>All classes, by number.</summary>
    public static IReadOnlyList<CosemClass> All { get; } =
    [
        Data.Table, Register.Table, ExtendedRegister.Table, ProfileGeneric.Table, Clock.Table, ScriptTable.Table, AssociationLogicalName.Table,
        SingleActionSchedule.Table, SecuritySetup.TableVersion1, DisconnectControl.Table, Limiter.Table,
    ];

    /// <summary>The class of that number, or null; versions differ in attributes at the end only.</summary>
    public static CosemClass? Find(ushort classId)
    {
        foreach (CosemClass known in All)
        {
            if (known.ClassId == classId) return known;
        }
        return null;
    }
}
