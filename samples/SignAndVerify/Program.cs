using System.Security.Cryptography;
using Praman.Dlms;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Metering;

// A meter signs a reading so that anybody can check it, and a head-end checks it:  dotnet run --project samples/SignAndVerify
// Unlike the tag of suite 0, which whoever holds the meter's key can make, a signature proves to a third party who said it.

const int SignatureLength = 64; // of P-256, r and s

using ECDsa meterKey = ECDsa.Create(ECCurve.NamedCurves.nistP256); // suite 1; suite 2 takes P-384 and SHA-384
using ECDsa meterPublic = ECDsa.Create(meterKey.ExportParameters(includePrivateParameters: false));
byte[] meterTitle = "SMP\0\0\0\0\u0001"u8.ToArray(), headEndTitle = "HES\0\0\0\0\u0001"u8.ToArray();

// The meter: a reading, in an APDU that carries a signature over who, to whom, when and what.
var moment = new CosemDateTime(2026, 3, 1, 7, 6, 30, 0, 0, -330, 0);
var reading = new DataNotification(1, moment, CosemData.Structure(CosemData.LogicalName(ObisCode.Parse("1-0:1.8.0.255")), CosemData.DoubleLongUnsigned(1_234_567)));
var head = new GeneralHead(new byte[] { 0, 0, 0, 1 }, meterTitle, headEndTitle, moment, default);
byte[] sent = Sign(head, reading.Encode(), meterKey).Encode();
Console.WriteLine($"signed: {sent.Length} octets, {Convert.ToHexString(sent.AsSpan(0, 24))}...");

// The head-end: what came is read as any octets of a stranger are, then checked with the meter's public key.
Report("as sent", sent);
byte[] altered = [.. sent];
altered[^(1 + SignatureLength + 1)] ^= 1; // the last octet of the content: 1,234,566 Wh
Report("one watt-hour less", altered);
Report("cut short", sent[..^1]);
return Verify(sent, meterPublic, out _) && !Verify(altered, meterPublic, out _) ? 0 : 1;

void Report(string what, byte[] octets) => Console.WriteLine($"{what}: {(Verify(octets, meterPublic, out string why) ? "the meter said so: " : "refused: ")}{why}");

static GeneralSigning Sign(GeneralHead head, byte[] content, ECDsa key) =>
    new(head, content, key.SignData(Covered(head, content), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));

static bool Verify(ReadOnlySpan<byte> octets, ECDsa key, out string why)
{
    if (!Apdu.TryDecode(octets, out Apdu? apdu, out DecodeError error))
    {
        why = error.ToString();
        return false;
    }
    if (apdu is not GeneralSigning signed)
    {
        why = "not a general-signing APDU";
        return false;
    }
    if (!key.VerifyData(Covered(signed.Head, signed.Content), signed.Signature.Span, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))
    {
        why = "the signature is not over these octets";
        return false;
    }
    why = Apdu.TryDecode(signed.Content.Span, out Apdu? content, out error) && content is DataNotification { Body: var body } ? body.ToString() : error.ToString();
    return true;
}

// The fields from transaction-id to content, as they stand in the APDU.
static byte[] Covered(GeneralHead head, ReadOnlyMemory<byte> content)
{
    byte[] unsigned = new GeneralSigning(head, content, default).Encode();
    return unsigned[1..^1]; // without the tag before and the length of no signature behind
}
