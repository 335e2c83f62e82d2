using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NodaTime;

namespace Praman.Server.Payments;

/// <summary>
/// Signature of a message between a gateway and this server, in the header <c>X-Signature: t=SECONDS,v1=HEX</c>: HMAC-SHA256 of <c>SECONDS.BODY</c> under the
/// secret of the channel. The body is taken octet for octet as it came. A message older or younger than five minutes is refused, so that a recorded one
/// cannot be played later.
/// </summary>
public static class CallbackSignature
{
    public const string Header = "X-Signature";

    /// <summary>Octets of the shortest secret.</summary>
    public const int SecretLengthMin = 16;

    private static readonly Duration AgeMax = Duration.FromMinutes(5);

    /// <summary>The header's value for a body that is sent now.</summary>
    public static string Sign(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> body, Instant now)
    {
        long seconds = now.ToUnixTimeSeconds();
        return string.Create(CultureInfo.InvariantCulture, $"t={seconds},v1={Convert.ToHexStringLower(Mac(secret, seconds, body))}");
    }

    /// <summary>Whether a header signs a body, and is fresh.</summary>
    public static bool Verify(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> body, string? header, Instant now)
    {
        if (header is not { Length: <= 128 } || header.Split(',') is not [var time, var signature] || !time.StartsWith("t=", StringComparison.Ordinal)
            || !signature.StartsWith("v1=", StringComparison.Ordinal) || !long.TryParse(time.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)) return false;
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        if (signature.Length != 3 + 2 * given.Length || Convert.FromHexString(signature.AsSpan(3), given, out _, out _) != System.Buffers.OperationStatus.Done) return false;
        long age = now.ToUnixTimeSeconds() - seconds;
        bool isFresh = age >= -(long)AgeMax.TotalSeconds && age <= (long)AgeMax.TotalSeconds;
        return CryptographicOperations.FixedTimeEquals(given, Mac(secret, seconds, body)) && isFresh;
    }

    private static byte[] Mac(ReadOnlySpan<byte> secret, long seconds, ReadOnlySpan<byte> body)
    {
        using IncrementalHash hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{seconds}.")));
        hash.AppendData(body);
        return hash.GetHashAndReset();
    }
}
