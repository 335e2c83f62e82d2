using Praman.Dlms.Axdr;

namespace Praman.Dlms.Cosem;

/// <summary>
/// DataProtection, class_id 30, version 0 (IEC 62056-6-2): attributes that leave the device protected from end to end, apart from the protection of
/// the association. The lists are kept and checked; the protection itself is applied by <see cref="Protector"/>, and refused as read-write-denied
/// where there is none: nothing ever leaves unprotected in its place.
/// </summary>
public sealed class DataProtection
{
    private const string Parameters = "array[8] of { protection_type: enum[0..3], protection_options: { transaction_id: octet-string[0..16], originator_system_title: octet-string[0..8], "
        + "recipient_system_title: octet-string[0..8], other_information: octet-string[0..64], key_info: { key_info_type: enum[0..2], key_info_options: any } } }";
    private const string Objects = "array[32] of { class_id: long-unsigned, logical_name: logical-name, attribute_index: integer, data_index: long-unsigned, "
        + "restriction_element: { restriction_type: enum[0..2], restriction_value: any } }";

    private CosemData _objects = CosemData.Array();
    private CosemData _get = CosemData.Array();
    private CosemData _set = CosemData.Array();
    private byte _required;

    public static CosemClass<DataProtection> Table { get; } = new(30, 0, "DataProtection",
        [
            new(2, "protection_buffer", "octet-string[0..4096]", null, null, Stream: WriteBuffer),
            new(3, "protection_object_list", Objects, (d, _) => d._objects, (d, _, v) => d.Place(ref d._objects, v), IsStatic: true),
            new(4, "protection_parameters_get", Parameters, (d, _) => d._get, (d, _, v) => d.Place(ref d._get, v)),
            new(5, "protection_parameters_set", Parameters, (d, _) => d._set, (d, _, v) => d.Place(ref d._set, v)),
            new(6, "required_protection", "unsigned", (d, _) => CosemData.Unsigned(d._required), (d, _, v) => d.Require((byte)v.ToNumber()), IsStatic: true),
        ],
        [
            new(1, "get_protected_attributes", (DataProtection d, CosemContext c, CosemData p, out CosemData r) => d.Invoke(c, 1, p, out r),
                $"{{ object_list: {Objects}, get_protection_parameters: {Parameters} }}"),
            new(2, "set_protected_attributes", (DataProtection d, CosemContext c, CosemData p, out CosemData r) => d.Invoke(c, 2, p, out r),
                $"{{ object_list: {Objects}, set_protection_parameters: {Parameters}, protected_attributes: octet-string[0..4096] }}"),
            new(3, "invoke_protected_method", (DataProtection d, CosemContext c, CosemData p, out CosemData r) => d.Invoke(c, 3, p, out r),
                $"{{ object_method: {{ class_id: long-unsigned, logical_name: logical-name, method_index: integer }}, protection_parameters: {Parameters}, "
                + "protected_parameters: octet-string[0..4096] }"),
        ]);

    /// <summary>Carries out the methods, whose parameters have their shape; null where the device has no keys for it.</summary>
    public MethodHandler? Protector { get; init; }

    /// <summary>The values of the object list, protected by the parameters for GET; null where the device has no keys for it.</summary>
    public Func<CosemContext, CosemData, CosemData, ReadOnlyMemory<byte>?>? ProtectBuffer { get; init; }

    private static DataAccessResult WriteBuffer(DataProtection protection, CosemContext context, SelectiveAccess? selection, ref AxdrWriter writer)
    {
        if (protection.ProtectBuffer?.Invoke(context, protection._objects, protection._get) is not { } octets) return DataAccessResult.ReadWriteDenied;
        writer.WriteOctetString(octets.Span);
        return DataAccessResult.Success;
    }

    private ActionResult Invoke(CosemContext context, sbyte method, in CosemData parameters, out CosemData returned)
    {
        returned = default;
        return Protector?.Invoke(context, method, parameters, out returned) ?? ActionResult.ReadWriteDenied;
    }

    private DataAccessResult Place(ref CosemData place, in CosemData value)
    {
        place = value;
        return DataAccessResult.Success;
    }

    private DataAccessResult Require(byte protection)
    {
        _required = protection;
        return DataAccessResult.Success;
    }
}
