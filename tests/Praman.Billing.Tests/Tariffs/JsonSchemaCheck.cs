using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Praman.Billing.Tests.Tariffs;

/// <summary>Checks a document against a schema (JSON Schema 2020-12): the words that <c>tariff.schema.json</c> uses, and no others. A word that it does
/// not know is an error of the schema, so that nothing which the schema asks is passed over.</summary>
internal sealed class JsonSchemaCheck(JsonElement root)
{
    private static readonly string[] Silent = ["$schema", "$id", "$defs", "title", "description"];

    /// <summary>Where and why the document is not as the schema says; empty where it is.</summary>
    public List<string> Faults(JsonElement document)
    {
        List<string> faults = [];
        Check(root, document, "$", faults);
        return faults;
    }

    private void Check(JsonElement schema, JsonElement value, string path, List<string> faults)
    {
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            if (schema.ValueKind == JsonValueKind.False) faults.Add($"{path}: nothing may stand here");
            return;
        }
        foreach (JsonProperty word in schema.EnumerateObject())
        {
            if (!Silent.Contains(word.Name)) Check(word.Name, word.Value, schema, value, path, faults);
        }
    }

    private void Check(string word, JsonElement asked, JsonElement schema, JsonElement value, string path, List<string> faults)
    {
        switch (word)
        {
            case "$ref":
                Check(Find(asked.GetString()!), value, path, faults);
                break;
            case "type":
                bool isType = asked.ValueKind == JsonValueKind.Array ? asked.EnumerateArray().Any(one => Is(one.GetString()!, value)) : Is(asked.GetString()!, value);
                if (!isType) faults.Add($"{path}: expected {asked}, found {value.ValueKind}");
                break;
            case "const":
                if (!JsonElement.DeepEquals(asked, value)) faults.Add($"{path}: expected {asked}");
                break;
            case "enum":
                if (!asked.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value))) faults.Add($"{path}: expected one of {asked}, found {value}");
                break;
            case "pattern":
                if (value.ValueKind == JsonValueKind.String && !Regex.IsMatch(value.GetString()!, asked.GetString()!, RegexOptions.CultureInvariant | RegexOptions.ECMAScript)) faults.Add($"{path}: '{value}' is not of the form {asked}");
                break;
            case "minItems":
                if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() < asked.GetInt32()) faults.Add($"{path}: expected {asked} or more items");
                break;
            case "items":
                if (value.ValueKind == JsonValueKind.Array)
                {
                    int index = 0;
                    foreach (JsonElement item in value.EnumerateArray()) Check(asked, item, string.Create(CultureInfo.InvariantCulture, $"{path}[{index++}]"), faults);
                }
                break;
            case "required":
                if (value.ValueKind == JsonValueKind.Object) faults.AddRange(asked.EnumerateArray().Where(name => !value.TryGetProperty(name.GetString()!, out _)).Select(name => $"{path}.{name}: missing"));
                break;
            case "properties" or "additionalProperties":
                if (value.ValueKind == JsonValueKind.Object && (word == "properties" || !schema.TryGetProperty("properties", out _))) CheckMembers(schema, value, path, faults);
                break;
            case "propertyNames":
                if (value.ValueKind == JsonValueKind.Object)
                {
                    foreach (JsonProperty member in value.EnumerateObject()) Check(asked, JsonSerializer.SerializeToElement(member.Name), $"{path}.{member.Name}", faults);
                }
                break;
            case "anyOf" or "oneOf":
                CheckChoices(word, asked, value, path, faults);
                break;
            default:
                throw new NotSupportedException($"The schema uses '{word}', which this check does not know.");
        }
    }

    private void CheckMembers(JsonElement schema, JsonElement value, string path, List<string> faults)
    {
        schema.TryGetProperty("properties", out JsonElement named);
        bool hasOthers = schema.TryGetProperty("additionalProperties", out JsonElement others);
        foreach (JsonProperty member in value.EnumerateObject())
        {
            if (named.ValueKind == JsonValueKind.Object && named.TryGetProperty(member.Name, out JsonElement own)) Check(own, member.Value, $"{path}.{member.Name}", faults);
            else if (hasOthers) Check(others, member.Value, $"{path}.{member.Name}", faults);
        }
    }

    private void CheckChoices(string word, JsonElement asked, JsonElement value, string path, List<string> faults)
    {
        List<List<string>> answers = [];
        foreach (JsonElement choice in asked.EnumerateArray())
        {
            List<string> answer = [];
            Check(choice, value, path, answer);
            answers.Add(answer);
        }
        int held = answers.Count(answer => answer.Count == 0);
        if (held == 1 || (held > 1 && word == "anyOf")) return;
        if (held > 1) faults.Add($"{path}: {held} of the forms hold, one is expected");
        else faults.AddRange(answers.MaxBy(DepthOf)!); // the form that was followed deepest says most
    }

    private static int DepthOf(List<string> faults) => faults.Max(fault => fault.Split(':')[0].Count(c => c is '.' or '['));

    private JsonElement Find(string reference)
    {
        JsonElement found = root;
        foreach (string step in reference.Split('/').Skip(1)) found = found.GetProperty(step);
        return found;
    }

    private static bool Is(string type, JsonElement value) => type switch
    {
        "null" => value.ValueKind == JsonValueKind.Null,
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind == JsonValueKind.Number,
        _ => throw new NotSupportedException($"The schema names a type '{type}', which this check does not know."),
    };
}
