using NodaTime;
using Praman.Dlms.Framing;

namespace Praman.Dlms.Server;

/// <summary>Finds who is called and opens a connection to it, over the wrapper; null where there is nobody.</summary>
/// <param name="serverSap">The logical device.</param>
/// <param name="address">The meter behind the gateway; null where the APDU had no gateway header.</param>
public delegate IDlmsStation? StationFinder(ushort serverSap, GatewayAddress? address);

/// <summary>
/// One client's connection to a gateway before many meters (gateway protocol of the DLMS UA Green Book): an APDU with a gateway header goes to the
/// meter that the header names, and its answers come back with the header of an answer; one without goes to a device of the gateway's own. Nobody
/// answers for a meter that is not there.
/// </summary>
public sealed class DlmsGateway : IDlmsStation
{
    /// <summary>Meters that one client has open at once by default; the one that was longest not called gives way.</summary>
    public const int StationCountDefault = 256;

    private readonly StationFinder _find;
    private readonly ServerFraming _framing;
    private readonly int _stationCountMax;
    private readonly Dictionary<(ushort Sap, GatewayAddress? Address), LinkedListNode<Called>> _stations = [];
    private readonly LinkedList<Called> _byUse = new();
    private readonly GrowingBuffer _output = new(), _frame = new();

    /// <param name="find">Opens connections to meters.</param>
    /// <param name="hdlc">The HDLC link to the gateway, whose upper address names the logical device; null for the wrapper.</param>
    /// <param name="stationCountMax">Meters that are open at once.</param>
    public DlmsGateway(StationFinder find, HdlcSettings? hdlc = null, int stationCountMax = StationCountDefault)
    {
        ArgumentNullException.ThrowIfNull(find);
        ArgumentOutOfRangeException.ThrowIfLessThan(stationCountMax, 1);
        _find = find;
        _stationCountMax = stationCountMax;
        _framing = hdlc is null ? new WrapperServerFraming(null) : new HdlcServerFraming(hdlc);
    }

    public bool IsClosed { get; private set; }

    /// <summary>Meters that are open now.</summary>
    public int StationCount => _stations.Count;

    public ReadOnlyMemory<byte> Receive(ReadOnlySpan<byte> octets, Instant now)
    {
        _output.Clear();
        if (IsClosed) return default;
        _framing.Append(octets, now);
        while (!IsClosed && _framing.Read(_output, out ushort clientSap, out ReadOnlySpan<byte> apdu) is var what && what != FramingEvent.NeedMore)
        {
            if (what == FramingEvent.Faulty || _output.Length + _framing.PendingLength > DlmsServerAssociation.ReplyLengthMax) Drop();
            else if (what == FramingEvent.Apdu) Pass(apdu, clientSap, now);
            else CloseStations(); // a link that was opened anew, or closed, takes with it what stood on it
        }
        return _output.Memory;
    }

    public void Dispose()
    {
        CloseStations();
        IsClosed = true;
    }

    private void Pass(ReadOnlySpan<byte> apdu, ushort clientSap, Instant now)
    {
        GatewayAddress? address = null;
        if (GatewayHeader.TryRead(apdu, out GatewayHeader header, out _))
        {
            if (header.IsResponse) return; // only meters answer
            address = header.Address;
            apdu = apdu[header.Length..];
        }
        ushort sap = _framing.ServerSap;
        if (apdu.Length > WrapperHeader.ApduLengthMax || StationOf(sap, address) is not { } station) return;
        _frame.Clear();
        new WrapperHeader(clientSap, sap, (ushort)apdu.Length).Write(_frame.GetSpan(WrapperHeader.Length));
        _frame.Advance(WrapperHeader.Length);
        _frame.Append(apdu);
        ReadOnlySpan<byte> answers = station.Receive(_frame.Span, now).Span;
        while (WrapperHeader.TryRead(answers, WrapperHeader.ApduLengthMax, out WrapperHeader answered, out ReadOnlySpan<byte> answer, out _) == FrameStatus.Complete)
        {
            Answer(answer, answered.Destination, address);
            answers = answers[(WrapperHeader.Length + answer.Length)..];
        }
        if (station.IsClosed) Close((sap, address));
    }

    private void Answer(ReadOnlySpan<byte> answer, ushort clientSap, GatewayAddress? address)
    {
        int head = address is null ? 0 : GatewayHeader.LengthOf(address);
        if (head + answer.Length > WrapperHeader.ApduLengthMax) return;
        GrowingBuffer target = _framing.Begin(_output);
        if (address is not null)
        {
            GatewayHeader.Write(target.GetSpan(head), address, isResponse: true);
            target.Advance(head);
        }
        target.Append(answer);
        _framing.End(_output, clientSap);
    }

    private IDlmsStation? StationOf(ushort sap, GatewayAddress? address)
    {
        if (_stations.TryGetValue((sap, address), out LinkedListNode<Called>? node))
        {
            _byUse.Remove(node);
            _byUse.AddLast(node);
            return node.Value.Station;
        }
        if (_find(sap, address) is not { } station) return null;
        if (_stations.Count == _stationCountMax) Close(_byUse.First!.Value.Key);
        _stations[(sap, address)] = _byUse.AddLast(new Called((sap, address), station));
        return station;
    }

    private void Drop()
    {
        CloseStations();
        IsClosed = !_framing.TryReset();
    }

    private void Close((ushort Sap, GatewayAddress? Address) key)
    {
        if (!_stations.Remove(key, out LinkedListNode<Called>? node)) return;
        _byUse.Remove(node);
        node.Value.Station.Dispose();
    }

    private void CloseStations()
    {
        foreach (Called called in _byUse) called.Station.Dispose();
        _byUse.Clear();
        _stations.Clear();
    }

    private sealed record Called((ushort Sap, GatewayAddress? Address) Key, IDlmsStation Station);
}
