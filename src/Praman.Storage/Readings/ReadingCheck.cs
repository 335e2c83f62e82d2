using System.Globalization;
using System.Runtime.InteropServices;
using Praman.Metering;
using Praman.Proof;
using Praman.Storage.Sqlite;

namespace Praman.Storage.Readings;

/// <summary>
/// Reads every block and register and holds it against its checksum, its key and, where its salt is not erased, its leaf; then the number
/// of leaves against the number of rows.
/// </summary>
internal sealed class ReadingCheck(SqliteSession session, int faultMax, CancellationToken cancellationToken)
{
    private const string SelectReceipt = "SELECT first_leaf, leaves FROM receipt WHERE first_leaf <= ?1 ORDER BY first_leaf DESC LIMIT 1";
    private const string SelectMaster = "SELECT master, (SELECT count(*) FROM master_salt WHERE usage_point = ?1 AND master IS NULL) FROM master_salt WHERE usage_point = ?1 ORDER BY generation DESC LIMIT 1";

    private readonly List<string> _faults = [];
    private long _rows;

    /// <summary>What does not fit, at most <c>faultMax</c>; empty where all does.</summary>
    public List<string> Run()
    {
        Check("SELECT day, usage_point, type, minute, version, bytes, checksum, leaf FROM block");
        Check("SELECT day, usage_point, type, minute, version, bytes, checksum, leaf FROM register_block");
        long leaves = session.Scalar("SELECT coalesce(sum(length(leaves)), 0) / 32 FROM receipt");
        if (leaves != _rows) Add(string.Create(CultureInfo.InvariantCulture, $"{_rows} blocks and registers are stored, and {leaves} leaves"));
        return _faults;
    }

    private void Check(string sql)
    {
        using SqliteStatement row = session.Prepare(sql);
        while (_faults.Count < faultMax && row.Step())
        {
            if ((++_rows & 0xFFF) == 0) cancellationToken.ThrowIfCancellationRequested();
            var key = new BlockKey((int)row.Integer(0), new UsagePointId(unchecked((ulong)row.Integer(1))), (ReadingType)row.Integer(2), (int)row.Integer(3), (int)row.Integer(4));
            string? fault = !BlockOctets.TryRead(key, row.Blob(5), (uint)row.Integer(6), out IntervalBlock? block, out string reason) ? reason : CheckLeaf(block, row.Integer(7));
            if (fault is not null) Add($"{key.UsagePoint}/{key.Type.Name()} from {key.Start}, version {key.Version}: {fault}");
        }
    }

    private string? CheckLeaf(IntervalBlock block, long number)
    {
        if (Leaf(number) is not { } stored) return $"leaf {number} is not in the receipts";
        using SqliteStatement select = session.Prepare(SelectMaster);
        if (!select.Bind(1, unchecked((long)block.UsagePoint.Number)).Step()) return "its usage point has no salt, and none was erased";
        if (select.IsNull(0) || select.Integer(1) > 0) return null; // made with a master that may be erased: nobody can check it, by intention
        using var master = new MasterSalt(select.Blob(0));
        return BlockLeaves.TryCompute(master, block, out Digest leaf) && leaf == stored ? null : $"leaf {number} is {stored}; its octets give {leaf}";
    }

    private Digest? Leaf(long number)
    {
        using SqliteStatement receipt = session.Prepare(SelectReceipt);
        if (!receipt.Bind(1, number).Step()) return null;
        ReadOnlySpan<Digest> leaves = MemoryMarshal.Cast<byte, Digest>(receipt.Blob(1));
        long place = number - receipt.Integer(0);
        return place < leaves.Length ? leaves[(int)place] : null;
    }

    private void Add(string fault)
    {
        if (_faults.Count < faultMax) _faults.Add(fault);
    }
}
