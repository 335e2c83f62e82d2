using System.Globalization;
using System.Text.Json.Nodes;
using Praman.Dlms.Apdus;
using Praman.Dlms.Security;
using Praman.Metering;

namespace Praman.Dlms.Explain;

// General-ciphering with its three ways to name a key, and general-signing.
public sealed partial class DlmsDecoder
{
    private const string Compressed = "the content is compressed (ITU-T V.44): it is not opened";
    private const string KeyInfoClause = "IEC 62056-5-3 (Key-Info)", SigningClause = "IEC 62056-5-3 (general-signing)";

    private static readonly string[] HeadFields = ["transaction-id", "originator-system-title", "recipient-system-title", "date-time", "other-information"];

    private Opened OpenGeneral(ReadOnlySpan<byte> octets, List<byte[]> titles)
    {
        if (CipheredParts.TryParse(octets, out CipheredParts parts) != SecurityOutcome.Success)
            return new(null, null, null, false, "key-info names no key that there is, or the control names a key set, which this envelope does not: it is not opened");
        SecurityControl control = parts.Header.Control;
        byte[]? visible = control.IsEncrypted ? null : parts.Text.ToArray();
        if (control.IsCompressed) return new(null, null, null, false, Compressed);
        if (titles.Count == 0) return new(visible, null, null, false, NoTitle);
        List<byte[]> candidates = [];
        if (FindKeys(parts, candidates, out bool refused) is { } note) return new(refused ? null : visible, null, null, refused, note);

        bool check = control.IsAuthenticated && _keys.Gak is not null;
        byte[]? counts = parts.Key == KeyChoice.Unicast ? titles[0] : null; // under a key for one APDU the counter says nothing of the sender's others
        byte[] plain = new byte[parts.Text.Length];
        bool keyFits = false;
        foreach (byte[] key in candidates)
        {
            using var cipher = new GcmCipher(key);
            if (check && parts.Open(cipher, titles[0], _keys.Gak, plain) == SecurityOutcome.Success) return new([.. plain], counts, true, false, null);
            if (control.IsEncrypted) cipher.ApplyKeyStream(titles[0], parts.Header.InvocationCounter, parts.Text, plain);
            else parts.Text.CopyTo(plain);
            bool reads = Apdu.TryDecode(plain, out _, out _);
            if (!check && reads) return new([.. plain], counts, null, false, control.IsAuthenticated ? "no key 'gak': the tag is not checked; give it with --key gak=HEX" : null);
            keyFits |= reads && control.IsEncrypted;
        }
        string why = keyFits ? "the encryption key fits, but the authentication key is another or a field before the content was altered"
            : "another encryption key, system title or authentication key, or altered octets";
        return check ? new(null, null, false, true, $"the authentication tag does not verify: {why}; the content is not shown")
            : new(null, null, null, true, "what the key gives is no APDU: wrong key or wrong system title; the content is not shown");
    }

    // Null where there are candidates; else what is missing, or what is wrong with what is there.
    private string? FindKeys(in CipheredParts parts, List<byte[]> candidates, out bool refused)
    {
        refused = false;
        string Missing(string name, string what) => $"no key '{name}': {what}; give it with --key {name}=HEX";
        if (_keys.Cek is { } given && parts.Key is KeyChoice.Wrapped or KeyChoice.OnePass or KeyChoice.StaticUnified) candidates.Add(given);
        if (candidates.Count > 0) return null;
        switch (parts.Key)
        {
            case null: return "the APDU does not say which key protects it";
            case KeyChoice.Unicast:
                if (_keys.Guek is null) return Missing("guek", "the content stays ciphered");
                candidates.Add(_keys.Guek);
                return null;
            case KeyChoice.Broadcast:
                if (_keys.Gbek is null) return Missing("gbek", "the content stays ciphered");
                candidates.Add(_keys.Gbek);
                return null;
            case KeyChoice.Wrapped:
                if (_keys.Kek is null) return Missing("kek", "the key that comes along stays wrapped");
                byte[] key = new byte[Math.Max(0, parts.KeyData.Length - KeyWrap.WrappedLength(0))];
                refused = key.Length is not (16 or 32) || !KeyWrap.TryUnwrap(_keys.Kek, parts.KeyData, key);
                if (refused) return "the wrapped key does not unwrap: another key-encrypting key, or altered octets";
                candidates.Add(key);
                return null;
            default:
                return parts.Key == KeyChoice.OnePass ? FindOnePass(parts, candidates, out refused) : FindStatic(parts, candidates);
        }
    }

    private string? FindOnePass(in CipheredParts parts, List<byte[]> candidates, out bool refused)
    {
        int half = parts.KeyData.Length / 2, suite = SuiteOf(half);
        refused = suite == 0;
        if (refused) return $"an ephemeral key with signature of {parts.KeyData.Length} octets: expected 128 (P-256) or 192 (P-384)";
        ReadOnlySpan<byte> point = parts.KeyData[..half];
        bool? signed = VerifySignature(point, parts.KeyData[half..]);
        refused = signed == false;
        if (refused) return "the ephemeral key's signature does not verify with a key 'signingPublic' that is given: another sender, or altered octets";
        if (_keys.AgreementPrivate.Count == 0) return "no key 'agreementPrivate' of the recipient: the key cannot be agreed; give it with --key agreementPrivate=HEX";
        AddAgreed(suite, point, parts.SystemTitle, parts.RecipientTitle, candidates);
        return candidates.Count > 0 ? null : "no key 'agreementPrivate' is on the curve of the ephemeral key";
    }

    private string? FindStatic(in CipheredParts parts, List<byte[]> candidates)
    {
        if (_keys.AgreementPrivate.Count == 0 || _keys.AgreementPublic.Count == 0)
            return "the key is agreed from static keys: give one side's with --key agreementPrivate=HEX and the other's with --key agreementPublic=HEX";
        byte[] partyU = [.. parts.SystemTitle, (byte)parts.TransactionId.Length, .. parts.TransactionId];
        foreach (byte[] point in _keys.AgreementPublic) AddAgreed(SuiteOf(point.Length), point, partyU, parts.RecipientTitle, candidates);
        return candidates.Count > 0 ? null : "no pair of 'agreementPrivate' and 'agreementPublic' is on one curve";
    }

    private void AddAgreed(int suite, ReadOnlySpan<byte> point, ReadOnlySpan<byte> partyU, ReadOnlySpan<byte> partyV, List<byte[]> candidates)
    {
        using System.Security.Cryptography.ECDiffieHellman? other = EllipticKeys.ReadAgreement(suite, point);
        if (other is null) return;
        foreach (byte[] scalar in _keys.AgreementPrivate)
        {
            if (!EllipticKeys.TryImportPrivate(suite, default, scalar, out EllipticKeys? own)) continue;
            byte[] key = new byte[SecuritySuite.KeyLength(suite)];
            using (own)
            {
                if (KeyAgreement.TryDerive(suite, own.Agreement!, other, KeyPurpose.Encryption, partyU, partyV, key)) candidates.Add(key);
            }
        }
    }

    private static int SuiteOf(int publicKeyLength) => publicKeyLength switch { 64 => 1, 96 => 2, _ => 0 };

    // Null where no key is given that could tell.
    private bool? VerifySignature(ReadOnlySpan<byte> octets, ReadOnlySpan<byte> signature)
    {
        bool? verified = null;
        foreach (byte[] point in _keys.SigningPublic)
        {
            int suite = SuiteOf(point.Length);
            if (!EllipticKeys.TryImportPublic(suite, point, default, out EllipticKeys? keys)) continue;
            using (keys) verified = verified == true || keys.Verify(octets, signature);
        }
        return verified;
    }

    private bool TryDescribeSigned(DlmsDocument document, GeneralSigning apdu, ExplainCursor cursor, int depth, out JsonObject json, out DecodeError error)
    {
        error = default;
        json = ApduJson.Of(apdu);
        int signatureField = Axdr.AxdrWriter.LengthOctets(apdu.Signature.Length) + apdu.Signature.Length;
        ReadOnlySpan<byte> all = cursor.Source.Span[cursor.Position..];
        bool? verified = all.Length > 1 + signatureField ? VerifySignature(all[1..^signatureField], apdu.Signature.Span) : null;
        json["security"] = new JsonObject { ["signatureVerified"] = verified };
        if (verified is null) document.NoteList.Add("no key 'signingPublic' of the sender: the signature is not checked; give it with --key signingPublic=HEX");
        if (verified == false) document.NoteList.Add("the signature does not verify: another signature key, or altered octets");
        document.IsRefused |= verified == false;
        cursor.Take(1, "tag", ApduNames.Of(apdu), SigningClause);
        NoteHead(cursor);
        int at = cursor.TakeLength("octets of signed content", SigningClause) > 0 ? cursor.Position : -1;
        cursor.Take(apdu.Content.Length, "content", "the APDU below", SigningClause);
        cursor.TakeLength("octets of signature", SigningClause);
        cursor.Take(apdu.Signature.Length, "signature", (verified switch { true => "verified", false => "does NOT verify", null => "not checked" }) + ": r and s", SigningClause);
        if (verified != false && apdu.Head.OriginatorSystemTitle.Length == GcmCipher.SystemTitleLength) Remember(apdu.Head.OriginatorSystemTitle, document);
        if (at < 0 || depth >= NestingMax) return true;
        if (!Apdu.TryDecode(apdu.Content.Span, out Apdu? inner, out DecodeError innerError))
        {
            document.NoteList.Add($"the signed content is no APDU, at its byte {innerError.Offset}: {innerError.Reason}");
            return true;
        }
        var node = ExplainNode.Over(apdu.Content.Span, cursor.Origin + at, cursor.Of, ApduNames.Of(inner), "signed: " + ApduNames.Sentence(inner), ApduExplainer.ClauseOf(inner));
        document.Root.Add(node);
        if (!TryDescribe(document, inner, new ExplainCursor(apdu.Content, node, cursor.Origin + at, cursor.Of), apdu.Head.OriginatorSystemTitle, depth + 1, out JsonObject innerJson, out error))
            return false;
        json["inner"] = innerJson;
        return true;
    }

    private static void NoteHead(ExplainCursor cursor)
    {
        foreach (string field in HeadFields) ApduExplainer.WalkOctets(cursor, field, null, CipheredApdu.Clause);
    }

    private static void NoteKeyInfo(ExplainCursor cursor, KeyInfo? info)
    {
        cursor.Take(1, "key-info present", info is null ? "no key is named" : "the key is named", KeyInfoClause);
        if (info is null) return;
        string choice = info.Choice switch { KeyInfo.Identified => "identified: both sides hold it", KeyInfo.Wrapped => "wrapped: it comes along", _ => "agreed: both sides compute it" };
        cursor.Take(1, "choice", choice, KeyInfoClause);
        if (info.Choice == KeyInfo.Agreed)
        {
            string scheme = info.Parameters.Span is [KeyAgreement.OnePass] ? "one-pass Diffie-Hellman, C(1e, 1s)" : info.Parameters.Span is [KeyAgreement.StaticUnified] ? "static unified model, C(0e, 2s)" : "reserved";
            ApduExplainer.WalkOctets(cursor, "key-parameters", scheme, KeyInfoClause);
        }
        else
        {
            string name = (info.Choice, info.KeyId) switch { (KeyInfo.Wrapped, 0) => "under the master key", (_, 0) => "global unicast key", (_, 1) => "global broadcast key", _ => "reserved" };
            cursor.Take(1, "key-id", name, KeyInfoClause);
        }
        if (info.Choice == KeyInfo.Identified) return;
        string what = info.Choice == KeyInfo.Wrapped ? "the wrapped key" : info.KeyCipheredData.IsEmpty ? "nothing: the keys are static" : "the ephemeral public key and its signature";
        ApduExplainer.WalkOctets(cursor, "key-ciphered-data", string.Create(CultureInfo.InvariantCulture, $"{what}, {info.KeyCipheredData.Length} octets"), KeyInfoClause);
    }
}
