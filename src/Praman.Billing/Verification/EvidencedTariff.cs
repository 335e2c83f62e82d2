using System.Buffers;
using System.Text.Json;
using Praman.Billing.Invoicing;
using Praman.Billing.Rating;
using Praman.Billing.Tariffs;

namespace Praman.Billing.Verification;

/// <summary>The tariff of an evidence file with its series, ready to rate; or why it cannot be.</summary>
/// <param name="UsedSeries">Ids of the series that its components refer to, sorted.</param>
internal sealed record EvidencedTariff(CompiledTariff? Compiled, IReadOnlyList<string> UsedSeries, string? Fault)
{
    /// <summary>Where the quantity of each line comes from.</summary>
    public Dictionary<string, string[]> InputsOfLines { get; } = Compiled is null ? [] : LineInputs.Of(Compiled.Tariff);

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    /// <summary>
    /// Reads the objects as a tariff file of their own. The titles of sources are no part of what was hashed, so their ids are taken from where they are named.
    /// </summary>
    public static EvidencedTariff Read(EvidenceDocument evidence)
    {
        var ids = new SortedSet<string>(StringComparer.Ordinal);
        using JsonDocument tariff = JsonDocument.Parse(evidence.Tariff.Octets, Strict);
        CollectSources(tariff.RootElement, ids);
        string[] used = UsedSeriesOf(tariff.RootElement);
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("format", "praman-tariff/1");
            json.WriteStartObject("series");
            foreach (EvidenceSeries series in evidence.Series)
            {
                using JsonDocument of = JsonDocument.Parse(series.Part.Octets, Strict);
                CollectSources(of.RootElement, ids);
                json.WritePropertyName(series.Id);
                json.WriteRawValue(series.Part.Octets);
            }
            json.WriteEndObject();
            json.WriteStartObject("sources");
            foreach (string id in ids)
            {
                json.WriteStartObject(id);
                foreach (string name in (ReadOnlySpan<string>)["title", "url", "publisher", "date"]) json.WriteString(name, "");
                json.WriteString("kind", "primary");
                json.WriteEndObject();
            }
            json.WriteEndObject();
            json.WriteStartArray("tariffs");
            json.WriteRawValue(evidence.Tariff.Octets);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        if (!TariffSet.TryParse(output.WrittenMemory, BillFiles.EvidenceName, out TariffSet? set, out IReadOnlyList<TariffFault> faults))
            return new(null, used, faults.Count > 0 ? faults[0].ToString() : "not a tariff");
        string? missing = Array.Find(used, id => !set.Series.ContainsKey(id));
        return missing is null ? new(CompiledTariff.Compile(set.Tariffs.Values.Single(), set), used, null) : new(null, used, $"the series {missing} is not there");
    }

    private static string[] UsedSeriesOf(JsonElement tariff)
    {
        var used = new SortedSet<string>(StringComparer.Ordinal);
        if (tariff.TryGetProperty("components", out JsonElement components) && components.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement component in components.EnumerateArray())
            {
                if (component.ValueKind == JsonValueKind.Object && component.TryGetProperty("series", out JsonElement series) && series.ValueKind == JsonValueKind.String)
                    used.Add(series.GetString()!);
            }
        }
        return [.. used];
    }

    private static void CollectSources(JsonElement element, SortedSet<string> ids)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in element.EnumerateArray()) CollectSources(item, ids);
        }
        if (element.ValueKind != JsonValueKind.Object) return;
        foreach (JsonProperty member in element.EnumerateObject())
        {
            if (member.NameEquals("source") && member.Value.ValueKind == JsonValueKind.String) ids.Add(member.Value.GetString()!);
            else if (member.NameEquals("sources") && member.Value.ValueKind == JsonValueKind.Array)
            {
                foreach (JsonElement id in member.Value.EnumerateArray())
                {
                    if (id.ValueKind == JsonValueKind.String) ids.Add(id.GetString()!);
                }
            }
            else CollectSources(member.Value, ids);
        }
    }
}
