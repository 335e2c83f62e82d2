using NodaTime;
using Praman.HeadEnd.Collection;
using Praman.HeadEnd.Sessions;
using Praman.HeadEnd.Stores;
using Praman.HeadEnd.Tests.Simulation;
using Praman.Metering;

namespace Praman.HeadEnd.Tests;

public class CoverageTests
{
    private static readonly LocalDate Day = new(2026, 4, 3);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ADayIsCountedWithItsReasonsAndTheLastOutcomeOfAMeterStands()
    {
        var stores = new MemoryStores();
        var store = (ICoverageStore)stores;
        await store.SaveAsync(
            [
                Outcome("A", DayState.Complete, 48), Outcome("B", DayState.Partial, 40), Outcome("C", DayState.Failed, 0, SessionFault.Timeout),
                Outcome("D", DayState.Failed, 0, SessionFault.Timeout), Outcome("E", DayState.Failed, 0, SessionFault.WrongKey), Outcome("F", DayState.Failed, 0, SessionFault.Timeout),
            ], Cancellation);
        await store.SaveAsync([Outcome("F", DayState.Complete, 48)], Cancellation);
        DayCoverage coverage = await new Coverage(store).FindAsync(Day, failingMax: 2, Cancellation);
        Assert.Equal((6, 2, 1, 3, 333), (coverage.Due, coverage.Complete, coverage.Partial, coverage.Failed, coverage.CompletePermille));
        Assert.Equal([(SessionFault.Timeout, 2), (SessionFault.WrongKey, 1)], coverage.Reasons.Select(r => (r.Key, r.Value)));
        Assert.Equal(["B", "C"], coverage.Failing.Select(o => o.EndDevice.Serial));
    }

    [Fact]
    public async Task ARangeHasADayEachAlsoWhereNothingWasDue()
    {
        var store = (ICoverageStore)new MemoryStores();
        await store.SaveAsync([Outcome("A", DayState.Complete, 48)], Cancellation);
        IReadOnlyList<DayCoverage> days = await new Coverage(store).FindAsync(new DateInterval(Day.PlusDays(-1), Day), Cancellation);
        Assert.Equal([(0, 1000), (1, 1000)], days.Select(d => (d.Due, d.CompletePermille)));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await new Coverage(store).FindAsync(new DateInterval(Day.PlusDays(-400), Day), Cancellation));
    }

    private static MeterDayOutcome Outcome(string serial, DayState state, int intervals, SessionFault? fault = null) =>
        new(Day, new EndDeviceId(serial), new UsagePointId(1), state, intervals, 48, fault, fault?.InWords(), 1, Instant.FromUtc(2026, 4, 4, 1, 0));
}
