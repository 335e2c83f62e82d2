using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Cosem;

/// <summary>
/// RegisterActivation, class_id 6, version 0 (IEC 62056-6-2): which registers of a set count, by the mask in force. Tariffs switch masks; a
/// register that no mask of the active name lists stands still.
/// </summary>
public sealed class RegisterActivation
{
    private const string Mask = "{ mask_name: octet-string[0..32], index_list: array[64] of unsigned[1..64] }";

    private CosemData _assignment = CosemData.Array();
    private CosemData _masks = CosemData.Array();
    private CosemData _active = CosemData.OctetString([]);

    public static CosemClass<RegisterActivation> Table { get; } = new(6, 0, "RegisterActivation",
        [
            new(2, "register_assignment", "array[64] of object-reference", (a, _) => a._assignment, (a, _, v) => a.SetAssignment(v), IsStatic: true),
            new(3, "mask_list", $"array[32] of {Mask}", (a, _) => a._masks, (a, _, v) => a.SetMasks(v), IsStatic: true),
            new(4, "active_mask", "octet-string[0..32]", (a, _) => a._active, (a, _, v) => a.Activate(v.OctetSpan)),
        ],
        [
            new(1, "add_register", (RegisterActivation a, CosemContext _, CosemData p, out CosemData r) => a.AddRegister(p, out r), "object-reference"),
            new(2, "add_mask", (RegisterActivation a, CosemContext _, CosemData p, out CosemData r) => a.AddMask(p, out r), Mask),
            new(3, "delete_mask", (RegisterActivation a, CosemContext _, CosemData p, out CosemData r) => a.DeleteMask(p, out r), "octet-string[0..32]"),
        ]);

    /// <summary>Told after registers, masks or the mask in force changed.</summary>
    public Action? Changed { get; set; }

    /// <summary>The mask in force; empty where none is.</summary>
    public ReadOnlySpan<byte> ActiveMask => _active.OctetSpan;

    /// <summary>Puts a mask in force, or none with an empty name. A name that no mask has is refused.</summary>
    public DataAccessResult Activate(ReadOnlySpan<byte> name)
    {
        if (!name.IsEmpty && IndexOf(name) < 0) return DataAccessResult.ObjectUndefined;
        _active = CosemData.OctetString(name);
        Changed?.Invoke();
        return DataAccessResult.Success;
    }

    /// <summary>True where the mask in force lists the register.</summary>
    public bool IsActive(ushort classId, ObisCode register)
    {
        int mask = IndexOf(_active.OctetSpan);
        if (mask < 0) return false;
        foreach (CosemData index in _masks[mask][1].Items)
        {
            int at = (int)index.ToNumber() - 1;
            if (at < _assignment.Count && _assignment[at][0].ToNumber() == classId && _assignment[at][1].ToName() == register) return true;
        }
        return false;
    }

    private DataAccessResult SetAssignment(in CosemData value)
    {
        _assignment = value;
        Changed?.Invoke();
        return DataAccessResult.Success;
    }

    private DataAccessResult SetMasks(in CosemData value)
    {
        for (int i = 0; i < value.Count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (value[i][0] == value[j][0]) return DataAccessResult.OtherReason; // two masks of one name
            }
        }
        _masks = value;
        if (IndexOf(_active.OctetSpan) < 0) _active = CosemData.OctetString([]);
        Changed?.Invoke();
        return DataAccessResult.Success;
    }

    private ActionResult AddRegister(in CosemData register, out CosemData returned)
    {
        returned = default;
        if (_assignment.Items.Contains(register)) return ActionResult.Success;
        CosemData longer = CosemData.Array([.. _assignment.Items, register]);
        if (longer.Count > 64) return ActionResult.OtherReason;
        _assignment = longer;
        Changed?.Invoke();
        return ActionResult.Success;
    }

    // A mask of that name is replaced.
    private ActionResult AddMask(in CosemData mask, out CosemData returned)
    {
        returned = default;
        int at = IndexOf(mask[0].OctetSpan);
        CosemData[] masks = at < 0 ? [.. _masks.Items, mask] : _masks.Items.ToArray();
        if (masks.Length > 32) return ActionResult.OtherReason;
        if (at >= 0) masks[at] = mask;
        _masks = CosemData.Array(masks);
        Changed?.Invoke();
        return ActionResult.Success;
    }

    private ActionResult DeleteMask(in CosemData name, out CosemData returned)
    {
        returned = default;
        int at = IndexOf(name.OctetSpan);
        if (at < 0) return ActionResult.ObjectUndefined;
        _masks = CosemData.Array([.. _masks.Items[..at], .. _masks.Items[(at + 1)..]]);
        if (_active.OctetSpan.SequenceEqual(name.OctetSpan)) _active = CosemData.OctetString([]);
        Changed?.Invoke();
        return ActionResult.Success;
    }

    private int IndexOf(ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < _masks.Count; i++)
        {
            if (_masks.Items[i][0].OctetSpan.SequenceEqual(name)) return i;
        }
        return -1;
    }
}
