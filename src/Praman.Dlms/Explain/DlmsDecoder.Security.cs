using System.Globalization;
using System.Text.Json.Nodes;
using Praman.Dlms.Apdus;
using Praman.Dlms.Security;
using Praman.Metering;

namespace Praman.Dlms.Explain;

// Protected APDUs: opened with the keys that are given, and said plainly what is missing.
public sealed partial class DlmsDecoder
{
    private const int NestingMax = 4;
    private const string NoTitle = "the sender's system title is not known: give it with --key systemTitle=HEX, or decode the AARQ and AARE of the conversation first";
    private const string GlobalKeyQuirk = "user-information is tagged general-ded-ciphering (0xDC) but is protected with the GLOBAL key";

    /// <summary>Describes an APDU of any kind: JSON, and its fields at the cursor.</summary>
    /// <param name="document">Takes readings, notes and quirks.</param>
    /// <param name="apdu">What was decoded from the cursor's octets.</param>
    /// <param name="cursor">Stands at the APDU's tag.</param>
    /// <param name="title">The sender's system title, where the surrounding APDU names it.</param>
    /// <param name="depth">Protected APDUs around this one.</param>
    /// <param name="json">The APDU.</param>
    /// <param name="error">Why a deciphered content is none.</param>
    private bool TryDescribe(DlmsDocument document, Apdu apdu, ExplainCursor cursor, ReadOnlyMemory<byte> title, int depth, out JsonObject json, out DecodeError error)
    {
        error = default;
        JudgePlain(document, apdu, depth);
        switch (apdu)
        {
            case Acse.Aarq or Acse.Aare or Acse.Rlrq or Acse.Rlre:
                return TryDescribeAcse(document, apdu, cursor, depth, out json, out error);
            case GeneralSigning signing:
                return TryDescribeSigned(document, signing, cursor, depth, out json, out error);
            case CipheredApdu ciphered:
                return TryDescribeCiphered(document, ciphered, cursor, title, depth, out json, out error);
        }
        json = ApduJson.Of(apdu);
        ApduExplainer.Walk(cursor, apdu, Names);
        TakeShortNames(document, apdu, json);
        switch (apdu)
        {
            case DataNotification notification: AddReadings(document, notification.Body); break;
            case EventNotification { Value: { Count: 0, IsNull: false } value } notification:
                document.ReadingList.Add(new(notification.Attribute.LogicalName, value, null));
                break;
            case InitiateRequest { DedicatedKey: { } key }: _learnedDedicated = key.ToArray(); break;
            case GetRequestNormal get:
                _asked = get.Access is null || AsksForWholeRows(get) ? get.Attribute : null;
                break;
            case GetResponseNormal { Result.IsSuccess: true } get when _asked is { ClassId: ProfileClass } asked:
                TakeProfile(document, asked, get.Result.Data);
                _asked = null;
                break;
            case GetResponseNormal { Result.IsSuccess: true } get when _asked is { AttributeId: 2 } asked && asked.ClassId is 1 or 3 or 4 && get.Result.Data.Count == 0:
                document.ReadingList.Add(new(_asked.Value.LogicalName, get.Result.Data, null));
                _asked = null;
                break;
            case GeneralBlockTransfer { BlockNumber: 1, IsLastBlock: true } block when depth < NestingMax && Apdu.TryDecode(block.BlockData.Span, out Apdu? inner, out _):
                var node = ExplainNode.Over(block.BlockData.Span, 0, "block", ApduNames.Of(inner), ApduNames.Sentence(inner), ApduExplainer.ClauseOf(inner));
                document.Root.Add(node);
                if (!TryDescribe(document, inner, new ExplainCursor(block.BlockData, node, 0, "block"), title, depth + 1, out JsonObject innerJson, out error))
                    return false;
                json["inner"] = innerJson;
                break;
        }
        return true;
    }

    private bool TryDescribeCiphered(DlmsDocument document, CipheredApdu apdu, ExplainCursor cursor, ReadOnlyMemory<byte> title, int depth, out JsonObject json, out DecodeError error)
    {
        error = default;
        ReadOnlyMemory<byte> own = apdu switch
        {
            GeneralGloCiphering general => general.SystemTitle,
            GeneralDedCiphering general => general.SystemTitle,
            GeneralCiphering general => general.Head.OriginatorSystemTitle,
            _ => default,
        };
        bool dedicated = apdu is GeneralDedCiphering or ServiceCiphered { IsDedicated: true };
        List<byte[]> titles = Titles(apdu, own, title);
        Opened opened = apdu is GeneralCiphering ? OpenGeneral(cursor.Source.Span[cursor.Position..], titles) : Open(apdu, dedicated, titles);
        if (opened.UsedGlobalKey) document.Content["quirk"] = GlobalKeyQuirk;
        if (opened.UsedGlobalKey) document.Content["userInformationPlaintextHex"] = Convert.ToHexString(opened.PlainText!);

        json = apdu is GeneralCiphering ? ApduJson.Of(apdu) : new JsonObject { ["tag"] = apdu.TagOctet, ["name"] = ApduNames.Of(apdu) };
        JsonObject security = SecurityJson(apdu, opened.Title ?? (titles.Count > 0 ? titles[0] : null));
        json["security"] = security;
        if (opened.PlainText is not null) security["plaintextHex"] = Convert.ToHexString(opened.PlainText);
        if (apdu.Header.Control.IsAuthenticated && (opened.PlainText is not null || opened.TagVerified is not null)) security["tagVerified"] = opened.TagVerified;
        if (opened.Note is not null) document.NoteList.Add(opened.Note);
        document.IsRefused |= opened.IsRefused;
        document.IsUnopened |= ReferenceEquals(opened.Note, NoTitle);
        JudgeOpened(document, apdu, opened);
        NoteCiphered(cursor, apdu, own, opened);
        if (own.Length == GcmCipher.SystemTitleLength && opened.TagVerified != false && !opened.IsRefused) Remember(own, document);
        if (opened.PlainText is null || depth >= NestingMax) return true;

        if (!Apdu.TryDecode(opened.PlainText, out Apdu? inner, out DecodeError innerError))
        {
            error = new(cursor.Origin, $"the deciphered APDU is none, at its byte {innerError.Offset}: {innerError.Reason}", innerError.Clause);
            return false;
        }
        var node = ExplainNode.Over(opened.PlainText, 0, "plaintext", ApduNames.Of(inner), "deciphered: " + ApduNames.Sentence(inner), ApduExplainer.ClauseOf(inner));
        document.Root.Add(node);
        if (!TryDescribe(document, inner, new ExplainCursor(opened.PlainText, node, 0, "plaintext"), own, depth + 1, out JsonObject innerJson, out error))
            return false;
        json["inner"] = innerJson;
        document.Summary = depth == 0 ? ApduNames.Sentence(inner) : document.Summary;
        return true;
    }

    private sealed record Opened(byte[]? PlainText, byte[]? Title, bool? TagVerified, bool IsRefused, string? Note, bool UsedGlobalKey = false)
    {
        public DlmsFindingKind? Finding { get; init; }
    }

    private Opened Open(CipheredApdu apdu, bool dedicated, List<byte[]> titles)
    {
        SecurityControl control = apdu.Header.Control;
        bool broadcast = !dedicated && control.IsBroadcastKeySet;
        byte[]? key = dedicated ? _keys.Dedicated ?? _learnedDedicated : broadcast ? _keys.Gbek : _keys.Guek;
        bool clear = !control.IsEncrypted;
        byte[]? visible = clear ? apdu.Payload.ToArray() : null;
        if (control.IsCompressed) return new(null, null, null, false, Compressed);
        if (key is null)
        {
            string name = dedicated ? "dedicated" : broadcast ? "gbek" : "guek";
            bool quirk = apdu is GeneralDedCiphering && _keys.Guek is not null;
            if (!quirk)
                return new(visible, null, null, false, $"no key '{name}': {(clear ? "the tag is not checked" : "the content stays ciphered")}; give it with --key {name}=HEX");
        }
        if (titles.Count == 0) return new(visible, null, null, false, NoTitle);

        Opened? opened = key is null ? null : OpenWith(key, apdu, titles);
        if (opened is { IsRefused: false }) return opened;
        // A server in the field answers an AARQ that carried a dedicated key in a dedicated envelope under the global key.
        if (apdu is GeneralDedCiphering && _keys.Guek is { } global
            && OpenWith(global, apdu, titles) is { IsRefused: false, PlainText: [InitiateResponse.Tag or ConfirmedServiceError.Tag, ..] } second)
            return second with { UsedGlobalKey = true };
        return opened ?? new(visible, null, null, false, "no key 'dedicated': the content stays ciphered; give it with --key dedicated=HEX");
    }

    private Opened OpenWith(byte[] key, CipheredApdu apdu, List<byte[]> titles)
    {
        using var cipher = new GcmCipher(key);
        SecurityHeader header = apdu.Header;
        bool check = header.Control.IsAuthenticated && _keys.Gak is not null;
        byte[] plain = new byte[apdu.Payload.Length];
        foreach (byte[] title in titles)
        {
            if (check)
            {
                bool verified = header.Control.IsEncrypted
                    ? cipher.TryDecrypt(title, header, _keys.Gak, apdu.Payload.Span, apdu.AuthenticationTag.Span, plain)
                    : cipher.Verify(title, header, _keys.Gak, apdu.Payload.Span, apdu.AuthenticationTag.Span);
                if (!verified) continue;
                if (!header.Control.IsEncrypted) apdu.Payload.CopyTo(plain);
                return new(plain, title, true, false, null);
            }
            if (header.Control.IsEncrypted) cipher.ApplyKeyStream(title, header.InvocationCounter, apdu.Payload.Span, plain);
            else apdu.Payload.CopyTo(plain);
            if (Apdu.TryDecode(plain, out _, out _))
                return new(plain, title, null, false, header.Control.IsAuthenticated ? "no key 'gak': the tag is not checked; give it with --key gak=HEX" : null);
        }
        return Refused(key, cipher, apdu, titles);
    }

    // The sender of a request is the client, of a response the server; a title in the APDU itself is the only one that counts.
    private List<byte[]> Titles(CipheredApdu apdu, ReadOnlyMemory<byte> own, ReadOnlyMemory<byte> around)
    {
        var titles = new List<byte[]>();
        void Add(ReadOnlyMemory<byte> title)
        {
            if (title.Length == GcmCipher.SystemTitleLength && !titles.Exists(known => title.Span.SequenceEqual(known))) titles.Add(title.ToArray());
        }
        Add(own);
        if (titles.Count > 0) return titles;
        Add(around);
        ServiceCiphering.TryGetPlain(apdu.TagOctet, out byte plain, out _);
        bool request = plain is InitiateRequest.Tag or GetRequest.Tag or SetRequest.Tag or ActionRequest.Tag or 0x05 or 0x06 or 0x16;
        Add(request ? _clientTitle : _serverTitle);
        foreach (byte[] given in _keys.SystemTitles) Add(given);
        return titles;
    }

    // In a general envelope the title is told apart by the APDU inside; until then by what is not yet known.
    private void Remember(ReadOnlyMemory<byte> title, DlmsDocument document)
    {
        if (_clientTitle is not null && title.Span.SequenceEqual(_clientTitle)) return;
        if (_serverTitle is not null && title.Span.SequenceEqual(_serverTitle)) return;
        bool response = document.Content["llc"]?.GetValue<string>() == "E6E700" || document.Content["wrapper"]?["source"]?.GetValue<ushort>() == 1;
        if (response) _serverTitle = title.ToArray();
        else _clientTitle = title.ToArray();
    }

    private static JsonObject SecurityJson(CipheredApdu apdu, ReadOnlyMemory<byte>? title)
    {
        SecurityHeader header = apdu.Header;
        return new JsonObject
        {
            ["securityControl"] = new JsonObject
            {
                ["raw"] = header.Control.Octet,
                ["suite"] = header.Control.Suite,
                ["authenticated"] = header.Control.IsAuthenticated,
                ["encrypted"] = header.Control.IsEncrypted,
                ["broadcastKeySet"] = header.Control.IsBroadcastKeySet,
                ["compressed"] = header.Control.IsCompressed,
            },
            ["invocationCounter"] = header.InvocationCounter,
            ["systemTitle"] = title is { Length: > 0 } known ? ApduJson.Hex(known) : null,
            ["tagHex"] = header.Control.IsAuthenticated ? ApduJson.Hex(apdu.AuthenticationTag) : null,
        };
    }

    private static void NoteCiphered(ExplainCursor cursor, CipheredApdu apdu, ReadOnlyMemory<byte> own, Opened opened)
    {
        const string header = "IEC 62056-5-3 (security header)";
        SecurityControl control = apdu.Header.Control;
        cursor.Take(1, "tag", ApduNames.Of(apdu), CipheredApdu.Clause);
        if (apdu is GeneralCiphering) NoteHead(cursor);
        else if (apdu is not ServiceCiphered)
            ApduExplainer.WalkOctets(cursor, "system-title", own.Length == 0 ? "not given" : $"the sender: {TitleWords(own.Span)}", CipheredApdu.Clause);
        if (apdu is GeneralCiphering { Key: var info }) NoteKeyInfo(cursor, info);
        cursor.TakeLength("octets of protected content", CipheredApdu.Clause);
        string protection = (control.IsAuthenticated, control.IsEncrypted) switch
        {
            (true, true) => "authenticated and encrypted",
            (true, false) => "authenticated only",
            (false, true) => "encrypted only",
            _ => "not protected",
        };
        string key = apdu is GeneralCiphering ? "the key that key-info names" : control.IsBroadcastKeySet ? "broadcast key" : apdu.TagOctet is GeneralDedCiphering.Tag or >= 0xD0 and <= 0xD7 ? "dedicated key" : "unicast key";
        cursor.Take(1, "security-control", string.Create(CultureInfo.InvariantCulture, $"suite {control.Suite}, {protection}, {key}"), header);
        cursor.Take(4, "invocation-counter", string.Create(CultureInfo.InvariantCulture, $"{apdu.Header.InvocationCounter}: never used twice with this key"), header);
        cursor.Take(apdu.Payload.Length, control.IsEncrypted ? "cipher text" : "text", opened.PlainText is not null ? "the APDU below" : opened.Note, CipheredApdu.Clause);
        if (!control.IsAuthenticated) return;
        string check = opened.TagVerified switch { true => "verified", false => "does NOT verify", null => "not checked" };
        cursor.Take(apdu.AuthenticationTag.Length, "authentication tag", check, CipheredApdu.Clause);
    }

    private static string TitleWords(ReadOnlySpan<byte> title)
    {
        bool letters = title.Length == GcmCipher.SystemTitleLength && !title[..3].ContainsAnyExceptInRange((byte)'A', (byte)'Z');
        return letters ? $"{Convert.ToHexString(title)}, manufacturer {System.Text.Encoding.ASCII.GetString(title[..3])}" : Convert.ToHexString(title);
    }
}
