using Microsoft.Extensions.Time.Testing;
using NodaTime;
using Praman.HeadEnd.Commands;
using Praman.HeadEnd.Inventory;
using Praman.HeadEnd.Sessions;
using Praman.HeadEnd.Stores;
using Praman.HeadEnd.Tests.Simulation;
using Praman.Meter;
using Praman.Metering;
using Praman.Transports;

namespace Praman.HeadEnd.Tests;

public class CommandTests
{
    private static readonly CommandRequest Asked = new("asha", "a test");

    [Fact]
    public void ADisconnectionIsBelievedAfterTheRelayWasReadBack()
    {
        using var street = new Street(1);
        VirtualMeter meter = street.Meters[0];
        CommandResult off = street.Run(() => street.Commands.SwitchAsync(Street.IdOf(meter), false, Asked, CancellationToken.None));
        Assert.Equal((CommandState.Confirmed, false), (off.Record.State, off.IsConnected));
        Assert.False(meter.Supply.IsConnected);
        CommandResult on = street.Run(() => street.Commands.SwitchAsync(Street.IdOf(meter), true, Asked, CancellationToken.None));
        Assert.Equal((CommandState.Confirmed, true), (on.Record.State, on.IsConnected));
        Assert.True(meter.Supply.IsConnected);
        Assert.Equal([CommandState.Sent, CommandState.Confirmed, CommandState.Sent, CommandState.Confirmed], street.Stores.Commands.Select(c => c.State));
        Assert.Equal(street.Stores.Commands[0].Id, street.Stores.Commands[1].Id);
        Assert.Equal((true, null), street.Run(() => street.Commands.ReadRelayAsync(Street.IdOf(meter), CancellationToken.None)));
    }

    [Fact]
    public void ARelayThatDidNotOperateIsNotConfirmed()
    {
        using var street = new Street(1);
        VirtualMeter meter = street.Meters[0];
        street.Links.Tap = (m, _) => m.Connect(street.Now); // its contacts are welded: it is closed again whenever somebody looks
        CommandResult result = street.Run(() => street.Commands.SwitchAsync(Street.IdOf(meter), false, Asked, CancellationToken.None));
        Assert.Equal((CommandState.NotOperated, true), (result.Record.State, result.IsConnected));
        Assert.Contains("closed", result.Record.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void ACommandToAMeterThatDoesNotAnswerFailsAndSaysWhy()
    {
        using var street = new Street(1);
        street.Links.Refuse = _ => new LinkException(LinkFault.Unreachable, "no route");
        CommandResult result = street.Run(() => street.Commands.SwitchAsync(Street.IdOf(street.Meters[0]), false, Asked, CancellationToken.None));
        Assert.Equal((CommandState.Failed, SessionFault.Unreachable), (result.Record.State, result.Error!.Fault));
        Assert.Contains("PRM000000", result.Record.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void ARelayThatOperatedAndCouldNotBeReadBackIsUnconfirmed()
    {
        using var street = new Street(1);
        street.Links.Tap = (m, _) => { if (!m.Supply.IsConnected) throw new LinkException(LinkFault.Lost, "cut"); };
        CommandResult result = street.Run(() => street.Commands.SwitchAsync(Street.IdOf(street.Meters[0]), false, Asked, CancellationToken.None));
        Assert.False(street.Meters[0].Supply.IsConnected);
        Assert.Equal((CommandState.Unconfirmed, SessionFault.LinkLost), (result.Record.State, result.Error!.Fault));
        Assert.Contains("link lost", result.Record.Detail, StringComparison.Ordinal);
        Assert.Equal(CommandState.Unconfirmed, street.Stores.Commands[^1].State);
        Assert.Null(result.IsConnected);
    }

    [Fact]
    public void ACommandWhoseCallerGoesAwayHasAnEndInTheLog()
    {
        using var street = new Street(1);
        using var gone = new CancellationTokenSource();
        street.Links.Tap = (m, _) => { if (!m.Supply.IsConnected) gone.Cancel(); };
        Assert.ThrowsAny<OperationCanceledException>(() => street.Run(() => street.Commands.SwitchAsync(Street.IdOf(street.Meters[0]), false, Asked, gone.Token)));
        Assert.Equal([CommandState.Sent, CommandState.Unconfirmed], street.Stores.Commands.Select(c => c.State));
        Assert.Equal(street.Stores.Commands[0].Id, street.Stores.Commands[1].Id);
    }

    [Theory]
    [InlineData("Asha", "ravi", CommandState.Held)]
    [InlineData("asha ", "ravi", CommandState.Held)]
    [InlineData("ravi", " RAVI", CommandState.Held)]
    [InlineData("ravi", " ", CommandState.Held)]
    [InlineData("", "ravi", CommandState.Held)]
    [InlineData("meena", "ravi", CommandState.Sent)]
    public async Task OnePersonIsNotTwoHoweverTheNameIsWritten(string first, string second, CommandState expected)
    {
        var stores = new MemoryStores();
        using var guard = new DisconnectGuard(stores, stores, new FakeTimeProvider());
        for (int i = 0; i < DisconnectGuard.FreeCountMin; i++) Assert.Equal(CommandState.Sent, (await EnterAsync([])).State);
        Assert.Equal(expected, (await EnterAsync([first, second])).State);

        ValueTask<CommandRecord> EnterAsync(string[] approvals) => guard.EnterAsync(
            new CommandRecord(Guid.NewGuid(), new EndDeviceId("M"), CommandKind.Disconnect, CommandState.Sent, default, "asha", "a test", null), approvals, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void AMassDisconnectionIsHeldAndNoHeldMeterIsTold()
    {
        using var street = new Street(60);
        CommandResult[] results = [.. street.Meters.Select(m => street.Run(() => street.Commands.SwitchAsync(Street.IdOf(m), false, Asked, CancellationToken.None)))];
        Assert.Equal(50, results.Count(r => r.Record.State == CommandState.Confirmed));
        Assert.Equal(10, results.Count(r => r.Record.State == CommandState.Held));
        Assert.Equal(10, street.Meters.Count(m => m.Supply.IsConnected));
        Assert.Equal(Enumerable.Repeat(CommandState.Held, 10), results[50..].Select(r => r.Record.State));
        // Reconnecting is never held, and two people may let a disconnection through.
        EndDeviceId last = Street.IdOf(street.Meters[^1]);
        Assert.Equal(CommandState.Confirmed, street.Run(() => street.Commands.SwitchAsync(Street.IdOf(street.Meters[0]), true, Asked, CancellationToken.None)).Record.State);
        Assert.Equal(CommandState.Held, street.Run(() => street.Commands.SwitchAsync(last, false, new("asha", "x", ["asha", "ravi"]), CancellationToken.None)).Record.State);
        Assert.Equal(CommandState.Confirmed, street.Run(() => street.Commands.SwitchAsync(last, false, new("asha", "x", ["meena", "ravi"]), CancellationToken.None)).Record.State);
        street.MoveTo(street.Now + Duration.FromMinutes(10));
        Assert.Equal(CommandState.Confirmed, street.Run(() => street.Commands.SwitchAsync(Street.IdOf(street.Meters[55]), false, Asked, CancellationToken.None)).Record.State);
    }

    [Fact]
    public async Task TheCommandOfTwelfthAugustReachesAtMostOneMeterInAThousand()
    {
        const int meters = 300_000;
        var stores = new MemoryStores { InService = meters };
        var time = new FakeTimeProvider();
        using var guard = new DisconnectGuard(stores, stores, time);
        int sent = 0;
        for (int i = 0; i < 1_500; i++)
        {
            var record = new CommandRecord(Guid.NewGuid(), new EndDeviceId($"M{i}"), CommandKind.Disconnect, CommandState.Sent, default, "billing", "wrong balance", null);
            CommandRecord entered = await guard.EnterAsync(record, [], CancellationToken.None);
            if (entered.State == CommandState.Sent) sent++;
            else Assert.Contains("of 300 allowed", entered.Detail, StringComparison.Ordinal);
            if (i % 10 == 0) time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Equal(meters / 1000, sent);
    }

    [Fact]
    public async Task TwoInAHundredOfAFeederAreTheMostWhateverTheOthersAllow()
    {
        var stores = new MemoryStores();
        var time = new FakeTimeProvider();
        using var guard = new DisconnectGuard(stores, stores, time);
        InventoryMeter[] meters =
        [
            .. Enumerable.Range(0, 150).Select(i => Of($"A{i:000}", "A")), .. Enumerable.Range(0, 20).Select(i => Of($"B{i:000}", "B")), .. Enumerable.Range(0, 60).Select(i => Of($"N{i:000}", "")),
            .. Enumerable.Range(0, 50).Select(i => Of($"R{i:000}", "A") with { Installations = [] }), // in the store room, and no meters of the feeder
        ];
        await ((IMeterInventory)stores).PutAsync(meters, CancellationToken.None);
        Assert.Equal([CommandState.Sent, CommandState.Sent, CommandState.Sent, CommandState.Held], await SendAsync("A000", "A001", "A002", "A003"));
        Assert.Contains("on the feeder 'A', of 3 allowed", stores.Commands[^1].Detail, StringComparison.Ordinal);
        Assert.Equal([CommandState.Sent, CommandState.Held], await SendAsync("B000", "B001")); // a small feeder: one at a time
        // Without a feeder the limit over all meters holds; what went to feeders counts there.
        Assert.Equal(46, (await SendAsync([.. Enumerable.Range(0, 60).Select(i => $"N{i:000}")])).Count(state => state == CommandState.Sent));
        Assert.Contains("50 disconnections in ten minutes, of 50 allowed", stores.Commands[^1].Detail, StringComparison.Ordinal);
        Assert.Equal(CommandState.Sent, (await EnterAsync("A003", CommandKind.Connect, [])).State);
        Assert.Equal(CommandState.Sent, (await EnterAsync("A003", CommandKind.Disconnect, ["meena", "ravi"])).State);
        time.Advance(TimeSpan.FromMinutes(10));
        // A meter that was moved counts on the feeder that it is on when it is cut.
        await ((IMeterInventory)stores).PutAsync([meters[3] with { Feeder = "B" }], CancellationToken.None);
        Assert.Equal([CommandState.Sent, CommandState.Held], await SendAsync("A003", "B002"));

        static InventoryMeter Of(string serial, string feeder) => new(
            new EndDeviceId(serial), "", "", null, MeterAccess.UtilitySetting, [new Installation(new UsagePointId(1), new EndDeviceId(serial), Street.Start, null)])
        {
            Feeder = feeder,
        };

        ValueTask<CommandRecord> EnterAsync(string serial, CommandKind kind, string[] approvals) => guard.EnterAsync(
            new CommandRecord(Guid.NewGuid(), new EndDeviceId(serial), kind, CommandState.Sent, default, "asha", "a test", null), approvals, CancellationToken.None);

        async Task<List<CommandState>> SendAsync(params string[] serials)
        {
            var states = new List<CommandState>();
            foreach (string serial in serials) states.Add((await EnterAsync(serial, CommandKind.Disconnect, [])).State);
            return states;
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(99, 1)]
    [InlineData(100, 2)]
    [InlineData(3_000, 60)]
    public void AFeedersLimitIsTwoInAHundred(int meters, int limit) => Assert.Equal(limit, DisconnectGuard.FeederLimit(meters));

    [Theory]
    [InlineData(1, 50)]
    [InlineData(50_000, 50)]
    [InlineData(51_000, 51)]
    [InlineData(1_000_000, 1_000)]
    public void TheLimitIsFiftyOrOneInAThousand(int meters, int limit) => Assert.Equal(limit, DisconnectGuard.Limit(meters));

    [Fact]
    public async Task AHeldCommandCountsForNothingAndARestartForgetsNothing()
    {
        var stores = new MemoryStores();
        var time = new FakeTimeProvider();
        for (int i = 0; i < 55; i++)
        {
            using var guard = new DisconnectGuard(stores, stores, time); // a new process each time
            await guard.EnterAsync(new CommandRecord(Guid.NewGuid(), new EndDeviceId($"M{i}"), CommandKind.Disconnect, CommandState.Sent, default, "a", "b", null), [], CancellationToken.None);
        }
        Assert.Equal(50, stores.Commands.Count(c => c.State == CommandState.Sent));
        Assert.Equal(5, stores.Commands.Count(c => c.State == CommandState.Held));
    }

    [Fact]
    public void AClockIsSetOnCommand()
    {
        using var street = new Street(1);
        VirtualMeter meter = street.Meters[0];
        meter.SetClock(street.Now, street.Now + Duration.FromMinutes(7));
        CommandResult result = street.Run(() => street.Commands.SetClockAsync(Street.IdOf(meter), Offset.FromHoursAndMinutes(5, 30), Asked, CancellationToken.None));
        Assert.Equal(CommandState.Confirmed, result.Record.State);
        Assert.InRange((meter.Clock.Read(street.Now) - street.Now).TotalSeconds, -1.1, 1.1);
        IReadOnlyList<CommandRecord> log = street.Run(async () => await ((ICommandLog)street.Stores).ReadSinceAsync(Street.Start, CancellationToken.None));
        Assert.All(log, c => Assert.Equal(CommandKind.SetClock, c.Kind));
    }
}
