using NodaTime;
using Praman.Dlms.Server;

namespace Praman.Dlms.Framing;

/// <summary>
/// The server's side of an HDLC link in normal response mode (IEC 62056-46): one client at a time, answered only when it polls. Frames to other
/// stations of the line are passed over. Nothing that a client sends makes it throw; what it may not send is answered as the standard says.
/// </summary>
public sealed partial class HdlcServerLink
{
    private enum State
    {
        Disconnected,
        Connected,

        /// <summary>A frame was refused: only SNRM and DISC are served.</summary>
        Rejecting,
    }

    private readonly HdlcSettings _settings;
    private readonly HdlcStream _stream;
    private readonly HdlcReassembler _reassembler;
    private readonly HdlcSendQueue _queue = new();
    private readonly GrowingBuffer _output = new();
    private State _state;
    private HdlcAddress _called; // the server's address as the client writes it
    private HdlcAddress _client;
    private int _receiveSequence;
    private HdlcFrameReject _reject;
    private Instant _now, _heardAt;
    private bool _isSilent;
    private bool _isTaken;
    private bool _isPolled; // the client has given us the turn
    private bool _hasGap;
    private bool _isPeerBusy;
    private bool _answersUnnumbered, _isUnnumbered;

    public HdlcServerLink(HdlcSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (!settings.Server.IsValid) throw new ArgumentException($"the server's address {settings.Server} does not fit its octets", nameof(settings));
        if (!settings.Offer.IsValid) throw new ArgumentException($"{settings.Offer}: information fields have 8 to 2030 octets, windows 1 to 7 frames", nameof(settings));
        _settings = settings;
        _stream = new(settings.InterOctetTimeout);
        _reassembler = new(settings.ApduLengthMax);
    }

    public bool IsConnected => _state == State.Connected;

    /// <summary>What the link agreed on, seen from the server.</summary>
    public HdlcParameters Parameters { get; private set; } = HdlcParameters.Default;

    /// <summary>The client of the last APDU.</summary>
    public int Client => _client.Upper;

    /// <summary>While true, information is not taken: RNR tells the client to wait.</summary>
    public bool IsBusy { get; set; }

    /// <summary>Octets that wait to be sent or acknowledged.</summary>
    public int QueuedLength => _queue.Length;

    /// <summary>When <see cref="Append"/>, with octets or none, is next wanted.</summary>
    public Instant? Due => _state == State.Disconnected ? _stream.Due : _heardAt + _settings.InactivityTimeout;

    /// <summary>What is to be sent now, taken once; valid until the next call of another kind.</summary>
    public ReadOnlyMemory<byte> TakeOutput()
    {
        if (_isTaken) return default;
        _isTaken = true;
        return _output.Memory;
    }

    /// <summary>Takes in octets from the line; then <see cref="Read"/> until it says <see cref="HdlcEvent.None"/>. Without octets it hands in the time.</summary>
    public void Append(ReadOnlySpan<byte> octets, Instant now)
    {
        _isSilent = _state != State.Disconnected && now - _heardAt >= _settings.InactivityTimeout;
        _now = now;
        _stream.Append(octets, now);
    }

    /// <summary>What the octets brought; an APDU is valid until the next call. Answers to it are given by <see cref="Send"/> before the next call.</summary>
    public HdlcEvent Read(out ReadOnlySpan<byte> apdu)
    {
        apdu = default;
        if (_isSilent)
        {
            _isSilent = false;
            Close();
            return HdlcEvent.Disconnected;
        }
        _isUnnumbered = false;
        while (true)
        {
            if (_isPolled) TakeTurn();
            if (!_stream.TryRead(out HdlcFrame frame)) return HdlcEvent.None;
            HdlcEvent what = Take(frame, out apdu);
            if (what != HdlcEvent.None) return what;
        }
    }

    /// <summary>Sends an APDU behind the LLC header, in as many frames and polls as it takes; after <see cref="HdlcEvent.Unnumbered"/> by UI, where the client asked for an answer.</summary>
    public void Send(ReadOnlySpan<byte> apdu)
    {
        if (apdu.IsEmpty) return;
        if (_isUnnumbered)
        {
            if (_answersUnnumbered) WriteUnnumbered(apdu, _client, final: true);
        }
        else if (_state == State.Connected) _queue.Add(LlcHeader.Response, apdu);
    }

    /// <summary>Sends an APDU by UI unasked, as a push on a line of one's own; false where it does not fit one frame.</summary>
    public bool TrySendUnnumbered(ReadOnlySpan<byte> apdu, int client)
    {
        if (apdu.IsEmpty || LlcHeader.Length + apdu.Length > Parameters.InformationTransmit || client is < 1 or > 0x7F) return false;
        if (_state == State.Disconnected) _called = _settings.Server;
        WriteUnnumbered(apdu, HdlcAddress.Short(client), final: false);
        return true;
    }

    /// <summary>Closes the link without a word and forgets what came, as when power is lost.</summary>
    public void Reset()
    {
        Close();
        _stream.Reset();
        _output.Clear();
        (_isSilent, _isUnnumbered) = (false, false);
    }

    /// <summary>Closes the link without a word.</summary>
    public void Close()
    {
        (_state, _isPolled, _isPeerBusy) = (State.Disconnected, false, false);
        Parameters = HdlcParameters.Default;
        _queue.Reset(Parameters.InformationTransmit, Parameters.WindowTransmit);
        _reassembler.Reset();
    }
}
