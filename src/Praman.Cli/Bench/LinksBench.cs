using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Axdr;
using Praman.HeadEnd.Collection;
using Praman.HeadEnd.Inventory;
using Praman.HeadEnd.Sessions;
using Praman.Metering;
using Praman.Transports.Addresses;
using Praman.Transports.Tcp;
using Praman.Transports.Udp;

namespace Praman.Cli.Bench;

/// <summary>
/// P7 over sockets: meters that another process serves, by the addresses that it printed. To each a link of its own is made and a secured association
/// opened on it; when all stand open at once, the last whole day is read over every one of them.
/// </summary>
internal sealed class LinksBench(string addresses, Action<string> say)
{
    private const int AtOnce = 64;
    private const int AddressesMax = 1_000_000;
    private const double ConnectionsFloor = 10_000;

    private static readonly SessionLimits Limits = SessionLimits.Default with { ReplyTimeout = TimeSpan.FromMinutes(1), SessionTimeout = TimeSpan.FromHours(1) };

    private int _open;

    /// <exception cref="InvalidDataException">A line is no address, or a meter does not answer.</exception>
    public async Task<List<BenchFigure>> RunAsync(CancellationToken cancellationToken)
    {
        List<SessionTarget> targets = await ReadAsync(cancellationToken).ConfigureAwait(false);
        say($"P7: {targets.Count} links, {AtOnce} opened at a time ...");
        var opener = new SessionOpener(
            new MeterLinks(TcpOptions.Default with { ConnectTimeout = TimeSpan.FromMinutes(1), ReadBufferBytes = 1024 }, UdpOptions.Default with { DatagramBytesMax = 4096 }, TimeProvider.System),
            new CounterLeases(new EphemeralCounters()), "PRMBENC\u0001"u8.ToArray(), Limits, TimeProvider.System);
        using var turn = new SemaphoreSlim(AtOnce);
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        long start = Stopwatch.GetTimestamp(), opened = 0, octets = 0;
        using CancellationTokenSource giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await Task.WhenAll(targets.Select(ReadOneAsync)).ConfigureAwait(false);
        }
        finally
        {
            foreach (SessionTarget target in targets) target.Keys.Dispose();
        }
        double opening = Stopwatch.GetElapsedTime(start, opened).TotalSeconds, reading = Stopwatch.GetElapsedTime(opened).TotalSeconds;
        string kind = targets[0].Link.Contains("gateway=", StringComparison.Ordinal) ? "behind one gateway's port" : targets[0].Link[..targets[0].Link.IndexOf(':', StringComparison.Ordinal)];
        return
        [
            new("P7", "links to meters of another process open at once, a secured association on each", "links", targets.Count, ConnectionsFloor, string.Create(
                CultureInfo.InvariantCulture, $"{kind}; {targets.Count / opening:#,0} opened a second, each with its counter asked for first over a link of its own; {Environment.WorkingSet / 1048576.0:#,0} MiB working set of the client")),
            new("P7", "days read over all of them, and released", "reads/s", targets.Count / reading, 0, string.Create(
                CultureInfo.InvariantCulture, $"{AtOnce} at once, {octets / (double)targets.Count:#,0} octets an answer, plain")),
        ];

        async Task ReadOneAsync(SessionTarget target)
        {
            await turn.WaitAsync(giveUp.Token).ConfigureAwait(false);
            SessionError? error = await opener.UseAsync(target, UseAsync, giveUp.Token).ConfigureAwait(false);
            turn.Release();
            if (error is null) return;
            await giveUp.CancelAsync().ConfigureAwait(false); // the others wait for one that will never be open
            throw new InvalidDataException(error.ToString());
        }

        async ValueTask<SessionError?> UseAsync(MeterSession session, CancellationToken token)
        {
            turn.Release();
            if (Interlocked.Increment(ref _open) == targets.Count)
            {
                opened = Stopwatch.GetTimestamp();
                say("P7: all are open; reading ...");
                all.SetResult();
            }
            await all.Task.WaitAsync(token).ConfigureAwait(false);
            await turn.WaitAsync(token).ConfigureAwait(false);
            SessionError? error = await ReadDayAsync(session, token).ConfigureAwait(false);
            Interlocked.Add(ref octets, session.Data.Length);
            return error;
        }
    }

    private static async ValueTask<SessionError?> ReadDayAsync(MeterSession session, CancellationToken cancellationToken)
    {
        if (await session.GetAsync(IndianObjects.ClockTime, null, cancellationToken).ConfigureAwait(false) is { } error) return error;
        if (session.Read(out CosemData value) is { } unreadable) return unreadable;
        if (!value.TryGetDateTime(out CosemDateTime time) || !time.TryToLocal(out LocalDateTime now) || time.UtcOffset is not { } offset) return session.Fault(SessionFault.Malformed, "the clock shows no time");
        LocalDate day = now.Date.PlusDays(-1);
        SelectiveAccess range = SelectiveAccess.Range(
            CosemDateTime.From(day.AtMidnight().PlusSeconds(1), offset, indianSign: true), CosemDateTime.From(day.PlusDays(1).AtMidnight(), offset, indianSign: true));
        return await session.GetAsync(IndianObjects.Buffer(IndianObjects.BlockLoad), range, cancellationToken).ConfigureAwait(false);
    }

    // As praman simulate prints them, as text or as JSON.
    private async Task<List<SessionTarget>> ReadAsync(CancellationToken cancellationToken)
    {
        var targets = new List<SessionTarget>();
        await foreach (string line in File.ReadLinesAsync(addresses, cancellationToken).ConfigureAwait(false))
        {
            if (line.Length == 0 || targets.Count == AddressesMax) continue;
            string? text = line.StartsWith('{') ? JsonSerializer.Deserialize<JsonElement>(line).GetProperty("uri").GetString() : line;
            if (!MeterAddress.TryParse(text, out MeterAddress? address, out string? fault)) throw new InvalidDataException($"{addresses}, line {targets.Count + 1}: {fault}");
            targets.Add(new SessionTarget(
                new EndDeviceId(address.Link), address.Link, MeterAccess.Of(address), MeterKeys.Of(address), Convert.ToHexString(address.MeterTitle.Span)));
        }
        if (targets.Count == 0) throw new InvalidDataException($"{addresses}: no address: expected what praman simulate prints, one a line");
        return targets;
    }
}
