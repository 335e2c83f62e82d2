using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Praman.Dlms.Security;

/// <summary>AES key wrap: how a new key travels under the master key (RFC 3394; IEC 62056-5-3, key transfer).</summary>
public static class KeyWrap
{
    private const int Block = 8;
    private const int Rounds = 6;
    private const int LengthMax = 72;
    private const ulong InitialValue = 0xA6A6A6A6A6A6A6A6;

    /// <summary>Octets of a wrapped key: eight more than the key.</summary>
    public static int WrappedLength(int keyLength) => keyLength + Block;

    /// <summary>Wraps a key of a multiple of 8 octets, 16 at least.</summary>
    public static byte[] Wrap(ReadOnlySpan<byte> keyEncryptionKey, ReadOnlySpan<byte> key)
    {
        if (key.Length < 2 * Block || key.Length % Block != 0) throw new ArgumentException("A key to wrap has a multiple of 8 octets, 16 at least.", nameof(key));
        using var aes = Aes.Create();
        aes.SetKey(keyEncryptionKey);
        byte[] wrapped = new byte[WrappedLength(key.Length)];
        key.CopyTo(wrapped.AsSpan(Block));
        int blocks = key.Length / Block;
        ulong check = InitialValue;
        Span<byte> pair = stackalloc byte[2 * Block];
        for (int round = 0; round < Rounds; round++)
        {
            for (int index = 1; index <= blocks; index++)
            {
                Span<byte> register = wrapped.AsSpan(index * Block, Block);
                BinaryPrimitives.WriteUInt64BigEndian(pair, check);
                register.CopyTo(pair[Block..]);
                aes.EncryptEcb(pair, pair, PaddingMode.None);
                check = BinaryPrimitives.ReadUInt64BigEndian(pair) ^ (ulong)(blocks * round + index);
                pair[Block..].CopyTo(register);
            }
        }
        BinaryPrimitives.WriteUInt64BigEndian(wrapped, check);
        return wrapped;
    }

    /// <summary>Unwraps a key into <paramref name="key"/>, which is eight octets shorter than what is wrapped.</summary>
    /// <returns>False, with nothing delivered, where a length is not fitting, or the check value says that the key or the text is wrong.</returns>
    public static bool TryUnwrap(ReadOnlySpan<byte> keyEncryptionKey, ReadOnlySpan<byte> wrapped, Span<byte> key)
    {
        if (keyEncryptionKey.Length is not (16 or 24 or 32) || wrapped.Length < 3 * Block || wrapped.Length % Block != 0 || wrapped.Length > LengthMax)
            return false;
        if (key.Length != wrapped.Length - Block) return false;
        using var aes = Aes.Create();
        aes.SetKey(keyEncryptionKey);
        Span<byte> registers = stackalloc byte[LengthMax];
        registers = registers[..(wrapped.Length - Block)];
        wrapped[Block..].CopyTo(registers);
        int blocks = registers.Length / Block;
        ulong check = BinaryPrimitives.ReadUInt64BigEndian(wrapped);
        Span<byte> pair = stackalloc byte[2 * Block];
        for (int round = Rounds - 1; round >= 0; round--)
        {
            for (int index = blocks; index >= 1; index--)
            {
                Span<byte> register = registers.Slice((index - 1) * Block, Block);
                BinaryPrimitives.WriteUInt64BigEndian(pair, check ^ (ulong)(blocks * round + index));
                register.CopyTo(pair[Block..]);
                aes.DecryptEcb(pair, pair, PaddingMode.None);
                check = BinaryPrimitives.ReadUInt64BigEndian(pair);
                pair[Block..].CopyTo(register);
            }
        }
        Span<byte> given = stackalloc byte[Block];
        Span<byte> expected = stackalloc byte[Block];
        BinaryPrimitives.WriteUInt64BigEndian(given, check);
        BinaryPrimitives.WriteUInt64BigEndian(expected, InitialValue);
        bool fits = CryptographicOperations.FixedTimeEquals(given, expected);
        if (fits) registers.CopyTo(key);
        CryptographicOperations.ZeroMemory(registers);
        return fits;
    }
}
