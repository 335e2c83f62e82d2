using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Praman.Transports.Addresses;

public sealed partial record MeterAddress
{
    // Three certificates, two keys, and all the rest.
    private const int TextLengthMax = (3 * 2 * CertificateOctetsMax) + 2048;
    private const int SecretOctetsMax = 64, CertificateOctetsMax = 2048;
    private const int SuiteMax = 2;

    private static readonly (string Name, LinkAuthentication Value)[] AuthenticationNames =
    [
        ("none", LinkAuthentication.None), ("lls", LinkAuthentication.Lls), ("hls2", LinkAuthentication.Hls2), ("gmac", LinkAuthentication.Gmac),
        ("md5", LinkAuthentication.HlsMd5), ("sha1", LinkAuthentication.HlsSha1), ("sha256", LinkAuthentication.HlsSha256), ("ecdsa", LinkAuthentication.Ecdsa),
    ];

    private static readonly (string Name, LinkProtection Value)[] ProtectionNames =
    [
        ("none", LinkProtection.None), ("authenticated", LinkProtection.Authenticated), ("encrypted", LinkProtection.Encrypted),
        ("authenticated-encrypted", LinkProtection.AuthenticatedEncrypted),
    ];

    private static readonly (string Name, LinkEnvelope Value)[] EnvelopeNames =
    [
        ("service", LinkEnvelope.Service), ("general-glo", LinkEnvelope.GeneralGlo), ("identified", LinkEnvelope.Identified),
        ("one-pass", LinkEnvelope.OnePass), ("static", LinkEnvelope.Static),
    ];

    private static readonly (string Name, bool Value)[] YesNo = [("yes", true), ("no", false)];

    /// <summary>Reads an address; <paramref name="error"/> names what is wrong and what was expected, and holds no key.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out MeterAddress? address, [NotNullWhen(false)] out string? error)
    {
        address = null;
        if (string.IsNullOrWhiteSpace(text)) return Fail("no meter address: expected tcp://host:4059?client=16&server=1", out error);
        if (text.Length > TextLengthMax) return Fail($"the meter address is longer than {TextLengthMax} characters", out error);
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string scheme = colon < 0 ? "" : text[..colon].ToLowerInvariant();
        LinkScheme? known = scheme switch { "tcp" or "hdlc+tcp" => LinkScheme.Tcp, "udp" => LinkScheme.Udp, "serial" => LinkScheme.Serial, _ => null };
        if (known is not { } link || (link != LinkScheme.Serial && !text.AsSpan(colon).StartsWith("://", StringComparison.Ordinal)))
        {
            return Fail($"the meter address starts with '{(scheme.Length is 0 or > 20 ? text[..Math.Min(20, text.Length)] : scheme)}': expected tcp://host:port, udp://host:port or serial:///dev/…", out error);
        }
        string host = "", device = "", query;
        int port = PortDefault;
        if (link == LinkScheme.Serial)
        {
            if (!TrySplitDevice(text[(colon + 1)..], out device, out query, out error)) return false;
        }
        else
        {
            if (WrongPort(text[(colon + 3)..]) is { } wrong) return Fail($"the port of the meter address is '{Shown(wrong)}': expected 1 to 65535", out error);
            if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) || uri.Host.Length == 0) return Fail($"the meter address has no host: expected {scheme}://host:4059", out error);
            if (uri.UserInfo.Length > 0 || uri.AbsolutePath is not ("" or "/") || uri.Fragment.Length > 0)
            {
                return Fail($"the meter address has more than host, port and options: expected {scheme}://host:port?name=value&…", out error);
            }
            (host, query) = (uri.Host.Trim('[', ']'), uri.Query);
            if (!uri.IsDefaultPort && uri.Port >= 0) port = uri.Port;
        }
        var fields = new Fields();
        foreach (string part in query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0) return Fail($"option '{Shown(part)}' has no value: expected name=value", out error);
            if (!fields.TrySet(part[..equals], Uri.UnescapeDataString(part[(equals + 1)..]), out error)) return false;
        }
        if (!fields.TryCheck(out error) || !fields.Link.TryCheck(link, scheme == "hdlc+tcp", fields.Client, fields.Server, out error)) return false;
        address = new MeterAddress
        {
            Scheme = link, Host = host, Device = device, Port = port,
            Framing = fields.Link.Framing, Hdlc = fields.Link.Hdlc, Line = fields.Link.Line, Opening = fields.Link.Opening, Gateway = fields.Link.Gateway, UsesShortNames = fields.Link.UsesShortNames,
            Client = fields.Client, Server = fields.Server, Authentication = fields.Authentication, Protection = fields.EffectiveProtection,
            Secret = fields.Secret, EncryptionKey = fields.EncryptionKey, AuthenticationKey = fields.AuthenticationKey, SystemTitle = fields.SystemTitle,
            Suite = fields.Suite, Envelope = fields.Envelope, Signs = fields.Signs, MeterTitle = fields.MeterTitle,
            SignatureKey = fields.SignatureKey, AgreementKey = fields.AgreementKey, MeterSignature = fields.MeterSignature, MeterAgreement = fields.MeterAgreement, Authority = fields.Authority,
        };
        return true;
    }

    /// <summary>What stands where a port should, after the host's last colon, and is none; null where there is a port, or nothing.</summary>
    private static string? WrongPort(string rest)
    {
        int end = rest.AsSpan().IndexOfAny("/?#");
        ReadOnlySpan<char> place = end < 0 ? rest : rest.AsSpan(0, end);
        place = place[(place.LastIndexOf('@') + 1)..]; // what stands before it is no port, and may be a secret
        int colon = place[(place.LastIndexOf(']') + 1)..].LastIndexOf(':');
        if (colon < 0) return null;
        ReadOnlySpan<char> port = place[(place.LastIndexOf(']') + 1 + colon + 1)..];
        return ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number) && number > 0 ? null : port.ToString();
    }

    /// <summary>The address as text that <see cref="TryParse"/> reads back; with keys only for whoever owns the meter.</summary>
    public string ToText(bool withKeys)
    {
        var text = new StringBuilder(Link);
        bool isHdlc = Scheme == LinkScheme.Serial || Framing == LinkFraming.Hdlc;
        text.Append(CultureInfo.InvariantCulture, $"{(isHdlc || Gateway is not null || UsesShortNames ? '&' : '?')}client={Client}&server={Server}{(isHdlc ? "" : "&framing=wrapper")}");
        text.Append(CultureInfo.InvariantCulture, $"&auth={NameOf(AuthenticationNames, Authentication)}&policy={NameOf(ProtectionNames, Protection)}");
        if (Suite > 0) text.Append(CultureInfo.InvariantCulture, $"&suite={Suite}");
        if (Envelope != LinkEnvelope.Service) text.Append("&envelope=").Append(NameOf(EnvelopeNames, Envelope));
        if (Signs) text.Append("&signed=yes");
        if (withKeys)
        {
            Append(text, "secret", Secret);
            Append(text, "guek", EncryptionKey);
            Append(text, "gak", AuthenticationKey);
            Append(text, "sign", SignatureKey);
            Append(text, "agree", AgreementKey);
            Append(text, "meter-sign", MeterSignature);
            Append(text, "meter-agree", MeterAgreement);
            Append(text, "authority", Authority);
        }
        Append(text, "title", SystemTitle);
        Append(text, "meter-title", MeterTitle);
        return text.ToString();
    }

    // serial:///dev/ttyUSB0, serial:/dev/ttyUSB0, serial://COM3
    private static bool TrySplitDevice(string rest, out string device, out string query, [NotNullWhen(false)] out string? error)
    {
        error = null;
        int mark = rest.IndexOf('?', StringComparison.Ordinal);
        query = mark < 0 ? "" : rest[mark..];
        device = Uri.UnescapeDataString(mark < 0 ? rest : rest[..mark]);
        if (device.StartsWith("//", StringComparison.Ordinal)) device = device[2..];
        if (device.Length == 0 || device.Any(char.IsControl)) return Fail("the meter address has no serial device: expected serial:///dev/ttyUSB0 or serial://COM3", out error);
        return true;
    }

    private static void Append(StringBuilder text, string name, ReadOnlyMemory<byte> value)
    {
        if (!value.IsEmpty) text.Append('&').Append(name).Append('=').Append(Convert.ToHexString(value.Span));
    }

    private static string NameOf<T>((string Name, T Value)[] names, T value) => Array.Find(names, n => Equals(n.Value, value)).Name;

    private static string Shown(string text) => text.Length <= 20 ? text : text[..20] + "…";

    private static bool Fail(string reason, out string error)
    {
        error = reason;
        return false;
    }

    private sealed class Fields
    {
        private const int CoordinateMax = 48;

        private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
        private LinkProtection? _protection;

        public LinkFields Link { get; } = new();

        public int Client { get; private set; } = 16;

        public int Server { get; private set; } = 1;

        public LinkAuthentication Authentication { get; private set; }

        public byte[] Secret { get; private set; } = [];

        public byte[] EncryptionKey { get; private set; } = [];

        public byte[] AuthenticationKey { get; private set; } = [];

        public byte[] SystemTitle { get; private set; } = [];

        public int Suite { get; private set; }

        public LinkEnvelope Envelope { get; private set; }

        public bool Signs { get; private set; }

        public byte[] MeterTitle { get; private set; } = [];

        public byte[] SignatureKey { get; private set; } = [];

        public byte[] AgreementKey { get; private set; } = [];

        public byte[] MeterSignature { get; private set; } = [];

        public byte[] MeterAgreement { get; private set; } = [];

        public byte[] Authority { get; private set; } = [];

        public LinkProtection EffectiveProtection =>
            _protection ?? (EncryptionKey.Length > 0 ? LinkProtection.AuthenticatedEncrypted : LinkProtection.None);

        public bool TrySet(string name, string value, [NotNullWhen(false)] out string? error)
        {
            error = null;
            if (!_seen.Add(name)) return Fail($"option '{Shown(name)}' stands twice", out error);
            switch (name)
            {
                case "client": return TrySap(name, value, v => Client = v, out error);
                case "server": return TrySap(name, value, v => Server = v, out error);
                case "auth": return TryName(AuthenticationNames, name, value, v => Authentication = v, out error);
                case "policy": return TryName(ProtectionNames, name, value, v => _protection = v, out error);
                case "secret": return TryHex(name, value, 1, SecretOctetsMax, v => Secret = v, out error);
                case "guek": return TryKey(name, value, v => EncryptionKey = v, out error);
                case "gak": return TryKey(name, value, v => AuthenticationKey = v, out error);
                case "title": return TryHex(name, value, 8, 8, v => SystemTitle = v, out error);
                case "suite":
                    Suite = value is "0" or "1" or "2" ? value[0] - '0' : -1;
                    return Suite >= 0 || Fail($"suite is '{Shown(value)}': expected 0 to {SuiteMax}", out error);
                case "envelope": return TryName(EnvelopeNames, name, value, v => Envelope = v, out error);
                case "signed": return TryName(YesNo, name, value, v => Signs = v, out error);
                case "meter-title": return TryHex(name, value, 8, 8, v => MeterTitle = v, out error);
                case "sign": return TryHex(name, value, 1, CoordinateMax, v => SignatureKey = v, out error);
                case "agree": return TryHex(name, value, 1, CoordinateMax, v => AgreementKey = v, out error);
                case "meter-sign": return TryHex(name, value, 1, CertificateOctetsMax, v => MeterSignature = v, out error);
                case "meter-agree": return TryHex(name, value, 1, CertificateOctetsMax, v => MeterAgreement = v, out error);
                case "authority": return TryHex(name, value, 1, CertificateOctetsMax, v => Authority = v, out error);
                default:
                    if (Link.TrySet(name, value, out error)) return true;
                    error ??= $"option '{Shown(name)}' is not known: expected client, server, auth, policy, secret, guek, gak, title, suite, envelope, signed, sign, agree, meter-sign, meter-agree, authority, meter-title, {LinkFields.Names}";
                    return false;
            }
        }

        /// <summary>What belongs together is there together.</summary>
        public bool TryCheck([NotNullWhen(false)] out string? error)
        {
            error = null;
            if (!TryCheckSuite(out error)) return false;
            if (Authentication is not (LinkAuthentication.None or LinkAuthentication.Gmac or LinkAuthentication.Ecdsa) && Secret.Length == 0) return Fail("auth lls, hls2, md5, sha1 and sha256 need secret=HEX", out error);
            if (Authentication == LinkAuthentication.Hls2 && Secret.Length != 16) return Fail("the secret of hls2 has 16 octets (32 hex digits)", out error);
            if (Authentication == LinkAuthentication.Gmac && (EncryptionKey.Length == 0 || AuthenticationKey.Length == 0))
            {
                return Fail("auth gmac needs guek=HEX and gak=HEX", out error);
            }
            if (EffectiveProtection != LinkProtection.None && EncryptionKey.Length == 0) return Fail("a policy of protection needs guek=HEX", out error);
            return EffectiveProtection is LinkProtection.None or LinkProtection.Encrypted || AuthenticationKey.Length > 0
                || Fail("a policy of authentication needs gak=HEX", out error);
        }

        // Keys and key pairs of the suite that is named, and all that it is asked for.
        private bool TryCheckSuite([NotNullWhen(false)] out string? error)
        {
            error = null;
            int key = Suite == 2 ? 32 : 16, coordinate = Suite == 2 ? CoordinateMax : 32;
            if (EncryptionKey.Length > 0 && EncryptionKey.Length != key) return Fail($"guek has {2 * EncryptionKey.Length} characters: expected {2 * key} hex digits in suite {Suite}", out error);
            if (AuthenticationKey.Length > 0 && AuthenticationKey.Length != key) return Fail($"gak has {2 * AuthenticationKey.Length} characters: expected {2 * key} hex digits in suite {Suite}", out error);
            bool agrees = Envelope is LinkEnvelope.OnePass or LinkEnvelope.Static, signs = Signs || Authentication == LinkAuthentication.Ecdsa || Envelope == LinkEnvelope.OnePass;
            if (Suite == 0)
            {
                return !agrees && !signs && SignatureKey.Length + AgreementKey.Length + MeterSignature.Length + MeterAgreement.Length + Authority.Length == 0
                    || Fail("auth ecdsa, envelope one-pass and static, signed=yes and key pairs need suite=1 or suite=2", out error);
            }
            foreach ((string name, byte[] held) in new[] { ("sign", SignatureKey), ("agree", AgreementKey) })
            {
                if (held.Length > 0 && held.Length != coordinate) return Fail($"{name} has {2 * held.Length} characters: expected {2 * coordinate} hex digits in suite {Suite}", out error);
            }
            foreach ((string name, byte[] held) in new[] { ("meter-sign", MeterSignature), ("meter-agree", MeterAgreement) })
            {
                // A certificate is longer than a key of any suite.
                if (held.Length is > 0 and <= 2 * CoordinateMax && held.Length != 2 * coordinate)
                    return Fail($"{name} has {2 * held.Length} characters: expected {4 * coordinate} hex digits in suite {Suite}, or a certificate", out error);
            }
            if (EffectiveProtection == LinkProtection.None && (agrees || Signs)) return Fail("envelope one-pass and static and signed=yes need a policy of protection", out error);
            if (signs && (SignatureKey.Length == 0 || MeterSignature.Length == 0)) return Fail("auth ecdsa, envelope one-pass and signed=yes need sign=HEX, our private key, and meter-sign=HEX, the meter's public key or certificate", out error);
            return !agrees || (AgreementKey.Length > 0 && MeterAgreement.Length > 0)
                || Fail("envelope one-pass and static need agree=HEX, our private key, and meter-agree=HEX, the meter's public key or certificate", out error);
        }

        private static bool TrySap(string name, string value, Action<int> set, [NotNullWhen(false)] out string? error)
        {
            error = null;
            if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int sap) || sap is < 1 or > 0xFFFF)
            {
                return Fail($"{name} is '{Shown(value)}': expected 1 to 65535", out error);
            }
            set(sap);
            return true;
        }

        private static bool TryName<T>((string Name, T Value)[] names, string name, string value, Action<T> set, [NotNullWhen(false)] out string? error)
        {
            error = null;
            foreach ((string known, T meaning) in names)
            {
                if (known != value) continue;
                set(meaning);
                return true;
            }
            return Fail($"{name} is '{Shown(value)}': expected {string.Join(", ", names.Select(n => n.Name))}", out error);
        }

        // Which length is right, the suite says, when all options were read.
        private static bool TryKey(string name, string value, Action<byte[]> set, [NotNullWhen(false)] out string? error) =>
            value.Length is 32 or 64 ? TryHex(name, value, value.Length / 2, value.Length / 2, set, out error)
                : Fail($"{name} has {value.Length} characters: expected 32 hex digits, or 64 in suite 2", out error);

        // The value is a key: the message never repeats it.
        private static bool TryHex(string name, string value, int octetsMin, int octetsMax, Action<byte[]> set, [NotNullWhen(false)] out string? error)
        {
            error = null;
            string wanted = octetsMin == octetsMax ? $"{octetsMin * 2} hex digits" : $"{octetsMin} to {octetsMax} octets as hex digits";
            if (value.Length % 2 != 0 || value.Length < octetsMin * 2 || value.Length > octetsMax * 2) return Fail($"{name} has {value.Length} characters: expected {wanted}", out error);
            byte[] octets = new byte[value.Length / 2];
            if (Convert.FromHexString(value, octets, out _, out _) != System.Buffers.OperationStatus.Done) return Fail($"{name} holds a character that is no hex digit: expected {wanted}", out error);
            set(octets);
            return true;
        }
    }
}
