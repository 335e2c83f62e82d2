using System.Runtime.InteropServices;
using NodaTime;
using Praman.Metering;
using Praman.Proof;
using Praman.Proof.Logs;
using Praman.Proof.Merkle;
using Praman.Proof.Stores;
using Praman.Proof.Tiles;
using Praman.Storage.Readings;
using Praman.Storage.Sqlite;

namespace Praman.Storage.Logs;

/// <summary>
/// Batches in the table <c>batch</c>: a run of leaf numbers each. The leaves themselves stand once, in the receipts, as they were recorded.
/// </summary>
internal sealed class SqliteBatches(SqliteDatabase database, IMasterSalts salts) : IBatchStore
{
    /// <summary>Tiles that are held while paths are read, at 16 KiB each.</summary>
    private const int TileCountMax = 16;

    private const string Columns = "SELECT number, date, first_leaf, size, root, entry FROM batch";
    private const string Insert = "INSERT INTO batch (number, date, first_leaf, size, root) VALUES (?1, ?2, ?3, ?4, ?5)";
    private const string SelectFirstOpen = "SELECT first_leaf + size FROM batch ORDER BY number DESC LIMIT 1";
    private const string SelectLeafOfBlock =
        "SELECT leaf, bytes FROM block WHERE day = ?1 AND usage_point = ?2 AND type = ?3 AND minute = ?4 AND version = ?5";

    private const string SelectLeafOfRegister =
        "SELECT leaf, bytes FROM register_block WHERE day = ?1 AND usage_point = ?2 AND type = ?3 AND minute = ?4 AND version = ?5";

    private const string SelectReceiptOfLeaf = "SELECT first_leaf, leaves FROM receipt WHERE first_leaf <= ?1 ORDER BY first_leaf DESC LIMIT 1";

    /// <inheritdoc/>
    public async ValueTask<StoredBatch?> CloseAsync(LocalDate date, CancellationToken cancellationToken) =>
        await database.WriteAsync(session => Close(session, date), 1, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask SetEntryAsync(long number, long entry, CancellationToken cancellationToken) =>
        await database.WriteAsync(
            session =>
            {
                using SqliteStatement update = session.Prepare("UPDATE batch SET entry = ?2 WHERE number = ?1 AND (entry IS NULL OR entry = ?2)");
                update.Bind(1, number).Bind(2, entry).Run();
                if (session.Changes != 1) throw new StoreException(StoreFault.Conflict, $"batch {number} is not stored, or stands at another entry of the log than {entry}");
            },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<StoredBatch?> FindAsync(long number, CancellationToken cancellationToken) =>
        new(database.Read(
            static (session, wanted) =>
            {
                using SqliteStatement select = session.Prepare($"{Columns} WHERE number = ?1");
                return select.Bind(1, wanted).Step() ? Read(select) : null;
            },
            number));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredBatch>> ReadAsync(LocalDate? date, CancellationToken cancellationToken) =>
        new(database.Read<LocalDate?, IReadOnlyList<StoredBatch>>(
            static (session, wanted) =>
            {
                using SqliteStatement select = session.Prepare($"{Columns} WHERE ?1 IS NULL OR date = ?1 ORDER BY number");
                if (wanted is { } day) select.Bind(1, day);
                else select.BindNull(1);
                var batches = new List<StoredBatch>();
                while (select.Step()) batches.Add(Read(select));
                return batches;
            },
            date));

    /// <inheritdoc/>
    public ValueTask<BatchTree> ReadTreeAsync(long number, CancellationToken cancellationToken) =>
        new(database.Read(
            static (session, wanted) =>
            {
                (StoredBatch batch, long first) = Place(session, wanted);
                BatchTree tree = TreeOf(session, batch, first);
                return BatchTiles.FirstThatDiffers(session, wanted, tree) is not { } tile
                    ? tree
                    : throw new StoreException(StoreFault.Damaged, $"{tile} of batch {wanted} is missing or not that of its leaves; restore a copy");
            },
            number));

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Digest[]>> ReadPathsAsync(long number, IReadOnlyList<int> indexes, CancellationToken cancellationToken)
    {
        if (!database.Read(static (session, wanted) => BatchTiles.AreKept(session, wanted, Place(session, wanted).Batch.Head.Size), number))
        {
            await database.WriteAsync(
                session =>
                {
                    (StoredBatch batch, long first) = Place(session, number);
                    BatchTiles.Keep(session, number, TreeOf(session, batch, first));
                },
                cancellationToken).ConfigureAwait(false);
        }
        return database.Read(static (session, asked) => Paths(session, asked.number, asked.indexes), (number, indexes));
    }

    private static Digest[][] Paths(SqliteSession session, long number, IReadOnlyList<int> indexes)
    {
        (StoredBatch batch, long first) = Place(session, number);
        var nodes = new TileNodes(new BatchTiles(session, number, first), batch.Head.Size, TileCountMax);
        var paths = new Digest[indexes.Count][];
        // By place: neighbours share their tiles, and one that was let go is not read again.
        foreach (int i in Enumerable.Range(0, paths.Length).OrderBy(i => indexes[i]))
        {
            bool isThere = MerkleTree.InclusionProof(nodes, indexes[i], batch.Head.Size) is { } path && nodes.TryGetNode(0, indexes[i], out Digest leaf)
                && MerkleProof.VerifyInclusion(leaf, indexes[i], batch.Head.Size, paths[i] = path, batch.Head.Root);
            if (!isThere) throw new StoreException(StoreFault.Damaged, $"what is stored of leaf {indexes[i]} of batch {number} does not lead to the root {batch.Head.Root} that was closed; restore a copy");
        }
        return paths;
    }

    private static (StoredBatch Batch, long FirstLeaf) Place(SqliteSession session, long number)
    {
        using SqliteStatement select = session.Prepare($"{Columns} WHERE number = ?1");
        return select.Bind(1, number).Step() ? (Read(select), select.Integer(2)) : throw new StoreException(StoreFault.Conflict, $"batch {number} is not stored");
    }

    private static BatchTree TreeOf(SqliteSession session, StoredBatch batch, long firstLeaf)
    {
        BatchTree tree = BatchTree.Adopt(Leaves(session, firstLeaf, batch.Head.Size));
        return tree.Root == batch.Head.Root
            ? tree
            : throw new StoreException(StoreFault.Damaged, $"the leaves of batch {batch.Number} give the root {tree.Root}; {batch.Head.Root} was closed");
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<BlockEvidence?>> FindEvidenceAsync(IReadOnlyList<IntervalBlock> blocks, CancellationToken cancellationToken)
    {
        var evidence = new BlockEvidence?[blocks.Count];
        database.Read(
            static (session, asked) =>
            {
                for (int i = 0; i < asked.blocks.Count; i++) asked.evidence[i] = Find(session, asked.blocks[i]);
                return 0;
            },
            (blocks, evidence));
        byte[] salt = new byte[Commitment.SaltLength];
        for (int i = 0; i < evidence.Length; i++)
        {
            if (evidence[i] is not { } found) continue;
            MasterSalt? master = await salts.FindAsync(blocks[i].UsagePoint, cancellationToken).ConfigureAwait(false);
            // A leaf that the present master does not give was made with one that is erased.
            if (master is null || !BlockLeaves.TryCompute(master, blocks[i], out Digest leaf) || leaf != found.Leaf) continue;
            if (BlockLeaves.TrySalt(master, blocks[i], salt)) evidence[i] = found with { Salt = salt.AsSpan().ToArray() };
        }
        return evidence;
    }

    private static StoredBatch? Close(SqliteSession session, LocalDate date)
    {
        long first = session.Scalar(SelectFirstOpen), next = session.Scalar(ReadingAppend.SelectNextLeaf);
        if (next == first) return null;
        long number = session.Scalar("SELECT max(number) FROM batch") + 1;
        BatchTree tree = BatchTree.Adopt(Leaves(session, first, next - first));
        var head = new BatchHead(date, next - first, tree.Root);
        using SqliteStatement insert = session.Prepare(Insert);
        insert.Bind(1, number).Bind(2, date).Bind(3, first).Bind(4, head.Size).Bind(5, head.Root.Octets).Run();
        BatchTiles.Keep(session, number, tree);
        return new StoredBatch(number, head, null);
    }

    private static Digest[] Leaves(SqliteSession session, long first, long size)
    {
        var leaves = new Digest[checked((int)size)];
        return BatchTiles.TryReadLeaves(session, first, leaves)
            ? leaves
            : throw new StoreException(StoreFault.Damaged, $"{leaves.Length} leaves from {first} were expected; some of them are not there");
    }

    private static BlockEvidence? Find(SqliteSession session, IntervalBlock block)
    {
        if (LeafNumber(session, block) is not { } leaf) return null;
        using SqliteStatement receipt = session.Prepare(SelectReceiptOfLeaf);
        if (!receipt.Bind(1, leaf).Step()) throw Missing(leaf);
        ReadOnlySpan<Digest> leaves = MemoryMarshal.Cast<byte, Digest>(receipt.Blob(1));
        long place = leaf - receipt.Integer(0);
        if (place >= leaves.Length) throw Missing(leaf);
        Digest hash = leaves[(int)place];
        using SqliteStatement batch = session.Prepare("SELECT number, first_leaf FROM batch WHERE first_leaf <= ?1 AND first_leaf + size > ?1 ORDER BY first_leaf DESC LIMIT 1");
        return batch.Bind(1, leaf).Step()
            ? new BlockEvidence(hash, null, batch.Integer(0), (int)(leaf - batch.Integer(1)))
            : new BlockEvidence(hash, null, null, 0);
    }

    private static long? LeafNumber(SqliteSession session, IntervalBlock block)
    {
        using SqliteStatement select = session.Prepare(block.Type.IsRegister() ? SelectLeafOfRegister : SelectLeafOfBlock);
        BlockKey.Of(block.Header).Bind(select);
        while (select.Step()) // registers of two meters may share all but their octets
        {
            if (select.Blob(1).SequenceEqual(block.Bytes.Span)) return select.Integer(0);
        }
        return null;
    }

    private static StoreException Missing(long leaf) => new(StoreFault.Damaged, $"the receipt of leaf {leaf} is not there");

    private static StoredBatch Read(SqliteStatement row) =>
        new(row.Integer(0), new BatchHead(row.Day(1), row.Integer(3), new Digest(row.Blob(4))), row.IsNull(5) ? null : row.Integer(5));
}
