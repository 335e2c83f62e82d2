using System.Text.Json;
using System.Text.Json.Nodes;
using Praman.Dlms.Explain;
using Praman.Testing;

namespace Praman.Dlms.Tests.Explain;

/// <summary>One of the shared vectors: octets and what they mean.</summary>
public sealed record Vector(string File, string Name, string Layer, byte[] Bytes, JsonObject Keys, JsonObject Expected)
{
    /// <summary>The keys of the vector, and the system title that its expectation names (an APDU that does not carry one needs it).</summary>
    public DlmsKeys DlmsKeys(bool withTitle)
    {
        var keys = new DlmsKeys();
        foreach ((string name, JsonNode? value) in Keys) Assert.True(keys.TryAdd(name, Convert.FromHexString(value!.GetValue<string>()), out string? fault), fault);
        string? title = withTitle ? Vectors.FindTitle(Expected) : null;
        if (title is not null) Assert.True(keys.TryAdd("systemTitle", Convert.FromHexString(title), out string? fault), fault);
        return keys;
    }

    public bool IsMalformed => Expected.ContainsKey("malformed") || Expected.ContainsKey("error");

    public override string ToString() => $"{File}: {Name}";
}

/// <summary>Loads the shared vectors, where they are beside this checkout.</summary>
internal static class Vectors
{
    private const string Folder = "vectors/dlms";
    private const string Absent = "absent";

    private static readonly Lazy<IReadOnlyList<Vector>> Loaded = new(LoadAll);

    public static IReadOnlyList<Vector> All => Loaded.Value;

    /// <summary>Names of the vectors of some layers; one row that skips where the folder is absent.</summary>
    public static TheoryData<string> Names(Func<Vector, bool> which)
    {
        var data = new TheoryData<string>();
        foreach (Vector vector in All.Where(which)) data.Add(vector.ToString());
        if (data.Count == 0) data.Add(Absent);
        return data;
    }

    public static Vector Get(string name)
    {
        TestFiles.SharedOrSkip(Folder);
        return All.First(vector => vector.ToString() == name);
    }

    public static string? FindTitle(JsonNode? node) => node switch
    {
        JsonObject json when json["systemTitle"] is JsonValue title => title.GetValue<string>(),
        JsonObject json => json.Select(member => FindTitle(member.Value)).FirstOrDefault(found => found is not null),
        JsonArray list => list.Select(FindTitle).FirstOrDefault(found => found is not null),
        _ => null,
    };

    /// <summary>Every member that <paramref name="expected"/> has must be in <paramref name="actual"/>, with the same value.</summary>
    public static void AssertHolds(JsonNode? expected, JsonNode? actual, string path)
    {
        switch (expected)
        {
            case JsonObject json:
                Assert.True(actual is JsonObject, $"{path}: an object is expected, found {Show(actual)}");
                foreach ((string name, JsonNode? member) in json)
                {
                    Assert.True(actual!.AsObject().ContainsKey(name), $"{path}.{name} is missing");
                    AssertHolds(member, actual[name], $"{path}.{name}");
                }
                break;
            case JsonArray list:
                Assert.True(actual is JsonArray, $"{path}: a list is expected, found {Show(actual)}");
                Assert.True(list.Count == actual!.AsArray().Count, $"{path}: {list.Count} elements are expected, found {actual.AsArray().Count}");
                for (int index = 0; index < list.Count; index++) AssertHolds(list[index], actual[index], $"{path}[{index}]");
                break;
            default:
                Assert.True(Show(expected) == Show(actual), $"{path}: expected {Show(expected)}, found {Show(actual)}");
                break;
        }
    }

    private static string Show(JsonNode? node) => node?.ToJsonString() ?? "null";

    private static List<Vector> LoadAll()
    {
        var all = new List<Vector>();
        if (TestFiles.Shared(Folder) is not { } folder) return all;
        foreach (string path in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            foreach (JsonNode? node in JsonNode.Parse(File.ReadAllText(path), documentOptions: new JsonDocumentOptions { MaxDepth = 256 })!.AsArray())
            {
                JsonObject json = node!.AsObject();
                all.Add(new(Path.GetFileNameWithoutExtension(path), json["name"]!.GetValue<string>(), json["layer"]!.GetValue<string>(),
                    Convert.FromHexString(json["hex"]!.GetValue<string>()), json["keys"]?.AsObject() ?? [], json["expected"]!.AsObject()));
            }
        }
        return all;
    }
}
