using System.Diagnostics.CodeAnalysis;
using Praman.Dlms.Security;
using Praman.Metering;

namespace Praman.Dlms.Explain;

/// <summary>Keys and titles that a decoder may use. Never shown in its output.</summary>
public sealed class DlmsKeys
{
    private const int TitleLength = 8;

    private readonly List<byte[]> _titles = [], _signingPublic = [], _agreementPrivate = [], _agreementPublic = [];

    /// <summary>Names that <see cref="TryAdd"/> takes.</summary>
    public const string Names = "guek, gak, gbek, dedicated, kek, cek, signingPublic, agreementPrivate, agreementPublic, certificate, systemTitle";

    /// <summary>Global unicast encryption key.</summary>
    public byte[]? Guek { get; private set; }

    /// <summary>Global authentication key.</summary>
    public byte[]? Gak { get; private set; }

    /// <summary>Dedicated key of the association.</summary>
    public byte[]? Dedicated { get; private set; }

    /// <summary>Global broadcast encryption key.</summary>
    public byte[]? Gbek { get; private set; }

    /// <summary>Key-encrypting key: opens wrapped keys.</summary>
    public byte[]? Kek { get; private set; }

    /// <summary>A key of one general-ciphering APDU itself, as it was wrapped or agreed.</summary>
    public byte[]? Cek { get; private set; }

    /// <summary>Public signature keys of senders, x and y.</summary>
    public IReadOnlyList<byte[]> SigningPublic => _signingPublic;

    /// <summary>Private agreement keys of either side.</summary>
    public IReadOnlyList<byte[]> AgreementPrivate => _agreementPrivate;

    /// <summary>Public agreement keys of either side, x and y.</summary>
    public IReadOnlyList<byte[]> AgreementPublic => _agreementPublic;

    /// <summary>System titles of senders, for APDUs that do not carry them.</summary>
    public IReadOnlyList<byte[]> SystemTitles => _titles;

    /// <summary>Adds a key by its name; case and hyphens do not matter.</summary>
    public bool TryAdd(string name, byte[] value, [NotNullWhen(false)] out string? fault)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        fault = null;
        string plain = name.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal);
        bool Is(string other) => plain.Equals(other, StringComparison.OrdinalIgnoreCase);
        bool title = plain.EndsWith("title", StringComparison.OrdinalIgnoreCase) || Is("client") || Is("server") || Is("st");
        if (title) // which side it belongs to shows when a tag verifies with it
        {
            if (value.Length != TitleLength) fault = $"a system title of {value.Length} octets: expected {TitleLength}";
            else _titles.Add(value);
        }
        else if (Is("certificate"))
        {
            if (DlmsCertificate.TryRead(value, out DlmsCertificate? certificate, out fault)) (certificate.Type == CertificateType.KeyAgreement ? _agreementPublic : _signingPublic).Add(certificate.PublicKey);
        }
        else if (Is("signingPublic") || Is("agreementPublic"))
        {
            if (value.Length is not (64 or 96)) fault = $"a public key of {value.Length} octets: expected x and y, 64 (P-256) or 96 (P-384)";
            else (Is("signingPublic") ? _signingPublic : _agreementPublic).Add(value);
        }
        else if (Is("agreementPrivate"))
        {
            if (value.Length is not (32 or 48)) fault = $"a private key of {value.Length} octets: expected 32 (P-256) or 48 (P-384)";
            else _agreementPrivate.Add(value);
        }
        else if (!Is("guek") && !Is("gak") && !Is("gbek") && !Is("dedicated") && !Is("kek") && !Is("cek")) fault = $"no key is named '{name}': expected {Names}";
        else if (value.Length is not (16 or 32)) fault = $"a key of {Counted.Of(value.Length, "octet")}: expected 16 or 32";
        else if (Is("guek")) Guek = value;
        else if (Is("gak")) Gak = value;
        else if (Is("gbek")) Gbek = value;
        else if (Is("kek")) Kek = value;
        else if (Is("cek")) Cek = value;
        else Dedicated = value;
        return fault is null;
    }
}
