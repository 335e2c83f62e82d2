using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Praman.Billing.Tariffs;
using Praman.Testing;

namespace Praman.Billing.Tests.Tariffs;

/// <summary>The published tariff files of the repository.</summary>
public sealed class TariffFileTests
{
    private static string Folder => TestFiles.InRepository("tariffs");

    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(Folder, "*.json").Select(f => Path.GetFileName(f)).Where(f => !f.EndsWith(".schema.json", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    [Fact]
    public void TheFolderHoldsEveryTariffOnce()
    {
        Assert.True(TariffSet.TryLoad(Folder, out TariffSet? set, out IReadOnlyList<TariffFault> faults), string.Join('\n', faults));
        Assert.True(set.Tariffs.Count >= 47);
        Assert.Equal(Files.Count, set.Tariffs.Count);
    }

    [Theory, MemberData(nameof(Files))]
    public void EachFileStandsAloneAndIsNamedAfterItsTariff(string file)
    {
        Assert.True(TariffSet.TryLoad(Path.Combine(Folder, file), out TariffSet? set, out IReadOnlyList<TariffFault> faults), string.Join('\n', faults));
        Assert.Equal(Path.GetFileNameWithoutExtension(file), Assert.Single(set.Tariffs).Key);
    }

    [Fact]
    public void ATariffIsKnownByTheHashOfItsCanonicalJson()
    {
        Assert.True(TariffSet.TryLoad(Path.Combine(Folder, "in-gj-rgp-urban.json"), out TariffSet? set, out _));
        Assert.Equal("273205182031bc31fdf83726eeacf10eee207fa2c06be90c855d7edbfc9889a3", set.Tariffs["in-gj-rgp-urban"].Hash.ToString());
    }

    [Fact]
    public void TheSharedCollectionHasTheSameTariffsAndSeries()
    {
        string shared = TestFiles.SharedOrSkip("data/tariffs/india-domestic.json");
        Assert.True(TariffSet.TryLoad(shared, out TariffSet? theirs, out IReadOnlyList<TariffFault> faults), string.Join('\n', faults));
        Assert.True(TariffSet.TryLoad(Folder, out TariffSet? ours, out _));
        foreach (Tariff tariff in theirs.Tariffs.Values) Assert.Equal(tariff.Hash, ours.Tariffs[tariff.Id].Hash);
        foreach (TariffSeries series in theirs.Series.Values) Assert.Equal(series.Hash, ours.Series[series.Id].Hash);
    }

    /// <summary>An unknown member put into each object of each file, one at a time, is found at its path.</summary>
    [Theory, MemberData(nameof(Files))]
    public void AnUnknownFieldAnywhereIsAFaultAtItsPath(string file)
    {
        string text = File.ReadAllText(Path.Combine(Folder, file));
        List<string> paths = [];
        Collect(JsonNode.Parse(text)!, "$", paths);
        Assert.True(paths.Count > 3);
        foreach (string path in paths)
        {
            JsonNode root = JsonNode.Parse(text)!;
            Find(root, path).AsObject()["zz"] = 1;
            Assert.False(TariffSet.TryParse(Encoding.UTF8.GetBytes(root.ToJsonString()), null, out _, out IReadOnlyList<TariffFault> faults), path);
            Assert.Contains(faults, f => f.Path == path + ".zz");
        }
    }

    /// <summary>Each number given another form is found at its path.</summary>
    [Theory, MemberData(nameof(Files))]
    public void ANumberOfAnotherFormIsAFaultAtItsPath(string file)
    {
        string text = File.ReadAllText(Path.Combine(Folder, file));
        List<string> paths = [];
        CollectNumbers(JsonNode.Parse(text)!["tariffs"]!, "$.tariffs", paths);
        string[] wrongs = ["1.5", "\"1e3\"", "\"12x\"", "true", "[]"];
        for (int i = 0; i < paths.Count; i++)
        {
            string wrong = wrongs[i % wrongs.Length], path = paths[i];
            JsonNode root = JsonNode.Parse(text)!;
            int dot = path.LastIndexOf('.');
            Find(root, path[..dot]).AsObject()[path[(dot + 1)..]] = JsonNode.Parse(wrong);
            Assert.False(TariffSet.TryParse(Encoding.UTF8.GetBytes(root.ToJsonString()), null, out _, out IReadOnlyList<TariffFault> faults), $"{path} = {wrong}");
            Assert.Contains(faults, f => f.Path == path);
        }
    }

    [Theory, MemberData(nameof(Files))]
    public void EachFileIsAsTheSchemaSays(string file) =>
        Assert.Empty(Schema.Faults(JsonElement.Parse(File.ReadAllBytes(Path.Combine(Folder, file)))));

    /// <summary>The schema alone, as another program would use it, refuses an unknown member in each object of a tariff, by its path.</summary>
    [Theory, MemberData(nameof(Files))]
    public void TheSchemaRefusesAnUnknownFieldAnywhereInATariff(string file)
    {
        string text = File.ReadAllText(Path.Combine(Folder, file));
        List<string> paths = [];
        Collect(JsonNode.Parse(text)!["tariffs"]!, "$.tariffs", paths);
        Assert.NotEmpty(paths);
        foreach (string path in paths)
        {
            JsonNode root = JsonNode.Parse(text)!;
            Find(root, path).AsObject()["zz"] = 1; // where names are free, a number is not
            Assert.NotEmpty(Schema.Faults(JsonElement.Parse(root.ToJsonString())));
        }
    }

    private static readonly JsonSchemaCheck Schema = new(JsonElement.Parse(File.ReadAllBytes(Path.Combine(Folder, "tariff.schema.json"))));

    private static readonly string[] Free = ["urdb_map", "cdr_map"];

    private static void Collect(JsonNode node, string path, List<string> paths)
    {
        if (node is JsonObject members)
        {
            paths.Add(path);
            foreach ((string name, JsonNode? value) in members)
            {
                if (value is not null && !Free.Contains(name)) Collect(value, $"{path}.{name}", paths);
            }
        }
        else if (node is JsonArray items)
        {
            for (int i = 0; i < items.Count; i++)
            {
                if (items[i] is { } item) Collect(item, $"{path}[{i}]", paths);
            }
        }
    }

    private static void CollectNumbers(JsonNode node, string path, List<string> paths)
    {
        string[] names = ["rate", "upto", "upto_kw", "weight", "step", "percent", "unit_step", "lte", "gt", "multiplier", "adder", "units_per_month", "amount", "cap_per_month", "cap"];
        if (node is JsonObject members)
        {
            foreach ((string name, JsonNode? value) in members)
            {
                if (value is JsonValue && names.Contains(name)) paths.Add($"{path}.{name}");
                else if (value is not null && !Free.Contains(name)) CollectNumbers(value, $"{path}.{name}", paths);
            }
        }
        else if (node is JsonArray items)
        {
            for (int i = 0; i < items.Count; i++)
            {
                if (items[i] is { } item) CollectNumbers(item, $"{path}[{i}]", paths);
            }
        }
    }

    /// <summary>Walks a path of names and indexes; names of sources and series hold no dot or bracket.</summary>
    private static JsonNode Find(JsonNode root, string path)
    {
        JsonNode node = root;
        foreach (string step in path.Split('.').Skip(1))
        {
            string[] parts = step.Split('[');
            node = node[parts[0]]!;
            foreach (string index in parts.Skip(1)) node = node[int.Parse(index.TrimEnd(']'), System.Globalization.CultureInfo.InvariantCulture)]!;
        }
        return node;
    }

    [Fact]
    public void ASeriesHasNoValueInAGapAndNoneBeforeItsStart()
    {
        Assert.True(TariffSet.TryLoad(Path.Combine(Folder, "in-gj-rgp-urban.json"), out TariffSet? set, out _));
        TariffSeries series = set.Series["gj-fpppa"];
        Assert.Equal(1.81m, series.PointOn(new(2020, 12, 31))?.Value);
        Assert.Null(series.PointOn(new(2021, 1, 1)));
        Assert.Null(series.PointOn(new(2023, 2, 28)));
        Assert.Equal(2.85m, series.PointOn(new(2023, 3, 1))?.Value);
        Assert.Null(series.PointOn(new(2019, 12, 31)));
        Assert.Equal(2.30m, series.PointOn(new(2031, 1, 1))?.Value);
    }

    [Fact]
    public void AFolderThatRepeatsATariffOrDiffersInASeriesIsRefused()
    {
        string text = File.ReadAllText(Path.Combine(Folder, "in-gj-rgp-urban.json"));
        string rural = File.ReadAllText(Path.Combine(Folder, "in-gj-rgp-rural.json"));
        DirectoryInfo folder = Directory.CreateTempSubdirectory("praman-tariffs-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "a.json"), text);
            File.WriteAllText(Path.Combine(folder.FullName, "b.json"), text);
            Assert.False(TariffSet.TryLoad(folder.FullName, out _, out IReadOnlyList<TariffFault> faults));
            Assert.Contains(faults, f => f.File == "b.json" && f.Message.Contains("in-gj-rgp-urban", StringComparison.Ordinal));
            File.WriteAllText(Path.Combine(folder.FullName, "b.json"), rural.Replace("\"2.30\"", "\"2.31\"", StringComparison.Ordinal));
            Assert.False(TariffSet.TryLoad(folder.FullName, out _, out faults));
            Assert.Equal("$.series.gj-fpppa", Assert.Single(faults).Path);
            File.WriteAllText(Path.Combine(folder.FullName, "b.json"), rural);
            Assert.True(TariffSet.TryLoad(folder.FullName, out TariffSet? set, out _));
            Assert.Equal(2, set.Tariffs.Count);
            // Worked bills beside the tariffs are passed over; another version of the format is not.
            File.WriteAllText(Path.Combine(folder.FullName, "c.json"), """{"format": "praman-worked-bills/1", "cases": []}""");
            Assert.True(TariffSet.TryLoad(folder.FullName, out _, out _));
            File.WriteAllText(Path.Combine(folder.FullName, "c.json"), """{"format": "praman-tariff/2"}""");
            Assert.False(TariffSet.TryLoad(folder.FullName, out _, out faults));
            Assert.Contains(faults, f => f.File == "c.json" && f.Path == "$.format");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void AFolderOrFileThatIsNotThereIsAFault()
    {
        Assert.False(TariffSet.TryLoad(Path.Combine(Folder, "no-such-file.json"), out _, out IReadOnlyList<TariffFault> faults));
        Assert.Contains("no such file", Assert.Single(faults).Message, StringComparison.Ordinal);
        Assert.False(TariffSet.TryParse("""{"format": "praman-worked-bills/1"}"""u8.ToArray(), null, out _, out faults));
        Assert.Contains(faults, f => f.Path == "$.format");
    }

    [Fact]
    public void TheSchemaNamesTheFieldsThatTheLoaderKnows()
    {
        JsonElement schema = JsonElement.Parse(File.ReadAllBytes(Path.Combine(Folder, "tariff.schema.json")));
        string[] inSchema = [.. schema.GetProperty("$defs").GetProperty("tariff").GetProperty("properties").EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal)];
        // The fault of an unknown field lists what the loader would take.
        JsonNode root = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "in-dl-brpl.json")))!;
        root["tariffs"]![0]!["zz"] = 1;
        Assert.False(TariffSet.TryParse(Encoding.UTF8.GetBytes(root.ToJsonString()), null, out _, out IReadOnlyList<TariffFault> faults));
        string listed = Assert.Single(faults).Message.Split("one of ")[1];
        Assert.Equal(inSchema, listed.Split(", "));
    }
}
