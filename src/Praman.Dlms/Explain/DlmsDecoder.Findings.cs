using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using Praman.Dlms.Acse;
using Praman.Dlms.Apdus;
using Praman.Dlms.Security;

namespace Praman.Dlms.Explain;

// What is wrong with a conversation's protection: key, title, counter, context and policy told apart.
public sealed partial class DlmsDecoder
{
    private const int TitlesKnownMax = 16, CountersKnownMax = 64;
    private const char DedicatedPlace = 'd';

    private readonly List<byte[]> _titlesSeen = [];
    private readonly Dictionary<string, (uint Counter, byte[] Hash)> _counters = [];
    private ApplicationContext _asksContext;
    private SecurityControl? _openedWith;
    private bool _isAsked, _isAssociated;

    // Keys that may have been meant instead of the one that an APDU names.
    private IEnumerable<(string Name, byte[]? Key)> KeysToTry => [("guek", _keys.Guek), ("dedicated", _keys.Dedicated ?? _learnedDedicated)];

    /// <summary>Why an APDU did not open: other titles, other keys and other counters are tried to tell.</summary>
    private Opened Refused(byte[] key, GcmCipher cipher, CipheredApdu apdu, List<byte[]> titles)
    {
        SecurityHeader header = apdu.Header;
        bool check = header.Control.IsAuthenticated && _keys.Gak is not null;
        string start = check ? "the authentication tag does not verify" : "what the key gives is no APDU", fits = check ? "verifies" : "reads";
        Opened Say(DlmsFindingKind kind, string why) =>
            new(null, null, check ? false : null, true, $"{start}: {why}; the content is not shown") { Finding = kind };

        int keyLength = header.Control.Suite == 2 ? 32 : 16;
        if (key.Length != keyLength)
            return Say(DlmsFindingKind.WrongKey, string.Create(CultureInfo.InvariantCulture, $"wrong key: suite {header.Control.Suite} takes keys of {keyLength} octets, and the one given has {key.Length}"));
        foreach (byte[] title in _titlesSeen.Concat(_keys.SystemTitles).Concat(new[] { _clientTitle, _serverTitle }.OfType<byte[]>()))
        {
            if (title.Length != GcmCipher.SystemTitleLength) continue; // what an AARQ or AARE called one
            if (titles.Exists(tried => tried.AsSpan().SequenceEqual(title)) || !Fits(cipher, apdu, title, header)) continue;
            return Say(DlmsFindingKind.WrongTitle, $"wrong system title: it {fits} with {TitleWords(title)}, not with its sender's {TitleWords(titles[0])}");
        }
        foreach ((string name, byte[]? otherKey) in KeysToTry)
        {
            if (otherKey is null || otherKey == key) continue;
            using var other = new GcmCipher(otherKey);
            if (titles.Exists(title => Fits(other, apdu, title, header))) return Say(DlmsFindingKind.WrongKey, $"wrong key: it is protected with the key '{name}', not with the one that it names");
        }
        bool dedicated = apdu is GeneralDedCiphering or ServiceCiphered { IsDedicated: true };
        foreach (uint counter in CountersToTry(header.InvocationCounter, dedicated, titles[0]))
        {
            if (!Fits(cipher, apdu, titles[0], header with { InvocationCounter = counter })) continue;
            return Say(DlmsFindingKind.WrongCounter, string.Create(CultureInfo.InvariantCulture, $"wrong invocation counter: it was protected with {counter}, and names {header.InvocationCounter}"));
        }
        if (check && header.Control.IsEncrypted && titles.Exists(title => Reads(cipher, apdu, title, header)))
            return Say(DlmsFindingKind.WrongAuthenticationKey, "the encryption key and the title fit, but the authentication key is another, or control, content or tag were altered");
        return Say(DlmsFindingKind.WrongKey, check ? "another encryption key or system title, or altered octets" : "another key or system title");
    }

    // Counters that a sender may have meant: its next, a neighbour, one of the other byte order.
    private IEnumerable<uint> CountersToTry(uint named, bool dedicated, byte[] title)
    {
        if (_counters.TryGetValue(CounterKey(dedicated, false, title), out var last)) yield return last.Counter + 1;
        yield return named + 1;
        yield return named - 1;
        yield return 0;
        yield return BinaryPrimitives.ReverseEndianness(named);
    }

    private bool Fits(GcmCipher cipher, CipheredApdu apdu, byte[] title, SecurityHeader header)
    {
        if (!header.Control.IsAuthenticated || _keys.Gak is null) return Reads(cipher, apdu, title, header);
        byte[] plain = new byte[apdu.Payload.Length];
        return header.Control.IsEncrypted
            ? cipher.TryDecrypt(title, header, _keys.Gak, apdu.Payload.Span, apdu.AuthenticationTag.Span, plain)
            : cipher.Verify(title, header, _keys.Gak, apdu.Payload.Span, apdu.AuthenticationTag.Span);
    }

    // Without a tag: what comes out is the APDU that the tag announces.
    private static bool Reads(GcmCipher cipher, CipheredApdu apdu, byte[] title, SecurityHeader header)
    {
        if (!header.Control.IsEncrypted) return false; // plain text reads under any title
        byte[] plain = new byte[apdu.Payload.Length];
        cipher.ApplyKeyStream(title, header.InvocationCounter, apdu.Payload.Span, plain);
        if (!Apdu.TryDecode(plain, out Apdu? inner, out _)) return false;
        if (!ServiceCiphering.TryGetPlain(apdu.TagOctet, out byte announced, out _)) return true;
        return inner.TagOctet == announced || (announced == InitiateResponse.Tag && inner.TagOctet == ConfirmedServiceError.Tag);
    }

    private void SeeTitle(ReadOnlyMemory<byte>? title)
    {
        if (title is not { Length: GcmCipher.SystemTitleLength } seen || _titlesSeen.Count == TitlesKnownMax) return;
        if (!_titlesSeen.Exists(known => seen.Span.SequenceEqual(known))) _titlesSeen.Add(seen.ToArray());
    }

    private static string CounterKey(bool dedicated, bool broadcast, byte[] title) => $"{(dedicated ? DedicatedPlace : broadcast ? 'b' : 'g')}{Convert.ToHexString(title)}";

    /// <summary>Counter and policy of an APDU that opened. Only what a tag proves moves the counter.</summary>
    private void JudgeOpened(DlmsDocument document, CipheredApdu apdu, Opened opened)
    {
        SecurityHeader header = apdu.Header;
        if (opened.Finding is { } finding) document.Add(finding, opened.Note!);
        // Under a key for one APDU the counter begins anew and says nothing.
        if (opened is { TagVerified: true, Title: { } title } && apdu is not GeneralCiphering { Key: { Choice: not KeyInfo.Identified } or null })
        {
            bool dedicated = !opened.UsedGlobalKey && apdu is GeneralDedCiphering or ServiceCiphered { IsDedicated: true };
            string key = CounterKey(dedicated, header.Control.IsBroadcastKeySet, title);
            byte[] hash = SHA256.HashData(apdu.Content.Span);
            bool known = _counters.TryGetValue(key, out var last);
            if (known && header.InvocationCounter <= last.Counter)
            {
                bool repeated = header.InvocationCounter == last.Counter && last.Hash.AsSpan().SequenceEqual(hash);
                if (repeated) document.NoteList.Add(string.Create(CultureInfo.InvariantCulture, $"the invocation counter {header.InvocationCounter} is not above {last.Counter}: the same APDU again, sent twice by the link or replayed"));
                else
                {
                    document.AddNoted(DlmsFindingKind.WrongCounter, string.Create(CultureInfo.InvariantCulture,
                        $"wrong: the invocation counter {header.InvocationCounter} is not above {last.Counter}, which this sender used before under this key: the receiver refuses it"));
                }
            }
            else if (known || _counters.Count < CountersKnownMax) _counters[key] = (header.InvocationCounter, hash);
        }
        ServiceCiphering.TryGetPlain(apdu.TagOctet, out byte plain, out _);
        if (plain == InitiateRequest.Tag) _openedWith = header.Control;
        bool isService = plain is not 0 and not InitiateRequest.Tag and not InitiateResponse.Tag || apdu is GeneralGloCiphering or GeneralDedCiphering;
        if (isService && _openedWith is { } opens && !header.Control.Satisfies(opens))
        {
            document.AddNoted(DlmsFindingKind.WrongPolicy, header.Control.Suite != opens.Suite
                ? string.Create(CultureInfo.InvariantCulture, $"wrong policy: suite {header.Control.Suite}, and the association was opened in suite {opens.Suite}: the receiver refuses it")
                : $"wrong policy: protected less (security control 0x{header.Control.Octet:X2}) than the association was opened with (0x{opens.Octet:X2}): a receiver whose policy asks for as much refuses it");
        }
        if (isService && _isAssociated && !IsCiphered(_asksContext))
            document.AddNoted(DlmsFindingKind.WrongContext, $"wrong context: a ciphered service in an association of the context {_asksContext.Name()}");
    }

    /// <summary>Context and policy of an APDU that stands unprotected, and what a refusal says about them.</summary>
    private void JudgePlain(DlmsDocument document, Apdu apdu, int depth)
    {
        switch (apdu)
        {
            case Aarq aarq:
                (_asksContext, _isAsked, _isAssociated, _openedWith) = (aarq.Context, true, false, null);
                foreach (string place in _counters.Keys.Where(place => place[0] == DedicatedPlace).ToArray()) _counters.Remove(place); // a new key, a new count
                SeeTitle(aarq.CallingApTitle);
                if (aarq.UserInformation.Length > 0 && !IsCiphered(aarq.Context) && ServiceCiphering.TryGetPlain(aarq.UserInformation.Span[0], out _, out _))
                    document.AddNoted(DlmsFindingKind.WrongContext, $"wrong context: the initiate request is ciphered, and the context asked for, {aarq.Context.Name()}, is one without ciphering: a server refuses the context");
                break;
            case Aare aare:
                SeeTitle(aare.RespondingApTitle);
                _isAssociated = aare.Result == AssociationResult.Accepted;
                // Without the request before it, the answer alone tells which context was agreed on.
                if (!_isAsked) _asksContext = _isAssociated ? aare.Context : default;
                _isAsked = false;
                if (!_isAssociated) _openedWith = null;
                JudgeDiagnostic(document, aare);
                break;
            case Rlrq or Rlre:
                break;
            case ExceptionResponse { ServiceError: ServiceError.InvocationCounterError } exception:
                document.AddNoted(DlmsFindingKind.WrongCounter, string.Create(CultureInfo.InvariantCulture, $"wrong invocation counter: the server expects {exception.InvocationCounter} at least"));
                break;
            case ExceptionResponse { ServiceError: ServiceError.DecipheringError }:
                document.AddNoted(DlmsFindingKind.WrongKey, "wrong key: the server could not decipher the request before, or its tag did not verify there");
                break;
            case ExceptionResponse { StateError: StateError.ServiceNotAllowed } when _isAssociated && IsCiphered(_asksContext):
                document.NoteList.Add("the server does not allow the request before: most often its protection is below the policy, or its counter was used");
                break;
            case not ExceptionResponse when depth == 0 && IsCiphered(_asksContext) && (_isAssociated || _openedWith is not null) && ServiceCiphering.TryGetGlobal(apdu.TagOctet, out _)
                && apdu is not (InitiateRequest or InitiateResponse or ConfirmedServiceError):
                document.AddNoted(DlmsFindingKind.WrongPolicy, $"wrong policy: in clear, in an association of the context {_asksContext.Name()}: a receiver whose policy asks for protection refuses it");
                break;
        }
    }

    private void JudgeDiagnostic(DlmsDocument document, Aare aare)
    {
        if (aare.Result == AssociationResult.Accepted || aare.IsProviderDiagnostic) return;
        switch (aare.Diagnostic)
        {
            case AcseDiagnostic.ApplicationContextNameNotSupported:
                document.AddNoted(DlmsFindingKind.WrongContext, $"wrong context: the server does not offer {(_asksContext == default ? "what was asked for" : _asksContext.Name())} to this client");
                break;
            case AcseDiagnostic.CallingApTitleNotRecognized:
                document.AddNoted(DlmsFindingKind.WrongTitle, "wrong system title: the server does not know the client's");
                break;
            case AcseDiagnostic.CalledApTitleNotRecognized:
                document.AddNoted(DlmsFindingKind.WrongTitle, "wrong system title: the server has another than the one that was called");
                break;
            case AcseDiagnostic.AuthenticationFailure:
                document.AddNoted(DlmsFindingKind.WrongAuthenticationKey, "wrong secret or key: the client did not prove itself to the server");
                break;
        }
    }

    private static bool IsCiphered(ApplicationContext context) => context is ApplicationContext.LogicalNameCiphered or ApplicationContext.ShortNameCiphered;
}
