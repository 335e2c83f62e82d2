using Praman.MeterData.Ingest;
using Praman.Metering;
using Praman.Storage;
using Praman.Storage.Sqlite;

namespace Praman.Stores.Tests.Sqlite;

/// <summary>The writer: what waits shares a commit; a refused piece undoes itself and not its neighbours.</summary>
public sealed class GroupCommitTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private SqliteDatabase _database = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _database = SqliteDatabase.Open(_folder.File(PramanStore.DatabaseName));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task WorkThatWaitsSharesOneCommit()
    {
        using var writer = new HeldWriter(_database);
        Task[] waiting = [.. Enumerable.Range(0, 50).Select(i => _database.WriteAsync(session => Insert(session, i), Stop))];
        writer.Release();
        await Task.WhenAll([writer.Held, .. waiting]);

        Assert.Equal(50, Count());
        Assert.Equal(2, _database.CommitCount); // the held one, and all that waited behind it
    }

    [Fact]
    public async Task ARefusedPieceIsUndoneAndItsNeighboursAreKept()
    {
        using var writer = new HeldWriter(_database);
        Task before = _database.WriteAsync(session => Insert(session, 1), Stop);
        Task refused = _database.WriteAsync(
            session =>
            {
                Insert(session, 2);
                throw new VersionConflictException("refused");
            },
            Stop);
        Task after = _database.WriteAsync(session => Insert(session, 3), Stop);
        writer.Release();

        await Assert.ThrowsAsync<VersionConflictException>(() => refused);
        await Task.WhenAll(writer.Held, before, after);
        Assert.Equal([1L, 3], Ids());
    }

    [Fact]
    public async Task ARefusedPieceAloneLeavesTheWriterReady()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => _database.WriteAsync(
            session =>
            {
                Insert(session, 1);
                throw new InvalidOperationException("refused");
            },
            Stop));
        await _database.WriteAsync(session => Insert(session, 2), Stop);
        Assert.Equal([2L], Ids());
    }

    [Fact]
    public async Task ADiskFaultFailsEveryPieceOfItsTransactionAndStopsTheWriter()
    {
        using var writer = new HeldWriter(_database);
        Task before = _database.WriteAsync(session => Insert(session, 1), Stop);
        Task broken = _database.WriteAsync(_ => throw SqliteFaults.ToException(SQLitePCL.raw.SQLITE_IOERR_FSYNC, "disk I/O error", "praman.db"), Stop);
        writer.Release();

        StoreException neighbour = await Assert.ThrowsAsync<StoreException>(() => before);
        StoreException own = await Assert.ThrowsAsync<StoreException>(() => broken);
        StoreException later = await Assert.ThrowsAsync<StoreException>(() => _database.WriteAsync(session => Insert(session, 2), Stop));

        Assert.Equal((StoreFault.InputOutput, StoreFault.InputOutput, StoreFault.Closed), (neighbour.Fault, own.Fault, later.Fault));
        Assert.Contains("open it again", later.Message, StringComparison.Ordinal);
        Assert.Empty(Ids());
        await writer.Held; // it had a commit of its own
    }

    [Fact]
    public async Task WorkCancelledWhileItWaitsIsNotDone()
    {
        using var writer = new HeldWriter(_database);
        using var source = new CancellationTokenSource();
        Task cancelled = _database.WriteAsync(session => Insert(session, 1), source.Token);
        await source.CancelAsync();
        writer.Release();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        await writer.Held;
        Assert.Empty(Ids());
    }

    [Fact]
    public async Task ClosingFinishesWhatWaits()
    {
        Task[] waiting = [.. Enumerable.Range(0, 20).Select(i => _database.WriteAsync(session => Insert(session, i), Stop))];
        await _database.DisposeAsync();
        await Task.WhenAll(waiting);
        _database = SqliteDatabase.Open(_database.Path);
        Assert.Equal(20, Count());
    }

    private static void Insert(SqliteSession session, long id)
    {
        using SqliteStatement insert = session.Prepare("INSERT INTO device (id, serial) VALUES (?1, ?2)");
        insert.Bind(1, id).Bind(2, new EndDeviceId($"D{id}").Serial).Run();
    }

    private long Count() => _database.Read(session => session.Scalar("SELECT count(*) FROM device"));

    private List<long> Ids() => _database.Read(session =>
    {
        using SqliteStatement select = session.Prepare("SELECT id FROM device ORDER BY id");
        var ids = new List<long>();
        while (select.Step()) ids.Add(select.Integer(0));
        return ids;
    });

    /// <summary>Keeps the writer inside a transaction of its own, so that what is written meanwhile waits together.</summary>
    private sealed class HeldWriter : IDisposable
    {
        private readonly ManualResetEventSlim _entered = new(), _release = new();

        public HeldWriter(SqliteDatabase database)
        {
            Held = database.WriteAsync(
                _ =>
                {
                    _entered.Set();
                    _release.Wait(Stop);
                },
                Stop);
            _entered.Wait(Stop);
        }

        public Task Held { get; }

        public void Release() => _release.Set();

        public void Dispose()
        {
            _release.Set();
            Held.GetAwaiter().GetResult();
            _entered.Dispose();
            _release.Dispose();
        }
    }
}
