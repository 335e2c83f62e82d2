using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Framing;

// Frames in and out.
public sealed partial class HdlcServerLink
{
    private const byte Final = 0x10;
    private const byte ControlUa = 0x63, ControlDm = 0x0F, ControlFrmr = 0x87, ControlUi = 0x03;
    private const byte ControlRr = 0x01, ControlRnr = 0x05, ControlRej = 0x09;

    // A client has one octet. A server of 2 or 4 is found by its numbers, in whichever of the two forms they come.
    private bool IsForUs(scoped in HdlcFrame frame)
    {
        HdlcAddress own = _settings.Server, called = frame.Destination;
        if (frame.Source.Size != 1 || frame.Source.Upper == 0) return false;
        bool isOne = own.Size == 1;
        if (called.IsBroadcast && frame.Type == HdlcFrameType.Ui) return isOne == (called.Size == 1);
        return isOne == (called.Size == 1) && (called.Upper, called.Lower) == (own.Upper, own.Lower);
    }

    private HdlcEvent Take(scoped in HdlcFrame frame, out ReadOnlySpan<byte> apdu)
    {
        apdu = default;
        if (!IsForUs(frame)) return HdlcEvent.None;
        if (frame.Type is HdlcFrameType.Ua or HdlcFrameType.Dm or HdlcFrameType.Frmr) return HdlcEvent.None; // answers: another station's
        if (frame.Type == HdlcFrameType.Ui) return TakeUnnumbered(frame, out apdu);
        if (_state != State.Disconnected && frame.Source != _client)
        {
            if (frame.PollFinal) Answer(ControlDm, frame.Source, frame.Destination); // one client at a time
            return HdlcEvent.None;
        }
        if (frame.Type == HdlcFrameType.Snrm) return TakeSnrm(frame);
        if (_state == State.Disconnected)
        {
            if (frame.PollFinal) Answer(ControlDm, frame.Source, frame.Destination);
            return HdlcEvent.None;
        }
        _heardAt = _now;
        _called = frame.Destination;
        if (frame.Type == HdlcFrameType.Disc)
        {
            Close();
            if (frame.PollFinal) Answer(ControlUa, frame.Source, frame.Destination);
            return HdlcEvent.Disconnected;
        }
        if (_state == State.Rejecting)
        {
            if (frame.PollFinal) WriteReject();
            return HdlcEvent.None;
        }
        return frame.Type switch
        {
            HdlcFrameType.Information => TakeInformation(frame, out apdu),
            HdlcFrameType.Unknown => Reject(frame, HdlcRejectReasons.UnknownControl),
            _ => TakeSupervisory(frame),
        };
    }

    // A client that opens a link which stands has lost it: it begins anew, and with it whatever stood on it.
    private HdlcEvent TakeSnrm(scoped in HdlcFrame frame)
    {
        if (!frame.PollFinal) return HdlcEvent.None; // nothing may be answered
        if (!HdlcParameters.TryRead(frame.Information, out HdlcParameters client, out DecodeError _))
        {
            bool stood = _state != State.Disconnected;
            Close();
            Answer(ControlDm, frame.Source, frame.Destination);
            return stood ? HdlcEvent.Disconnected : HdlcEvent.None;
        }
        Close();
        Parameters = _settings.Offer.Negotiate(client);
        _queue.Reset(Parameters.InformationTransmit, Parameters.WindowTransmit);
        (_state, _client, _called, _receiveSequence, _hasGap, _heardAt) = (State.Connected, frame.Source, frame.Destination, 0, false, _now);
        Span<byte> information = stackalloc byte[32];
        var writer = new AxdrWriter(information);
        Parameters.Write(ref writer);
        WriteFrame(ControlUa | Final, _client, _called, writer.Written);
        return HdlcEvent.Connected;
    }

    private HdlcEvent TakeUnnumbered(scoped in HdlcFrame frame, out ReadOnlySpan<byte> apdu)
    {
        apdu = frame.Information[LlcHeader.LengthIn(frame.Information)..];
        if (apdu.IsEmpty || (_state != State.Disconnected && frame.Source != _client)) return HdlcEvent.None;
        (_client, _isUnnumbered, _answersUnnumbered) = (frame.Source, true, frame.PollFinal && !frame.Destination.IsBroadcast);
        if (_answersUnnumbered) _called = frame.Destination;
        if (_state != State.Disconnected) _heardAt = _now;
        return HdlcEvent.Unnumbered;
    }

    private HdlcEvent TakeInformation(scoped in HdlcFrame frame, out ReadOnlySpan<byte> apdu)
    {
        apdu = default;
        if (frame.Information.Length > Parameters.InformationReceive) return Reject(frame, HdlcRejectReasons.InformationTooLong);
        bool isNext = frame.SendSequence == _receiveSequence;
        bool isRepetition = !isNext && ((frame.SendSequence - _receiveSequence) & 7) >= Parameters.WindowReceive;
        if (!_queue.TryAcknowledge(frame.ReceiveSequence))
        {
            if (!isRepetition) return Reject(frame, HdlcRejectReasons.InvalidReceiveSequence);
            return HdlcEvent.None; // a late repetition, which was answered long ago
        }
        _isPolled = frame.PollFinal;
        _hasGap = !isNext && !isRepetition;
        if (!isNext || IsBusy) return HdlcEvent.None; // sent again after our RR, RNR or REJ
        if (_reassembler.Length + frame.Information.Length > _settings.ApduLengthMax) return Reject(frame, HdlcRejectReasons.InformationTooLong);
        _receiveSequence = (_receiveSequence + 1) & 7;
        if (!_reassembler.TryAdd(frame, out ReadOnlySpan<byte> information)) return HdlcEvent.None;
        apdu = information[LlcHeader.LengthIn(information)..];
        return apdu.IsEmpty ? HdlcEvent.None : HdlcEvent.Apdu;
    }

    private HdlcEvent TakeSupervisory(scoped in HdlcFrame frame)
    {
        if (!frame.Information.IsEmpty) return Reject(frame, HdlcRejectReasons.InformationNotAllowed | HdlcRejectReasons.UnknownControl);
        if (!_queue.TryAcknowledge(frame.ReceiveSequence)) return Reject(frame, HdlcRejectReasons.InvalidReceiveSequence);
        _isPeerBusy = frame.Type == HdlcFrameType.ReceiveNotReady;
        _isPolled = frame.PollFinal;
        return HdlcEvent.None;
    }

    // What was not acknowledged goes again, then what is new, up to the window; the last frame gives the turn back.
    private void TakeTurn()
    {
        _isPolled = false;
        bool hasGap = _hasGap;
        _hasGap = false;
        if (_queue.Length == 0 || _isPeerBusy || IsBusy)
        {
            int kind = IsBusy ? ControlRnr : hasGap && _settings.UsesReject ? ControlRej : ControlRr;
            WriteFrame((byte)((_receiveSequence << 5) | Final | kind), _client, _called, default);
            return;
        }
        _queue.Rewind();
        while (_queue.CanSend)
        {
            ReadOnlySpan<byte> segment = _queue.Take(out int sendSequence, out bool last);
            int control = (_receiveSequence << 5) | (sendSequence << 1) | (_queue.CanSend ? 0 : Final);
            WriteFrame((byte)control, _client, _called, segment, segmented: !last);
        }
    }

    private HdlcEvent Reject(scoped in HdlcFrame frame, HdlcRejectReasons reasons)
    {
        _reject = new(frame.Control, _queue.SendSequence, _receiveSequence, reasons);
        (_state, _isPolled) = (State.Rejecting, false);
        _reassembler.Reset();
        if (frame.PollFinal) WriteReject();
        return HdlcEvent.None;
    }

    private void WriteReject()
    {
        Span<byte> information = stackalloc byte[HdlcFrameReject.Length];
        var writer = new AxdrWriter(information);
        _reject.Write(ref writer);
        WriteFrame(ControlFrmr | Final, _client, _called, information);
    }

    private void WriteUnnumbered(ReadOnlySpan<byte> apdu, HdlcAddress client, bool final)
    {
        int length = LlcHeader.Length + apdu.Length;
        if (length > Parameters.InformationTransmit) return; // UI is not segmented
        Span<byte> information = stackalloc byte[HdlcParameters.InformationMax];
        LlcHeader.Response.CopyTo(information);
        apdu.CopyTo(information[LlcHeader.Length..]);
        WriteFrame((byte)(ControlUi | (final ? Final : 0)), client, _called, information[..length]);
    }

    private void Answer(byte control, HdlcAddress client, HdlcAddress called) => WriteFrame((byte)(control | Final), client, called, default);

    private void WriteFrame(byte control, HdlcAddress client, HdlcAddress called, scoped ReadOnlySpan<byte> information, bool segmented = false)
    {
        if (_isTaken) _output.Clear();
        _isTaken = false;
        var writer = new AxdrWriter(_output);
        HdlcFrame.Write(ref writer, client, called, control, information, segmented);
        writer.Flush();
    }
}
