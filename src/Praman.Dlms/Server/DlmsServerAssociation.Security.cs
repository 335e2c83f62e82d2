using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Security;

namespace Praman.Dlms.Server;

// Opening what a client ciphered and ciphering what it gets, with the counters of the device's key set.
public sealed partial class DlmsServerAssociation
{
    /// <summary>How far ahead a counter may be in an APDU that is encrypted only: far beyond what clients lose, far below what would lock them out.</summary>
    public const int UnverifiedCounterJumpMax = 1 << 16;

    private RequiredProtection _required;
    private KeySet? _keysInForce; // as this association last knew them, as are the pairs
    private EllipticKeys? _pairsInForce;
    private int _openedLength;
    private bool _signAnswer;
    private bool _broadcast;
    private uint _counterExpected;
    private long _counterOpened;

    private static bool IsCiphered(byte tag) =>
        tag is GeneralGloCiphering.Tag or GeneralDedCiphering.Tag or GeneralCiphering.Tag or GeneralSigning.Tag || ServiceCiphering.IsGlobal(tag) || ServiceCiphering.IsDedicated(tag);

    // Octets that protection of this kind adds at most: in general-ciphering the head and an ephemeral key with its signature, and a signature.
    private static int OverheadOf(byte tag) => tag is GeneralCiphering.Tag or GeneralSigning.Tag ? GeneralOverhead : CipheringOverhead;

    private void UseKeys(ReadOnlySpan<byte> clientTitle)
    {
        DeviceSecurity held = _device.Security;
        _keys = held.KeysOf(_settings!.SecuritySetup);
        AcceptOwnChanges();
        _security = new(_required.Request, held.SystemTitle.Span, _keys.Guek.Span, _keys.Gak.Span)
        {
            UnverifiedCounterJumpMax = UnverifiedCounterJumpMax, IsResponder = true, RequiresSignature = _required.SignedRequest,
        };
        _security.SetPeerSystemTitle(clientTitle);
        if (!_keys.Gbek.IsEmpty) _security.SetBroadcastKey(_keys.Gbek.Span);
        if (held.MasterKey.Length == _keys.Guek.Length) _security.SetKeyEncryptionKey(held.MasterKey.Span);
        _security.OwnKeys = held.OwnKeys;
        EllipticKeys? client = held.FindClientKeys(clientTitle, _context.Now, out bool owned);
        _security.SetPeerKeys(client, owned);
    }

    /// <summary>Opens an APDU; on success the answer is to be protected as it was.</summary>
    private SecurityOutcome Unprotect(ReadOnlySpan<byte> apdu, out ReadOnlySpan<byte> plain)
    {
        plain = default;
        _counterOpened = -1;
        int association = _settings!.Index;
        if (_opened.Length < apdu.Length) _opened = new byte[Math.Max(apdu.Length, 256)];
        _openedLength = Math.Max(_openedLength, apdu.Length);
        // Other connections of this device use the same keys: their counters bind this one too.
        _security!.ReceiveCounterMin = (ulong)(_keys!.Accepted(association) + 1);
        _security.BroadcastReceiveCounterMin = (ulong)(_keys.AcceptedBroadcast(association) + 1);
        _security.TransactionMin = _keys.TransactionMin(association);
        ulong dedicatedMin = _security.DedicatedReceiveCounterMin;
        SecurityOutcome outcome = _security.Unprotect(apdu, _opened, out int written, out SecurityHeader header);
        if (outcome == SecurityOutcome.Success && !IsBelieved(apdu[0], _security.Opened, _opened.AsSpan(0, written)))
        {
            // Whoever sent it must gain nothing, not even a counter.
            _security.DedicatedReceiveCounterMin = dedicatedMin;
            outcome = SecurityOutcome.ContentMismatch;
        }
        bool dedicated = !apdu.IsEmpty && (apdu[0] == GeneralDedCiphering.Tag || ServiceCiphering.IsDedicated(apdu[0]));
        if (dedicated && outcome is SecurityOutcome.CounterReplayed or SecurityOutcome.CounterTooFar) _counterExpected = (uint)Math.Min(uint.MaxValue, _security.DedicatedReceiveCounterMin);
        else _counterExpected = CounterExpected;
        if (outcome != SecurityOutcome.Success) return outcome;
        OpenedEnvelope opened = _security.Opened;
        if (_security.OpenedByTransaction) _keys.AcceptTransactionsBelow(association, _security.TransactionMin);
        else
        {
            _counterOpened = header.InvocationCounter;
            if (opened.IsBroadcast) _keys.AcceptBroadcast(association, header.InvocationCounter);
            else if (!dedicated) _keys.Accept(association, header.InvocationCounter);
        }
        plain = _opened.AsSpan(0, written);
        _protectAnswer = true;
        _broadcast = opened.IsBroadcast;
        // As the request was, and never less than the policy asks of an answer.
        SecurityControl least = _required.Response;
        _answerControl = AtLeast(opened.Control, least);
        _signAnswer = opened.IsSigned || _required.SignedResponse;
        _protection = opened.Protection;
        if (_protection == Protection.SignatureOnly && (least.IsAuthenticated || least.IsEncrypted)) _protection = Protection.GeneralGlobal;
        return SecurityOutcome.Success;
    }

    // What an association asks for: those without a security setup of their own, and without ciphering, ask for nothing.
    private RequiredProtection RequiredOf(AssociationSettings settings) =>
        settings.IsCiphered || settings.SecuritySetup is not null ? _device.RequiredOf(settings.SecuritySetup) : default;

    // Before anything is served: a policy that was raised, on this connection or another, holds; and where another replaced the keys this one ends.
    private void FollowChanges()
    {
        if (_state == State.Idle) return;
        AssociationSettings settings = _settings!;
        bool isReplaced = (settings.IsCiphered && !ReferenceEquals(_keysInForce, _device.Security.KeysOf(settings.SecuritySetup)))
            || (_security is not null && !ReferenceEquals(_pairsInForce, _device.Security.OwnKeys));
        if (isReplaced)
        {
            CloseAssociation();
            return;
        }
        RequiredProtection required = RequiredOf(settings);
        if (required == _required) return;
        _required = required;
        if (_security is not null) (_security.Policy, _security.RequiresSignature) = (required.Request, required.SignedRequest);
        _answerControl = AtLeast(_answerControl, required.Response);
        _signAnswer |= required.SignedResponse;
    }

    // What this association itself changed does not end it: it goes on with what it began with.
    private void AcceptOwnChanges()
    {
        if (_settings is { } settings) (_keysInForce, _pairsInForce) = (_device.Security.KeysOf(settings.SecuritySetup), _device.Security.OwnKeys);
    }

    private static SecurityControl AtLeast(SecurityControl control, SecurityControl least) =>
        new(control.Suite, control.IsAuthenticated || least.IsAuthenticated, control.IsEncrypted || least.IsEncrypted);

    // Nothing that came ciphered stays in clear.
    private void EraseOpened()
    {
        _opened.AsSpan(0, Math.Min(_openedLength, _opened.Length)).Clear();
        _openedLength = 0;
    }

    // To a request in clear, where the policy lets it be so and yet asks for protected answers.
    private void ProtectAnswerAsPolicyAsks()
    {
        _answerControl = _required.Response;
        _signAnswer = _required.SignedResponse;
        _protectAnswer = _answerControl.IsAuthenticated || _answerControl.IsEncrypted || _signAnswer;
        _protection = Protection.ServiceGlobal;
    }

    // The service's tag is not under the authentication tag, so it may have been changed. And where there is no tag at all, a first octet that fits is
    // chance in one of 256: only what decodes as a whole APDU shows that its sender has the key.
    private static bool IsBelieved(byte tag, OpenedEnvelope opened, ReadOnlySpan<byte> plain) =>
        (!ServiceCiphering.TryGetPlain(tag, out byte announced, out _) || plain[0] == announced)
        && (opened.Control.IsAuthenticated || opened.IsSigned || Apdu.TryDecode(plain, out _, out _));

    private SecurityOutcome Protect(Protection envelope, ReadOnlySpan<byte> plain, ref AxdrWriter writer)
    {
        if (!_keys!.TryTakeNext(out uint counter) || (_signAnswer && !_keys.TryTakeNext(out _))) return SecurityOutcome.CounterExhausted;
        _security!.SendCounter = counter;
        return _security.Protect(envelope, _answerControl, _signAnswer, plain, ref writer);
    }

    private void Refuse(SecurityOutcome outcome)
    {
        switch (outcome)
        {
            case SecurityOutcome.CounterReplayed or SecurityOutcome.CounterTooFar:
                Refuse(StateError.ServiceNotAllowed, ServiceError.InvocationCounterError, _counterExpected);
                break;
            case SecurityOutcome.PolicyNotMet or SecurityOutcome.SuiteNotSupported or SecurityOutcome.CompressionNotSupported:
                Refuse(StateError.ServiceNotAllowed, ServiceError.OperationNotPossible);
                break;
            default:
                Refuse(StateError.ServiceNotAllowed, ServiceError.DecipheringError);
                break;
        }
    }
}
