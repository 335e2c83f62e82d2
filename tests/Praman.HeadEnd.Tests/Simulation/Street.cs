using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NodaTime;
using Praman.Dlms.Security;
using Praman.HeadEnd.Collection;
using Praman.HeadEnd.Commands;
using Praman.HeadEnd.Inventory;
using Praman.HeadEnd.Sessions;
using Praman.HeadEnd.Stores;
using Praman.Meter;
using Praman.Meter.Load;
using Praman.Metering;
using Praman.Transports.Addresses;
using Praman.Transports.Memory;
using MeterModel = Praman.Meter.MeterModel;

namespace Praman.HeadEnd.Tests.Simulation;

/// <summary>
/// A street of virtual meters, a network and a head-end in one thread: nothing happens but while <see cref="Run{T}"/> moves the clock. The
/// head-end can be thrown away and made anew over the same stores, as after a crash.
/// </summary>
internal sealed class Street : IDisposable
{
    public static readonly DateTimeZone Zone = DateTimeZoneProviders.Tzdb["Asia/Kolkata"];
    public static readonly Instant Start = new LocalDateTime(2026, 4, 1, 10, 0).InZoneLeniently(Zone).ToInstant();

    private readonly Dictionary<MeterModel, MeterType> _types = [];
    private readonly MasterKey _master = new(SHA256.HashData("street"u8));

    public Street(int meterCount, LinkFaults? faults = null, ulong seed = 1, CollectionOptions? options = null, MeterModel? model = null)
    {
        Time = new FakeTimeProvider(Start.ToDateTimeOffset());
        Links = new MemoryLinks(Time, faults ?? LinkFaults.None, seed);
        Options = options ?? new CollectionOptions { Seed = seed };
        for (int i = 0; i < meterCount; i++) AddMeter(i, seed, model ?? new MeterModel(), (UsagePointId)new((ulong)i + 1), Start);
        StartHeadEnd();
    }

    public FakeTimeProvider Time { get; }

    public MemoryLinks Links { get; }

    public MemoryStores Stores { get; } = new();

    public ReadingsTaken Sink { get; } = new();

    public CollectionOptions Options { get; }

    public List<VirtualMeter> Meters { get; } = [];

    public Collector Collector { get; private set; } = null!;

    public MeterCommands Commands { get; private set; } = null!;

    public KeyStore Keys { get; private set; } = null!;

    public ModelLayouts Layouts { get; private set; } = null!;

    public SessionOpener Opener { get; private set; } = null!;

    public Instant Now => Instant.FromDateTimeOffset(Time.GetUtcNow());

    public static string LinkOf(VirtualMeter meter) => $"tcp://{meter.Serial}:4059";

    public static EndDeviceId IdOf(VirtualMeter meter) => new(meter.Serial);

    /// <summary>A head-end that knows only what the stores hold.</summary>
    public void StartHeadEnd()
    {
        var counters = new CounterLeases(Stores);
        Keys = new KeyStore(_master, Stores);
        Opener = new SessionOpener(Links, counters, Convert.FromHexString(Options.ClientTitle), SessionLimits.Of(Options), Time);
        Layouts = new ModelLayouts();
        Collector = new Collector(
            Stores.ForCollector, Keys, Opener, new MeterReader(Layouts, Options, Time), Sink, Options, Time, NullLogger<Collector>.Instance);
        Commands = new MeterCommands(Stores, Keys, Opener, Stores, new DisconnectGuard(Stores, Stores, Time), Time);
    }

    public VirtualMeter AddMeter(int index, ulong seed, MeterModel model, UsagePointId usagePoint, Instant installedAt, int driftPpm = 0)
    {
        string serial = $"PRM{index:D6}";
        byte[] material = SHA512.HashData([.. BitConverter.GetBytes(seed), .. BitConverter.GetBytes(index)]);
        int secretLength = model.UtilityMechanism is 2 or 5 ? 16 : 32; // hashes take any length
        var secrets = new Meter.MeterKeys(material.AsMemory(0, 16), material.AsMemory(16, 16), material.AsMemory(32, 8), material.AsMemory(64 - secretLength, secretLength));
        byte[] title = VirtualMeter.MakeSystemTitle(model.FlagId, (ulong)index + 1);
        StreetKeyPairs? pairs = SecuritySuite.HasCurve(model.SecuritySuite) ? StreetKeyPairs.Create(model, title, installedAt) : null;
        if (pairs is not null)
        {
            secrets = secrets with { KeyPairs = pairs.Meter, ClientKeys = pairs.Client, Certificates = pairs.Certificates };
            if (model.SecuritySuite == 2) secrets = secrets with { Guek = material.AsMemory(0, 32), Gak = material.AsMemory(32, 32) };
        }
        var meter = new VirtualMeter(
            TypeOf(model), serial, title, secrets, new HouseholdLoad((seed * 1000) + (ulong)index, installedAt, Offset.FromHoursAndMinutes(5, 30)), installedAt, driftPpm: driftPpm);
        Meters.Add(meter);
        Links.Add(LinkOf(meter), meter);
        using var keys = new Inventory.MeterKeys(secrets.Guek.Span, secrets.Gak.Span, secrets.HlsSecret.Span, secrets.LlsSecret.Span, pairs?.Kept());
        MeterAccess access = MeterAccess.UtilitySetting;
        access = access with
        {
            Authentication = model.UtilityMechanism switch
            {
                2 => LinkAuthentication.Hls2,
                3 => LinkAuthentication.HlsMd5,
                4 => LinkAuthentication.HlsSha1,
                6 => LinkAuthentication.HlsSha256,
                7 => LinkAuthentication.Ecdsa,
                _ => LinkAuthentication.Gmac,
            },
            Suite = model.SecuritySuite,
            Envelope = model.Envelope switch
            {
                Protection.GeneralGlobal => LinkEnvelope.GeneralGlo,
                Protection.GeneralIdentified => LinkEnvelope.Identified,
                Protection.GeneralOnePass => LinkEnvelope.OnePass,
                Protection.GeneralStatic => LinkEnvelope.Static,
                _ => LinkEnvelope.Service,
            },
            Signs = meter.RequiredOf(MeterObis.UtilitySecurity) is { SignedRequest: true } or { SignedResponse: true },
        };
        var known = new InventoryMeter(
            new EndDeviceId(serial), LinkOf(meter), Convert.ToHexString(title), null, access, [new Installation(usagePoint, new EndDeviceId(serial), installedAt, null)]);
        Run(async () =>
        {
            await ((IMeterInventory)Stores).PutAsync([known], CancellationToken.None);
            await new KeyStore(_master, Stores).PutAsync([(known.EndDevice, keys)], CancellationToken.None);
            return 0;
        });
        return meter;
    }

    private MeterType TypeOf(MeterModel model) => _types.TryGetValue(model, out MeterType? type) ? type : _types[model] = new MeterType(model);

    public void Change(VirtualMeter meter, Func<InventoryMeter, InventoryMeter> change)
    {
        Run(async () =>
        {
            InventoryMeter known = (await ((IMeterInventory)Stores).FindAsync(IdOf(meter), CancellationToken.None))!;
            await ((IMeterInventory)Stores).PutAsync([change(known)], CancellationToken.None);
            return 0;
        });
    }

    /// <summary>Runs something to its end, moving the clock in small steps while it waits.</summary>
    public T Run<T>(Func<Task<T>> work)
    {
        Task<T> task = work();
        for (int step = 0; !task.IsCompleted; step++)
        {
            Assert.True(step < 2_000_000, "nothing ends it");
            Time.Advance(TimeSpan.FromMilliseconds(step < 100 ? 100 : 500));
        }
        return task.GetAwaiter().GetResult();
    }

    public void MoveTo(Instant instant)
    {
        if (instant > Now) Time.SetUtcNow(instant.ToDateTimeOffset());
    }

    public void MoveTo(LocalDate day, int hour, int minute) => MoveTo(day.At(new LocalTime(hour, minute)).InZoneLeniently(Zone).ToInstant());

    /// <summary>Rounds until nobody waits any more; at most so many.</summary>
    public RoundSummary CollectDay(int roundsMax = 30)
    {
        RoundSummary summary = Run(() => Collector.RunRoundAsync(CancellationToken.None));
        for (int round = 1; summary.NextAttempt is { } next && round < roundsMax; round++)
        {
            MoveTo(next);
            summary = Run(() => Collector.RunRoundAsync(CancellationToken.None));
        }
        return summary;
    }

    public DayCoverage Coverage(LocalDate day) =>
        DayCoverage.Of(day, Run(async () => await ((ICoverageStore)Stores).ReadDayAsync(day, CancellationToken.None)));

    public void Dispose() => _master.Dispose();
}
