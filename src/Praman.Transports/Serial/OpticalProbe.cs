using System.Buffers;
using System.IO.Pipelines;

namespace Praman.Transports.Serial;

/// <summary>Opens an optical port by mode E (IEC 62056-21), so that HDLC can be spoken over it.</summary>
public static class OpticalProbe
{
    /// <summary>Signs on and changes the speed; returns what the meter calls itself.</summary>
    /// <exception cref="LinkException">The meter does not answer, or offers no HDLC.</exception>
    public static async ValueTask<string> OpenAsync(ISerialPipe pipe, ModeEOpening opening, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pipe);
        ArgumentNullException.ThrowIfNull(opening);
        ArgumentNullException.ThrowIfNull(timeProvider);
        ModeEStep step = opening.Start();
        while (true)
        {
            if (step.Line is { } line) pipe.SetLine(line);
            if (step.Pause > TimeSpan.Zero) await Task.Delay(step.Pause, timeProvider, cancellationToken).ConfigureAwait(false);
            if (step.Status == ModeEStatus.Done) return opening.Identification;
            if (step.Status == ModeEStatus.Failed) throw new LinkException(LinkFault.Unreachable, $"{pipe.Remote}: {step.Error}");
            if (!step.Send.IsEmpty) await pipe.Output.WriteAsync(step.Send, cancellationToken).ConfigureAwait(false);
            step = await ReceiveAsync(pipe, opening, step.Silence, timeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async ValueTask<ModeEStep> ReceiveAsync(
        ISerialPipe pipe, ModeEOpening opening, TimeSpan silence, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        using ITimer timer = timeProvider.CreateTimer(static state => ((PipeReader)state!).CancelPendingRead(), pipe.Input, silence, Timeout.InfiniteTimeSpan);
        ReadResult result = await pipe.Input.ReadAsync(cancellationToken).ConfigureAwait(false);
        if (result.Buffer.IsEmpty)
        {
            pipe.Input.AdvanceTo(result.Buffer.End);
            return result.IsCompleted ? throw new LinkException(LinkFault.Lost, $"{pipe.Remote}: the line closed during the sign-on") : opening.TimedOut();
        }
        byte[] octets = result.Buffer.ToArray();
        pipe.Input.AdvanceTo(result.Buffer.End);
        return opening.Received(octets);
    }
}
