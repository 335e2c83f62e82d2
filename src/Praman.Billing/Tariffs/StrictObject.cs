using System.Globalization;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Praman.Billing.Rating;

namespace Praman.Billing.Tariffs;

/// <summary>A JSON object that is read by name and closed: what was not asked for is a fault, and so is a value of another form.
/// After a fault a stand-in value is returned, so that one pass finds them all; who reads checks <see cref="FaultList.Any"/> at the end.</summary>
internal sealed class StrictObject
{
    private readonly JsonElement _element;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    private StrictObject(JsonElement element, string path, FaultList faults) => (_element, Path, Faults) = (element, path, faults);

    public string Path { get; }
    public FaultList Faults { get; }
    public JsonElement Element => _element;

    /// <summary>Null, with a fault, where the value is not an object.</summary>
    public static StrictObject? Open(JsonElement element, string path, FaultList faults)
    {
        if (element.ValueKind == JsonValueKind.Object) return new(element, path, faults);
        faults.Add(path, $"expected an object, found {KindOf(element)}");
        return null;
    }

    public string At(string name) => Path + "." + name;
    public void Fault(string name, string message) => Faults.Add(At(name), message);

    /// <summary>Whether the member is there and not null.</summary>
    public bool Has(string name) => _element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>Faults for every member that was never asked for.</summary>
    public void Close()
    {
        foreach (JsonProperty member in _element.EnumerateObject())
        {
            if (!_known.Contains(member.Name)) Fault(member.Name, $"unknown field; expected one of {string.Join(", ", _known.Order(StringComparer.Ordinal))}");
        }
    }

    public bool TryGet(string name, out JsonElement value)
    {
        _known.Add(name);
        return _element.TryGetProperty(name, out value);
    }

    /// <summary>Names a member that may be there and carries nothing for the engine.</summary>
    public void Ignore(string name) => _known.Add(name);

    public string Text(string name) => OptionalText(name) ?? Missing(name, "a text", "");

    /// <summary>A text, or null where the member is absent or null.</summary>
    public string? OptionalText(string name)
    {
        if (!TryGet(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null) return null;
        if (value.ValueKind == JsonValueKind.String) return value.GetString();
        Fault(name, $"expected a text, found {KindOf(value)}");
        return "";
    }

    public decimal Number(string name) => OptionalNumber(name) ?? Missing(name, DecimalText.Expectation, 0m);

    /// <summary>A decimal string, or null where the member is absent or null.</summary>
    public decimal? OptionalNumber(string name)
    {
        if (!TryGet(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null) return null;
        return ReadNumber(value, At(name), Faults);
    }

    public static decimal ReadNumber(JsonElement value, string path, FaultList faults)
    {
        if (value.ValueKind == JsonValueKind.String && DecimalText.TryParse(value.GetString(), out decimal number)) return number;
        faults.Add(path, $"expected {DecimalText.Expectation}, found {KindOf(value)}");
        return 0;
    }

    public int Integer(string name, int min, int max)
    {
        if (!TryGet(name, out JsonElement value)) return Missing(name, "a whole number", min);
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= min && number <= max) return number;
        Fault(name, $"expected a whole number from {min} to {max}, found {KindOf(value)}");
        return min;
    }

    public bool OptionalFlag(string name)
    {
        if (!TryGet(name, out JsonElement value)) return false;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return value.GetBoolean();
        Fault(name, $"expected true or false, found {KindOf(value)}");
        return false;
    }

    public LocalDate Date(string name) => OptionalDate(name) ?? Missing(name, "a date such as 2025-04-01", default(LocalDate));

    public LocalDate? OptionalDate(string name)
    {
        if (!TryGet(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null) return null;
        if (value.ValueKind == JsonValueKind.String && LocalDatePattern.Iso.Parse(value.GetString()!) is { Success: true } parsed) return parsed.Value;
        Fault(name, $"expected a date such as 2025-04-01, found {KindOf(value)}");
        return default(LocalDate);
    }

    /// <summary>A time of day; <c>24:00</c> is the end of the day and is returned as midnight.</summary>
    public LocalTime? OptionalTime(string name)
    {
        if (!TryGet(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null) return null;
        if (value.ValueKind == JsonValueKind.String)
        {
            string text = value.GetString()!;
            if (text == "24:00") return LocalTime.Midnight;
            if (LocalTimePattern.CreateWithInvariantCulture("HH':'mm").Parse(text) is { Success: true } parsed) return parsed.Value;
        }
        Fault(name, $"expected a time such as 16:00, found {KindOf(value)}");
        return null;
    }

    public T Choice<T>(string name, (string Word, T Value)[] words) where T : struct =>
        OptionalChoice(name, words) ?? Missing(name, OneOf(words), default(T));

    public T? OptionalChoice<T>(string name, (string Word, T Value)[] words) where T : struct
    {
        if (!TryGet(name, out JsonElement value)) return null;
        return ReadChoice(value, At(name), words);
    }

    public T ReadChoice<T>(JsonElement value, string path, (string Word, T Value)[] words)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            foreach ((string word, T meaning) in words)
            {
                if (value.ValueEquals(word)) return meaning;
            }
        }
        Faults.Add(path, $"expected {OneOf(words)}, found {KindOf(value)}");
        return words[0].Value;
    }

    /// <summary>The items of a list with their paths; empty where the member is absent.</summary>
    public IEnumerable<(JsonElement Item, string Path)> Items(string name)
    {
        if (!TryGet(name, out JsonElement value)) yield break;
        if (value.ValueKind != JsonValueKind.Array)
        {
            Fault(name, $"expected a list, found {KindOf(value)}");
            yield break;
        }
        int index = 0;
        foreach (JsonElement item in value.EnumerateArray())
        {
            yield return (item, string.Create(CultureInfo.InvariantCulture, $"{At(name)}[{index++}]"));
        }
    }

    public IEnumerable<StrictObject> Objects(string name)
    {
        foreach ((JsonElement item, string path) in Items(name))
        {
            if (Open(item, path, Faults) is { } one) yield return one;
        }
    }

    public StrictObject? OptionalObject(string name) =>
        TryGet(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? Open(value, At(name), Faults) : null;

    public List<string> Texts(string name)
    {
        List<string> texts = [];
        foreach ((JsonElement item, string path) in Items(name))
        {
            if (item.ValueKind == JsonValueKind.String) texts.Add(item.GetString()!);
            else Faults.Add(path, $"expected a text, found {KindOf(item)}");
        }
        return texts;
    }

    public static string KindOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "the text \"" + Shortened(element.GetString()!) + "\"",
        JsonValueKind.Number => "the number " + Shortened(element.GetRawText()),
        JsonValueKind.Null => "null",
        _ => element.GetRawText(),
    };

    private static string Shortened(string text) => text.Length <= 40 ? text : string.Concat(text.AsSpan(0, 40), "…");
    private static string OneOf<T>((string Word, T Value)[] words) => "one of " + string.Join(", ", words.Select(w => w.Word));

    private T Missing<T>(string name, string expected, T standIn)
    {
        if (!_element.TryGetProperty(name, out JsonElement value)) Fault(name, $"missing; expected {expected}");
        else if (value.ValueKind == JsonValueKind.Null) Fault(name, $"expected {expected}, found null");
        return standIn;
    }
}
