using NodaTime;

namespace Praman.Dlms.Server;

/// <summary>Whatever answers on a connection or a line: one meter, several on a line, or a gateway before many.</summary>
public interface IDlmsStation : IDisposable
{
    /// <summary>True once nothing more will be answered: the host closes the connection.</summary>
    bool IsClosed { get; }

    /// <summary>Takes in octets of any length; none hands in the time alone.</summary>
    /// <returns>What is to be sent back; valid until the next call.</returns>
    ReadOnlyMemory<byte> Receive(ReadOnlySpan<byte> octets, Instant now);
}
