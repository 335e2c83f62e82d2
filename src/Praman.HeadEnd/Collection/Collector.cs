using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using NodaTime;
using Praman.HeadEnd.Inventory;
using Praman.HeadEnd.Sessions;
using Praman.HeadEnd.Stores;
using Praman.Metering;

namespace Praman.HeadEnd.Collection;

/// <summary>What the collector stores to and reads from.</summary>
public sealed record CollectorStores(IMeterInventory Inventory, ICollectionState State, ICoverageStore Coverage, IEventStore Events);

/// <summary>
/// Reads every meter's days after they are over: who is due, so many sessions at once, again with growing waits where one failed, and the gap
/// with the next that succeeds. It has no timer of its own: a round does what is due now and says when the next thing is.
/// </summary>
public sealed partial class Collector
{
    private static readonly Duration RemovedMeterPatience = Duration.FromDays(1);

    private readonly CollectorStores _stores;
    private readonly KeyStore _keys;
    private readonly SessionOpener _opener;
    private readonly MeterReader _reader;
    private readonly CollectionOptions _options;
    private readonly RetrySchedule _retries;
    private readonly DateTimeZone _zone;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly ReadingOutbox _outbox;
    private readonly ConcurrentDictionary<EndDeviceId, Attempts> _attempts = new();
    private readonly ConcurrentDictionary<EndDeviceId, CollectionProgress> _progress = new();
    private bool _progressLoaded;

    public Collector(
        CollectorStores stores, KeyStore keys, SessionOpener opener, MeterReader reader, IMeterReadingSink sink, CollectionOptions options, TimeProvider clock,
        ILogger<Collector> logger)
    {
        ArgumentNullException.ThrowIfNull(stores);
        ArgumentNullException.ThrowIfNull(options);
        _stores = stores;
        _keys = keys;
        _opener = opener;
        _reader = reader;
        _options = options;
        _retries = new RetrySchedule(options);
        _zone = options.Zone();
        _clock = clock;
        _logger = logger;
        _outbox = new ReadingOutbox(sink, stores.Events, stores.State, stores.Coverage, p => _progress[p.EndDevice] = p, options.BatchSizeMax);
    }

    /// <summary>Tries every meter that is due now and whose wait is over, once. Returns when all that was read is durable.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; what was handed on stays.</exception>
    public async Task<RoundSummary> RunRoundAsync(CancellationToken cancellationToken)
    {
        await LoadProgressAsync(cancellationToken).ConfigureAwait(false);
        Instant now = Now();
        Instant target = TargetAt(now);
        LocalDate day = LocalDays.DayOf(target, _zone).PlusDays(-1);
        var ready = new List<InventoryMeter>();
        int due = 0;
        await foreach (InventoryMeter meter in _stores.Inventory.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!IsDue(meter, target, now)) continue;
            due++;
            Attempts attempts = _attempts.GetValueOrDefault(meter.EndDevice);
            if (attempts.Day != day || (!_retries.IsExhausted(attempts.Count) && attempts.NotBefore <= now)) ready.Add(meter);
        }
        int read = await ReadAllAsync(ready, target, day, cancellationToken).ConfigureAwait(false);
        (int waiting, int givenUp, Instant? next) = Remaining(day);
        var summary = new RoundSummary(day, due, ready.Count, read, ready.Count - read, waiting, givenUp, next);
        LogRound(_logger, summary.Day, summary.Due, summary.Read, summary.Failed, summary.Waiting);
        return summary;
    }

    /// <summary>When the day that is running now is collected first.</summary>
    public Instant NextRoundAfter(Instant now) =>
        LocalDays.Bounds(LocalDays.DayOf(TargetAt(now), _zone), _zone).End + Duration.FromTimeSpan(_options.StartAfterMidnight);

    /// <summary>Reads one meter now: what is new up to the last midnight, or, at an exchange, up to this moment with its registers.</summary>
    /// <returns>The reading, which is then durable, or the fault.</returns>
    public async Task<(CollectedReading? Reading, SessionError? Error)> ReadNowAsync(EndDeviceId endDevice, ExchangeMoment? moment, CancellationToken cancellationToken)
    {
        await LoadProgressAsync(cancellationToken).ConfigureAwait(false);
        InventoryMeter? meter = await _stores.Inventory.FindAsync(endDevice, cancellationToken).ConfigureAwait(false);
        if (meter is null) return (null, new SessionError(SessionFault.NoKeys, endDevice, "the inventory has no such meter"));
        Instant now = Now();
        Instant target = moment is null ? TargetAt(now) : now;
        (CollectedReading? reading, SessionError? error) = await ReadOneAsync(meter, target, moment, cancellationToken).ConfigureAwait(false);
        if (reading is null) return (null, error);
        Task durable = await _outbox.AddAsync(reading, Outcomes(meter, reading, attempts: 1), cancellationToken).ConfigureAwait(false);
        await durable.WaitAsync(cancellationToken).ConfigureAwait(false);
        return (reading, null);
    }

    private async Task<int> ReadAllAsync(List<InventoryMeter> ready, Instant target, LocalDate day, CancellationToken cancellationToken)
    {
        int next = -1, read = 0;
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sessions = new Task[Math.Min(ready.Count, _options.SessionCountMax)];
        for (int i = 0; i < sessions.Length; i++) sessions[i] = ReadInTurnAsync();
        await Task.WhenAll(sessions).ConfigureAwait(false);
        return read;

        async Task ReadInTurnAsync()
        {
            var batches = new List<Task>(); // a session goes on while what it read is handed on; the round does not end before
            try
            {
                for (int index = Interlocked.Increment(ref next); index < ready.Count; index = Interlocked.Increment(ref next))
                {
                    failed.Token.ThrowIfCancellationRequested();
                    (bool isWhole, Task durable) = await CollectAsync(ready[index], target, day, failed.Token).ConfigureAwait(false);
                    if (isWhole) Interlocked.Increment(ref read);
                    if (batches.Count > 0 && batches[^1].IsCompleted) await batches[^1].ConfigureAwait(false);
                    if (batches.Count == 0 || batches[^1] != durable) batches.Add(durable);
                }
                await Task.WhenAll(batches).WaitAsync(failed.Token).ConfigureAwait(false);
            }
            catch
            {
                await failed.CancelAsync().ConfigureAwait(false); // a failing store ends the round
                throw;
            }
        }
    }

    private async Task<(bool IsWhole, Task Durable)> CollectAsync(InventoryMeter meter, Instant target, LocalDate day, CancellationToken cancellationToken)
    {
        int attempt = NextAttempt(meter.EndDevice, day);
        (CollectedReading? reading, SessionError? error) = await ReadOneAsync(meter, target, null, cancellationToken).ConfigureAwait(false);
        if (reading is null)
        {
            LogFailed(_logger, meter.EndDevice.Serial, error!.Fault, error.Detail, attempt);
            // What the meter answers will not change within the hour; what the link does may.
            int counted = error.Fault.IsTransient() ? attempt : Math.Max(attempt, _options.AttemptCountMax - 1);
            Postpone(meter.EndDevice, day, counted);
            return (false, await _outbox.AddAsync(null, [FailedOutcome(meter, day, error, attempt)], cancellationToken).ConfigureAwait(false));
        }
        bool isWhole = reading.Progress.BlockLoadUntil >= target || meter.Last?.Until <= reading.Progress.BlockLoadUntil;
        if (isWhole) _attempts.TryRemove(meter.EndDevice, out _);
        else Postpone(meter.EndDevice, day, attempt); // its clock has not passed midnight
        return (isWhole, await _outbox.AddAsync(reading, Outcomes(meter, reading, attempt), cancellationToken).ConfigureAwait(false));
    }

    private async Task<(CollectedReading? Reading, SessionError? Error)> ReadOneAsync(
        InventoryMeter meter, Instant target, ExchangeMoment? moment, CancellationToken cancellationToken)
    {
        using MeterKeys? keys = await _keys.OpenAsync(meter.EndDevice, cancellationToken).ConfigureAwait(false);
        if (keys is null) return (null, new SessionError(SessionFault.NoKeys, meter.EndDevice, "the key store has no keys that open under its master key"));
        CollectedReading? reading = null;
        InventoryMeter? learned = null;
        var order = new ReadOrder(meter, _progress.GetValueOrDefault(meter.EndDevice), target, _zone, moment);
        SessionError? error;
        try
        {
            var sessionTarget = new SessionTarget(meter.EndDevice, meter.Link, meter.Access, keys, meter.SystemTitle);
            error = await _opener.UseAsync(sessionTarget, async (session, token) =>
            {
                (reading, learned, SessionError? fault) = await _reader.ReadAsync(order, session, token).ConfigureAwait(false);
                return fault;
            }, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException and not IOException)
        {
            // The top of a session: a fault of our own ends this one and no other.
            LogOwnFault(_logger, meter.EndDevice.Serial, exception);
            return (null, new SessionError(SessionFault.Malformed, meter.EndDevice, $"a fault of the head-end itself: {exception.GetType().Name}"));
        }
        if (learned is not null) await _stores.Inventory.PutAsync([learned], cancellationToken).ConfigureAwait(false);
        return error is null ? (reading, null) : (null, error);
    }

    private bool IsDue(InventoryMeter meter, Instant target, Instant now)
    {
        Instant read = _progress.TryGetValue(meter.EndDevice, out CollectionProgress? progress) ? progress.BlockLoadUntil : Instant.MinValue;
        foreach (Installation installation in meter.Installations)
        {
            if (installation.From >= target) continue;
            if (installation.Until is not { } until)
            {
                if (read < target) return true;
            }
            else if (read < Instant.Min(target, until) && now < until + RemovedMeterPatience) return true;
        }
        return false;
    }

    /// <summary>The midnight up to which meters are read: the last one, and not before it is so long ago as clocks may be slow.</summary>
    private Instant TargetAt(Instant now) =>
        _zone.AtStartOfDay(LocalDays.DayOf(now - Duration.FromTimeSpan(_options.StartAfterMidnight), _zone)).ToInstant();

    private int NextAttempt(EndDeviceId endDevice, LocalDate day) =>
        _attempts.TryGetValue(endDevice, out Attempts attempts) && attempts.Day == day ? attempts.Count + 1 : 1;

    private void Postpone(EndDeviceId endDevice, LocalDate day, int attempt) =>
        _attempts[endDevice] = new Attempts(day, attempt, Now() + _retries.Delay(endDevice, day, attempt));

    private (int Waiting, int GivenUp, Instant? Next) Remaining(LocalDate day)
    {
        int waiting = 0, givenUp = 0;
        Instant? next = null;
        foreach ((EndDeviceId _, Attempts attempts) in _attempts)
        {
            if (attempts.Day != day) continue;
            if (_retries.IsExhausted(attempts.Count))
            {
                givenUp++;
                continue;
            }
            waiting++;
            if (next is null || attempts.NotBefore < next) next = attempts.NotBefore;
        }
        return (waiting, givenUp, next);
    }

    private async ValueTask LoadProgressAsync(CancellationToken cancellationToken)
    {
        if (_progressLoaded) return;
        await foreach (CollectionProgress progress in _stores.State.ReadAllAsync(cancellationToken).ConfigureAwait(false)) _progress.TryAdd(progress.EndDevice, progress);
        _progressLoaded = true;
    }

    private List<MeterDayOutcome> Outcomes(InventoryMeter meter, CollectedReading reading, int attempts)
    {
        var outcomes = new List<MeterDayOutcome>(reading.Days.Count);
        foreach ((UsagePointId usagePoint, DayCount count) in reading.Days)
        {
            Instant end = LocalDays.Bounds(count.Day, _zone).End;
            DayState dayState = reading.Progress.IsWhole(count, end) ? DayState.Complete : DayState.Partial;
            outcomes.Add(new MeterDayOutcome(
                count.Day, meter.EndDevice, usagePoint, dayState, count.Intervals, count.IntervalsExpected, null, null, attempts, Now()));
        }
        return outcomes;
    }

    private MeterDayOutcome FailedOutcome(InventoryMeter meter, LocalDate day, SessionError error, int attempts)
    {
        Installation? installation = meter.At(LocalDays.Bounds(day, _zone).End - Duration.Epsilon) ?? meter.Last;
        return new MeterDayOutcome(day, meter.EndDevice, installation?.UsagePoint ?? default, DayState.Failed, 0, 0, error.Fault, error.Detail, attempts, Now());
    }

    private Instant Now() => Instant.FromDateTimeOffset(_clock.GetUtcNow());

    [LoggerMessage(2001, LogLevel.Information, "round for {Day}: {Due} due, {Read} read, {Failed} failed, {Waiting} to be tried again")]
    private static partial void LogRound(ILogger logger, LocalDate day, int due, int read, int failed, int waiting);

    [LoggerMessage(2002, LogLevel.Warning, "meter {Serial}: {Fault}: {Detail} (attempt {Attempt})")]
    private static partial void LogFailed(ILogger logger, string serial, SessionFault fault, string detail, int attempt);

    [LoggerMessage(2003, LogLevel.Error, "meter {Serial}: a fault of the head-end itself")]
    private static partial void LogOwnFault(ILogger logger, string serial, Exception exception);

    private readonly record struct Attempts(LocalDate Day, int Count, Instant NotBefore);
}
