namespace Praman.Dlms.Cosem;

/// <summary>
/// The interface classes that are known here, found by number and version: what an object browser names attributes and methods by. A table is made when it
/// is first asked for.
/// </summary>
public static class CosemClasses
{
    // Classes with behaviour; those of set-up data alone stand in Cosem/Tables.
    private static readonly (ushort ClassId, byte Version, Func<CosemClass> Table)[] Built =
    [
        (1, 0, () => Data.Table), (3, 0, () => Register.Table), (4, 0, () => ExtendedRegister.Table), (5, 0, () => DemandRegister.Table),
        (6, 0, () => RegisterActivation.Table), (7, 1, () => ProfileGeneric.Table), (8, 0, () => Clock.Table), (9, 0, () => ScriptTable.Table), (10, 0, () => Schedule.Table),
        (11, 0, () => SpecialDaysTable.Table), (12, 4, () => AssociationShortName.Table), (15, 1, () => AssociationLogicalName.Table), (17, 0, () => SapAssignment.Table),
        (18, 0, () => ImageTransfer.Table), (20, 0, () => ActivityCalendar.Table), (21, 0, () => RegisterMonitor.Table), (22, 0, () => SingleActionSchedule.Table),
        (26, 0, () => UtilityTable.Table), (30, 0, () => DataProtection.Table), (40, 0, () => PushSetup.Table0), (40, 3, () => PushSetup.Table),
        (61, 0, () => RegisterTable.Table), (62, 1, () => CompactData.Table), (63, 0, () => StatusMapping.Table),
        (64, 0, () => SecuritySetup.Table), (64, 1, () => SecuritySetup.TableVersion1),
        (65, 1, () => ParameterMonitor.Table), (68, 0, () => Arbitrator.Table), (70, 0, () => DisconnectControl.Table), (71, 0, () => Limiter.Table),
        (111, 0, () => Account.Table), (112, 0, () => Credit.Table), (113, 0, () => Charge.Table), (115, 0, () => TokenGateway.Table),
        (122, 0, () => FunctionControl.Table), (123, 0, () => ArrayManager.Table), (124, 0, () => PortProtection.Table),
    ];

    // By number, of each number the latest version first.
    private static readonly Entry[] Entries = Collect();

    private static readonly Lazy<IReadOnlyList<CosemClass>> Every = new(() => [.. Entries.OrderBy(e => e.Key).Select(e => e.Table.Value)]);

    /// <summary>All classes, by number and version.</summary>
    public static IReadOnlyList<CosemClass> All => Every.Value;

    /// <summary>The class of that number in its latest version known, or null.</summary>
    public static CosemClass? Find(ushort classId) => Search(classId, known => known);

    /// <summary>The class of that number and version, or null.</summary>
    public static CosemClass? Find(ushort classId, byte version) => Array.Find(Entries, e => e.Key == ((classId << 8) | version))?.Table.Value;

    /// <summary>The attribute of that id in the latest version that has it, or null.</summary>
    public static CosemAttribute? FindAttribute(ushort classId, int id) => Search(classId, known => known.Attribute(id));

    /// <summary>The method of that id in the latest version that has it, or null.</summary>
    public static CosemMethod? FindMethod(ushort classId, int id) => Search(classId, known => known.Method(id));

    private static T? Search<T>(ushort classId, Func<CosemClass, T?> find) where T : class
    {
        foreach (Entry entry in Entries)
        {
            if (entry.Key >> 8 == classId && find(entry.Table.Value) is { } found) return found;
        }
        return null;
    }

    private static Entry[] Collect()
    {
        var all = new List<Entry>();
        foreach ((ushort classId, byte version, Func<CosemClass> table) in Built) all.Add(new((classId << 8) | version, new(table)));
        foreach ((ushort classId, byte version, string name) in SetUpTables.Names())
        {
            all.Add(new((classId << 8) | version, new(() => SetUpTables.Read(name))));
        }
        all.Sort((a, b) => a.Key >> 8 == b.Key >> 8 ? b.Key - a.Key : a.Key - b.Key);
        return [.. all];
    }

    // Number and version in one, and the table, made when first asked for.
    private sealed record Entry(int Key, Lazy<CosemClass> Table);
}
