using Praman.Dlms.Axdr;

namespace Praman.Dlms.Cosem;

/// <summary>SapAssignment, class_id 17, version 0 (IEC 62056-6-2): which logical devices a physical device has, and at which SAPs.</summary>
public sealed class SapAssignment
{
    private const int DeviceCountMax = 64;
    private const string Entry = "{ SAP: long-unsigned, logical_device_name: octet-string[1..32] }";

    private CosemData _list;

    public SapAssignment(params (ushort Sap, ReadOnlyMemory<byte> Name)[] devices) =>
        _list = CosemData.Array([.. devices.Select(d => CosemData.Structure(CosemData.LongUnsigned(d.Sap), CosemData.OctetString(d.Name.Span)))]);

    public static CosemClass<SapAssignment> Table { get; } = new(17, 0, "SapAssignment",
        [new(2, "SAP_assignment_list", $"array[64] of {Entry}", (a, _) => a._list, (a, _, v) => a.Set(v), IsStatic: true)],
        [new(1, "connect_logical_device", (SapAssignment a, CosemContext _, CosemData p, out CosemData r) => a.Connect(p, out r), Entry)])
    { Words = "SAP assignment" };

    private DataAccessResult Set(in CosemData value)
    {
        var seen = new HashSet<long>();
        foreach (ref readonly CosemData entry in value.Items)
        {
            if (!seen.Add(entry[0].ToNumber())) return DataAccessResult.OtherReason; // two devices at one SAP
        }
        _list = value;
        return DataAccessResult.Success;
    }

    // SAP 0 takes the device off; a SAP that another device has is refused.
    private ActionResult Connect(in CosemData entry, out CosemData returned)
    {
        returned = default;
        long sap = entry[0].ToNumber();
        CosemData name = entry[1];
        CosemData[] others = [.. _list.Items.ToArray().Where(e => e[1] != name)];
        if (sap == 0)
        {
            if (others.Length == _list.Count) return ActionResult.ObjectUndefined;
            _list = CosemData.Array(others);
            return ActionResult.Success;
        }
        if (others.Length >= DeviceCountMax || Array.Exists(others, e => e[0].ToNumber() == sap)) return ActionResult.OtherReason;
        _list = CosemData.Array([.. others, entry]);
        return ActionResult.Success;
    }
}
