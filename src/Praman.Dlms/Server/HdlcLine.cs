using NodaTime;

namespace Praman.Dlms.Server;

/// <summary>
/// Several meters on one line, RS-485 as a rule: each hears all octets and answers what is addressed to it (IEC 62056-46). A line speaks one
/// at a time, so at most one answers; a station without power is silent until it has it again.
/// </summary>
/// <param name="stations">Stations that speak HDLC, each with an address of its own, of 2 or 4 octets so that no answer to a client looks like a call.</param>
public sealed class HdlcLine(IReadOnlyList<IDlmsStation> stations) : IDlmsStation
{
    private readonly GrowingBuffer _output = new();

    /// <summary>Never: a line stays, whoever is on it.</summary>
    public bool IsClosed => false;

    /// <summary>Takes in what came over the line, of any length; none hands in the time alone.</summary>
    /// <returns>What is to be sent back; valid until the next call.</returns>
    public ReadOnlyMemory<byte> Receive(ReadOnlySpan<byte> octets, Instant now)
    {
        _output.Clear();
        foreach (IDlmsStation station in stations) _output.Append(station.Receive(octets, now).Span);
        return _output.Memory;
    }

    public void Dispose()
    {
        foreach (IDlmsStation station in stations) station.Dispose();
    }
}
