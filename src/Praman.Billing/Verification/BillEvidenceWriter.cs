using System.Buffers;
using System.Runtime.InteropServices;
using Praman.Billing.Tariffs;
using Praman.Metering;
using Praman.Proof;
using Praman.Proof.Canonical;
using Praman.Proof.Logs;
using Praman.Proof.Merkle;

namespace Praman.Billing.Verification;

/// <summary>The head of a night's tree of blocks with its place in the log.</summary>
public sealed record LoggedBatch(BatchHead Head, long EntryIndex);

/// <summary>A block with its salt and its place in its night's tree.</summary>
/// <param name="Leaf">The leaf of the block in its batch.</param>
/// <param name="Path">The leaf's path to the root of the batch (RFC 9162 section 2.1.3.1).</param>
public readonly record struct LoggedBlock(IntervalBlock Block, Digest Salt, Digest Leaf, LoggedBatch Batch, int Index, ReadOnlyMemory<Digest> Path)
{
    /// <summary>A block that stands in a tree which is in memory.</summary>
    public static LoggedBlock In(BatchTree tree, LoggedBatch batch, int index, IntervalBlock block, in Digest salt)
    {
        ArgumentNullException.ThrowIfNull(tree);
        return new LoggedBlock(block, salt, tree.Leaves[index], batch, index, tree.Proof(index));
    }
}

/// <summary>A tariff with its place in the log.</summary>
public sealed record LoggedTariff(Tariff Tariff, long EntryIndex);

/// <summary>A series with its place in the log.</summary>
public sealed record LoggedSeries(TariffSeries Series, long EntryIndex);

/// <summary>
/// Writes bill.evidence.json (docs/reference/proof-format.md) for bills that are proven under one head of a log. Keeps the proofs that bills share;
/// serves one thread at a time.
/// </summary>
public sealed class BillEvidenceWriter
{
    private readonly Log _log;
    private readonly long _treeSize;
    private readonly ArrayBufferWriter<byte> _output = new(64 * 1024);
    private readonly CanonicalJsonWriter _json;
    private readonly Dictionary<long, Digest[]> _paths = [];

    /// <param name="log">The log of tariffs, batches and bills.</param>
    /// <param name="treeSize">Size of the head that the bill's own proof has.</param>
    public BillEvidenceWriter(Log log, long treeSize)
    {
        ArgumentNullException.ThrowIfNull(log);
        _log = log;
        _treeSize = treeSize;
        _json = new CanonicalJsonWriter(_output);
    }

    /// <summary>The blocks of a bill in the order in which the evidence holds them: days by start, then each meter's opening and closing register.</summary>
    public static IReadOnlyList<IntervalBlock> BlocksOf(BillableUsage usage)
    {
        ArgumentNullException.ThrowIfNull(usage);
        var blocks = new List<IntervalBlock>(usage.Blocks.Count + (2 * usage.Segments.Count));
        blocks.AddRange(usage.Blocks.OrderBy(block => block.Start));
        foreach (RegisterSegment segment in usage.Segments)
        {
            blocks.Add(segment.OpeningBlock);
            blocks.Add(segment.ClosingBlock);
        }
        return blocks;
    }

    /// <summary>What a bill cites of its readings: SHA-256 of the leaves of its blocks, in the order of <see cref="BlocksOf"/>.</summary>
    public static Digest ReadingsHash(IEnumerable<Digest> leaves)
    {
        ArgumentNullException.ThrowIfNull(leaves);
        if (leaves is Digest[] array) return Digest.Sha256(MemoryMarshal.AsBytes(array.AsSpan()));
        var octets = new ArrayBufferWriter<byte>(64 * Digest.Length);
        foreach (Digest leaf in leaves) octets.Write(leaf.Octets);
        return Digest.Sha256(octets.WrittenSpan);
    }

    /// <summary>Writes the file of one bill.</summary>
    /// <param name="billNo">Its number.</param>
    /// <param name="blocks">In the order of <see cref="BlocksOf"/>.</param>
    /// <param name="tariff">The tariff that the bill cites.</param>
    /// <param name="series">The series that the bill cites.</param>
    /// <returns>Null where the log misses a tile of a proof.</returns>
    public byte[]? Write(string billNo, IReadOnlyList<LoggedBlock> blocks, LoggedTariff tariff, IReadOnlyList<LoggedSeries> series)
    {
        ArgumentNullException.ThrowIfNull(blocks);
        ArgumentNullException.ThrowIfNull(tariff);
        ArgumentNullException.ThrowIfNull(series);
        LoggedBatch[] batches = [.. blocks.Select(block => block.Batch).Distinct().OrderBy(batch => batch.EntryIndex)];
        foreach (long index in (IEnumerable<long>)[tariff.EntryIndex, .. batches.Select(batch => batch.EntryIndex), .. series.Select(one => one.EntryIndex)])
        {
            if (_paths.ContainsKey(index)) continue;
            if (_log.InclusionProof(index, _treeSize) is not { } path) return null;
            _paths[index] = path;
        }
        _output.ResetWrittenCount();
        _json.Reset(_output);
        _json.StartObject();
        WriteBatches(batches);
        _json.Member("bill_no"u8, billNo);
        WriteBlocks(blocks, batches);
        _json.Name("series"u8);
        _json.StartArray();
        foreach (LoggedSeries one in series.OrderBy(one => one.Series.Id, StringComparer.Ordinal))
        {
            _json.StartObject();
            WriteEntry(one.EntryIndex);
            _json.Member("id"u8, one.Series.Id);
            _json.Name("object"u8);
            _json.Raw(one.Series.Canonical.Span);
            _json.EndObject();
        }
        _json.EndArray();
        _json.Name("tariff"u8);
        _json.StartObject();
        WriteEntry(tariff.EntryIndex);
        _json.Name("object"u8);
        _json.Raw(tariff.Tariff.Canonical.Span);
        _json.EndObject();
        _json.Member("tree_size"u8, _treeSize);
        _json.Member("type"u8, "praman-evidence/1"u8);
        _json.EndObject();
        return _output.WrittenSpan.ToArray();
    }

    private void WriteBatches(LoggedBatch[] batches)
    {
        _json.Name("batches"u8);
        _json.StartArray();
        Span<byte> text = stackalloc byte[64];
        foreach (LoggedBatch batch in batches)
        {
            _json.StartObject();
            _json.Member("date"u8, NodaTime.Text.LocalDatePattern.Iso.Format(batch.Head.Date));
            WriteEntry(batch.EntryIndex);
            _json.Member("root"u8, text[..batch.Head.Root.WriteBase64(text)]);
            _json.Member("size"u8, batch.Head.Size);
            _json.EndObject();
        }
        _json.EndArray();
    }

    private void WriteBlocks(IReadOnlyList<LoggedBlock> blocks, LoggedBatch[] batches)
    {
        _json.Name("blocks"u8);
        _json.StartArray();
        foreach (LoggedBlock block in blocks)
        {
            _json.StartObject();
            _json.Member("batch"u8, Array.IndexOf(batches, block.Batch));
            _json.MemberBase64("bytes"u8, block.Block.Bytes.Span);
            _json.Member("index"u8, block.Index);
            WritePath(block.Path.Span);
            _json.MemberBase64("salt"u8, block.Salt.Octets);
            _json.EndObject();
        }
        _json.EndArray();
    }

    private void WriteEntry(long index)
    {
        _json.Name("entry"u8);
        _json.StartObject();
        _json.Member("index"u8, index);
        WritePath(_paths[index]);
        _json.EndObject();
    }

    private void WritePath(ReadOnlySpan<Digest> path)
    {
        Span<byte> text = stackalloc byte[64];
        _json.Name("path"u8);
        _json.StartArray();
        foreach (ref readonly Digest hash in path) _json.String(text[..hash.WriteBase64(text)]);
        _json.EndArray();
    }
}
