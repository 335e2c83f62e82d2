using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Security;

namespace Praman.Dlms.Server;

// Opening what a client ciphered and ciphering what it gets, with the counters of the device's key set.
public sealed partial class DlmsServerAssociation
{
    private static bool IsCiphered(byte tag) =>
        tag is GeneralGloCiphering.Tag or GeneralDedCiphering.Tag || ServiceCiphering.IsGlobal(tag) || ServiceCiphering.IsDedicated(tag);

    private void UseKeys(ReadOnlySpan<byte> clientTitle)
    {
        _keys = _device.Security.Keys;
        _policy = new(0, (_device.SecurityPolicy & 1) != 0, (_device.SecurityPolicy & 2) != 0);
        _security = new(_policy, _device.Security.SystemTitle.Span, _keys.Guek.Span, _keys.Gak.Span);
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
        if (outcome == SecurityOutcome.Success && ServiceCiphering.TryGetPlain(apdu[0], out byte announced, out _) && _opened[0] != announced)
        {
            // The service's tag is not under the authentication tag: whoever changed it must gain nothing, not even a counter.
            _security.DedicatedReceiveCounterMin = dedicatedMin;
            outcome = SecurityOutcome.ContentMismatch;
        }
        bool dedicated = !apdu.IsEmpty && (apdu[0] == GeneralDedCiphering.Tag || ServiceCiphering.IsDedicated(apdu[0]));
        if (dedicated && outcome == SecurityOutcome.CounterReplayed) _counterExpected = (uint)Math.Min(uint.MaxValue, _security.DedicatedReceiveCounterMin);
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
            case SecurityOutcome.CounterReplayed:
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
