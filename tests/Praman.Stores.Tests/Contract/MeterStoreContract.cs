using Praman.HeadEnd.Inventory;
using Praman.HeadEnd.Stores;
using Praman.MeterData.Ingest;
using Praman.Metering;
using Praman.Transports.Addresses;

namespace Praman.Stores.Tests.Contract;

/// <summary>The head-end's inventory of meters and their wrapped keys.</summary>
public abstract class MeterStoreContract(Func<Task<IStores>> open) : StoreContract(open)
{
    [Fact]
    public async Task AMeterIsReplacedWholeUnderItsSerial()
    {
        InventoryMeter meter = Meter("A1", new MeterModel("Maker", "SP-1", "1.02"), (1, 0, 20), (2, 21, null));
        await Stores.Meters.PutAsync([Meter("A1", null, (9, 0, null)), Meter("B2", null)], Stop);
        await Stores.Meters.PutAsync([meter], Stop);
        await Stores.ReopenAsync();

        AssertSame(meter, await Stores.Meters.FindAsync(new EndDeviceId("A1"), Stop));
        AssertSame(Meter("B2", null), await Stores.Meters.FindAsync(new EndDeviceId("B2"), Stop));
        Assert.Null(await Stores.Meters.FindAsync(new EndDeviceId("C3"), Stop));
        Assert.Empty(await Stores.Meters.FindAtAsync(new UsagePointId(9), Stop));
    }

    [Fact]
    public async Task MetersOfAUsagePointComeByTheTimeOfTheirInstallation()
    {
        await Stores.Meters.PutAsync([Meter("A9", null, (1, 0, 10)), Meter("A1", null, (1, 10, null)), Meter("Z0", null, (2, 0, null))], Stop);

        IReadOnlyList<InventoryMeter> found = await Stores.Meters.FindAtAsync(new UsagePointId(1), Stop);

        Assert.Equal(["A9", "A1"], found.Select(meter => meter.EndDevice.Serial));
    }

    [Fact]
    public async Task AllMetersComeInOrdinalOrderOverManyPages()
    {
        InventoryMeter[] meters = [.. Enumerable.Range(0, 1_300).Select(i => Meter($"S{i * 7 % 1_300}", null, ((ulong)i, 0, null)))];
        await Stores.Meters.PutAsync(meters, Stop);

        List<InventoryMeter> all = await ListAsync(Stores.Meters.ReadAllAsync(Stop));

        Assert.Equal(meters.Select(meter => meter.EndDevice.Serial).Order(StringComparer.Ordinal), all.Select(meter => meter.EndDevice.Serial));
        AssertSame(meters[700], all.Single(meter => meter.EndDevice == meters[700].EndDevice));
    }

    /// <summary>Head-end and meter data see one truth about which meter stands where.</summary>
    [Fact]
    public async Task TheInventorysInstallationsAreTheDirectorys()
    {
        await Stores.Meters.PutAsync([Meter("A1", null, (1, 0, null))], Stop);
        await Stores.UsagePoints.PutAsync(
            [
                new UsagePointRecord(
                    new UsagePoint(new UsagePointId(1), "K-1", "Asia/Kolkata", 1_000, 1, "t", []),
                    [
                        new Installation(new UsagePointId(1), new EndDeviceId("A1"), Samples.Day(0), Samples.Day(4)),
                        new Installation(new UsagePointId(1), new EndDeviceId("B2"), Samples.Day(4), null),
                    ]),
            ],
            Stop);

        InventoryMeter? meter = await Stores.Meters.FindAsync(new EndDeviceId("A1"), Stop);

        Assert.Equal(Samples.Day(4), Assert.Single(meter!.Installations).Until);
        Assert.Equal(["A1"], (await Stores.Meters.FindAtAsync(new UsagePointId(1), Stop)).Select(found => found.EndDevice.Serial)); // B2 is not in the inventory
    }

    [Fact]
    public async Task MetersThatStandSomewhereAreCountedByFeeder()
    {
        await Stores.Meters.PutAsync(
            [
                Meter("A1", null, (1, 0, 2), (2, 2, null)) with { Feeder = "north" }, Meter("B2", null, (3, 0, null)) with { Feeder = "north" }, Meter("C3", null, (4, 0, 1)) with { Feeder = "north" },
                Meter("D4", null) with { Feeder = "north" }, Meter("E5", null, (5, 0, null)) with { Feeder = "south" }, Meter("F6", null, (6, 0, null)),
            ],
            Stop);
        Assert.Equal((4, 2, 1, 0), (await CountAsync(null), await CountAsync("north"), await CountAsync("south"), await CountAsync("west")));
        await Stores.Meters.PutAsync([Meter("B2", null, (3, 0, null)) with { Feeder = "south" }], Stop);
        await Stores.ReopenAsync();
        Assert.Equal((4, 1, 2), (await CountAsync(null), await CountAsync("north"), await CountAsync("south")));
        Assert.Equal("south", (await Stores.Meters.FindAsync(new EndDeviceId("B2"), Stop))!.Feeder);

        ValueTask<int> CountAsync(string? feeder) => Stores.Meters.CountInServiceAsync(feeder, Stop);
    }

    [Fact]
    public async Task WrappedKeysComeBackOctetForOctet()
    {
        byte[] wrapped = [.. Enumerable.Range(0, 104).Select(i => (byte)(i * 37))];
        await Stores.Keys.PutAsync([Key("A1", "old", [1]), Key("B2", "m1", [])], Stop);
        await Stores.Keys.PutAsync([Key("A1", "m2", wrapped)], Stop);
        await Stores.ReopenAsync();

        WrappedMeterKeys? found = await Stores.Keys.FindAsync(new EndDeviceId("A1"), Stop);

        Assert.Equal("m2", found?.MasterKeyId);
        Assert.Equal(wrapped, found!.Wrapped.ToArray());
        Assert.Equal(0, (await Stores.Keys.FindAsync(new EndDeviceId("B2"), Stop))?.Wrapped.Length);
        Assert.Null(await Stores.Keys.FindAsync(new EndDeviceId("C3"), Stop));

        static WrappedMeterKeys Key(string serial, string master, byte[] octets) => new(new EndDeviceId(serial), master, octets);
    }

    [Fact]
    public async Task AMeterIsFoundByItsTitleUnlessTwoHaveIt()
    {
        InventoryMeter first = Meter("A1", null) with { SystemTitle = "50524D0000000001" }, second = Meter("B2", null) with { SystemTitle = "50524D0000000002" };
        await Stores.Meters.PutAsync([first, second, Meter("C3", null) with { SystemTitle = "" }], Stop);
        AssertSame(second, await Stores.Meters.FindByTitleAsync("50524D0000000002", Stop));
        Assert.Null(await Stores.Meters.FindByTitleAsync("50524D0000000003", Stop));
        Assert.Null(await Stores.Meters.FindByTitleAsync("", Stop));
        await Stores.Meters.PutAsync([second with { SystemTitle = first.SystemTitle }], Stop);
        Assert.Null(await Stores.Meters.FindByTitleAsync(first.SystemTitle, Stop));
    }

    [Fact]
    public async Task APushIsKeptOnceByMeterKeyAndCounter()
    {
        static KeptPush Push(string serial, long epoch, uint counter, int day, byte octet) => new(new EndDeviceId(serial), epoch, counter, Samples.Day(day), new byte[] { 0x0F, octet });
        Assert.Equal(3, await Stores.Pushes.AppendAsync([Push("A1", long.MinValue, uint.MaxValue, 2, 1), Push("A1", 7, 5, 1, 2), Push("B2", 7, 5, 3, 3)], Stop));
        Assert.Equal(1, await Stores.Pushes.AppendAsync([Push("A1", 7, 5, 9, 4), Push("A1", 7, 6, 4, 5)], Stop));
        await Stores.ReopenAsync();
        IReadOnlyList<KeptPush> all = await Stores.Pushes.ReadAsync(null, new NodaTime.Interval(null, null), 10, Stop);
        Assert.Equal([2, 1, 3, 5], all.Select(push => (int)push.Apdu.Span[1]));
        Assert.Equal((new EndDeviceId("A1"), long.MinValue, uint.MaxValue, Samples.Day(2)), (all[1].EndDevice, all[1].KeyEpoch, all[1].Counter, all[1].ReceivedAt));
        Assert.Equal([2, 1], (await Stores.Pushes.ReadAsync(new EndDeviceId("A1"), new NodaTime.Interval(Samples.Day(1), Samples.Day(4)), 10, Stop)).Select(push => (int)push.Apdu.Span[1]));
        Assert.Single(await Stores.Pushes.ReadAsync(null, new NodaTime.Interval(null, null), 1, Stop));
    }

    private static InventoryMeter Meter(string serial, MeterModel? model, params (ulong UsagePoint, int From, int? Until)[] stood)
    {
        var device = new EndDeviceId(serial);
        return new InventoryMeter(
            device, $"tcp://127.0.0.1:4059/{serial}", "4D4D4D0000BC614E", model, new MeterAccess(32, 1, LinkAuthentication.Lls, LinkProtection.Authenticated) { Suite = 2, Envelope = LinkEnvelope.OnePass, Signs = true },
            [.. stood.Select(s => new Installation(new UsagePointId(s.UsagePoint), device, Samples.Day(s.From), s.Until is { } until ? Samples.Day(until) : null, 7, 100, 3))])
        {
            DeviceName = $"MMM{serial}",
        };
    }

    private static void AssertSame(InventoryMeter expected, InventoryMeter? found)
    {
        Assert.NotNull(found);
        Assert.Equal(expected.Installations, found.Installations);
        Assert.Equal(expected with { Installations = [] }, found with { Installations = [] });
    }
}
