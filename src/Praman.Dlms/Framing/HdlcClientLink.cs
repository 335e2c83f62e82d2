using NodaTime;
using Praman.Dlms.Server;

namespace Praman.Dlms.Framing;

/// <summary>
/// The client's side of an HDLC link in normal response mode (IEC 62056-46): octets, APDUs and instants in; octets and APDUs out. The client polls,
/// the server answers; what is lost on the way is found by its sequence number and sent again. Frames to other addresses, its own echoed by a
/// probe above all, are passed over. Buffers are used again: nothing is allocated once they have grown.
/// </summary>
/// <remarks>A host that never hands in an instant later than the first has no time-outs, and polls a busy server at once.</remarks>
public sealed partial class HdlcClientLink
{
    private enum State
    {
        Disconnected,
        Connecting,
        Connected,
        Disconnecting,
    }

    private readonly HdlcSettings _settings;
    private readonly HdlcAddress _own;
    private readonly HdlcStream _stream;
    private readonly HdlcReassembler _reassembler;
    private readonly HdlcSendQueue _queue = new();
    private readonly GrowingBuffer _output = new();
    private State _state;
    private int _receiveSequence;
    private Instant _now;
    private bool _isTaken;
    private bool _isAwaiting; // polled, and the server's turn has not ended
    private bool _isChecking; // polled by RR after what was sent: the answer says what arrived
    private bool _isPeerBusy;
    private bool _expectsAnswer;
    private Instant _repeatAt, _pollAt;
    private bool _isPollDue;
    private int _repeats, _polls;

    /// <param name="settings">The link; its times and limits.</param>
    /// <param name="clientSap">The client's address, 1 to 127.</param>
    public HdlcClientLink(HdlcSettings settings, int clientSap)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (clientSap is < 1 or > 0x7F) throw new ArgumentOutOfRangeException(nameof(clientSap), "a client's HDLC address is 1 to 127");
        if (!settings.Server.IsValid) throw new ArgumentException($"the server's address {settings.Server} does not fit its octets", nameof(settings));
        if (!settings.Offer.IsValid) throw new ArgumentException($"{settings.Offer}: information fields have 8 to 2030 octets, windows 1 to 7 frames", nameof(settings));
        _settings = settings;
        _own = HdlcAddress.Short(clientSap);
        _stream = new(settings.InterOctetTimeout);
        _reassembler = new(settings.ApduLengthMax);
    }

    public bool IsConnected => _state == State.Connected;

    /// <summary>What the link agreed on, seen from the client.</summary>
    public HdlcParameters Parameters { get; private set; } = HdlcParameters.Default;

    /// <summary>Why the link failed last.</summary>
    public HdlcFault Fault { get; private set; }

    /// <summary>The same in words.</summary>
    public string FaultText { get; private set; } = "";

    /// <summary>When <see cref="Advance"/> is next wanted; null where nothing is awaited.</summary>
    public Instant? Due
    {
        get
        {
            Instant? due = _stream.Due;
            if (_isAwaiting) due = due is { } octets && octets < _repeatAt ? octets : _repeatAt;
            else if (_isPollDue) due = _pollAt;
            return due;
        }
    }

    /// <summary>What is to be sent now, taken once; valid until the next call of another kind.</summary>
    public ReadOnlyMemory<byte> TakeOutput()
    {
        if (_isTaken) return default;
        _isTaken = true;
        return _output.Memory;
    }

    /// <summary>Opens the link: SNRM, without parameters where the defaults are offered.</summary>
    public void Connect(Instant now)
    {
        _now = now;
        _state = State.Connecting;
        (_repeats, _polls, _isPollDue, Fault, FaultText) = (0, 0, false, HdlcFault.None, "");
        _stream.Reset();
        _output.Clear();
        SendSnrm();
    }

    /// <summary>Closes the link: DISC.</summary>
    public void Disconnect(Instant now)
    {
        _now = now;
        _state = State.Disconnecting;
        (_repeats, _isPollDue) = (0, false);
        SendUnnumbered(ControlDisc);
    }

    /// <summary>Sends an APDU behind the LLC header, in as many frames as it takes; false where the link is not open.</summary>
    public bool TrySend(ReadOnlySpan<byte> apdu, Instant now)
    {
        _now = now;
        if (_state != State.Connected || apdu.IsEmpty) return false;
        _queue.Add(LlcHeader.Command, apdu);
        (_repeats, _polls, _expectsAnswer) = (0, 0, true);
        Continue();
        return true;
    }

    /// <summary>Sends an APDU by UI, which nothing acknowledges; false where it does not fit one frame.</summary>
    public bool TrySendUnnumbered(ReadOnlySpan<byte> apdu, Instant now)
    {
        _now = now;
        Span<byte> information = stackalloc byte[HdlcParameters.InformationMax];
        if (apdu.IsEmpty || apdu.Length + LlcHeader.Length > Parameters.InformationTransmit) return false;
        LlcHeader.Command.CopyTo(information);
        apdu.CopyTo(information[LlcHeader.Length..]);
        WriteFrame(ControlUi, information[..(LlcHeader.Length + apdu.Length)]);
        return true;
    }

    /// <summary>Takes in octets from the server; then <see cref="Read"/> until it says <see cref="HdlcEvent.None"/>.</summary>
    public void Append(ReadOnlySpan<byte> octets, Instant now)
    {
        _now = now;
        _stream.Append(octets, now);
    }

    /// <summary>What the octets brought; an APDU is valid until the next call.</summary>
    public HdlcEvent Read(out ReadOnlySpan<byte> apdu)
    {
        apdu = default;
        while (_stream.TryRead(out HdlcFrame frame))
        {
            if (frame.Source != _settings.Server || frame.Destination != _own) continue; // another's, or our own come back
            HdlcEvent what = Take(frame, out apdu);
            if (what != HdlcEvent.None) return what;
        }
        return HdlcEvent.None;
    }

    /// <summary>Does what is due: drops an unfinished frame, asks again, gives up.</summary>
    public HdlcEvent Advance(Instant now)
    {
        _now = now;
        _stream.Advance(now);
        if (_isAwaiting && now >= _repeatAt)
        {
            if (++_repeats > _settings.RepeatCountMax) return Fail(HdlcFault.TimedOut, $"the server did not answer, asked {_repeats} times");
            switch (_state)
            {
                case State.Connecting:
                    SendSnrm();
                    break;
                case State.Disconnecting:
                    SendUnnumbered(ControlDisc);
                    break;
                default:
                    Poll();
                    break;
            }
        }
        else if (_isPollDue && now >= _pollAt) Continue();
        return HdlcEvent.None;
    }

    /// <summary>Forgets the link, as when the line is lost.</summary>
    public void Reset()
    {
        _state = State.Disconnected;
        _stream.Reset();
        _reassembler.Reset();
        _output.Clear();
        (_isAwaiting, _isPollDue) = (false, false);
    }
}
