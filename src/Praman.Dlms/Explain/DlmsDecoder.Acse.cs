using System.Globalization;
using System.Text.Json.Nodes;
using Praman.Dlms.Acse;
using Praman.Dlms.Apdus;
using Praman.Metering;

namespace Praman.Dlms.Explain;

// AARQ, AARE, RLRQ and RLRE, and the initiate APDU inside.
public sealed partial class DlmsDecoder
{
    private const string AcseClause = "IEC 62056-5-3 (ACSE)";

    private bool TryDescribeAcse(DlmsDocument document, Apdu apdu, ExplainCursor cursor, int depth, out JsonObject json, out DecodeError error)
    {
        json = new JsonObject { ["tag"] = apdu.TagOctet, ["name"] = ApduNames.Of(apdu) };
        ReadOnlyMemory<byte> user = default, title = default;
        switch (apdu)
        {
            case Aarq aarq:
                AddAarq(json, aarq);
                _clientTitle = aarq.CallingApTitle?.ToArray() ?? _clientTitle;
                (_learnedDedicated, _asked, _read) = (null, null, null);
                (user, title) = (aarq.UserInformation, aarq.CallingApTitle ?? default);
                break;
            case Aare aare:
                AddAare(json, aare);
                _serverTitle = aare.RespondingApTitle?.ToArray() ?? _serverTitle;
                (user, title) = (aare.UserInformation, aare.RespondingApTitle ?? default);
                break;
            case Rlrq rlrq:
                json["reason"] = rlrq.Reason;
                (user, title) = (rlrq.UserInformation, _clientTitle);
                break;
            case Rlre rlre:
                json["reason"] = rlre.Reason;
                (user, title) = (rlre.UserInformation, _serverTitle);
                break;
        }
        if (!user.IsEmpty) json["userInformationHex"] = ApduJson.Hex(user);
        cursor.Take(1, "tag", ApduNames.Of(apdu), AcseClause);
        int end = cursor.TakeLength("octets", "ITU-T X.690") + cursor.Position;
        while (cursor.Position < end && cursor.Remaining > 0)
        {
            if (cursor.Peek() == 0xBE && !user.IsEmpty)
            {
                if (!TryDescribeUserInformation(document, json, cursor, user, title, depth, out error)) return false;
            }
            else NoteAcseField(cursor, apdu);
        }
        error = default;
        return true;
    }

    private bool TryDescribeUserInformation(
        DlmsDocument document, JsonObject json, ExplainCursor cursor, ReadOnlyMemory<byte> user, ReadOnlyMemory<byte> title, int depth, out DecodeError error)
    {
        error = default;
        ExplainNode node = cursor.Open("user-information", "the initiate APDU", AcseClause);
        cursor.Take(1, "field", "user-information", "ITU-T X.690");
        cursor.TakeLength("octets", "ITU-T X.690");
        cursor.Take(1, "octet-string", null, "ITU-T X.690");
        cursor.TakeLength("octets", "ITU-T X.690");
        int at = cursor.Origin + cursor.Position;
        if (depth >= NestingMax)
        {
            cursor.Take(user.Length, "content", $"not looked into: {NestingMax} APDUs are around it", AcseClause);
            cursor.Close();
            return true;
        }
        if (!Apdu.TryDecode(user.Span, out Apdu? inner, out DecodeError fault))
        {
            cursor.Take(user.Length, "content", $"no APDU: {fault.Reason}", AcseClause);
            document.NoteList.Add($"the user-information is no APDU, at its byte {fault.Offset}: {fault.Reason}");
            cursor.Close();
            return true;
        }
        node.Meaning = ApduNames.Sentence(inner);
        var content = ExplainNode.Over(user.Span, at, cursor.Of, ApduNames.Of(inner), ApduNames.Sentence(inner), AcseClause);
        if (!TryDescribe(document, inner, new ExplainCursor(user, content, at, cursor.Of), title, depth + 1, out JsonObject innerJson, out error))
            return false;
        node.Add(content);
        cursor.Skip(user.Length);
        cursor.Close();
        json["userInformation"] = innerJson;
        return true;
    }

    private static void AddAarq(JsonObject json, Aarq aarq)
    {
        json["applicationContext"] = aarq.Context.Name();
        if (aarq.CalledApTitle is { } called) json["calledApTitle"] = ApduJson.Hex(called);
        if (aarq.CallingApTitle is { } calling) json["callingApTitle"] = ApduJson.Hex(calling);
        if (aarq.CallingAeQualifier is { } qualifier) json["callingAeQualifier"] = ApduJson.Hex(qualifier);
        if (aarq.CallingAeInvocationId is { } user) json["callingAeInvocationId"] = user;
        AddAuthentication(json, aarq.AcseRequirements, aarq.Mechanism, aarq.AuthenticationValue);
    }

    private static void AddAare(JsonObject json, Aare aare)
    {
        json["applicationContext"] = aare.Context.Name();
        json["result"] = (byte)aare.Result;
        json["resultSourceDiagnostic"] = new JsonObject
        {
            ["source"] = aare.IsProviderDiagnostic ? "acse-service-provider" : "acse-service-user", ["value"] = (byte)aare.Diagnostic,
        };
        if (aare.RespondingApTitle is { } title) json["respondingApTitle"] = ApduJson.Hex(title);
        if (aare.RespondingAeQualifier is { } qualifier) json["respondingAeQualifier"] = ApduJson.Hex(qualifier);
        AddAuthentication(json, aare.AcseRequirements, aare.Mechanism, aare.AuthenticationValue);
    }

    private static void AddAuthentication(JsonObject json, ReadOnlyMemory<byte>? requirements, AuthenticationMechanism? mechanism, ReadOnlyMemory<byte>? value)
    {
        if (requirements is { } given) json["acseRequirements"] = ApduJson.Hex(given);
        if (mechanism is { } named) json["mechanism"] = (byte)named;
        if (value is { } octets) json["authenticationValue"] = ApduJson.Hex(octets);
    }

    private static void NoteAcseField(ExplainCursor cursor, Apdu apdu)
    {
        byte tag = cursor.Peek();
        int length = 1 + cursor.Peek(1); // fields before the user information are short
        if (cursor.Peek(1) >= 0x80)
        {
            cursor.Take(cursor.Remaining, "fields", null, AcseClause);
            return;
        }
        (string field, string? meaning) = (apdu, tag) switch
        {
            (Aarq aarq, 0xA1) => ("application-context-name", ContextWords(aarq.Context)),
            (Aare aare, 0xA1) => ("application-context-name", ContextWords(aare.Context)),
            (Aarq { CalledApTitle: { } title }, 0xA2) => ("called-AP-title", "the meter wanted: " + TitleWords(title.Span)),
            (Aarq { CallingApTitle: { } title }, 0xA6) => ("calling-AP-title", "the client's system title: " + TitleWords(title.Span)),
            (Aarq, 0xA7) => ("calling-AE-qualifier", "the client's certificate"),
            (Aarq { CallingAeInvocationId: { } user }, 0xA9) => ("calling-AE-invocation-id", "user " + user.ToString(CultureInfo.InvariantCulture)),
            (Aarq, 0x8A) => ("sender-acse-requirements", "authentication is asked for"),
            (Aarq aarq, 0x8B) => ("mechanism-name", CosemNames.Describe(aarq.Mechanism)),
            (Aarq { Mechanism: AuthenticationMechanism.Lls }, 0xAC) => ("calling-authentication-value", "the password, in clear"),
            (Aarq, 0xAC) => ("calling-authentication-value", "the client's challenge"),
            (Aare { Result: AssociationResult.Accepted }, 0xA2) => ("result", "accepted"),
            (Aare { Result: AssociationResult.RejectedPermanent }, 0xA2) => ("result", "rejected-permanent"),
            (Aare, 0xA2) => ("result", "rejected-transient"),
            (Aare aare, 0xA3) => ("result-source-diagnostic", CosemNames.Diagnostic(aare)),
            (Aare { RespondingApTitle: { } title }, 0xA4) => ("responding-AP-title", "the meter's system title: " + TitleWords(title.Span)),
            (Aare, 0xA5) => ("responding-AE-qualifier", "the meter's certificate"),
            (Aare, 0x88) => ("responder-acse-requirements", "authentication"),
            (Aare aare, 0x89) => ("mechanism-name", CosemNames.Describe(aare.Mechanism)),
            (Aare, 0xAA) => ("responding-authentication-value", "the meter's challenge"),
            (Rlrq { Reason: { } reason }, 0x80) => ("reason", reason switch { 0 => "normal", 1 => "urgent", _ => "user-defined" }),
            (Rlre { Reason: { } reason }, 0x80) => ("reason", reason switch { 0 => "normal", 1 => "not-finished", _ => "user-defined" }),
            _ => (string.Create(CultureInfo.InvariantCulture, $"field 0x{tag:X2}"), null),
        };
        cursor.Take(1 + length, field, meaning, AcseClause);
    }

    private static string ContextWords(ApplicationContext context) => context switch
    {
        ApplicationContext.LogicalName => "LN: objects by logical name, not ciphered",
        ApplicationContext.LogicalNameCiphered => "LN-ciphered: objects by logical name, ciphered",
        ApplicationContext.ShortName => "SN: objects by short name, not ciphered",
        ApplicationContext.ShortNameCiphered => "SN-ciphered: objects by short name, ciphered",
        _ => "a context of another standard",
    };
}
