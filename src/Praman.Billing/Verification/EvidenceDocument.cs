using Praman.Metering;
using Praman.Proof;
using Praman.Proof.Logs;

namespace Praman.Billing.Verification;

/// <summary>
/// bill.evidence.json, taken apart (docs/reference/proof-format.md). One document serves many files in turn: its lists and buffers are kept.
/// </summary>
internal sealed class EvidenceDocument
{
    private byte[] _octets = new byte[16 * 1024];
    private int _used;
    private Digest[] _hashes = new Digest[512];
    private int _hashCount;

    public ReadOnlyMemory<byte> Bytes { get; private set; }
    public string BillNo { get; set; } = "";
    public List<EvidenceBatch> Batches { get; } = [];
    public List<EvidenceBlock> Blocks { get; } = [];
    public List<EvidenceSeries> Series { get; } = [];
    public EvidenceEntry TariffEntry { get; set; }
    public (int Start, int Length) TariffObject { get; set; }
    public long TreeSize { get; set; }

    /// <summary>Begins another file.</summary>
    public void Reset(ReadOnlyMemory<byte> bytes)
    {
        Bytes = bytes;
        Batches.Clear();
        Blocks.Clear();
        Series.Clear();
        _used = 0;
        _hashCount = 0;
    }

    public ReadOnlySpan<byte> Raw((int Start, int Length) part) => Bytes.Span.Slice(part.Start, part.Length);

    public ReadOnlySpan<Digest> Path(PathSlice path) => _hashes.AsSpan(path.Start, path.Count);

    public ReadOnlySpan<byte> Octets(in EvidenceBlock block) => _octets.AsSpan(block.Start, block.Length);

    /// <summary>Room for decoded octets; what is used of it is kept by <see cref="Keep"/>.</summary>
    public Span<byte> Room(int length)
    {
        if (_octets.Length - _used < length) Array.Resize(ref _octets, Math.Max(_octets.Length * 2, _used + length));
        return _octets.AsSpan(_used, length);
    }

    public int Keep(int length)
    {
        int start = _used;
        _used += length;
        return start;
    }

    public int AddHash(in Digest hash)
    {
        if (_hashCount == _hashes.Length) Array.Resize(ref _hashes, 2 * _hashCount);
        _hashes[_hashCount] = hash;
        return _hashCount++;
    }

    public int HashCount => _hashCount;
}

/// <summary>Hashes of a path, in the document's store.</summary>
internal readonly record struct PathSlice(int Start, int Count);

/// <summary>A place in the log and the way to its root.</summary>
internal readonly record struct EvidenceEntry(long Index, PathSlice Path);

internal readonly record struct EvidenceSeries(EvidenceEntry Entry, string Id, (int Start, int Length) Object);

internal sealed record EvidenceBatch(BatchHead Head, EvidenceEntry Entry);

/// <summary>A day block or register block with its salt and its place in its batch.</summary>
/// <param name="Start">Of its octets in the document's store.</param>
/// <param name="Sums">What its values come to.</param>
internal readonly record struct EvidenceBlock(
    int Batch, int Start, int Length, IntervalBlockHeader Header, sbyte Scaler, BlockSums Sums, long Index, PathSlice Path, Digest Salt)
{
    public bool IsRegister => Header.Type.IsRegister();
}

/// <summary>What the values of a block come to.</summary>
/// <param name="Wh">Sum of the values.</param>
/// <param name="Estimated">Intervals that are estimated, and their sum.</param>
/// <param name="Unbillable">First interval, from 0, in a state that must not be billed; −1 where there is none.</param>
internal readonly record struct BlockSums(long Wh, int Estimated, long EstimatedWh, int Unbillable, IntervalState UnbillableState)
{
    public static BlockSums Of(ReadOnlySpan<long> values, ReadOnlySpan<IntervalQuality> qualities)
    {
        long wh = 0, estimatedWh = 0;
        int estimated = 0, unbillable = -1;
        for (int i = 0; i < values.Length; i++)
        {
            wh += values[i];
            IntervalQuality quality = qualities[i];
            if (quality.IsEstimated)
            {
                estimated++;
                estimatedWh += values[i];
            }
            else if (unbillable < 0 && quality.State is (IntervalState.Raw or IntervalState.Failed or IntervalState.Missing))
            {
                unbillable = i;
            }
        }
        return new(wh, estimated, estimatedWh, unbillable, unbillable < 0 ? default : qualities[unbillable].State);
    }
}
