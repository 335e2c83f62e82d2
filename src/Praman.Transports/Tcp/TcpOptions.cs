namespace Praman.Transports.Tcp;

/// <summary>How TCP links are made and how much they buffer.</summary>
public sealed record TcpOptions
{
    public static TcpOptions Default { get; } = new();

    /// <summary>Longest wait for a connection.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Octets asked of the socket at once; the reader holds no more than what its user leaves unread and this.</summary>
    public int ReadBufferBytes { get; init; } = 4096;

    /// <summary>Octets that the kernel keeps for sending and for receiving; 0 leaves them to the system.</summary>
    public int SocketBufferBytes { get; init; }

    /// <summary>Connections that wait to be accepted.</summary>
    public int Backlog { get; init; } = 512;
}
