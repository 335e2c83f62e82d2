using Praman.Dlms.Axdr;

namespace Praman.Dlms.Cosem;

/// <summary>An object of a short-name device and its base name: attribute n stands at the base plus 8 × (n − 1) (IEC 62056-6-2, short names).</summary>
public sealed record ShortNameObject(ushort BaseName, CosemObject Object);

/// <summary>What an AssociationSN shows of the device and lets be changed.</summary>
/// <param name="Objects">All objects of the association with their base names.</param>
/// <param name="ChangeSecret">Sets the secret; refused where null.</param>
/// <param name="SecuritySetup">The SecuritySetup object's name; all zero where there is none.</param>
public sealed record ShortNameBinding(
    Func<CosemContext, IReadOnlyList<ShortNameObject>> Objects, Func<CosemContext, ReadOnlyMemory<byte>, ActionResult>? ChangeSecret = null,
    Metering.ObisCode SecuritySetup = default);

/// <summary>
/// AssociationSN, class_id 12, version 4 (IEC 62056-6-2): the object list of a device that is asked by short names. The services by short name stand
/// elsewhere; this is the object.
/// </summary>
public sealed class AssociationShortName(ShortNameBinding binding)
{
    private readonly ShortNameBinding _binding = binding;

    public static CosemClass<AssociationShortName> Table { get; } = new(12, 4, "AssociationShortName",
        [
            new(2, "object_list", "array[4096] of { base_name: long, class_id: long-unsigned, version: unsigned, logical_name: logical-name }", null, Stream: WriteObjects),
            new(3, "access_rights_list", "array[4096] of { base_name: long, attribute_access: array[64] of { attribute_id: integer, access_mode: enum, "
                + "access_selectors: null-data | array[8] of integer }, method_access: array[32] of { method_id: integer, access_mode: enum } }", null, Stream: WriteRights),
            new(4, "security_setup_reference", "logical-name", (a, _) => CosemData.LogicalName(a._binding.SecuritySetup), IsStatic: true),
            new(5, "user_list", "array[128] of { user_id: unsigned, user_name: octet-string[0..64] }", (_, _) => CosemData.Array(), IsStatic: true),
            new(6, "current_user", "{ user_id: unsigned, user_name: octet-string[0..64] }", (_, _) => CosemData.Structure(CosemData.Unsigned(0), CosemData.OctetString([]))),
        ],
        [
            new(3, "read_by_logicalname", (AssociationShortName a, CosemContext c, CosemData p, out CosemData r) => a.Read(c, p, out r), "array[32] of attribute-reference"),
            new(5, "change_secret", (AssociationShortName a, CosemContext c, CosemData p, out CosemData r) => a.ChangeSecret(c, p, out r), "octet-string[1..64]"),
            // Answered by the association's state machine before objects are asked; here it is out of its turn.
            new(8, "reply_to_HLS_authentication", Denied, "octet-string[0..256]"),
            new(9, "add_user", Denied, "{ user_id: unsigned, user_name: octet-string[0..64] }"),
            new(10, "remove_user", Denied, "{ user_id: unsigned, user_name: octet-string[0..64] }"),
        ])
    { Words = "association SN" };

    private static DataAccessResult WriteObjects(AssociationShortName association, CosemContext context, SelectiveAccess? selection, ref AxdrWriter writer)
    {
        ShortNameObject[] seen = association.Seen(context);
        writer.WriteArrayHeader(seen.Length);
        foreach (ShortNameObject item in seen)
        {
            writer.WriteStructureHeader(4);
            writer.WriteLong((short)item.BaseName);
            writer.WriteLongUnsigned(item.Object.Class.ClassId);
            writer.WriteUnsigned(item.Object.Class.Version);
            writer.WriteLogicalName(item.Object.LogicalName);
        }
        return DataAccessResult.Success;
    }

    private static DataAccessResult WriteRights(AssociationShortName association, CosemContext context, SelectiveAccess? selection, ref AxdrWriter writer)
    {
        ShortNameObject[] seen = association.Seen(context);
        writer.WriteArrayHeader(seen.Length);
        foreach (ShortNameObject item in seen)
        {
            writer.WriteStructureHeader(3);
            writer.WriteLong((short)item.BaseName);
            AssociationLogicalName.WriteRights(item.Object, context, ref writer);
        }
        return DataAccessResult.Success;
    }

    private ShortNameObject[] Seen(CosemContext context) => [.. _binding.Objects(context).Where(o => context.Level >= o.Object.Access.Read)];

    // With the client's own rights; what cannot be read is null-data.
    private ActionResult Read(CosemContext context, in CosemData references, out CosemData returned)
    {
        var values = new CosemData[references.Count];
        IReadOnlyList<ShortNameObject> objects = _binding.Objects(context);
        for (int i = 0; i < values.Length; i++)
        {
            AttributeDescriptor wanted = references.Items[i].ToAttribute();
            ShortNameObject? found = objects.FirstOrDefault(o => o.Object.LogicalName == wanted.LogicalName && o.Object.Class.ClassId == wanted.ClassId);
            if (found is null) continue;
            CosemAccess.Read(context, wanted, 0, out values[i], asClient: true);
        }
        returned = CosemData.Array(values);
        return ActionResult.Success;
    }

    private ActionResult ChangeSecret(CosemContext context, in CosemData secret, out CosemData returned)
    {
        returned = default;
        return _binding.ChangeSecret?.Invoke(context, secret.OctetSpan.ToArray()) ?? ActionResult.ReadWriteDenied;
    }

    private static ActionResult Denied(AssociationShortName association, CosemContext context, CosemData parameters, out CosemData returned)
    {
        returned = default;
        return ActionResult.ReadWriteDenied;
    }
}
