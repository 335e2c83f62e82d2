using System.Globalization;

namespace Praman.Dlms.Explain.Captures;

/// <summary>The next octets of a stream, in order.</summary>
/// <param name="Octets">May be empty where there is only a note.</param>
/// <param name="Moment">The packet that they came in.</param>
/// <param name="LostBefore">Octets between these and those before that the capture does not have.</param>
/// <param name="Note">What was unusual about them.</param>
internal readonly record struct StreamPiece(ReadOnlyMemory<byte> Octets, CaptureMoment Moment, uint LostBefore = 0, string? Note = null);

/// <summary>
/// One direction of a TCP connection, put together by sequence number (RFC 9293): what came early waits, what came again is passed over, and a
/// gap is given up once the other side has acknowledged what lies behind it, or too much waits.
/// </summary>
internal sealed class TcpStream(CaptureCounts counts)
{
    /// <summary>Segments, and octets, that wait for what is missing before them.</summary>
    public const int PendingCountMax = 256, PendingOctetsMax = 1 << 20;

    private readonly record struct Pending(uint Sequence, ReadOnlyMemory<byte> Octets, CaptureMoment Moment);

    private readonly List<Pending> _pending = [];
    private int _pendingOctets;
    private uint _first;
    private uint _next;
    private uint _acknowledged;
    private bool _begun;
    private bool _isAcknowledged;
    private bool _ended;

    /// <summary>True where a SYN with this sequence number opens another connection than the one that is followed.</summary>
    public bool IsRestart(uint sequence) => _begun && sequence + 1 != _first;

    public void Add(in TransportSegment segment, CaptureMoment moment, List<StreamPiece> pieces)
    {
        uint sequence = segment.Sequence;
        if (segment.Flags.HasFlag(TcpFlags.Syn)) sequence++;
        if (!_begun) (_begun, _first, _next) = (true, sequence, sequence);
        Take(sequence, segment.Payload, moment, pieces);
        if ((segment.Flags & (TcpFlags.Fin | TcpFlags.Reset)) != 0) _ended = true;
        GiveUpGaps(pieces);
    }

    /// <summary>The other side has received everything before <paramref name="acknowledged"/>.</summary>
    public void Acknowledge(uint acknowledged, List<StreamPiece> pieces)
    {
        if (_isAcknowledged && Distance(acknowledged, _acknowledged) < 0) return;
        (_isAcknowledged, _acknowledged) = (true, acknowledged);
        GiveUpGaps(pieces);
    }

    /// <summary>Nothing more comes: what waits is delivered behind its gap.</summary>
    public void Finish(CaptureMoment moment, List<StreamPiece> pieces)
    {
        while (_pending.Count > 0) SkipToPending(pieces);
        if (!_begun || !_isAcknowledged) return;
        int missing = Distance(_acknowledged, _next) - (_ended ? 1 : 0);
        if (missing <= 0) return;
        counts.LostOctets += missing;
        pieces.Add(new(default, moment, (uint)missing));
    }

    private void Take(uint sequence, ReadOnlyMemory<byte> octets, CaptureMoment moment, List<StreamPiece> pieces)
    {
        if (octets.IsEmpty) return;
        int ahead = Distance(sequence, _next);
        if (ahead > 0)
        {
            Wait(new(sequence, octets, moment));
            return;
        }
        int known = -ahead;
        if (known > 0)
        {
            // One octet before what is expected asks whether the other side is alive.
            bool isProbe = known == 1 && octets.Length == 1;
            if (!isProbe)
            {
                counts.Retransmitted++;
                pieces.Add(new(default, moment, Note: string.Create(CultureInfo.InvariantCulture, $"packet {moment.Number} sends octets again")));
            }
            if (known >= octets.Length) return;
            octets = octets[known..];
        }
        pieces.Add(new(octets, moment));
        _next += (uint)octets.Length;
        Drain(pieces);
    }

    private void Wait(Pending early)
    {
        int at = _pending.Count;
        while (at > 0 && Distance(_pending[at - 1].Sequence, early.Sequence) > 0) at--;
        if (at > 0 && _pending[at - 1].Sequence == early.Sequence && _pending[at - 1].Octets.Length >= early.Octets.Length)
        {
            counts.Retransmitted++;
            return;
        }
        _pending.Insert(at, early);
        _pendingOctets += early.Octets.Length;
    }

    private void Drain(List<StreamPiece> pieces)
    {
        while (_pending.Count > 0 && Distance(_pending[0].Sequence, _next) <= 0)
        {
            Pending first = _pending[0];
            _pending.RemoveAt(0);
            _pendingOctets -= first.Octets.Length;
            int known = Distance(_next, first.Sequence);
            if (known >= first.Octets.Length) continue;
            counts.OutOfOrder++;
            pieces.Add(new(first.Octets[known..], first.Moment, Note: string.Create(CultureInfo.InvariantCulture, $"packet {first.Moment.Number} came out of order")));
            _next += (uint)(first.Octets.Length - known);
        }
    }

    private void GiveUpGaps(List<StreamPiece> pieces)
    {
        while (_pending.Count > 0)
        {
            bool received = _isAcknowledged && Distance(_acknowledged, _pending[0].Sequence) >= 0;
            if (!received && _pending.Count <= PendingCountMax && _pendingOctets <= PendingOctetsMax) return;
            SkipToPending(pieces);
        }
    }

    private void SkipToPending(List<StreamPiece> pieces)
    {
        Pending first = _pending[0];
        uint lost = (uint)Distance(first.Sequence, _next);
        _pending.RemoveAt(0);
        _pendingOctets -= first.Octets.Length;
        counts.LostOctets += lost;
        pieces.Add(new(first.Octets, first.Moment, lost));
        _next = first.Sequence + (uint)first.Octets.Length;
        Drain(pieces);
    }

    // Sequence numbers go round: what is less than half the circle ahead is ahead.
    private static int Distance(uint sequence, uint from) => unchecked((int)(sequence - from));
}
