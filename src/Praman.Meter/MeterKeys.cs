using Praman.Dlms.Security;

namespace Praman.Meter;

/// <summary>The secrets of one meter. All are 16 octets, 32 in suite 2, but the password and the secrets of mechanisms 3, 4 and 6, which are up to 64.</summary>
/// <param name="Guek">Global unicast encryption key.</param>
/// <param name="Gak">Global authentication key.</param>
/// <param name="LlsSecret">Password of the meter reader (client 32).</param>
/// <param name="HlsSecret">Secret of the utility (client 48) for mechanisms 2, 3, 4 and 6; with mechanism 5 the keys prove it.</param>
/// <param name="MasterKey">Key-encrypting key for key transfer; empty where the meter takes none.</param>
public sealed record MeterKeys(
    ReadOnlyMemory<byte> Guek, ReadOnlyMemory<byte> Gak, ReadOnlyMemory<byte> LlsSecret, ReadOnlyMemory<byte> HlsSecret, ReadOnlyMemory<byte> MasterKey = default)
{
    /// <summary>The meter's own key pairs; needed in suites 1 and 2 for mechanism 7, agreed keys and signatures. They stay the host's.</summary>
    public EllipticKeys? KeyPairs { get; init; }

    /// <summary>The utility's public keys as they were set in the works; a certificate of a client goes before them.</summary>
    public EllipticKeys? ClientKeys { get; init; }

    /// <summary>Certificates that it begins with, authorities first.</summary>
    public IReadOnlyList<DlmsCertificate> Certificates { get; init; } = [];
}
