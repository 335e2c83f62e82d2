using CsCheck;
using NodaTime;

namespace Praman.Metering.Tests.Blocks;

/// <summary>The day block: what goes in comes out, in one form only, and nothing hostile gets through.</summary>
public sealed class IntervalBlockTests
{
    private static readonly Gen<int> Seeds = Gen.Int[0, int.MaxValue - 1];

    [Fact]
    public void Every_block_comes_back_as_it_went_in() => Seeds.Sample(seed =>
    {
        (IntervalBlockHeader header, sbyte scaler, long[] values, IntervalQuality[] qualities) = BlockSamples.Make(seed);
        IntervalBlock block = IntervalBlock.Create(header, values, qualities, scaler);
        Assert.True(IntervalBlock.TryParse(block.Bytes, out IntervalBlock? read, out DecodeError error), error.ToString());
        Assert.Equal(header, read.Header);
        Assert.Equal(scaler, read.Scaler);
        (long[] readValues, IntervalQuality[] readQualities) = read.Decode();
        for (int i = 0; i < values.Length; i++) if (!qualities[i].HasValue) values[i] = 0;
        Assert.True(qualities.AsSpan().SequenceEqual(readQualities));
        Assert.True(values.AsSpan().SequenceEqual(readValues));
        Assert.Equal(readValues.Sum(), read.Sum());
        Assert.Equal(block, read);
        Assert.Equal(block.GetHashCode(), read.GetHashCode());
    }, iter: 3_000, threads: 1);

    [Fact]
    public void The_same_values_give_the_same_octets_and_decoded_values_encode_to_them() => Seeds.Sample(seed =>
    {
        byte[] first = BlockSamples.Encode(seed);
        Assert.True(first.AsSpan().SequenceEqual(BlockSamples.Encode(seed)));
        Assert.True(IntervalBlock.TryParse(first, out IntervalBlock? block, out _));
        (long[] values, IntervalQuality[] qualities) = block.Decode();
        Assert.True(IntervalBlock.Create(block.Header, values, qualities, block.Scaler).Bytes.Span.SequenceEqual(first));
    }, iter: 3_000, threads: 1);

    [Fact]
    public void A_missing_intervals_value_leaves_no_trace()
    {
        (IntervalBlockHeader header, IntervalQuality[] qualities) = (Header(48), [.. Enumerable.Repeat(IntervalQuality.Valid, 48)]);
        qualities[7] = IntervalQuality.Missing;
        long[] values = [.. Enumerable.Range(100, 48)], other = [.. values];
        other[7] = 999_999;
        Assert.Equal(IntervalBlock.Create(header, values, qualities), IntervalBlock.Create(header, other, qualities));
    }

    [Fact]
    public void What_is_wrong_is_said_of_the_interval_where_others_are_missing()
    {
        IntervalQuality[] qualities = [.. Enumerable.Repeat(IntervalQuality.Valid, 48)];
        qualities[3] = qualities[20] = IntervalQuality.Missing;
        byte[] bytes = IntervalBlock.Create(Header(48), [.. Enumerable.Range(0, 48).Select(i => (long)i * i * 7 % 1_000)], qualities).Bytes.ToArray();
        Assert.False(IntervalBlock.TryParse(bytes.AsMemory(0, bytes.Length - 1), out _, out DecodeError error));
        Assert.Equal("the block ends inside the value of interval 47", error.Reason);
    }

    [Fact]
    public void Unpacking_and_summing_a_day_allocate_nothing()
    {
        IntervalBlock block = IntervalBlock.Create(Header(48), [.. Enumerable.Range(0, 48).Select(i => (long)i * i)], [.. Enumerable.Repeat(IntervalQuality.Valid, 48)]);
        var values = new long[48];
        var qualities = new IntervalQuality[48];
        block.Decode(values, qualities);
        long sum = block.Sum(), before = GC.GetAllocatedBytesForCurrentThread();
        block.Decode(values, qualities);
        long again = block.Sum(), allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(0, allocated);
        Assert.Equal(sum, again);
        Assert.Equal(Enumerable.Range(0, 48).Sum(i => (long)i * i), sum);
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        var values = new long[IntervalBlockCodec.CountMax];
        var qualities = new IntervalQuality[IntervalBlockCodec.CountMax];
        for (int seed = 0; seed < 150; seed++)
        {
            byte[] bytes = BlockSamples.Encode(seed);
            for (int length = 0; length < bytes.Length; length += Math.Max(1, bytes.Length / 400))
            {
                Assert.False(IntervalBlockCodec.TryDecode(bytes.AsSpan(0, length), values, qualities, out DecodeError error));
                Assert.True(error.Offset >= 0 && error.Offset <= length, error.ToString());
                Assert.False(IntervalBlock.TryParse(bytes.AsMemory(0, length), out _, out _));
            }
            Assert.False(IntervalBlock.TryParse((byte[])[.. bytes, 0], out _, out _));
        }
    }

    [Fact]
    public void Every_bit_flip_is_refused_or_is_another_block_that_holds_together()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            byte[] bytes = BlockSamples.Encode(seed);
            for (int bit = 0; bit < bytes.Length * 8; bit += Math.Max(1, bytes.Length / 40))
            {
                byte[] hostile = [.. bytes];
                hostile[bit / 8] ^= (byte)(0x80 >> (bit % 8));
                HoldsTogether(hostile);
            }
        }
    }

    [Fact]
    public void Random_octets_never_throw() => Gen.Byte.Array[0, 120].Sample(octets =>
    {
        HoldsTogether(octets);
        HoldsTogether([0x01, .. octets]);
        HoldsTogether([0x01, 0x01, 0x01, .. octets]);
    }, iter: 20_000, threads: 1);

    [Fact]
    public void A_start_at_the_end_of_time_is_refused_and_the_latest_start_still_has_an_end()
    {
        // format, usage point, type, start of five octets, interval 1500, count 1500, revision 0, RAW, constant, base 0
        byte[] far = [0x01, 0x01, 0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0xDC, 0x0B, 0xDC, 0x0B, 0x00, 0x00, 0x00, 0x00];
        Assert.False(IntervalBlock.TryParse(far, out _, out DecodeError error));
        Assert.Contains("start", error.Reason, StringComparison.Ordinal);
        var latest = new IntervalBlockHeader(new UsagePointId(1), ReadingType.ImportEnergy, Epoch + Duration.FromMinutes(4_200_000_000), 1_500, 1_500, 0, BlockCause.Received);
        IntervalBlock block = IntervalBlock.Create(latest, new long[1_500], new IntervalQuality[1_500]);
        Assert.True(IntervalBlock.TryParse(block.Bytes, out IntervalBlock? read, out _));
        Assert.Equal(9_989, read.Header.End.InUtc().Year);
    }

    [Theory]
    [InlineData("02", "starts with octet 1")]
    [InlineData("0101FF", "reading type 255")]
    [InlineData("01018100", "reading type 129")]
    [InlineData("018000", "fewest octets")]
    [InlineData("0101010000DD0B", "1501")]
    [InlineData("010101001E00", "at least one")]
    [InlineData("010101001E0106", "cause 6")]
    [InlineData("010101001E010003", "runs of quality")]
    [InlineData("010101001E010002010001", "written shorter")]
    [InlineData("010101001E010002090001", "state 9")]
    [InlineData("010101001E010002048001", "flag 0x80")]
    [InlineData("010101001E010000C000", "coding 3")]
    [InlineData("010101001E01000020000000", "scaler of 0")]
    [InlineData("010101001E0100000100", "Rice parameter")]
    [InlineData("010101001E0100004000", "fewer than two")]
    [InlineData("010101001E0100000000FF", "follow the end")]
    public void A_malformed_block_says_what_is_wrong(string hex, string reason)
    {
        Assert.False(IntervalBlock.TryParse(Convert.FromHexString(hex), out _, out DecodeError error));
        Assert.Contains(reason, error.Reason, StringComparison.Ordinal);
        Assert.Equal("praman-block/1", error.Clause);
    }

    [Fact]
    public void The_octets_of_the_reference_page_are_these()
    {
        // usage point 42, import, 2026-04-01T18:30Z = minute 13,806,390, 30 min, 4 intervals, version 1 late, all VALID, from the lowest (100), k = 1
        var header = new IntervalBlockHeader(new UsagePointId(42), ReadingType.ImportEnergy, Instant.FromUtc(2026, 4, 1, 18, 30), 30, 4, 1, BlockCause.LateData);
        IntervalBlock block = IntervalBlock.Create(header, [100, 103, 101, 105], [.. Enumerable.Repeat(IntervalQuality.Valid, 4)]);
        // codes 0, 3, 1, 5 at k = 1: 0 0 | 10 1 | 0 1 | 110 1
        Assert.Equal("012A01" + "B6D6CA06" + "1E" + "04" + "09" + "01" + "41" + "C801" + "2BA0", Convert.ToHexString(block.Bytes.Span));
    }

    [Fact]
    public void Values_beyond_48_bits_and_headers_beyond_their_limits_are_a_callers_bug()
    {
        IntervalQuality[] one = [IntervalQuality.Valid];
        Assert.Throws<ArgumentException>(() => IntervalBlock.Create(Header(1), [IntervalBlockCodec.ValueLimit], one));
        Assert.Throws<ArgumentException>(() => IntervalBlock.Create(Header(1), [-IntervalBlockCodec.ValueLimit], one));
        Assert.Throws<ArgumentException>(() => IntervalBlock.Create(Header(0), [], []));
        Assert.Throws<ArgumentException>(() => IntervalBlock.Create(Header(2), [1], one));
        Assert.Throws<ArgumentException>(() => IntervalBlock.Create(Header(1) with { Start = Epoch - Duration.FromMinutes(1) }, [1], one));
        Assert.Throws<ArgumentException>(() => IntervalBlock.Create(Header(1) with { Start = Epoch + Duration.FromSeconds(1) }, [1], one));
        Assert.Throws<ArgumentException>(() => IntervalBlock.Create(Header(1) with { Start = Epoch + Duration.FromMinutes(4_200_000_001) }, [1], one));
        Assert.Throws<ArgumentException>(() => IntervalBlock.Create(Header(1) with { Type = (ReadingType)0 }, [1], one));
        Assert.Throws<ArgumentException>(() => IntervalBlock.Create(Header(1) with { Version = (1 << 20) + 1 }, [1], one));
        Assert.Throws<ArgumentException>(() => IntervalBlock.Create(Header(1) with { Cause = (BlockCause)6 }, [1], one));
        Assert.Throws<ArgumentException>(() => IntervalBlockCodec.Encode(Header(1), 0, [1], one, new byte[4]));
        Assert.Throws<ArgumentException>(() => IntervalBlock.Create(Header(1), [1], [new IntervalQuality((IntervalState)9)]));
        Assert.Throws<ArgumentException>(() => IntervalBlock.Create(Header(1), [1], [new IntervalQuality(IntervalState.Raw, (IntervalFlags)0x80)]));
    }

    [Fact]
    public void Packing_and_unpacking_allocate_nothing()
    {
        long[] values = [.. Enumerable.Range(0, 48).Select(i => (long)(i * 37 % 900))];
        IntervalQuality[] qualities = [.. Enumerable.Range(0, 48).Select(i => i % 9 == 0 ? IntervalQuality.Missing : IntervalQuality.Valid)];
        byte[] buffer = new byte[IntervalBlockCodec.EncodedLengthMax(48)];
        IntervalBlockHeader header = Header(48);
        int length = IntervalBlockCodec.Encode(header, 0, values, qualities, buffer);
        IntervalBlockCodec.TryDecode(buffer.AsSpan(0, length), values, qualities, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 200; i++)
        {
            length = IntervalBlockCodec.Encode(header, 0, values, qualities, buffer);
            IntervalBlockCodec.TryDecode(buffer.AsSpan(0, length), values, qualities, out _);
            IntervalBlockCodec.TryCheck(buffer.AsSpan(0, length), out _);
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_register_is_one_value_at_an_instant()
    {
        IntervalBlock block = IntervalBlock.CreateRegister(new UsagePointId(1), ReadingType.ImportRegister, Epoch, 123_456, IntervalQuality.Valid, 2);
        Assert.Equal((123_456, 1, 0, 2), (block.Sum(), block.Count, block.Header.IntervalMinutes, block.Version));
        Assert.Equal(block.Start, block.Header.End);
        Assert.True(block.Type.IsRegister());
    }

    private static readonly Instant Epoch = Instant.FromUtc(2000, 1, 1, 0, 0);

    private static IntervalBlockHeader Header(int count) => new(new UsagePointId(1), ReadingType.ImportEnergy, Epoch, 30, count, 0, BlockCause.Received);

    /// <summary>Refused with a reason, or a block whose every member can be read and is written again in the same octets.</summary>
    private static void HoldsTogether(byte[] octets)
    {
        if (!IntervalBlock.TryParse(octets, out IntervalBlock? block, out DecodeError error))
        {
            Assert.True(!string.IsNullOrEmpty(error.Reason) && error.Offset >= 0 && error.Offset <= octets.Length, error.ToString());
            return;
        }
        (long[] values, IntervalQuality[] qualities) = block.Decode();
        Assert.True(block.Header.End >= block.Start);
        Assert.Equal(values.Length, block.Count);
        Assert.Equal(block, IntervalBlock.Create(block.Header, values, qualities, block.Scaler));
    }
}
