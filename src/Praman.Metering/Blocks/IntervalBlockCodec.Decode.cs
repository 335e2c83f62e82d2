using System.Buffers.Binary;
using System.Numerics;
using NodaTime;

namespace Praman.Metering;

public static partial class IntervalBlockCodec
{
    /// <summary>Reads what the block is about, without its values.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> bytes, out IntervalBlockHeader header, out sbyte scaler, out DecodeError error)
    {
        scaler = 0;
        if (!TryReadHeader(bytes, out header, out int at, out error)) return false;
        if (!TrySkipQualities(bytes, header.Count, ref at, out _, out error)) return false;
        if (at >= bytes.Length) return Fail(at, "the block ends where the coding of its values was expected", out error);
        if ((bytes[at] & 0x20) == 0) return true;
        if (at + 1 >= bytes.Length) return Fail(at + 1, "the block ends where a scaler was expected", out error);
        scaler = (sbyte)bytes[at + 1];
        return scaler != 0 || Fail(at + 1, "a scaler of 0 is not written", out error);
    }

    /// <summary>Unpacks values and qualities into spans that hold at least the block's count; a missing interval reads 0.</summary>
    /// <returns>False, with the reason, where the octets are not exactly what <see cref="Encode"/> writes of one block, or a span is too short.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, Span<long> values, Span<IntervalQuality> qualities, out DecodeError error) =>
        TryDecode(bytes, values, qualities, isChecked: false, out error);

    /// <param name="isChecked">The octets were written here or passed <see cref="TryCheck"/>: the writer's choice is not made again.</param>
    internal static bool TryDecode(ReadOnlySpan<byte> bytes, Span<long> values, Span<IntervalQuality> qualities, bool isChecked, out DecodeError error)
    {
        if (!TryReadHeader(bytes, out IntervalBlockHeader header, out int at, out error)) return false;
        if (values.Length < header.Count || qualities.Length < header.Count) return Fail(0, $"room for {header.Count} intervals was expected", out error);
        int qualitiesAt = at;
        if (!TrySkipQualities(bytes, header.Count, ref at, out int present, out error)) return false;
        FillQualities(bytes, qualitiesAt, qualities[..header.Count]);
        int codingAt = at;
        return TryReadValues(bytes, at, present, qualities[..header.Count], values[..header.Count], out error)
            && (isChecked || TryCheckChoice(bytes, codingAt, present, qualities[..header.Count], values[..header.Count], out error));
    }

    /// <summary>Checks that the octets are exactly what <see cref="Encode"/> writes of one block, values and padding included.</summary>
    public static bool TryCheck(ReadOnlySpan<byte> bytes, out DecodeError error)
    {
        if (!TryReadHeader(bytes, out IntervalBlockHeader header, out int _, out error)) return false;
        Span<long> values = stackalloc long[header.Count]; // at most CountMax: the header was checked
        Span<IntervalQuality> qualities = stackalloc IntervalQuality[header.Count];
        return TryDecode(bytes, values, qualities, out error);
    }

    private static bool TryReadHeader(ReadOnlySpan<byte> bytes, out IntervalBlockHeader header, out int at, out DecodeError error)
    {
        header = default;
        at = 0;
        if (bytes.IsEmpty || bytes[0] != Format) return Fail(0, $"a block starts with octet {Format}", out error);
        at = 1;
        if (!TryReadVarint(bytes, ref at, ulong.MaxValue, "usage point", out ulong usagePoint, out error)) return false;
        if (at >= bytes.Length) return Fail(at, "the block ends where its reading type was expected", out error);
        var type = (ReadingType)bytes[at++];
        if (!type.IsDefined()) return Fail(at - 1, $"reading type {(byte)type} is not known", out error);
        if (!TryReadVarint(bytes, ref at, StartMinutesMax, "start in minutes since 2000", out ulong start, out error)) return false;
        if (!TryReadVarint(bytes, ref at, IntervalMinutesMax, "interval in minutes", out ulong minutes, out error)) return false;
        if (!TryReadVarint(bytes, ref at, CountMax, "count of intervals", out ulong count, out error)) return false;
        if (count == 0) return Fail(at - 1, "a block has at least one interval", out error);
        if (!TryReadVarint(bytes, ref at, ((ulong)VersionMax << 3) | 7, "version and cause", out ulong revision, out error)) return false;
        var cause = (BlockCause)(revision & 7);
        if (cause > BlockCause.Revalidation) return Fail(at - 1, $"cause {(byte)cause} is not known", out error);
        header = new IntervalBlockHeader(
            new UsagePointId(usagePoint), type, Epoch + Duration.FromMinutes((long)start), (int)minutes, (int)count, (int)(revision >> 3), cause);
        return true;
    }

    private static bool TrySkipQualities(ReadOnlySpan<byte> bytes, int count, ref int at, out int present, out DecodeError error)
    {
        present = count;
        if (!TryReadVarint(bytes, ref at, (ulong)count + 1, "runs of quality", out ulong lead, out error)) return false;
        if (lead < 2) return true;
        int left = count;
        present = 0;
        int before = -1;
        for (ulong run = 1; run < lead; run++)
        {
            if (bytes.Length - at < 3) return Fail(at, "the block ends inside its runs of quality", out error);
            int code = (bytes[at] << 8) | bytes[at + 1];
            if (!IsKnown(bytes[at])) return Fail(at, $"interval state {bytes[at]} is not known", out error);
            if ((bytes[at + 1] & 0x80) != 0) return Fail(at + 1, "flag 0x80 is not known", out error);
            if (code == before) return Fail(at, "two runs of the same quality stand side by side", out error);
            before = code;
            at += 2;
            if (!TryReadVarint(bytes, ref at, (ulong)left, "length of a run", out ulong length, out error)) return false;
            if (length == 0) return Fail(at - 1, "a run is empty", out error);
            left -= (int)length;
            if ((IntervalState)(code >> 8) != IntervalState.Missing) present += (int)length;
        }
        if (left != 0) return Fail(at, $"runs of quality leave {left} intervals uncovered", out error);
        if (lead == 2 && before is 0x0000 or 0x0100) return Fail(at, "a day of one plain quality is written shorter", out error);
        return true;
    }

    private static bool IsKnown(byte state) => state is <= 6 or (>= 0x11 and <= 0x18);

    private static void FillQualities(ReadOnlySpan<byte> bytes, int at, Span<IntervalQuality> qualities)
    {
        _ = TryReadVarint(bytes, ref at, ulong.MaxValue, "", out ulong lead, out _);
        if (lead < 2)
        {
            qualities.Fill(lead == 0 ? IntervalQuality.Raw : IntervalQuality.Valid);
            return;
        }
        int start = 0;
        for (ulong run = 1; run < lead; run++)
        {
            var quality = new IntervalQuality((IntervalState)bytes[at], (IntervalFlags)bytes[at + 1]);
            at += 2;
            _ = TryReadVarint(bytes, ref at, ulong.MaxValue, "", out ulong length, out _);
            qualities.Slice(start, (int)length).Fill(quality);
            start += (int)length;
        }
    }

    private static bool TryReadValues(
        ReadOnlySpan<byte> bytes, int at, int present, ReadOnlySpan<IntervalQuality> qualities, Span<long> values, out DecodeError error)
    {
        if (at >= bytes.Length) return Fail(at, "the block ends where the coding of its values was expected", out error);
        byte lead = bytes[at++];
        var coding = (Coding)(lead >> 6);
        int k = lead & 0x1F;
        if (coding > Coding.FromPrevious) return Fail(at - 1, $"coding {(byte)coding} is not known", out error);
        if ((lead & 0x20) != 0)
        {
            if (at >= bytes.Length) return Fail(at, "the block ends where a scaler was expected", out error);
            if (bytes[at++] == 0) return Fail(at - 1, "a scaler of 0 is not written", out error);
        }
        if (!TryReadVarint(bytes, ref at, (ulong)ValueLimit << 1, "base value", out ulong zigzag, out error)) return false;
        long @base = UnZigZag(zigzag);
        if (@base is <= -ValueLimit or >= ValueLimit) return Fail(at - 1, "the base value does not fit 48 bits", out error);
        if (coding == Coding.Constant)
        {
            if (k != 0) return Fail(at, "a day of one value has no Rice parameter", out error);
            if (present == 0 && @base != 0) return Fail(at, "a day without values has base 0", out error);
            for (int i = 0; i < values.Length; i++) values[i] = qualities[i].HasValue ? @base : 0;
            return at == bytes.Length || Fail(at, "octets follow the end of the block", out error);
        }
        if (present < 2) return Fail(at, "fewer than two values are written as a constant", out error);

        int codesAt = at;
        var bits = new BitReader(bytes[at..]);
        long previous = @base;
        bool first = coding == Coding.FromPrevious, whole = present == values.Length;
        for (int i = 0; i < values.Length; i++)
        {
            if (!whole && !qualities[i].HasValue) { values[i] = 0; continue; }
            if (first) { values[i] = @base; first = false; continue; }
            if (!bits.TryReadRice(k, out ulong code)) return Fail(bytes.Length, $"the block ends inside the value of interval {i}", out error);
            long value = coding == Coding.FromLowest ? @base + (long)code : previous + UnZigZag(code);
            if (value is <= -ValueLimit or >= ValueLimit) return Fail(at, $"the value of interval {i} does not fit 48 bits", out error);
            values[i] = value;
            previous = value;
        }
        if (bits.IsEscapeWasted) return Fail(codesAt, "a value is written in the long form that has a short one", out error);
        return bits.IsAtEnd || Fail(bytes.Length - 1, "octets or set bits follow the last value", out error);
    }

    /// <summary>
    /// The octets are hashed, so the same values must have one form only: what was read is what the writer chooses for these values. With this,
    /// and each number in its fewest octets, octets that are accepted are octets that <see cref="Encode"/> writes.
    /// </summary>
    private static bool TryCheckChoice(
        ReadOnlySpan<byte> bytes, int at, int present, ReadOnlySpan<IntervalQuality> qualities, ReadOnlySpan<long> values, out DecodeError error)
    {
        Span<long> room = stackalloc long[present < values.Length ? present : 0];
        int taken = 0;
        for (int i = 0; i < values.Length && present < values.Length; i++) if (qualities[i].HasValue) room[taken++] = values[i];
        byte lead = bytes[at];
        int baseAt = at + ((lead & 0x20) != 0 ? 2 : 1);
        (Coding coding, int k, long @base) = present < values.Length ? Choose(room) : Choose(values);
        if (lead >> 6 != (int)coding || (lead & 0x1F) != k)
        {
            return Fail(at, $"the values are written by coding {lead >> 6} with k {lead & 0x1F}: coding {(int)coding} with k {k} was expected", out error);
        }
        if (!TryReadVarint(bytes, ref baseAt, ulong.MaxValue, "base value", out ulong zigzag, out error)) return false;
        return UnZigZag(zigzag) == @base || Fail(at, $"the base value is {UnZigZag(zigzag)}: {@base} was expected", out error);
    }

    private static bool TryReadVarint(ReadOnlySpan<byte> bytes, ref int at, ulong limit, string what, out ulong value, out DecodeError error)
    {
        value = 0;
        error = default;
        int start = at;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if (at >= bytes.Length) return Fail(at, $"the block ends inside its {what}", out error);
            byte octet = bytes[at++];
            if (shift == 63 && octet > 1) return Fail(at - 1, $"{what} does not fit 64 bits", out error);
            value |= (ulong)(octet & 0x7F) << shift;
            if ((octet & 0x80) != 0) continue;
            if (octet == 0 && shift > 0) return Fail(at - 1, $"{what} is not written in the fewest octets", out error);
            return value <= limit || Fail(start, $"{what} is {value}: at most {limit} was expected", out error);
        }
        return Fail(start, $"{what} does not fit 64 bits", out error);
    }

    private static bool Fail(int offset, string reason, out DecodeError error)
    {
        error = new DecodeError(offset, reason, Clause);
        return false;
    }

    /// <summary>Bits from the most significant down, through a window that is kept full: most values cost one look at it.</summary>
    private ref struct BitReader(ReadOnlySpan<byte> source)
    {
        private readonly ReadOnlySpan<byte> _source = source;
        private ulong _window; // the next bits, from the top; below the count stand bits that the next fill writes again
        private int _count;
        private int _next;

        /// <summary>True where a value stood in the long form whose quotient is below its limit.</summary>
        public bool IsEscapeWasted { get; private set; }

        public readonly bool IsAtEnd => _next == _source.Length && _count < 8 && _window == 0;

        public bool TryReadRice(int k, out ulong value)
        {
            Fill();
            int ones = BitOperations.LeadingZeroCount(~_window);
            if (ones >= EscapeOnes) return TryReadEscape(k, out value);
            int length = ones + 1 + k; // 56 at most: one fill always holds it
            value = ((ulong)(uint)ones << k) | ((_window << (ones + 1)) >> 1 >> (63 - k));
            if (length > _count) return false;
            Drop(length);
            return true;
        }

        private bool TryReadEscape(int k, out ulong value)
        {
            value = 0;
            if (_count < EscapeOnes) return false;
            Drop(EscapeOnes);
            Fill();
            if (_count < EscapeBits) return false;
            value = _window >> (64 - EscapeBits);
            Drop(EscapeBits);
            IsEscapeWasted |= value >> k < EscapeOnes;
            return true;
        }

        private void Drop(int count)
        {
            _window <<= count;
            _count -= count;
        }

        private void Fill()
        {
            if (_source.Length - _next >= sizeof(ulong))
            {
                _window |= BinaryPrimitives.ReadUInt64BigEndian(_source[_next..]) >> _count;
                int octets = (63 - _count) >> 3;
                _next += octets;
                _count += octets << 3;
                return;
            }
            while (_count <= 56 && _next < _source.Length)
            {
                _window |= (ulong)_source[_next++] << (56 - _count);
                _count += 8;
            }
        }
    }
}
