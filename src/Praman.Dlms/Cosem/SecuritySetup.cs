using System.Security.Cryptography;
using Praman.Dlms.Axdr;
using Praman.Dlms.Security;
using Praman.Dlms.Server;
using Praman.Metering;

namespace Praman.Dlms.Cosem;

/// <summary>
/// SecuritySetup, class_id 64 (IEC 62056-6-2). Version 0, as Indian meters have it, holds the policy and takes keys wrapped under the master key
/// (RFC 3394); version 1 has a policy bit for each kind and direction, and agrees on keys and holds certificates besides. Policy and keys are those of
/// the associations that name this object; master key, key pairs and certificates are the device's. Keys hold from the next association on, and
/// others that are open under the old ones are closed. A policy is only ever raised, and holds at once.
/// </summary>
public sealed partial class SecuritySetup(ObisCode logicalName, int version = 0) : CosemObject(logicalName)
{
    private const byte UnicastEncryption = 0, BroadcastEncryption = 1, Authentication = 2, Master = 3;
    private const int KeyCountMax = 4;

    /// <summary>Version 0.</summary>
    public static CosemClass<SecuritySetup> Table { get; } = new(64, 0, "SecuritySetup", Attributes(),
        [new(1, "security_activate", Activate), new(2, "global_key_transfer", TransferKeys)]);

    /// <summary>Version 1.</summary>
    public static CosemClass<SecuritySetup> TableVersion1 { get; } = new(64, 1, "SecuritySetup",
        [.. Attributes(), new(6, "certificates", CosemDataType.Array, (_, c) => Certificates(c))],
        [
            new(1, "security_activate", Activate), new(2, "key_transfer", TransferKeys), new(3, "key_agreement", AgreeOnKeys),
            new(4, "generate_key_pair", GenerateKeyPair), new(5, "generate_certificate_request", RequestCertificate), new(6, "import_certificate", ImportCertificate),
            new(7, "export_certificate", ExportCertificate), new(8, "remove_certificate", RemoveCertificate),
        ]);

    public override CosemClass Class => version == 0 ? Table : TableVersion1;

    private static AttributeOf<SecuritySetup>[] Attributes() =>
    [
        new(2, "security_policy", CosemDataType.Enum, (s, c) => CosemData.Enumeration(c.Device.PolicyOf(s.LogicalName))),
        new(3, "security_suite", CosemDataType.Enum, (s, c) => CosemData.Enumeration((byte)c.Device.Security.KeysOf(s.LogicalName).Suite), IsStatic: true),
        new(4, "client_system_title", CosemDataType.OctetString, (_, c) => CosemData.OctetString((c.Device.Security.ClientTitle ?? default).Span)),
        new(5, "server_system_title", CosemDataType.OctetString, (_, c) => CosemData.OctetString(c.Device.Security.SystemTitle.Span), IsStatic: true),
    ];

    private static ActionResult Activate(SecuritySetup setup, CosemContext context, CosemData parameters, out CosemData returned)
    {
        returned = default;
        if (parameters.Type != CosemDataType.Enum || !parameters.TryGetInt64(out long policy)) return ActionResult.TypeUnmatched;
        return context.Device.TryActivatePolicy(setup.LogicalName, (byte)policy) ? ActionResult.Success : ActionResult.ReadWriteDenied;
    }

    // All keys of a transfer hold, or none.
    private static ActionResult TransferKeys(SecuritySetup setup, CosemContext context, CosemData parameters, out CosemData returned)
    {
        returned = default;
        if (!IsKeyList(parameters)) return ActionResult.TypeUnmatched;
        DeviceSecurity security = context.Device.Security;
        int length = SecuritySuite.KeyLength(security.KeysOf(setup.LogicalName).Suite);
        if (security.MasterKey.Length != length) return ActionResult.ObjectUnavailable;
        var keys = new byte[]?[KeyCountMax];
        try
        {
            foreach (CosemData item in parameters.Items)
            {
                if (!TryReadKeyItem(item, out byte id, out ReadOnlySpan<byte> wrapped)) return ActionResult.TypeUnmatched;
                if (id > Master || keys[id] is not null) return ActionResult.ReadWriteDenied;
                byte[] key = keys[id] = new byte[length];
                if (wrapped.Length != KeyWrap.WrappedLength(length) || !KeyWrap.TryUnwrap(security.MasterKey.Span, wrapped, key)) return ActionResult.OtherReason;
            }
            Change(setup, context, keys);
            return ActionResult.Success;
        }
        finally
        {
            Erase(keys);
        }
    }

    private static void Change(SecuritySetup setup, CosemContext context, byte[]?[] keys)
    {
        context.Device.Security.ChangeKeys(setup.LogicalName, Of(UnicastEncryption), Of(Authentication), Of(Master), Of(BroadcastEncryption));
        context.Device.Security.DropUnused(context.Device);
        context.Device.OnSecretChanged(context, SecretKind.GlobalKeys);

        ReadOnlyMemory<byte>? Of(byte id) => keys[id] is { } key ? key : default(ReadOnlyMemory<byte>?);
    }

    // What was taken over was copied; what was not, of a list that failed in the middle, is to be nowhere.
    private static void Erase(byte[]?[] keys)
    {
        foreach (byte[]? key in keys) CryptographicOperations.ZeroMemory(key);
    }

    private static bool IsKeyList(in CosemData parameters) => parameters.Type == CosemDataType.Array && parameters.Count is not 0 and <= KeyCountMax;

    // key_id and what is wrapped, or the ephemeral key with its signature.
    private static bool TryReadKeyItem(in CosemData item, out byte id, out ReadOnlySpan<byte> octets)
    {
        id = 0;
        octets = default;
        if (item.Type != CosemDataType.Structure || item.Count != 2 || !item[0].TryGetInt64(out long number) || number is < 0 or > byte.MaxValue || item[1].Type != CosemDataType.OctetString) return false;
        id = (byte)number;
        octets = item[1].OctetSpan;
        return true;
    }
}
