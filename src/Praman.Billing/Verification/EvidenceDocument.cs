using NodaTime;
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
    public EvidencePart Tariff { get; set; } = EvidencePart.None;

    /// <summary>Where the tariff's object starts in the file.</summary>
    public int TariffStart { get; set; }
    public long TreeSize { get; set; }

    /// <summary>The day on which the salts of the file were erased; null: they are there.</summary>
    public LocalDate? Erased { get; set; }

    /// <summary>Begins another file.</summary>
    public void Reset(ReadOnlyMemory<byte> bytes)
    {
        Bytes = bytes;
        Erased = null;
        Tariff = EvidencePart.None;
        Batches.Clear();
        Blocks.Clear();
        Series.Clear();
        _used = 0;
        _hashCount = 0;
    }

    public ReadOnlySpan<Digest> Path(PathSlice path) => _hashes.AsSpan(path.Start, path.Count);

    public ReadOnlySpan<Digest> Hashes(int start, int count) => _hashes.AsSpan(start, count);

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

    public void AddHash(in Digest hash)
    {
        if (_hashCount == _hashes.Length) Array.Resize(ref _hashes, 2 * _hashCount);
        _hashes[_hashCount++] = hash;
    }

    public void AddHashes(ReadOnlySpan<Digest> hashes)
    {
        if (_hashes.Length - _hashCount < hashes.Length) Array.Resize(ref _hashes, (2 * _hashCount) + hashes.Length);
        hashes.CopyTo(_hashes.AsSpan(_hashCount));
        _hashCount += hashes.Length;
    }

    public int HashCount => _hashCount;

    /// <summary>The blocks of energy, without those of registers.</summary>
    /// <exception cref="InvalidOperationException">A block is not what it was when it was read.</exception>
    public List<IntervalBlock> DayBlocks()
    {
        List<IntervalBlock> blocks = [];
        foreach (EvidenceBlock one in Blocks)
        {
            if (one.IsRegister) continue;
            if (!IntervalBlock.TryParse(Octets(one).ToArray(), out IntervalBlock? block, out DecodeError error)) throw new InvalidOperationException($"the block was damaged after it was checked: {error}");
            blocks.Add(block);
        }
        return blocks;
    }
}

/// <summary>Hashes of a path, in the document's store.</summary>
internal readonly record struct PathSlice(int Start, int Count);

/// <summary>A place in the log and the way to its root. Files that tell the same entry by the same text share one.</summary>
internal sealed record EvidenceEntry(long Index, Digest[] Path)
{
    /// <summary>The tree in which this entry was last proven; the entry alone says of what.</summary>
    public KnownNodes? ProvenIn { get; set; }
}

/// <summary>An object of the log: a tariff or a series, as its octets stand.</summary>
/// <param name="Offset">Of the octets, from the start of the object that holds them with their entry.</param>
internal sealed record EvidencePart(EvidenceEntry Entry, byte[] Octets, Digest Hash, int Offset)
{
    public static EvidencePart None { get; } = new(new EvidenceEntry(0, []), [], default, 0);
}

internal sealed record EvidenceSeries(string Id, EvidencePart Part);

internal sealed record EvidenceBatch(BatchHead Head, EvidenceEntry Entry);

/// <summary>A day block or register block with its salt and its place in its batch.</summary>
/// <param name="Start">Of its octets in the document's store.</param>
/// <param name="Sums">What its values come to.</param>
/// <param name="Salt">Null: erased.</param>
internal readonly record struct EvidenceBlock(
    int Batch, int Start, int Length, IntervalBlockHeader Header, sbyte Scaler, BlockSums Sums, long Index, PathSlice Path, Digest? Salt)
{
    public bool IsRegister => Header.Type.IsRegister();
}

/// <summary>What the values of a block come to.</summary>
/// <param name="Wh">Sum of the values.</param>
/// <param name="Estimated">Intervals that are estimated, and their sum.</param>
/// <param name="Edited">Values that a person entered or accepted.</param>
/// <param name="Unbillable">First interval, from 0, in a state that must not be billed; −1 where there is none.</param>
internal readonly record struct BlockSums(long Wh, int Estimated, long EstimatedWh, int Edited, int Unbillable, IntervalState UnbillableState)
{
    public static BlockSums Of(ReadOnlySpan<long> values, ReadOnlySpan<IntervalQuality> qualities)
    {
        long wh = 0, estimatedWh = 0;
        int estimated = 0, edited = 0, unbillable = -1;
        for (int i = 0; i < values.Length; i++)
        {
            wh += values[i];
            IntervalQuality quality = qualities[i];
            if (quality.IsByPerson) edited++;
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
        return new(wh, estimated, estimatedWh, edited, unbillable, unbillable < 0 ? default : qualities[unbillable].State);
    }
}
