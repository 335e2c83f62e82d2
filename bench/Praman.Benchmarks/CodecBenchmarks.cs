using BenchmarkDotNet.Attributes;
using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Dlms.Security;

namespace Praman.Benchmarks;

/// <summary>
/// Rows of a block load, a date-time and six numbers each, written and read; plain, and as one GET response of a day under suite 0. Times are of one row.
/// Budget: 0 B allocated.
/// </summary>
[MemoryDiagnoser]
public class CodecBenchmarks
{
    private const int Rows = 48, Columns = 7;
    private readonly byte[] _plain = new byte[8_192];
    private readonly byte[] _secured = new byte[8_192];
    private readonly byte[] _opened = new byte[8_192];
    private readonly long[] _row = new long[Columns];
    private readonly CosemDateTime[] _times = new CosemDateTime[Rows];
    private readonly SecurityContext _meter = new(SecurityControl.AuthenticatedEncryption, "PRM\0\0\0\0\u0001"u8, new byte[16], new byte[16]);
    private readonly SecurityContext _headEnd = new(SecurityControl.AuthenticatedEncryption, "PRMHE\0\0\u0001"u8, new byte[16], new byte[16]);
    private int _plainLength;
    private int _securedLength;

    [GlobalSetup]
    public void Setup()
    {
        Instant start = Instant.FromUtc(2026, 3, 31, 18, 30);
        for (int i = 0; i < Rows; i++) _times[i] = CosemDateTime.From(start + Duration.FromMinutes(30 * (i + 1)), Offset.FromHoursAndMinutes(5, 30), 0, true);
        _meter.SetPeerSystemTitle(_headEnd.OwnSystemTitle);
        _headEnd.SetPeerSystemTitle(_meter.OwnSystemTitle);
        _plainLength = Encode();
        _securedLength = EncodeAndSeal();
    }

    [Benchmark(OperationsPerInvoke = Rows)]
    public int Encode()
    {
        var writer = new AxdrWriter(_plain);
        writer.WriteArrayHeader(Rows);
        for (uint i = 0; i < Rows; i++)
        {
            writer.WriteStructureHeader(Columns);
            writer.WriteDateTimeOctets(_times[i]);
            writer.WriteLongUnsigned((ushort)(23_000 + i));
            writer.WriteLongUnsigned((ushort)(400 + i));
            writer.WriteDoubleLongUnsigned(180 + i);
            writer.WriteDoubleLongUnsigned(190 + i);
            writer.WriteDoubleLongUnsigned(0);
            writer.WriteDoubleLongUnsigned(0);
        }
        return writer.Length;
    }

    [Benchmark(OperationsPerInvoke = Rows)]
    public long Decode() => Decode(_plain.AsSpan(0, _plainLength));

    [Benchmark(OperationsPerInvoke = Rows)]
    public int EncodeAndSeal()
    {
        int length = Encode();
        var writer = new AxdrWriter(_secured);
        if (_meter.Protect(Protection.GeneralGlobal, _plain.AsSpan(0, length), ref writer) != SecurityOutcome.Success) throw new InvalidOperationException("not sealed");
        return writer.Length;
    }

    [Benchmark(OperationsPerInvoke = Rows)]
    public long OpenAndDecode()
    {
        _headEnd.ReceiveCounterMin = 0; // the same frame each time: a session would refuse it
        SecurityOutcome outcome = _headEnd.Unprotect(_secured.AsSpan(0, _securedLength), _opened, out int written);
        return outcome == SecurityOutcome.Success ? Decode(_opened.AsSpan(0, written)) : throw new InvalidOperationException(outcome.ToString());
    }

    private long Decode(ReadOnlySpan<byte> octets)
    {
        if (!ProfileRowReader.TryOpen(octets, TimestampRule.India, 1_800, out ProfileRowReader reader, out _)) throw new InvalidOperationException("no array");
        long sum = 0;
        while (reader.TryReadRow(_row, out _)) sum += _row[3];
        return sum;
    }
}
