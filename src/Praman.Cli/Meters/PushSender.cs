using System.Buffers;
using System.Globalization;
using NodaTime;
using Praman.Meter;
using Praman.Transports.Tcp;

namespace Praman.Cli.Meters;

/// <summary>Sends what virtual meters push, over TCP to where each push says, and tells them whether it arrived.</summary>
/// <param name="meters">Who may push; a meter is its own lock.</param>
/// <param name="every">How often meters are asked.</param>
internal sealed class PushSender(IReadOnlyList<VirtualMeter> meters, TimeSpan every, TimeProvider clock) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public void Start() => _running = RunAsync();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(every, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                foreach (VirtualMeter meter in meters) await PushAsync(meter).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The sender ends.
        }
    }

    private async Task PushAsync(VirtualMeter meter)
    {
        while (true)
        {
            MeterPush? push;
            lock (meter)
            {
                if (!meter.TryTakePush(Instant.FromDateTimeOffset(clock.GetUtcNow()), out push)) return;
            }
            bool arrived = await SendAsync(push).ConfigureAwait(false);
            lock (meter) meter.PushEnded(push, Instant.FromDateTimeOffset(clock.GetUtcNow()), arrived);
        }
    }

    // A connection a push, as meters with a modem do; TCP alone.
    private async Task<bool> SendAsync(MeterPush push)
    {
        int colon = push.Address.LastIndexOf(':');
        if (push.Transport != 0 || colon < 1 || !ushort.TryParse(push.Address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)) return false;
        try
        {
            TcpPipe pipe = await TcpPipe.ConnectAsync(push.Address[..colon].Trim('[', ']'), port, TcpOptions.Default, clock, _stop.Token).ConfigureAwait(false);
            await using (pipe.ConfigureAwait(false))
            {
                pipe.Output.Write(push.Frame.Span);
                await pipe.Output.FlushAsync(_stop.Token).ConfigureAwait(false);
            }
            return true;
        }
        catch (Exception exception) when (exception is IOException or ArgumentException)
        {
            return false; // nobody there, or no name that anybody could have: a client writes it as it likes
        }
    }
}
