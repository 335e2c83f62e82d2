namespace Praman.Transports.Addresses;

/// <summary>How a meter is reached.</summary>
public enum LinkScheme
{
    Tcp,
}

/// <summary>How APDUs are framed on the link.</summary>
public enum LinkFraming
{
    /// <summary>The wrapper of eight octets (IEC 62056-47).</summary>
    Wrapper,
}

/// <summary>Who we say we are.</summary>
public enum LinkAuthentication
{
    None,

    /// <summary>A secret in clear (mechanism 1).</summary>
    Lls,

    /// <summary>AES-128 of a challenge (mechanism 2), as Indian meters use it.</summary>
    Hls2,

    /// <summary>GMAC of a challenge (mechanism 5).</summary>
    Gmac,
}

/// <summary>What is done to APDUs on the way.</summary>
public enum LinkProtection
{
    None,
    Authenticated,
    Encrypted,
    AuthenticatedEncrypted,
}

/// <summary>
/// A meter's address as people write it: <c>tcp://host:4059?client=48&amp;server=1&amp;framing=wrapper&amp;auth=gmac&amp;…</c>. Text made of it
/// (<see cref="ToString"/>) never holds a key; <see cref="ToText"/> does.
/// </summary>
public sealed partial class MeterAddress
{
    /// <summary>The port that IANA keeps for DLMS.</summary>
    public const int PortDefault = 4059;

    public LinkScheme Scheme { get; init; }

    public required string Host { get; init; }

    public int Port { get; init; } = PortDefault;

    /// <summary>Client SAP: 16 public, 32 reader, 48 utility setting (IS 15959).</summary>
    public int Client { get; init; } = 16;

    /// <summary>Server SAP: 1 is the management logical device.</summary>
    public int Server { get; init; } = 1;

    public LinkFraming Framing { get; init; }

    public LinkAuthentication Authentication { get; init; }

    public LinkProtection Protection { get; init; }

    /// <summary>Secret of LLS or HLS 2; empty where there is none.</summary>
    public ReadOnlyMemory<byte> Secret { get; init; }

    /// <summary>Global unicast encryption key, 16 octets; empty where there is none.</summary>
    public ReadOnlyMemory<byte> EncryptionKey { get; init; }

    /// <summary>Authentication key, 16 octets; empty where there is none.</summary>
    public ReadOnlyMemory<byte> AuthenticationKey { get; init; }

    /// <summary>System title of the client, 8 octets; empty for the program's own.</summary>
    public ReadOnlyMemory<byte> SystemTitle { get; init; }

    /// <summary>Where, without who and how: <c>tcp://host:port</c>.</summary>
    public string Link => $"tcp://{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port.ToString(System.Globalization.CultureInfo.InvariantCulture)}";

    /// <summary>The address without its keys.</summary>
    public override string ToString() => ToText(withKeys: false);
}
