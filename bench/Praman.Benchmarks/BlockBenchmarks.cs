using BenchmarkDotNet.Attributes;
using NodaTime;
using Praman.MeterData.Rules;
using Praman.MeterData.Validation;
using Praman.Metering;
using Praman.Proof;
using Praman.Proof.Merkle;

namespace Praman.Benchmarks;

/// <summary>What a day block costs between the meter's row and the log: packing, unpacking, validation, hashing. Budget: 0 B allocated.</summary>
[MemoryDiagnoser]
public class BlockBenchmarks
{
    private readonly long[] _values = new long[48];
    private readonly IntervalQuality[] _qualities = new IntervalQuality[48];
    private readonly long[] _unpacked = new long[48];
    private readonly IntervalQuality[] _unpackedQualities = new IntervalQuality[48];
    private readonly byte[] _buffer = new byte[IntervalBlockCodec.EncodedLengthMax(48)];
    private readonly DayPipeline _pipeline = new(RuleSet.Default);
    private readonly RegisterPart[] _registers = new RegisterPart[1];
    private readonly byte[] _salt = new byte[32];
    private IntervalBlockHeader _header;
    private byte[] _packed = [];
    private long _maximum;

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        long sum = 0;
        for (int i = 0; i < 48; i++)
        {
            // An evening peak over a base load, at 1 Wh.
            _values[i] = 60 + random.Next(90) + (i is > 34 and < 46 ? random.Next(700) : 0);
            _qualities[i] = IntervalQuality.Raw;
            sum += _values[i];
        }
        Instant start = Instant.FromUtc(2026, 3, 31, 18, 30);
        _header = new(new UsagePointId(100_001), ReadingType.ImportEnergy, start, 30, 48, 0, BlockCause.Received);
        _packed = IntervalBlock.Create(_header, _values, _qualities).Bytes.ToArray();
        var device = new EndDeviceId("PRM1");
        var installation = new Installation(_header.UsagePoint, device, start - Duration.FromDays(1), null);
        _maximum = _pipeline.IntervalMaximumWh(installation, 1, 30);
        _registers[0] = _pipeline.Part(
            installation, 1,
            new RegisterReading(_header.UsagePoint, device, ReadingType.ImportRegister, start, 1_000_000),
            new RegisterReading(_header.UsagePoint, device, ReadingType.ImportRegister, start + Duration.FromDays(1), 1_000_000 + sum), 1440);
    }

    [Benchmark]
    public int Pack() => IntervalBlockCodec.Encode(_header, 0, _values, _qualities, _buffer);

    [Benchmark]
    public bool Unpack() => IntervalBlockCodec.TryDecode(_packed, _unpacked, _unpackedQualities, out _);

    [Benchmark]
    public int ValidateAndPack()
    {
        Array.Fill(_qualities, IntervalQuality.Raw);
        var day = new ValidationDay
        {
            Header = _header, Values = _values, Qualities = _qualities, DayStart = _header.Start, ExpectedCount = 48, ConfiguredMinutes = 30,
            IntervalMaximumWh = _maximum, Registers = _registers, RegistersAreOfThisDay = true, OtherDaysAreComplete = true,
        };
        return _pipeline.ValidateAndEncode(ref day, _buffer);
    }

    [Benchmark]
    public Digest CommitAndLeaf() => MerkleHash.Leaf(Commitment.Compute(_salt, _packed).Octets);
}
