using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using NodaTime;
using Praman.Dlms.Axdr;

namespace Praman.Dlms.Cosem;

/// <summary>
/// ParameterMonitor, class_id 65, version 1 (IEC 62056-6-2): the parameter of a list that was changed last, and when, and a digest of all of them: the
/// hash of attribute 8 as it is read, tag first. One who keeps it sees by it alone whether any parameter is another.
/// </summary>
public sealed class ParameterMonitor
{
    private const int ParameterCountMax = 64;
    private const byte Sha256 = 1;

    private CosemData _list = CosemData.Array();
    private CosemData _name = CosemData.OctetString([]);
    private CosemData _changed = CosemData.Structure(CosemData.LongUnsigned(0), CosemData.LogicalName(default), CosemData.Integer(0), default);
    private Instant? _changedAt;
    private byte _algorithm = Sha256;

    public static CosemClass<ParameterMonitor> Table { get; } = new(65, 1, "ParameterMonitor",
        [
            new(2, "changed_parameter", "{ class_id: long-unsigned, logical_name: logical-name, attribute_index: integer, attribute_value: any }", (m, _) => m._changed),
            new(3, "capture_time", "date-time-octets", (m, c) => CheckedData.Stamp(c, m._changedAt)),
            new(4, "parameter_list", "array[64] of attribute-reference", (m, _) => m._list, (m, _, v) => m.SetList(v), IsStatic: true),
            new(5, "parameter_list_name", "octet-string[0..32]", (m, _) => m._name, (m, _, v) => m.SetName(v), IsStatic: true),
            new(6, "hash_algorithm_id", "enum[0..3]", (m, _) => CosemData.Enumeration(m._algorithm), (m, _, v) => m.SetAlgorithm(v), IsStatic: true),
            new(7, "parameter_value_digest", "octet-string[0..64]", (m, c) => CosemData.OctetString(m.Digest(c))),
            new(8, "parameter_values", "structure", (m, c) => m.Values(c)),
        ],
        [
            new(1, "add_parameter", (ParameterMonitor m, CosemContext _, CosemData p, out CosemData r) => m.Add(p, out r), "attribute-reference"),
            new(2, "delete_parameter", (ParameterMonitor m, CosemContext _, CosemData p, out CosemData r) => m.Delete(p, out r), "attribute-reference"),
        ]);

    /// <summary>Notes that an attribute was set; one that is not of the list is passed over.</summary>
    /// <returns>True where it is of the list.</returns>
    public bool NoteChange(AttributeDescriptor attribute, in CosemData value, Instant at)
    {
        CosemData reference = attribute.ToData();
        if (!_list.Items.Contains(reference)) return false;
        // A long value is left out: what monitors is not a second store.
        _changed = CosemData.Structure([.. reference.Items, DataShape.Any.Accepts(value) ? value : default]);
        _changedAt = at;
        return true;
    }

    private CosemData Values(CosemContext context)
    {
        var values = new CosemData[_list.Count];
        for (int i = 0; i < values.Length; i++)
        {
            CosemAccess.Read(context, _list[i].ToAttribute(), 0, out CosemData value, asClient: true);
            values[i] = DataShape.Any.Accepts(value) ? value : default;
        }
        return CosemData.Structure(values);
    }

    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "The class offers SHA-1; who can chooses another, and we do where nothing is said.")]
    private byte[] Digest(CosemContext context)
    {
        byte[] values = Values(context).Encode();
        return _algorithm switch
        {
            0 => SHA1.HashData(values),
            Sha256 => SHA256.HashData(values),
            2 => SHA384.HashData(values),
            _ => SHA512.HashData(values),
        };
    }

    private DataAccessResult SetAlgorithm(in CosemData value)
    {
        _algorithm = (byte)value.ToNumber();
        return DataAccessResult.Success;
    }

    private DataAccessResult SetList(in CosemData value)
    {
        foreach (ref readonly CosemData item in value.Items)
        {
            if (IsMonitor(item)) return DataAccessResult.OtherReason;
        }
        _list = value;
        return DataAccessResult.Success;
    }

    // A monitor that reads monitors would read itself.
    private static bool IsMonitor(in CosemData reference) => reference[0].ToNumber() == Table.ClassId;

    private DataAccessResult SetName(in CosemData value)
    {
        _name = value;
        return DataAccessResult.Success;
    }

    private ActionResult Add(in CosemData reference, out CosemData returned)
    {
        returned = default;
        if (_list.Items.Contains(reference)) return ActionResult.Success;
        if (_list.Count == ParameterCountMax || IsMonitor(reference)) return ActionResult.OtherReason;
        _list = CosemData.Array([.. _list.Items, reference]);
        return ActionResult.Success;
    }

    private ActionResult Delete(in CosemData reference, out CosemData returned)
    {
        returned = default;
        int at = _list.Items.IndexOf(reference);
        if (at < 0) return ActionResult.ObjectUndefined;
        _list = CosemData.Array([.. _list.Items[..at], .. _list.Items[(at + 1)..]]);
        return ActionResult.Success;
    }
}
