using System.Buffers.Binary;

namespace Praman.Dlms.Tests.Fuzzing;

/// <summary>
/// Changes octets where they stand, with what tends to hurt a parser of tags, lengths and nesting: flipped bits, edited lengths, cuts, splices,
/// repeated and nested elements. Allocates nothing, so that what a parser allocates can be counted.
/// </summary>
internal sealed class FuzzMutator
{
    /// <summary>Octets that are kept of an ordinary input.</summary>
    public const int LengthMax = 2_048;

    /// <summary>Octets that are kept of a grown one.</summary>
    public const int GrownLengthMax = 1 << 16;

    private const int KindCount = 16;

    private static ReadOnlySpan<byte> Telling => [0x00, 0x01, 0x02, 0x03, 0x04, 0x09, 0x13, 0x7E, 0x7F, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0xFE, 0xFF];

    // Pieces of the protocols: heads of lists, names, empty and endless lengths, tags of APDUs.
    private static readonly byte[][] Pieces =
    [
        [0x01, 0x01], [0x02, 0x01], [0x02, 0x02, 0x09, 0x01, 0x00, 0x11, 0x05], [0x13, 0x11, 0x02, 0x01, 0x02], [0x13, 0x02, 0x02, 0x11, 0x01, 0x00, 0x00, 0x09, 0x01, 0x01],
        [0x09, 0x06, 1, 0, 1, 8, 0, 255], [0x09, 0x0C, 0x07, 0xEA, 3, 1, 0xFF, 6, 30, 0, 0, 1, 0x4A, 0], [0x19, 0x07, 0xEA, 3, 1, 0xFF, 6, 30, 0, 0, 0x80, 0, 0xFF],
        [0x04, 0x82, 0xFF, 0xFF], [0x09, 0x84, 0x7F, 0xFF, 0xFF, 0xFF], [0x84, 0xFF, 0xFF, 0xFF, 0xFF], [0x82, 0x00, 0x01], [0x0F, 0xFF, 0x16, 0x1E], [0x06, 0, 1, 2, 3],
        [0x15, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0x17, 0x7F, 0xC0, 0, 0], [0x18, 0xFF, 0xF0, 0, 0, 0, 0, 0, 1], [0xC0, 0x01, 0xC1], [0xC4, 0x01, 0xC1, 0x00],
        [0xC4, 0x02, 0xC1, 0x01, 0, 0, 0, 1, 0x00], [0xC1, 0x01, 0xC1], [0xC3, 0x01, 0xC1], [0xD8, 0x01, 0x01], [0xDB, 0x08, 0x50, 0x45, 0x45, 0, 0, 0, 0, 1], [0xE0, 0x80, 0, 1, 0, 0],
        [0x60, 0x1D, 0xA1, 0x09, 0x06, 0x07, 0x60, 0x85, 0x74, 0x05, 0x08, 0x01, 0x01], [0xBE, 0x03, 0x04, 0x01, 0x01], [0xAC, 0x02, 0x80, 0x00], [0x7E, 0xA0, 0x07], [0xE6, 0xE6, 0x00],
        [0x68, 0x05, 0x05, 0x68], [0x00, 0x01, 0x00, 0x10, 0x00, 0x01], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
    ];

    /// <summary>Changes the first <paramref name="length"/> octets of a buffer of twice <see cref="GrownLengthMax"/>, and returns how many there are then.</summary>
    public static int Mutate(Span<byte> buffer, int length, ReadOnlySpan<byte> other, bool grow, ref FuzzRandom random)
    {
        if (grow) return Grow(buffer, length, ref random);
        int rounds = 1;
        while (rounds < 8 && random.OneIn(2)) rounds++;
        for (; rounds > 0; rounds--) length = Math.Min(One(buffer, length, other, ref random), LengthMax);
        return length;
    }

    private static int One(Span<byte> buffer, int length, ReadOnlySpan<byte> other, ref FuzzRandom random)
    {
        int at = random.Below(length);
        switch (random.Below(KindCount))
        {
            case 0 or 1 when length > 0:
                buffer[at] ^= (byte)(1 << random.Below(8));
                return length;
            case 2 when length > 0:
                buffer[at] = (byte)random.Next();
                return length;
            case 3 when length > 0:
                buffer[at] = Telling[random.Below(Telling.Length)];
                return length;
            case 4 when length > 0:
                buffer[at] += (byte)(random.Below(2) == 0 ? 1 : -1);
                return length;
            case 5 or 6 when length > 1:
                return EditLength(buffer, length, ref random);
            case 7:
                return random.Below(length + 1);
            case 8 when length > 0:
                return Remove(buffer, length, at, 1 + random.Below(Math.Min(16, length - at)));
            case 9 when length > 0:
                return Repeat(buffer, length, at, 1 + random.Below(Math.Min(32, length - at)), 1 + random.Below(8));
            case 10 when !other.IsEmpty:
                int from = random.Below(other.Length);
                int count = Math.Min(other.Length - from, LengthMax);
                other.Slice(from, count).CopyTo(buffer[at..]);
                return at + count;
            case 11 when !other.IsEmpty:
                int start = random.Below(other.Length);
                return Insert(buffer, length, at, other.Slice(start, 1 + random.Below(Math.Min(64, other.Length - start))));
            case 12:
                return Insert(buffer, length, at, Pieces[random.Below(Pieces.Length)]);
            case 13:
                byte[] piece = Pieces[random.Below(Pieces.Length)];
                piece.CopyTo(buffer[at..]);
                return Math.Max(length, at + piece.Length);
            case 14:
                return Nest(buffer, length, at, random.OneIn(4) ? 200 : 1 + random.Below(40), ref random);
            default:
                int size = random.OneIn(2) ? 2 : 4;
                if (length - at < size) return length;
                uint value = random.OneIn(2) ? (uint)random.Next() : random.Below(4) switch { 0 => 0, 1 => 1, 2 => uint.MaxValue, _ => 0x7FFF_FFFF };
                if (size == 4) BinaryPrimitives.WriteUInt32BigEndian(buffer[at..], value);
                else BinaryPrimitives.WriteUInt16BigEndian(buffer[at..], (ushort)value);
                return length;
        }
    }

    // An octet that may be a length: what it announces ends where the octets do, or before.
    private static int EditLength(Span<byte> buffer, int length, ref FuzzRandom random)
    {
        int at = random.Below(length);
        for (int tries = 0; tries < 8; tries++)
        {
            int other = random.Below(length);
            if (buffer[other] != 0 && buffer[other] < 0x80 && other + 1 + buffer[other] <= length) at = other;
            if (at + 1 + buffer[at] == length) break;
        }
        byte old = buffer[at];
        switch (random.Below(9))
        {
            case 0: buffer[at] = (byte)(old + 1); return length;
            case 1: buffer[at] = (byte)(old - 1); return length;
            case 2: buffer[at] = 0; return length;
            case 3: buffer[at] = 0x7F; return length;
            case 4: buffer[at] = (byte)(length - at - 1); return length;
            case 5: return Insert(buffer, length, at, [0x81]); // the same in more octets
            case 6: return Insert(buffer, length, at, [0x82, 0x00]);
            case 7: return Insert(buffer, length, at, [0x84, 0x7F, 0xFF, 0xFF]);
            default: return Insert(buffer, length, at, [0x83, 0x00, 0x00]);
        }
    }

    private static int Nest(Span<byte> buffer, int length, int at, int levels, ref FuzzRandom random)
    {
        Span<byte> heads = stackalloc byte[2 * 200];
        bool arrays = random.OneIn(2), mixed = random.OneIn(4);
        for (int level = 0; level < levels; level++)
        {
            heads[2 * level] = (byte)(arrays ^ (mixed && (level & 1) != 0) ? 0x01 : 0x02);
            heads[(2 * level) + 1] = 0x01;
        }
        return Insert(buffer, length, at, heads[..(2 * levels)]);
    }

    // One element many times over, in a list that says so: what costs more than its octets shows here.
    private static int Grow(Span<byte> buffer, int length, ref FuzzRandom random)
    {
        if (length == 0) return 0;
        int at = random.Below(length), size = 1 + random.Below(Math.Min(24, length - at));
        int room = GrownLengthMax - length;
        int times = 1 + random.Below(room / size);
        if (random.OneIn(2) && at + size < length && times + 1 <= ushort.MaxValue)
        {
            // The octet before the element becomes a count of three octets.
            Span<byte> count = [0x82, (byte)((times + 1) >> 8), (byte)(times + 1)];
            length = Insert(buffer, length, at, count);
            at += count.Length;
        }
        return Repeat(buffer, length, at, Math.Min(size, length - at), times);
    }

    private static int Insert(Span<byte> buffer, int length, int at, ReadOnlySpan<byte> octets)
    {
        buffer[at..length].CopyTo(buffer[(at + octets.Length)..]);
        octets.CopyTo(buffer[at..]);
        return length + octets.Length;
    }

    private static int Remove(Span<byte> buffer, int length, int at, int count)
    {
        buffer[(at + count)..length].CopyTo(buffer[at..]);
        return length - count;
    }

    private static int Repeat(Span<byte> buffer, int length, int at, int size, int times)
    {
        int added = size * times;
        buffer[at..length].CopyTo(buffer[(at + added)..]);
        for (int copy = 0; copy < times; copy++) buffer.Slice(at + added, size).CopyTo(buffer[(at + (copy * size))..]);
        return length + added;
    }
}
