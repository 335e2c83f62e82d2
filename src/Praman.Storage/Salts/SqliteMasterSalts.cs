using System.Collections.Concurrent;
using System.Security.Cryptography;
using Praman.Metering;
using Praman.Proof;
using Praman.Proof.Stores;
using Praman.Storage.Sqlite;

namespace Praman.Storage.Salts;

/// <summary>
/// Master salts in the table <c>master_salt</c>. An erased one is overwritten in the file (secure_delete) and in its log, which is emptied;
/// copies made before are beyond its reach, and a backup must be erased too.
/// </summary>
internal sealed class SqliteMasterSalts(SqliteDatabase database) : IMasterSalts
{
    private const string Last = "SELECT generation, master FROM master_salt WHERE usage_point = ?1 ORDER BY generation DESC LIMIT 1";
    private const string Insert = "INSERT INTO master_salt (usage_point, generation, master) VALUES (?1, ?2, ?3)";
    private const int KeptMax = 1 << 20;

    private readonly ConcurrentDictionary<UsagePointId, MasterSalt> _kept = new();

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<MasterSalt>> GetAsync(IReadOnlyList<UsagePointId> usagePoints, CancellationToken cancellationToken)
    {
        var masters = new MasterSalt[usagePoints.Count];
        List<UsagePointId>? missing = null;
        for (int i = 0; i < masters.Length; i++)
        {
            if (!_kept.TryGetValue(usagePoints[i], out masters[i]!)) (missing ??= []).Add(usagePoints[i]);
        }
        if (missing is null) return masters;
        Dictionary<UsagePointId, MasterSalt> found = database.Read(static (session, wanted) => Find(session, wanted), missing);
        if (missing.Exists(usagePoint => !found.ContainsKey(usagePoint)))
        {
            found = await database.WriteAsync(session => Make(session, missing), missing.Count, cancellationToken).ConfigureAwait(false);
        }
        if (_kept.Count + found.Count > KeptMax) _kept.Clear();
        for (int i = 0; i < masters.Length; i++)
        {
            if (masters[i] is null) masters[i] = _kept.GetOrAdd(usagePoints[i], found[usagePoints[i]]);
        }
        return masters;
    }

    /// <inheritdoc/>
    public ValueTask<MasterSalt?> FindAsync(UsagePointId usagePoint, CancellationToken cancellationToken) =>
        new(_kept.TryGetValue(usagePoint, out MasterSalt? kept)
            ? kept
            : database.Read(static (session, wanted) => Find(session, [wanted]).GetValueOrDefault(wanted), usagePoint));

    /// <inheritdoc/>
    public async ValueTask<bool> AddAsync(UsagePointId usagePoint, ReadOnlyMemory<byte> master, CancellationToken cancellationToken)
    {
        if (master.Length != Commitment.SaltLength) throw new ArgumentException($"A master has {Commitment.SaltLength} octets, not {master.Length}.", nameof(master));
        return await database.WriteAsync(
            session =>
            {
                (long generation, byte[]? before) = FindLast(session, usagePoint);
                if (before is not null) return false;
                Add(session, usagePoint, generation + 1, master.Span);
                return true;
            },
            1,
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> EraseAsync(UsagePointId usagePoint, CancellationToken cancellationToken)
    {
        bool erased = await database.WriteAsync(
            session =>
            {
                using SqliteStatement update = session.Prepare("UPDATE master_salt SET master = NULL WHERE usage_point = ?1 AND master IS NOT NULL");
                update.Bind(1, unchecked((long)usagePoint.Number)).Run();
                return session.Changes > 0;
            },
            1,
            cancellationToken).ConfigureAwait(false);
        if (_kept.TryRemove(usagePoint, out MasterSalt? kept)) kept.Erase();
        if (erased) await database.CheckpointAsync(cancellationToken).ConfigureAwait(false);
        return erased;
    }

    private static Dictionary<UsagePointId, MasterSalt> Find(SqliteSession session, IReadOnlyList<UsagePointId> usagePoints)
    {
        var found = new Dictionary<UsagePointId, MasterSalt>();
        foreach (UsagePointId usagePoint in usagePoints)
        {
            if (FindLast(session, usagePoint).Master is not { } octets) continue;
            found[usagePoint] = new MasterSalt(octets);
            CryptographicOperations.ZeroMemory(octets);
        }
        return found;
    }

    private static Dictionary<UsagePointId, MasterSalt> Make(SqliteSession session, IReadOnlyList<UsagePointId> usagePoints)
    {
        Span<byte> octets = stackalloc byte[Commitment.SaltLength];
        foreach (UsagePointId usagePoint in usagePoints)
        {
            (long generation, byte[]? master) = FindLast(session, usagePoint);
            if (master is not null) continue;
            RandomNumberGenerator.Fill(octets);
            Add(session, usagePoint, generation + 1, octets);
        }
        CryptographicOperations.ZeroMemory(octets);
        return Find(session, usagePoints);
    }

    private static void Add(SqliteSession session, UsagePointId usagePoint, long generation, ReadOnlySpan<byte> master)
    {
        using SqliteStatement insert = session.Prepare(Insert);
        insert.Bind(1, unchecked((long)usagePoint.Number)).Bind(2, generation).Bind(3, master).Run();
    }

    private static (long Generation, byte[]? Master) FindLast(SqliteSession session, UsagePointId usagePoint)
    {
        using SqliteStatement select = session.Prepare(Last);
        select.Bind(1, unchecked((long)usagePoint.Number));
        if (!select.Step()) return (0, null);
        return (select.Integer(0), select.IsNull(1) ? null : select.Blob(1).ToArray());
    }
}
