using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Praman.Billing.Tariffs;
using Praman.Testing;

namespace Praman.Billing.Tests.Tariffs;

/// <summary>What the strict loader refuses, and where it says so.</summary>
public sealed class TariffReaderTests
{
    private static readonly string Delhi = File.ReadAllText(TestFiles.InRepository("tariffs", "in-dl-brpl.json"));

    public static TheoryData<string, string, string> Wrong => new()
    {
        { "format", "\"praman-tariff/2\"", "$.format" },
        { "tariffs[0].currency", "null", "$.tariffs[0].currency" },
        { "tariffs[0].valid_from", "\"2019-02-30\"", "$.tariffs[0].valid_from" },
        { "tariffs[0].valid_to", "\"2018-01-01\"", "$.tariffs[0].valid_to" },
        { "tariffs[0].status", "\"draft\"", "$.tariffs[0].status" },
        { "tariffs[0].billing.cycle_months", "\"1\"", "$.tariffs[0].billing.cycle_months" },
        { "tariffs[0].billing.cycle_months", "0", "$.tariffs[0].billing.cycle_months" },
        { "tariffs[0].billing.unit_step", "\"0\"", "$.tariffs[0].billing.unit_step" },
        { "tariffs[0].billing.prorate", "[\"everything\"]", "$.tariffs[0].billing.prorate[0]" },
        { "tariffs[0].billing.segments", "\"weekly\"", "$.tariffs[0].billing.segments" },
        { "tariffs[0].components[0].kind", "\"lottery\"", "$.tariffs[0].components[0].kind" },
        { "tariffs[0].components[0].bands_by_load[1].upto_kw", "\"1\"", "$.tariffs[0].components[0].bands_by_load[1].upto_kw" },
        { "tariffs[0].components[0].rate", "\"5\"", "$.tariffs[0].components[0].rate" },
        { "tariffs[0].components[1].bands[0].upto", "\"400\"", "$.tariffs[0].components[1].bands[1].upto" },
        { "tariffs[0].components[1].bands[0].upto", "null", "$.tariffs[0].components[1].bands[1].upto" },
        { "tariffs[0].components[1].id", "\"fixed\"", "$.tariffs[0].components[1].id" },
        { "tariffs[0].components[1].sources", "[\"nowhere\"]", "$.tariffs[0].components[1].sources" },
        { "tariffs[0].components[2].of[0].id", "\"etax\"", "$.tariffs[0].components[2].of[0].id" },
        { "tariffs[0].components[2].series", "\"nowhere\"", "$.tariffs[0].components[2].series" },
        { "tariffs[0].components[2].per_band", "\"yes\"", "$.tariffs[0].components[2].per_band" },
        { "tariffs[0].components[4].of", "[]", "$.tariffs[0].components[4].of" },
        { "tariffs[0].subsidies[0].form", "\"gift\"", "$.tariffs[0].subsidies[0].form" },
        { "tariffs[0].subsidies[1].id", "\"gnctd-200\"", "$.tariffs[0].subsidies[1].id" },
        { "tariffs[0].subsidies[0].when.kwh_month", "{}", "$.tariffs[0].subsidies[0].when.kwh_month.lte" },
        { "series.dl-pension.points[1].from", "\"2020-09-01\"", "$.series.dl-pension.points[1].from" },
        { "series.dl-pension.points", "[]", "$.series.dl-pension.points" },
        { "sources.dl-bill-2022-08.kind", "\"rumour\"", "$.sources.dl-bill-2022-08.kind" },
    };

    [Theory, MemberData(nameof(Wrong))]
    public void AWrongValueIsAFaultAtItsPathWithWhatWasExpected(string path, string json, string faultPath)
    {
        JsonNode root = JsonNode.Parse(Delhi)!;
        JsonNode node = root;
        string[] steps = path.Replace("[", ".[", StringComparison.Ordinal).Split('.');
        foreach (string step in steps[..^1]) node = step[0] == '[' ? node[step[1] - '0']! : node[step]!;
        if (steps[^1][0] == '[') node[steps[^1][1] - '0'] = JsonNode.Parse(json);
        else node[steps[^1]] = JsonNode.Parse(json);
        Assert.False(TariffSet.TryParse(Encoding.UTF8.GetBytes(root.ToJsonString()), "delhi.json", out _, out IReadOnlyList<TariffFault> faults));
        Assert.Contains(faults, f => f.Path == faultPath && f.File == "delhi.json" && f.Message.Length > 10);
    }

    [Fact]
    public void EveryMissingFieldIsAFaultOrWasOptional()
    {
        string[] optional =
        [
            "collected", "state", "regulator", "notes", "subsidies", "rebates", "confidence", "note", "segments", "rate_change_split", "sources", "load", "valid_to",
            "per_band", "per_segment", "weight", "when", "flags", "kwh_month", "lte", "gt", "cap_per_month", "to", "upto", "upto_kw",
        ];
        List<string> accepted = [];
        Visit(JsonNode.Parse(Delhi)!, node => node, accepted);
        Assert.All(accepted, name => Assert.Contains(name, optional));

        static void Visit(JsonNode node, Func<JsonNode, JsonNode> find, List<string> accepted)
        {
            if (node is JsonObject members)
            {
                foreach ((string name, JsonNode? value) in members.ToArray())
                {
                    JsonNode root = JsonNode.Parse(Delhi)!;
                    find(root).AsObject().Remove(name);
                    // Sources and series are named by others; removing one is found at who names it.
                    if (TariffSet.TryParse(Encoding.UTF8.GetBytes(root.ToJsonString()), null, out _, out _)) accepted.Add(name);
                    if (value is not null && name is not "sources") Visit(value, root => find(root)[name]!, accepted);
                }
            }
            else if (node is JsonArray items)
            {
                for (int i = 0; i < items.Count; i++)
                {
                    int index = i;
                    Visit(items[i]!, root => find(root)[index]!, accepted);
                }
            }
        }
    }

    [Fact]
    public void AKeyTwiceIsRefused()
    {
        string twice = Delhi.Replace("\"currency\": \"INR\"", "\"currency\": \"INR\", \"currency\": \"USD\"", StringComparison.Ordinal);
        Assert.NotEqual(Delhi, twice);
        Assert.False(TariffSet.TryParse(Encoding.UTF8.GetBytes(twice), null, out _, out IReadOnlyList<TariffFault> faults));
        Assert.StartsWith("not JSON", Assert.Single(faults).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryTruncationIsRefused()
    {
        byte[] whole = Encoding.UTF8.GetBytes(Delhi.TrimEnd());
        for (int length = 0; length < whole.Length; length += length < 200 ? 1 : 7)
        {
            Assert.False(TariffSet.TryParse(whole.AsMemory(0, length), null, out _, out IReadOnlyList<TariffFault> faults));
            Assert.NotEmpty(faults);
        }
    }

    [Fact]
    public void ChangedBytesNeverThrow()
    {
        byte[] whole = Encoding.UTF8.GetBytes(Delhi);
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte).Array[1, 4].Sample(edits =>
        {
            byte[] changed = [.. whole];
            foreach ((int at, byte value) in edits) changed[at] = value;
            bool read = TariffSet.TryParse(changed, null, out TariffSet? set, out IReadOnlyList<TariffFault> faults);
            Assert.Equal(read, set is not null);
            Assert.Equal(read, faults.Count == 0);
            Assert.True(faults.Count <= 32);
        }, seed: "0000KGJ5yaB3", iter: 2_000);
    }
}
