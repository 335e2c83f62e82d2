using Praman.Dlms.Axdr;

namespace Praman.Dlms.Cosem;

/// <summary>A table whose entries are structures that begin with an index, each index once: what classes 10 and 11 hold.</summary>
internal sealed class IndexedEntries(int countMax)
{
    /// <summary>The entries, an array.</summary>
    public CosemData Value { get; private set; } = CosemData.Array();

    public ReadOnlySpan<CosemData> Items => Value.Items;

    /// <summary>Replaces the table; one that has an index twice is refused.</summary>
    public DataAccessResult Set(in CosemData value)
    {
        var seen = new HashSet<long>();
        foreach (ref readonly CosemData entry in value.Items)
        {
            if (!seen.Add(entry[0].ToNumber())) return DataAccessResult.OtherReason;
        }
        Value = value;
        return DataAccessResult.Success;
    }

    /// <summary>Adds an entry; one of its index is replaced.</summary>
    public ActionResult Insert(in CosemData entry, out CosemData returned)
    {
        returned = default;
        CosemData index = entry[0];
        CosemData[] others = [.. Items.ToArray().Where(e => e[0] != index)];
        if (others.Length == countMax) return ActionResult.OtherReason;
        Value = CosemData.Array([.. others, entry]);
        return ActionResult.Success;
    }

    /// <summary>Drops the entries of a range of indices.</summary>
    public ActionResult Delete(long first, long last, out CosemData returned)
    {
        returned = default;
        CosemData[] others = [.. Items.ToArray().Where(e => e[0].ToNumber() < first || e[0].ToNumber() > last)];
        if (others.Length == Value.Count) return ActionResult.ObjectUndefined;
        Value = CosemData.Array(others);
        return ActionResult.Success;
    }

    /// <summary>Puts another entry in the place of each.</summary>
    public void Change(Func<CosemData, CosemData> change) => Value = CosemData.Array([.. Items.ToArray().Select(change)]);
}
