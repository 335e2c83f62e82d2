namespace Praman.Server.Hosting;

/// <summary>Another program listens on the port already; the message names it and says what to do.</summary>
public sealed class PortInUseException(string endpoint, int port, Exception cause) : IOException(
    $"port {port} is in use ({endpoint}): stop the program that listens there, or choose another with --port, such as --port {(port < 65_000 ? port + 1 : 5081)}",
    cause)
{
    public int Port { get; } = port;
}
