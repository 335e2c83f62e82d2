using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using NodaTime;
using Praman.Billing.Tariffs;
using Praman.Metering;
using Praman.Proof;
using Praman.Proof.Logs;
using Praman.Proof.Merkle;

namespace Praman.Billing.Verification;

/// <summary>
/// Reads bill.evidence.json: exactly the members of <c>praman-evidence/1</c>. Keeps its buffers, and what bills of one issue have in common: a batch, a
/// tariff, a series or the end of a path whose text was read before at its place is not read again. Serves one thread at a time.
/// </summary>
internal sealed class EvidenceReader
{
    private const int BatchCountMax = 10_000, BlockCountMax = 10_000, SeriesCountMax = 1_000, BlockTextMax = 64 * 1024, KnownMax = 128;
    private readonly EvidenceDocument _evidence = new();
    private readonly long[] _values = new long[IntervalBlockCodec.CountMax];
    private readonly IntervalQuality[] _qualities = new IntervalQuality[IntervalBlockCodec.CountMax];
    private readonly KnownPart<EvidenceBatch>?[] _batches = new KnownPart<EvidenceBatch>?[KnownMax];
    private readonly KnownPart<EvidenceSeries>?[] _series = new KnownPart<EvidenceSeries>?[KnownMax];
    private readonly KnownPath?[] _paths = new KnownPath?[KnownMax];
    private KnownPart<EvidencePart>? _tariff;

    /// <summary>Reads a file. The document is valid until the next one is read.</summary>
    public bool TryRead(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out EvidenceDocument? evidence, [NotNullWhen(false)] out UnreadableFile? fault)
    {
        _evidence.Reset(bytes);
        var json = new StrictJson(BillFiles.EvidenceName, bytes.Span);
        json.Open();
        json.Name("batches"u8);
        ReadBatches(ref json);
        json.Name("bill_no"u8);
        _evidence.BillNo = json.String();
        json.Name("blocks"u8);
        json.OpenArray();
        while (json.MoreObjects(_evidence.Blocks.Count, BlockCountMax)) _evidence.Blocks.Add(ReadBlock(ref json));
        if (json.NameIfThere("erased"u8)) _evidence.Erased = json.Date();
        json.Name("series"u8);
        ReadSeries(ref json);
        json.Name("tariff"u8);
        _evidence.Tariff = ReadTariff(ref json);
        json.Name("tree_size"u8);
        _evidence.TreeSize = json.Integer(0);
        json.Name("type"u8);
        json.Constant("praman-evidence/1"u8);
        json.Close();
        json.End();
        fault = json.Fault ?? FaultOfSalts();
        evidence = fault is null ? _evidence : null;
        return evidence is not null;
    }

    /// <summary>All salts are there, or all are gone and the file says since when.</summary>
    private UnreadableFile? FaultOfSalts()
    {
        int wrong = _evidence.Blocks.FindIndex(block => block.Salt is null != _evidence.Erased is not null);
        return wrong < 0 ? null : new(BillFiles.EvidenceName, string.Create(CultureInfo.InvariantCulture, $"blocks[{wrong}].salt"),
            new DecodeError(0, _evidence.Erased is null ? "32 octets in base64 are expected" : "nothing is expected: the salts of this file were erased"));
    }

    private void ReadBatches(ref StrictJson json)
    {
        json.OpenArray();
        List<EvidenceBatch> batches = _evidence.Batches;
        while (true)
        {
            int at = batches.Count;
            KnownPart<EvidenceBatch>? known = at < KnownMax ? _batches[at] : null;
            if (known is not null && json.TryPass(known.Text)) batches.Add(known.Part);
            else if (!json.MoreObjects(at, BatchCountMax)) return;
            else
            {
                int start = json.ObjectStart;
                EvidenceBatch batch = ReadBatch(ref json);
                batches.Add(batch);
                if (json.Ok && at < KnownMax) _batches[at] = new(json.Keep(start), batch);
            }
        }
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
        PathSlice path = ReadPath(ref json, batch);
        json.Name("salt"u8);
        TextSlice salt = json.Text();
        Digest octetsOfSalt = default;
        if (json.Ok && salt.Length > 0 && !Digest.TryParseBase64(_evidence.Bytes.Span.Slice(salt.Start, salt.Length), out octetsOfSalt)) json.Fail("32 octets in base64 are expected");
        json.Close();
        return new((int)batch, start, length, header, scaler, sums, index, path, salt.Length > 0 ? octetsOfSalt : null);
    }

    private void ReadSeries(ref StrictJson json)
    {
        json.OpenArray();
        List<EvidenceSeries> series = _evidence.Series;
        while (true)
        {
            int at = series.Count;
            KnownPart<EvidenceSeries>? known = at < KnownMax ? _series[at] : null;
            if (known is not null && json.TryPass(known.Text)) series.Add(known.Part);
            else if (!json.MoreObjects(at, SeriesCountMax)) return;
            else
            {
                int start = json.ObjectStart;
                EvidenceEntry entry = ReadEntry(ref json);
                json.Name("id"u8);
                string id = json.String();
                var one = new EvidenceSeries(id, ReadPart(ref json, entry, start, id));
                series.Add(one);
                if (json.Ok && at < KnownMax) _series[at] = new(json.Keep(start), one);
            }
        }
    }

    private EvidencePart ReadTariff(ref StrictJson json)
    {
        if (_tariff is not null && json.TryPass(_tariff.Text))
        {
            _evidence.TariffStart = json.Consumed - _tariff.Text.Octets.Length + _tariff.Part.Offset;
            return _tariff.Part;
        }
        json.Open();
        int start = json.ObjectStart;
        EvidencePart part = ReadPart(ref json, ReadEntry(ref json), start, null);
        _evidence.TariffStart = start + part.Offset;
        if (json.Ok) _tariff = new(json.Keep(start), part);
        return part;
    }

    /// <summary>The object of an entry, and the end of what holds both.</summary>
    private EvidencePart ReadPart(ref StrictJson json, EvidenceEntry entry, int outer, string? seriesId)
    {
        json.Name("object"u8);
        (int start, int length) = json.AnyObject();
        byte[] octets = json.Ok ? _evidence.Bytes.Slice(start, length).ToArray() : [];
        json.Close();
        return new(entry, octets, seriesId is null ? Digest.Sha256(octets) : TariffSeries.HashOf(seriesId, octets), start - outer);
    }

    private static EvidenceEntry ReadEntry(ref StrictJson json)
    {
        json.Name("entry"u8);
        json.Open();
        json.Name("index"u8);
        long index = json.Integer(0);
        var path = new List<Digest>();
        json.Name("path"u8);
        json.OpenArray();
        while (json.MoreDigests(path.Count, MerkleProof.HashCountMax, out Digest hash)) path.Add(hash);
        json.Close();
        return new(index, [.. path]);
    }

    private PathSlice ReadPath(ref StrictJson json, long batch)
    {
        int start = _evidence.HashCount, count = 0;
        json.Name("path"u8);
        json.OpenArray();
        KnownPath? known = json.Ok && batch < KnownMax ? _paths[batch] ??= new KnownPath() : null;
        ReadOnlySpan<byte> text = known is null ? [] : json.Ahead(known.TextLength);
        int differ = known is null ? int.MaxValue : known.CountUnlike(text);
        while (true)
        {
            if (count == differ && json.TryPassToClose(known!.TextFrom(count)))
            {
                _evidence.AddHashes(known.HashesFrom(count));
                known.Replace(text, _evidence.Hashes(start, count));
                break;
            }
            if (!json.MoreDigests(count, MerkleProof.HashCountMax, out Digest read))
            {
                if (json.Ok) known?.Take(json.Behind(KnownPath.LengthOf(count)), _evidence.Hashes(start, count));
                break;
            }
            _evidence.AddHash(read);
            count++;
        }
        return new(start, _evidence.HashCount - start);
    }

    /// <summary>A part that was read, by its text.</summary>
    private sealed record KnownPart<T>(KnownObject Text, T Part);
}
