using System.Globalization;
using System.Security.Cryptography;

namespace Praman.Server.People;

/// <summary>Passwords at rest: PBKDF2 with HMAC-SHA-512 (RFC 8018 section 5.2), a salt each, as text <c>pbkdf2-sha512$iterations$salt$hash</c>.</summary>
public static class Passwords
{
    /// <summary>Rounds of a new hash; an older hash keeps the number that stands in it.</summary>
    public const int Iterations = 210_000;

    /// <summary>Characters of the longest password that is looked at.</summary>
    public const int LengthMax = 256;

    private const int SaltLength = 16, HashLength = 32, IterationsMax = 10_000_000;
    private const string Scheme = "pbkdf2-sha512";

    /// <summary>A hash of no password: checking against it costs the same and always fails, so that an unknown name takes as long as a known one.</summary>
    internal static string Nobody { get; } = Write(Iterations, new byte[SaltLength], new byte[HashLength]);

    /// <summary>Hashes a password under a new salt.</summary>
    public static string Hash(string password)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(SaltLength);
        return Write(Iterations, salt, Derive(password, salt, Iterations));
    }

    /// <summary>Whether the password is the one that was hashed; false for a hash that cannot be read. Compared in fixed time.</summary>
    public static bool Verify(string password, string hash)
    {
        string[] parts = hash.Split('$');
        if (parts.Length != 4 || parts[0] != Scheme) return false;
        if (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int iterations) || iterations is < 1 or > IterationsMax) return false;
        Span<byte> salt = stackalloc byte[SaltLength];
        Span<byte> expected = stackalloc byte[HashLength];
        if (!Convert.TryFromBase64String(parts[2], salt, out int saltLength) || saltLength != SaltLength) return false;
        if (!Convert.TryFromBase64String(parts[3], expected, out int hashLength) || hashLength != HashLength) return false;
        return password.Length <= LengthMax && CryptographicOperations.FixedTimeEquals(Derive(password, salt, iterations), expected);
    }

    private static byte[] Derive(string password, ReadOnlySpan<byte> salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA512, HashLength);

    private static string Write(int iterations, byte[] salt, byte[] hash) =>
        string.Create(CultureInfo.InvariantCulture, $"{Scheme}${iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}");
}
