using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Praman.Dlms.Axdr;
using Praman.Dlms.Security;
using Praman.Dlms.Server;

namespace Praman.Dlms.Cosem;

// Version 1: key agreement by the ephemeral unified model, key pairs, certificate requests, and certificates in and out.
public sealed partial class SecuritySetup
{
    private const byte ByEntity = 0, BySerialNumber = 1;

    // The client is party U, the device party V. All keys are agreed on, or none.
    private static ActionResult AgreeOnKeys(SecuritySetup setup, CosemContext context, CosemData parameters, out CosemData returned)
    {
        returned = default;
        if (!IsKeyList(parameters)) return ActionResult.TypeUnmatched;
        DeviceSecurity security = context.Device.Security;
        if (context.ClientTitle.IsEmpty || security.OwnKeys is not { Signature: not null } own || own.Suite != security.Keys.Suite) return ActionResult.ObjectUnavailable;
        EllipticKeys? client = security.FindClientKeys(context.ClientTitle.Span, context.Now, out bool owned);
        var keys = new byte[]?[KeyCountMax];
        try
        {
            if (client?.Signature is null) return ActionResult.ObjectUnavailable;
            var answers = new CosemData[parameters.Count];
            for (int index = 0; index < answers.Length; index++)
            {
                if (!TryReadKeyItem(parameters[index], out byte id, out ReadOnlySpan<byte> keyData)) return ActionResult.TypeUnmatched;
                if (id > Master || keys[id] is not null) return ActionResult.ReadWriteDenied;
                using var offer = new EphemeralOffer(own, id);
                KeyPurpose purpose = id == Master ? KeyPurpose.Wrapping : KeyPurpose.Encryption;
                if (!offer.TryAgree(client, keyData, purpose, context.ClientTitle.Span, security.SystemTitle.Span, out byte[]? key)) return ActionResult.OtherReason;
                keys[id] = key;
                answers[index] = CosemData.Structure(CosemData.Enumeration(id), CosemData.OctetStringOver(offer.KeyData));
            }
            Change(setup, context, keys);
            returned = CosemData.Array(answers);
            return ActionResult.Success;
        }
        finally
        {
            Erase(keys);
            if (owned) client?.Dispose();
        }
    }

    private static ActionResult GenerateKeyPair(SecuritySetup setup, CosemContext context, CosemData parameters, out CosemData returned)
    {
        returned = default;
        if (parameters.Type != CosemDataType.Enum || !parameters.TryGetInt64(out long type)) return ActionResult.TypeUnmatched;
        DeviceSecurity security = context.Device.Security;
        if (!SecuritySuite.HasCurve(security.Keys.Suite)) return ActionResult.ObjectUnavailable;
        if ((CertificateType)type is not (CertificateType.Signature or CertificateType.KeyAgreement)) return ActionResult.ReadWriteDenied; // no TLS here
        context.Retire(security.MakePair((CertificateType)type));
        // A certificate of the pair that is gone proves nothing any more.
        if (security.Certificates.Find(CertificateEntity.Server, (CertificateType)type, security.SystemTitle.Span) is { } stale) security.Certificates.Remove(stale);
        context.Device.OnSecretChanged(context, SecretKind.KeyPair);
        return ActionResult.Success;
    }

    // PKCS #10, signed with the key that it is for.
    private static ActionResult RequestCertificate(SecuritySetup setup, CosemContext context, CosemData parameters, out CosemData returned)
    {
        returned = default;
        if (parameters.Type != CosemDataType.Enum || !parameters.TryGetInt64(out long type)) return ActionResult.TypeUnmatched;
        DeviceSecurity security = context.Device.Security;
        if ((CertificateType)type is not (CertificateType.Signature or CertificateType.KeyAgreement)) return ActionResult.ReadWriteDenied;
        bool agreement = (CertificateType)type == CertificateType.KeyAgreement;
        if (security.OwnKeys is not { } own || (agreement ? own.Agreement is null : own.Signature is null)) return ActionResult.ObjectUnavailable;
        using ECDsa? signer = agreement ? CreateSigner(own.Agreement!) : null;
        var subject = new X500DistinguishedName("CN=" + Convert.ToHexString(security.SystemTitle.Span));
        var request = new CertificateRequest(subject, signer ?? own.Signature!, SecuritySuite.Hash(own.Suite));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(agreement ? X509KeyUsageFlags.KeyAgreement : X509KeyUsageFlags.DigitalSignature, critical: true));
        returned = CosemData.OctetStringOver(request.CreateSigningRequest());
        return ActionResult.Success;
    }

    // An agreement key signs only the request for its own certificate, which shows that the device holds it.
    private static ECDsa CreateSigner(ECDiffieHellman agreement)
    {
        ECParameters parameters = agreement.ExportParameters(true);
        try
        {
            return ECDsa.Create(parameters);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(parameters.D);
        }
    }

    private static ActionResult ImportCertificate(SecuritySetup setup, CosemContext context, CosemData parameters, out CosemData returned)
    {
        returned = default;
        if (parameters.Type != CosemDataType.OctetString) return ActionResult.TypeUnmatched;
        DeviceSecurity security = context.Device.Security;
        if (!SecuritySuite.HasCurve(security.Keys.Suite)) return ActionResult.ObjectUnavailable;
        bool taken = DlmsCertificate.TryRead(parameters.OctetSpan, out DlmsCertificate? certificate, out _)
            && security.Certificates.TryImport(certificate, security.SystemTitle.Span, security.OwnKeys, context.Now, out _);
        return taken ? ActionResult.Success : ActionResult.OtherReason;
    }

    private static ActionResult ExportCertificate(SecuritySetup setup, CosemContext context, CosemData parameters, out CosemData returned)
    {
        returned = default;
        ActionResult result = FindCertificate(context, parameters, out DlmsCertificate? certificate);
        if (certificate is not null) returned = CosemData.OctetString(certificate.Der);
        return result;
    }

    private static ActionResult RemoveCertificate(SecuritySetup setup, CosemContext context, CosemData parameters, out CosemData returned)
    {
        returned = default;
        ActionResult result = FindCertificate(context, parameters, out DlmsCertificate? certificate);
        if (certificate is null) return result;
        if (certificate.IsRoot) return ActionResult.ReadWriteDenied; // no client could bring it back
        context.Device.Security.Certificates.Remove(certificate);
        return result;
    }

    private static ActionResult FindCertificate(CosemContext context, in CosemData parameters, out DlmsCertificate? certificate)
    {
        certificate = null;
        if (parameters.Count != 2 || !parameters[0].TryGetInt64(out long how) || parameters[1].Type != CosemDataType.Structure) return ActionResult.TypeUnmatched;
        CosemData options = parameters[1];
        CertificateStore store = context.Device.Security.Certificates;
        switch (how)
        {
            case ByEntity when options.Count == 3 && TryGetOctet(options[0], out byte entity) && TryGetOctet(options[1], out byte type) && options[2].Type == CosemDataType.OctetString:
                certificate = store.Find((CertificateEntity)entity, (CertificateType)type, options[2].OctetSpan);
                break;
            case BySerialNumber when options.Count == 2 && options[0].Type == CosemDataType.OctetString && options[1].Type == CosemDataType.OctetString:
                certificate = store.Find(options[0].OctetSpan, options[1].OctetSpan);
                break;
            default: return ActionResult.TypeUnmatched;
        }
        return certificate is null ? ActionResult.ObjectUndefined : ActionResult.Success;
    }

    private static bool TryGetOctet(in CosemData number, out byte octet)
    {
        bool fits = number.TryGetInt64(out long value) && value is >= 0 and <= byte.MaxValue;
        octet = fits ? (byte)value : (byte)0;
        return fits;
    }

    private static CosemData Certificates(CosemContext context) => CosemData.Array([.. context.Device.Security.Certificates.All.Select(held => CosemData.Structure(
        CosemData.Enumeration((byte)held.Entity), CosemData.Enumeration((byte)held.Certificate.Type), CosemData.OctetString(held.Certificate.SerialNumber),
        CosemData.OctetString(held.Certificate.Issuer), CosemData.OctetString(held.Certificate.Subject), CosemData.OctetString(held.Certificate.SubjectAlternative)))]);
}
