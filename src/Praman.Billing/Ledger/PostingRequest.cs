using NodaTime;
using Praman.Proof;
using Praman.Proof.Canonical;

namespace Praman.Billing.Ledger;

/// <summary>What a record of the journal does.</summary>
public enum PostingAction
{
    /// <summary>Posts a group of entries.</summary>
    Post,
    /// <summary>Holds a group: pending, no balance changes yet.</summary>
    Hold,
    /// <summary>Posts a held group.</summary>
    Settle,
    /// <summary>Gives a held group up.</summary>
    Void,
    /// <summary>The exact mirror of a posted group.</summary>
    Reverse,
    /// <summary>Written by the ledger itself after a reversal, where an account would stand on its wrong side.</summary>
    Sweep,
}

/// <summary>What actions do to balances, and how they are written.</summary>
public static class PostingActions
{
    private static readonly string[] Words = ["post", "hold", "settle", "void", "reverse", "sweep"];

    public static string Word(this PostingAction action) => Words[(int)action];

    /// <summary>How an entry counts: in the posted sums, and in the pending ones.</summary>
    public static (int Posted, int Pending) Effect(this PostingAction action) => action switch
    {
        PostingAction.Hold => (0, 1),
        PostingAction.Settle => (1, -1),
        PostingAction.Void => (0, -1),
        _ => (1, 0),
    };

    public static bool TryParse(string? word, out PostingAction action)
    {
        int index = Array.IndexOf(Words, word);
        action = (PostingAction)Math.Max(0, index);
        return index >= 0;
    }
}

/// <summary>Where an amount goes, in order: as much as fits into each place, the rest into the next.</summary>
/// <param name="Until">Posted balance (debits less credits) at which the place is full; null takes everything.</param>
public readonly record struct Place(LedgerAccount Account, long? Until = null);

/// <summary>A line that is asked for: an amount in minor units, positive a debit, negative a credit, and its places.</summary>
public sealed record PostingLine(long Amount, IReadOnlyList<Place> Places)
{
    /// <summary>A debit of the first place with room, and so on.</summary>
    public static PostingLine Debit(long amount, params IReadOnlyList<Place> places) => new(amount, places);

    public static PostingLine Debit(long amount, LedgerAccount account) => new(amount, [new Place(account)]);

    /// <inheritdoc cref="Debit(long, IReadOnlyList{Place})"/>
    public static PostingLine Credit(long amount, params IReadOnlyList<Place> places) => new(-amount, places);

    public static PostingLine Credit(long amount, LedgerAccount account) => new(-amount, [new Place(account)]);
}

/// <summary>
/// A group that the ledger is asked to write: all of it or nothing. The key makes it idempotent: the same key with the same request answers with
/// what was written then, the same key with another request is refused.
/// </summary>
/// <param name="Key">What makes it this one and no other, such as <c>day/UP-000000042/2026-04-01</c>; printable ASCII, at most 120.</param>
/// <param name="BusinessDate">The local day that it belongs to; null where it has the date of its target.</param>
/// <param name="Cause">Why, in one word of ours: recharge, day-deduction.</param>
/// <param name="Lines">Empty for an action on a target.</param>
/// <param name="Target">Key of the group that is settled, given up or reversed.</param>
/// <param name="Reference">Another system's number for it, such as the gateway's; at most 120. Not for personal data: it is never erased.</param>
public sealed record PostingRequest(
    string Key, PostingAction Action, LocalDate? BusinessDate, string Cause, IReadOnlyList<PostingLine> Lines, string? Target = null, string? Reference = null)
{
    /// <summary>Characters of the longest key and reference.</summary>
    public const int TextLengthMax = 120;

    /// <summary>Lines of the largest group, and places of a line.</summary>
    public const int LineCountMax = 64;

    public static PostingRequest Post(string key, LocalDate businessDate, string cause, IReadOnlyList<PostingLine> lines, string? reference = null) =>
        new(key, PostingAction.Post, businessDate, cause, lines, null, reference);

    public static PostingRequest Hold(string key, LocalDate businessDate, string cause, IReadOnlyList<PostingLine> lines, string? reference = null) =>
        new(key, PostingAction.Hold, businessDate, cause, lines, null, reference);

    public static PostingRequest Settle(string key, string target, string cause, LocalDate? businessDate = null, string? reference = null) =>
        new(key, PostingAction.Settle, businessDate, cause, [], target, reference);

    public static PostingRequest Void(string key, string target, string cause, LocalDate? businessDate = null, string? reference = null) =>
        new(key, PostingAction.Void, businessDate, cause, [], target, reference);

    public static PostingRequest Reverse(string key, string target, string cause, LocalDate? businessDate = null, string? reference = null) =>
        new(key, PostingAction.Reverse, businessDate, cause, [], target, reference);

    /// <summary>SHA-256 of the request's canonical JSON: what the same key must repeat.</summary>
    public Digest Hash()
    {
        CanonicalScratch scratch = CanonicalScratch.Begin(out CanonicalJsonWriter json);
        json.StartObject();
        json.Member("action"u8, Action.Word());
        if (BusinessDate is { } date) json.Member("business_date"u8, date);
        json.Member("cause"u8, Cause);
        json.Member("key"u8, Key);
        json.Name("lines"u8);
        json.StartArray();
        for (int i = 0; i < Lines.Count; i++) Write(json, Lines[i]);
        json.EndArray();
        if (Reference is not null) json.Member("reference"u8, Reference);
        if (Target is not null) json.Member("target"u8, Target);
        json.EndObject();
        return Digest.Sha256(scratch.Written);
    }

    private static void Write(CanonicalJsonWriter json, PostingLine line)
    {
        json.StartObject();
        json.Member("amount"u8, line.Amount);
        json.Name("places"u8);
        json.StartArray();
        Span<byte> account = stackalloc byte[LedgerAccount.TextLengthMax];
        for (int i = 0; i < line.Places.Count; i++)
        {
            Place place = line.Places[i];
            json.StartObject();
            json.Member("account"u8, account[..place.Account.Format(account)]);
            if (place.Until is { } until) json.Member("until"u8, until);
            json.EndObject();
        }
        json.EndArray();
        json.EndObject();
    }
}
