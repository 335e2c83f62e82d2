using Praman.Dlms;
using Praman.Dlms.Apdus;
using Praman.Dlms.Framing;
using Praman.Dlms.Security;
using Praman.Dlms.Server;

namespace Praman.Meter.Parts;

/// <summary>
/// Confirmations of pushes (IEC 62056-5-3, DataNotification-Confirm): under the meter's global key, whatever the push itself was protected by. Their
/// counters are counted apart from those of associations, which a confirmation that overtakes a request would close; both come of one row of the sender's.
/// </summary>
internal sealed class PushConfirmations(VirtualMeter meter)
{
    private KeySet? _keys;
    private ulong _counterMin;

    public bool Verifies(ReadOnlySpan<byte> frame, uint invoke)
    {
        if (WrapperHeader.TryRead(frame, WrapperHeader.ApduLengthMax, out WrapperHeader header, out _, out _) != FrameStatus.Complete
            || header is not { Source: PushPart.ClientPort, Destination: PushPart.ServerPort }) return false;
        ReadOnlySpan<byte> apdu = frame.Slice(WrapperHeader.Length, header.ApduLength);
        KeySet keys = meter.Security.Keys;
        if (!ReferenceEquals(keys, _keys)) (_keys, _counterMin) = (keys, 0);
        if (apdu.IsEmpty || apdu[0] != GeneralGloCiphering.Tag) return false;
        using var security = new SecurityContext(new SecurityControl(keys.Suite, authenticated: true, encrypted: false), meter.Security.SystemTitle.Span, keys.Guek.Span, keys.Gak.Span)
        {
            ReceiveCounterMin = _counterMin,
        };
        byte[] plain = new byte[apdu.Length];
        if (security.Unprotect(apdu, plain, out int written, out _) != SecurityOutcome.Success) return false;
        _counterMin = security.ReceiveCounterMin;
        return Apdu.TryDecode(plain.AsSpan(0, written), out Apdu? decoded, out _) && decoded is DataNotificationConfirm confirm
            && new LongInvokeId(confirm.LongInvokeIdAndPriority).InvokeId == invoke;
    }
}
