using Praman.Dlms.Acse;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Dlms.Security;
using Praman.Dlms.Server;

namespace Praman.Dlms.Client;

// Opening and releasing: AARQ and AARE, the four passes of high-level security, RLRQ and RLRE.
public sealed partial class DlmsClient
{
    private const byte InitiateErrorClass = 6, RefusedByHandler = 4;

    private byte[] _serverChallenge = [];
    private ulong _dedicatedCounterMin;

    /// <summary>Opens the link where there is one, and the association: done when the server accepted and, with high-level security, proved itself.</summary>
    public ClientStep Connect()
    {
        IsAssociated = false;
        ReadOnlyMemory<byte> open = _framing.Open(_now);
        if (open.IsEmpty) return SendAarq();
        Start(Pending.Link);
        return new(ClientStatus.Pending, open, null);
    }

    private ClientStep SendAarq()
    {
        ShortNames = null;
        Start(Pending.Opening);
        bool high = _settings.Mechanism >= AuthenticationMechanism.Hls;
        if (high)
        {
            _challenge = new byte[Hls.ChallengeLength(_settings.Mechanism)];
            _fillRandom(_challenge);
        }
        if (_security is not null)
        {
            if (!_settings.DedicatedKey.IsEmpty) LeaveDedicatedKey(); // the proposal itself goes under the global key
            // Counters go on from session to session: what an earlier one heard, nobody may play to the next.
            _security.ReceiveCounterMin = Math.Max(_security.ReceiveCounterMin, _settings.ServerCounterMin);
        }
        if (_security is not null && _settings.ServerTitle is { } known) _security.SetPeerSystemTitle(known.Span); // a key agreed on needs it from the first APDU
        if (ProtectInitiate(out ReadOnlyMemory<byte> user) is { } error) return Fail(error);
        return Transmit(Aarq.Create(_settings.Context, _security is null ? default(ReadOnlyMemory<byte>?) : _settings.SystemTitle, _settings.Mechanism,
            high ? _challenge : _settings.Secret, user));
    }

    /// <summary>Ends the association and the link where there is one. Done at whatever the server answers: some answer wrongly, and the link is closed anyway.</summary>
    public ClientStep Release()
    {
        if (Begin(Pending.Release) is { } refusal) return refusal;
        ReadOnlyMemory<byte> user = default;
        if (_settings.IsCiphered && ProtectInitiate(out user) is { } error) return Fail(error);
        return Transmit(new Rlrq(0) { UserInformation = user });
    }

    private ClientError? ProtectInitiate(out ReadOnlyMemory<byte> user)
    {
        var initiate = new InitiateRequest(_settings.Conformance, _settings.MaxReceivePduSize)
        {
            DedicatedKey = _settings.DedicatedKey.IsEmpty ? default(ReadOnlyMemory<byte>?) : _settings.DedicatedKey,
        };
        user = initiate.Encode();
        if (!Protects) return null;
        _frame.Clear();
        Protection envelope = _settings.Envelope ?? (_settings.UsesGeneralCiphering ? Protection.GeneralGlobal : Protection.ServiceGlobal);
        if (!TryProtect(envelope, user.Span, _frame, out ClientError? error)) return error;
        user = _frame.Span.ToArray();
        return null;
    }

    private ClientStep HandleOpening(ReadOnlySpan<byte> apdu)
    {
        if (apdu[0] == ExceptionResponse.Tag) return Fail(ExplainException(apdu));
        if (!Apdu.TryDecode(apdu, out Apdu? decoded, out var error)) return Fail(new(ClientErrorKind.Malformed, $"the answer to the AARQ: {error}") { Decode = error });
        if (decoded is not Aare aare) return Fail(ClientErrorKind.Unexpected, $"an APDU of tag 0x{apdu[0]:X2} in answer to the AARQ");
        if (aare.Result != AssociationResult.Accepted) return Fail(ExplainRejection(aare));
        if (aare.Context != _settings.Context) return Fail(ClientErrorKind.WrongContext, $"asked for {_settings.Context.Name()}, the server answered in {aare.Context.Name()}");
        if (JudgeTitle(aare) is { } wrong) return Fail(wrong);
        if (ReadInitiateResponse(aare.UserInformation.Span) is { } refused) return Fail(refused);
        if (_settings.Mechanism < AuthenticationMechanism.Hls)
        {
            IsAssociated = true;
            UseDedicatedKey();
            return Finish();
        }
        ReadOnlySpan<byte> challenge = (aare.AuthenticationValue ?? default).Span;
        if (challenge.Length < Hls.ChallengeLengthMin(_settings.Mechanism) || challenge.Length > Hls.ChallengeLengthMax)
            return Fail(ClientErrorKind.ServerNotAuthentic, $"a challenge of {challenge.Length} octets: expected {Hls.ChallengeLengthMin(_settings.Mechanism)} to {Hls.ChallengeLengthMax}");
        if (challenge.SequenceEqual(_challenge)) return Fail(ClientErrorKind.ServerNotAuthentic, "the server sent our own challenge back");
        _serverChallenge = challenge.ToArray();
        return SendProof();
    }

    private ClientError? JudgeTitle(Aare aare)
    {
        if (_security is null) return null;
        if (aare.RespondingApTitle is not { } title || title.Length != GcmCipher.SystemTitleLength)
            return new(ClientErrorKind.WrongTitle, "the server did not say its system title");
        if (title.Span.SequenceEqual(_settings.SystemTitle.Span)) return new(ClientErrorKind.WrongTitle, "the server calls itself by our own system title");
        if (_settings.ServerTitle is { } expected && !title.Span.SequenceEqual(expected.Span))
            return new(ClientErrorKind.WrongTitle, $"the server is {Convert.ToHexString(title.Span)}, expected {Convert.ToHexString(expected.Span)}");
        ServerTitle = title;
        _security.SetPeerSystemTitle(title.Span);
        return null;
    }

    private ClientError? ReadInitiateResponse(ReadOnlySpan<byte> user)
    {
        if (user.IsEmpty) return new(ClientErrorKind.Malformed, "the AARE carries no InitiateResponse");
        if (Opens(user[0]))
        {
            SecurityOutcome outcome = Unprotect(user, out user);
            if (outcome != SecurityOutcome.Success) return ExplainSecurity(outcome);
        }
        if (!Apdu.TryDecode(user, out Apdu? decoded, out var error)) return new(ClientErrorKind.Malformed, $"the InitiateResponse: {error}") { Decode = error };
        if (decoded is not InitiateResponse response) return new(ClientErrorKind.Unexpected, $"an APDU of tag 0x{user[0]:X2} in place of the InitiateResponse");
        Conformance = response.Conformance;
        _serverPduSize = response.MaxReceivePduSize == 0 ? ushort.MaxValue : Math.Max((int)response.MaxReceivePduSize, DlmsServerAssociation.ClientPduSizeMin);
        return null;
    }

    private void UseDedicatedKey()
    {
        if (_security is null || !_settings.IsCiphered) return;
        _security.SetDedicatedKey(_settings.DedicatedKey.Span);
        _security.DedicatedReceiveCounterMin = _dedicatedCounterMin;
    }

    // The dedicated key is the settings', so the same in the next association of this client: its counter goes on as well.
    private void LeaveDedicatedKey()
    {
        _dedicatedCounterMin = Math.Max(_dedicatedCounterMin, _security!.DedicatedReceiveCounterMin);
        _security.SetDedicatedKey(default);
    }

    private ClientStep SendProof()
    {
        Start(Pending.Proof);
        if (_security is not null) LeaveDedicatedKey(); // proof travels under the global key
        byte[]? proof;
        if (_settings.Mechanism == AuthenticationMechanism.Hls && _serverChallenge.Length % 16 != 0)
            return Fail(ClientErrorKind.ServerNotAuthentic, $"a challenge of {_serverChallenge.Length} octets: AES-128 needs 16 or a multiple");
        if (_settings.Mechanism == AuthenticationMechanism.HlsGmac)
        {
            if (!_counters!.TryTake(out uint counter)) return Fail(ClientErrorKind.CounterExhausted, "no invocation counter is left in the lease");
            proof = new byte[Hls.GmacLength];
            Hls.WriteGmac(_security!.GlobalCipher!, _security.AuthenticationKey, _security.OwnSystemTitle, counter, _serverChallenge, proof, _settings.Protection.Suite);
        }
        else proof = Hls.Answer(_settings.Mechanism, Parties, _settings.Keys);
        if (proof is null) return Fail(ClientErrorKind.AuthenticationFailed, "what the mechanism proves with is not here: a secret, of 16 octets for mechanism 2, or a signature key for 7");
        if (_settings.UsesShortNames)
        {
            _variableCount = 1;
            return Transmit(new ReadRequest([VariableAccess.Parameterized(ShortNameTable.ReplyToHls, new(SelectorOfMethods, CosemData.OctetStringOver(proof)))]));
        }
        return Transmit(new ActionRequestNormal(_invoke, new(AssociationLogicalName.Table.ClassId, LogicalDevice.CurrentAssociation, 1), CosemData.OctetStringOver(proof)));
    }

    private HlsParties Parties => new()
    {
        Secret = _settings.Secret.Span, OwnTitle = _settings.SystemTitle.Span, PeerTitle = ServerTitle.Span, OwnChallenge = _challenge, PeerChallenge = _serverChallenge,
    };

    private bool SignsProof => _settings.Mechanism == AuthenticationMechanism.HlsEcdsa;

    private ClientStep HandleProof(ActionResponseNormal response)
    {
        if (response.Item.Result != ActionResult.Success)
        {
            return Fail(new(ClientErrorKind.AuthenticationFailed, $"the server refused our proof: {response.Item.Result.Name()}{(SignsProof ? "; it holds another public key of this client than goes with our signature key" : "")}") { Action = response.Item.Result });
        }
        ReadOnlySpan<byte> answer = response.Item.HasReturn && response.Item.Return.IsSuccess ? response.Item.Return.Data.OctetSpan : default;
        bool proved = _settings.Mechanism != AuthenticationMechanism.HlsGmac
            ? Hls.Check(_settings.Mechanism, Parties, _settings.ServerKeys, answer)
            : Hls.TryVerifyGmac(_security!.GlobalCipher!, _security.AuthenticationKey, _security.PeerSystemTitle, _challenge, answer, out _, _settings.Protection.Suite);
        _challenge = [];
        if (!proved)
        {
            return Fail(ClientErrorKind.ServerNotAuthentic, !SignsProof ? "the server did not prove that it holds the secret"
                : _settings.ServerKeys?.Signature is null ? "no public signature key of the server is here to check its proof by"
                : "the server's signature does not fit the public key that its certificate, or we, have of it");
        }
        IsAssociated = true;
        UseDedicatedKey();
        return Finish();
    }

    private ClientError ExplainRejection(Aare aare)
    {
        AcseDiagnostic diagnostic = aare.Diagnostic;
        ClientErrorKind kind = aare.IsProviderDiagnostic ? ClientErrorKind.Refused : diagnostic switch
        {
            AcseDiagnostic.ApplicationContextNameNotSupported => ClientErrorKind.WrongContext,
            AcseDiagnostic.CallingApTitleNotRecognized or AcseDiagnostic.CalledApTitleNotRecognized => ClientErrorKind.WrongTitle,
            AcseDiagnostic.AuthenticationMechanismNameNotRecognized or AcseDiagnostic.AuthenticationMechanismNameRequired or AcseDiagnostic.AuthenticationRequired => ClientErrorKind.WrongMechanism,
            // With high-level security nothing was proved yet: only the ciphering can have failed.
            AcseDiagnostic.AuthenticationFailure => _settings.IsCiphered && _settings.Mechanism >= AuthenticationMechanism.Hls ? ClientErrorKind.WrongKey : ClientErrorKind.AuthenticationFailed,
            _ => ClientErrorKind.Refused,
        };
        string unverified = kind != ClientErrorKind.WrongKey ? ""
            : _settings.Signs || _settings.Envelope is Protection.GeneralOnePass or Protection.GeneralStatic ? "; it could not verify what we protected: gak, our key pair, or its own public key as we have it"
            : "; it could not verify what we ciphered: guek or gak";
        string text = $"the association was rejected: {(aare.IsProviderDiagnostic ? "the provider's diagnostic" : diagnostic.ToString())} ({(byte)diagnostic}){unverified}";
        if (!aare.UserInformation.IsEmpty && Apdu.TryDecode(aare.UserInformation.Span, out Apdu? user, out _)
            && user is ConfirmedServiceError { ErrorClass: InitiateErrorClass } initiate)
        {
            kind = initiate.Error == RefusedByHandler ? ClientErrorKind.PolicyRefused : ClientErrorKind.Refused;
            text = initiate.Error switch
            {
                1 => "the association was rejected: DLMS version too low",
                2 => "the association was rejected: incompatible conformance",
                3 => "the association was rejected: PDU size too short",
                RefusedByHandler => "the association was rejected: the server asks for more protection or refuses the proposal",
                _ => $"the association was rejected: initiate error {initiate.Error}",
            };
        }
        return new(kind, text) { Association = aare.Result, Diagnostic = diagnostic };
    }
}
