using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Axdr;
using Praman.HeadEnd.Collection;
using Praman.HeadEnd.Inventory;
using Praman.HeadEnd.Sessions;
using Praman.HeadEnd.Stores;
using Praman.Metering;

namespace Praman.HeadEnd.Commands;

/// <summary>Who asks for a command, and why.</summary>
/// <param name="Approvals">People who agreed besides; needed only where a guard asks for them.</param>
public sealed record CommandRequest(string By, string Reason, IReadOnlyList<string> Approvals)
{
    public CommandRequest(string by, string reason)
        : this(by, reason, [])
    {
    }
}

/// <summary>What became of a command.</summary>
/// <param name="Record">Its last step.</param>
/// <param name="IsConnected">The relay as read back; null where it was not.</param>
/// <param name="Error">The session's fault; null where it had none.</param>
public sealed record CommandResult(CommandRecord Record, bool? IsConnected, SessionError? Error);

/// <summary>
/// Commands to meters, carried, not authorised: whoever calls has been let in. Every step is in the log before the next is taken, and a relay is
/// believed only after it was read back.
/// </summary>
public sealed class MeterCommands(IMeterInventory inventory, KeyStore keys, SessionOpener opener, ICommandLog log, DisconnectGuard guard, TimeProvider clock)
{
    private static readonly AttributeDescriptor ControlState = new(IndianObjects.DisconnectControlClass, new(0, 0, 96, 3, 10), 3);

    /// <summary>Opens or closes the relay of a meter and reads it back.</summary>
    public async Task<CommandResult> SwitchAsync(EndDeviceId endDevice, bool connect, CommandRequest request, CancellationToken cancellationToken)
    {
        CommandRecord entered = await guard.EnterAsync(
            New(endDevice, connect ? CommandKind.Connect : CommandKind.Disconnect, request), request.Approvals, cancellationToken).ConfigureAwait(false);
        if (entered.State == CommandState.Held) return new CommandResult(entered, null, null);
        bool? isConnected = null;
        bool mayHaveActed = false; // from the moment that the request may be on its way, until the meter says no
        SessionError? error = await EndIfThrownAsync(entered, () => mayHaveActed, () => UseAsync(endDevice, async (session, token) =>
        {
            mayHaveActed = true;
            SessionError? fault = await session.ActionAsync(
                connect ? IndianObjects.RelayReconnect : IndianObjects.RelayDisconnect, CosemData.Integer(0), token).ConfigureAwait(false);
            mayHaveActed = fault is null || fault.Fault.IsTransient();
            fault ??= await session.GetListAsync([IndianObjects.RelayOutput, ControlState], token).ConfigureAwait(false);
            if (fault is not null) return fault;
            if (!session.Results[0].Data.TryGetInt64(out long output)) return session.Fault(SessionFault.Malformed, "the relay's state is no boolean");
            isConnected = output != 0;
            return null;
        }, cancellationToken)).ConfigureAwait(false);
        CommandState state = error is not null ? Without(mayHaveActed) : isConnected == connect ? CommandState.Confirmed : CommandState.NotOperated;
        string? detail = error?.ToString() ?? (state == CommandState.NotOperated ? $"the relay reads {(isConnected == true ? "closed" : "open")}" : null);
        return new CommandResult(await EndAsync(entered, state, detail).ConfigureAwait(false), isConnected, error);
    }

    /// <summary>The relay now: true where it is closed.</summary>
    public async Task<(bool? IsConnected, SessionError? Error)> ReadRelayAsync(EndDeviceId endDevice, CancellationToken cancellationToken)
    {
        bool? isConnected = null;
        SessionError? error = await UseAsync(endDevice, async (session, token) =>
        {
            SessionError? fault = await session.GetAsync(IndianObjects.RelayOutput, null, token).ConfigureAwait(false) ?? session.Read(out _);
            if (fault is not null) return fault;
            _ = session.Read(out CosemData value);
            if (!value.TryGetInt64(out long output)) return session.Fault(SessionFault.Malformed, "the relay's state is no boolean");
            isConnected = output != 0;
            return null;
        }, cancellationToken).ConfigureAwait(false);
        return (isConnected, error);
    }

    /// <summary>Sets a meter's clock to ours.</summary>
    public async Task<CommandResult> SetClockAsync(EndDeviceId endDevice, Offset offset, CommandRequest request, CancellationToken cancellationToken)
    {
        CommandRecord entered = await guard.EnterAsync(New(endDevice, CommandKind.SetClock, request), request.Approvals, cancellationToken).ConfigureAwait(false);
        bool mayHaveActed = false;
        SessionError? error = await EndIfThrownAsync(entered, () => mayHaveActed, () => UseAsync(endDevice, async (session, token) =>
        {
            mayHaveActed = true;
            SessionError? fault = await session.SetAsync(
                IndianObjects.ClockTime,
                CosemData.DateTimeOctets(CosemDateTime.From(Now(), offset, 0, indianSign: offset.Seconds / 60 == CosemDateTime.IndianDeviation)), token).ConfigureAwait(false);
            mayHaveActed = fault is null || fault.Fault.IsTransient();
            return fault;
        }, cancellationToken)).ConfigureAwait(false);
        CommandState state = error is null ? CommandState.Confirmed : Without(mayHaveActed);
        return new CommandResult(await EndAsync(entered, state, error?.ToString()).ConfigureAwait(false), null, error);
    }

    private async ValueTask<SessionError?> UseAsync(
        EndDeviceId endDevice, Func<MeterSession, CancellationToken, ValueTask<SessionError?>> use, CancellationToken cancellationToken)
    {
        InventoryMeter? meter = await inventory.FindAsync(endDevice, cancellationToken).ConfigureAwait(false);
        if (meter is null) return new SessionError(SessionFault.NoKeys, endDevice, "the inventory has no such meter");
        using MeterKeys? open = await keys.OpenAsync(endDevice, cancellationToken).ConfigureAwait(false);
        if (open is null) return new SessionError(SessionFault.NoKeys, endDevice, "the key store has no keys that open under its master key");
        return await opener.UseAsync(new SessionTarget(endDevice, meter.Link, meter.Access, open, meter.SystemTitle), use, cancellationToken).ConfigureAwait(false);
    }

    private static CommandState Without(bool mayHaveActed) => mayHaveActed ? CommandState.Unconfirmed : CommandState.Failed;

    // Whoever waits may go away in the middle: what became of the command is in the log all the same.
    private async ValueTask<SessionError?> EndIfThrownAsync(CommandRecord entered, Func<bool> mayHaveActed, Func<ValueTask<SessionError?>> use)
    {
        try
        {
            return await use().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            await EndAsync(entered, Without(mayHaveActed()), exception is OperationCanceledException ? "given up by the caller" : exception.Message).ConfigureAwait(false);
            throw;
        }
    }

    // Not to be cancelled: the command was sent, and the log must not leave that open.
    private async ValueTask<CommandRecord> EndAsync(CommandRecord entered, CommandState state, string? detail)
    {
        CommandRecord ended = entered with { State = state, At = Now(), Detail = detail };
        await log.AppendAsync(ended, CancellationToken.None).ConfigureAwait(false);
        return ended;
    }

    private CommandRecord New(EndDeviceId endDevice, CommandKind kind, CommandRequest request) =>
        new(Guid.CreateVersion7(clock.GetUtcNow()), endDevice, kind, CommandState.Sent, Now(), request.By, request.Reason, null);

    private Instant Now() => Instant.FromDateTimeOffset(clock.GetUtcNow());
}
