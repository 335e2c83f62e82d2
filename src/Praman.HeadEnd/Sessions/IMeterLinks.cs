using Praman.Transports;
using Praman.Transports.Addresses;
using Praman.Transports.Tcp;

namespace Praman.HeadEnd.Sessions;

/// <summary>Makes links to meters.</summary>
public interface IMeterLinks
{
    /// <param name="link">Where: <c>tcp://host:port</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="LinkException">Nobody answers there, or not in time.</exception>
    ValueTask<IBytePipe> ConnectAsync(string link, CancellationToken cancellationToken);
}

/// <summary>Links over TCP.</summary>
public sealed class TcpMeterLinks(TcpOptions options, TimeProvider timeProvider) : IMeterLinks
{
    public async ValueTask<IBytePipe> ConnectAsync(string link, CancellationToken cancellationToken)
    {
        if (!MeterAddress.TryParse(link, out MeterAddress? address, out string? error)) throw new LinkException(LinkFault.Unreachable, error);
        return await TcpPipe.ConnectAsync(address.Host, address.Port, options, timeProvider, cancellationToken).ConfigureAwait(false);
    }
}
