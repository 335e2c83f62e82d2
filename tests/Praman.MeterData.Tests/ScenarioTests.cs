using System.Globalization;
using System.Text;
using NodaTime;
using NodaTime.Text;
using Praman.MeterData.Ingest;
using Praman.MeterData.Tests.Stores;
using Praman.MeterData.Validation;
using Praman.Metering;
using Praman.Testing;

namespace Praman.MeterData.Tests;

/// <summary>Runs the scenarios of <c>scenarios/</c> (their README has the lines) and compares all that comes of them.</summary>
public sealed class ScenarioTests
{
    private static readonly string Folder = TestFiles.InRepository("tests", "Praman.MeterData.Tests", "scenarios");

    public static TheoryData<string> Names => [.. Directory.GetDirectories(Folder).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_scenario_comes_out_as_expected(string name)
    {
        string folder = Path.Combine(Folder, name);
        Assert.True(new FileInfo(Path.Combine(folder, "why.txt")).Length > 40);
        string actual = await Run(await File.ReadAllLinesAsync(Path.Combine(folder, "given.csv")));
        string expected = await File.ReadAllTextAsync(Path.Combine(folder, "expected.csv"));
        Assert.True(expected == actual, $"{name}\n--- expected\n{expected}--- actual\n{actual}");
    }

    private static async Task<string> Run(string[] lines)
    {
        string zone = "Asia/Kolkata";
        int minutes = 30;
        var installations = new List<Installation>();
        World? world = null;
        var pending = new Dictionary<EndDeviceId, Pending>();
        var output = new StringBuilder();
        foreach (string line in lines)
        {
            if (line.Length == 0 || line[0] == '#') continue;
            string[] f = line.Split(',');
            if (f[0] == "zone") { zone = f[1]; continue; }
            if (f[0] == "minutes") { minutes = Number(f[1]); continue; }
            if (f[0] == "meter")
            {
                installations.Add(new Installation(World.Id, new EndDeviceId(f[1]), At(f[2]), f[3].Length > 0 ? At(f[3]) : null));
                continue;
            }
            world ??= new World(zone, installations, minutes, start: 2020);
            EndDeviceId device = f.Length > 1 ? new EndDeviceId(f[1]) : default;
            switch (f[0])
            {
                case "day": Of(device).Blocks.Add(world.Day(Date(f[2]), Values(f[3]))); break;
                case "register": Of(device).Registers.Add(new RegisterReading(World.Id, device, Type(f[2]), AtOrMidnight(world, f[3]), long.Parse(f[4], CultureInfo.InvariantCulture))); break;
                case "event": Of(device).Events.Add(new EndDeviceEvent(device, World.Id, At(f[3]), Number(f[2]), Of(device).Events.Count)); break;
                case "drift": (Of(device).ReadAt, Of(device).Drift) = (At(f[2]), Duration.FromSeconds(Number(f[3]))); break;
                case "read":
                    MeterReading[] readings = [.. pending.Select(p => world.Reading(p.Value.Blocks, p.Value.Registers, p.Value.ReadAt, p.Value.Drift, p.Key, p.Value.Events))];
                    world.Pass(readings.Max(r => r.ReadAt));
                    await world.Accept(readings);
                    pending.Clear();
                    break;
                case "estimate":
                    world.Pass(At(f[2]));
                    output.AppendLine(CultureInfo.InvariantCulture, $"estimate,{f[1]},{f[2]},{(await world.Estimate(Date(f[1]), At(f[2]))).State}");
                    break;
                case "bill":
                    await world.Billing.MarkBilledAsync(await world.Usage(Date(f[1]), Date(f[2])), f[3], world.Now, CancellationToken.None);
                    break;
                case "usage": Write(output, await world.Usage(Date(f[1]), Date(f[2]))); break;
                default: throw new FormatException($"'{line}'");
            }
        }
        await Write(output, world!);
        return output.ToString();

        Pending Of(EndDeviceId device)
        {
            if (!pending.TryGetValue(device, out Pending? of)) pending[device] = of = new Pending();
            return of;
        }
    }

    private sealed class Pending
    {
        public List<IntervalBlock> Blocks { get; } = [];

        public List<RegisterReading> Registers { get; } = [];

        public List<EndDeviceEvent> Events { get; } = [];

        public Instant? ReadAt { get; set; }

        public Duration? Drift { get; set; }
    }

    private static async Task Write(StringBuilder output, World world)
    {
        foreach (StoredBlock stored in world.Store.Blocks)
        {
            (long[] values, IntervalQuality[] qualities) = stored.Block.Decode();
            string day = LocalDatePattern.Iso.Format(LocalDays.DayOf(stored.Block.Start, world.Zone));
            output.AppendLine(CultureInfo.InvariantCulture,
                $"day,{day},v{stored.Block.Version},{stored.Block.Header.Cause},{Runs(qualities.Select(Text))},{Runs(qualities.Select((q, i) => q.HasValue ? values[i].ToString(CultureInfo.InvariantCulture) : "-"))}");
        }
        IEnumerable<StoredFinding> findings = world.Store.Findings.OrderBy(f => f.DayStart).ThenBy(f => f.Version).ThenBy(f => f.Finding.At).ThenBy(f => f.Finding.Rule.Code, StringComparer.Ordinal);
        foreach (StoredFinding found in findings)
        {
            Finding f = found.Finding;
            string day = LocalDatePattern.Iso.Format(LocalDays.DayOf(found.DayStart, world.Zone));
            output.AppendLine(CultureInfo.InvariantCulture,
                $"finding,{day},{(found.Version is { } v ? $"v{v}" : "aside")},{f.Rule.Code},{f.Severity},{InstantPattern.General.Format(f.At)},{f.Measured:0.######},{f.Limit:0.######},{f.Note}");
        }
        await foreach (RebillProposal p in world.Store.ReadRebillProposalsAsync(null, new Interval(null, null), CancellationToken.None))
        {
            string day = LocalDatePattern.Iso.Format(LocalDays.DayOf(p.DayStart, world.Zone));
            output.AppendLine(CultureInfo.InvariantCulture, $"rebill,{day},{p.BillNumber},v{p.BilledVersion},v{p.NewVersion},{p.BilledWh},{p.NewWh}");
        }
        if (world.Store.QuarantineCount > 0) output.AppendLine(CultureInfo.InvariantCulture, $"aside,{world.Store.QuarantineCount}");
    }

    private static void Write(StringBuilder output, BillableUsage usage)
    {
        output.AppendLine(CultureInfo.InvariantCulture,
            $"usage,{LocalDatePattern.Iso.Format(usage.Period.Start)},{LocalDatePattern.Iso.Format(usage.Period.End)},{usage.Gate},{usage.EnergyWh},{usage.EstimatedCount},{usage.EstimatedWh},{string.Join(' ', usage.Reasons)}");
        foreach (RegisterSegment segment in usage.Segments)
        {
            output.AppendLine(CultureInfo.InvariantCulture, $"segment,{segment.EndDevice},{segment.Opening.Value},{segment.Closing.Value},{segment.EnergyWh}");
        }
    }

    private static string Text(IntervalQuality quality) => quality.Flags == 0 ? quality.State.ToString() : $"{quality.State}+{quality.Flags.ToString().Replace(", ", "+", StringComparison.Ordinal)}";

    private static string Runs(IEnumerable<string> items)
    {
        var runs = new List<(string Item, int Count)>();
        foreach (string item in items)
        {
            if (runs.Count > 0 && runs[^1].Item == item) runs[^1] = (item, runs[^1].Count + 1);
            else runs.Add((item, 1));
        }
        return string.Join(' ', runs.Select(run => run.Count == 1 ? run.Item : $"{run.Item}*{run.Count}"));
    }

    private static List<long?> Values(string runs)
    {
        var values = new List<long?>();
        foreach (string run in runs.Split(' '))
        {
            string[] parts = run.Split('*');
            long? value = parts[0] == "-" ? null : long.Parse(parts[0], CultureInfo.InvariantCulture);
            values.AddRange(Enumerable.Repeat(value, parts.Length > 1 ? Number(parts[1]) : 1));
        }
        return values;
    }

    private static ReadingType Type(string name) => Enum.GetValues<ReadingType>().Single(type => type.Name() == name);

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static LocalDate Date(string text) => LocalDatePattern.Iso.Parse(text).Value;

    private static Instant At(string text) => InstantPattern.General.Parse(text).Value;

    private static Instant AtOrMidnight(World world, string text) => text.Length == 10 ? world.Start(Date(text)) : At(text);
}
