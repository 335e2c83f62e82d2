using NodaTime;
using Praman.Dlms.Server;

namespace Praman.Dlms.Framing;

/// <summary>
/// The slave's side of a wired M-Bus link (EN 13757-2): it speaks when it is called. Frames to other slaves are passed over; a frame that comes with the
/// frame count bit of the one before it is answered as that one was, and taken once. Nothing that a master sends makes it throw.
/// </summary>
public sealed class MBusServerLink
{
    private readonly MBusLinkSettings _settings;
    private readonly ushort? _serverSap;
    private readonly MBusStream _stream;
    private readonly MBusAssembly _assembly;
    private readonly GrowingBuffer _output = new(), _answer = new(), _frames = new();
    private readonly Queue<byte[]> _queue = new();
    private bool? _lastSend, _lastRequest;
    private bool _isSelected, _isTaken, _isBroadcast;

    /// <param name="settings">The slave's address.</param>
    /// <param name="serverSap">The logical device that answers; null where any may.</param>
    public MBusServerLink(MBusLinkSettings settings, ushort? serverSap = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        settings.Check(MBusLinkSettings.AddressMax);
        (_settings, _serverSap) = (settings, serverSap);
        _stream = new(settings.InterOctetTimeout);
        _assembly = new(settings.ApduLengthMax);
    }

    /// <summary>The client of the last APDU.</summary>
    public byte Client { get; private set; }

    /// <summary>The logical device that the last APDU was for.</summary>
    public byte Called { get; private set; } = 1;

    /// <summary>Octets that wait to be fetched.</summary>
    public int QueuedLength { get; private set; }

    /// <summary>What is to be sent now, taken once; valid until the next call of another kind.</summary>
    public ReadOnlyMemory<byte> TakeOutput()
    {
        if (_isTaken) return default;
        _isTaken = true;
        return _output.Memory;
    }

    /// <summary>Takes in octets from the bus; then <see cref="Read"/> until it says <see cref="MBusEvent.None"/>.</summary>
    public void Append(ReadOnlySpan<byte> octets, Instant now)
    {
        _output.Clear();
        _isTaken = false;
        _stream.Append(octets, now);
    }

    /// <summary>What the octets brought; an APDU is valid until the next call, and its answer is given by <see cref="Send"/> before it.</summary>
    public MBusEvent Read(out ReadOnlySpan<byte> apdu)
    {
        apdu = default;
        while (_stream.TryRead(out MBusLinkFrame frame))
        {
            if (frame.Kind == MBusFrameKind.Acknowledgement || !IsCalled(frame)) continue;
            MBusEvent what = Take(frame);
            if (what == MBusEvent.Apdu) apdu = _assembly.Octets;
            if (what != MBusEvent.None) return what;
        }
        return MBusEvent.None;
    }

    /// <summary>Keeps an APDU until the master fetches it, piece by piece. What was sent to all is not answered.</summary>
    public void Send(ReadOnlySpan<byte> apdu, byte clientSap)
    {
        if (_isBroadcast || apdu.IsEmpty) return;
        _frames.Clear();
        MBusTelegrams.Write(_settings.Address, Called, clientSap, apdu, _frames, MBusControl.Respond);
        for (ReadOnlySpan<byte> rest = _frames.Span; !rest.IsEmpty;)
        {
            byte[] frame = rest[..(rest[1] + MBusFrame.Head + MBusFrame.Tail)].ToArray();
            _queue.Enqueue(frame);
            QueuedLength += frame.Length;
            rest = rest[frame.Length..];
        }
    }

    /// <summary>Forgets the link, as when power is lost.</summary>
    public void Reset()
    {
        Begin();
        _stream.Reset();
        _output.Clear();
        _isSelected = false;
    }

    private bool IsCalled(in MBusLinkFrame frame) => frame.Address == _settings.Address || frame.Address is MBusLinkSettings.AnyAnswers or MBusTelegrams.Broadcast
        || (frame.Address == MBusLinkSettings.Selected && (_isSelected || IsSelection(frame)));

    private static bool IsSelection(in MBusLinkFrame frame) =>
        frame.Kind == MBusFrameKind.Long && frame.Address == MBusLinkSettings.Selected && frame.Body[0] == MBusControl.SelectSlave;

    private MBusEvent Take(in MBusLinkFrame frame)
    {
        bool isBroadcast = frame.Address == MBusTelegrams.Broadcast;
        byte service = MBusControl.ServiceOf(frame.Control);
        bool? bit = (frame.Control & MBusControl.FrameCountValid) == 0 ? null : (frame.Control & MBusControl.FrameCount) != 0;
        if (frame.Kind == MBusFrameKind.Short)
        {
            if (frame.Control == MBusControl.Reset) return TakeReset(frame.Address, isBroadcast);
            if (isBroadcast) return MBusEvent.None; // nobody answers all at once
            if (service == MBusControl.RequestData) Answer(bit);
            else if (service == MBusControl.RequestAlarm) Acknowledge();
            return MBusEvent.None;
        }
        if (service != MBusControl.SendUserData) return MBusEvent.None;
        if (IsSelection(frame)) return TakeSelection(frame.Body[1..]);
        if (!isBroadcast)
        {
            Acknowledge();
            bool isRepeated = bit is not null && bit == _lastSend;
            _lastSend = bit;
            if (isRepeated) return MBusEvent.None;
        }
        return TakePiece(frame.Body, isBroadcast);
    }

    private MBusEvent TakePiece(ReadOnlySpan<byte> body, bool isBroadcast)
    {
        if (body.Length < 3 || !MBusFrame.IsTransport(body[0]) || (_serverSap is { } own && own != body[2])) return MBusEvent.None;
        if (_assembly.Take(body[0], body[3..]) != MBusPiece.Whole) return MBusEvent.None;
        (Client, Called, _isBroadcast) = (body[1], body[2], isBroadcast);
        return MBusEvent.Apdu;
    }

    private MBusEvent TakeReset(byte address, bool isBroadcast)
    {
        Begin();
        if (address == MBusLinkSettings.Selected) _isSelected = false;
        if (!isBroadcast) Acknowledge();
        return MBusEvent.Connected;
    }

    // Who is meant answers; all others are selected no more, and silent.
    private MBusEvent TakeSelection(ReadOnlySpan<byte> asked)
    {
        _isSelected = asked.Length == MBusSecondaryAddress.Length && _settings.Secondary is { } own && own.IsMeantBy(MBusSecondaryAddress.Read(asked));
        if (!_isSelected) return MBusEvent.None;
        Begin();
        Acknowledge();
        return MBusEvent.Connected;
    }

    private void Answer(bool? bit)
    {
        bool isRepeated = bit is not null && bit == _lastRequest;
        _lastRequest = bit;
        if (!isRepeated)
        {
            _answer.Clear();
            if (_queue.TryDequeue(out byte[]? frame))
            {
                QueuedLength -= frame.Length;
                _answer.Append(frame);
            }
            else _answer.Append([MBusStream.Acknowledgement]);
        }
        _output.Append(_answer.Span);
    }

    private void Acknowledge() => _output.Append([MBusStream.Acknowledgement]);

    // Any frame count bit is a new one.
    private void Begin()
    {
        (_lastSend, _lastRequest, _isBroadcast) = (null, null, false);
        _queue.Clear();
        QueuedLength = 0;
        _assembly.Reset();
        _answer.Clear();
    }
}
