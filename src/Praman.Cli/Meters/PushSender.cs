using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using NodaTime;
using Praman.Meter;
using Praman.Transports;
using Praman.Transports.Tcp;
using Praman.Transports.Udp;

namespace Praman.Cli.Meters;

/// <summary>
/// Sends what virtual meters push, over TCP or UDP to where each push says, and tells them whether it arrived. Several are on their way at once, few of them to one
/// destination: where nobody answers only what goes there waits.
/// </summary>
/// <param name="meters">Who may push; a meter is its own lock.</param>
/// <param name="every">How often meters are asked.</param>
/// <param name="send">Sends one and says whether it arrived; as its transport says where null.</param>
internal sealed class PushSender(IReadOnlyList<VirtualMeter> meters, TimeSpan every, TimeProvider clock, Func<MeterPush, CancellationToken, Task<bool>>? send = null) : IAsyncDisposable
{
    /// <summary>Pushes on their way at once, in all and to one destination.</summary>
    public const int AtOnceMax = 256, ToOneMax = 8;

    // Transports of class 40, attribute 3.
    private const byte Tcp = 0, Udp = 1;

    // Longer than any confirmation.
    private const int ConfirmationLengthMax = 1024;

    // Somebody who takes a connection and then nothing.
    private static readonly TimeSpan SendWithin = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _slots = new(AtOnceMax);
    private readonly Dictionary<string, Lane> _lanes = [];
    private readonly List<Task> _sending = [];
    private Task _running = Task.CompletedTask;

    public void Start() => _running = RunAsync();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        await Task.WhenAll(_sending).ConfigureAwait(false);
        _slots.Dispose();
        _stop.Dispose();
    }

    private Instant Now => Instant.FromDateTimeOffset(clock.GetUtcNow());

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(every, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                _sending.RemoveAll(task => task.IsCompleted);
                foreach (VirtualMeter meter in meters) TakeFrom(meter);
            }
        }
        catch (OperationCanceledException)
        {
            // The sender ends.
        }
    }

    // A setup has one push under way at a time, so no more wait here than meters have setups.
    private void TakeFrom(VirtualMeter meter)
    {
        while (true)
        {
            MeterPush? push;
            lock (meter)
            {
                if (!meter.TryTakePush(Now, out push)) return;
            }
            _sending.Add(PushAsync(meter, push));
        }
    }

    private async Task PushAsync(VirtualMeter meter, MeterPush push)
    {
        Lane lane = Enter(push.Address);
        try
        {
            bool arrived = await InTurnAsync(lane, meter, push).ConfigureAwait(false);
            lock (meter) meter.PushEnded(push, Now, arrived);
        }
        catch (OperationCanceledException)
        {
            // The sender ends.
        }
        finally
        {
            Leave(push.Address, lane);
        }
    }

    private async Task<bool> InTurnAsync(Lane lane, VirtualMeter meter, MeterPush push)
    {
        await lane.Slots.WaitAsync(_stop.Token).ConfigureAwait(false);
        try
        {
            await _slots.WaitAsync(_stop.Token).ConfigureAwait(false);
            try
            {
                // What waited for too long says what is no longer so: the meter puts it together anew.
                return Now - push.At <= VirtualMeter.PushAgeMax && await (send is null ? SendAsync(meter, push, _stop.Token) : send(push, _stop.Token)).ConfigureAwait(false);
            }
            finally
            {
                _slots.Release();
            }
        }
        finally
        {
            lane.Slots.Release();
        }
    }

    private Lane Enter(string address)
    {
        lock (_lanes)
        {
            if (!_lanes.TryGetValue(address, out Lane? lane)) _lanes.Add(address, lane = new Lane());
            lane.Count++;
            return lane;
        }
    }

    // Clients name destinations as they like: none is kept that nothing goes to.
    private void Leave(string address, Lane lane)
    {
        lock (_lanes)
        {
            if (--lane.Count > 0) return;
            _lanes.Remove(address);
        }
        lane.Slots.Dispose();
    }

    // A connection a push, as meters with a modem do, or a datagram, of which nobody says whether it arrives. Other transports need a modem.
    private async Task<bool> SendAsync(VirtualMeter meter, MeterPush push, CancellationToken cancellationToken)
    {
        int colon = push.Address.LastIndexOf(':');
        if (push.Transport is not (Tcp or Udp) || colon < 1 || !ushort.TryParse(push.Address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)) return false;
        using var timeout = new CancellationTokenSource(SendWithin, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            string host = push.Address[..colon].Trim('[', ']');
            IBytePipe pipe = push.Transport == Udp
                ? await UdpPipe.ConnectAsync(host, port, UdpOptions.Default, either.Token).ConfigureAwait(false)
                : await TcpPipe.ConnectAsync(host, port, TcpOptions.Default, clock, either.Token).ConfigureAwait(false);
            await using (pipe.ConfigureAwait(false))
            {
                pipe.Output.Write(push.Frame.Span);
                await pipe.Output.FlushAsync(either.Token).ConfigureAwait(false);
                return !push.AwaitsConfirmation || await ConfirmedAsync(pipe, meter, push, either.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is IOException or ArgumentException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false; // nobody there, or no name that anybody could have: a client writes it as it likes
        }
    }

    // What comes back on the way of the push, until it is its confirmation or too much.
    private async Task<bool> ConfirmedAsync(IBytePipe pipe, VirtualMeter meter, MeterPush push, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult came = await pipe.Input.ReadAsync(cancellationToken).ConfigureAwait(false);
            byte[] octets = came.Buffer.Length <= ConfirmationLengthMax ? came.Buffer.ToArray() : [];
            bool confirmed;
            lock (meter) confirmed = octets.Length > 0 && meter.TryConfirmPush(push, octets, Now);
            pipe.Input.AdvanceTo(came.Buffer.Start, came.Buffer.End);
            if (confirmed || came.IsCompleted || octets.Length == 0) return confirmed;
        }
    }

    private sealed class Lane
    {
        public SemaphoreSlim Slots { get; } = new(ToOneMax);

        public int Count { get; set; }
    }
}
