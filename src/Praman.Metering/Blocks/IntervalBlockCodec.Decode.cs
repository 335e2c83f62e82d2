using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
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
        if (!TryReadLead(bytes, out Lead header, out int at, out error)) return false;
        if (values.Length < header.Count || qualities.Length < header.Count) return Fail(0, $"room for {header.Count} intervals was expected", out error);
        int qualitiesAt = at;
        if (!TrySkipQualities(bytes, header.Count, ref at, out int present, out error)) return false;
        FillQualities(bytes, qualitiesAt, qualities[..header.Count]);
        int codingAt = at;
        return TryReadValues(bytes, at, present, qualities[..header.Count], values[..header.Count], out error)
            && (isChecked || TryCheckChoice(bytes, codingAt, present, qualities[..header.Count], values[..header.Count], out error));
    }

    /// <summary>Sum of the values of a block that was written here or passed <see cref="TryCheck"/>, without qualities and without zeros for what is missing.</summary>
    internal static bool TrySum(ReadOnlySpan<byte> bytes, out long sum, out DecodeError error)
    {
        sum = 0;
        if (!TryReadLead(bytes, out Lead header, out int at, out error)) return false;
        if (!TrySkipQualities(bytes, header.Count, ref at, out int present, out error)) return false;
        if (!TryReadBase(bytes, ref at, present, out Coding coding, out int k, out long @base, out error)) return false;
        if (coding == Coding.Constant)
        {
            sum = present * @base; // at most CountMax values of 48 bits
            return true;
        }
        Span<long> values = stackalloc long[present]; // at most CountMax: the header was checked
        if (!TryReadPresent(bytes, at, coding, k, @base, [], values, out error)) return false;
        sum = Sum(values);
        return true;
    }

    private static long Sum(ReadOnlySpan<long> values)
    {
        var sums = Vector<long>.Zero;
        int at = 0;
        for (; at <= values.Length - Vector<long>.Count; at += Vector<long>.Count) sums += new Vector<long>(values[at..]);
        long sum = Vector.Sum(sums);
        for (; at < values.Length; at++) sum += values[at];
        return sum;
    }

    /// <summary>Checks that the octets are exactly what <see cref="Encode"/> writes of one block, values and padding included.</summary>
    public static bool TryCheck(ReadOnlySpan<byte> bytes, out DecodeError error)
    {
        if (!TryReadLead(bytes, out Lead header, out int _, out error)) return false;
        Span<long> values = stackalloc long[header.Count]; // at most CountMax: the header was checked
        Span<IntervalQuality> qualities = stackalloc IntervalQuality[header.Count];
        return TryDecode(bytes, values, qualities, out error);
    }

    private static bool TryReadHeader(ReadOnlySpan<byte> bytes, out IntervalBlockHeader header, out int at, out DecodeError error)
    {
        header = default;
        if (!TryReadLead(bytes, out Lead lead, out at, out error)) return false;
        header = new IntervalBlockHeader(
            new UsagePointId(lead.UsagePoint), lead.Type, Epoch + Duration.FromMinutes((long)lead.Start), (int)lead.Minutes, lead.Count, (int)(lead.Revision >> 3),
            (BlockCause)(lead.Revision & 7));
        return true;
    }

    /// <summary>The numbers of a header, checked: who only unpacks needs no instant made of them.</summary>
    private readonly record struct Lead(ulong UsagePoint, ReadingType Type, ulong Start, ulong Minutes, int Count, ulong Revision);

    private static bool TryReadLead(ReadOnlySpan<byte> bytes, out Lead lead, out int at, out DecodeError error)
    {
        lead = default;
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
        lead = new Lead(usagePoint, type, start, minutes, (int)count, revision);
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
        if (!TryReadBase(bytes, ref at, present, out Coding coding, out int k, out long @base, out error)) return false;
        if (coding == Coding.Constant)
        {
            for (int i = 0; i < values.Length; i++) values[i] = qualities[i].HasValue ? @base : 0;
            return true;
        }
        if (!TryReadPresent(bytes, at, coding, k, @base, qualities, values[..present], out error)) return false;
        // What is missing was not written: from the end on, each value moves to its interval.
        for (int i = values.Length - 1, next = present; next <= i; i--) values[i] = qualities[i].HasValue ? values[--next] : 0;
        return true;
    }

    /// <summary>Coding, Rice parameter and base; a day of one value ends with them.</summary>
    private static bool TryReadBase(ReadOnlySpan<byte> bytes, ref int at, int present, out Coding coding, out int k, out long @base, out DecodeError error)
    {
        (coding, k, @base) = (default, 0, 0);
        if (at >= bytes.Length) return Fail(at, "the block ends where the coding of its values was expected", out error);
        byte lead = bytes[at++];
        coding = (Coding)(lead >> 6);
        k = lead & 0x1F;
        if (coding > Coding.FromPrevious) return Fail(at - 1, $"coding {(byte)coding} is not known", out error);
        if ((lead & 0x20) != 0)
        {
            if (at >= bytes.Length) return Fail(at, "the block ends where a scaler was expected", out error);
            if (bytes[at++] == 0) return Fail(at - 1, "a scaler of 0 is not written", out error);
        }
        if (!TryReadVarint(bytes, ref at, (ulong)ValueLimit << 1, "base value", out ulong zigzag, out error)) return false;
        @base = UnZigZag(zigzag);
        if (@base is <= -ValueLimit or >= ValueLimit) return Fail(at - 1, "the base value does not fit 48 bits", out error);
        if (coding == Coding.Constant)
        {
            if (k != 0) return Fail(at, "a day of one value has no Rice parameter", out error);
            if (present == 0 && @base != 0) return Fail(at, "a day without values has base 0", out error);
            return at == bytes.Length || Fail(at, "octets follow the end of the block", out error);
        }
        return present >= 2 || Fail(at, "fewer than two values are written as a constant", out error);
    }

    /// <summary>The values that are there, without room for what is missing.</summary>
    /// <param name="qualities">Tell which interval a value is of, for the error; empty counts the values that are there.</param>
    private static bool TryReadPresent(
        ReadOnlySpan<byte> bytes, int at, Coding coding, int k, long @base, ReadOnlySpan<IntervalQuality> qualities, Span<long> values, out DecodeError error)
    {
        Span<long> codes = coding == Coding.FromPrevious ? values[1..] : values;
        int read = ReadRice(bytes[at..], k, codes, out bool isEscapeWasted, out bool isAtEnd);
        int outside = coding == Coding.FromPrevious ? AddDifferences(values[..(read + 1)], @base) : AddBase(values[..read], @base);
        if (outside >= 0) return Fail(at, $"the value of interval {IntervalOf(qualities, outside)} does not fit 48 bits", out error);
        if (read < codes.Length) return Fail(bytes.Length, $"the block ends inside the value of interval {IntervalOf(qualities, read + values.Length - codes.Length)}", out error);
        if (isEscapeWasted) return Fail(at, "a value is written in the long form that has a short one", out error);
        error = default;
        return isAtEnd || Fail(bytes.Length - 1, "octets or set bits follow the last value", out error);
    }

    /// <summary>Makes values of distances from the lowest; the index of the first that does not fit, or −1.</summary>
    private static int AddBase(Span<long> values, long @base)
    {
        if (values.IsEmpty) return -1;
        (_, long highest) = Bounds(values); // of 49 bits, and not below zero
        var bases = new Vector<long>(@base);
        int at = 0;
        for (; at <= values.Length - Vector<long>.Count; at += Vector<long>.Count) (new Vector<long>(values[at..]) + bases).CopyTo(values[at..]);
        for (; at < values.Length; at++) values[at] += @base;
        return @base + highest < ValueLimit ? -1 : FirstOutside(values);
    }

    /// <summary>Makes values of differences after the first; the index of the first that does not fit, or −1.</summary>
    private static int AddDifferences(Span<long> values, long first)
    {
        bool fits = true;
        long value = first;
        values[0] = value;
        for (int i = 1; i < values.Length; i++)
        {
            value += UnZigZag((ulong)values[i]); // of 49 bits each and at most CountMax of them: no sum overflows
            values[i] = value;
            fits &= value is > -ValueLimit and < ValueLimit;
        }
        return fits ? -1 : FirstOutside(values);
    }

    private static int FirstOutside(ReadOnlySpan<long> values)
    {
        int at = 0;
        while (values[at] is > -ValueLimit and < ValueLimit) at++;
        return at;
    }

    private static int IntervalOf(ReadOnlySpan<IntervalQuality> qualities, int present)
    {
        for (int i = 0; i < qualities.Length; i++)
        {
            if (qualities[i].HasValue && present-- == 0) return i;
        }
        return present;
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

    /// <summary>
    /// Reads Rice codes: bits from the most significant down, through a window that is kept in registers and filled by the word, so that most codes cost
    /// a shift. Below the window's count stand bits that the next fill writes again.
    /// </summary>
    /// <param name="isEscapeWasted">True where a code stood in the long form whose quotient is below its limit.</param>
    /// <param name="isAtEnd">True where nothing but clear bits of the last octet follows.</param>
    /// <returns>How many were whole.</returns>
    private static int ReadRice(ReadOnlySpan<byte> source, int k, Span<long> codes, out bool isEscapeWasted, out bool isAtEnd)
    {
        isEscapeWasted = isAtEnd = false;
        ulong window = 0;
        int held = 0, next = 0, at = 0;
        while (at < codes.Length)
        {
            (window, held, next) = Fill(source, window, held, next);
            int ones = BitOperations.LeadingZeroCount(~window), length = ones + 1 + k;
            if (ones >= EscapeOnes)
            {
                if (held < EscapeOnes) return at;
                (window, held, next) = Fill(source, window << EscapeOnes, held - EscapeOnes, next);
                if (held < EscapeBits) return at;
                ulong whole = window >> (64 - EscapeBits);
                isEscapeWasted |= whole >> k < EscapeOnes;
                codes[at++] = (long)whole;
                window <<= EscapeBits;
                held -= EscapeBits;
                continue;
            }
            if (length > held) return at; // 55 at most: one fill always holds it
            // The rest of the window, as far as it holds whole short codes.
            do
            {
                codes[at++] = (long)(((ulong)(uint)ones << k) | ((window << (ones + 1)) >> 1 >> (63 - k)));
                window <<= length;
                held -= length;
                ones = BitOperations.LeadingZeroCount(~window);
                length = ones + 1 + k;
            }
            while (ones < EscapeOnes && length <= held && at < codes.Length);
        }
        isAtEnd = next == source.Length && held < 8 && window == 0;
        return at;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (ulong Window, int Held, int Next) Fill(ReadOnlySpan<byte> source, ulong window, int held, int next)
    {
        if (source.Length - next >= sizeof(ulong))
        {
            int octets = (63 - held) >> 3;
            return (window | (BinaryPrimitives.ReadUInt64BigEndian(source[next..]) >> held), held + (octets << 3), next + octets);
        }
        while (held <= 56 && next < source.Length)
        {
            window |= (ulong)source[next++] << (56 - held);
            held += 8;
        }
        return (window, held, next);
    }
}
