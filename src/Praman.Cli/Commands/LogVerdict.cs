using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using NodaTime.Text;
using Praman.Metering;
using Praman.Proof.Logs;
using Praman.Proof.Notes;

namespace Praman.Cli.Commands;

/// <summary>A published tariff or series, and the first entry that commits to it; null where none does.</summary>
internal sealed record LoggedObject(string Kind, string Id, long? Entry);

/// <summary>What <c>praman log verify</c> found.</summary>
internal sealed record LogVerdict(
    SignedCheckpoint Head, CheckpointTrust Trust, IReadOnlyList<LogFault> Faults, LogAudit Audit, int Kept, IReadOnlyList<LoggedObject>? Published)
{
    public bool IsWhole => Faults.Count == 0;

    private string Word => IsWhole ? "WHOLE" : "FAULTY";

    public string ToJson()
    {
        var entries = new JsonObject();
        foreach ((LogEntryKind kind, long count) in Audit.Entries) entries[Encoding.ASCII.GetString(LogEntry.Word(kind))] = count;
        var json = new JsonObject
        {
            ["verdict"] = Word, ["origin"] = Head.Checkpoint.Origin, ["size"] = Head.Size, ["root"] = Head.Root.ToBase64(), ["read"] = Audit.Size, ["entries"] = entries,
            ["witnesses"] = new JsonArray([.. Trust.Witnesses.Select(one => (JsonNode)new JsonObject { ["name"] = one.Witness, ["at"] = InstantPattern.General.Format(one.At) })]),
            ["kept"] = Kept,
            ["faults"] = new JsonArray([.. Faults.Select(fault => (JsonNode)new JsonObject { ["place"] = fault.Place, ["reason"] = fault.Reason })]),
        };
        if (Published is not null)
            json["published"] = new JsonArray([.. Published.Select(one => (JsonNode)new JsonObject { ["kind"] = one.Kind, ["id"] = one.Id, ["entry"] = one.Entry })]);
        return json.ToJsonString();
    }

    public string ToText()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Word}  {Head.Checkpoint.Origin}, {Counted.Of(Head.Size, "entry", "entries")}, root {Head.Root.ToBase64()}\n");
        text.Append(CultureInfo.InvariantCulture, $"  entries read: {Audit.Size}");
        foreach ((LogEntryKind kind, long count) in Audit.Entries) text.Append(CultureInfo.InvariantCulture, $", {Encoding.ASCII.GetString(LogEntry.Word(kind))} {count}");
        text.Append('\n');
        foreach (WitnessedAt one in Trust.Witnesses) text.Append(CultureInfo.InvariantCulture, $"  cosigned by {one.Witness} at {InstantPattern.General.Format(one.At)}\n");
        if (Kept > 0) text.Append(CultureInfo.InvariantCulture, $"  heads that were kept earlier: {Kept}\n");
        foreach (LoggedObject one in Published ?? [])
            text.Append(CultureInfo.InvariantCulture, $"  {one.Kind} {one.Id}: {(one.Entry is { } entry ? $"entry {entry}" : "not in the log")}\n");
        foreach (LogFault fault in Faults) text.Append(CultureInfo.InvariantCulture, $"  ✗ {fault.Place}: {fault.Reason}\n");
        return text.ToString();
    }
}
