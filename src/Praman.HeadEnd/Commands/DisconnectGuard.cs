using NodaTime;
using Praman.HeadEnd.Inventory;
using Praman.HeadEnd.Stores;

namespace Praman.HeadEnd.Commands;

/// <summary>
/// Holds a disconnection when too many were sent in a short time, whatever asked for them: a wrong command cannot cut a city, nor a village. More than
/// max(50, 0.1 % of meters), or than 2 % of a feeder, in ten minutes need two people besides the one who asks. How many meters there are the
/// inventory says, not the caller.
/// </summary>
public sealed class DisconnectGuard(ICommandLog log, IMeterInventory inventory, TimeProvider clock) : IDisposable
{
    public static readonly Duration Window = Duration.FromMinutes(10);

    /// <summary>Disconnections in a window that need nobody, however few meters there are.</summary>
    public const int FreeCountMin = 50;

    /// <summary>People who must agree, none of them the one who asks.</summary>
    public const int ApprovalCount = 2;

    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Disconnections that may be sent within a window.</summary>
    public static int Limit(int meterCount) => Math.Max(FreeCountMin, meterCount / 1000);

    /// <summary>Disconnections that may be sent within a window to one feeder: 2 % of its meters, and one where that is less.</summary>
    public static int FeederLimit(int meterCount) => Math.Max(1, meterCount / 50);

    /// <summary>Enters the command as sent, or as held with the reason; both are durable on return.</summary>
    public async ValueTask<CommandRecord> EnterAsync(CommandRecord command, IReadOnlyList<string> approvals, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(approvals);
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            Instant now = Instant.FromDateTimeOffset(clock.GetUtcNow());
            InventoryMeter? meter = await inventory.FindAsync(command.EndDevice, cancellationToken).ConfigureAwait(false);
            command = command with { Feeder = meter?.Feeder ?? "" };
            string? excess = command.Kind == CommandKind.Disconnect && CountOthers(approvals, command.By) < ApprovalCount
                ? await FindExcessAsync(command.Feeder, now, cancellationToken).ConfigureAwait(false) : null;
            CommandRecord entered = command with
            {
                State = excess is null ? CommandState.Sent : CommandState.Held,
                At = now,
                Detail = excess is null ? null : $"{excess}: {ApprovalCount} more people must agree",
            };
            await log.AppendAsync(entered, cancellationToken).ConfigureAwait(false);
            return entered;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async ValueTask<string?> FindExcessAsync(string feeder, Instant now, CancellationToken cancellationToken)
    {
        IReadOnlyList<CommandRecord> recent = await log.ReadSinceAsync(now - Window, cancellationToken).ConfigureAwait(false);
        CommandRecord[] sent = [.. recent.Where(r => r.Kind == CommandKind.Disconnect && r.State == CommandState.Sent && r.At > now - Window)];
        int limit = Limit(await inventory.CountInServiceAsync(null, cancellationToken).ConfigureAwait(false));
        if (sent.Length >= limit) return $"{sent.Length} disconnections in ten minutes, of {limit} allowed";
        if (feeder.Length == 0) return null; // of which nobody knows, the limit over all meters holds
        limit = FeederLimit(await inventory.CountInServiceAsync(feeder, cancellationToken).ConfigureAwait(false));
        int onFeeder = sent.Count(r => r.Feeder == feeder);
        return onFeeder >= limit ? $"{onFeeder} disconnections in ten minutes on the feeder '{feeder}', of {limit} allowed" : null;
    }

    // A person is the same however the name is written: in capitals or small, with or without spaces around.
    private static int CountOthers(IReadOnlyList<string> approvals, string by) =>
        approvals.Where(a => !string.IsNullOrWhiteSpace(a)).Select(a => a.Trim()).Append(by.Trim()).Distinct(StringComparer.OrdinalIgnoreCase).Count() - 1;

    public void Dispose() => _turn.Dispose();
}
