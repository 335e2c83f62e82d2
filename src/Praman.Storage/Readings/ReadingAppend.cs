using System.Runtime.InteropServices;
using Praman.MeterData.Ingest;
using Praman.Metering;
using Praman.Proof;
using Praman.Storage.Sqlite;

namespace Praman.Storage.Readings;

/// <summary>One append: made by the caller (keys sorted, leaves hashed), run by the writer inside its transaction.</summary>
internal sealed class ReadingAppend
{
    /// <summary>Leaves of one receipt at most: 32 KiB, so that one leaf is read cheaply.</summary>
    public const int ReceiptLeafMax = 1_024;

    private const string InsertBlock =
        """
        INSERT INTO block (day, usage_point, type, minute, version, bytes, checksum, leaf) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING
        """;

    private const string InsertRegister =
        """
        INSERT INTO register_block (day, usage_point, type, minute, version, bytes, checksum, leaf, device, resolution)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING
        """;

    private const string SelectBlock =
        "SELECT bytes FROM block WHERE day = ?1 AND usage_point = ?2 AND type = ?3 AND minute = ?4 AND version = ?5";

    private const string SelectRegister =
        """
        SELECT bytes, resolution FROM register_block
        WHERE day = ?1 AND usage_point = ?2 AND type = ?3 AND minute = ?4 AND version = ?5 AND device = ?6
        """;

    internal const string SelectNextLeaf = "SELECT first_leaf + length(leaves) / 32 FROM receipt ORDER BY first_leaf DESC LIMIT 1";
    private const string InsertReceipt = "INSERT INTO receipt (first_leaf, recorded_at, leaves) VALUES (?1, ?2, ?3)";

    private readonly ReadingBatch _batch;
    private readonly Digest[] _leaves; // of the blocks, then of the registers
    private readonly BlockKey[] _keys;
    private readonly int[] _order;
    private readonly List<Digest> _added = [];
    private readonly Dictionary<EndDeviceId, long> _devices = [];
    private long _nextLeaf;

    public ReadingAppend(ReadingBatch batch, Digest[] leaves)
    {
        _batch = batch;
        _leaves = leaves;
        _keys = new BlockKey[batch.Blocks.Count];
        _order = new int[_keys.Length];
        for (int i = 0; i < _keys.Length; i++)
        {
            _keys[i] = BlockKey.Of(batch.Blocks[i].Header);
            _order[i] = i;
        }
        Array.Sort(_keys, _order); // neighbours in the table are written together
    }

    /// <summary>Rows that the append writes, about.</summary>
    public int Weight => _leaves.Length + _batch.Findings.Count + _batch.Events.Count + _batch.ClockChecks.Count + 1;

    public AppendResult Run(SqliteSession session)
    {
        _added.Clear();
        _devices.Clear();
        _nextLeaf = session.Scalar(SelectNextLeaf);
        AddBlocks(session);
        AddRegisters(session);
        AddReceipts(session);
        ReadingFacts.Add(session, _batch);
        return new AppendResult(_added.Count, _leaves.Length - _added.Count);
    }

    private void AddBlocks(SqliteSession session)
    {
        using SqliteStatement insert = session.Prepare(InsertBlock);
        for (int i = 0; i < _keys.Length; i++)
        {
            IntervalBlock block = _batch.Blocks[_order[i]];
            ReadOnlySpan<byte> octets = block.Bytes.Span;
            _keys[i].Bind(insert);
            insert.Bind(6, octets).Bind(7, BlockOctets.Checksum(octets)).Bind(8, _nextLeaf).Run();
            if (session.Changes == 1) Take(_order[i]);
            else CheckSameBlock(session, _keys[i], block);
        }
    }

    private void AddRegisters(SqliteSession session)
    {
        if (_batch.Registers.Count == 0) return;
        using SqliteStatement insert = session.Prepare(InsertRegister);
        for (int i = 0; i < _batch.Registers.Count; i++)
        {
            RegisterBlock register = _batch.Registers[i];
            var key = BlockKey.Of(register.Block.Header);
            ReadOnlySpan<byte> octets = register.Block.Bytes.Span;
            if (!_devices.TryGetValue(register.EndDevice, out long device))
            {
                _devices[register.EndDevice] = device = DeviceTable.Number(session, register.EndDevice);
            }
            key.Bind(insert);
            insert.Bind(6, octets).Bind(7, BlockOctets.Checksum(octets)).Bind(8, _nextLeaf).Bind(9, device).Bind(10, register.Resolution).Run();
            if (session.Changes == 1) Take(_keys.Length + i);
            else CheckSameRegister(session, key, device, register);
        }
    }

    private void Take(int leaf)
    {
        _added.Add(_leaves[leaf]);
        _nextLeaf++;
    }

    private void AddReceipts(SqliteSession session)
    {
        if (_added.Count == 0) return;
        long first = _nextLeaf - _added.Count;
        using SqliteStatement insert = session.Prepare(InsertReceipt);
        for (int at = 0; at < _added.Count; at += ReceiptLeafMax)
        {
            ReadOnlySpan<Digest> leaves = CollectionsMarshal.AsSpan(_added)[at..Math.Min(at + ReceiptLeafMax, _added.Count)];
            insert.Bind(1, first + at).Bind(2, _batch.RecordedAt).Bind(3, MemoryMarshal.AsBytes(leaves)).Run();
        }
    }

    private static void CheckSameBlock(SqliteSession session, in BlockKey key, IntervalBlock block)
    {
        using SqliteStatement select = session.Prepare(SelectBlock);
        key.Bind(select);
        if (!select.Step() || !select.Blob(0).SequenceEqual(block.Bytes.Span)) throw Conflict(block);
    }

    private static void CheckSameRegister(SqliteSession session, in BlockKey key, long device, RegisterBlock register)
    {
        using SqliteStatement select = session.Prepare(SelectRegister);
        key.Bind(select);
        select.Bind(6, device);
        if (!select.Step() || !select.Blob(0).SequenceEqual(register.Block.Bytes.Span) || select.Integer(1) != register.Resolution) throw Conflict(register.Block);
    }

    private static VersionConflictException Conflict(IntervalBlock block) =>
        new($"{block.Header.Channel} from {block.Start}, version {block.Version}, is stored with other octets; expected the same octets or a new version");
}
