using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Framing;

// Frames out and in.
public sealed partial class HdlcClientLink
{
    private const byte ControlSnrm = 0x93, ControlDisc = 0x53, ControlUi = 0x03, Poll1 = 0x10;
    private const byte ControlRr = 0x01, ControlRej = 0x09;

    private HdlcEvent Take(scoped in HdlcFrame frame, out ReadOnlySpan<byte> apdu)
    {
        apdu = default;
        if (frame.Type == HdlcFrameType.Ui) return TakeUnnumbered(frame, out apdu);
        return _state switch
        {
            State.Connecting => TakeAnswerToSnrm(frame),
            State.Disconnecting when frame.Type is HdlcFrameType.Ua or HdlcFrameType.Dm => End(),
            State.Connected => TakeConnected(frame, out apdu),
            _ => HdlcEvent.None,
        };
    }

    private static HdlcEvent TakeUnnumbered(scoped in HdlcFrame frame, out ReadOnlySpan<byte> apdu)
    {
        apdu = frame.Information[LlcHeader.LengthIn(frame.Information)..];
        return apdu.IsEmpty ? HdlcEvent.None : HdlcEvent.Unnumbered;
    }

    private HdlcEvent TakeAnswerToSnrm(scoped in HdlcFrame frame)
    {
        switch (frame.Type)
        {
            case HdlcFrameType.Ua:
                if (!HdlcParameters.TryRead(frame.Information, out HdlcParameters server, out DecodeError error))
                    return Fail(HdlcFault.Malformed, $"the parameters in UA: {error}");
                Parameters = _settings.Offer.Negotiate(server);
                _queue.Reset(Parameters.InformationTransmit, Parameters.WindowTransmit);
                _reassembler.Reset();
                (_state, _receiveSequence, _isAwaiting, _isChecking, _isPeerBusy, _expectsAnswer) = (State.Connected, 0, false, false, false, false);
                return HdlcEvent.Connected;
            case HdlcFrameType.Dm:
                return Fail(HdlcFault.Refused, "the server does not open the link (DM)");
            case HdlcFrameType.Frmr:
                return FailByReject(frame);
            default:
                return HdlcEvent.None; // late, of the link before
        }
    }

    private HdlcEvent TakeConnected(scoped in HdlcFrame frame, out ReadOnlySpan<byte> apdu)
    {
        apdu = default;
        switch (frame.Type)
        {
            case HdlcFrameType.Information:
                return TakeInformation(frame, out apdu);
            case HdlcFrameType.ReceiveReady or HdlcFrameType.ReceiveNotReady or HdlcFrameType.Reject:
                return TakeSupervisory(frame);
            case HdlcFrameType.Dm:
                return Fail(HdlcFault.Refused, "the server has closed the link (DM)");
            case HdlcFrameType.Frmr:
                return FailByReject(frame);
            default:
                return HdlcEvent.None;
        }
    }

    private HdlcEvent TakeInformation(scoped in HdlcFrame frame, out ReadOnlySpan<byte> apdu)
    {
        apdu = default;
        int ahead = (frame.SendSequence - _receiveSequence) & 7;
        bool isNext = ahead == 0;
        // A repetition ends no turn: the server's frames came, and the turn that they ended is over.
        if (!isNext && ahead >= Parameters.WindowReceive) return HdlcEvent.None;
        if (!_queue.TryAcknowledge(frame.ReceiveSequence)) return HdlcEvent.None; // late: what it acknowledges is long acknowledged
        if (!isNext)
        {
            if (frame.PollFinal) Continue(reject: true);
            return HdlcEvent.None;
        }
        _receiveSequence = (_receiveSequence + 1) & 7;
        (_repeats, _polls) = (0, 0);
        if (_reassembler.Length + frame.Information.Length > _settings.ApduLengthMax)
            return Fail(HdlcFault.TooLong, $"an APDU of more than {_settings.ApduLengthMax} octets");
        bool whole = _reassembler.TryAdd(frame, out ReadOnlySpan<byte> information);
        if (whole) apdu = information[LlcHeader.LengthIn(information)..];
        if (apdu.IsEmpty) whole = false; // a header without an APDU answers nothing
        else _expectsAnswer = false;
        if (frame.PollFinal)
        {
            if (whole && _queue.Length == 0) (_isAwaiting, _isPollDue) = (false, false); // our turn, and the host's
            else Continue();
        }
        return apdu.IsEmpty ? HdlcEvent.None : HdlcEvent.Apdu;
    }

    private HdlcEvent TakeSupervisory(scoped in HdlcFrame frame)
    {
        int outstanding = _queue.Outstanding;
        if (!_queue.TryAcknowledge(frame.ReceiveSequence)) return HdlcEvent.None;
        _isPeerBusy = frame.Type == HdlcFrameType.ReceiveNotReady;
        if (!frame.PollFinal || !_isAwaiting) return HdlcEvent.None;
        // One frame that arrived whole is answered by its acknowledgement; another RR is the late answer to an earlier poll.
        if (_queue.Outstanding > 0 && outstanding == 1 && !_isChecking && frame.Type == HdlcFrameType.ReceiveReady) return HdlcEvent.None;
        bool moved = _queue.Outstanding < outstanding;
        if (moved) (_repeats, _polls) = (0, 0);
        if (!_isPeerBusy && _queue.Length > 0)
        {
            Continue();
            return HdlcEvent.None;
        }
        _isAwaiting = false;
        if (!_isPeerBusy && !_expectsAnswer) return HdlcEvent.None;
        if (++_polls > _settings.PollCountMax) return Fail(HdlcFault.Busy, $"the server has no answer, polled {_polls} times");
        if (_now == default)
        {
            Continue(); // no clock to wait by
            return HdlcEvent.None;
        }
        (_isPollDue, _pollAt) = (true, _now + _settings.PollInterval);
        return HdlcEvent.None;
    }

    // Our turn: what was not acknowledged goes again, then what is new, up to the window; where nothing may go, a poll does.
    private void Continue(bool reject = false)
    {
        _isPollDue = false;
        if (_isPeerBusy || _queue.Length == 0)
        {
            Poll(reject);
            return;
        }
        _queue.Rewind();
        while (_queue.CanSend)
        {
            ReadOnlySpan<byte> segment = _queue.Take(out int sendSequence, out bool last);
            int control = (_receiveSequence << 5) | (sendSequence << 1) | (_queue.CanSend ? 0 : Poll1);
            WriteFrame((byte)control, segment, segmented: !last);
        }
        _isChecking = false;
        Await();
    }

    private void Poll(bool reject = false)
    {
        WriteFrame((byte)((_receiveSequence << 5) | Poll1 | (reject && _settings.UsesReject ? ControlRej : ControlRr)), default);
        _isChecking = true;
        Await();
    }

    private void SendSnrm()
    {
        Span<byte> information = stackalloc byte[32];
        var writer = new AxdrWriter(information);
        if (_settings.Offer != HdlcParameters.Default) _settings.Offer.Write(ref writer);
        WriteFrame(ControlSnrm, writer.Written);
        Await();
    }

    private void SendUnnumbered(byte control)
    {
        WriteFrame(control, default);
        Await();
    }

    private void WriteFrame(byte control, scoped ReadOnlySpan<byte> information, bool segmented = false)
    {
        if (_isTaken) _output.Clear();
        _isTaken = false;
        var writer = new AxdrWriter(_output);
        HdlcFrame.Write(ref writer, _settings.Server, _own, control, information, segmented);
        writer.Flush();
    }

    private void Await() => (_isAwaiting, _isPollDue, _repeatAt) = (true, false, _now + _settings.ReplyTimeout);

    private HdlcEvent End()
    {
        (_state, _isAwaiting, _isPollDue) = (State.Disconnected, false, false);
        return HdlcEvent.Disconnected;
    }

    private HdlcEvent FailByReject(scoped in HdlcFrame frame) => Fail(HdlcFault.FrameRejected,
        HdlcFrameReject.TryRead(frame.Information, out HdlcFrameReject reject) ? $"the server refused a frame (FRMR): {reject}" : "the server refused a frame (FRMR)");

    private HdlcEvent Fail(HdlcFault fault, string text)
    {
        (Fault, FaultText) = (fault, text);
        End();
        return HdlcEvent.Failed;
    }
}
