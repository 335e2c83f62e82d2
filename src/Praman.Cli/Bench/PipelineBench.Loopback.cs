using System.Diagnostics;
using NodaTime;
using Praman.Cli.Demo;
using Praman.Cli.Meters;
using Praman.HeadEnd.Collection;
using Praman.HeadEnd.Inventory;
using Praman.HeadEnd.Sessions;
using Praman.Meter;
using Praman.Metering;
using Praman.Transports.Tcp;

namespace Praman.Cli.Bench;

internal sealed partial class PipelineBench
{
    private const int LoopbackMeters = 256, SessionsAtOnce = 64;

    /// <summary>P8 over TCP on loopback: the head-end's own sessions against served meters, both ends on this machine.</summary>
    private async Task LoopbackAsync(CancellationToken cancellationToken)
    {
        say($"P8: {LoopbackMeters} meters on loopback, {SessionsAtOnce} sessions at once, {runs} runs ...");
        var clock = new DrivenClock(_frames.End + Duration.FromMinutes(5));
        var host = new VirtualMeterHost(clock, seed, Console.Error);
        await using (host.ConfigureAwait(false))
        {
            var counters = new EphemeralCounters();
            var opener = new SessionOpener(
                new TcpMeterLinks(new TcpOptions(), TimeProvider.System), new CounterLeases(counters), "PRMHE\0\0\u0001"u8.ToArray(), SessionLimits.Default, TimeProvider.System);
            var targets = new List<SessionTarget>();
            for (int i = 0; i < LoopbackMeters; i++)
            {
                (VirtualMeter meter, Meter.MeterKeys keys, byte[] title) = _frames.Meter(i);
                string link = host.Add(meter);
                var access = MeterAccess.UtilitySetting;
                targets.Add(new SessionTarget(
                    new EndDeviceId(meter.Serial), link, access, new HeadEnd.Inventory.MeterKeys(keys.Guek.Span, keys.Gak.Span, keys.HlsSecret.Span), Convert.ToHexString(title)));
            }
            long begun = Stopwatch.GetTimestamp();
            do await RoundAsync(1).ConfigureAwait(false); // the counters become known
            while (Stopwatch.GetElapsedTime(begun) < WarmUp);
            var rates = new List<double>();
            for (int run = 0; run < runs; run++) rates.Add(await RoundAsync(4).ConfigureAwait(false));
            _figures.Add(new("P8", "secured profile reads over TCP loopback, both ends, all cores", "reads/s", BenchRuns.Median(rates), 1_000, $"{SessionsAtOnce} sessions at once, connection included"));
            foreach (SessionTarget target in targets) target.Keys.Dispose();

            async Task<double> RoundAsync(int times)
            {
                int total = targets.Count * times, next = -1;
                long start = Stopwatch.GetTimestamp();
                await Task.WhenAll(Enumerable.Range(0, SessionsAtOnce).Select(_ => Task.Run(WorkAsync, cancellationToken))).ConfigureAwait(false);
                return total / Stopwatch.GetElapsedTime(start).TotalSeconds;

                async Task WorkAsync()
                {
                    for (int index = Interlocked.Increment(ref next); index < total; index = Interlocked.Increment(ref next))
                    {
                        SessionError? error = await opener.UseAsync(targets[index % targets.Count], ReadDayAsync, cancellationToken).ConfigureAwait(false);
                        if (error is not null) throw new InvalidDataException(error.ToString());
                    }
                }
            }
        }
    }

    private ValueTask<SessionError?> ReadDayAsync(MeterSession session, CancellationToken cancellationToken)
    {
        var offset = Offset.FromHoursAndMinutes(5, 30);
        var range = Dlms.SelectiveAccess.Range(
            Dlms.CosemDateTime.From(_frames.Start + Duration.FromSeconds(1), offset, 0, true), Dlms.CosemDateTime.From(_frames.End, offset, 0, true));
        return session.GetAsync(IndianObjects.Buffer(IndianObjects.BlockLoad), range, cancellationToken);
    }
}
