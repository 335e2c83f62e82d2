using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Praman.Billing.Verification;

namespace Praman.Billing.Tests.Verification;

/// <summary>A member that is unknown or missing is named itself, by its whole path, by both verifiers.</summary>
public class MemberPlaceTests
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private sealed record Fault(string File, string Place, BillFiles Files);

    [Fact]
    public void EachUnknownAndEachMissingMemberIsNamedByItsPath()
    {
        var issue = new SampleIssue(new SampleOptions { TariffId = "in-as-domA-2023-06", HasExchange = true });
        BillFiles files = issue.Bill.Files;
        List<Fault> faults =
        [
            .. Faults(issue.Bill.Bill).Select(one => new Fault(BillFiles.BillName, one.Place, files with { Bill = one.Changed })),
            .. Faults(issue.Bill.Evidence).Select(one => new Fault(BillFiles.EvidenceName, one.Place, files with { Evidence = one.Changed })),
        ];
        Assert.Contains(faults, fault => fault.Place == "note");
        Assert.Contains(faults, fault => fault.Place == "issued");
        Assert.Contains(faults, fault => fault.Place == "lines[0].note");
        Assert.Contains(faults, fault => fault is { File: BillFiles.EvidenceName, Place: "blocks[3].salt" });
        using var folder = new BillFolder();
        string[] theirs = SecondVerifier.RunBatch(folder.WriteKeys(issue.Policy), faults.Select(fault => fault.Files));
        Assert.Equal(faults.Count, theirs.Length);
        var verifier = new BillVerifier(issue.Policy);
        for (int i = 0; i < faults.Count; i++)
        {
            Assert.False(verifier.TryVerify(faults[i].Files, out _, out UnreadableFile? ours), faults[i].Place);
            Assert.Equal((faults[i].File, faults[i].Place), (ours.File, ours.Field));
            Assert.Contains(ours.Error.Reason, (string[])["unknown member", "this member is missing", .. Expected(ours.Error.Reason)]);
            JsonElement second = JsonElement.Parse(theirs[i]);
            Assert.Equal(("UNREADABLE", faults[i].File, faults[i].Place), (second.GetProperty("verdict").GetString(), second.GetProperty("file").GetString(), second.GetProperty("place").GetString()));
        }
    }

    private static string[] Expected(string reason) => reason.StartsWith("unknown member, \"", StringComparison.Ordinal) && reason.EndsWith("\" is expected", StringComparison.Ordinal) ? [reason] : [];

    [Theory]
    [InlineData("\"gate\":\"final\"", "\"gate\":\"closed\"", "gate")]
    [InlineData("\"from\":\"2026-04-01\"", "\"from\":\"2026-04-31\"", "period.from")]
    [InlineData("\"from\":\"2026-04-01\"", "\"from\":\"2026-05-01\"", "period.to")]
    [InlineData("\"time_zone\":\"Asia/Kolkata\"", "\"time_zone\":\"Asia/Nowhere\"", "time_zone")]
    [InlineData("\"time_zone\":\"Asia/Kolkata\"", "\"time_zone\":\"asia/kolkata\"", "time_zone")]
    [InlineData("\"time_zone\":\"Asia/Kolkata\"", "\"time_zone\":\"ASIA/KOLKATA\"", "time_zone")]
    [InlineData("\"time_zone\":\"Asia/Kolkata\"", "\"time_zone\":\"utc\"", "time_zone")]
    [InlineData("\"time_zone\":\"Asia/Kolkata\"", "\"time_zone\":\"+05:30\"", "time_zone")]
    [InlineData("\"utility\":\"", "\"utility\":\"\\ud800", "utility")]
    [InlineData("\"closing_at\":\"2026-04-30T18:30:00Z\"", "\"closing_at\":\"2026-04-30T18:30:60Z\"", "readings.segments[0].closing_at")]
    public void AValueOfAnotherFormIsNamedByItsPath(string before, string after, string place)
    {
        var issue = new SampleIssue(new SampleOptions());
        string text = System.Text.Encoding.UTF8.GetString(issue.Bill.Bill);
        Assert.Contains(before, text, StringComparison.Ordinal);
        BillFiles files = issue.Bill.Files with { Bill = System.Text.Encoding.UTF8.GetBytes(text.Replace(before, after, StringComparison.Ordinal)) };
        Assert.False(new BillVerifier(issue.Policy).TryVerify(files, out _, out UnreadableFile? fault));
        Assert.Equal((BillFiles.BillName, place), (fault.File, fault.Field));
        using var folder = new BillFolder();
        JsonElement second = JsonElement.Parse(Assert.Single(SecondVerifier.RunBatch(folder.WriteKeys(issue.Policy), [files])));
        Assert.Equal(place, second.GetProperty("place").GetString());
    }

    /// <summary>Each name of the tz database is taken by both, in its one spelling; Node's own copy lacks the one that stands for no zone.</summary>
    [Fact]
    public void EveryZoneOfTheDatabaseIsReadByBothAndInNoOtherSpelling()
    {
        var issue = new SampleIssue(new SampleOptions());
        string text = System.Text.Encoding.UTF8.GetString(issue.Bill.Bill);
        string[] ids = [.. NodaTime.DateTimeZoneProviders.Tzdb.Ids.Where(id => id != "Factory")];
        Assert.True(ids.Length > 500, $"{ids.Length}");
        string[] wrong = [.. ids.SelectMany(id => (string[])[id.ToLowerInvariant(), id.ToUpperInvariant()]).Distinct().Where(id => NodaTime.DateTimeZoneProviders.Tzdb.GetZoneOrNull(id) is null)];
        using var folder = new BillFolder();
        string[] Places(string[] zones) =>
        [
            .. SecondVerifier.RunBatch(
                    folder.WriteKeys(issue.Policy),
                    zones.Select(id => issue.Bill.Files with { Bill = System.Text.Encoding.UTF8.GetBytes(text.Replace("\"time_zone\":\"Asia/Kolkata\"", $"\"time_zone\":\"{id}\"", StringComparison.Ordinal)) }))
                .Select(line => JsonElement.Parse(line).TryGetProperty("place", out JsonElement place) ? place.GetString()! : ""),
        ];
        Assert.Empty(ids.Zip(Places(ids)).Where(pair => pair.Second == "time_zone").Select(pair => pair.First));
        Assert.Empty(wrong.Zip(Places(wrong)).Where(pair => pair.Second != "time_zone").Select(pair => pair.First));
    }

    /// <summary>Members of tariffs and series are those of another format, and of external values anything.</summary>
    private static bool IsFree(string path) => path.EndsWith("object", StringComparison.Ordinal) || path.EndsWith("external", StringComparison.Ordinal);

    private static IEnumerable<(string Place, byte[] Changed)> Faults(byte[] file)
    {
        foreach (string path in Objects(JsonNode.Parse(file)!, "").ToArray())
        {
            string prefix = path.Length > 0 ? path + "." : "";
            foreach (string unknown in (string[])["a", "note", "zz"])
            {
                JsonNode json = JsonNode.Parse(file)!;
                JsonObject at = At(json, path);
                KeyValuePair<string, JsonNode?>[] members = [.. at.Append(new(unknown, 1)).OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => KeyValuePair.Create(one.Key, one.Value?.DeepClone()))];
                at.Clear();
                foreach ((string name, JsonNode? value) in members) at.Add(name, value);
                yield return (prefix + unknown, JsonSerializer.SerializeToUtf8Bytes(json, Plain));
            }
            foreach (string name in At(JsonNode.Parse(file)!, path).Select(one => one.Key).ToArray())
            {
                JsonNode json = JsonNode.Parse(file)!;
                At(json, path).Remove(name);
                yield return (prefix + name, JsonSerializer.SerializeToUtf8Bytes(json, Plain));
            }
        }
    }

    /// <summary>Paths of all objects of fixed members; of a long array the first four items.</summary>
    private static IEnumerable<string> Objects(JsonNode? node, string path)
    {
        if (node is JsonArray array) return array.Take(4).SelectMany((item, i) => Objects(item, $"{path}[{i}]"));
        if (node is not JsonObject json || IsFree(path)) return [];
        return json.SelectMany(member => Objects(member.Value, path.Length > 0 ? $"{path}.{member.Key}" : member.Key)).Prepend(path);
    }

    private static JsonObject At(JsonNode json, string path)
    {
        foreach (string step in path.Replace("[", ".[", StringComparison.Ordinal).Split('.', StringSplitOptions.RemoveEmptyEntries))
            json = step[0] == '[' ? json[int.Parse(step[1..^1], System.Globalization.CultureInfo.InvariantCulture)]! : json[step]!;
        return (JsonObject)json;
    }
}
