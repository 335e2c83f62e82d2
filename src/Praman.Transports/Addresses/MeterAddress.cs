using System.Globalization;
using System.Text;
using Praman.Transports.Serial;

namespace Praman.Transports.Addresses;

/// <summary>How a meter is reached.</summary>
public enum LinkScheme
{
    Tcp,

    /// <summary>Datagrams, each one frame of the wrapper.</summary>
    Udp,

    /// <summary>A serial device of this machine.</summary>
    Serial,
}

/// <summary>How APDUs are framed on the link.</summary>
public enum LinkFraming
{
    /// <summary>The wrapper of eight octets (IEC 62056-47).</summary>
    Wrapper,

    /// <summary>The link of IEC 62056-46.</summary>
    Hdlc,
}

/// <summary>What comes before the first frame on a serial line.</summary>
public enum LinkOpening
{
    /// <summary>Nothing.</summary>
    Direct,

    /// <summary>Sign-on at 300 baud and change of speed (IEC 62056-21, mode E).</summary>
    ModeE,
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

    /// <summary>MD5 of a challenge and a secret (mechanism 3): a broken hash, for old meters.</summary>
    HlsMd5,

    /// <summary>SHA-1 of a challenge and a secret (mechanism 4): a broken hash, for old meters.</summary>
    HlsSha1,

    /// <summary>SHA-256 of secret, titles and challenges (mechanism 6).</summary>
    HlsSha256,

    /// <summary>ECDSA of titles and challenges (mechanism 7), in suites 1 and 2.</summary>
    Ecdsa,
}

/// <summary>What is done to APDUs on the way.</summary>
public enum LinkProtection
{
    None,
    Authenticated,
    Encrypted,
    AuthenticatedEncrypted,
}

/// <summary>In what envelope ciphered APDUs go (IEC 62056-5-3). What comes after <see cref="GeneralGlo"/> is general-ciphering.</summary>
public enum LinkEnvelope
{
    /// <summary>glo-…, by service.</summary>
    Service,

    /// <summary>general-glo-ciphering.</summary>
    GeneralGlo,

    /// <summary>general-ciphering that names the global key.</summary>
    Identified,

    /// <summary>general-ciphering with a key agreed for each APDU: C(1e, 1s).</summary>
    OnePass,

    /// <summary>general-ciphering with a key agreed from static keys: C(0e, 2s).</summary>
    Static,
}

/// <summary>
/// A meter's address as people write it: <c>tcp://host:4059?client=48&amp;server=1&amp;framing=wrapper&amp;auth=gmac&amp;…</c>, <c>udp://host:4059?…</c>,
/// <c>serial:///dev/ttyUSB0?baud=9600&amp;…</c>. Text made of it
/// (<see cref="ToString"/>) never holds a key; <see cref="ToText"/> does.
/// </summary>
public sealed partial record MeterAddress
{
    /// <summary>The port that IANA keeps for DLMS.</summary>
    public const int PortDefault = 4059;

    public LinkScheme Scheme { get; init; }

    /// <summary>Host name or address; empty on a serial line.</summary>
    public required string Host { get; init; }

    /// <summary>The serial device, <c>/dev/ttyUSB0</c> or <c>COM3</c>; empty elsewhere.</summary>
    public string Device { get; init; } = "";

    public int Port { get; init; } = PortDefault;

    /// <summary>Client SAP: 16 public, 32 reader, 48 utility setting (IS 15959).</summary>
    public int Client { get; init; } = 16;

    /// <summary>Server SAP: 1 is the management logical device.</summary>
    public int Server { get; init; } = 1;

    public LinkFraming Framing { get; init; }

    /// <summary>The HDLC link, where that is the framing.</summary>
    public LinkHdlc Hdlc { get; init; } = LinkHdlc.Default;

    /// <summary>Speed and form of a serial line.</summary>
    public SerialLine Line { get; init; } = SerialLine.Default;

    /// <summary>What comes first on a serial line.</summary>
    public LinkOpening Opening { get; init; }

    /// <summary>The meter names its objects by short names (SN referencing), as some older ones do.</summary>
    public bool UsesShortNames { get; init; }

    /// <summary>The meter behind a gateway that the link leads to; null where it leads to the meter.</summary>
    public LinkGateway? Gateway { get; init; }

    public LinkAuthentication Authentication { get; init; }

    public LinkProtection Protection { get; init; }

    /// <summary>Secret of LLS or of HLS 2, 3, 4 or 6; empty where there is none.</summary>
    public ReadOnlyMemory<byte> Secret { get; init; }

    /// <summary>The security suite, 0 to 2.</summary>
    public int Suite { get; init; }

    public LinkEnvelope Envelope { get; init; }

    /// <summary>Every APDU is signed as well, and every answer must be; suites 1 and 2.</summary>
    public bool Signs { get; init; }

    /// <summary>Global unicast encryption key, 16 octets, 32 in suite 2; empty where there is none.</summary>
    public ReadOnlyMemory<byte> EncryptionKey { get; init; }

    /// <summary>Authentication key, of the same length; empty where there is none.</summary>
    public ReadOnlyMemory<byte> AuthenticationKey { get; init; }

    /// <summary>System title of the client, 8 octets; empty for the program's own.</summary>
    public ReadOnlyMemory<byte> SystemTitle { get; init; }

    /// <summary>System title of the meter, 8 octets; empty where any will do, or its certificate says it.</summary>
    public ReadOnlyMemory<byte> MeterTitle { get; init; }

    /// <summary>The client's private key of digital signature, 32 octets, 48 in suite 2; empty where there is none.</summary>
    public ReadOnlyMemory<byte> SignatureKey { get; init; }

    /// <summary>The client's private key of key agreement, of the same length; empty where there is none.</summary>
    public ReadOnlyMemory<byte> AgreementKey { get; init; }

    /// <summary>The meter's public key of digital signature, x and y, or its certificate (X.509, DER); empty where there is none.</summary>
    public ReadOnlyMemory<byte> MeterSignature { get; init; }

    /// <summary>The meter's public key of key agreement, or its certificate; empty where there is none.</summary>
    public ReadOnlyMemory<byte> MeterAgreement { get; init; }

    /// <summary>Certificate of the authority that signed the meter's; empty where nobody's signature is looked at.</summary>
    public ReadOnlyMemory<byte> Authority { get; init; }

    /// <summary>Where, without who and how: <c>tcp://host:port</c>; with what a link other than TCP with the wrapper, to a meter of its own and by logical names, needs, <c>serial:///dev/ttyUSB0?…</c>.</summary>
    public string Link
    {
        get
        {
            var text = new StringBuilder();
            if (Scheme == LinkScheme.Serial)
            {
                text.Append("serial://").Append(Uri.EscapeDataString(Device).Replace("%2F", "/", StringComparison.Ordinal));
                text.Append(CultureInfo.InvariantCulture, $"?baud={Line.Baud}&format={Line.Format}&opening={(Opening == LinkOpening.ModeE ? "mode-e" : "direct")}&");
                LinkFields.Append(text, Hdlc);
                AppendMeter(text, '&');
                return text.ToString();
            }
            string host = Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
            text.Append(CultureInfo.InvariantCulture, $"{(Scheme == LinkScheme.Udp ? "udp" : "tcp")}://{host}:{Port}");
            if (Framing == LinkFraming.Hdlc) LinkFields.Append(text.Append('?'), Hdlc);
            AppendMeter(text, Framing == LinkFraming.Hdlc ? '&' : '?');
            return text.ToString();
        }
    }

    private void AppendMeter(StringBuilder text, char separator)
    {
        if (Gateway is { } meter) (text, separator) = (text.Append(CultureInfo.InvariantCulture, $"{separator}gateway={meter}"), '&');
        if (UsesShortNames) text.Append(separator).Append("names=short");
    }

    /// <summary>The same address, of a meter behind a gateway that stands there.</summary>
    public MeterAddress Behind(LinkGateway gateway) => this with { Gateway = gateway };

    /// <summary>The address without its keys.</summary>
    public override string ToString() => ToText(withKeys: false);
}
