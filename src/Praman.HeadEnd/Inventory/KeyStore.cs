using System.Buffers;
using System.Security.Cryptography;
using Praman.Dlms.Security;
using Praman.HeadEnd.Stores;
using Praman.Metering;

namespace Praman.HeadEnd.Inventory;

/// <summary>
/// Meters' keys: kept wrapped by the master key, each on its own (RFC 3394), opened for a session. The wrapped form is a list of
/// kind, length in clear, and the wrapped octets: a key filled up to a whole number of 16.
/// </summary>
public sealed class KeyStore(MasterKey master, IWrappedKeys wrappedKeys)
{
    private const int Block = 8;
    private const int WrapMin = 16;

    private enum Kind : byte
    {
        Encryption = 1,
        Authentication = 2,
        HighSecret = 3,
        LowSecret = 4,
    }

    /// <summary>Wraps and keeps; durable on return.</summary>
    public ValueTask PutAsync(IReadOnlyList<(EndDeviceId EndDevice, MeterKeys Keys)> keys, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return wrappedKeys.PutAsync([.. keys.Select(k => new WrappedMeterKeys(k.EndDevice, master.Id, Wrap(k.Keys)))], cancellationToken);
    }

    /// <summary>The keys of a meter, to be disposed; null where none are kept or they do not open under this master key.</summary>
    public async ValueTask<MeterKeys?> OpenAsync(EndDeviceId endDevice, CancellationToken cancellationToken)
    {
        WrappedMeterKeys? kept = await wrappedKeys.FindAsync(endDevice, cancellationToken).ConfigureAwait(false);
        return kept is not null && kept.MasterKeyId == master.Id && TryUnwrap(kept.Wrapped.Span, out MeterKeys? keys) ? keys : null;
    }

    private byte[] Wrap(MeterKeys keys)
    {
        var wrapped = new ArrayBufferWriter<byte>(128);
        Append(Kind.Encryption, keys.Encryption.Span);
        Append(Kind.Authentication, keys.Authentication.Span);
        Append(Kind.HighSecret, keys.HighSecret.Span);
        Append(Kind.LowSecret, keys.LowSecret.Span);
        return wrapped.WrittenSpan.ToArray();

        void Append(Kind kind, ReadOnlySpan<byte> key)
        {
            if (key.IsEmpty) return;
            Span<byte> padded = stackalloc byte[PaddedLength(key.Length)];
            padded.Clear();
            key.CopyTo(padded);
            wrapped.Write([(byte)kind, (byte)key.Length]);
            wrapped.Write(KeyWrap.Wrap(master.Octets, padded));
            CryptographicOperations.ZeroMemory(padded);
        }
    }

    private bool TryUnwrap(ReadOnlySpan<byte> wrapped, out MeterKeys? keys)
    {
        keys = null;
        Span<byte> clear = stackalloc byte[4 * MeterKeys.HighSecretLengthMax];
        Span<int> lengths = [0, 0, 0, 0];
        while (!wrapped.IsEmpty)
        {
            if (wrapped.Length < 2 || wrapped[0] is < 1 or > 4 || wrapped[1] == 0) return false;
            (int index, int length, int padded) = (wrapped[0] - 1, wrapped[1], PaddedLength(wrapped[1]));
            if (length > LengthMax((Kind)wrapped[0]) || lengths[index] != 0 || wrapped.Length < 2 + padded + Block) return false;
            if (!KeyWrap.TryUnwrap(master.Octets, wrapped.Slice(2, padded + Block), clear.Slice(index * MeterKeys.HighSecretLengthMax, padded))) return false;
            lengths[index] = length;
            wrapped = wrapped[(2 + padded + Block)..];
        }
        if (lengths[0] is not (0 or MeterKeys.KeyLength) || lengths[1] is not (0 or MeterKeys.KeyLength)) return false;
        keys = new MeterKeys(
            clear[..lengths[0]], clear.Slice(MeterKeys.HighSecretLengthMax, lengths[1]), clear.Slice(2 * MeterKeys.HighSecretLengthMax, lengths[2]),
            clear.Slice(3 * MeterKeys.HighSecretLengthMax, lengths[3]));
        CryptographicOperations.ZeroMemory(clear);
        return true;
    }

    private static int PaddedLength(int length) => (length + WrapMin - 1) / WrapMin * WrapMin;

    private static int LengthMax(Kind kind) => kind == Kind.HighSecret ? MeterKeys.HighSecretLengthMax : WrapMin;
}
