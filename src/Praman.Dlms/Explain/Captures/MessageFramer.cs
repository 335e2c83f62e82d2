using System.Globalization;
using System.Text;
using Praman.Dlms.Apdus;
using Praman.Dlms.Framing;
using Praman.Dlms.Server;
using Praman.Metering;

namespace Praman.Dlms.Explain.Captures;

/// <summary>A message that was found in a stream, or octets that are none.</summary>
internal readonly record struct FramedMessage(ReadOnlyMemory<byte> Octets, CaptureMoment Moment, string? Fault, IReadOnlyList<string> Notes);

/// <summary>
/// Cuts one direction of a stream into messages: wrapper, HDLC frames, M-Bus long frames of one APDU, or a bare APDU where a segment or a line
/// holds one whole. Which it is, shows anew at each message. After a loss it looks for the next beginning.
/// </summary>
internal sealed class MessageFramer
{
    private const int NotesMax = 8;
    private const int BufferKept = 4096;

    private enum Find
    {
        Wait,
        Message,
        Noise,

        /// <summary>Octets that mean nothing and are not worth a word.</summary>
        Skip,
    }

    private GrowingBuffer _buffer = new();
    private List<string> _notes = [];
    private CaptureMoment _moment;
    private bool _lost;
    private int _joined; // octets of M-Bus frames that wait for the last of their APDU

    public void Add(in StreamPiece piece, List<FramedMessage> found)
    {
        if (piece.Note is not null) Note(piece.Note);
        if (piece.LostBefore > 0)
        {
            if (_buffer.Length > 0) GiveUp(string.Create(CultureInfo.InvariantCulture, $"a message of which {_buffer.Length} octets are here: the rest is missing from the capture"), found);
            Note(string.Create(CultureInfo.InvariantCulture, $"{piece.LostBefore} octets before it are missing from the capture"));
            _lost = true;
        }
        if (piece.Octets.IsEmpty) return;
        if (_buffer.Length > 0 && BeginsAnew(piece.Octets.Span)) GiveUp("a frame whose end is missing", found);
        _moment = piece.Moment;
        _buffer.Append(piece.Octets.Span);
        int at = 0; // what is done with is dropped once: a segment may hold thousands of messages
        while (at < _buffer.Length)
        {
            Find what = Look(_buffer.Span[at..], out int length, out int consumed, out string? fault);
            if (what == Find.Wait) break;
            if (what != Find.Skip) Emit(_buffer.Span.Slice(at, length), what == Find.Noise ? fault ?? "no frame begins here" : null, found);
            at += consumed;
            _joined = 0;
        }
        _buffer.Consume(at);
        if (_buffer.Length == 0 && piece.Octets.Length > BufferKept) _buffer = new();
    }

    /// <summary>Nothing more comes.</summary>
    public void Finish(List<FramedMessage> found)
    {
        if (_buffer.Span.IndexOfAnyExcept(HdlcFrame.Flag) < 0) _buffer.Clear();
        if (_buffer.Length > 0) GiveUp(string.Create(CultureInfo.InvariantCulture, $"the capture ends inside a message: {_buffer.Length} octets of it are here"), found);
        else if (_lost && _notes.Count > 0) found.Add(new(default, _moment, "what followed is missing from the capture", _notes));
        _notes = [];
        _lost = false;
    }

    private void Emit(ReadOnlySpan<byte> octets, string? fault, List<FramedMessage> found)
    {
        found.Add(new(octets.ToArray(), _moment, fault, _notes.Count == 0 ? [] : _notes));
        if (_notes.Count > 0) _notes = [];
        if (fault is null) _lost = false;
    }

    private void GiveUp(string fault, List<FramedMessage> found)
    {
        Emit(_buffer.Span, fault, found);
        _buffer.Clear();
        _joined = 0;
    }

    private void Note(string note)
    {
        if (_notes.Count < NotesMax) _notes.Add(note);
        else _notes[^1] = "and more";
    }

    // A line or a segment that is a whole frame by itself ends what was begun before it: a frame never holds another with its check sequence.
    private bool BeginsAnew(ReadOnlySpan<byte> octets) =>
        octets[0] == HdlcFrame.Flag && _buffer.Span[0] == HdlcFrame.Flag && _buffer.Span.IndexOfAnyExcept(HdlcFrame.Flag) >= 0
        && HdlcFramer.TryRead(octets, out _, out int start, out _, out _) == FrameStatus.Complete && start == 1;

    private Find Look(ReadOnlySpan<byte> octets, out int length, out int consumed, out string? fault)
    {
        length = consumed = octets.Length;
        fault = null;
        switch (octets[0])
        {
            case HdlcFrame.Flag: return LookForFrame(octets, out length, out consumed, out fault);
            case 0x68 when octets.Length < 4: return Find.Wait;
            case 0x68 when octets[3] == 0x68 && octets[1] == octets[2]: return LookForMBus(octets, out length, out consumed);
            case 0 when octets.Length == 1: return Find.Wait;
            case 0 when octets[1] == WrapperHeader.Version:
                FrameStatus status = WrapperHeader.TryRead(octets, WrapperHeader.ApduLengthMax, out WrapperHeader header, out _, out DecodeError error);
                if (status == FrameStatus.Incomplete) return Find.Wait;
                fault = error.Reason;
                if (status == FrameStatus.Complete) length = consumed = WrapperHeader.Length + header.ApduLength;
                return status == FrameStatus.Complete ? Find.Message : Find.Noise;
        }
        int llc = LlcHeader.LengthIn(octets);
        if (GatewayHeader.Stands(octets[llc..]) && GatewayHeader.TryRead(octets[llc..], out GatewayHeader behind, out _)) llc += behind.Length;
        if (llc < octets.Length && Apdu.TryDecode(octets[llc..], out _, out DecodeError why)) return Find.Message;
        else why = default;
        int flag = octets.IndexOf(HdlcFrame.Flag);
        if (flag > 0 && octets.Length > flag + 1 && octets[flag + 1] >> 4 == 0xA) length = consumed = flag; // noise before a frame
        fault = _lost ? "the rest of a message whose beginning is missing" : NoiseWords(octets[..length], why);
        return Find.Noise;
    }

    private static Find LookForFrame(ReadOnlySpan<byte> octets, out int length, out int consumed, out string? fault)
    {
        fault = null;
        length = consumed = octets.Length;
        FrameStatus status = HdlcFramer.TryRead(octets, out HdlcFrame frame, out int start, out int done, out DecodeError error);
        if (status == FrameStatus.Incomplete) return start > 1 ? Skip(start - 1, out consumed) : Find.Wait; // of many flags one is kept
        if (status == FrameStatus.Complete || done > start) // a frame between its flags; where a check sequence is wrong the decoder says so
        {
            int content = status == FrameStatus.Complete ? frame.Length : done - start;
            if (start > 1) return Skip(start - 1, out consumed);
            length = content + 2;
            consumed = content + 1; // the closing flag may open the next frame
            return Find.Message;
        }
        if (octets[start] >> 4 != 0xA) return Skip(start, out consumed); // the closing flag of the frame before, then something else
        int next = octets[start..].IndexOf(HdlcFrame.Flag);
        if (next >= 0) length = consumed = start + next;
        fault = error.Reason;
        return Find.Noise;
    }

    private static Find Skip(int count, out int consumed)
    {
        consumed = count;
        return Find.Skip;
    }

    private Find LookForMBus(ReadOnlySpan<byte> octets, out int length, out int consumed)
    {
        while (true)
        {
            int at = _joined;
            ReadOnlySpan<byte> rest = octets[at..];
            length = consumed = at;
            if (rest.Length < 4) return Find.Wait;
            if (at > 0 && (rest[0] != 0x68 || rest[3] != 0x68 || rest[1] != rest[2])) return Find.Message; // the last frame is missing: the decoder says so
            if (rest.Length < rest[1] + 6) return Find.Wait;
            length = consumed = at + rest[1] + 6;
            if (!MBusFrame.TryRead(rest, out MBusFrame frame, out _) || frame.IsLast || length > DlmsDecoder.InputLengthMax / 2) return Find.Message;
            _joined = length;
        }
    }

    private static string NoiseWords(ReadOnlySpan<byte> octets, DecodeError why)
    {
        if (octets is [0xE5]) return "E5: an M-Bus acknowledgement";
        foreach (byte octet in octets)
        {
            if (octet is not ((>= 0x20 and < 0x7F) or (byte)'\r' or (byte)'\n' or 0x06)) return "no frame begins here: expected a wrapper (00 01), an HDLC flag (7E), an M-Bus long frame (68) or an APDU";
        }
        string text = Encoding.ASCII.GetString(octets[..Math.Min(octets.Length, 40)]).Replace('\r', '·').Replace('\n', '·').Replace('\u0006', '·');
        return octets[0] is (byte)'/' or 0x06 ? $"the mode E opening of an optical port (IEC 62056-21): {text}" : $"text, no frame: {text}";
    }
}
