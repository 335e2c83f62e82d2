using System.Text.Json.Nodes;

namespace Praman.Dlms.Explain;

/// <summary>One field of a message in words: where it stands, what it holds, what that means, and the clause that says so.</summary>
public sealed class ExplainNode
{
    private readonly List<ExplainNode> _children = [];

    /// <summary>Octets from the start of <see cref="Of"/> (the whole input where that is null).</summary>
    public required int Offset { get; init; }

    public int Length { get; set; }

    /// <summary>What the offset counts in, where it is not the input itself: <c>apdu</c> (joined from frames), <c>plaintext</c> (deciphered).</summary>
    public string? Of { get; init; }

    public required string Field { get; init; }

    /// <summary>The octets as hex, whole for a field, cut where this holds others.</summary>
    public string? Bytes { get; set; }

    /// <summary>The value as text: a number, a bit-string; hex where it is nothing else.</summary>
    public string? Value { get; set; }

    public string? Meaning { get; set; }

    public string? Clause { get; init; }

    public IReadOnlyList<ExplainNode> Children => _children;

    /// <summary>A field over octets, its hex cut where long.</summary>
    internal static ExplainNode Over(ReadOnlySpan<byte> octets, int offset, string? of, string field, string? meaning, string? clause) => new()
    {
        Offset = offset, Length = octets.Length, Of = of, Field = field, Bytes = ExplainCursor.Hex(octets), Meaning = meaning, Clause = clause,
    };

    /// <summary>How many fields may still be noted in the whole message; shared by all nodes of a tree.</summary>
    internal sealed class Budget(int left)
    {
        public int Left { get; set; } = left;
    }

    internal Budget? Shared { get; set; }

    /// <summary>Notes a field below this one, unless the message has had its share.</summary>
    internal void Add(ExplainNode child)
    {
        child.Shared = Shared;
        if (Shared is not null && --Shared.Left < 0) return;
        _children.Add(child);
    }

    /// <summary>offset, length, of, field, bytes, value, meaning, clause, children; absent ones are left out.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject { ["offset"] = Offset, ["length"] = Length };
        if (Of is not null) json["of"] = Of;
        json["field"] = Field;
        if (Bytes is not null) json["bytes"] = Bytes;
        if (Value is not null) json["value"] = Value;
        if (Meaning is not null) json["meaning"] = Meaning;
        if (Clause is not null) json["clause"] = Clause;
        if (_children.Count > 0) json["children"] = ToJson(_children);
        return json;
    }

    internal static JsonArray ToJson(IEnumerable<ExplainNode> nodes)
    {
        var list = new JsonArray();
        foreach (ExplainNode node in nodes) list.Add((JsonNode)node.ToJson());
        return list;
    }
}
