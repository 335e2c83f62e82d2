using System.IO.Pipelines;

namespace Praman.Transports;

/// <summary>
/// One end of a byte link: what the other end wrote is read from <see cref="IDuplexPipe.Input"/>. Reads and writes end in a
/// <see cref="LinkException"/> or an <see cref="IOException"/> when the link is lost, and in a completed result when the other end closed.
/// </summary>
public interface IBytePipe : IDuplexPipe, IAsyncDisposable
{
    /// <summary>The other end, for people: <c>tcp://127.0.0.1:4059</c>.</summary>
    string Remote { get; }
}
