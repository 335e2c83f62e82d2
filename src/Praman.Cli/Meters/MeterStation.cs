using NodaTime;
using Praman.Dlms.Framing;
using Praman.Dlms.Server;
using Praman.Meter;

namespace Praman.Cli.Meters;

/// <summary>One client's connection to a virtual meter. It holds the meter's lock (the meter itself) while it answers; whoever else changes the meter takes the same lock.</summary>
internal sealed class MeterStation : IDlmsStation
{
    private readonly VirtualMeter _meter;
    private readonly DlmsServerAssociation _association;

    /// <param name="meter">The meter.</param>
    /// <param name="hdlc">The HDLC link that it is reached by; null for the wrapper.</param>
    public MeterStation(VirtualMeter meter, HdlcSettings? hdlc = null)
    {
        _meter = meter;
        lock (meter) _association = meter.OpenAssociation(hdlc: hdlc);
    }

    public bool IsClosed => _association.IsClosed;

    /// <summary>True while the HDLC link is open.</summary>
    public bool IsLinkOpen => _association.IsLinkOpen;

    public ReadOnlyMemory<byte> Receive(ReadOnlySpan<byte> octets, Instant now)
    {
        lock (_meter) return _association.Receive(octets, now);
    }

    public void Dispose()
    {
        lock (_meter) _association.Dispose();
    }
}
