using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Praman.Proof;
using Praman.Proof.Canonical;

namespace Praman.Billing.Ledger;

/// <summary>One entry of a group: an amount in minor units, positive a debit, negative a credit, never zero.</summary>
public readonly record struct LedgerEntry(LedgerAccount Account, long Amount);

/// <summary>
/// One record of the journal: a group of entries in its place in the chain. <see cref="Octets"/> is its canonical JSON, which names the hash of the
/// record before it; <see cref="Hash"/> is SHA-256 of those octets. The octets that are stored are the octets that are hashed.
/// </summary>
public sealed class JournalRecord
{
    /// <summary>Octets of the longest record that is read.</summary>
    public const int LengthMax = 256 * 1024;

    private JournalRecord(ReadOnlyMemory<byte> octets, Digest hash) => (Octets, Hash) = (octets, hash);

    /// <summary>1 for the first.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it was written; never before the record before it.</summary>
    public required Instant BookedAt { get; init; }

    /// <summary>The local day that it belongs to.</summary>
    public required LocalDate BusinessDate { get; init; }

    public required PostingAction Action { get; init; }

    public required string Key { get; init; }

    public required string Cause { get; init; }

    public required string? Reference { get; init; }

    /// <summary>The record that this one settles, gives up, reverses or sweeps up after; null for a group of its own.</summary>
    public required long? Target { get; init; }

    /// <summary>Hash of the request that it answers.</summary>
    public required Digest Request { get; init; }

    /// <summary>Hash of the record before it; zero for the first.</summary>
    public required Digest Previous { get; init; }

    public required IReadOnlyList<LedgerEntry> Entries { get; init; }

    public ReadOnlyMemory<byte> Octets { get; }

    public Digest Hash { get; }

    /// <summary>Writes a record.</summary>
    internal static JournalRecord Create(
        JournalHead head, Instant bookedAt, LocalDate businessDate, PostingAction action, string key, string cause, string? reference, long? target, Digest request,
        IReadOnlyList<LedgerEntry> entries)
    {
        CanonicalScratch scratch = CanonicalScratch.Begin(out CanonicalJsonWriter json);
        Write(json, head.Sequence + 1, bookedAt, businessDate, action, key, cause, reference, target, request, head.Hash, entries);
        byte[] octets = scratch.Written.ToArray();
        return new JournalRecord(octets, Digest.Sha256(octets))
        {
            Sequence = head.Sequence + 1, BookedAt = bookedAt, BusinessDate = businessDate, Action = action, Key = key, Cause = cause, Reference = reference,
            Target = target, Request = request, Previous = head.Hash, Entries = entries,
        };
    }

    /// <summary>Reads a record. One record has one text: whatever does not come out again octet for octet is refused.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> octets, [NotNullWhen(true)] out JournalRecord? record, [NotNullWhen(false)] out string? fault)
    {
        record = null;
        fault = octets.Length > LengthMax ? $"a record of at most {LengthMax} octets was expected" : "a record of the journal in canonical JSON was expected";
        if (octets.Length > LengthMax || !CanonicalJson.IsCanonical(octets.Span)) return false;
        using JsonDocument document = JsonDocument.Parse(octets);
        if (document.RootElement is not { ValueKind: JsonValueKind.Object } root) return false;
        if (!TryInteger(root, "sequence", out long sequence) || !PostingActions.TryParse(Text(root, "action"), out PostingAction action)
            || Text(root, "key") is not { } key || Text(root, "cause") is not { } cause
            || InstantPattern.ExtendedIso.Parse(Text(root, "booked_at") ?? "") is not { Success: true } bookedAt
            || LocalDatePattern.Iso.Parse(Text(root, "business_date") ?? "") is not { Success: true } date
            || !Digest.TryParseHex(Text(root, "request"), out Digest request) || !Digest.TryParseHex(Text(root, "previous"), out Digest previous)
            || !TryEntries(root, out List<LedgerEntry>? entries)) return false;
        long? target = TryInteger(root, "target", out long of) ? of : null;
        record = Create(new JournalHead(sequence - 1, previous, bookedAt.Value), bookedAt.Value, date.Value, action, key, cause, Text(root, "reference"), target, request, entries);
        if (record.Octets.Span.SequenceEqual(octets.Span)) fault = null;
        else record = null;
        return record is not null;
    }

    private static void Write(
        CanonicalJsonWriter json, long sequence, Instant bookedAt, LocalDate businessDate, PostingAction action, string key, string cause, string? reference, long? target,
        Digest request, Digest previous, IReadOnlyList<LedgerEntry> entries)
    {
        json.StartObject();
        json.Member("action"u8, action.Word());
        json.Member("booked_at"u8, bookedAt);
        json.Member("business_date"u8, businessDate);
        json.Member("cause"u8, cause);
        json.Name("entries"u8);
        json.StartArray();
        Span<byte> account = stackalloc byte[LedgerAccount.TextLengthMax];
        foreach (LedgerEntry entry in entries)
        {
            json.StartObject();
            json.Member("account"u8, account[..entry.Account.Format(account)]);
            json.Member("amount"u8, entry.Amount);
            json.EndObject();
        }
        json.EndArray();
        json.Member("key"u8, key);
        json.MemberHex("previous"u8, previous.Octets);
        if (reference is not null) json.Member("reference"u8, reference);
        json.MemberHex("request"u8, request.Octets);
        json.Member("sequence"u8, sequence);
        if (target is { } of) json.Member("target"u8, of);
        json.EndObject();
    }

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool TryInteger(JsonElement root, string name, out long number)
    {
        number = 0;
        return root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out number);
    }

    private static bool TryEntries(JsonElement root, [NotNullWhen(true)] out List<LedgerEntry>? entries)
    {
        entries = null;
        if (!root.TryGetProperty("entries", out JsonElement list) || list.ValueKind != JsonValueKind.Array) return false;
        var read = new List<LedgerEntry>();
        foreach (JsonElement item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object || !LedgerAccount.TryParse(Text(item, "account"), out LedgerAccount account) || !TryInteger(item, "amount", out long amount)) return false;
            read.Add(new LedgerEntry(account, amount));
        }
        entries = read;
        return true;
    }
}

/// <summary>The end of the journal: how many records, the hash of the last, and when it was written.</summary>
public readonly record struct JournalHead(long Sequence, Digest Hash, Instant BookedAt)
{
    /// <summary>The journal before its first record.</summary>
    public static JournalHead Empty => new(0, default, Instant.MinValue);
}
