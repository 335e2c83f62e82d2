using Praman.Dlms.Server;

namespace Praman.Dlms.Framing;

/// <summary>
/// What one side has to send, cut into segments, with what of it is acknowledged (IEC 62056-46, I frames and windows). Segments follow from the
/// octets and the agreed length alone, so that one sent again is the same.
/// </summary>
internal sealed class HdlcSendQueue
{
    private const int CompactMin = 4096;

    private readonly GrowingBuffer _octets = new();
    private readonly List<int> _ends = []; // where each message ends
    private int _acknowledged;
    private int _next;

    /// <summary>Octets of the longest segment.</summary>
    public int SegmentLength { get; private set; } = HdlcParameters.InformationDefault;

    /// <summary>Frames that may be sent before one is acknowledged.</summary>
    public int Window { get; private set; } = 1;

    /// <summary>Octets not acknowledged yet.</summary>
    public int Length => _octets.Length - _acknowledged;

    /// <summary>Frames sent and not acknowledged.</summary>
    public int Outstanding { get; private set; }

    /// <summary>N(S) of the next frame.</summary>
    public int SendSequence { get; private set; }

    public bool HasMore => _next < _octets.Length;

    public bool CanSend => HasMore && Outstanding < Window;

    /// <summary>Empty, numbered from 0.</summary>
    public void Reset(int segmentLength, int window)
    {
        (SegmentLength, Window, SendSequence) = (segmentLength, window, 0);
        Clear();
    }

    public void Add(ReadOnlySpan<byte> head, ReadOnlySpan<byte> apdu)
    {
        if (_acknowledged > CompactMin) Compact();
        _octets.Append(head);
        _octets.Append(apdu);
        _ends.Add(_octets.Length);
    }

    /// <summary>Takes N(R): frames before it have arrived. False, with nothing changed, where it names none that waits.</summary>
    public bool TryAcknowledge(int receiveSequence)
    {
        int count = Outstanding - ((SendSequence - receiveSequence) & 7);
        if (count < 0) return false;
        for (; count > 0; count--, Outstanding--)
        {
            _acknowledged += SegmentAt(_acknowledged, out bool last);
            if (last) _ends.RemoveAt(0);
        }
        if (_acknowledged == _octets.Length) Clear();
        return true;
    }

    /// <summary>The next segment and its N(S).</summary>
    public ReadOnlySpan<byte> Take(out int sendSequence, out bool last)
    {
        int length = SegmentAt(_next, out last);
        ReadOnlySpan<byte> segment = _octets.Span.Slice(_next, length);
        sendSequence = SendSequence;
        SendSequence = (SendSequence + 1) & 7;
        _next += length;
        Outstanding++;
        return segment;
    }

    /// <summary>Goes back to the first frame that is not acknowledged.</summary>
    public void Rewind()
    {
        SendSequence = (SendSequence - Outstanding) & 7;
        (_next, Outstanding) = (_acknowledged, 0);
    }

    private int SegmentAt(int position, out bool last)
    {
        int index = 0;
        while (_ends[index] <= position) index++;
        int rest = _ends[index] - position;
        last = rest <= SegmentLength;
        return last ? rest : SegmentLength;
    }

    // A peer that leaves some frame unacknowledged always would else let the buffer grow without end.
    private void Compact()
    {
        _octets.Consume(_acknowledged);
        for (int index = 0; index < _ends.Count; index++) _ends[index] -= _acknowledged;
        (_next, _acknowledged) = (_next - _acknowledged, 0);
    }

    private void Clear()
    {
        _octets.Clear();
        _ends.Clear();
        (_acknowledged, _next, Outstanding) = (0, 0, 0);
    }
}
