using NodaTime;
using Praman.Storage.Sqlite;

namespace Praman.Storage.Readings;

/// <summary>
/// When leaves were recorded, by their receipts. The receipt found last is kept for the next row: what was recorded at once is mostly read at
/// once. Lives as long as one read.
/// </summary>
internal sealed class ReceiptTimes(SqliteSession session)
{
    private const string Select =
        "SELECT first_leaf, length(leaves) / 32, recorded_at FROM receipt WHERE first_leaf <= ?1 ORDER BY first_leaf DESC LIMIT 1";

    private long _first;
    private long _until;
    private Instant _recordedAt;

    /// <summary>The session that is read.</summary>
    public SqliteSession Session => session;

    /// <summary>When a leaf was recorded; null where no receipt holds it.</summary>
    public Instant? Find(long leaf)
    {
        if (leaf >= _first && leaf < _until) return _recordedAt;
        using SqliteStatement select = session.Prepare(Select);
        if (!select.Bind(1, leaf).Step()) return null;
        (_first, _until, _recordedAt) = (select.Integer(0), select.Integer(0) + select.Integer(1), select.Instant(2));
        return _recordedAt;
    }
}
