using Praman.Dlms.Axdr;
using Praman.Dlms.Security;
using Praman.Dlms.Server;
using Praman.Metering;

namespace Praman.Dlms.Cosem;

/// <summary>
/// SecuritySetup, class_id 64, version 0 as Indian meters have it; version 1 differs in the meaning of the policy's bits and in methods
/// beyond the second (IEC 62056-6-2). Keys come wrapped under the master key (RFC 3394) and hold from the next association on.
/// </summary>
public sealed class SecuritySetup(ObisCode logicalName) : CosemObject(logicalName)
{
    private const int UnicastEncryption = 0, Authentication = 2, Master = 3;
    private const int KeyCountMax = 4;

    public static CosemClass<SecuritySetup> Table { get; } = new(64, 0, "SecuritySetup",
        [
            new(2, "security_policy", CosemDataType.Enum, (_, c) => CosemData.Enumeration(c.Device.SecurityPolicy)),
            new(3, "security_suite", CosemDataType.Enum, (_, _) => CosemData.Enumeration(0), IsStatic: true),
            new(4, "client_system_title", CosemDataType.OctetString, (_, c) => CosemData.OctetString((c.Device.Security.ClientTitle ?? default).Span)),
            new(5, "server_system_title", CosemDataType.OctetString, (_, c) => CosemData.OctetString(c.Device.Security.SystemTitle.Span), IsStatic: true),
        ],
        [new(1, "security_activate", Activate), new(2, "global_key_transfer", TransferKeys)]);

    public override CosemClass Class => Table;

    private static ActionResult Activate(SecuritySetup setup, CosemContext context, CosemData parameters, out CosemData returned)
    {
        returned = default;
        if (parameters.Type != CosemDataType.Enum || !parameters.TryGetInt64(out long policy)) return ActionResult.TypeUnmatched;
        return policy <= 3 && context.Device.TryActivatePolicy((byte)policy) ? ActionResult.Success : ActionResult.ReadWriteDenied;
    }

    // All keys of a transfer hold, or none.
    private static ActionResult TransferKeys(SecuritySetup setup, CosemContext context, CosemData parameters, out CosemData returned)
    {
        returned = default;
        if (parameters.Type != CosemDataType.Array || parameters.Count is 0 or > KeyCountMax) return ActionResult.TypeUnmatched;
        DeviceSecurity security = context.Device.Security;
        if (security.MasterKey.IsEmpty) return ActionResult.ObjectUnavailable;
        ReadOnlyMemory<byte>? guek = null, gak = null, master = null;
        foreach (CosemData item in parameters.Items)
        {
            if (item.Count != 2 || !item[0].TryGetInt64(out long id) || item[1].Type != CosemDataType.OctetString) return ActionResult.TypeUnmatched;
            byte[] key = new byte[KeySet.KeyLength];
            if (item[1].OctetSpan.Length != KeyWrap.WrappedLength(key.Length) || !KeyWrap.TryUnwrap(security.MasterKey.Span, item[1].OctetSpan, key)) return ActionResult.OtherReason;
            switch (id)
            {
                case UnicastEncryption: guek = key; break;
                case Authentication: gak = key; break;
                case Master: master = key; break;
                default: return ActionResult.ReadWriteDenied; // no broadcast key here
            }
        }
        security.ChangeKeys(guek, gak, master);
        context.Device.OnSecretChanged(context, SecretKind.GlobalKeys);
        return ActionResult.Success;
    }
}
