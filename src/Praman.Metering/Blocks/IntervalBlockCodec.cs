using System.Buffers.Binary;
using System.Numerics;
using NodaTime;

namespace Praman.Metering;

/// <summary>
/// The canonical octets of a day block (docs/reference/interval-block.md): header, runs of quality, then the values as Rice codes of the
/// distance from the lowest value or of the difference from the value before. Spans in, spans out, nothing is allocated.
/// </summary>
public static partial class IntervalBlockCodec
{
    /// <summary>First octet of every block.</summary>
    public const byte Format = 0x01;

    /// <summary>Most intervals of a block: one-minute intervals of a 25-hour day.</summary>
    public const int CountMax = 1_500;

    /// <summary>Values lie strictly between −2^47 and 2^47.</summary>
    public const long ValueLimit = 1L << 47;

    /// <summary>Latest start, in minutes from the epoch: a day that starts then still ends within the years that instants can hold.</summary>
    private const uint StartMinutesMax = 4_200_000_000;

    private const int IntervalMinutesMax = 1_500;
    private const int VersionMax = 1 << 20;
    private const int EscapeOnes = 24;
    private const int EscapeBits = 49;
    private const string Clause = "praman-block/1";

    internal static readonly Instant Epoch = Instant.FromUtc(2000, 1, 1, 0, 0);

    private enum Coding : byte
    {
        Constant = 0,
        FromLowest = 1,
        FromPrevious = 2,
    }

    /// <summary>Octets that always suffice for <paramref name="count"/> intervals.</summary>
    public static int EncodedLengthMax(int count) => 64 + (count * 3) + ((count * (EscapeOnes + EscapeBits)) / 8) + 1;

    /// <summary>Writes a block and returns its length.</summary>
    /// <exception cref="ArgumentException">The header, a value or a span is outside what a block can hold.</exception>
    public static int Encode(
        in IntervalBlockHeader header, sbyte scaler, ReadOnlySpan<long> values, ReadOnlySpan<IntervalQuality> qualities, Span<byte> destination)
    {
        Check(header, values, qualities, destination);
        int at = WriteHeader(header, destination);
        at = WriteQualities(qualities[..header.Count], destination, at);

        Span<long> present = stackalloc long[header.Count];
        int count = 0;
        for (int i = 0; i < header.Count; i++)
        {
            if (!qualities[i].HasValue) continue;
            if (values[i] is <= -ValueLimit or >= ValueLimit) throw new ArgumentException($"value {values[i]} of interval {i} does not fit 48 bits", nameof(values));
            present[count++] = values[i];
        }
        return WriteValues(present[..count], scaler, destination, at);
    }

    private static void Check(in IntervalBlockHeader header, ReadOnlySpan<long> values, ReadOnlySpan<IntervalQuality> qualities, Span<byte> destination)
    {
        if (header.Count is < 1 or > CountMax) throw new ArgumentException($"{header.Count} intervals: expected 1 to {CountMax}", nameof(header));
        if (header.IntervalMinutes is < 0 or > IntervalMinutesMax) throw new ArgumentException($"interval of {header.IntervalMinutes} min: expected 0 to {IntervalMinutesMax}", nameof(header));
        if (header.Version is < 0 or > VersionMax) throw new ArgumentException($"version {header.Version}: expected 0 to {VersionMax}", nameof(header));
        if (!header.Type.IsDefined()) throw new ArgumentException($"reading type {(byte)header.Type} is not known", nameof(header));
        if ((byte)header.Cause > (byte)BlockCause.Revalidation) throw new ArgumentException($"cause {(byte)header.Cause} is not known", nameof(header));
        long seconds = (header.Start - Epoch).BclCompatibleTicks / NodaConstants.TicksPerSecond;
        if (header.Start < Epoch || seconds % 60 != 0 || seconds / 60 > StartMinutesMax || header.Start != Epoch + Duration.FromSeconds(seconds))
        {
            throw new ArgumentException($"start {header.Start}: expected a whole minute from 2000 to 9985", nameof(header));
        }
        if (values.Length < header.Count || qualities.Length < header.Count) throw new ArgumentException("fewer values or qualities than intervals", nameof(values));
        if (destination.Length < EncodedLengthMax(header.Count)) throw new ArgumentException("destination is shorter than EncodedLengthMax", nameof(destination));
    }

    private static int WriteHeader(in IntervalBlockHeader header, Span<byte> destination)
    {
        int at = 0;
        destination[at++] = Format;
        at = WriteVarint(destination, at, header.UsagePoint.Number);
        destination[at++] = (byte)header.Type;
        at = WriteVarint(destination, at, (ulong)((header.Start - Epoch).BclCompatibleTicks / NodaConstants.TicksPerMinute));
        at = WriteVarint(destination, at, (ulong)header.IntervalMinutes);
        at = WriteVarint(destination, at, (ulong)header.Count);
        return WriteVarint(destination, at, ((ulong)header.Version << 3) | (byte)header.Cause);
    }

    private static int WriteQualities(ReadOnlySpan<IntervalQuality> qualities, Span<byte> destination, int at)
    {
        int runs = 1;
        for (int i = 1; i < qualities.Length; i++) if (qualities[i] != qualities[i - 1]) runs++;
        if (runs == 1 && qualities[0] == IntervalQuality.Raw) { destination[at++] = 0; return at; }
        if (runs == 1 && qualities[0] == IntervalQuality.Valid) { destination[at++] = 1; return at; }
        at = WriteVarint(destination, at, (ulong)runs + 1);
        int start = 0;
        for (int i = 1; i <= qualities.Length; i++)
        {
            if (i < qualities.Length && qualities[i] == qualities[start]) continue;
            if (!IsKnown((byte)qualities[start].State) || ((byte)qualities[start].Flags & 0x80) != 0)
            {
                throw new ArgumentException($"quality {qualities[start]} of interval {start} has a state or flag that is not known", nameof(qualities));
            }
            destination[at++] = (byte)qualities[start].State;
            destination[at++] = (byte)qualities[start].Flags;
            at = WriteVarint(destination, at, (ulong)(i - start));
            start = i;
        }
        return at;
    }

    private static int WriteValues(ReadOnlySpan<long> values, sbyte scaler, Span<byte> destination, int at)
    {
        (Coding coding, int k, long @base) = Choose(values);
        destination[at++] = (byte)(((byte)coding << 6) | (scaler != 0 ? 0x20 : 0) | k);
        if (scaler != 0) destination[at++] = (byte)scaler;
        at = WriteVarint(destination, at, ZigZag(@base));
        if (coding == Coding.Constant) return at;

        var bits = new BitWriter(destination[at..]);
        if (coding == Coding.FromLowest)
        {
            foreach (long value in values) bits.WriteRice((ulong)(value - @base), k);
        }
        else
        {
            for (int i = 1; i < values.Length; i++) bits.WriteRice(ZigZag(values[i] - values[i - 1]), k);
        }
        return at + bits.Finish();
    }

    /// <summary>Which coding is shorter. The choice is part of the canonical form: the same values give the same octets everywhere.</summary>
    private static (Coding Coding, int K, long Base) Choose(ReadOnlySpan<long> values)
    {
        if (values.IsEmpty) return (Coding.Constant, 0, 0);
        (long lowest, long highest) = Bounds(values);
        if (lowest == highest) return (Coding.Constant, 0, lowest);
        (ulong distances, ulong differences) = Sums(values, lowest);

        int k1 = FirstGuess(distances, values.Length), k2 = FirstGuess(differences, values.Length - 1);
        (int bestK1, long cost1) = Cheapest(values, k1, lowest, fromPrevious: false);
        (int bestK2, long cost2) = Cheapest(values, k2, lowest, fromPrevious: true);
        return cost2 < cost1 ? (Coding.FromPrevious, bestK2, values[0]) : (Coding.FromLowest, bestK1, lowest);
    }

    private static (long Lowest, long Highest) Bounds(ReadOnlySpan<long> values)
    {
        long lowest = values[0], highest = values[0];
        int at = 0;
        if (values.Length >= Vector<long>.Count)
        {
            Vector<long> lows = new(values), highs = lows;
            for (at = Vector<long>.Count; at <= values.Length - Vector<long>.Count; at += Vector<long>.Count)
            {
                var next = new Vector<long>(values[at..]);
                lows = Vector.Min(lows, next);
                highs = Vector.Max(highs, next);
            }
            for (int i = 0; i < Vector<long>.Count; i++) (lowest, highest) = (Math.Min(lowest, lows[i]), Math.Max(highest, highs[i]));
        }
        for (; at < values.Length; at++) (lowest, highest) = (Math.Min(lowest, values[at]), Math.Max(highest, values[at]));
        return (lowest, highest);
    }

    /// <summary>Sums of the codes of both codings; values of 48 bits and at most <see cref="CountMax"/> of them never overflow.</summary>
    private static (ulong Distances, ulong Differences) Sums(ReadOnlySpan<long> values, long lowest)
    {
        Vector<long> sums = Vector<long>.Zero, codes = sums;
        int at = 1;
        for (; at <= values.Length - Vector<long>.Count; at += Vector<long>.Count)
        {
            sums += new Vector<long>(values[at..]);
            codes += Differences(values, at);
        }
        long sum = values[0] + Vector.Sum(sums), differences = Vector.Sum(codes);
        for (; at < values.Length; at++)
        {
            sum += values[at];
            differences += (long)ZigZag(values[at] - values[at - 1]);
        }
        return ((ulong)(sum - (values.Length * lowest)), (ulong)differences);
    }

    /// <summary>The codes of coding 2 from <paramref name="at"/> on, which is not the first: zigzag of each value less the one before.</summary>
    private static Vector<long> Differences(ReadOnlySpan<long> values, int at)
    {
        Vector<long> difference = new Vector<long>(values[at..]) - new Vector<long>(values[(at - 1)..]);
        return (difference << 1) ^ Vector.LessThan(difference, Vector<long>.Zero);
    }

    private static int FirstGuess(ulong sum, int count)
    {
        ulong mean = sum / (ulong)count;
        return Math.Clamp(63 - BitOperations.LeadingZeroCount(mean | 1), 1, 30);
    }

    private static (int K, long Bits) Cheapest(ReadOnlySpan<long> values, int guess, long lowest, bool fromPrevious)
    {
        // Where every quotient is short, as on nearly every day, the lengths are sums of quotients.
        int first = fromPrevious ? 1 : 0, at = first, shift = guess - 1;
        var overs = Vector<long>.Zero;
        Vector<long> quotients = overs, halves = overs, quarters = overs;
        for (; at <= values.Length - Vector<long>.Count; at += Vector<long>.Count)
        {
            Vector<long> codes = fromPrevious ? Differences(values, at) : new Vector<long>(values[at..]) - new Vector<long>(lowest);
            Vector<long> quotient = codes >>> shift;
            overs |= Vector.GreaterThan(quotient, new Vector<long>(EscapeOnes - 1));
            quotients += quotient;
            halves += quotient >>> 1;
            quarters += quotient >>> 2;
        }
        bool isOver = overs != Vector<long>.Zero;
        long whole = Vector.Sum(quotients), half = Vector.Sum(halves), quarter = Vector.Sum(quarters);
        for (; at < values.Length; at++)
        {
            ulong quotient = (fromPrevious ? ZigZag(values[at] - values[at - 1]) : (ulong)(values[at] - lowest)) >> shift;
            isOver |= quotient >= EscapeOnes;
            whole += (long)quotient;
            half += (long)(quotient >> 1);
            quarter += (long)(quotient >> 2);
        }
        long count = values.Length - first;
        return isOver
            ? CheapestWithEscapes(values, guess, lowest, fromPrevious)
            : Least(guess, whole + (count * guess), half + (count * (guess + 1)), quarter + (count * (guess + 2)));
    }

    private static (int K, long Bits) CheapestWithEscapes(ReadOnlySpan<long> values, int guess, long lowest, bool fromPrevious)
    {
        long below = 0, same = 0, above = 0;
        for (int i = fromPrevious ? 1 : 0; i < values.Length; i++)
        {
            ulong value = fromPrevious ? ZigZag(values[i] - values[i - 1]) : (ulong)(values[i] - lowest);
            below += RiceBits(value, guess - 1);
            same += RiceBits(value, guess);
            above += RiceBits(value, guess + 1);
        }
        return Least(guess, below, same, above);
    }

    private static (int K, long Bits) Least(int guess, long below, long same, long above)
    {
        if (below <= same && below <= above) return (guess - 1, below);
        return same <= above ? (guess, same) : (guess + 1, above);
    }

    private static int RiceBits(ulong value, int k)
    {
        ulong quotient = value >> k;
        return quotient < EscapeOnes ? (int)quotient + 1 + k : EscapeOnes + EscapeBits;
    }

    private static int WriteVarint(Span<byte> destination, int at, ulong value)
    {
        while (value >= 0x80)
        {
            destination[at++] = (byte)(value | 0x80);
            value >>= 7;
        }
        destination[at++] = (byte)value;
        return at;
    }

    private static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    private static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);

    private ref struct BitWriter(Span<byte> destination)
    {
        private readonly Span<byte> _destination = destination;
        private ulong _pending;
        private int _pendingBits;
        private int _length;

        public void WriteRice(ulong value, int k)
        {
            ulong quotient = value >> k;
            if (quotient < EscapeOnes)
            {
                int ones = (int)quotient;
                Write((((1UL << ones) - 1) << (k + 1)) | (value & ((1UL << k) - 1)), ones + 1 + k);
                return;
            }
            Write((1UL << EscapeOnes) - 1, EscapeOnes);
            Write(value, EscapeBits);
        }

        /// <summary>Appends up to 56 bits, most significant first.</summary>
        private void Write(ulong bits, int count)
        {
            _pending = (_pending << count) | bits;
            _pendingBits += count;
            if (_destination.Length - _length >= sizeof(ulong))
            {
                if (_pendingBits < 8) return;
                BinaryPrimitives.WriteUInt64BigEndian(_destination[_length..], _pending << (64 - _pendingBits));
                _length += _pendingBits >> 3;
                _pendingBits &= 7;
                return;
            }
            while (_pendingBits >= 8)
            {
                _pendingBits -= 8;
                _destination[_length++] = (byte)(_pending >> _pendingBits);
            }
        }

        public int Finish()
        {
            if (_pendingBits > 0) _destination[_length++] = (byte)(_pending << (8 - _pendingBits));
            return _length;
        }
    }
}
