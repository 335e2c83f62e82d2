using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Praman.Dlms.Security;
using Praman.HeadEnd.Stores;
using Praman.Metering;

namespace Praman.HeadEnd.Inventory;

/// <summary>
/// Meters' keys: kept wrapped by the master key, each on its own (RFC 3394), opened for a session. The wrapped form is a list of
/// kind, length in clear, and the wrapped octets: a key filled up to a whole number of 16. The meter's public keys and certificates, which are no
/// secret and longer, are sealed (AES-256-GCM) with their kind and the meter's serial number, so that none can be put in another's place.
/// </summary>
public sealed class KeyStore(MasterKey master, IWrappedKeys wrappedKeys)
{
    private const int Block = 8;
    private const int WrapMin = 16;
    private const int NonceLength = 12, TagLength = 16, SealedHead = 3;

    private enum Kind : byte
    {
        Encryption = 1,
        Authentication = 2,
        HighSecret = 3,
        LowSecret = 4,
        Signature = 5,
        Agreement = 6,
        MeterSignature = 7,
        MeterAgreement = 8,
        Authority = 9,
    }

    private const Kind LastWrapped = Kind.Agreement, Last = Kind.Authority;

    /// <summary>Wraps and keeps; durable on return.</summary>
    public ValueTask PutAsync(IReadOnlyList<(EndDeviceId EndDevice, MeterKeys Keys)> keys, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return wrappedKeys.PutAsync([.. keys.Select(k => new WrappedMeterKeys(k.EndDevice, master.Id, Wrap(k.EndDevice, k.Keys)))], cancellationToken);
    }

    /// <summary>The keys of a meter, to be disposed; null where none are kept or they do not open under this master key.</summary>
    public async ValueTask<MeterKeys?> OpenAsync(EndDeviceId endDevice, CancellationToken cancellationToken)
    {
        WrappedMeterKeys? kept = await wrappedKeys.FindAsync(endDevice, cancellationToken).ConfigureAwait(false);
        return kept is not null && kept.MasterKeyId == master.Id && TryUnwrap(endDevice, kept.Wrapped.Span, out MeterKeys? keys) ? keys : null;
    }

    private byte[] Wrap(EndDeviceId endDevice, MeterKeys keys)
    {
        var wrapped = new ArrayBufferWriter<byte>(128);
        Append(wrapped, Kind.Encryption, keys.Encryption.Span);
        Append(wrapped, Kind.Authentication, keys.Authentication.Span);
        Append(wrapped, Kind.HighSecret, keys.HighSecret.Span);
        Append(wrapped, Kind.LowSecret, keys.LowSecret.Span);
        if (keys.Pairs is { } pairs)
        {
            Append(wrapped, Kind.Signature, pairs.Signature.Span);
            Append(wrapped, Kind.Agreement, pairs.Agreement.Span);
            Seal(wrapped, endDevice, Kind.MeterSignature, pairs.MeterSignature.Span);
            Seal(wrapped, endDevice, Kind.MeterAgreement, pairs.MeterAgreement.Span);
            Seal(wrapped, endDevice, Kind.Authority, pairs.Authority.Span);
        }
        return wrapped.WrittenSpan.ToArray();
    }

    private void Append(ArrayBufferWriter<byte> wrapped, Kind kind, ReadOnlySpan<byte> key)
    {
        if (key.IsEmpty) return;
        Span<byte> padded = stackalloc byte[PaddedLength(key.Length)];
        padded.Clear();
        key.CopyTo(padded);
        wrapped.Write([(byte)kind, (byte)key.Length]);
        wrapped.Write(KeyWrap.Wrap(master.Octets, padded));
        CryptographicOperations.ZeroMemory(padded);
    }

    private void Seal(ArrayBufferWriter<byte> wrapped, EndDeviceId endDevice, Kind kind, ReadOnlySpan<byte> key)
    {
        if (key.IsEmpty) return;
        Span<byte> target = wrapped.GetSpan(SealedHead + NonceLength + key.Length + TagLength)[..(SealedHead + NonceLength + key.Length + TagLength)];
        target[0] = (byte)kind;
        BinaryPrimitives.WriteUInt16BigEndian(target[1..], (ushort)key.Length);
        Span<byte> nonce = target.Slice(SealedHead, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(master.Sealing, TagLength);
        cipher.Encrypt(nonce, key, target.Slice(SealedHead + NonceLength, key.Length), target[^TagLength..], BoundTo(endDevice, kind));
        wrapped.Advance(target.Length);
    }

    private bool TryUnwrap(EndDeviceId endDevice, ReadOnlySpan<byte> wrapped, [NotNullWhen(true)] out MeterKeys? keys)
    {
        keys = null;
        byte[]?[] opened = new byte[]?[(int)Last + 1];
        try
        {
            while (!wrapped.IsEmpty)
            {
                if (!Enum.IsDefined((Kind)wrapped[0]) || opened[wrapped[0]] is not null) return false;
                Kind kind = (Kind)wrapped[0];
                int consumed = 0;
                opened[(int)kind] = kind <= LastWrapped ? OpenWrapped(wrapped, out consumed) : OpenSealed(endDevice, wrapped, out consumed);
                if (opened[(int)kind] is null) return false;
                wrapped = wrapped[consumed..];
            }
            ReadOnlySpan<byte> Of(Kind kind) => opened[(int)kind];
            bool hasPairs = opened.AsSpan((int)Kind.Signature).IndexOfAnyExcept((byte[]?)null) >= 0;
            keys = new MeterKeys(
                Of(Kind.Encryption), Of(Kind.Authentication), Of(Kind.HighSecret), Of(Kind.LowSecret),
                hasPairs ? new MeterKeyPairs(Of(Kind.Signature), Of(Kind.Agreement), Of(Kind.MeterSignature), Of(Kind.MeterAgreement), Of(Kind.Authority)) : null);
            return true;
        }
        catch (ArgumentException)
        {
            return false; // a length in clear that was changed
        }
        finally
        {
            foreach (byte[]? key in opened) CryptographicOperations.ZeroMemory(key);
        }
    }

    private byte[]? OpenWrapped(ReadOnlySpan<byte> wrapped, out int consumed)
    {
        consumed = 0;
        if (wrapped.Length < 2 || wrapped[1] == 0 || wrapped[1] > LengthMax((Kind)wrapped[0])) return null;
        (int length, int padded) = (wrapped[1], PaddedLength(wrapped[1]));
        if (wrapped.Length < 2 + padded + Block) return null;
        Span<byte> clear = stackalloc byte[padded];
        if (!KeyWrap.TryUnwrap(master.Octets, wrapped.Slice(2, padded + Block), clear)) return null;
        consumed = 2 + padded + Block;
        byte[] key = clear[..length].ToArray();
        CryptographicOperations.ZeroMemory(clear);
        return key;
    }

    private byte[]? OpenSealed(EndDeviceId endDevice, ReadOnlySpan<byte> wrapped, out int consumed)
    {
        consumed = 0;
        if (wrapped.Length < SealedHead) return null;
        int length = BinaryPrimitives.ReadUInt16BigEndian(wrapped[1..]);
        if (length is 0 or > DlmsCertificate.LengthMax || wrapped.Length < SealedHead + NonceLength + length + TagLength) return null;
        consumed = SealedHead + NonceLength + length + TagLength;
        byte[] key = new byte[length];
        using var cipher = new AesGcm(master.Sealing, TagLength);
        try
        {
            cipher.Decrypt(
                wrapped.Slice(SealedHead, NonceLength), wrapped.Slice(SealedHead + NonceLength, length), wrapped[(consumed - TagLength)..consumed], key, BoundTo(endDevice, (Kind)wrapped[0]));
            return key;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    private static byte[] BoundTo(EndDeviceId endDevice, Kind kind) => [(byte)kind, .. Encoding.UTF8.GetBytes(endDevice.Serial)];

    private static int PaddedLength(int length) => (length + WrapMin - 1) / WrapMin * WrapMin;

    private static int LengthMax(Kind kind) => kind switch
    {
        Kind.HighSecret => MeterKeys.HighSecretLengthMax,
        Kind.Encryption or Kind.Authentication => MeterKeys.KeyLengthMax,
        Kind.Signature or Kind.Agreement => MeterKeyPairs.PrivateLengthMax,
        _ => WrapMin,
    };
}
