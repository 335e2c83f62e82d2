using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Axdr;
using Praman.HeadEnd.Collection;
using Praman.HeadEnd.Sessions;
using Praman.Metering;

namespace Praman.Cli.Meters;

/// <summary>What a person may ask a meter to do from the desk: set its clock, switch its relay. Each is read back.</summary>
internal sealed class MeterOrders(TimeProvider timeProvider)
{
    /// <summary>The relay as read back; null before.</summary>
    public bool? IsConnected { get; private set; }

    /// <summary>The clock before and after; null before.</summary>
    public OffsetDateTime? ClockBefore { get; private set; }

    public OffsetDateTime? ClockAfter { get; private set; }

    public async ValueTask<SessionError?> SwitchRelayAsync(MeterSession session, bool connect, CancellationToken cancellationToken)
    {
        SessionError? error = await session.ActionAsync(connect ? IndianObjects.RelayReconnect : IndianObjects.RelayDisconnect, CosemData.Integer(0), cancellationToken).ConfigureAwait(false)
            ?? await session.GetAsync(IndianObjects.RelayOutput, null, cancellationToken).ConfigureAwait(false);
        if (error is not null) return Named(session, error, "relay", IndianObjects.RelayOutput.LogicalName);
        if (session.Read(out CosemData state) is { } unreadable) return unreadable;
        if (!state.TryGetInt64(out long output)) return session.Fault(SessionFault.Malformed, "the relay's state is no boolean");
        IsConnected = output != 0;
        return null;
    }

    /// <summary>Sets the clock to ours, at the offset and with the sign of the deviation that the meter uses itself.</summary>
    public async ValueTask<SessionError?> SetTimeAsync(MeterSession session, CancellationToken cancellationToken)
    {
        (OffsetDateTime? before, CosemDateTime written, SessionError? error) = await ReadClockAsync(session, cancellationToken).ConfigureAwait(false);
        if (error is not null) return error;
        if (written.UtcOffset is not { } offset) return session.Fault(SessionFault.Refused, "the clock says no deviation: at which offset to set it is not known");
        ClockBefore = before;
        CosemDateTime now = CosemDateTime.From(Instant.FromDateTimeOffset(timeProvider.GetUtcNow()), offset) with { Deviation = written.Deviation };
        error = await session.SetAsync(IndianObjects.ClockTime, CosemData.DateTimeOctets(now), cancellationToken).ConfigureAwait(false);
        if (error is not null) return Named(session, error, "clock", IndianObjects.Clock);
        (ClockAfter, _, error) = await ReadClockAsync(session, cancellationToken).ConfigureAwait(false);
        return error;
    }

    /// <summary>True where the last request named an object that this association does not have.</summary>
    public static bool Missing(MeterSession session) => session.ClientError is { Access: DataAccessResult.ObjectUndefined or DataAccessResult.ObjectUnavailable }
        or { Action: ActionResult.ObjectUndefined or ActionResult.ObjectUnavailable };

    // A refusal says no name of its own.
    private static SessionError Named(MeterSession session, SessionError error, string what, ObisCode logicalName) => session.ClientError is not ({ Access: not null } or { Action: not null }) ? error
        : error with { Detail = Missing(session) ? $"this meter has no {what} ({logicalName})" : $"{error.Detail} (the {what}, {logicalName})" };

    private static async ValueTask<(OffsetDateTime? Time, CosemDateTime Written, SessionError? Error)> ReadClockAsync(MeterSession session, CancellationToken cancellationToken)
    {
        SessionError? error = await session.GetAsync(IndianObjects.ClockTime, null, cancellationToken).ConfigureAwait(false);
        if (error is not null) return (null, default, Named(session, error, "clock", IndianObjects.Clock));
        if (session.Read(out CosemData value) is { } unreadable) return (null, default, unreadable);
        if (!value.TryGetDateTime(out CosemDateTime written)) return (null, default, session.Fault(SessionFault.Malformed, "the clock shows no date-time"));
        return (written.TryToLocal(out LocalDateTime local) ? local.WithOffset(written.UtcOffset ?? Offset.Zero) : null, written, null);
    }
}
