using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Security;

namespace Praman.Dlms.Server;

// Opening what a client ciphered and ciphering what it gets, with the counters of the device's key set.
public sealed partial class DlmsServerAssociation
{
    /// <summary>How far ahead a counter may be in an APDU that is encrypted only: far beyond what clients lose, far below what would lock them out.</summary>
    public const int UnverifiedCounterJumpMax = 1 << 16;

    private static bool IsCiphered(byte tag) =>
        tag is GeneralGloCiphering.Tag or GeneralDedCiphering.Tag || ServiceCiphering.IsGlobal(tag) || ServiceCiphering.IsDedicated(tag);

    private void UseKeys(ReadOnlySpan<byte> clientTitle)
    {
        _keys = _device.Security.Keys;
        _policy = new(0, (_device.SecurityPolicy & 1) != 0, (_device.SecurityPolicy & 2) != 0);
        _security = new(_policy, _device.Security.SystemTitle.Span, _keys.Guek.Span, _keys.Gak.Span) { UnverifiedCounterJumpMax = UnverifiedCounterJumpMax };
        _security.SetPeerSystemTitle(clientTitle);
    }

    private uint _counterExpected;
    private long _counterOpened;

    /// <summary>Opens an APDU; on success the answer is to be protected as it was.</summary>
    private SecurityOutcome Unprotect(ReadOnlySpan<byte> apdu, out ReadOnlySpan<byte> plain)
    {
        plain = default;
        _counterOpened = -1;
        if (_opened.Length < apdu.Length) _opened = new byte[Math.Max(apdu.Length, 256)];
        // Other connections of this device use the same keys: their counters bind this one too.
        _security!.ReceiveCounterMin = (ulong)(_keys!.Accepted(_settings!.Index) + 1);
        ulong dedicatedMin = _security.DedicatedReceiveCounterMin;
        SecurityOutcome outcome = _security.Unprotect(apdu, _opened, out int written, out SecurityHeader header);
        if (outcome == SecurityOutcome.Success && !IsBelieved(apdu[0], header.Control, _opened.AsSpan(0, written)))
        {
            // Whoever sent it must gain nothing, not even a counter.
            _security.DedicatedReceiveCounterMin = dedicatedMin;
            outcome = SecurityOutcome.ContentMismatch;
        }
        bool dedicated = !apdu.IsEmpty && (apdu[0] == GeneralDedCiphering.Tag || ServiceCiphering.IsDedicated(apdu[0]));
        if (dedicated && outcome is SecurityOutcome.CounterReplayed or SecurityOutcome.CounterTooFar) _counterExpected = (uint)Math.Min(uint.MaxValue, _security.DedicatedReceiveCounterMin);
        else _counterExpected = CounterExpected;
        if (outcome != SecurityOutcome.Success) return outcome;
        _counterOpened = header.InvocationCounter;
        if (!dedicated) _keys.Accept(_settings.Index, header.InvocationCounter);
        plain = _opened.AsSpan(0, written);
        _protectAnswer = true;
        _answerControl = new(header.Control.Suite, header.Control.IsAuthenticated, header.Control.IsEncrypted);
        _protection = apdu[0] switch
        {
            GeneralGloCiphering.Tag => Protection.GeneralGlobal,
            GeneralDedCiphering.Tag => Protection.GeneralDedicated,
            _ => dedicated ? Protection.ServiceDedicated : Protection.ServiceGlobal,
        };
        return SecurityOutcome.Success;
    }

    // The service's tag is not under the authentication tag, so it may have been changed. And where there is no tag at all, a first octet that fits is
    // chance in one of 256: only what decodes as a whole APDU shows that its sender has the key.
    private static bool IsBelieved(byte tag, SecurityControl control, ReadOnlySpan<byte> plain) =>
        (!ServiceCiphering.TryGetPlain(tag, out byte announced, out _) || plain[0] == announced)
        && (control.IsAuthenticated || Apdu.TryDecode(plain, out _, out _));

    private SecurityOutcome Protect(Protection envelope, ReadOnlySpan<byte> plain, ref AxdrWriter writer)
    {
        if (!_keys!.TryTakeNext(out uint counter)) return SecurityOutcome.CounterExhausted;
        _security!.SendCounter = counter;
        return _security.Protect(envelope, _answerControl, plain, ref writer);
    }

    private void Refuse(SecurityOutcome outcome)
    {
        switch (outcome)
        {
            case SecurityOutcome.CounterReplayed or SecurityOutcome.CounterTooFar:
                Refuse(StateError.ServiceNotAllowed, ServiceError.InvocationCounterError, _counterExpected);
                break;
            case SecurityOutcome.PolicyNotMet or SecurityOutcome.SuiteNotSupported:
                Refuse(StateError.ServiceNotAllowed, ServiceError.OperationNotPossible);
                break;
            default:
                Refuse(StateError.ServiceNotAllowed, ServiceError.DecipheringError);
                break;
        }
    }
}
