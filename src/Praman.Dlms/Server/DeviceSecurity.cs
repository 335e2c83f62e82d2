using Praman.Dlms.Security;

namespace Praman.Dlms.Server;

/// <summary>What a device keeps secret: key set, master key, and the secrets of its associations.</summary>
public sealed class DeviceSecurity
{
    /// <summary>Longest secret of an association.</summary>
    public const int SecretLengthMax = 64;

    /// <param name="systemTitle">Eight octets: the maker's three letters and five of its own.</param>
    /// <param name="keys">Global keys with their counters.</param>
    /// <param name="masterKey">Key-encrypting key (RFC 3394) for key transfer; empty where the device takes no keys.</param>
    /// <param name="lowSecret">Password of low-level security.</param>
    /// <param name="highSecret">Secret of high-level security by mechanism 2 (16 octets), 3, 4 or 6.</param>
    public DeviceSecurity(
        ReadOnlyMemory<byte> systemTitle, KeySet keys, ReadOnlyMemory<byte> masterKey, ReadOnlyMemory<byte> lowSecret, ReadOnlyMemory<byte> highSecret)
    {
        if (systemTitle.Length != 8) throw new ArgumentException("a system title has 8 octets", nameof(systemTitle));
        (SystemTitle, Keys, MasterKey, LowSecret, HighSecret) = (systemTitle, keys, masterKey, lowSecret, highSecret);
    }

    public ReadOnlyMemory<byte> SystemTitle { get; }

    /// <summary>The keys that the next association will use.</summary>
    public KeySet Keys { get; private set; }

    public ReadOnlyMemory<byte> MasterKey { get; private set; }

    public ReadOnlyMemory<byte> LowSecret { get; set; }

    public ReadOnlyMemory<byte> HighSecret { get; set; }

    /// <summary>Clients that are let in to ciphered associations, by system title; any where null.</summary>
    public ReadOnlyMemory<byte>? ClientTitle { get; set; }

    /// <summary>The device's own key pairs of suite 1 or 2; null where it has none.</summary>
    public EllipticKeys? OwnKeys { get; set; }

    /// <summary>Public keys of clients that were set in the works, used where no certificate of the client is held; null for none.</summary>
    public EllipticKeys? ClientKeys { get; set; }

    /// <summary>Certificates: the device's own, those of its clients and of their authorities.</summary>
    public CertificateStore Certificates => field ??= new(); // most devices have none

    /// <summary>New keys, for associations opened from now on. A null key stays as it is.</summary>
    public void ChangeKeys(ReadOnlyMemory<byte>? guek, ReadOnlyMemory<byte>? gak, ReadOnlyMemory<byte>? masterKey, ReadOnlyMemory<byte>? gbek = null)
    {
        if (masterKey is { } master) MasterKey = master;
        if (guek is not null || gak is not null || gbek is not null) Keys = Keys.With(guek, gak, gbek);
    }

    /// <summary>The public keys of a client, from its certificates where there are some.</summary>
    /// <param name="title">The client's system title.</param>
    /// <param name="owned">True where the caller disposes what it gets.</param>
    public EllipticKeys? FindClientKeys(ReadOnlySpan<byte> title, out bool owned)
    {
        owned = false;
        if (!SecuritySuite.HasCurve(Keys.Suite)) return null;
        EllipticKeys? certified = Certificates.FindKeys(CertificateEntity.Client, title, Keys.Suite);
        owned = certified is not null;
        return certified ?? ClientKeys;
    }
}
