using System.Globalization;

namespace Praman.Dlms.Explain.Captures;

/// <summary>
/// Follows the conversations of a capture: TCP connections and UDP peers of given ports, each direction put together and cut into messages,
/// each pair of peers with a decoder of its own. Packets in, messages out; nothing is read or timed here.
/// </summary>
public sealed class CaptureConversations
{
    /// <summary>The port that is registered for DLMS/COSEM over TCP and UDP.</summary>
    public const ushort DlmsPort = 4059;

    /// <summary>Connections that are followed at once; the one that was quiet longest is given up for a new one.</summary>
    public const int FlowsMax = 4096;

    private readonly DlmsKeys _keys;
    private readonly HashSet<ushort> _tcpPorts, _udpPorts;
    private readonly Dictionary<(CaptureEndpoint Low, CaptureEndpoint High), LinkedListNode<Flow>> _flows = [];
    private readonly LinkedList<Flow> _byUse = new();
    private readonly Dictionary<(UInt128 Client, UInt128 Server, ushort Port), DlmsDecoder> _decoders = [];
    private readonly List<StreamPiece> _pieces = [];
    private readonly List<FramedMessage> _framed = [];

    /// <param name="keys">What the decoders may open APDUs with.</param>
    /// <param name="tcpPorts">TCP ports that are followed besides <see cref="DlmsPort"/>.</param>
    /// <param name="udpPorts">UDP ports that are followed besides <see cref="DlmsPort"/>.</param>
    public CaptureConversations(DlmsKeys keys, IEnumerable<ushort> tcpPorts, IEnumerable<ushort> udpPorts)
    {
        _keys = keys ?? throw new ArgumentNullException(nameof(keys));
        _tcpPorts = [DlmsPort, .. tcpPorts];
        _udpPorts = [DlmsPort, .. udpPorts];
    }

    public CaptureCounts Counts { get; } = new();

    /// <summary>The ports that are followed, in words.</summary>
    public string Ports => $"TCP {InWords(_tcpPorts)} or UDP {InWords(_udpPorts)}";

    /// <summary>Takes a packet and adds what it completes.</summary>
    public void Add(in CapturedPacket packet, ICollection<CapturedMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        Counts.Packets++;
        TransportSegment segment = TransportSegment.Of(packet);
        switch (segment.Kind)
        {
            case SegmentKind.Fragment: Counts.Fragments++; break;
            case SegmentKind.Faulty: Counts.Faulty++; break;
            case SegmentKind.UnknownLink: Counts.UnknownLink ??= packet.LinkType; break;
            case SegmentKind.Tcp or SegmentKind.Udp:
                HashSet<ushort> ports = PortsOf(segment);
                if (!ports.Contains(segment.Source.Port) && !ports.Contains(segment.Destination.Port))
                {
                    Counts.SeePort(Math.Min(segment.Source.Port, segment.Destination.Port));
                    break;
                }
                Counts.Followed++;
                if (segment.Kind == SegmentKind.Udp) AddDatagram(packet, segment, messages);
                else AddSegment(packet, segment, messages);
                break;
        }
    }

    /// <summary>The capture is over: what waits is given out.</summary>
    public void Finish(ICollection<CapturedMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        foreach (Flow flow in _byUse) End(flow, messages);
        _flows.Clear();
        _byUse.Clear();
    }

    private void AddDatagram(in CapturedPacket packet, in TransportSegment segment, ICollection<CapturedMessage> messages)
    {
        if (segment.Payload.IsEmpty) return;
        bool toServer = IsToServer(segment);
        List<string> notes = packet.OriginalLength > packet.Octets.Length ? [string.Create(CultureInfo.InvariantCulture, $"only {packet.Octets.Length} of the packet's {packet.OriginalLength} octets were captured")] : [];
        messages.Add(new(new(packet.Number, packet.At), "UDP", segment.Source.ToString(), segment.Destination.ToString(), toServer, segment.Payload, null, notes,
            DecoderOf(toServer ? segment.Source : segment.Destination, toServer ? segment.Destination : segment.Source)));
    }

    private void AddSegment(in CapturedPacket packet, in TransportSegment segment, ICollection<CapturedMessage> messages)
    {
        CaptureMoment moment = new(packet.Number, packet.At);
        Flow flow = FlowOf(segment, messages);
        int way = flow.WayOf(segment.Source);
        bool opens = segment.Flags.HasFlag(TcpFlags.Syn) && !segment.Flags.HasFlag(TcpFlags.Acknowledge);
        if (opens && flow.Streams[way].IsRestart(segment.Sequence))
        {
            End(flow, messages); // the same pair of ports, a new connection
            flow.Restart(Counts);
        }
        flow.Last = moment;
        if (segment.Flags.HasFlag(TcpFlags.Acknowledge)) // what it answers comes before it
        {
            flow.Streams[1 - way].Acknowledge(segment.Acknowledged, _pieces);
            Deliver(flow, 1 - way, messages);
        }
        flow.Streams[way].Add(segment, moment, _pieces);
        Deliver(flow, way, messages);
    }

    private void Deliver(Flow flow, int way, ICollection<CapturedMessage> messages)
    {
        foreach (StreamPiece piece in _pieces) flow.Framers[way].Add(piece, _framed);
        _pieces.Clear();
        Give(flow, way, messages);
    }

    private void Give(Flow flow, int way, ICollection<CapturedMessage> messages)
    {
        CaptureEndpoint from = way == 0 ? flow.Client : flow.Server, to = way == 0 ? flow.Server : flow.Client;
        foreach (FramedMessage framed in _framed)
            messages.Add(new(framed.Moment, "TCP", from.ToString(), to.ToString(), way == 0, framed.Octets, framed.Fault, framed.Notes, flow.Decoder));
        _framed.Clear();
    }

    private void End(Flow flow, ICollection<CapturedMessage> messages)
    {
        for (int way = 0; way < 2; way++)
        {
            flow.Streams[way].Finish(flow.Last, _pieces);
            Deliver(flow, way, messages);
            flow.Framers[way].Finish(_framed);
            Give(flow, way, messages);
        }
    }

    private Flow FlowOf(in TransportSegment segment, ICollection<CapturedMessage> messages)
    {
        bool toServer = IsToServer(segment);
        (CaptureEndpoint client, CaptureEndpoint server) = toServer ? (segment.Source, segment.Destination) : (segment.Destination, segment.Source);
        bool ordered = (segment.Source.Address, segment.Source.Port).CompareTo((segment.Destination.Address, segment.Destination.Port)) <= 0;
        var key = ordered ? (segment.Source, segment.Destination) : (segment.Destination, segment.Source);
        if (_flows.TryGetValue(key, out LinkedListNode<Flow>? node))
        {
            _byUse.Remove(node);
            _byUse.AddLast(node);
            return node.Value;
        }
        if (_flows.Count == FlowsMax)
        {
            Flow oldest = _byUse.First!.Value;
            End(oldest, messages);
            _byUse.RemoveFirst();
            _flows.Remove(oldest.Key);
        }
        var flow = new Flow(key, client, server, DecoderOf(client, server), Counts);
        _flows[key] = _byUse.AddLast(flow);
        return flow;
    }

    // The side that is listened on: by its port; where both have one, whoever did not open the connection.
    private bool IsToServer(in TransportSegment segment)
    {
        HashSet<ushort> ports = PortsOf(segment);
        bool source = ports.Contains(segment.Source.Port), destination = ports.Contains(segment.Destination.Port);
        if (source != destination) return destination;
        return !(segment.Flags.HasFlag(TcpFlags.Syn) && segment.Flags.HasFlag(TcpFlags.Acknowledge));
    }

    private HashSet<ushort> PortsOf(in TransportSegment segment) => segment.Kind == SegmentKind.Udp ? _udpPorts : _tcpPorts;

    private static string InWords(HashSet<ushort> ports) => string.Join(", ", ports.Order().Select(port => port.ToString(CultureInfo.InvariantCulture)));

    // Peers keep their titles over connections, and a push may come on another than the one that told them.
    private DlmsDecoder DecoderOf(CaptureEndpoint client, CaptureEndpoint server)
    {
        var peers = (client.Address, server.Address, server.Port);
        if (_decoders.TryGetValue(peers, out DlmsDecoder? decoder)) return decoder;
        if (_decoders.Count == FlowsMax) _decoders.Clear();
        return _decoders[peers] = new DlmsDecoder(_keys);
    }

    private sealed class Flow
    {
        public Flow((CaptureEndpoint Low, CaptureEndpoint High) key, CaptureEndpoint client, CaptureEndpoint server, DlmsDecoder decoder, CaptureCounts counts)
        {
            (Key, Client, Server, Decoder) = (key, client, server, decoder);
            Restart(counts);
        }

        public (CaptureEndpoint Low, CaptureEndpoint High) Key { get; }

        public CaptureEndpoint Client { get; }

        public CaptureEndpoint Server { get; }

        public DlmsDecoder Decoder { get; }

        public CaptureMoment Last { get; set; }

        /// <summary>From the client, and from the server.</summary>
        public TcpStream[] Streams { get; private set; } = [];

        public MessageFramer[] Framers { get; private set; } = [];

        public int WayOf(CaptureEndpoint source) => source == Client ? 0 : 1;

        public void Restart(CaptureCounts counts)
        {
            Streams = [new TcpStream(counts), new TcpStream(counts)];
            Framers = [new MessageFramer(), new MessageFramer()];
        }
    }
}
