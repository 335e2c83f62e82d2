using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Praman.Dlms.Apdus;
using Praman.Dlms.Blocks;
using Praman.Dlms.Framing;
using Praman.Dlms.Push;
using Praman.Dlms.Security;
using Praman.HeadEnd.Inventory;
using Praman.HeadEnd.Stores;
using Praman.Transports.Tcp;
using Praman.Transports.Udp;

namespace Praman.HeadEnd.Push;

/// <summary>
/// Listens for what meters push (IEC 62056-5-3, DataNotification and EventNotification) in the wrapper over TCP and, at the same port, UDP, in
/// general-glo-ciphering under the global keys of the inventory, whole or, over TCP, in general blocks, also behind a gateway. What verifies is stored;
/// what was pushed before, is of an unknown meter, or does not verify is counted and goes nowhere. A push that asks for it is confirmed once it is stored.
/// </summary>
public sealed class PushListener : IAsyncDisposable
{
    private static readonly TimeSpan AcceptAgainAfter = TimeSpan.FromSeconds(1);

    private readonly TcpPipeListener _listener;
    private readonly UdpListener _datagrams;
    private readonly PushIntake _intake;
    private readonly PushOptions _options;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<long, Task> _open = new();
    private readonly Task _running, _hearing;
    private long _connections, _turnedAway, _failed;

    private PushListener(TcpPipeListener listener, UdpListener datagrams, PushIntake intake, PushOptions options, TimeProvider clock)
    {
        (_listener, _datagrams, _intake, _options, _clock) = (listener, datagrams, intake, options, clock);
        _running = RunAsync();
        _hearing = HearDatagramsAsync();
    }

    /// <summary>Where it listens; the port is the one chosen where 0 was asked for.</summary>
    public IPEndPoint EndPoint => _listener.EndPoint;

    public PushCounts Counts => new(_intake.Taken, _intake.Repeated, _intake.Unknown, _intake.Refused, Interlocked.Read(ref _connections), Interlocked.Read(ref _turnedAway), Interlocked.Read(ref _failed), _intake.Confirmed);

    /// <summary>Begins to listen.</summary>
    /// <param name="endPoint">Where.</param>
    /// <param name="inventory">Which meters there are.</param>
    /// <param name="store">Where pushes go.</param>
    /// <param name="counters">Which of them came already.</param>
    /// <param name="keys">The meters' keys.</param>
    /// <param name="ownTitle">System title of the head-end, eight octets.</param>
    /// <param name="options">What it takes.</param>
    /// <param name="clock">Measures it.</param>
    /// <exception cref="Praman.Transports.LinkException">The address is taken or not this machine's.</exception>
    public static PushListener Start(
        IPEndPoint endPoint, IMeterInventory inventory, IPushStore store, IInvocationCounters counters, KeyStore keys, ReadOnlyMemory<byte> ownTitle, PushOptions options, TimeProvider clock) =>
        Start(endPoint, new PushIntake(inventory, store, counters, keys, ownTitle, options, clock), options, clock);

    private static PushListener Start(IPEndPoint endPoint, PushIntake intake, PushOptions options, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(options);
        TcpPipeListener listener = TcpPipeListener.Start(endPoint, TcpOptions.Default);
        try
        {
            var longest = new UdpOptions { DatagramBytesMax = Math.Min(UdpOptions.DatagramBytesLimit, options.LengthMax + WrapperHeader.Length) };
            return new PushListener(listener, UdpListener.Start(listener.EndPoint, longest), intake, options, clock);
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        _datagrams.Dispose();
        await _running.ConfigureAwait(false);
        await _hearing.ConfigureAwait(false);
        await Task.WhenAll(_open.Values).ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        await Task.Yield();
        try
        {
            while (await AcceptAsync().ConfigureAwait(false) is { } pipe)
            {
                if (_open.Count >= _options.ConnectionCountMax)
                {
                    Interlocked.Increment(ref _turnedAway);
                    await pipe.DisposeAsync().ConfigureAwait(false);
                    continue;
                }
                long number = Interlocked.Increment(ref _connections);
                var begin = new TaskCompletionSource();
                _open[number] = ServeAsync(number, pipe, begin.Task);
                begin.SetResult();
            }
        }
        catch (OperationCanceledException)
        {
            // The listener ends.
        }
    }

    private async Task HearDatagramsAsync()
    {
        await Task.Yield();
        try
        {
            while (await _datagrams.ReceiveAsync(_stop.Token).ConfigureAwait(false) is { } came)
            {
                try
                {
                    await TakeDatagramAsync(came).ConfigureAwait(false);
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    Interlocked.Increment(ref _failed); // a failing store costs this datagram; its push is not taken as heard
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The listener ends.
        }
    }

    // One whole push. Who sent it is kept no longer than that: an address proves nothing.
    private async ValueTask TakeDatagramAsync(UdpDatagram came)
    {
        var rest = new ReadOnlySequence<byte>(came.Octets);
        if (!TryCut(ref rest, out byte[] frame, out bool isFrame) || !isFrame || !rest.IsEmpty
            || frame[WrapperHeader.Length..] is [GeneralBlockTransfer.Tag, ..] || TitleOf(frame.AsSpan(WrapperHeader.Length), out _) is not { } title)
        {
            _intake.Refuse();
            return;
        }
        using PushSender? sender = await _intake.FindAsync(title, _stop.Token).ConfigureAwait(false);
        if (sender is null)
        {
            _intake.Refuse();
            return;
        }
        var confirmations = new ArrayBufferWriter<byte>();
        await _intake.TakeAsync(Receiver(() => sender), sender, frame, confirmations, _stop.Token).ConfigureAwait(false);
        if (confirmations.WrittenCount > 0) await _datagrams.SendAsync(confirmations.WrittenMemory, came.Remote, _stop.Token).ConfigureAwait(false);
    }

    // Nobody but the frame's own sender: what one meter wraps of another's is not the other's push.
    private PushReceiver Receiver(Func<PushSender?> sender) => new(new PushReceiverSettings
    {
        LengthMax = _options.LengthMax, RequiresAuthentication = true,
        FindSecurity = title => sender() is { } one && one.Title == Convert.ToHexString(title.Span) ? one.Security : null,
    });

    private async ValueTask<TcpPipe?> AcceptAsync()
    {
        while (true)
        {
            try
            {
                return await _listener.AcceptAsync(_stop.Token).ConfigureAwait(false);
            }
            catch (SocketException)
            {
                // The machine is short of something, such as open files; connections that end give it back.
                await Task.Delay(AcceptAgainAfter, _clock, _stop.Token).ConfigureAwait(false);
            }
        }
    }

    private async Task ServeAsync(long number, TcpPipe pipe, Task begin)
    {
        await begin.ConfigureAwait(false); // not before it is in the list that it leaves at its end
        var senders = new Dictionary<string, PushSender?>(StringComparer.Ordinal);
        try
        {
            using var ends = new CancellationTokenSource(_options.ConnectionTimeout, _clock);
            await using (pipe.ConfigureAwait(false))
            {
                try
                {
                    await ReadAsync(pipe, senders, ends.Token).ConfigureAwait(false);
                }
                catch (Exception exception) when (exception is not (IOException or OperationCanceledException or ObjectDisposedException))
                {
                    Interlocked.Increment(ref _failed); // a failing store ends this connection; nothing of its push is taken as heard
                }
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The meter hung up or was silent too long, or the listener ends.
        }
        finally
        {
            foreach (PushSender? sender in senders.Values) sender?.Dispose();
            _open.TryRemove(number, out _);
        }
    }

    private async Task ReadAsync(TcpPipe pipe, Dictionary<string, PushSender?> senders, CancellationToken ends)
    {
        PushSender? last = null;
        PushReceiver receiver = Receiver(() => last);
        var confirmations = new ArrayBufferWriter<byte>();
        int refused = 0;
        while (refused < _options.FaultCountMax)
        {
            using var silence = new CancellationTokenSource(_options.IdleTimeout, _clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, ends, silence.Token);
            ReadResult result = await pipe.Input.ReadAsync(either.Token).ConfigureAwait(false);
            ReadOnlySequence<byte> rest = result.Buffer;
            while (refused < _options.FaultCountMax && TryCut(ref rest, out byte[] frame, out bool isFrame))
            {
                if (!isFrame)
                {
                    _intake.Refuse();
                    return; // a stream of something else has no next frame
                }
                ReadOnlyMemory<byte> apdu = frame.AsMemory(WrapperHeader.Length);
                if (TitleOf(apdu.Span, out bool goesOn) is { } title) last = await FindAsync(senders, title, either.Token).ConfigureAwait(false);
                else if (!goesOn) last = null;
                if (last is not null) refused += await _intake.TakeAsync(receiver, last, frame, confirmations, either.Token).ConfigureAwait(false);
                else
                {
                    _intake.Refuse();
                    refused++;
                }
            }
            pipe.Input.AdvanceTo(rest.Start, result.Buffer.End);
            if (confirmations.WrittenCount > 0)
            {
                pipe.Output.Write(confirmations.WrittenSpan);
                confirmations.ResetWrittenCount();
                await pipe.Output.FlushAsync(either.Token).ConfigureAwait(false);
            }
            if (result.IsCompleted) return;
        }
    }

    // An unknown meter is remembered too, so that asking again costs nothing.
    private async ValueTask<PushSender?> FindAsync(Dictionary<string, PushSender?> senders, string title, CancellationToken cancellationToken)
    {
        if (senders.TryGetValue(title, out PushSender? known)) return known;
        if (senders.Count >= _options.MeterCountMax) return null;
        return senders[title] = await _intake.FindAsync(title, cancellationToken).ConfigureAwait(false);
    }

    // Takes a frame off; false where the rest of one is awaited.
    private bool TryCut(ref ReadOnlySequence<byte> rest, out byte[] frame, out bool isFrame)
    {
        (frame, isFrame) = ([], true);
        if (rest.IsEmpty) return false;
        Span<byte> head = stackalloc byte[WrapperHeader.Length];
        head = head[..(int)Math.Min(WrapperHeader.Length, rest.Length)];
        rest.Slice(0, head.Length).CopyTo(head);
        FrameStatus status = WrapperHeader.TryRead(head, Math.Min(_options.LengthMax, WrapperHeader.ApduLengthMax), out WrapperHeader header, out _, out _);
        isFrame = status != FrameStatus.Faulty;
        if (!isFrame) return true;
        if (head.Length < WrapperHeader.Length || rest.Length < WrapperHeader.Length + header.ApduLength) return false;
        frame = rest.Slice(0, WrapperHeader.Length + header.ApduLength).ToArray();
        rest = rest.Slice(frame.Length);
        return true;
    }

    // Who says that this comes of it, in clear; null where it does not. A block after the first goes on with what was begun.
    private static string? TitleOf(ReadOnlySpan<byte> apdu, out bool goesOn)
    {
        goesOn = false;
        if (GatewayHeader.Stands(apdu))
        {
            if (!GatewayHeader.TryRead(apdu, out GatewayHeader gateway, out _)) return null;
            apdu = apdu[gateway.Length..];
        }
        if (!apdu.IsEmpty && apdu[0] == GeneralBlockTransfer.Tag)
        {
            if (!GeneralBlock.TryRead(apdu, out GeneralBlock block, out _)) return null;
            goesOn = block.Number > 1;
            if (goesOn) return null;
            apdu = block.Data;
        }
        const int titleAt = 2;
        return apdu.Length >= titleAt + GcmCipher.SystemTitleLength && apdu[0] == GeneralGloCiphering.Tag && apdu[1] == GcmCipher.SystemTitleLength
            ? Convert.ToHexString(apdu.Slice(titleAt, GcmCipher.SystemTitleLength)) : null;
    }
}
