using System.Collections.Concurrent;
using NodaTime;
using Praman.Dlms.Acse;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Dlms.Security;
using Praman.HeadEnd.Collection;
using Praman.HeadEnd.Inventory;
using Praman.Metering;
using Praman.Transports;
using Praman.Transports.Addresses;

namespace Praman.HeadEnd.Sessions;

/// <summary>What a session is to be opened with.</summary>
/// <param name="EndDevice">Whom faults are about.</param>
/// <param name="Link">Where the meter is.</param>
/// <param name="Access">As whom.</param>
/// <param name="Keys">With which keys; not disposed here.</param>
/// <param name="SystemTitle">The meter's system title, 16 hex digits; empty where any will do.</param>
public sealed record SessionTarget(EndDeviceId EndDevice, string Link, MeterAccess Access, MeterKeys Keys, string SystemTitle);

/// <summary>
/// Opens sessions: asks the public client for the invocation counter where ours is not known, or was refused once, and then opens the
/// association. One session of a meter at a time; the others wait.
/// </summary>
public sealed class SessionOpener(IMeterLinks links, CounterLeases counters, ReadOnlyMemory<byte> clientTitle, SessionLimits limits, TimeProvider timeProvider)
{
    /// <summary>
    /// How far above ours a counter may be that the public client is told. Nothing proves that answer: believed without bound, one forged answer
    /// would use up all the counters of a key. Several answers together go no further than one, until the meter has proved itself, also over restarts.
    /// </summary>
    public const uint CounterJumpMax = 1 << 20;

    /// <summary>
    /// The highest counter that the public client is believed where none of ours is known: more requests than a meter answers in its life, and
    /// 1 in 256 of a key's counters.
    /// </summary>
    public const uint FirstCounterMax = 1 << 24;

    private const int PublicClient = 16;

    // The time in milliseconds above, requests of a session below: a meter takes no transaction-id twice, in whatever session, and nobody keeps ours.
    private const int TransactionBits = 20;

    private readonly ConcurrentDictionary<EndDeviceId, Gate> _gates = new();

    // Counters that a person named and that no meter has taken yet: where one is refused, the person is told, and nobody unproved is asked.
    private readonly ConcurrentDictionary<(EndDeviceId, int), bool> _named = new();

    /// <summary>Opens an association, runs <paramref name="use"/> on it, releases and closes; returns the first fault.</summary>
    public async ValueTask<SessionError?> UseAsync(
        SessionTarget target, Func<MeterSession, CancellationToken, ValueTask<SessionError?>> use, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(use);
        if (SessionCredentials.Make(target, Instant.FromDateTimeOffset(timeProvider.GetUtcNow()), out SessionCredentials credentials) is { } missing) return missing;
        using SessionCredentials held = credentials;
        Gate gate = await EnterAsync(target.EndDevice, cancellationToken).ConfigureAwait(false);
        try
        {
            (MeterSession? session, SessionError? error) = await OpenAsync(target, credentials, cancellationToken).ConfigureAwait(false);
            if (session is null) return error;
            await using (session.ConfigureAwait(false))
            {
                try
                {
                    error = await use(session, cancellationToken).ConfigureAwait(false);
                    await session.ReleaseAsync(cancellationToken).ConfigureAwait(false);
                }
                finally
                {
                    // Before anybody acts on what was read: a crash that loses the counter loses the readings too. And after a session that was given up.
                    await KeepHeardAsync(target, session).ConfigureAwait(false);
                }
                return error;
            }
        }
        finally
        {
            Leave(target.EndDevice, gate);
        }
    }

    /// <summary>A person's word for where our counters of a meter go on, where the public client is not believed.</summary>
    /// <returns>False where too few counters are left from there: the keys must be changed.</returns>
    public async ValueTask<bool> BeginAtAsync(EndDeviceId endDevice, int clientSap, uint next, CancellationToken cancellationToken)
    {
        await counters.ForgetBoundAsync(endDevice, clientSap, cancellationToken).ConfigureAwait(false);
        if (await counters.TakeAsync(endDevice, next, cancellationToken).ConfigureAwait(false) is null) return false;
        _named[(endDevice, clientSap)] = true;
        return true;
    }

    /// <summary>Runs <paramref name="use"/> as the public client: no keys, no counter.</summary>
    public async ValueTask<SessionError?> UsePublicAsync(
        EndDeviceId endDevice, string link, int serverSap, Func<MeterSession, CancellationToken, ValueTask<SessionError?>> use, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(use);
        (IBytePipe? pipe, SessionError? error) = await ConnectAsync(endDevice, link, cancellationToken).ConfigureAwait(false);
        if (pipe is null) return error;
        var settings = new DlmsClientSettings { ClientSap = PublicClient, ServerSap = (ushort)serverSap, Hdlc = MeterLinks.HdlcOf(link, serverSap), Gateway = MeterLinks.GatewayOf(link), UsesShortNames = MeterLinks.UsesShortNames(link) };
        var session = new MeterSession(pipe, endDevice, settings, null, null, limits, timeProvider);
        await using (session.ConfigureAwait(false))
        {
            error = await session.ConnectAsync(cancellationToken).ConfigureAwait(false) ?? await use(session, cancellationToken).ConfigureAwait(false);
            if (error is null) await session.ReleaseAsync(cancellationToken).ConfigureAwait(false);
            return error;
        }
    }

    private async ValueTask<(MeterSession? Session, SessionError? Error)> OpenAsync(SessionTarget target, SessionCredentials credentials, CancellationToken cancellationToken)
    {
        uint atLeast = 0;
        bool asked = false;
        if (NeedsCounters(target.Access) && !await counters.IsKnownAsync(target.EndDevice, cancellationToken).ConfigureAwait(false))
        {
            (SessionError? error, atLeast) = await AskCounterAsync(target, null, cancellationToken).ConfigureAwait(false);
            if (error is not null) return (null, error);
            asked = true;
        }
        while (true)
        {
            (MeterSession? session, uint tried, SessionError? error) = await TryOpenAsync(target, credentials, atLeast, cancellationToken).ConfigureAwait(false);
            if (session is not null) return (session, null);
            if (error is not { Fault: SessionFault.WrongCounter } || asked) return (null, error);
            if (_named.TryRemove((target.EndDevice, target.Access.ClientSap), out _))
                return (null, error with { Detail = $"the meter refused {tried}: it has taken a higher one than was named. Name a higher one, or none, so that the meter is asked" });
            asked = true; // once: a meter that refuses its own counter will refuse it again
            (error, atLeast) = await AskCounterAsync(target, tried, cancellationToken).ConfigureAwait(false);
            if (error is not null) return (null, error);
        }
    }

    private async ValueTask<(MeterSession? Session, uint Tried, SessionError? Error)> TryOpenAsync(
        SessionTarget target, SessionCredentials credentials, uint atLeast, CancellationToken cancellationToken)
    {
        CounterLease? lease = null;
        uint tried = 0;
        if (NeedsCounters(target.Access))
        {
            lease = await counters.TakeAsync(target.EndDevice, atLeast, cancellationToken).ConfigureAwait(false);
            if (lease is null) return (null, 0, new SessionError(SessionFault.WrongCounter, target.EndDevice, "no invocation counter is left: the keys must be changed"));
            tried = (uint)lease.Next;
        }
        // Before the link: a store that fails must leave none open.
        ulong heard = TagsAnswers(target.Access) ? await counters.FindHeardAsync(target.EndDevice, target.Keys.Epoch, cancellationToken).ConfigureAwait(false) : 0;
        (IBytePipe? pipe, SessionError? error) = await ConnectAsync(target.EndDevice, target.Link, cancellationToken).ConfigureAwait(false);
        if (pipe is null) return (null, tried, error);
        var session = new MeterSession(pipe, target.EndDevice, Settings(target, credentials) with { ServerCounterMin = heard }, lease,
            (held, token) => counters.ExtendAsync(target.EndDevice, held, token), limits, timeProvider);
        bool open = false;
        try
        {
            error = await session.ConnectAsync(cancellationToken).ConfigureAwait(false);
            bool connected = error is null;
            if (!connected) await KeepHeardAsync(target, session).ConfigureAwait(false);
            else if (ProvesItself(target.Access))
            {
                _named.TryRemove((target.EndDevice, target.Access.ClientSap), out _);
                await counters.ForgetBoundAsync(target.EndDevice, target.Access.ClientSap, cancellationToken).ConfigureAwait(false);
            }
            open = connected; // where the store fails meanwhile, no link is left open
        }
        finally
        {
            if (!open) await session.DisposeAsync().ConfigureAwait(false);
        }
        return open ? (session, tried, null) : (null, tried, error);
    }

    // Not given up with the session: what was heard was heard.
    private ValueTask KeepHeardAsync(SessionTarget target, MeterSession session) => TagsAnswers(target.Access) && session.ServerCounterNext > session.ServerCounterFirst
        ? counters.HearAsync(target.EndDevice, target.Keys.Epoch, session.ServerCounterNext, CancellationToken.None) : ValueTask.CompletedTask;

    // The public client's answer is anybody's: too low it would hold the meter's readings back, too high it would use up the key.
    private async ValueTask<(SessionError? Error, uint AtLeast)> AskCounterAsync(SessionTarget target, uint? refused, CancellationToken cancellationToken)
    {
        uint next = 0;
        SessionError? error = await UsePublicAsync(target.EndDevice, target.Link, target.Access.ServerSap, async (session, token) =>
        {
            SessionError? fault = await session.GetAsync(IndianObjects.InvocationCounter(target.Access.ClientSap), null, token).ConfigureAwait(false) ?? session.Read(out _);
            if (fault is not null && session.ClientError?.Access is not null)
                return fault with { Detail = $"{fault.Detail}: the meter shows the public client no invocation counter {IndianObjects.InvocationCounter(target.Access.ClientSap).LogicalName} of client {target.Access.ClientSap}" };
            if (fault is not null) return fault;
            _ = session.Read(out CosemData value);
            if (!value.TryGetInt64(out long counter) || counter is < 0 or >= uint.MaxValue) return session.Fault(SessionFault.Malformed, $"the invocation counter is {value}: expected a number of 32 bits");
            next = (uint)counter + 1;
            return null;
        }, cancellationToken).ConfigureAwait(false);
        if (error is not null) return (error, 0);
        if (refused is { } ours && next <= ours)
            return (NotBelieved($"the meter refused {ours} as used, and the public client is told that {next} is the next invocation counter: both cannot be"), 0);
        uint? known = await counters.FindNextAsync(target.EndDevice, cancellationToken).ConfigureAwait(false);
        // Kept before anything is believed, until the meter has proved itself: neither answers nor restarts add up.
        ulong ceiling = await counters.BoundUnprovedAsync(
            target.EndDevice, target.Access.ClientSap, known is { } own ? own + (ulong)CounterJumpMax : FirstCounterMax, cancellationToken).ConfigureAwait(false);
        return next <= ceiling ? (null, next)
            : (NotBelieved($"the public client is told that the next invocation counter is {next}; {(known is null ? "nothing is known of this meter's" : $"ours is {known}")}, and no more than {ceiling} is believed"), 0);

        SessionError NotBelieved(string found) =>
            new(SessionFault.UnprovenCounter, target.EndDevice, $"{found}. That answer is not authenticated, so a person must decide: name the counter to begin at, or change the keys");
    }

    private async ValueTask<(IBytePipe? Pipe, SessionError? Error)> ConnectAsync(EndDeviceId endDevice, string link, CancellationToken cancellationToken)
    {
        try
        {
            return (await links.ConnectAsync(link, cancellationToken).ConfigureAwait(false), null);
        }
        catch (LinkException exception)
        {
            return (null, new SessionError(exception.Fault == LinkFault.TimedOut ? SessionFault.Timeout : SessionFault.Unreachable, endDevice, exception.Message));
        }
    }

    private DlmsClientSettings Settings(SessionTarget target, SessionCredentials credentials)
    {
        MeterAccess access = target.Access;
        byte[] title = target.SystemTitle.Length == 16 ? Convert.FromHexString(target.SystemTitle) : credentials.MeterTitle;
        return new DlmsClientSettings
        {
            ClientSap = (ushort)access.ClientSap,
            ServerSap = (ushort)access.ServerSap,
            Hdlc = MeterLinks.HdlcOf(target.Link, access.ServerSap),
            Gateway = MeterLinks.GatewayOf(target.Link),
            UsesShortNames = MeterLinks.UsesShortNames(target.Link),
            Mechanism = access.Authentication switch
            {
                LinkAuthentication.Lls => AuthenticationMechanism.Lls,
                LinkAuthentication.Hls2 => AuthenticationMechanism.Hls,
                LinkAuthentication.Gmac => AuthenticationMechanism.HlsGmac,
                LinkAuthentication.HlsMd5 => AuthenticationMechanism.HlsMd5,
                LinkAuthentication.HlsSha1 => AuthenticationMechanism.HlsSha1,
                LinkAuthentication.HlsSha256 => AuthenticationMechanism.HlsSha256,
                LinkAuthentication.Ecdsa => AuthenticationMechanism.HlsEcdsa,
                _ => AuthenticationMechanism.None,
            },
            Secret = access.Authentication == LinkAuthentication.Lls ? target.Keys.LowSecret : target.Keys.HighSecret,
            IsCiphered = access.Protection != LinkProtection.None,
            Protection = new(access.Suite, access.Protection != LinkProtection.Encrypted, access.Protection != LinkProtection.Authenticated),
            Envelope = access.Envelope switch
            {
                LinkEnvelope.GeneralGlo => Protection.GeneralGlobal,
                LinkEnvelope.Identified => Protection.GeneralIdentified,
                LinkEnvelope.OnePass => Protection.GeneralOnePass,
                LinkEnvelope.Static => Protection.GeneralStatic,
                _ => null,
            },
            Signs = access.Signs,
            Keys = credentials.Own,
            ServerKeys = credentials.Meter,
            TransactionFirst = (ulong)timeProvider.GetUtcNow().ToUnixTimeMilliseconds() << TransactionBits,
            SystemTitle = clientTitle,
            Guek = target.Keys.Encryption,
            Gak = target.Keys.Authentication,
            ServerTitle = title.Length > 0 ? title : (ReadOnlyMemory<byte>?)null,
        };
    }

    private static bool NeedsCounters(MeterAccess access) => access.Protection != LinkProtection.None || access.Authentication == LinkAuthentication.Gmac;

    // Without a tag a counter is anybody's: kept, it would let a stranger shut the meter out.
    private static bool TagsAnswers(MeterAccess access) => access.Protection is LinkProtection.Authenticated or LinkProtection.AuthenticatedEncrypted;

    // True where an association that is open means that the meter itself took our counter.
    private static bool ProvesItself(MeterAccess access) => TagsAnswers(access) || access.Authentication >= LinkAuthentication.Hls2;

    private async ValueTask<Gate> EnterAsync(EndDeviceId endDevice, CancellationToken cancellationToken)
    {
        Gate gate;
        while (true)
        {
            gate = _gates.GetOrAdd(endDevice, static _ => new Gate());
            lock (gate)
            {
                if (gate.IsGone) continue;
                gate.Users++;
            }
            break;
        }
        try
        {
            await gate.Turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Drop(endDevice, gate);
            throw;
        }
        return gate;
    }

    private void Leave(EndDeviceId endDevice, Gate gate)
    {
        gate.Turn.Release();
        Drop(endDevice, gate);
    }

    private void Drop(EndDeviceId endDevice, Gate gate)
    {
        lock (gate)
        {
            if (--gate.Users > 0) return;
            gate.IsGone = true;
        }
        _gates.TryRemove(new KeyValuePair<EndDeviceId, Gate>(endDevice, gate));
    }

    private sealed class Gate
    {
        public SemaphoreSlim Turn { get; } = new(1, 1);

        public int Users { get; set; }

        public bool IsGone { get; set; }
    }
}
