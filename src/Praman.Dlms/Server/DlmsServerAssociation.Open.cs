using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Praman.Dlms.Acse;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Dlms.Security;

namespace Praman.Dlms.Server;

// Opening and releasing: AARQ and AARE, the four passes of high-level security, RLRQ and RLRE.
public sealed partial class DlmsServerAssociation
{
    private const byte InitiateService = 1, InitiateErrorClass = 6;
    private const byte VersionTooLow = 1, IncompatibleConformance = 2, PduTooShort = 3, RefusedByHandler = 4;
    private const byte DlmsVersion = 6;

    // An association without any of these is of no use.
    private const Conformance OfUse = Conformance.Get | Conformance.Set | Conformance.Action | Conformance.Access | Conformance.Read | Conformance.Write;

    private Conformance Grantable(InitiateRequest request, AssociationSettings settings) =>
        request.Conformance & _device.Conformance & (settings.UsesShortNames ? SupportedByShortName : Supported);

    /// <summary>Shortest APDU that a client may be limited to.</summary>
    public const int ClientPduSizeMin = 64;

    private byte[] _serverChallenge = [];
    private byte[] _clientChallenge = [];
    private ulong _counterAtOpening;
    private bool _isSilent; // the client allowed no response to its AARQ

    // An AARQ that is refused, a replayed one above all, leaves the association that stands as it was.
    private void Open(ReadOnlySpan<byte> octets, ushort clientSap)
    {
        var standing = (_security, _keys, _settings, _clientSap, _state, _conformance, _pduSize, _required, _keysInForce, _pairsInForce, _context.Level, _context.Association, _context.ClientTitle);
        (_security, _keys, _state) = (null, null, State.Idle);
        _isSilent = false;
        if (TryOpen(octets, clientSap))
        {
            standing._security?.Dispose();
            _context.DisposeRetired();
            return;
        }
        _security?.Dispose();
        (_security, _keys, _settings, _clientSap, _state, _conformance, _pduSize, _required, _keysInForce, _pairsInForce, _context.Level, _context.Association, _context.ClientTitle) = standing;
    }

    private bool TryOpen(ReadOnlySpan<byte> octets, ushort clientSap)
    {
        if (!Apdu.TryDecode(octets, out Apdu? apdu, out _) || apdu is not Aarq aarq)
        {
            Answer(new Aare { Result = AssociationResult.RejectedPermanent, IsProviderDiagnostic = true, Diagnostic = AcseDiagnostic.NoReasonGiven });
            return false;
        }
        if (!aarq.SpeaksVersion1)
        {
            const AcseDiagnostic noCommonVersion = (AcseDiagnostic)2; // of the service provider
            Answer(new Aare { Context = aarq.Context, Result = AssociationResult.RejectedPermanent, IsProviderDiagnostic = true, Diagnostic = noCommonVersion });
            return false;
        }
        if (_device.FindAssociation(clientSap) is not { } settings)
        {
            Reject(aarq.Context, AcseDiagnostic.NoReasonGiven);
            return false;
        }
        AcseDiagnostic diagnostic = Judge(aarq, settings);
        if (diagnostic != AcseDiagnostic.Null)
        {
            Reject(settings.Context, diagnostic);
            return false;
        }
        _settings = settings;
        _clientSap = clientSap;
        if (!TryReadInitiate(aarq, settings, out InitiateRequest? initiate)) return false;
        EndTransfers();
        Accept(aarq, settings, initiate);
        return true;
    }

    // What can be judged of an AARQ before any key is used.
    private AcseDiagnostic Judge(Aarq aarq, AssociationSettings settings)
    {
        if (aarq.Context != settings.Context) return AcseDiagnostic.ApplicationContextNameNotSupported;
        if (aarq.CalledApTitle is { } called && !called.Span.SequenceEqual(_device.Security.SystemTitle.Span)) return AcseDiagnostic.CalledApTitleNotRecognized;
        AuthenticationMechanism offered = aarq.Mechanism ?? AuthenticationMechanism.None;
        if (offered != settings.Mechanism)
        {
            if (aarq.Mechanism is not null) return AcseDiagnostic.AuthenticationMechanismNameNotRecognized;
            return aarq.AcseRequirements is null ? AcseDiagnostic.AuthenticationRequired : AcseDiagnostic.AuthenticationMechanismNameRequired;
        }
        if (NeedsTitles(settings))
        {
            if (aarq.CallingApTitle is not { } title || title.Length != GcmCipher.SystemTitleLength) return AcseDiagnostic.CallingApTitleNotRecognized;
            if (title.Span.SequenceEqual(_device.Security.SystemTitle.Span)) return AcseDiagnostic.CallingApTitleNotRecognized; // our own words sent back
            if (_device.Security.ClientTitle is { } known && !title.Span.SequenceEqual(known.Span)) return AcseDiagnostic.CallingApTitleNotRecognized;
        }
        ReadOnlySpan<byte> value = (aarq.AuthenticationValue ?? default).Span;
        return settings.Mechanism switch
        {
            AuthenticationMechanism.None => AcseDiagnostic.Null,
            // Nobody proves himself by a secret that is not there.
            AuthenticationMechanism.Lls => !_device.Security.LowSecret.IsEmpty && Hls.FixedTimeEquals(value, _device.Security.LowSecret.Span)
                ? AcseDiagnostic.Null : AcseDiagnostic.AuthenticationFailure,
            AuthenticationMechanism.Hls or AuthenticationMechanism.HlsMd5 or AuthenticationMechanism.HlsSha1 or AuthenticationMechanism.HlsSha256
                when _device.Security.HighSecret.IsEmpty => AcseDiagnostic.AuthenticationFailure,
            AuthenticationMechanism.HlsEcdsa when _device.Security.OwnKeys?.Suite != _device.Security.Keys.Suite => AcseDiagnostic.AuthenticationMechanismNameNotRecognized,
            <= AuthenticationMechanism.HlsEcdsa => Hls.IsChallenge(settings.Mechanism, value) ? AcseDiagnostic.Null : AcseDiagnostic.AuthenticationFailure,
            _ => AcseDiagnostic.AuthenticationMechanismNameNotRecognized,
        };
    }

    // Ciphering takes system titles into its nonce, mechanisms 5 to 7 into their proof.
    private static bool NeedsTitles(AssociationSettings settings) => settings.IsCiphered || settings.Mechanism >= AuthenticationMechanism.HlsGmac;

    private bool TryReadInitiate(Aarq aarq, AssociationSettings settings, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out InitiateRequest? initiate)
    {
        initiate = null;
        ReadOnlySpan<byte> plain = aarq.UserInformation.Span;
        _required = RequiredOf(settings);
        if (!settings.IsCiphered && _required.Asks)
        {
            RejectInitiate(settings, RefusedByHandler); // its context cannot give what its security setup asks for
            return false;
        }
        if (NeedsTitles(settings)) UseKeys(aarq.CallingApTitle!.Value.Span);
        bool ciphered = !plain.IsEmpty && IsCiphered(plain[0]);
        if (ciphered != settings.IsCiphered && (ciphered || _required.AsksRequest))
        {
            RejectInitiate(settings, RefusedByHandler);
            return false;
        }
        if (ciphered)
        {
            SecurityOutcome outcome = Unprotect(plain, out plain);
            if (outcome is SecurityOutcome.CounterReplayed or SecurityOutcome.CounterTooFar) Refuse(StateError.ServiceNotAllowed, ServiceError.InvocationCounterError, CounterExpected);
            else if (outcome is SecurityOutcome.PolicyNotMet or SecurityOutcome.SuiteNotSupported or SecurityOutcome.CompressionNotSupported) RejectInitiate(settings, RefusedByHandler);
            else if (outcome != SecurityOutcome.Success) Reject(settings.Context, AcseDiagnostic.AuthenticationFailure);
            if (outcome != SecurityOutcome.Success) return false;
        }
        else if (settings.IsCiphered) ProtectAnswerAsPolicyAsks();
        else _answerControl = default;
        if (_broadcast)
        {
            RejectInitiate(settings, RefusedByHandler); // a key that all hold opens nothing
            return false;
        }
        if (!Apdu.TryDecode(plain, out Apdu? apdu, out _) || apdu is not InitiateRequest request)
        {
            RejectInitiate(settings, RefusedByHandler);
            return false;
        }
        _isSilent = !request.ResponseAllowed;
        byte error = request.DlmsVersion < DlmsVersion ? VersionTooLow
            : _isSilent && settings.Mechanism >= AuthenticationMechanism.Hls ? RefusedByHandler // its passes need answers
            : (Grantable(request, settings) & OfUse) == 0 ? IncompatibleConformance
            : request.MaxReceivePduSize is > 0 and < ClientPduSizeMin ? PduTooShort
            : request.DedicatedKey is { } key && (!ciphered || key.Length != _keys!.Guek.Length) ? RefusedByHandler
            : (byte)0;
        if (error == 0) initiate = request;
        else RejectInitiate(settings, error);
        return error == 0;
    }

    private void Accept(Aarq aarq, AssociationSettings settings, InitiateRequest initiate)
    {
        _conformance = Grantable(initiate, settings);
        _context.Conformance = _conformance;
        _pduSize = Math.Min(initiate.MaxReceivePduSize == 0 ? ushort.MaxValue : initiate.MaxReceivePduSize, _device.PduSizeMax);
        if (initiate.DedicatedKey is { } key)
        {
            _security!.SetDedicatedKey(key.Span);
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsMemory(key).Span); // it was decoded for us alone
        }
        bool high = settings.Mechanism >= AuthenticationMechanism.Hls;
        if (high)
        {
            _clientChallenge = aarq.AuthenticationValue!.Value.ToArray();
            _serverChallenge = new byte[Hls.ChallengeLength(settings.Mechanism)];
            do _fillRandom(_serverChallenge);
            while (_clientChallenge.AsSpan().SequenceEqual(_serverChallenge)); // equal challenges would prove nothing
        }
        _counterAtOpening = settings.IsCiphered ? CounterExpected : 0;
        _state = high ? State.AwaitingProof : State.Associated;
        _context.Level = settings.Level;
        _context.Association = settings;
        _context.ClientTitle = NeedsTitles(settings) ? aarq.CallingApTitle!.Value : default;
        _initiateResponse = new InitiateResponse(_conformance, _device.PduSizeMax)
        {
            VaaName = settings.UsesShortNames ? ShortNameTable.Association : InitiateResponse.LogicalNameVaa,
        }.Encode();
        Answer(new Aare
        {
            Context = settings.Context,
            Result = AssociationResult.Accepted,
            Diagnostic = high ? AcseDiagnostic.AuthenticationRequired : AcseDiagnostic.Null,
            RespondingApTitle = _security is null ? default(ReadOnlyMemory<byte>?) : _device.Security.SystemTitle,
            AcseRequirements = high ? AuthenticationRequirement : default(ReadOnlyMemory<byte>?),
            Mechanism = high ? settings.Mechanism : null,
            AuthenticationValue = high ? _serverChallenge : default(ReadOnlyMemory<byte>?),
            UserInformation = ProtectInitiate(_initiateResponse),
        });
    }

    private static readonly ReadOnlyMemory<byte> AuthenticationRequirement = new byte[] { 0x07, 0x80 };

    private byte[] _initiateResponse = [];

    // In the envelope and with the protection that the client chose for its own; plain where its own was.
    private ReadOnlyMemory<byte> ProtectInitiate(byte[] initiateResponse)
    {
        if (!_protectAnswer) return initiateResponse;
        _protectAnswer = false; // the ACSE APDU around it is never ciphered
        _item.ResetWrittenCount();
        var writer = new AxdrWriter(_item);
        Protection envelope = _protection switch
        {
            Protection.ServiceGlobal or Protection.ServiceDedicated => Protection.ServiceGlobal,
            Protection.GeneralDedicated => Protection.GeneralGlobal,
            _ => _protection,
        };
        SecurityOutcome outcome = Protect(envelope, initiateResponse, ref writer);
        writer.Flush();
        return outcome == SecurityOutcome.Success ? _item.WrittenSpan.ToArray() : default;
    }

    // Passes 3 and 4. A wrong answer ends the association: there is one attempt for each challenge.
    private ActionResponseItem ReplyToHls(in CosemData parameters)
    {
        if (_state != State.AwaitingProof) return new(ActionResult.ReadWriteDenied);
        ReadOnlySpan<byte> answer = parameters.Type == CosemDataType.OctetString ? parameters.OctetSpan : default;
        byte[]? proof = null;
        if (_settings!.Mechanism == AuthenticationMechanism.HlsGmac)
        {
            if (Hls.TryVerifyGmac(_security!.GlobalCipher!, _security.AuthenticationKey, _security.PeerSystemTitle, _serverChallenge, answer, out uint counter, _keys!.Suite)
                && counter >= _counterAtOpening && counter != _counterOpened && _keys.TryTakeNext(out uint own))
            {
                proof = new byte[Hls.GmacLength];
                _keys.Accept(_settings.Index, counter);
                Hls.WriteGmac(_security.GlobalCipher!, _security.AuthenticationKey, _security.OwnSystemTitle, own, _clientChallenge, proof, _keys.Suite);
            }
        }
        else
        {
            var parties = new HlsParties
            {
                Secret = _device.Security.HighSecret.Span, OwnTitle = _device.Security.SystemTitle.Span, PeerTitle = _security is null ? default : _security.PeerSystemTitle,
                OwnChallenge = _serverChallenge, PeerChallenge = _clientChallenge,
            };
            if (Hls.Check(_settings.Mechanism, parties, _security?.PeerKeys, answer)) proof = Hls.Answer(_settings.Mechanism, parties, _security?.OwnKeys);
        }
        _clientChallenge = [];
        if (proof is null)
        {
            _state = State.Failed;
            return new(ActionResult.ReadWriteDenied);
        }
        _state = State.Associated;
        return new(ActionResult.Success, CosemData.OctetStringOver(proof));
    }

    private void Release(ReadOnlySpan<byte> octets, ushort clientSap)
    {
        if (_state == State.Idle || clientSap != _clientSap || !Apdu.TryDecode(octets, out Apdu? apdu, out _) || apdu is not Rlrq release)
        {
            Refuse(StateError.ServiceNotAllowed, ServiceError.OperationNotPossible);
            return;
        }
        ReadOnlyMemory<byte> user = default;
        ReadOnlySpan<byte> information = release.UserInformation.Span;
        if (_settings!.IsCiphered && _required.AsksRequest)
        {
            // Whoever cannot cipher must not be able to end what another opened.
            SecurityOutcome outcome = information.IsEmpty ? SecurityOutcome.PolicyNotMet : Unprotect(information, out _);
            if (_broadcast) outcome = SecurityOutcome.PolicyNotMet; // a key that all hold ends nothing
            if (outcome != SecurityOutcome.Success)
            {
                Refuse(outcome);
                return;
            }
            user = ProtectInitiate(_initiateResponse);
        }
        CloseAssociation();
        _protectAnswer = false;
        Answer(new Rlre(0) { UserInformation = user });
    }

    private void Reject(ApplicationContext context, AcseDiagnostic diagnostic)
    {
        _plain.ResetWrittenCount();
        _protectAnswer = false;
        Answer(new Aare { Context = context, Result = AssociationResult.RejectedPermanent, Diagnostic = diagnostic });
    }

    private void RejectInitiate(AssociationSettings settings, byte error)
    {
        _plain.ResetWrittenCount();
        _protectAnswer = false;
        Answer(new Aare
        {
            Context = settings.Context,
            Result = AssociationResult.RejectedPermanent,
            Diagnostic = AcseDiagnostic.NoReasonGiven,
            UserInformation = new ConfirmedServiceError(InitiateService, InitiateErrorClass, error).Encode(),
        });
    }

    private void CloseAssociation()
    {
        EndTransfers();
        _security?.Dispose();
        (_security, _keys, _settings, _state, _conformance) = (null, null, null, State.Idle, Conformance.None);
        (_context.Level, _context.Association) = (AssociationLevel.Public, null);
        _context.ClientTitle = default;
        _clientChallenge = [];
        _context.DisposeRetired();
        EraseOpened();
        _plain.Erase();
        _item.Erase();
    }
}
