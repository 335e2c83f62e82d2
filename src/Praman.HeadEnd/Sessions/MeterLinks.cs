using Praman.Dlms.Framing;
using Praman.Transports;
using Praman.Transports.Addresses;
using Praman.Transports.Serial;
using Praman.Transports.Tcp;
using Praman.Transports.Udp;

namespace Praman.HeadEnd.Sessions;

/// <summary>Links of every kind that an address can name: TCP, UDP, serial, the last with the opening of an optical port where it says so.</summary>
public sealed class MeterLinks(TcpOptions tcp, UdpOptions udp, TimeProvider timeProvider) : IMeterLinks
{
    public async ValueTask<IBytePipe> ConnectAsync(string link, CancellationToken cancellationToken)
    {
        if (!MeterAddress.TryParse(link, out MeterAddress? address, out string? error)) throw new LinkException(LinkFault.Unreachable, error);
        return address.Scheme switch
        {
            LinkScheme.Udp => await UdpPipe.ConnectAsync(address.Host, address.Port, udp, cancellationToken).ConfigureAwait(false),
            LinkScheme.Serial => await OpenSerialAsync(address, cancellationToken).ConfigureAwait(false),
            _ => await TcpPipe.ConnectAsync(address.Host, address.Port, tcp, timeProvider, cancellationToken).ConfigureAwait(false),
        };
    }

    /// <summary>The HDLC link of an address; null where it names the wrapper.</summary>
    /// <param name="link">Where the meter is.</param>
    /// <param name="serverSap">The logical device, the upper part of its HDLC address.</param>
    public static HdlcSettings? HdlcOf(string link, int serverSap)
    {
        ArgumentNullException.ThrowIfNull(link);
        if (link.StartsWith("tcp://", StringComparison.Ordinal) && !link.Contains('?', StringComparison.Ordinal)) return null; // as most, and without parsing
        if (!MeterAddress.TryParse(link, out MeterAddress? address, out _) || address.Framing != LinkFraming.Hdlc) return null;
        LinkHdlc hdlc = address.Hdlc;
        return new HdlcSettings
        {
            Server = new HdlcAddress(hdlc.Octets, serverSap, hdlc.Physical),
            Offer = HdlcParameters.Of(hdlc.InformationLength, hdlc.Window),
        };
    }

    /// <summary>The meter behind a gateway that an address names; null where it names none.</summary>
    public static GatewayAddress? GatewayOf(string link)
    {
        ArgumentNullException.ThrowIfNull(link);
        if (!link.Contains("gateway=", StringComparison.Ordinal) || !MeterAddress.TryParse(link, out MeterAddress? address, out _)) return null;
        return address.Gateway is { } gateway ? new GatewayAddress(gateway.Network, gateway.Octets) : null;
    }

    /// <summary>True where an address says that the meter names its objects by short names.</summary>
    public static bool UsesShortNames(string link)
    {
        ArgumentNullException.ThrowIfNull(link);
        return link.Contains("names=", StringComparison.Ordinal) && MeterAddress.TryParse(link, out MeterAddress? address, out _) && address.UsesShortNames;
    }

    private async ValueTask<IBytePipe> OpenSerialAsync(MeterAddress address, CancellationToken cancellationToken)
    {
        SerialPipe pipe = SerialPipe.Open(address.Device, address.Line);
        if (address.Opening == LinkOpening.Direct) return pipe;
        try
        {
            await OpticalProbe.OpenAsync(pipe, new ModeEOpening(baudMax: address.Line.Baud), timeProvider, cancellationToken).ConfigureAwait(false);
            return pipe;
        }
        catch
        {
            await pipe.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
