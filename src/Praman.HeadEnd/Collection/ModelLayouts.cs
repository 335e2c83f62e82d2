using System.Collections.Concurrent;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.HeadEnd.Inventory;
using Praman.HeadEnd.Sessions;
using Praman.Metering;

namespace Praman.HeadEnd.Collection;

/// <summary>How a model's profiles look: learned of its first meter, kept for all.</summary>
/// <param name="Block">Block load.</param>
/// <param name="Daily">Daily load.</param>
/// <param name="Events">Event profiles, 0 to 6; null where the model has none of that number.</param>
public sealed record ProfileLayouts(BlockLoadLayout Block, DailyLoadLayout Daily, IReadOnlyList<EventLayout?> Events);

/// <summary>The layouts of models, read once each from a meter (IS 15959: capture objects, scaler profiles).</summary>
public sealed class ModelLayouts
{
    private const int ModelCountMax = 10_000;

    private readonly ConcurrentDictionary<MeterModel, ProfileLayouts> _known = new();

    /// <summary>Models known now.</summary>
    public int Count => _known.Count;

    /// <summary>The layouts of a model, from memory or over the session.</summary>
    public async ValueTask<(ProfileLayouts? Layouts, SessionError? Error)> FindAsync(MeterModel model, MeterSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (_known.TryGetValue(model, out ProfileLayouts? known)) return (known, null);
        (ProfileLayouts? read, SessionError? error) = await ReadAsync(session, cancellationToken).ConfigureAwait(false);
        if (read is null) return (null, error);
        if (_known.Count >= ModelCountMax) _known.Clear();
        _known[model] = read;
        return (read, null);
    }

    /// <summary>Drops what is known of a model, as when its rows no longer fit.</summary>
    public void Forget(MeterModel model) => _known.TryRemove(model, out _);

    private static async ValueTask<(ProfileLayouts? Layouts, SessionError? Error)> ReadAsync(MeterSession session, CancellationToken cancellationToken)
    {
        (CaptureObject[]? block, SessionError? error) = await ProfileReading.ReadCaptureObjectsAsync(session, IndianObjects.BlockLoad, cancellationToken).ConfigureAwait(false);
        if (block is null) return (null, error);
        (CaptureObject[]? daily, error) = await ProfileReading.ReadCaptureObjectsAsync(session, IndianObjects.DailyLoad, cancellationToken).ConfigureAwait(false);
        if (daily is null) return (null, error);
        var scalers = new Dictionary<ObisCode, ScalerUnit>();
        error = await ProfileReading.ReadScalersAsync(session, IndianObjects.BlockLoadScalers, block, scalers, cancellationToken).ConfigureAwait(false)
            ?? await ProfileReading.ReadScalersAsync(session, IndianObjects.DailyLoadScalers, daily, scalers, cancellationToken).ConfigureAwait(false)
            ?? await session.GetAsync(IndianObjects.CapturePeriod(IndianObjects.BlockLoad), null, cancellationToken).ConfigureAwait(false);
        if (error is not null) return (null, error);
        if (session.Read(out CosemData period) is { } unreadable) return (null, unreadable);
        _ = period.TryGetInt64(out long seconds);
        if (!BlockLoadLayout.TryCreate(block, scalers, seconds, out BlockLoadLayout? blockLayout, out string? reason)
            || !DailyLoadLayout.TryCreate(daily, scalers, out DailyLoadLayout? dailyLayout, out reason))
        {
            return (null, session.Fault(SessionFault.Malformed, reason));
        }
        var events = new EventLayout?[Stores.CollectionProgress.EventProfileCount];
        for (int log = 0; log < events.Length; log++)
        {
            (CaptureObject[]? columns, error) = await ProfileReading.ReadCaptureObjectsAsync(session, IndianObjects.Events(log), cancellationToken).ConfigureAwait(false);
            if (columns is not null) events[log] = EventLayout.Find(columns, log);
            else if (session.ClientError?.Access is null) return (null, error);
        }
        return (new ProfileLayouts(blockLayout, dailyLayout, events), null);
    }
}
