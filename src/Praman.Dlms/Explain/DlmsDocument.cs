using System.Text.Json.Nodes;

namespace Praman.Dlms.Explain;

/// <summary>What a decoded message holds: as data, in words, and as readings.</summary>
public sealed class DlmsDocument
{
    /// <summary>Fields that are explained at most; the content is whole.</summary>
    public const int FieldsMax = 50_000;

    internal DlmsDocument(string layer) => Layer = layer;

    /// <summary>hdlc, wrapper, mbus, apdu, axdr or cosem-date-time.</summary>
    public string Layer { get; }

    /// <summary>The members frames, llc, wrapper, apdu and so on.</summary>
    public JsonObject Content { get; } = [];

    /// <summary>Every field with its octets and its meaning.</summary>
    public IReadOnlyList<ExplainNode> Explain => Root.Children;

    /// <summary>Values that the message names.</summary>
    public IReadOnlyList<DlmsReading> Readings => ReadingList;

    /// <summary>One sentence on the whole.</summary>
    public string Summary { get; internal set; } = "";

    /// <summary>True where a tag was checked and does not verify, or a key gives no APDU.</summary>
    public bool IsRefused { get; internal set; }

    /// <summary>True where keys were given and yet an APDU was not opened, because its sender's system title is not known.</summary>
    public bool IsUnopened { get; internal set; }

    /// <summary>What is wrong with its protection; each is among the notes too.</summary>
    public IReadOnlyList<DlmsFinding> Findings => FindingList;

    /// <summary>What could not be done and why: a key that is missing, a tag that does not verify.</summary>
    public IReadOnlyList<string> Notes => [.. AllNotes];

    internal List<DlmsReading> ReadingList { get; } = [];

    internal List<string> NoteList { get; } = [];

    internal List<DlmsFinding> FindingList { get; } = [];

    internal void Add(DlmsFindingKind kind, string text) => FindingList.Add(new(kind, text));

    internal void AddNoted(DlmsFindingKind kind, string text)
    {
        NoteList.Add(text);
        Add(kind, text);
    }

    private IEnumerable<string> AllNotes => Root.Shared!.Left < 0 ? NoteList.Append($"the explanation ends after {FieldsMax} fields") : NoteList;

    internal ExplainNode Root { get; } = new() { Offset = 0, Field = "message", Shared = new ExplainNode.Budget(FieldsMax) };

    /// <summary>protocol, layer, the content, summary, notes, findings, explain and readings.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject { ["protocol"] = "dlms", ["layer"] = Layer };
        foreach ((string name, JsonNode? member) in Content) json[name] = member?.DeepClone();
        json["summary"] = Summary;
        if (AllNotes.Any())
        {
            var notes = new JsonArray();
            foreach (string note in AllNotes) notes.Add((JsonNode)note);
            json["notes"] = notes;
        }
        if (FindingList.Count > 0) json["findings"] = new JsonArray([.. FindingList.Select(finding => (JsonNode)finding.ToJson())]);
        json["explain"] = ExplainNode.ToJson(Explain);
        if (Readings.Count > 0)
        {
            var readings = new JsonArray();
            foreach (DlmsReading reading in Readings) readings.Add((JsonNode)reading.ToJson());
            json["readings"] = readings;
        }
        return json;
    }
}
