using NodaTime;
using Praman.HeadEnd.Collection;
using Praman.HeadEnd.Commands;
using Praman.HeadEnd.Sessions;
using Praman.HeadEnd.Stores;
using Praman.Metering;

namespace Praman.Stores.Tests.Contract;

/// <summary>What the head-end remembers of collecting: progress, coverage, events, commands.</summary>
public abstract class CollectionStoreContract(Func<Task<IStores>> open) : StoreContract(open)
{
    private static readonly EndDeviceId Meter = new("A1");
    private static readonly UsagePointId One = new(1);

    [Fact]
    public async Task ProgressIsReplacedAndReadBackWhole()
    {
        var first = new CollectionProgress(new EndDeviceId("B2"), Samples.Day(1), Samples.Day(0), [0, 0, 0, 0, 0, 0, 0], null, null);
        var later = new CollectionProgress(Meter, Samples.Day(2), Samples.Day(2), [1, 2, long.MaxValue, 4, 5, 6, 7], Samples.Recorded, Duration.FromSeconds(-7))
        {
            PartialDays = [new PartialDay(new LocalDate(1999, 12, 31), 0), new PartialDay(new LocalDate(2026, 4, 1), int.MaxValue)],
        };
        await Stores.Progress.SaveAsync([first, first with { EndDevice = Meter }], Stop);
        await Stores.Progress.SaveAsync([later], Stop);
        await Stores.ReopenAsync();

        CollectionProgress? found = await Stores.Progress.FindAsync(Meter, Stop);
        List<CollectionProgress> all = await ListAsync(Stores.Progress.ReadAllAsync(Stop));

        Assert.Equal(later.EventSequences, found!.EventSequences);
        Assert.Equal(later.PartialDays, found.PartialDays);
        Assert.Equal(later with { EventSequences = [], PartialDays = [] }, found with { EventSequences = [], PartialDays = [] });
        Assert.Empty(all.Single(progress => progress.EndDevice != Meter).PartialDays);
        Assert.Equal(["A1", "B2"], all.Select(progress => progress.EndDevice.Serial).Order(StringComparer.Ordinal));
        Assert.Equal((null, null), (all.Single(progress => progress.EndDevice != Meter).ReadAt, all.Single(progress => progress.EndDevice != Meter).ClockDrift));
        Assert.Null(await Stores.Progress.FindAsync(new EndDeviceId("C3"), Stop));
    }

    [Fact]
    public async Task ALaterOutcomeOfADayReplacesTheOneBefore()
    {
        var day = new LocalDate(2026, 4, 1);
        MeterDayOutcome failed = Outcome(day, "A1", DayState.Failed, 0, SessionFault.Timeout, "silent for 30 s"), complete = Outcome(day, "A1", DayState.Complete, 48, null, null);
        await Stores.Coverage.SaveAsync([Outcome(day, "B2", DayState.Partial, 40, null, "8 rows missing"), failed, Outcome(day.PlusDays(1), "A1", DayState.Complete, 48, null, null)], Stop);
        Assert.Equal([failed, Outcome(day, "B2", DayState.Partial, 40, null, "8 rows missing")], await Stores.Coverage.ReadDayAsync(day, Stop));

        await Stores.Coverage.SaveAsync([complete], Stop);
        await Stores.ReopenAsync();

        Assert.Equal(complete, (await Stores.Coverage.ReadDayAsync(day, Stop))[0]);
        IReadOnlyList<MeterDayOutcome> ofMeter = await Stores.Coverage.ReadMeterAsync(Meter, new DateInterval(day.PlusDays(-3), day.PlusDays(1)), Stop);
        Assert.Equal([day, day.PlusDays(1)], ofMeter.Select(outcome => outcome.Day));
        Assert.Empty(await Stores.Coverage.ReadDayAsync(day.PlusDays(-1), Stop));
        Assert.Empty(await Stores.Coverage.ReadMeterAsync(Meter, new DateInterval(day.PlusDays(2), day.PlusDays(9)), Stop));
    }

    [Fact]
    public async Task AnEventIsStoredOnce()
    {
        EndDeviceEvent[] events =
        [
            new(Meter, One, Samples.Day(0), 102, 2), new(Meter, One, Samples.Day(0), 101, 1), new(Meter, One, Samples.Day(1), 101, 3), new(new EndDeviceId("B2"), One, Samples.Day(0), 101, 1),
        ];
        Assert.Equal(3, await Stores.Events.AppendAsync(events[..3], Stop));
        Assert.Equal(1, await Stores.Events.AppendAsync(events, Stop));
        await Stores.ReopenAsync();

        Assert.Equal([events[1], events[0], events[2]], await Stores.Events.ReadAsync(Meter, new Interval(Samples.Day(0), null), 10, Stop));
        Assert.Equal([events[1], events[0]], await Stores.Events.ReadAsync(Meter, Samples.Days(0, 1), 10, Stop));
        Assert.Equal([events[1]], await Stores.Events.ReadAsync(Meter, Samples.Days(0, 1), 1, Stop));
    }

    [Fact]
    public async Task CommandsAreAppendedAndReadByTime()
    {
        CommandRecord sent = Command(1, CommandState.Sent, Samples.Day(1), null), before = Command(2, CommandState.Held, Samples.Day(0), "more than 50 in ten minutes");
        CommandRecord confirmed = sent with { State = CommandState.Confirmed, Feeder = "north", At = Samples.Day(1) + Duration.FromMilliseconds(250), Detail = "relay open" };
        foreach (CommandRecord record in new[] { sent, before, confirmed }) await Stores.Commands.AppendAsync(record, Stop);
        await Stores.ReopenAsync();

        Assert.Equal([before, sent, confirmed], await Stores.Commands.ReadSinceAsync(Samples.Day(0), Stop));
        Assert.Equal([confirmed], await Stores.Commands.ReadSinceAsync(confirmed.At, Stop));

        static CommandRecord Command(byte id, CommandState state, Instant at, string? detail) =>
            new(new Guid([.. Enumerable.Range(0, 16).Select(i => (byte)(id + i))]), Meter, CommandKind.Disconnect, state, at, "A. Operator", "arrears", detail);
    }

    private static MeterDayOutcome Outcome(LocalDate day, string serial, DayState state, int intervals, SessionFault? fault, string? detail) =>
        new(day, new EndDeviceId(serial), One, state, intervals, 48, fault, detail, 3, Samples.Recorded);
}
