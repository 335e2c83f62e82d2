using NodaTime;
using Praman.Dlms.Server;

namespace Praman.Dlms.Framing;

/// <summary>
/// The master's side of a wired M-Bus link to one slave (EN 13757-2): a reset or a selection opens it; an APDU goes in pieces, each sent by SND_UD and
/// acknowledged, and its answer is fetched by REQ_UD2. What is not answered is sent again with the same frame count bit, of which either direction has
/// its own. The bus carries one voice at a time: what came before a frame was sent is no answer to it.
/// </summary>
public sealed class MBusClientLink
{
    private enum State
    {
        Closed,
        Opening,
        Open,
        Sending,
        Requesting,
        Pausing,
        Closing,
    }

    private readonly MBusLinkSettings _settings;
    private readonly byte _address, _clientSap, _serverSap;
    private readonly MBusStream _stream;
    private readonly MBusAssembly _assembly;
    private readonly GrowingBuffer _apdu = new(), _frame = new();
    private State _state;
    private bool _isTaken = true;
    private int _sent, _piece, _repeats, _polls;
    private bool _sendBit, _requestBit;
    private Instant _due;

    public MBusClientLink(MBusLinkSettings settings, byte clientSap, byte serverSap)
    {
        ArgumentNullException.ThrowIfNull(settings);
        settings.Check(MBusLinkSettings.AnyAnswers);
        (_settings, _clientSap, _serverSap) = (settings, clientSap, serverSap);
        _address = settings.Secondary is null ? settings.Address : MBusLinkSettings.Selected;
        _stream = new(settings.InterOctetTimeout);
        _assembly = new(settings.ApduLengthMax);
    }

    public bool IsConnected => _state is not (State.Closed or State.Opening);

    /// <summary>Why the link failed; empty until it did.</summary>
    public string FaultText { get; private set; } = "";

    /// <summary>When <see cref="Advance"/> is next wanted; null where nothing is awaited.</summary>
    public Instant? Due => _state is State.Closed or State.Open ? null : _due;

    /// <summary>What is to be sent now, taken once; valid until the next call of another kind.</summary>
    public ReadOnlyMemory<byte> TakeOutput()
    {
        if (_isTaken) return default;
        _isTaken = true;
        return _frame.Memory;
    }

    /// <summary>Opens the link: by a reset, or by selecting the slave whose secondary address is set.</summary>
    public void Connect(Instant now)
    {
        Reset();
        (_sendBit, _requestBit, FaultText) = (true, true, "");
        if (_settings.Secondary is { } secondary)
        {
            Span<byte> selection = stackalloc byte[MBusSecondaryAddress.Length];
            secondary.Write(selection);
            _frame.Clear();
            MBusFrame.Write(MBusTelegrams.SendUserData, MBusLinkSettings.Selected, MBusControl.SelectSlave, selection[0], selection[1], selection[2..], _frame);
            Transmit(State.Opening, now);
        }
        else Short(MBusControl.Reset, State.Opening, now);
    }

    /// <summary>Closes the link; whether the slave hears it or not.</summary>
    public void Disconnect(Instant now) => Short(MBusControl.Reset, State.Closing, now);

    /// <summary>Sends an APDU, in as many frames as it takes, and asks for the answer. False where the link is not open, or still sends another.</summary>
    public bool TrySend(ReadOnlySpan<byte> apdu, Instant now)
    {
        if (_state is not (State.Open or State.Requesting or State.Pausing) || apdu.IsEmpty) return false;
        _apdu.Clear();
        _apdu.Append(apdu);
        (_sent, _piece) = (0, 0);
        SendPiece(now);
        return true;
    }

    /// <summary>Asks for more, where what came was not the answer.</summary>
    public void AwaitMore(Instant now)
    {
        if (_state != State.Open) return;
        _polls = 0;
        Request(now);
    }

    /// <summary>Takes in octets from the bus; then <see cref="Read"/> until it says <see cref="MBusEvent.None"/>.</summary>
    public void Append(ReadOnlySpan<byte> octets, Instant now) => _stream.Append(octets, now);

    /// <summary>What the octets brought; an APDU is valid until the next call.</summary>
    public MBusEvent Read(Instant now, out ReadOnlySpan<byte> apdu)
    {
        apdu = default;
        while (_stream.TryRead(out MBusLinkFrame frame))
        {
            MBusEvent what = frame.Kind switch
            {
                MBusFrameKind.Acknowledgement => TakeAcknowledgement(now),
                MBusFrameKind.Long when (frame.Control & 0xCF) == MBusControl.Respond && (frame.Address == _address || _address > MBusLinkSettings.AddressMax)
                    => TakeResponse(frame.Body, now),
                _ => MBusEvent.None, // another's
            };
            if (what == MBusEvent.Apdu) apdu = _assembly.Octets;
            if (what != MBusEvent.None) return what;
        }
        return MBusEvent.None;
    }

    /// <summary>Hands in the time: a frame is sent again, a slave is asked once more, or the link is given up.</summary>
    public MBusEvent Advance(Instant now)
    {
        if (Due is not { } due || now < due) return MBusEvent.None;
        if (_state == State.Pausing)
        {
            Request(now);
            return MBusEvent.None;
        }
        if (_repeats < _settings.RepeatCountMax)
        {
            int repeats = _repeats + 1;
            Transmit(_state, now);
            _repeats = repeats;
            return MBusEvent.None;
        }
        if (_state != State.Closing) return Fail($"the slave did not answer, {_repeats + 1} times");
        Reset();
        return MBusEvent.Disconnected;
    }

    /// <summary>Forgets the link.</summary>
    public void Reset()
    {
        _state = State.Closed;
        _stream.Reset();
        _assembly.Reset();
        _isTaken = true;
    }

    private MBusEvent TakeAcknowledgement(Instant now)
    {
        switch (_state)
        {
            case State.Opening:
                _state = State.Open;
                return MBusEvent.Connected;
            case State.Closing:
                Reset();
                return MBusEvent.Disconnected;
            case State.Sending:
                _sendBit = !_sendBit;
                if (_sent < _apdu.Length) SendPiece(now);
                else
                {
                    _polls = 0;
                    Request(now);
                }
                return MBusEvent.None;
            case State.Requesting:
                _requestBit = !_requestBit;
                if (++_polls >= _settings.PollCountMax) return Fail($"the slave had no answer, {_polls} times");
                (_state, _due) = (State.Pausing, now + _settings.PollInterval);
                return MBusEvent.None;
            default:
                return MBusEvent.None;
        }
    }

    private MBusEvent TakeResponse(ReadOnlySpan<byte> body, Instant now)
    {
        if (_state is not (State.Requesting or State.Pausing)) return MBusEvent.None;
        if (_state == State.Requesting) _requestBit = !_requestBit;
        // Data of the slave's own kind, or for another client: it goes by, and the answer comes after it.
        if (body.Length < 3 || !MBusFrame.IsTransport(body[0]) || body[1] != _serverSap || body[2] != _clientSap)
        {
            if (++_polls >= _settings.PollCountMax) return Fail($"the slave had no answer, {_polls} times");
            Request(now);
            return MBusEvent.None;
        }
        switch (_assembly.Take(body[0], body[3..]))
        {
            case MBusPiece.Joined:
                Request(now);
                return MBusEvent.None;
            case MBusPiece.Whole:
                _state = State.Open;
                return MBusEvent.Apdu;
            case MBusPiece.TooLong:
                return Fail($"an APDU of more than {_settings.ApduLengthMax} octets");
            default:
                return Fail($"piece {body[0] & 0x0F} of an APDU, before which others are missing");
        }
    }

    private void SendPiece(Instant now)
    {
        ReadOnlySpan<byte> piece = _apdu.Span.Slice(_sent, Math.Min(MBusTelegrams.PayloadMax, _apdu.Length - _sent));
        _sent += piece.Length;
        _frame.Clear();
        MBusFrame.Write(Counted(MBusControl.SendUserData, _sendBit), _address, MBusFrame.Transport(_piece++, _sent == _apdu.Length), _clientSap, _serverSap, piece, _frame);
        Transmit(State.Sending, now);
    }

    private void Request(Instant now) => Short(Counted(MBusControl.RequestData, _requestBit), State.Requesting, now);

    private void Short(byte control, State awaited, Instant now)
    {
        _frame.Clear();
        MBusStream.WriteShort(control, _address, _frame);
        Transmit(awaited, now);
    }

    private static byte Counted(byte service, bool bit) => (byte)(service | MBusControl.FrameCountValid | (bit ? MBusControl.FrameCount : 0));

    private void Transmit(State awaited, Instant now)
    {
        (_state, _isTaken, _repeats, _due) = (awaited, false, 0, now + _settings.ReplyWait);
        _stream.Reset();
    }

    private MBusEvent Fail(string reason)
    {
        Reset();
        FaultText = reason;
        return MBusEvent.Failed;
    }
}
