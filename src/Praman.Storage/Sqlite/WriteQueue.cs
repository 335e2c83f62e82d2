using System.Threading.Channels;

namespace Praman.Storage.Sqlite;

/// <summary>
/// Group commit: one thread owns the writing session, puts what waits into one transaction, and completes the waiters after COMMIT has
/// been flushed to the disk. Nothing is acknowledged before it is durable.
/// </summary>
/// <remarks>
/// Each piece of work stands in a savepoint, so a refused one (a conflict) undoes itself and not its neighbours. A fault of the disk ends
/// the whole transaction and fails every piece in it. After a failed flush nobody knows what the disk holds: the queue takes no more
/// until the database is opened again and has recovered from its log.
/// </remarks>
internal sealed class WriteQueue : IDisposable
{
    private const int Capacity = 4_096;
    private const int WeightMax = 16_384;

    private readonly SqliteSession _session;
    private readonly Channel<Work> _waiting = Channel.CreateBounded<Work>(
        new BoundedChannelOptions(Capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
    private readonly List<Work> _batch = [];
    private readonly Thread _thread;
    private volatile StoreException? _broken;

    public WriteQueue(SqliteSession session)
    {
        _session = session;
        _thread = new Thread(Run) { IsBackground = true, Name = "praman store writer" };
        _thread.Start();
    }

    /// <summary>Transactions committed since the start.</summary>
    public long CommitCount { get; private set; }

    /// <summary>Runs <paramref name="work"/> inside a transaction; the task completes when that transaction is durable.</summary>
    /// <param name="weight">Rows that the work writes, about: bounds the size of one transaction.</param>
    public async Task<T> WriteAsync<T>(Func<SqliteSession, T> work, int weight, CancellationToken cancellationToken)
    {
        var item = new Work<T>(work, Math.Max(1, weight), cancellationToken);
        try
        {
            await _waiting.Writer.WriteAsync(item, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new StoreException(StoreFault.Closed, "the store is closed");
        }
        return await item.Task.ConfigureAwait(false);
    }

    /// <summary>Takes no more work, finishes what waits, and ends the thread.</summary>
    public void Dispose()
    {
        _waiting.Writer.TryComplete();
        _thread.Join();
    }

    private void Run()
    {
        ChannelReader<Work> reader = _waiting.Reader;
        while (reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            Gather(reader);
            if (_broken is { } broken)
            {
                foreach (Work work in _batch) work.Fail(Refusal(broken));
            }
            else
            {
                Commit();
            }
            _batch.Clear();
        }
    }

    private void Gather(ChannelReader<Work> reader)
    {
        int weight = 0;
        while (weight < WeightMax && reader.TryRead(out Work? work))
        {
            if (work.CancellationToken.IsCancellationRequested)
            {
                work.Cancel();
                continue;
            }
            weight += work.Weight;
            _batch.Add(work);
        }
    }

    private void Commit()
    {
        if (_batch.Count == 0) return;
        try
        {
            _session.Execute("BEGIN IMMEDIATE");
            bool alone = _batch.Count == 1;
            int done = 0;
            foreach (Work work in _batch)
            {
                if (RunOne(work, alone)) done++;
            }
            if (done == 0 && alone)
            {
                if (!_session.IsAutoCommit) _session.Execute("ROLLBACK");
            }
            else
            {
                _session.Execute("COMMIT");
                CommitCount++;
            }
        }
#pragma warning disable CA1031 // the top of the writer's loop: every fault goes to the waiters
        catch (Exception fault)
        {
            Abandon(fault);
            return;
        }
#pragma warning restore CA1031
        foreach (Work work in _batch) work.Complete();
    }

    /// <summary>True where the work was done; false where it refused itself, which its waiter is told and its neighbours do not notice.</summary>
    private bool RunOne(Work work, bool alone)
    {
        if (!alone) _session.Execute("SAVEPOINT work");
        try
        {
            work.Execute(_session);
        }
        catch (Exception refusal) when (refusal is not StoreException { Fault: not (StoreFault.Conflict or StoreFault.Closed) })
        {
            work.Refuse(refusal);
            if (!alone) _session.Execute("ROLLBACK TO work; RELEASE work");
            return false;
        }
        if (!alone) _session.Execute("RELEASE work");
        return true;
    }

    private void Abandon(Exception fault)
    {
        if (fault is StoreException { Fault: StoreFault.InputOutput or StoreFault.Damaged } broken) _broken = broken;
        try
        {
            if (!_session.IsAutoCommit) _session.Execute("ROLLBACK");
        }
        catch (StoreException second)
        {
            _broken = second;
        }
        foreach (Work work in _batch) work.Fail(fault);
    }

    private static StoreException Refusal(StoreException broken) =>
        new(StoreFault.Closed, $"the store takes no more writes after a fault; open it again. The fault was: {broken.Message}", broken);

    private abstract class Work(int weight, CancellationToken cancellationToken)
    {
        public int Weight => weight;

        public CancellationToken CancellationToken => cancellationToken;

        public abstract void Execute(SqliteSession session);

        /// <summary>Keeps why the work refused itself; the waiter hears it when the batch ends.</summary>
        public abstract void Refuse(Exception refusal);

        public abstract void Complete();

        public abstract void Fail(Exception fault);

        public abstract void Cancel();
    }

    private sealed class Work<T>(Func<SqliteSession, T> work, int weight, CancellationToken cancellationToken) : Work(weight, cancellationToken)
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _result;
        private Exception? _refusal;

        public Task<T> Task => _done.Task;

        public override void Execute(SqliteSession session) => _result = work(session);

        public override void Refuse(Exception refusal) => _refusal = refusal;

        public override void Complete()
        {
            if (_refusal is { } refusal) _done.TrySetException(refusal);
            else _done.TrySetResult(_result!);
        }

        public override void Fail(Exception fault) => _done.TrySetException(fault);

        public override void Cancel() => _done.TrySetCanceled(CancellationToken);
    }
}
