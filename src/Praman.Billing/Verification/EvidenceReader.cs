using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using NodaTime;
using Praman.Metering;
using Praman.Proof;
using Praman.Proof.Logs;
using Praman.Proof.Merkle;

namespace Praman.Billing.Verification;

/// <summary>Reads bill.evidence.json: exactly the members of <c>praman-evidence/1</c>. Keeps its buffers; serves one thread at a time.</summary>
internal sealed class EvidenceReader
{
    private const int BatchCountMax = 10_000, BlockCountMax = 10_000, SeriesCountMax = 1_000, BlockTextMax = 64 * 1024;
    private readonly EvidenceDocument _evidence = new();
    private readonly long[] _values = new long[IntervalBlockCodec.CountMax];
    private readonly IntervalQuality[] _qualities = new IntervalQuality[IntervalBlockCodec.CountMax];

    /// <summary>Reads a file. The document is valid until the next one is read.</summary>
    public bool TryRead(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out EvidenceDocument? evidence, [NotNullWhen(false)] out UnreadableFile? fault)
    {
        _evidence.Reset(bytes);
        var json = new StrictJson(BillFiles.EvidenceName, bytes.Span);
        json.Open();
        json.Name("batches"u8);
        json.OpenArray();
        while (json.MoreObjects(_evidence.Batches.Count, BatchCountMax)) _evidence.Batches.Add(ReadBatch(ref json));
        json.Name("bill_no"u8);
        _evidence.BillNo = json.String();
        json.Name("blocks"u8);
        json.OpenArray();
        while (json.MoreObjects(_evidence.Blocks.Count, BlockCountMax)) _evidence.Blocks.Add(ReadBlock(ref json));
        json.Name("series"u8);
        json.OpenArray();
        while (json.MoreObjects(_evidence.Series.Count, SeriesCountMax)) _evidence.Series.Add(ReadSeries(ref json));
        json.Name("tariff"u8);
        json.Open();
        _evidence.TariffEntry = ReadEntry(ref json);
        json.Name("object"u8);
        _evidence.TariffObject = json.AnyObject();
        json.Close();
        json.Name("tree_size"u8);
        _evidence.TreeSize = json.Integer(0);
        json.Name("type"u8);
        json.Constant("praman-evidence/1"u8);
        json.Close();
        json.End();
        fault = json.Fault;
        evidence = fault is null ? _evidence : null;
        return evidence is not null;
    }

    private EvidenceBatch ReadBatch(ref StrictJson json)
    {
        json.Name("date"u8);
        LocalDate date = json.Date();
        EvidenceEntry entry = ReadEntry(ref json);
        json.Name("root"u8);
        Digest root = json.Base64Digest();
        json.Name("size"u8);
        long size = json.Integer(0);
        json.Close();
        return new(new BatchHead(date, size, root), entry);
    }

    private EvidenceBlock ReadBlock(ref StrictJson json)
    {
        json.Name("batch"u8);
        long batch = json.Integer(0);
        if (json.Ok && batch >= _evidence.Batches.Count) json.Fail($"a batch below {_evidence.Batches.Count} is expected");
        json.Name("bytes"u8);
        TextSlice text = json.Text();
        int start = 0, length = 0;
        IntervalBlockHeader header = default;
        sbyte scaler = 0;
        BlockSums sums = default;
        if (json.Ok)
        {
            // The codec is strict: one text of octets stands for one block.
            ReadOnlySpan<byte> base64 = _evidence.Bytes.Span.Slice(text.Start, text.Length);
            Span<byte> octets = base64.Length > BlockTextMax ? [] : _evidence.Room(Base64.GetMaxDecodedFromUtf8Length(base64.Length));
            if (!CanonicalBase64.TryDecode(base64, octets, out length)) json.Fail("base64 is expected");
            else if (!IntervalBlockCodec.TryReadHeader(octets[..length], out header, out scaler, out DecodeError error) ||
                !IntervalBlockCodec.TryDecode(octets[..length], _values, _qualities, out error)) json.Fail($"not a day block: {error}");
            else
            {
                start = _evidence.Keep(length);
                sums = BlockSums.Of(_values.AsSpan(0, header.Count), _qualities.AsSpan(0, header.Count));
            }
        }
        json.Name("index"u8);
        long index = json.Integer(0);
        PathSlice path = ReadPath(ref json);
        json.Name("salt"u8);
        Digest salt = json.Base64Digest();
        json.Close();
        return new((int)batch, start, length, header, scaler, sums, index, path, salt);
    }

    private EvidenceSeries ReadSeries(ref StrictJson json)
    {
        EvidenceEntry entry = ReadEntry(ref json);
        json.Name("id"u8);
        string id = json.String();
        json.Name("object"u8);
        (int, int) of = json.AnyObject();
        json.Close();
        return new(entry, id, of);
    }

    private EvidenceEntry ReadEntry(ref StrictJson json)
    {
        json.Name("entry"u8);
        json.Open();
        json.Name("index"u8);
        long index = json.Integer(0);
        PathSlice path = ReadPath(ref json);
        json.Close();
        return new(index, path);
    }

    private PathSlice ReadPath(ref StrictJson json)
    {
        int start = _evidence.HashCount;
        json.Name("path"u8);
        json.OpenArray();
        while (json.MoreDigests(_evidence.HashCount - start, MerkleProof.HashCountMax, out Digest hash)) _evidence.AddHash(hash);
        return new(start, _evidence.HashCount - start);
    }
}
