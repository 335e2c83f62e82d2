using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;
using Praman.Dlms.Security;
using Praman.Dlms.Server;
using Praman.HeadEnd.Collection;
using Praman.HeadEnd.Sessions;
using Praman.HeadEnd.Tests.Simulation;
using Praman.Meter;
using Praman.Metering;
using Praman.Transports.Tcp;
using MeterModel = Praman.Meter.MeterModel;

namespace Praman.HeadEnd.Tests;

public class TcpCollectionTests
{
    [Theory]
    [InlineData(0, 5, Protection.ServiceGlobal, false)]
    [InlineData(1, 7, Protection.GeneralOnePass, true)]
    [InlineData(2, 7, Protection.GeneralStatic, false)]
    public async Task MetersAreReadOverTcpOnLoopback(int suite, byte mechanism, Protection envelope, bool certificates)
    {
        using var street = new Street(8, model: new MeterModel { SecuritySuite = suite, UtilityMechanism = mechanism, Envelope = envelope, HasCertificates = certificates });
        var listeners = new List<TcpPipeListener>();
        foreach (VirtualMeter meter in street.Meters)
        {
            TcpPipeListener listener = TcpPipeListener.Start(new IPEndPoint(IPAddress.Loopback, 0), TcpOptions.Default);
            listeners.Add(listener);
            _ = ServeAsync(listener, meter, street);
            street.Change(meter, m => m with { Link = $"tcp://{listener.EndPoint}" });
        }
        street.MoveTo(new LocalDate(2026, 4, 2), 0, 6);
        // Sockets wait in real time; what day it is says the street's clock.
        var opener = new SessionOpener(
            new TcpMeterLinks(TcpOptions.Default, TimeProvider.System), new CounterLeases(street.Stores), Convert.FromHexString(street.Options.ClientTitle),
            SessionLimits.Of(street.Options), TimeProvider.System);
        var collector = new Collector(
            street.Stores.ForCollector, street.Keys, opener, new MeterReader(new ModelLayouts(), street.Options, street.Time), street.Sink, street.Options, street.Time,
            NullLogger<Collector>.Instance);
        RoundSummary summary = await collector.RunRoundAsync(TestContext.Current.CancellationToken);
        Assert.Equal((8, 8, 0), (summary.Due, summary.Read, summary.Failed));
        for (ulong i = 1; i <= 8; i++)
        {
            Instant start = LocalDays.Bounds(new LocalDate(2026, 4, 1), Street.Zone).Start;
            Assert.Equal(28, Assert.Single(street.Sink.Blocks[(new UsagePointId(i), ReadingType.ImportEnergy, start)]).Decode().Qualities.Count(q => q.HasValue));
        }
        foreach (TcpPipeListener listener in listeners) listener.Dispose();
    }

    private static async Task ServeAsync(TcpPipeListener listener, VirtualMeter meter, Street street)
    {
        while (await listener.AcceptAsync(CancellationToken.None) is { } pipe)
        {
            using DlmsServerAssociation association = meter.OpenAssociation();
            while (!association.IsClosed)
            {
                ReadResult result = await pipe.Input.ReadAsync();
                ReadOnlyMemory<byte> answer = association.Receive(result.Buffer.ToArray(), street.Now);
                pipe.Input.AdvanceTo(result.Buffer.End);
                if (!answer.IsEmpty) await pipe.Output.WriteAsync(answer);
                if (result.IsCompleted) break;
            }
            await pipe.DisposeAsync();
        }
    }
}
