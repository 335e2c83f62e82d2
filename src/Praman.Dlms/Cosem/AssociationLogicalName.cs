using Praman.Dlms.Acse;
using Praman.Dlms.Axdr;
using Praman.Dlms.Server;
using Praman.Metering;

namespace Praman.Dlms.Cosem;

/// <summary>
/// AssociationLN, class_id 15, version 1 (IEC 62056-6-2): what a client sees of the device, and how it proves itself. The object list
/// holds what the association may read, with its access rights.
/// </summary>
public sealed class AssociationLogicalName(ObisCode logicalName, Func<CosemContext, AssociationSettings?> settings) : CosemObject(logicalName)
{
    private const byte Associated = 2;
    private const byte ReadOnly = 1, ReadAndWrite = 3;
    private const string ObjectList = "array[4096] of { class_id: long-unsigned, version: unsigned, logical_name: logical-name, access_rights: { "
        + "attribute_access: array[64] of { attribute_id: integer, access_mode: enum, access_selectors: null-data | array[8] of integer }, "
        + "method_access: array[32] of { method_id: integer, access_mode: enum } } }";
    private const string XDlmsContextInfo = "{ conformance: bit-string[24], max_receive_pdu_size: long-unsigned, max_send_pdu_size: long-unsigned, "
        + "dlms_version_number: unsigned, quality_of_service: integer, cyphering_info: octet-string[0..64] }";

    private readonly Func<CosemContext, AssociationSettings?> _settings = settings;

    public static CosemClass<AssociationLogicalName> Table { get; } = new(15, 1, "AssociationLogicalName",
        [
            new(2, "object_list", ObjectList, null, Stream: WriteObjectList),
            new(3, "associated_partners_id", "{ client_SAP: integer, server_SAP: long-unsigned }", (a, c) => CosemData.Structure(
                CosemData.Integer((sbyte)(a._settings(c)?.ClientSap ?? 0)), CosemData.LongUnsigned(c.Device.ServerSap))),
            new(4, "application_context_name", "octet-string[0..16]", (a, c) => CosemData.OctetString(
                AcseNames.ContextOid(a._settings(c)?.Context ?? ApplicationContext.LogicalName))),
            new(5, "xDLMS_context_info", XDlmsContextInfo, (_, c) => XDlmsContext(c)),
            new(6, "authentication_mechanism_name", "octet-string[0..16]", (a, c) => CosemData.OctetString(
                AcseNames.MechanismOid(a._settings(c)?.Mechanism ?? AuthenticationMechanism.None))),
            new(7, "secret", CosemDataType.OctetString, null, (a, c, v) => a.SetSecret(c, v)),
            new(8, "association_status", "enum[0..2]", (_, _) => CosemData.Enumeration(Associated)),
            new(9, "security_setup_reference", "logical-name", (a, c) => CosemData.LogicalName(a._settings(c)?.SecuritySetup ?? default)),
        ],
        [
            // Answered by the association's state machine before objects are asked; here it is out of its turn.
            new(1, "reply_to_HLS_authentication", Methods.Denied, CosemDataType.OctetString),
            new(2, "change_HLS_secret", (AssociationLogicalName a, CosemContext c, CosemData p, out CosemData r) => a.ChangeSecret(c, p, out r), CosemDataType.OctetString),
            new(3, "add_object", Methods.Denied, "structure"),
            new(4, "remove_object", Methods.Denied, "structure"),
        ])
    { Words = "association LN" };

    public override CosemClass Class => Table;

    private static DataAccessResult WriteObjectList(
        AssociationLogicalName association, CosemContext context, SelectiveAccess? selection, ref AxdrWriter writer)
    {
        IReadOnlyList<CosemObject> objects = context.Device.Objects.All;
        int count = 0;
        foreach (CosemObject instance in objects) count += context.Level >= instance.Access.Read ? 1 : 0;
        writer.WriteArrayHeader(count);
        foreach (CosemObject instance in objects)
        {
            if (context.Level < instance.Access.Read) continue;
            CosemClass known = instance.Class;
            writer.WriteStructureHeader(4);
            writer.WriteLongUnsigned(known.ClassId);
            writer.WriteUnsigned(known.Version);
            writer.WriteLogicalName(instance.LogicalName);
            writer.WriteStructureHeader(2);
            WriteRights(instance, context, ref writer);
        }
        return DataAccessResult.Success;
    }

    /// <summary>Writes an object's access rights for a client: an array of its attributes and one of its methods.</summary>
    internal static void WriteRights(CosemObject instance, CosemContext context, ref AxdrWriter writer)
    {
        CosemClass known = instance.Class;
        bool sets = instance.Access.Write != AssociationLevel.Nobody && context.Level >= instance.Access.Write;
        bool invokes = instance.Access.Invoke != AssociationLevel.Nobody && context.Level >= instance.Access.Invoke;
        writer.WriteArrayHeader(known.Attributes.Count);
        foreach (CosemAttribute attribute in known.Attributes)
        {
            writer.WriteStructureHeader(3);
            writer.WriteInteger(attribute.Id);
            writer.WriteEnum((byte)((attribute.IsReadable ? ReadOnly : 0) | (attribute.IsWritable && sets ? ReadAndWrite - ReadOnly : 0)));
            if (!attribute.HasSelectiveAccess) writer.WriteNullData();
            else
            {
                writer.WriteArrayHeader(2);
                writer.WriteInteger(1);
                writer.WriteInteger(2);
            }
        }
        writer.WriteArrayHeader(known.Methods.Count);
        foreach (CosemMethod method in known.Methods)
        {
            writer.WriteStructureHeader(2);
            writer.WriteInteger(method.Id);
            writer.WriteEnum(invokes ? (byte)1 : (byte)0);
        }
    }

    private static CosemData XDlmsContext(CosemContext context)
    {
        Span<byte> bits = stackalloc byte[3];
        int conformance = (int)DlmsServerAssociation.Supported;
        (bits[0], bits[1], bits[2]) = ((byte)(conformance >> 16), (byte)(conformance >> 8), (byte)conformance);
        return CosemData.Structure(CosemData.BitString(bits, 24), CosemData.LongUnsigned(context.Device.PduSizeMax), CosemData.LongUnsigned(context.Device.PduSizeMax),
            CosemData.Unsigned(6), CosemData.Integer(0), CosemData.OctetString([]));
    }

    private DataAccessResult SetSecret(CosemContext context, in CosemData value)
    {
        if (_settings(context) is not { } settings) return DataAccessResult.ReadWriteDenied;
        return TrySetSecret(context, settings, value.OctetSpan) ? DataAccessResult.Success : DataAccessResult.OtherReason;
    }

    private ActionResult ChangeSecret(CosemContext context, in CosemData parameters, out CosemData returned)
    {
        returned = default;
        if (_settings(context) is not { } settings || settings.Mechanism < AuthenticationMechanism.Hls) return ActionResult.ReadWriteDenied;
        if (parameters.Type != CosemDataType.OctetString) return ActionResult.TypeUnmatched;
        return TrySetSecret(context, settings, parameters.OctetSpan) ? ActionResult.Success : ActionResult.OtherReason;
    }

    private static bool TrySetSecret(CosemContext context, AssociationSettings settings, ReadOnlySpan<byte> secret)
    {
        bool low = settings.Mechanism == AuthenticationMechanism.Lls;
        bool hashed = settings.Mechanism is AuthenticationMechanism.HlsMd5 or AuthenticationMechanism.HlsSha1 or AuthenticationMechanism.HlsSha256;
        if (secret.Length is 0 or > DeviceSecurity.SecretLengthMax || settings.Mechanism == AuthenticationMechanism.HlsEcdsa) return false;
        if (hashed ? secret.Length < KeySet.KeyLength : !low && secret.Length != KeySet.KeyLength) return false;
        if (low) context.Device.Security.LowSecret = secret.ToArray();
        else context.Device.Security.HighSecret = secret.ToArray();
        context.Device.OnSecretChanged(context, low ? SecretKind.LowLevelSecret : SecretKind.HighLevelSecret);
        return true;
    }
}
