using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Praman.Proof;

/// <summary>
/// SHA-256 (FIPS 180-4) of the short texts that trees and commitments are made of. The platform's one-shot call spends four to eight times the hash
/// itself on setting up; where the platform's own OpenSSL is there, its transform is called directly, else the platform's call is made
/// (docs/decisions/0020-short-hashes.md).
/// </summary>
internal static unsafe class ShortSha256
{
    /// <summary>Longest input that is hashed without telling the garbage collector: a few microseconds.</summary>
    internal const int LengthMax = 1_280;

    /// <summary>Octets set aside for a state; SHA256_CTX has 112 of them.</summary>
    private const int StateLength = 256;

    private static readonly delegate* unmanaged[SuppressGCTransition]<void*, int> Init;
    private static readonly delegate* unmanaged[SuppressGCTransition]<void*, void*, nuint, int> Update;
    private static readonly delegate* unmanaged[SuppressGCTransition]<byte*, void*, int> Final;

    static ShortSha256()
    {
        // The platform sets its library up first: without a handler at the process's end, which would clean up under threads that still hash.
        Span<byte> unused = stackalloc byte[Digest.Length];
        SHA256.HashData([], unused);
        if (!OperatingSystem.IsLinux() || !NativeLibrary.TryLoad("libcrypto.so.3", out nint library) || IsValidatedOnly(library)) return;
        if (!NativeLibrary.TryGetExport(library, "SHA256_Init", out nint init) || !NativeLibrary.TryGetExport(library, "SHA256_Update", out nint update) ||
            !NativeLibrary.TryGetExport(library, "SHA256_Final", out nint final)) return;
        Init = (delegate* unmanaged[SuppressGCTransition]<void*, int>)init;
        Update = (delegate* unmanaged[SuppressGCTransition]<void*, void*, nuint, int>)update;
        Final = (delegate* unmanaged[SuppressGCTransition]<byte*, void*, int>)final;
        IsDirect = AgreesWithPlatform();
    }

    /// <summary>Whether OpenSSL is called directly.</summary>
    internal static bool IsDirect { get; }

    /// <summary>Hashes any input into 32 octets. Nothing is allocated.</summary>
    public static void Hash(ReadOnlySpan<byte> data, Span<byte> hash)
    {
        if (IsDirect && data.Length <= LengthMax) HashDirect(data, hash);
        else SHA256.HashData(data, hash);
    }

    private static void HashDirect(ReadOnlySpan<byte> data, Span<byte> hash)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(hash.Length, Digest.Length);
        ulong* state = stackalloc ulong[StateLength / sizeof(ulong)];
        fixed (byte* source = data)
        fixed (byte* target = hash)
        {
            _ = Init(state);
            _ = Update(state, source, (nuint)data.Length);
            _ = Final(target, state);
        }
    }

    /// <summary>Where policy asks for the validated provider, nothing may go past it.</summary>
    private static bool IsValidatedOnly(nint library) =>
        !NativeLibrary.TryGetExport(library, "EVP_default_properties_is_fips_enabled", out nint ask) || ((delegate* unmanaged<void*, int>)ask)(null) != 0;

    private static bool AgreesWithPlatform()
    {
        Span<byte> data = stackalloc byte[130], ours = stackalloc byte[Digest.Length], platform = stackalloc byte[Digest.Length];
        for (int i = 0; i < data.Length; i++) data[i] = (byte)(7 * i);
        for (int length = 0; length <= data.Length; length += 13)
        {
            HashDirect(data[..length], ours);
            SHA256.HashData(data[..length], platform);
            if (!ours.SequenceEqual(platform)) return false;
        }
        return true;
    }
}
