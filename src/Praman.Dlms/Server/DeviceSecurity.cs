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
    /// <param name="highSecret">Key of high-level security by AES-128, 16 octets.</param>
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

    /// <summary>New keys, for associations opened from now on. A null key stays as it is.</summary>
    public void ChangeKeys(ReadOnlyMemory<byte>? guek, ReadOnlyMemory<byte>? gak, ReadOnlyMemory<byte>? masterKey)
    {
        if (masterKey is { } master) MasterKey = master;
        if (guek is not null || gak is not null) Keys = Keys.With(guek, gak);
    }
}
