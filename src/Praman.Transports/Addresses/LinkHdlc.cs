namespace Praman.Transports.Addresses;

/// <summary>How a server is found on an HDLC link, and what is offered to it (IEC 62056-46).</summary>
/// <param name="Octets">Octets of the server's address: 1, or 2 or 4 with a physical address.</param>
/// <param name="Physical">The physical device's number, the lower part of the address; 0 with one octet.</param>
/// <param name="InformationLength">Longest information field that is offered, both ways.</param>
/// <param name="Window">Frames before an acknowledgement that are offered, both ways.</param>
public readonly record struct LinkHdlc(int Octets, int Physical, int InformationLength, int Window)
{
    /// <summary>One octet of address, 128 octets, one frame.</summary>
    public static LinkHdlc Default { get; } = new(1, 0, 128, 1);
}
