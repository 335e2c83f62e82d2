using NodaTime;
using Praman.HeadEnd.Stores;

namespace Praman.HeadEnd.Commands;

/// <summary>
/// Holds a disconnection when too many were sent in a short time, whatever asked for them: a wrong command cannot cut a city. More than
/// max(50, 0.1 % of meters) in ten minutes need two people besides the one who asks.
/// </summary>
public sealed class DisconnectGuard(ICommandLog log, TimeProvider clock) : IDisposable
{
    public static readonly Duration Window = Duration.FromMinutes(10);

    /// <summary>Disconnections in a window that need nobody, however few meters there are.</summary>
    public const int FreeCountMin = 50;

    /// <summary>People who must agree, none of them the one who asks.</summary>
    public const int ApprovalCount = 2;

    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Disconnections that may be sent within a window.</summary>
    public static int Limit(int meterCount) => Math.Max(FreeCountMin, meterCount / 1000);

    /// <summary>Enters the command as sent, or as held with the reason; both are durable on return.</summary>
    public async ValueTask<CommandRecord> EnterAsync(CommandRecord command, IReadOnlyList<string> approvals, int meterCount, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(approvals);
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            Instant now = Instant.FromDateTimeOffset(clock.GetUtcNow());
            int sent = 0;
            if (command.Kind == CommandKind.Disconnect)
            {
                IReadOnlyList<CommandRecord> recent = await log.ReadSinceAsync(now - Window, cancellationToken).ConfigureAwait(false);
                sent = recent.Count(r => r.Kind == CommandKind.Disconnect && r.State == CommandState.Sent && r.At > now - Window);
            }
            bool isHeld = sent >= Limit(meterCount) && CountOthers(approvals, command.By) < ApprovalCount;
            CommandRecord entered = command with
            {
                State = isHeld ? CommandState.Held : CommandState.Sent,
                At = now,
                Detail = isHeld ? $"{sent} disconnections in ten minutes, of {Limit(meterCount)} allowed: {ApprovalCount} more people must agree" : null,
            };
            await log.AppendAsync(entered, cancellationToken).ConfigureAwait(false);
            return entered;
        }
        finally
        {
            _turn.Release();
        }
    }

    // A person is the same however the name is written: in capitals or small, with or without spaces around.
    private static int CountOthers(IReadOnlyList<string> approvals, string by) =>
        approvals.Where(a => !string.IsNullOrWhiteSpace(a)).Select(a => a.Trim()).Append(by.Trim()).Distinct(StringComparer.OrdinalIgnoreCase).Count() - 1;

    public void Dispose() => _turn.Dispose();
}
