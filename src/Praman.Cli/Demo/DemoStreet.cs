using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using NodaTime;
using Praman.Meter;
using Praman.Meter.Load;
using Praman.MeterData.Imports;
using Praman.Metering;

namespace Praman.Cli.Demo;

/// <summary>
/// A street of homes that follows from a seed: usage points, meters with keys of their own, and loads, from the built-in model or from
/// real interval data. All secrets are derived from the seed so that a run can be repeated; they protect nothing.
/// </summary>
internal sealed class DemoStreet
{
    private const ulong FirstUsagePoint = 100_001;
    private readonly DemoOptions _options;
    private readonly MeterModel _model;
    private readonly MeterType _type;
    /// <summary>What supplies it, all of it.</summary>
    public const string Feeder = "street";

    private int _meterCount;

    private DemoStreet(DemoOptions options, int homes, int intervalMinutes)
    {
        _options = options;
        _model = new MeterModel { Zone = options.Zone, CapturePeriodSeconds = intervalMinutes * 60, CurrentRating = "10-60 A" }.Checked();
        _type = new MeterType(_model);
        Plan = new DemoPlan(options.AreIncidentsMade ? homes : 0);
    }

    public List<DemoHome> Homes { get; } = [];

    /// <summary>Which home each incident befalls.</summary>
    public DemoPlan Plan { get; }

    /// <summary>How many of its homes are prepaid: none of real homes, whose supply no made-up wallet may cut.</summary>
    public int PrepaidCount => _options.AreIncidentsMade ? Homes.Count / 2 : 0;

    /// <summary>Minutes of an interval of every meter here.</summary>
    public int IntervalMinutes => _model.CapturePeriodSeconds / 60;

    /// <summary>Start of the first local day.</summary>
    public Instant Start => _options.Zone.AtStartOfDay(DemoOptions.FirstDay).ToInstant();

    /// <summary>A street of the built-in load model.</summary>
    public static DemoStreet Build(DemoOptions options)
    {
        var street = new DemoStreet(options, options.Meters, 30);
        Offset offset = options.Zone.GetUtcOffset(street.Start);
        for (int i = 0; i < options.Meters; i++)
        {
            ulong seed = street.Derive("load", i);
            // One roof in ten has a plant: its export is measured beside its import.
            int solar = i % 10 == 7 ? 2_000 + (int)(seed % 2_000) : 0;
            street.Add(i, new HouseholdLoad(seed, street.Start, offset, solar), null, new Connection(1, 60, (1 + (long)(street.Derive("home", i) % 5)) * 1_000));
        }
        return street;
    }

    /// <summary>A street of real homes: their days moved by whole weeks, so that weekdays stay, to where the demonstration lives.</summary>
    /// <param name="series">One a home; each covers the days that are lived through.</param>
    /// <param name="shiftDays">Days between the file's dates and the demonstration's; a multiple of 7.</param>
    public static DemoStreet Replay(DemoOptions options, IReadOnlyList<IntervalSeries> series, int shiftDays)
    {
        var street = new DemoStreet(options, series.Count, series[0].IntervalMinutes);
        for (int i = 0; i < series.Count; i++)
        {
            IntervalSeries one = series[i];
            Instant start = options.Zone.AtStartOfDay(one.FirstDay.PlusDays(shiftDays)).ToInstant();
            var load = new IntervalDataLoad(start, Duration.FromMinutes(one.IntervalMinutes), one.Wh, seed: street.Derive("voltage", i));
            street.Add(i, load, one.Meter, Connection.For(one));
        }
        return street;
    }

    /// <summary>Puts a new meter where one was taken out.</summary>
    public DemoMeter Exchange(DemoHome home, Instant at)
    {
        DemoMeter old = home.Standing;
        lock (old.Meter) old.Meter.Remove(at);
        old.Until = at;
        DemoMeter next = NewMeter(home.Load, at, default, 0);
        home.Meters.Add(next);
        return next;
    }

    /// <summary>32 octets that follow from the seed, a purpose and a number.</summary>
    public byte[] DeriveKey(string purpose, ulong number)
    {
        Span<byte> seed = stackalloc byte[8], info = stackalloc byte[64];
        BinaryPrimitives.WriteUInt64BigEndian(seed, _options.Seed);
        int length = System.Text.Encoding.ASCII.GetBytes(purpose, info);
        BinaryPrimitives.WriteUInt64BigEndian(info[length..], number);
        return HKDF.DeriveKey(HashAlgorithmName.SHA256, seed.ToArray(), 32, info: info[..(length + 8)].ToArray());
    }

    private void Add(int index, ILoadSource load, string? sourceName, Connection connection)
    {
        ulong number = FirstUsagePoint + (ulong)index;
        ulong seed = Derive("home", index);
        var point = new UsagePoint(
            new UsagePointId(number), string.Create(CultureInfo.InvariantCulture, $"C{70_000_000 + number}"), _options.Zone.Id, connection.SanctionedLoadW, connection.PhaseCount, _options.Tariff, []);
        var home = new DemoHome { UsagePoint = point, Load = load, SourceName = sourceName, RatedCurrentA = connection.RatedCurrentA };
        // One clock in the street runs fast by a minute and a half a day.
        home.Meters.Add(NewMeter(load, Start, new LoadTotals(1_000_000 + (long)(seed % 9_000_000), 0), index == Plan.Of(DemoTrouble.FastClock) ? 1_050 : 0));
        Homes.Add(home);
    }

    private const int VoltageV = 230, OrdinaryA = 60, LargestA = 200;

    /// <summary>What the largest meter of a street carries: three phases of 200 A.</summary>
    public const long LargestConnectionW = 3L * LargestA * VoltageV;

    /// <summary>How a home is connected.</summary>
    private readonly record struct Connection(int PhaseCount, int RatedCurrentA, long SanctionedLoadW)
    {
        /// <summary>A real home's connection carries its highest interval: three phases where one of 60 A does not, whole kW of sanctioned load.</summary>
        public static Connection For(IntervalSeries series)
        {
            int highest = 0;
            foreach (int wh in series.Wh.Span) highest = Math.Max(highest, wh);
            long watts = (long)highest * 60 / series.IntervalMinutes;
            long sanctioned = Math.Clamp((watts + 999) / 1_000, 1, 100) * 1_000;
            return watts <= OrdinaryA * VoltageV ? new Connection(1, OrdinaryA, sanctioned) : new Connection(3, watts <= 3 * OrdinaryA * VoltageV ? OrdinaryA : LargestA, sanctioned);
        }
    }

    private DemoMeter NewMeter(ILoadSource load, Instant at, LoadTotals initial, int driftPpm)
    {
        ulong number = 1_000_001 + (ulong)_meterCount++;
        byte[] first = DeriveKey("meter keys", number), second = DeriveKey("meter secrets", number);
        var keys = new MeterKeys(first.AsMemory(0, 16), first.AsMemory(16), second.AsMemory(0, 16), second.AsMemory(16));
        byte[] title = VirtualMeter.MakeSystemTitle(_model.FlagId, number);
        string serial = string.Create(CultureInfo.InvariantCulture, $"PRM{number}");
        return new DemoMeter(new VirtualMeter(_type, serial, title, keys, load, at, initial, driftPpm), keys, title, at);
    }

    public ulong Derive(string purpose, int index) => BinaryPrimitives.ReadUInt64BigEndian(DeriveKey(purpose, (ulong)index));
}
