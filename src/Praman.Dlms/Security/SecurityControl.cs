namespace Praman.Dlms.Security;

/// <summary>The security control octet: suite in bits 0 to 3, A, E, key set and compression above (IEC 62056-5-3, security header).</summary>
public readonly record struct SecurityControl(byte Octet)
{
    private const byte AuthenticatedBit = 0x10, EncryptedBit = 0x20, BroadcastBit = 0x40, CompressedBit = 0x80;

    public SecurityControl(int suite, bool authenticated, bool encrypted, bool broadcastKeySet = false)
        : this((byte)((suite & 0x0F) | (authenticated ? AuthenticatedBit : 0) | (encrypted ? EncryptedBit : 0) | (broadcastKeySet ? BroadcastBit : 0))) { }

    /// <summary>Suite 0, authenticated and encrypted: 0x30.</summary>
    public static SecurityControl AuthenticatedEncryption { get; } = new(0x30);

    /// <summary>Suite 0, encrypted only: 0x20.</summary>
    public static SecurityControl EncryptionOnly { get; } = new(0x20);

    /// <summary>Suite 0, authenticated only: 0x10.</summary>
    public static SecurityControl AuthenticationOnly { get; } = new(0x10);

    /// <summary>0: AES-128; 1: AES-128 with elliptic curve P-256; 2: AES-256 with P-384.</summary>
    public int Suite => Octet & 0x0F;

    public bool IsAuthenticated => (Octet & AuthenticatedBit) != 0;

    public bool IsEncrypted => (Octet & EncryptedBit) != 0;

    /// <summary>True for the broadcast key, false for the unicast key; without meaning where the APDU names a dedicated key.</summary>
    public bool IsBroadcastKeySet => (Octet & BroadcastBit) != 0;

    public bool IsCompressed => (Octet & CompressedBit) != 0;

    /// <summary>Octets that protection adds to the APDU: the header of five, and the tag where authenticated.</summary>
    public int Overhead => SecurityHeader.Length + (IsAuthenticated ? GcmCipher.TagLength : 0);

    /// <summary>True where this protects at least as <paramref name="required"/> does.</summary>
    public bool Satisfies(SecurityControl required) =>
        (!required.IsAuthenticated || IsAuthenticated) && (!required.IsEncrypted || IsEncrypted) && Suite == required.Suite;
}

/// <summary>Security control and invocation counter: five octets before the protected APDU (IEC 62056-5-3, security header).</summary>
public readonly record struct SecurityHeader(SecurityControl Control, uint InvocationCounter)
{
    /// <summary>Octets of a header.</summary>
    public const int Length = 5;
}
