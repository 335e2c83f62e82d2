using System.Buffers;
using Praman.Dlms.Apdus;
using Praman.Dlms.Framing;
using Praman.Metering;

namespace Praman.Dlms.Push;

// Frames: which kind stands at the head is told by its first octets; what is none is passed over.
public sealed partial class PushReceiver
{
    private const byte MBusStart = 0x68;
    private const int FramesAtOnceMax = 256;

    // Of all places where a push may have begun the first two and the latest two are kept.
    private const int BeginningsMax = 4;

    private readonly HdlcReassembler _segments;
    private readonly ArrayBufferWriter<byte> _telegrams = new();
    private byte[] _buffer = new byte[1024];
    private int _start, _end;
    private readonly List<int> _beginnings = [];
    private int _telegramNext;
    private bool _blocksOverHdlc;

    /// <summary>Octets that were no part of a frame, or of frames that could not be kept.</summary>
    public long OctetsDropped { get; private set; }

    /// <summary>Adds octets of a stream: frames in pieces, or several at once. Take what is ready before more is added.</summary>
    public void Append(ReadOnlySpan<byte> octets)
    {
        int held = _end - _start;
        int limit = _settings.LengthMax + (2 * WrapperHeader.ApduLengthMax);
        if (held + (long)octets.Length > limit)
        {
            // Nobody took what was ready, or it is no stream of frames: begin anew.
            OctetsDropped += held;
            (_start, _end, held) = (0, 0, 0);
            if (octets.Length > limit)
            {
                OctetsDropped += octets.Length;
                return;
            }
        }
        if (_buffer.Length - _end < octets.Length)
        {
            byte[] target = held + octets.Length > _buffer.Length ? new byte[Math.Max(2 * _buffer.Length, held + octets.Length)] : _buffer;
            _buffer.AsSpan(_start, held).CopyTo(target);
            _buffer = target;
            (_start, _end) = (0, held);
        }
        octets.CopyTo(_buffer.AsSpan(_end));
        _end += octets.Length;
    }

    /// <summary>Takes a datagram in: whole frames, or one APDU without any.</summary>
    public void AppendDatagram(ReadOnlySpan<byte> datagram)
    {
        if (datagram.IsEmpty) return;
        bool framed = datagram[0] == HdlcFrame.Flag || IsWrapper(datagram) || IsMBus(datagram);
        if (!framed)
        {
            TakeApdu(new(PushCarrier.Bare), datagram[LlcHeader.LengthIn(datagram)..]);
            return;
        }
        Append(datagram);
        ReadFrames();
        if (_end == _start) return;
        // A datagram is whole: what is left of it never gets its rest.
        if (_buffer.AsSpan(_start, _end - _start).IndexOfAnyExcept(HdlcFrame.Flag) >= 0) Fault(new(PushCarrier.Bare), PushFault.Malformed, "the datagram ends within a frame");
        (_start, _end) = (0, 0);
    }

    private static bool IsWrapper(ReadOnlySpan<byte> octets) => octets[0] == 0 && (octets.Length < 2 || octets[1] == WrapperHeader.Version);

    private static bool IsMBus(ReadOnlySpan<byte> octets) =>
        octets[0] == MBusStart && (octets.Length < 4 ? octets.Length < 3 || octets[1] == octets[2] : octets[1] == octets[2] && octets[3] == MBusStart);

    private void ReadFrames()
    {
        while (_end > _start && _ready.Count < FramesAtOnceMax)
        {
            ReadOnlySpan<byte> rest = _buffer.AsSpan(_start, _end - _start);
            int consumed;
            if (rest[0] == HdlcFrame.Flag) consumed = ReadHdlc(rest);
            else if (IsWrapper(rest)) consumed = ReadWrapper(rest);
            else if (IsMBus(rest)) consumed = ReadMBus(rest);
            else
            {
                int next = rest[1..].IndexOfAny(HdlcFrame.Flag, (byte)0, MBusStart);
                consumed = next < 0 ? rest.Length : next + 1;
                OctetsDropped += consumed;
            }
            if (consumed == 0) return;
            _start += consumed;
        }
        if (_start == _end) (_start, _end) = (0, 0);
    }

    private int ReadWrapper(ReadOnlySpan<byte> rest)
    {
        FrameStatus status = WrapperHeader.TryRead(rest, _settings.LengthMax, out WrapperHeader header, out ReadOnlySpan<byte> apdu, out _);
        if (status == FrameStatus.Incomplete) return 0;
        if (status == FrameStatus.Faulty) return Drop(1);
        TakeApdu(new(PushCarrier.Wrapper) { Source = header.Source, Destination = header.Destination }, apdu);
        return WrapperHeader.Length + apdu.Length;
    }

    private int ReadHdlc(ReadOnlySpan<byte> rest)
    {
        FrameStatus status = HdlcFramer.TryRead(rest, out HdlcFrame frame, out _, out int consumed, out DecodeError error);
        if (status == FrameStatus.Incomplete) return consumed > 0 && consumed < rest.Length ? consumed : 0;
        if (status == FrameStatus.Faulty)
        {
            Fault(new(PushCarrier.Hdlc), error);
            return Drop(Math.Max(1, consumed));
        }
        if (frame.Type is HdlcFrameType.Ui or HdlcFrameType.Information && !frame.Information.IsEmpty) TakeInformation(frame);
        return consumed;
    }

    private void TakeInformation(in HdlcFrame frame)
    {
        int llc = LlcHeader.LengthIn(frame.Information);
        if (llc > 0) _segments.Reset(); // a new APDU: what was begun has been given up
        bool isBlock = llc == 0 && !_segments.IsPending && frame.Information[0] == GeneralBlockTransfer.Tag && _blocksOverHdlc;
        if (llc == 0 && !isBlock && !_segments.IsPending) return; // a piece whose beginning was not seen
        if (!_segments.TryAdd(frame, out ReadOnlySpan<byte> whole)) return;
        ReadOnlySpan<byte> apdu = whole[LlcHeader.LengthIn(whole)..];
        _blocksOverHdlc = !apdu.IsEmpty && apdu[0] == GeneralBlockTransfer.Tag;
        TakeApdu(new(PushCarrier.Hdlc), apdu);
        _segments.Reset();
    }

    private int ReadMBus(ReadOnlySpan<byte> rest)
    {
        const int around = 6;
        if (rest.Length < 4 || rest.Length < rest[1] + around) return 0;
        if (!MBusFrame.TryRead(rest, out MBusFrame frame, out DecodeError error))
        {
            Fault(new(PushCarrier.MBus), error);
            return Drop(1);
        }
        if (frame.Sequence == 0 && _telegramNext != 0) ClearTelegrams(); // a new push
        if (frame.Sequence == 0) NoteBeginning();
        bool follows = frame.Sequence == _telegramNext && Fits(frame.Payload.Length);
        if (!follows)
        {
            ClearTelegrams();
            Fault(new(PushCarrier.MBus), PushFault.Malformed, $"telegram {frame.Sequence} of a push whose beginning was not seen");
            return frame.FrameLength;
        }
        _telegrams.Write(frame.Payload);
        _telegramNext = (_telegramNext + 1) & 0x0F;
        if (!frame.IsLast) return frame.FrameLength;
        TakeTelegrams();
        ClearTelegrams();
        return frame.FrameLength;
    }

    // Piece 0 after sixteen others: numbers begin again, or those were cut and another push begins. Which of the two, the whole tells.
    private void NoteBeginning()
    {
        _beginnings.Add(_telegrams.WrittenCount);
        if (_beginnings.Count > BeginningsMax) _beginnings.RemoveAt(BeginningsMax / 2);
    }

    // What is too long in all was cut and another: the earliest beginning is given up.
    private bool Fits(int octets)
    {
        while (_telegrams.WrittenCount + octets > _settings.LengthMax && _beginnings.Count > 1)
        {
            byte[] rest = _telegrams.WrittenSpan[_beginnings[1]..].ToArray();
            int dropped = _beginnings[1];
            FaultCut();
            _beginnings.RemoveAt(0);
            for (int i = 0; i < _beginnings.Count; i++) _beginnings[i] -= dropped;
            _telegrams.ResetWrittenCount();
            _telegrams.Write(rest);
        }
        return _telegrams.WrittenCount + octets <= _settings.LengthMax;
    }

    private void TakeTelegrams()
    {
        int from = 0;
        if (_beginnings.Count > 1)
        {
            // An APDU says itself how long it is: one and no more octets decode. Where none does, the fault is that of the whole.
            int whole = _beginnings.FindIndex(at => IsApdu(_telegrams.WrittenSpan[at..]));
            if (whole > 0)
            {
                from = _beginnings[whole];
                FaultCut();
            }
        }
        TakeApdu(new(PushCarrier.MBus), _telegrams.WrittenSpan[from..]);
    }

    private void FaultCut() => Fault(new(PushCarrier.MBus), PushFault.Malformed, "a push that ends after sixteen telegrams, none of them its last");

    private static bool IsApdu(ReadOnlySpan<byte> octets)
    {
        if (GatewayHeader.Stands(octets)) octets = GatewayHeader.TryRead(octets, out GatewayHeader header, out _) ? octets[header.Length..] : [];
        return Apdu.TryDecode(octets, out _, out _);
    }

    private void ClearTelegrams()
    {
        _telegrams.ResetWrittenCount();
        _beginnings.Clear();
        _telegramNext = 0;
    }

    private int Drop(int count)
    {
        OctetsDropped += count;
        return count;
    }
}
