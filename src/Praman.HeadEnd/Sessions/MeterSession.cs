using System.Buffers;
using System.IO.Pipelines;
using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Dlms.Framing;
using Praman.Metering;
using Praman.Transports;

namespace Praman.HeadEnd.Sessions;

/// <summary>
/// An association with one meter over one link: drives the client that knows no socket, waits no longer than allowed, and takes no more
/// octets than allowed. One request at a time. A fault is returned; after a fault of the link the session is of no further use.
/// </summary>
public sealed class MeterSession : IAsyncDisposable
{
    // What may come beside the answer itself: heads of frames and blocks, pushes, late answers.
    private const int OverheadBytesMax = 64 * 1024;
    private const int LeaseLow = 8;

    private readonly IBytePipe _pipe;
    private readonly DlmsClient _client;
    private readonly CounterLease? _lease;
    private readonly Func<CounterLease, CancellationToken, ValueTask<bool>>? _extendLease;
    private readonly SessionLimits _limits;
    private readonly TimeProvider _timeProvider;
    private readonly ITimer _timer;
    private readonly long _end;
    private long _deadline;
    private readonly bool _usesShortNames;
    private bool _linkFailed, _isHeard;
    private volatile bool _isWriting;

    /// <param name="pipe">The link; the session closes it.</param>
    /// <param name="endDevice">Whom faults are about.</param>
    /// <param name="settings">Who we are, with which keys.</param>
    /// <param name="lease">Counters; needed where the association is ciphered.</param>
    /// <param name="extendLease">Gets more of them.</param>
    /// <param name="limits">What the session may take.</param>
    /// <param name="timeProvider">Measures it.</param>
    public MeterSession(
        IBytePipe pipe, EndDeviceId endDevice, DlmsClientSettings settings, CounterLease? lease,
        Func<CounterLease, CancellationToken, ValueTask<bool>>? extendLease, SessionLimits limits, TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(timeProvider);
        _pipe = pipe;
        ServerCounterFirst = settings.ServerCounterMin;
        EndDevice = endDevice;
        _lease = lease;
        _extendLease = extendLease;
        _limits = limits;
        _timeProvider = timeProvider;
        _usesShortNames = settings.UsesShortNames;
        _client = new DlmsClient(settings with { ResponseLengthMax = limits.ResponseBytesMax }, lease);
        _end = timeProvider.GetTimestamp() + Timestamps(limits.SessionTimeout);
        _timer = timeProvider.CreateTimer(static state => ((MeterSession)state!).Interrupt(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public EndDeviceId EndDevice { get; }

    /// <summary>The meter's system title, once it said it.</summary>
    public ReadOnlyMemory<byte> ServerTitle => _client.ServerTitle;

    /// <summary>The lowest invocation counter of the meter that the session took at first.</summary>
    public ulong ServerCounterFirst { get; }

    /// <summary>One above the highest invocation counter of the meter that was verified; at first what the session began with.</summary>
    public ulong ServerCounterNext => _client.ServerCounterNext;

    /// <summary>The value of the last GET, A-XDR, tag first; valid until the next request.</summary>
    public ReadOnlySpan<byte> Data => _client.Data;

    /// <summary>Results of the last GET with a list.</summary>
    public IReadOnlyList<GetDataResult> Results { get; private set; } = [];

    /// <summary>The last fault as the client told it; null after success and for faults of the link.</summary>
    public ClientError? ClientError { get; private set; }

    /// <summary>The meter's short names, where it has such; null where it names objects by logical names.</summary>
    public ShortNameMap? ShortNames => _usesShortNames ? _client.ShortNames : null;

    /// <summary>Opens the association, and reads the list of short names where the meter has such.</summary>
    public async ValueTask<SessionError?> ConnectAsync(CancellationToken cancellationToken)
    {
        SessionError? error = await DriveAsync(static (client, _) => client.Connect(), 0, cancellationToken).ConfigureAwait(false);
        return error is not null || !_usesShortNames ? error : await DriveAsync(static (client, _) => client.ReadShortNames(), 0, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<SessionError?> GetAsync(AttributeDescriptor attribute, SelectiveAccess? access, CancellationToken cancellationToken) =>
        DriveAsync(static (client, what) => client.Get(what.attribute, what.access), (attribute, access), cancellationToken);

    public ValueTask<SessionError?> SetAsync(AttributeDescriptor attribute, CosemData value, CancellationToken cancellationToken) =>
        DriveAsync(static (client, what) => client.Set(what.attribute, what.value), (attribute, value), cancellationToken);

    public ValueTask<SessionError?> ActionAsync(MethodDescriptor method, CosemData parameters, CancellationToken cancellationToken) =>
        DriveAsync(static (client, what) => client.Action(what.method, what.parameters), (method, parameters), cancellationToken);

    /// <summary>Several attributes, at once where the meter can, else one after another; each has its result in <see cref="Results"/>.</summary>
    public async ValueTask<SessionError?> GetListAsync(IReadOnlyList<AttributeDescriptor> attributes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(attributes);
        if (_client.Conformance.HasFlag(Conformance.MultipleReferences) && !_usesShortNames) // a name that is not listed would keep the others back
        {
            AttributeSelection[] selections = [.. attributes.Select(a => new AttributeSelection(a))];
            SessionError? error = await DriveAsync(static (client, what) => client.GetWithList(what), selections, cancellationToken).ConfigureAwait(false);
            if (error is not null) return error;
            if (_client.Results.Count != attributes.Count) return Fault(SessionFault.Malformed, $"{_client.Results.Count} results, where {attributes.Count} attributes were asked for");
            Results = _client.Results;
            return null;
        }
        var results = new GetDataResult[attributes.Count];
        for (int i = 0; i < results.Length; i++)
        {
            SessionError? error = await GetAsync(attributes[i], null, cancellationToken).ConfigureAwait(false);
            if (error is null)
            {
                if (!_client.TryGetValue(out CosemData value, out DecodeError decode)) return Fault(SessionFault.Malformed, decode.ToString());
                results[i] = new GetDataResult(value);
            }
            else if (ClientError?.Access is { } access) results[i] = new GetDataResult(access);
            else return error;
        }
        Results = results;
        return null;
    }

    /// <summary>The value of the last GET as a tree.</summary>
    public SessionError? Read(out CosemData value) =>
        _client.TryGetValue(out value, out DecodeError error) ? null : Fault(SessionFault.Malformed, error.ToString());

    /// <summary>Ends the association politely where the link still stands; faults no longer matter.</summary>
    public async ValueTask ReleaseAsync(CancellationToken cancellationToken)
    {
        if (_client.IsAssociated && !_linkFailed) await DriveAsync(static (client, _) => client.Release(), 0, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        ClientStep end = _client.Disconnect();
        if (!_linkFailed && !end.Send.IsEmpty)
        {
            try
            {
                // An HDLC link that is left open keeps the meter from the next client until it times out.
                await _pipe.Output.WriteAsync(end.Send).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException)
            {
                // The line is gone, and the link with it.
            }
        }
        _client.Dispose();
        await _pipe.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>A fault of this session's meter.</summary>
    public SessionError Fault(SessionFault fault, string detail) => new(fault, EndDevice, detail);

    private async ValueTask<SessionError?> DriveAsync<T>(Func<DlmsClient, T, ClientStep> request, T what, CancellationToken cancellationToken)
    {
        ClientError = null;
        if (_linkFailed) return Fault(SessionFault.LinkLost, "the link of this session is gone");
        try
        {
            if (!await EnsureCountersAsync(cancellationToken).ConfigureAwait(false)) return Fault(SessionFault.WrongCounter, "no invocation counter is left: the keys must be changed");
            _client.Advance(Now);
            return await ExchangeAsync(request(_client, what), cancellationToken).ConfigureAwait(false);
        }
        catch (LinkException exception)
        {
            _linkFailed = true;
            return Fault(SessionFault.LinkLost, exception.Message);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            _linkFailed = true;
            return Fault(SessionFault.LinkLost, "the link broke");
        }
    }

    private async ValueTask<SessionError?> ExchangeAsync(ClientStep step, CancellationToken cancellationToken)
    {
        long received = 0;
        while (true)
        {
            if (step.IsDone) return null;
            if (step.IsFailed) return Explain(step.Error!);
            SetDeadline();
            if (!step.Send.IsEmpty)
            {
                FlushResult sent = await SendAsync(step.Send, cancellationToken).ConfigureAwait(false);
                if (sent.IsCanceled) return Broken(SessionFault.Timeout, "the meter took nothing in time");
                if (sent.IsCompleted) return Broken(SessionFault.LinkLost, "the meter closed the link");
            }
            SetTimer(_client.Due);
            ReadResult result = await _pipe.Input.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (result.IsCanceled && result.Buffer.IsEmpty)
            {
                _pipe.Input.AdvanceTo(result.Buffer.Start);
                if (!IsLate) // what an HDLC link has to ask again, or a timer of the request before
                {
                    step = _client.Advance(Now);
                    continue;
                }
                return Broken(SessionFault.Timeout, IsOver ? $"the session took longer than {_limits.SessionTimeout.TotalSeconds:0} s" : $"no answer within {_limits.ReplyTimeout.TotalSeconds:0.#} s");
            }
            received += result.Buffer.Length;
            _isHeard |= !result.Buffer.IsEmpty;
            step = Take(result.Buffer);
            _pipe.Input.AdvanceTo(result.Buffer.End);
            if (received > _limits.ResponseBytesMax + OverheadBytesMax) return Broken(SessionFault.Malformed, $"more than {_limits.ResponseBytesMax} octets in answer to one request");
            if (step.Status == ClientStatus.Pending && step.Send.IsEmpty)
            {
                if (result.IsCompleted) return Broken(SessionFault.LinkLost, "the meter closed the link");
                if (IsOver) return Broken(SessionFault.Timeout, $"the session took longer than {_limits.SessionTimeout.TotalSeconds:0} s");
            }
            if (!await EnsureCountersAsync(cancellationToken).ConfigureAwait(false)) return Fault(SessionFault.WrongCounter, "no invocation counter is left: the keys must be changed");
        }
    }

    // A cancelled flush stays cancelled: the timer may touch the writer only while it writes, or the next octets would never leave.
    private async ValueTask<FlushResult> SendAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken)
    {
        SetTimer(due: null);
        _isWriting = true;
        try
        {
            return await _pipe.Output.WriteAsync(octets, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _isWriting = false;
        }
    }

    // In one piece: what the client wants sent is valid until its next call only.
    private ClientStep Take(in ReadOnlySequence<byte> buffer)
    {
        if (buffer.IsSingleSegment) return _client.Received(buffer.FirstSpan, Now);
        byte[] whole = ArrayPool<byte>.Shared.Rent((int)buffer.Length);
        buffer.CopyTo(whole);
        ClientStep step = _client.Received(whole.AsSpan(0, (int)buffer.Length), Now);
        ArrayPool<byte>.Shared.Return(whole, clearArray: true);
        return step;
    }

    private ValueTask<bool> EnsureCountersAsync(CancellationToken cancellationToken) =>
        _lease is null || _lease.Remaining >= LeaseLow || _extendLease is null ? ValueTask.FromResult(true) : _extendLease(_lease, cancellationToken);

    private SessionError Broken(SessionFault fault, string detail)
    {
        _linkFailed = true;
        return Fault(fault, detail) with { IsSilent = !_isHeard };
    }

    private SessionError Explain(ClientError error)
    {
        ClientError = error;
        SessionFault fault = error.Kind switch
        {
            ClientErrorKind.WrongKey or ClientErrorKind.AuthenticationFailed or ClientErrorKind.ServerNotAuthentic => SessionFault.WrongKey,
            // Counters only grow and are the meter's own when the association opens: later, a frame came twice or in the wrong order.
            ClientErrorKind.WrongCounter => _client.IsAssociated ? SessionFault.LinkLost : SessionFault.WrongCounter,
            ClientErrorKind.CounterExhausted => SessionFault.WrongCounter,
            ClientErrorKind.Replayed => SessionFault.Replayed,
            ClientErrorKind.WrongContext or ClientErrorKind.WrongMechanism => SessionFault.WrongContext,
            ClientErrorKind.WrongTitle => SessionFault.WrongMeter,
            ClientErrorKind.Malformed or ClientErrorKind.Unexpected or ClientErrorKind.TooLong or ClientErrorKind.NotAssociated => SessionFault.Malformed,
            ClientErrorKind.LinkLost => error.Link switch
            {
                HdlcFault.TimedOut or HdlcFault.Busy => SessionFault.Timeout,
                HdlcFault.Refused => SessionFault.Refused,
                HdlcFault.Malformed or HdlcFault.TooLong => SessionFault.Malformed,
                _ => SessionFault.LinkLost,
            },
            _ => SessionFault.Refused,
        };
        if (error.Kind is not (ClientErrorKind.AccessDenied or ClientErrorKind.ServiceRefused) && _client.IsAssociated) _linkFailed = true;
        return Fault(fault, error.Text) with { IsSilent = !_isHeard && error.Kind == ClientErrorKind.LinkLost };
    }

    // From the clock that measures spans, so that it never goes back.
    private Instant Now => NodaConstants.UnixEpoch + Duration.FromTimeSpan(_timeProvider.GetElapsedTime(0));

    private bool IsLate => _timeProvider.GetTimestamp() >= _deadline;

    private bool IsOver => _timeProvider.GetTimestamp() >= _end;

    private void SetDeadline() => _deadline = Math.Min(_timeProvider.GetTimestamp() + Timestamps(_limits.ReplyTimeout), _end);

    // At the deadline, or when the client has something to do before it.
    private void SetTimer(Instant? due)
    {
        long left = Math.Max(0, _deadline - _timeProvider.GetTimestamp());
        var wait = TimeSpan.FromTicks((long)Math.Ceiling(left * (double)TimeSpan.TicksPerSecond / _timeProvider.TimestampFrequency));
        if (due is { } at)
        {
            TimeSpan until = (at - Now).ToTimeSpan();
            if (until < wait) wait = until > TimeSpan.Zero ? until : TimeSpan.Zero;
        }
        _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    private void Interrupt()
    {
        if (_isWriting) _pipe.Output.CancelPendingFlush();
        else _pipe.Input.CancelPendingRead();
    }

    private long Timestamps(TimeSpan time) => (long)(time.TotalSeconds * _timeProvider.TimestampFrequency);
}
