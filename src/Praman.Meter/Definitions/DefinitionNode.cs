using System.Globalization;
using System.Text.Json;
using Praman.Metering;

namespace Praman.Meter.Definitions;

/// <summary>The first fault of a definition: later ones follow from it more often than not.</summary>
internal sealed class DefinitionFault
{
    public string? Text { get; private set; }

    public bool IsSet => Text is not null;

    public void Set(string path, string reason) => Text ??= $"{path}: {reason}";
}

/// <summary>A member of a definition with its place in it. What is asked of it and is not there is noted as the fault.</summary>
internal readonly struct DefinitionNode(JsonElement element, string path, DefinitionFault fault)
{
    public JsonElement Element { get; } = element;

    public string Path { get; } = path;

    public bool Fail(string reason)
    {
        fault.Set(Path, reason);
        return false;
    }

    public bool Has(string name) => Element.ValueKind == JsonValueKind.Object && Element.TryGetProperty(name, out _);

    /// <summary>A member; a fault where it is absent.</summary>
    public DefinitionNode this[string name]
    {
        get
        {
            string at = Path.Length == 0 ? name : $"{Path}.{name}";
            if (Element.ValueKind == JsonValueKind.Object && Element.TryGetProperty(name, out JsonElement member)) return new(member, at, fault);
            fault.Set(Path.Length == 0 ? "the file" : Path, Element.ValueKind == JsonValueKind.Object ? $"member '{name}' is missing" : $"{Kind} where an object was expected");
            return new(default, at, fault);
        }
    }

    /// <summary>An object with no members but these.</summary>
    public bool IsObjectOf(params ReadOnlySpan<string> names)
    {
        if (fault.IsSet) return false;
        if (Element.ValueKind != JsonValueKind.Object) return Fail($"{Kind} where an object was expected");
        foreach (JsonProperty property in Element.EnumerateObject())
        {
            if (!names.Contains(property.Name)) return Fail($"unknown member '{property.Name}': expected {string.Join(", ", names.ToArray())}");
        }
        return true;
    }

    public IEnumerable<DefinitionNode> Items(int countMax)
    {
        if (fault.IsSet) yield break;
        if (Element.ValueKind != JsonValueKind.Array)
        {
            Fail($"{Kind} where a list was expected");
            yield break;
        }
        if (Element.GetArrayLength() > countMax)
        {
            Fail($"{Element.GetArrayLength()} elements: expected {countMax} at most");
            yield break;
        }
        int index = 0;
        foreach (JsonElement item in Element.EnumerateArray()) yield return new(item, string.Create(CultureInfo.InvariantCulture, $"{Path}[{index++}]"), fault);
    }

    public string Text(int lengthMax = 200)
    {
        if (fault.IsSet) return "";
        if (Element.ValueKind != JsonValueKind.String) Fail($"{Kind} where text was expected");
        else if (Element.GetString()!.Length > lengthMax) Fail($"text of {Element.GetString()!.Length} characters: expected {lengthMax} at most");
        else return Element.GetString()!;
        return "";
    }

    public long Number(long least, long most)
    {
        if (fault.IsSet) return least;
        if (Element.ValueKind != JsonValueKind.Number || !Element.TryGetInt64(out long value)) Fail($"{Shown} where a whole number from {least} to {most} was expected");
        else if (value < least || value > most) Fail(string.Create(CultureInfo.InvariantCulture, $"{value}: expected {least} to {most}"));
        else return value;
        return least;
    }

    public bool Truth()
    {
        if (fault.IsSet) return false;
        if (Element.ValueKind is JsonValueKind.True or JsonValueKind.False) return Element.ValueKind == JsonValueKind.True;
        return Fail($"{Kind} where true or false was expected");
    }

    public ObisCode LogicalName()
    {
        string text = Text();
        if (fault.IsSet) return default;
        if (ObisCode.TryParse(text, out ObisCode code)) return code;
        Fail($"'{text}' where a logical name was expected, such as 1.0.1.8.0.255");
        return default;
    }

    private string Shown => Element.ValueKind is JsonValueKind.Number or JsonValueKind.String ? Element.GetRawText() is { Length: < 40 } raw ? raw : Kind : Kind;

    private string Kind => Element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "text",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "true or false",
        _ => "nothing",
    };
}
