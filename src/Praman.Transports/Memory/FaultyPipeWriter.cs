using System.Buffers;
using System.IO.Pipelines;

namespace Praman.Transports.Memory;

/// <summary>
/// One direction of a faulty link: judges each flush, then lets it through at once or when its time has come. Whoever finds something due
/// carries it; the lock is never held while a reader runs.
/// </summary>
internal sealed class FaultyPipeWriter : PipeWriter
{
    private enum Step : byte
    {
        Deliver,
        Complete,
        Cut,
    }

    private readonly record struct Item(long Due, Step Step, byte[] Octets);

    private readonly PipeWriter _inner;
    private readonly LinkFaults _faults;
    private readonly TimeProvider _timeProvider;
    private readonly int _queueBytesMax;
    private readonly Action _cut;
    private readonly Lock _lock = new();
    private readonly Queue<Item> _queue = new();
    private readonly ArrayBufferWriter<byte> _written = new(256);
    private readonly ITimer _timer;
    private SeededSequence _random;
    private long _lastDue = long.MinValue;
    private int _queuedBytes;
    private bool _carrying;
    private bool _innerCompleted;
    private bool _completed;
    private LinkException? _broken;
    private TaskCompletionSource? _room;

    public FaultyPipeWriter(PipeWriter inner, LinkFaults faults, ulong seed, TimeProvider timeProvider, int queueBytesMax, Action cut)
    {
        _inner = inner;
        _faults = faults;
        _random = new SeededSequence(seed);
        _timeProvider = timeProvider;
        _queueBytesMax = queueBytesMax;
        _cut = cut;
        _timer = timeProvider.CreateTimer(static state => ((FaultyPipeWriter)state!).Carry(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _written.WrittenCount;

    public override void Advance(int bytes) => _written.Advance(bytes);

    public override Memory<byte> GetMemory(int sizeHint = 0) => _written.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _written.GetSpan(sizeHint);

    public override void CancelPendingFlush()
    {
        lock (_lock) TakeRoom()?.TrySetResult();
    }

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Task? room = null;
        lock (_lock)
        {
            if (_broken is not null) throw _broken;
            if (_written.WrittenCount > 0)
            {
                Judge(_written.WrittenSpan);
                _written.ResetWrittenCount();
            }
            if (_queuedBytes > _queueBytesMax) room = (_room ??= new TaskCompletionSource()).Task;
        }
        Carry();
        if (room is not null) await room.WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            return _broken is null ? new FlushResult(isCanceled: false, isCompleted: _innerCompleted) : throw _broken;
        }
    }

    public override void Complete(Exception? exception = null)
    {
        lock (_lock)
        {
            if (_completed || _broken is not null) return;
            _completed = true;
            if (_written.WrittenCount > 0) Judge(_written.WrittenSpan);
            Enqueue(Step.Complete, [], Now());
        }
        Carry();
    }

    /// <summary>Ends this direction: the reader, and the next flush, see the exception.</summary>
    public void Break(LinkException exception)
    {
        bool here;
        lock (_lock)
        {
            if (_broken is not null) return;
            _broken = exception;
            _queue.Clear();
            _queuedBytes = 0;
            here = !_carrying;
            if (here) _carrying = true;
        }
        if (here) CarryAll().Forget();
    }

    // Every fault takes its numbers in the same order, so that changing one share does not move the others' places needlessly.
    private void Judge(ReadOnlySpan<byte> octets)
    {
        bool lost = _random.Chance(_faults.Loss), twice = _random.Chance(_faults.Duplication);
        bool pieces = _random.Chance(_faults.Fragmentation), cut = _random.Chance(_faults.Cut);
        long due = Now() + Ticks(_random.Between(_faults.DelayMin, _faults.DelayMax));
        if (cut)
        {
            Enqueue(Step.Deliver, octets[.._random.Below(octets.Length + 1)].ToArray(), due);
            Enqueue(Step.Cut, [], due);
            return;
        }
        if (lost) return;
        for (int copy = twice ? 2 : 1; copy > 0; copy--)
        {
            if (!pieces)
            {
                Enqueue(Step.Deliver, octets.ToArray(), due);
                continue;
            }
            for (int at = 0; at < octets.Length;)
            {
                int length = 1 + _random.Below(Math.Min(octets.Length - at, 1 + (octets.Length / 3)));
                Enqueue(Step.Deliver, octets.Slice(at, length).ToArray(), due);
                at += length;
                due += Ticks(_faults.FragmentGap);
            }
        }
    }

    private void Enqueue(Step step, byte[] octets, long due)
    {
        if (step == Step.Deliver && octets.Length == 0) return;
        _lastDue = Math.Max(_lastDue, due);
        _queue.Enqueue(new Item(_lastDue, step, octets));
        _queuedBytes += octets.Length;
    }

    private void Carry()
    {
        lock (_lock)
        {
            if (_carrying) return;
            _carrying = true;
        }
        CarryAll().Forget();
    }

    private async ValueTask CarryAll()
    {
        while (true)
        {
            Item item;
            TaskCompletionSource? room = null;
            lock (_lock)
            {
                if (_broken is not null) break;
                if (!_queue.TryPeek(out item) || _innerCompleted)
                {
                    _carrying = false;
                    return;
                }
                long wait = item.Due - Now();
                if (wait > 0)
                {
                    _carrying = false;
                    _timer.Change(ToTimeSpan(wait), Timeout.InfiniteTimeSpan);
                    return;
                }
                _queue.Dequeue();
                _queuedBytes -= item.Octets.Length;
                if (_queuedBytes <= _queueBytesMax / 2) room = TakeRoom();
            }
            room?.TrySetResult();
            if (item.Step == Step.Cut)
            {
                _cut(); // sets _broken, seen at the top
                continue;
            }
            if (item.Step == Step.Complete || (await _inner.WriteAsync(item.Octets).ConfigureAwait(false)).IsCompleted) break;
        }
        TaskCompletionSource? waiting;
        lock (_lock)
        {
            _innerCompleted = true;
            _queue.Clear();
            _queuedBytes = 0;
            waiting = TakeRoom();
            _carrying = false;
        }
        waiting?.TrySetResult();
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _inner.CompleteAsync(_broken).ConfigureAwait(false);
    }

    private TaskCompletionSource? TakeRoom()
    {
        TaskCompletionSource? room = _room;
        _room = null;
        return room;
    }

    // Rounded up: a timer that fires early would only be set again.
    private TimeSpan ToTimeSpan(long timestamps) =>
        TimeSpan.FromTicks((long)Math.Ceiling(timestamps * (double)TimeSpan.TicksPerSecond / _timeProvider.TimestampFrequency));

    private long Now() => _timeProvider.GetTimestamp();

    private long Ticks(TimeSpan time) => (long)(time.Ticks * (double)_timeProvider.TimestampFrequency / TimeSpan.TicksPerSecond);
}

internal static class ForgottenTasks
{
    /// <summary>Lets a task run on; what it throws is the inner pipe's misuse and belongs to the process.</summary>
    public static void Forget(this ValueTask task)
    {
        if (task.IsCompletedSuccessfully) return;
        _ = Await(task);

        static async Task Await(ValueTask task) => await task.ConfigureAwait(false);
    }
}
