using System.Collections.Frozen;

namespace Praman.Dlms.Cosem;

/// <summary>The interface classes that are known here, found by number and version: what an object browser names attributes and methods by.</summary>
public static class CosemClasses
{
    // Classes with behaviour; those of set-up data alone stand in Cosem/Tables.
    private static readonly CosemClass[] Built =
    [
        Data.Table, Register.Table, ExtendedRegister.Table, ProfileGeneric.Table, Clock.Table, ScriptTable.Table, AssociationLogicalName.Table,
        SingleActionSchedule.Table, SecuritySetup.Table, SecuritySetup.TableVersion1, DisconnectControl.Table, Limiter.Table,
        DemandRegister.Table, RegisterActivation.Table, Schedule.Table, SpecialDaysTable.Table, AssociationShortName.Table, SapAssignment.Table,
        ImageTransfer.Table, ActivityCalendar.Table, RegisterMonitor.Table, UtilityTable.Table, DataProtection.Table, PushSetup.Table, PushSetup.Table0,
        RegisterTable.Table, CompactData.Table, StatusMapping.Table, ParameterMonitor.Table, Arbitrator.Table, Account.Table, Credit.Table, Charge.Table,
        TokenGateway.Table, FunctionControl.Table, ArrayManager.Table, PortProtection.Table,
    ];

    /// <summary>All classes, by number and version.</summary>
    public static IReadOnlyList<CosemClass> All { get; } = [.. WithTables(Built).OrderBy(c => c.ClassId).ThenBy(c => c.Version)];

    private static readonly FrozenDictionary<int, CosemClass> ByVersion = All.ToFrozenDictionary(Key);

    private static readonly FrozenDictionary<ushort, CosemClass[]> ByNumber = All.GroupBy(c => c.ClassId).ToFrozenDictionary(g => g.Key, g => g.Reverse().ToArray());

    /// <summary>The class of that number in its latest version known, or null.</summary>
    public static CosemClass? Find(ushort classId) => ByNumber.TryGetValue(classId, out CosemClass[]? versions) ? versions[0] : null;

    /// <summary>The class of that number and version, or null.</summary>
    public static CosemClass? Find(ushort classId, byte version) => ByVersion.GetValueOrDefault((classId << 8) | version);

    /// <summary>The attribute of that id in the latest version that has it, or null.</summary>
    public static CosemAttribute? FindAttribute(ushort classId, int id) => Search(classId, c => c.Attribute(id));

    /// <summary>The method of that id in the latest version that has it, or null.</summary>
    public static CosemMethod? FindMethod(ushort classId, int id) => Search(classId, c => c.Method(id));

    private static TRow? Search<TRow>(ushort classId, Func<CosemClass, TRow?> find) where TRow : class
    {
        if (!ByNumber.TryGetValue(classId, out CosemClass[]? versions)) return null;
        foreach (CosemClass version in versions)
        {
            if (find(version) is { } row) return row;
        }
        return null;
    }

    // A class with behaviour takes the place of a text for the same number and version.
    private static IEnumerable<CosemClass> WithTables(CosemClass[] built)
    {
        HashSet<int> taken = [.. built.Select(Key)];
        return built.Concat(SetUpTables.ReadAll().Where(c => !taken.Contains(Key(c))));
    }

    private static int Key(CosemClass known) => (known.ClassId << 8) | known.Version;
}
