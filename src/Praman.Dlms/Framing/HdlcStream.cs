using NodaTime;
using Praman.Dlms.Server;

namespace Praman.Dlms.Framing;

/// <summary>Frames out of octets that come in pieces. Faulty frames are passed over; what a silence left unfinished is dropped (inter-octet time-out).</summary>
internal sealed class HdlcStream(Duration interOctetTimeout)
{
    private readonly GrowingBuffer _octets = new();
    private int _start;
    private int _stale; // octets before this one came before a silence: a frame that begins there and is not whole never will be
    private Instant _last;

    /// <summary>When what is held of a frame will be too old; null while nothing is held.</summary>
    public Instant? Due => _octets.Length - _start > 1 && _stale < _octets.Length ? _last + interOctetTimeout : null;

    public void Append(ReadOnlySpan<byte> octets, Instant now)
    {
        Advance(now);
        _octets.Consume(_start);
        _stale = Math.Max(0, _stale - _start);
        _start = 0;
        if (octets.IsEmpty) return;
        _octets.Append(octets);
        _last = now;
    }

    public void Advance(Instant now)
    {
        if (now - _last >= interOctetTimeout) _stale = _octets.Length;
    }

    /// <summary>Takes the next whole frame; it is valid until the next <see cref="Append"/>.</summary>
    public bool TryRead(out HdlcFrame frame)
    {
        while (true)
        {
            FrameStatus status = HdlcFramer.TryTake(_octets.Span[_start..], out frame, out int start, out int consumed, out _, out _);
            int begin = _start + start, end = _start + consumed;
            if (status == FrameStatus.Incomplete)
            {
                _start = end;
                if (end + 1 >= _stale) return false; // it may still become whole
            }
            else if (begin >= _stale || end <= _stale)
            {
                _start = end;
                if (status == FrameStatus.Complete) return true;
                continue;
            }
            else _start = begin - 1;
            _start++; // a silence stands within: past its flag, behind which other frames may begin
        }
    }

    public void Reset() => (_start, _stale) = (_octets.Length, _octets.Length);
}
