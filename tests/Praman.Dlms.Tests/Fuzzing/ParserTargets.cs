using Praman.Dlms.Acse;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Dlms.Tests.Apdus;
using Praman.Dlms.Tests.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Tests.Fuzzing;

/// <summary>CosemData.TryDecode, and what is done with a value: asked for its number, time, text, encoded again.</summary>
internal sealed class DataTarget() : FuzzTarget("axdr-data")
{
    private CosemData _value;

    public override IReadOnlyList<string> VectorLayers => ["axdr"];

    public override IEnumerable<byte[]> Seeds()
    {
        var random = new Random(1);
        for (int i = 0; i < 40; i++) yield return RandomData.Next(random).Encode();
        yield return [0x13, 0x02, 0x02, 0x11, 0x09, 0x06, 5, 1, 0x07, 2, 0x01, 0x00];
    }

    public override IEnumerable<byte[]> Dear()
    {
        yield return [0x01, 0x82, 0x7F, 0xFF, .. FuzzCorpus.Repeat(0x7FFE, 0x00), 0x09, 0x01, 0x07]; // nothing many times over, and one octet
        yield return [0x01, 0x82, 0x7F, 0xFF, .. FuzzCorpus.Repeat(0x7FFF, 0x09, 0x00)];
        yield return [0x01, 0x82, 0x3F, 0xFF, .. FuzzCorpus.Repeat(0x3FFF, 0x02, 0x01, 0x09, 0x01, 0x07)];
        yield return [0x01, 0x82, 0x3F, 0xFF, .. FuzzCorpus.Repeat(0x3FFF, 0x13, 0x11, 0x01, 0x07)];
        yield return FuzzCorpus.Repeat(0x7FFF, 0x01, 0x01);
        foreach (byte[] dear in CompactArrayTarget.DearOnes()) yield return dear;
    }

    public override FuzzOutcome Parse(ReadOnlyMemory<byte> input)
    {
        bool read = CosemData.TryDecode(input.Span, out _value, out DecodeError error);
        return FuzzOutcome.Of(read, read ? ((int)_value.Type << 8) | Math.Min(_value.Count, 255) : 0, error);
    }

    public override void Use() => Visit(_value);

    internal static void Visit(in CosemData value)
    {
        value.TryGetInt64(out _);
        value.TryGetNumber(out _);
        value.TryGetDouble(out _);
        value.TryGetObisCode(out _);
        value.TryGetScalerUnit(out _);
        if (value.TryGetDateTime(out CosemDateTime moment)) DateTimeTarget.Visit(moment);
        if (value.Type == CosemDataType.CompactArray) value.ExpandCompactArray();
        if (value.Count is > 0 and < 64) CaptureObject.TryFromArray(value, out _);
        int count = 0;
        foreach (ref readonly CosemData item in value.Items)
        {
            if (count++ < 16) Visit(item);
        }
    }
}

/// <summary>The elements of a compact-array, each as the value it stands for.</summary>
internal sealed class CompactArrayTarget() : FuzzTarget("compact-array")
{
    public override IEnumerable<byte[]> Seeds()
    {
        yield return [0x13, 0x11, 0x04, 1, 2, 3, 4];
        yield return [0x13, 0x02, 0x03, 0x06, 0x12, 0x09, 0x12, 0, 0, 0, 1, 0, 2, 2, 7, 7, 0, 0, 0, 2, 0, 3, 2, 8, 8];
        yield return [0x13, 0x02, 0x02, 0x19, 0x01, 0x00, 0x03, 0x12, 0x12, 7, 0xEA, 3, 1, 0xFF, 6, 30, 0, 0, 0x80, 0, 0, 0, 1, 0, 2, 0, 3];
        yield return [0x13, 0x02, 0x02, 0x00, 0x04, 0x04, 3, 0xE0, 9, 0xFF];
        yield return [0x13, 0x02, 0x02, 0x11, 0x01, 0x00, 0x00, 0x02, 0x02, 0x11, 0x11, 0x03, 1, 2, 3];
        yield return [0x13, 0x09, 0x06, 1, 1, 1, 2, 0, 0];
    }

    // It stands for two elements an octet at most, of sixteen octets each.
    public override int AllocatedPerOctet => 34;

    public override IEnumerable<byte[]> Dear() => DearOnes();

    internal static IEnumerable<byte[]> DearOnes()
    {
        byte[] nothing = FuzzCorpus.Repeat(0x7FFF, 0x00);
        yield return [0x13, 0x02, 0x82, 0x7F, 0xFF, .. nothing, 0x82, 0x7F, 0xFF, .. nothing]; // an element of no octets
        // An octet, and an array of none whose element has a description as long as all the octets: each element passes over it.
        yield return [0x13, 0x02, 0x02, 0x11, 0x01, 0x00, 0x00, 0x02, 0x82, 0x7F, 0xFF, .. nothing, 0x82, 0x7F, 0xFF, .. nothing];
        yield return [0x13, 0x02, 0x02, 0x11, 0x00, 0x82, 0x7F, 0xFF, .. nothing];
        yield return [0x13, 0x09, 0x82, 0x7F, 0xFE, .. FuzzCorpus.Repeat(0x3FFF, 0x01, 0x07)];
        yield return [0x13, .. FuzzCorpus.Repeat(30, 0x01, 0xFF, 0xFF), 0x00, 0x01, 0x00];
    }

    public override FuzzOutcome Parse(ReadOnlyMemory<byte> input)
    {
        if (!CosemData.TryDecode(input.Span, out CosemData value, out DecodeError error)) return FuzzOutcome.Refused(error);
        if (value.Type != CosemDataType.CompactArray) return FuzzOutcome.Read(-1);
        CosemData[] elements = value.ExpandCompactArray();
        return FuzzOutcome.Read(elements.Length == 0 ? 0 : ((int)elements[0].Type << 8) | Math.Min(elements.Length, 64));
    }

    public override int Repair(Span<byte> buffer, int length, ref FuzzRandom random)
    {
        if (length > 0 && !random.OneIn(8)) buffer[0] = 0x13;
        return length;
    }
}

/// <summary>Apdu.TryDecode of the xDLMS services; what is read is encoded again and read again.</summary>
internal sealed class ApduTarget(string name = "apdu", bool acse = false) : FuzzTarget(name)
{
    private Apdu? _apdu;

    public override IReadOnlyList<string> VectorLayers => ["apdu"];

    public override IEnumerable<byte[]> Seeds() => SampleApdus.All.Select(apdu => apdu.Encode()).Where(octets => acse == octets[0] is >= Aarq.Tag and <= Rlre.Tag);

    public override FuzzOutcome Parse(ReadOnlyMemory<byte> input)
    {
        bool read = Apdu.TryDecode(input.Span, out _apdu, out DecodeError error);
        int shape = read ? (input.Span[0] << 16) | (input.Span[Math.Min(1, input.Length - 1)] << 8) | Math.Min(input.Length / 4, 63) : 0;
        return FuzzOutcome.Of(read, shape, error);
    }

    public override void Use()
    {
        if (_apdu is null) return;
        byte[] again = _apdu.Encode();
        Assert.True(Apdu.TryDecode(again, out Apdu? same, out DecodeError error), $"what was read is not read again: {error}, {Convert.ToHexString(again)}");
        Assert.Equal(_apdu.TagOctet, same.TagOctet);
        if (_apdu is CipheredApdu ciphered) _ = (ciphered.Header, ciphered.Payload, ciphered.AuthenticationTag);
        if (_apdu is GetRequestNormal { Access: { } access })
        {
            access.TryGetRange(out _, out _, out _, out _);
            access.TryGetEntry(out _, out _, out _, out _);
        }
    }

    public override int Repair(Span<byte> buffer, int length, ref FuzzRandom random)
    {
        // The outer length of ACSE, so that what is within is read.
        if (acse && length > 1 && length < 0x82 && !random.OneIn(4)) buffer[1] = (byte)(length - 2);
        return length;
    }
}

/// <summary>A profile's buffer, row by row.</summary>
internal sealed class ProfileRowTarget() : FuzzTarget("profile-rows")
{
    private const string TwoRows =
        "0102" + "0206090C07EA0301FF06000000014A001259E4060000000C060000000C06000000050600000003" +
        "0206090C07EA0301FF061E0000014A001259E5060000000D060000000D06000000060600000004";

    private readonly long[] _values = new long[16];

    public override int AllocatedPerOctet => 0;

    // The words of one error.
    public override int AllocatedConstant => 512;

    public override IEnumerable<byte[]> Seeds()
    {
        yield return Convert.FromHexString(TwoRows);
        yield return [0x01, 0x03, 0x02, 0x02, 0x09, 0x0C, 7, 0xEA, 3, 1, 0xFF, 6, 0, 0, 0, 1, 0x4A, 0, 0x11, 5, 0x02, 0x02, 0, 0x11, 6, 0x02, 0x02, 0, 0];
        var random = new Random(2);
        for (int i = 0; i < 12; i++) yield return CosemData.Array(CosemData.Structure(RandomData.Next(random, 9), RandomData.Next(random, 9)), CosemData.Structure(RandomData.Next(random, 9))).Encode();
    }

    public override FuzzOutcome Parse(ReadOnlyMemory<byte> input)
    {
        bool opened = ProfileRowReader.TryOpen(input.Span, TimestampRule.India, 900, out ProfileRowReader reader, out DecodeError error);
        int rows = 0;
        while (opened && reader.TryReadRow(_values, out error)) rows++;
        Assert.InRange(reader.Offset, 0, input.Length);
        return FuzzOutcome.Of(error.Reason is null, (Math.Min(rows, 32) << 8) | Math.Min(reader.ColumnCount, 64), error);
    }
}

/// <summary>Twelve octets as a date and time, by both ways there are.</summary>
internal sealed class DateTimeTarget() : FuzzTarget("date-time")
{
    private CosemDateTime _value;

    public override int AllocatedPerOctet => 0;

    public override int AllocatedConstant => 256;

    public override IEnumerable<byte[]> Seeds()
    {
        yield return CosemDateTime.Wildcard.ToOctets();
        yield return new CosemDateTime(2026, 2, 29, 7, 24, 60, 61, 100, 840, 0).ToOctets();
        yield return new CosemDateTime(2024, 2, 29, 4, 23, 59, 59, 99, -840, 0x80).ToOctets();
        yield return new CosemDateTime(1, 1, 1, 1, 0, 0, 0, 0, 330, 0).ToOctets();
        yield return new CosemDateTime(9998, 12, 31, 1, 23, 59, 59, 99, -330, 3).ToOctets();
        yield return new CosemDateTime(0xFFFF, 0xFE, 0xFD, 1, 0xFF, 0xFF, 0xFF, 0xFF, short.MinValue, 0xFF).ToOctets();
    }

    public override FuzzOutcome Parse(ReadOnlyMemory<byte> input)
    {
        if (!CosemDateTime.TryRead(input.Span, out _value)) return FuzzOutcome.Refused(new(Math.Min(input.Length, CosemDateTime.Length), "not twelve octets"));
        bool local = _value.TryToLocal(out _), instant = _value.TryToInstant(out _);
        bool fast = TimestampRule.India.TryToUnixSeconds(input.Span, out long seconds, out _);
        if (instant && fast && _value.UtcOffset is { } offset && TimestampRule.India.OffsetOf(_value.Deviation) * 60 == offset.Seconds)
        {
            _value.TryToInstant(out NodaTime.Instant at);
            if (at.ToUnixTimeSeconds() != seconds) Assert.Fail($"{at.ToUnixTimeSeconds()} s by one way, {seconds} s by the other");
        }
        return FuzzOutcome.Read((local ? 1 : 0) | (instant ? 2 : 0) | (fast ? 4 : 0) | (_value.IsDoubtful ? 8 : 0) | (_value.Month << 8));
    }

    public override void Use() => Visit(_value);

    internal static void Visit(in CosemDateTime value)
    {
        value.ToString();
        value.TryToInstant(NodaTime.Offset.Zero, out _);
        CosemDateTime.TryRead(value.ToOctets(), out CosemDateTime again);
        Assert.Equal(value, again);
    }

    public override int Repair(Span<byte> buffer, int length, ref FuzzRandom random)
    {
        if (random.OneIn(16)) return length;
        if (length < CosemDateTime.Length) buffer[length..CosemDateTime.Length].Clear();
        return CosemDateTime.Length;
    }
}

/// <summary>The canonical octets of a day block.</summary>
internal sealed class IntervalBlockTarget() : FuzzTarget("interval-block")
{
    private IntervalBlock? _block;

    public override IEnumerable<byte[]> Seeds()
    {
        var random = new Random(3);
        for (int i = 0; i < 16; i++)
        {
            int count = 1 + random.Next(50);
            var values = new long[count];
            var qualities = new IntervalQuality[count];
            for (int j = 0; j < count; j++)
            {
                values[j] = i % 4 == 0 ? 7 : random.Next(i % 4 == 1 ? 100 : 1_000_000) - (i % 4 == 2 ? 5_000 : 0);
                qualities[j] = i % 3 == 0 && j % 7 == 3 ? IntervalQuality.Valid : IntervalQuality.Raw;
            }
            var header = new IntervalBlockHeader(new((ulong)i + 1), ReadingType.ImportEnergy, NodaTime.Instant.FromUtc(2026, 3, 1, 18, 30), 30, count, i % 3, BlockCause.Received);
            yield return IntervalBlock.Create(header, values, qualities, (sbyte)(i % 5 == 0 ? -2 : 0)).Bytes.ToArray();
        }
    }

    public override FuzzOutcome Parse(ReadOnlyMemory<byte> input)
    {
        bool read = IntervalBlock.TryParse(input, out _block, out DecodeError error);
        return FuzzOutcome.Of(read, read ? ((int)_block!.Type << 16) | (Math.Min(_block.Count, 255) << 4) | (_block.Version & 15) : 0, error);
    }

    public override void Use()
    {
        if (_block is null) return;
        (long[] values, IntervalQuality[] qualities) = _block.Decode();
        _block.Sum();
        (long[] sameValues, IntervalQuality[] sameQualities) = IntervalBlock.Create(_block.Header, values, qualities, _block.Scaler).Decode();
        Assert.Equal(values, sameValues);
        Assert.Equal(qualities, sameQualities);
    }
}
