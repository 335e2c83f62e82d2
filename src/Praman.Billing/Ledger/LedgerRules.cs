using System.Runtime.InteropServices;
using NodaTime;
using Praman.Proof;
using Praman.Proof.Canonical;

namespace Praman.Billing.Ledger;

/// <summary>
/// Judges requests: what is written for them, or why not. Pure: the same request on the same journal at the same instant gives the same octets,
/// whatever store holds them. A store calls it inside its own transaction, one request at a time.
/// </summary>
public static class LedgerRules
{
    /// <summary>Largest amount of a line in minor units: what canonical JSON holds.</summary>
    public const long AmountMax = CanonicalJson.IntegerMax;

    /// <summary>Judges one request.</summary>
    /// <returns>The records to append in order (one; two where a reversal needs a sweep), none where it was refused or written before.</returns>
    public static (PostingOutcome Outcome, IReadOnlyList<JournalRecord> Records) Judge(PostingRequest request, ILedgerView view, Instant now)
    {
        if (Malformed(request) is { } fault) return Refuse(LedgerRefusalCode.Malformed, fault);
        Digest hash = request.Hash();
        if (view.Find(request.Key) is { } before)
        {
            return before.Request == hash
                ? (new PostingOutcome(before, false, null), [])
                : Refuse(LedgerRefusalCode.OtherBody, $"key '{request.Key}' stands for another request, record {before.Sequence}; expected the same request or a key of its own");
        }
        // Times never run backwards in the journal, so a day that is over gets no more records.
        Instant bookedAt = Instant.FromUnixTimeTicks(now.ToUnixTimeTicks());
        if (bookedAt < view.Head.BookedAt) bookedAt = view.Head.BookedAt;
        return request.Action is PostingAction.Post or PostingAction.Hold
            ? JudgeGroup(request, hash, view, bookedAt)
            : JudgeFollower(request, hash, view, bookedAt);
    }

    private static (PostingOutcome, IReadOnlyList<JournalRecord>) JudgeGroup(PostingRequest request, Digest hash, ILedgerView view, Instant bookedAt)
    {
        var entries = new List<LedgerEntry>(request.Lines.Count + 2);
        for (int i = 0; i < request.Lines.Count; i++)
        {
            PostingLine line = request.Lines[i];
            if (!TryPlace(line, view, entries)) return Refuse(LedgerRefusalCode.WouldOverdraw, $"{line.Amount} of '{request.Key}' does not fit into {line.Places[^1].Account}, the last of its places");
        }
        if (Unbalanced(entries) is { } reason) return Refuse(LedgerRefusalCode.Unbalanced, $"'{request.Key}': {reason}");
        for (int i = 0; i < entries.Count; i++)
        {
            LedgerAccount account = entries[i].Account;
            if (!AccountKinds.Of(account.Kind).IsOneSided || Moved(entries, account, i) != 0) continue; // of several entries of an account the first stands for all
            long change = Moved(entries, account, entries.Count), excess = WrongSide(account, view.Balance(account), change);
            if (excess != 0 && Math.Sign(excess) == Math.Sign(change))
                return Refuse(LedgerRefusalCode.WouldOverdraw, $"'{request.Key}' would leave {account} {Math.Abs(excess)} on its wrong side");
        }
        return Accept([JournalRecord.Create(view.Head, bookedAt, request.BusinessDate!.Value, request.Action, request.Key, request.Cause, request.Reference, null, hash, entries)]);
    }

    private static (PostingOutcome, IReadOnlyList<JournalRecord>) JudgeFollower(PostingRequest request, Digest hash, ILedgerView view, Instant bookedAt)
    {
        if (view.Find(request.Target!) is not { } target) return Refuse(LedgerRefusalCode.UnknownTarget, $"there is no record with the key '{request.Target}'");
        bool fits = request.Action == PostingAction.Reverse ? target.Action is PostingAction.Post or PostingAction.Settle : target.Action == PostingAction.Hold;
        if (!fits) return Refuse(LedgerRefusalCode.TargetNotOpen, $"record {target.Sequence} is a {target.Action.Word()}, which nothing can {request.Action.Word()}");
        if (view.HasFollower(target.Sequence)) return Refuse(LedgerRefusalCode.TargetNotOpen, $"record {target.Sequence} was settled, given up or reversed already");
        LedgerEntry[] entries = request.Action == PostingAction.Reverse ? [.. target.Entries.Select(entry => entry with { Amount = -entry.Amount })] : [.. target.Entries];
        LocalDate date = request.BusinessDate ?? target.BusinessDate;
        JournalRecord record = JournalRecord.Create(view.Head, bookedAt, date, request.Action, request.Key, request.Cause, request.Reference, target.Sequence, hash, entries);
        if (request.Action != PostingAction.Reverse) return Accept([record]);
        List<LedgerEntry>? sweep = Sweep(record, view, out string? stuck);
        if (stuck is not null) return Refuse(LedgerRefusalCode.WouldOverdraw, stuck);
        if (sweep is not { Count: > 0 }) return Accept([record]);
        var head = new JournalHead(record.Sequence, record.Hash, bookedAt);
        return Accept([record, JournalRecord.Create(head, bookedAt, date, PostingAction.Sweep, SweepKey(record), request.Cause, null, record.Sequence, hash, sweep)]);
    }

    /// <summary>Keys of sweeps: no request may begin with this, so none stands in the way of one.</summary>
    private static string SweepKey(JournalRecord reversal) => FormattableString.Invariant($"{SweepPrefix}{reversal.Sequence}");

    private const string SweepPrefix = "sweep/";

    /// <summary>
    /// A mirror is exact, whatever was paid or used since; where it leaves an account on its wrong side, a second group puts that right in sight:
    /// what was repaid twice goes to the wallet, what the wallet lacks goes to overdrawn.
    /// </summary>
    private static List<LedgerEntry>? Sweep(JournalRecord reversal, ILedgerView view, out string? stuck)
    {
        stuck = null;
        var moved = new Moves();
        foreach (LedgerEntry entry in reversal.Entries) moved.Add(entry.Account, entry.Amount);
        var sweep = new List<LedgerEntry>();
        var wallets = new Dictionary<LedgerAccount, long>();
        foreach ((LedgerAccount account, long change) in moved)
        {
            if (account.Kind == AccountKind.Wallet) wallets.TryAdd(account, 0);
            long excess = WrongSide(account, view.Balance(account), change);
            if (account.Kind == AccountKind.Wallet || excess == 0 || Math.Sign(excess) != Math.Sign(change)) continue;
            if (account.Kind is not (AccountKind.Arrears or AccountKind.Plan or AccountKind.Emergency or AccountKind.Overdrawn))
            {
                stuck = $"'{reversal.Key}' would leave {account} {Math.Abs(excess)} on its wrong side; reverse first what was done since";
                return null;
            }
            var wallet = new LedgerAccount(account.Currency, AccountKind.Wallet, account.UsagePoint, null);
            sweep.Add(new LedgerEntry(account, -excess));
            sweep.Add(new LedgerEntry(wallet, excess));
            wallets[wallet] = wallets.GetValueOrDefault(wallet) + excess;
        }
        foreach ((LedgerAccount wallet, long swept) in wallets)
        {
            long lack = WrongSide(wallet, view.Balance(wallet), moved.Of(wallet) + swept);
            if (lack == 0) continue;
            sweep.Add(new LedgerEntry(wallet, -lack));
            sweep.Add(new LedgerEntry(wallet with { Kind = AccountKind.Overdrawn }, lack));
        }
        return sweep;
    }

    private static bool TryPlace(PostingLine line, ILedgerView view, List<LedgerEntry> entries)
    {
        long left = Math.Abs(line.Amount);
        int sign = Math.Sign(line.Amount);
        for (int i = 0; i < line.Places.Count; i++)
        {
            Place place = line.Places[i];
            long part = left;
            if (place.Until is { } until)
            {
                AccountBalance balance = view.Balance(place.Account);
                // What is held in the same direction is spoken for already.
                long at = balance.Posted + (sign > 0 ? balance.PendingDebits : -balance.PendingCredits) + Moved(entries, place.Account, entries.Count);
                part = Math.Clamp(sign * (until - at), 0, left);
            }
            if (part == 0) continue;
            entries.Add(new LedgerEntry(place.Account, sign * part));
            left -= part;
            if (left == 0) return true;
        }
        return false;
    }

    /// <summary>What the first entries of a group move on an account.</summary>
    private static long Moved(List<LedgerEntry> entries, in LedgerAccount account, int count)
    {
        long sum = 0;
        foreach (ref readonly LedgerEntry entry in CollectionsMarshal.AsSpan(entries)[..count])
        {
            if (entry.Account == account) sum += entry.Amount;
        }
        return sum;
    }

    /// <summary>How far an account would stand on its wrong side after a change, what is held against it counted: positive debit, negative credit; 0 where it does not.</summary>
    private static long WrongSide(LedgerAccount account, AccountBalance balance, long change)
    {
        AccountKindFacts facts = AccountKinds.Of(account.Kind);
        if (!facts.IsOneSided) return 0;
        return facts.Class == AccountClass.Liability
            ? Math.Max(0, balance.Posted + balance.PendingDebits + change)
            : Math.Min(0, balance.Posted - balance.PendingCredits + change);
    }

    private static string? Unbalanced(List<LedgerEntry> entries)
    {
        for (int i = 0; i < entries.Count; i++)
        {
            string currency = entries[i].Account.Currency;
            long sum = 0;
            bool isOnly = true;
            foreach (LedgerEntry entry in entries)
            {
                if (string.Equals(entry.Account.Currency, currency, StringComparison.Ordinal)) sum = checked(sum + entry.Amount);
                else isOnly = false;
            }
            if (sum != 0) return $"debits less credits in {currency} are {sum}; expected 0";
            if (isOnly) break; // the usual case
        }
        return null;
    }

    /// <summary>What a group moves on each account, in the order of first use. A group has a handful of accounts: a list is faster than a table.</summary>
    private sealed class Moves : IEnumerable<KeyValuePair<LedgerAccount, long>>
    {
        private readonly List<KeyValuePair<LedgerAccount, long>> _moves = new(8);

        public long Of(LedgerAccount account)
        {
            int index = IndexOf(account);
            return index < 0 ? 0 : _moves[index].Value;
        }

        public void Add(LedgerAccount account, long amount)
        {
            int index = IndexOf(account);
            if (index < 0) _moves.Add(new(account, amount));
            else _moves[index] = new(account, _moves[index].Value + amount);
        }

        public List<KeyValuePair<LedgerAccount, long>>.Enumerator GetEnumerator() => _moves.GetEnumerator();

        IEnumerator<KeyValuePair<LedgerAccount, long>> IEnumerable<KeyValuePair<LedgerAccount, long>>.GetEnumerator() => GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

        private int IndexOf(LedgerAccount account)
        {
            for (int i = 0; i < _moves.Count; i++)
            {
                if (_moves[i].Key == account) return i;
            }
            return -1;
        }
    }

    private static string? Malformed(PostingRequest request)
    {
        if (!IsText(request.Key) || request.Key.StartsWith(SweepPrefix, StringComparison.Ordinal)) return "a key of 1 to 120 printable ASCII characters that does not begin with sweep/ was expected";
        if (!IsText(request.Cause)) return $"'{request.Key}': a cause of 1 to 120 printable ASCII characters was expected";
        if (request.Reference is { } reference && !IsText(reference)) return $"'{request.Key}': a reference of 1 to 120 printable ASCII characters was expected";
        switch (request.Action)
        {
            case PostingAction.Post or PostingAction.Hold:
                if (request.Target is not null || request.BusinessDate is null) return $"'{request.Key}': a business date and no target were expected";
                if (request.Lines.Count is < 2 or > PostingRequest.LineCountMax) return $"'{request.Key}': 2 to {PostingRequest.LineCountMax} lines were expected, not {request.Lines.Count}";
                for (int i = 0; i < request.Lines.Count; i++)
                {
                    if (Malformed(request.Key, request.Lines[i]) is { } fault) return fault;
                }
                return null;
            case PostingAction.Settle or PostingAction.Void or PostingAction.Reverse:
                return request.Target is not null && request.Lines.Count == 0 ? null : $"'{request.Key}': a target and no lines were expected";
            default:
                return $"'{request.Key}': a sweep is written by the ledger alone";
        }
    }

    private static string? Malformed(string key, PostingLine line)
    {
        if (line.Amount is 0 or > AmountMax or < -AmountMax) return $"'{key}': an amount of 1 to {AmountMax} minor units was expected, not {line.Amount}";
        if (line.Places.Count is 0 or > PostingRequest.LineCountMax) return $"'{key}': 1 to {PostingRequest.LineCountMax} places were expected";
        for (int i = 0; i < line.Places.Count; i++)
        {
            Place place = line.Places[i];
            if (!place.Account.IsValid) return $"'{key}': an account such as INR/wallet/UP-000000042 was expected";
            if (place.Until is > AmountMax or < -AmountMax) return $"'{key}': a place ends within {AmountMax} minor units";
            if (place.Account.Currency != line.Places[0].Account.Currency) return $"'{key}': the places of a line have one currency";
        }
        return null;
    }

    private static bool IsText(string? text) => text is { Length: > 0 and <= PostingRequest.TextLengthMax } && !text.AsSpan().ContainsAnyExceptInRange(' ', '~');

    private static (PostingOutcome, IReadOnlyList<JournalRecord>) Accept(IReadOnlyList<JournalRecord> records) => (new PostingOutcome(records[0], true, null), records);

    private static (PostingOutcome, IReadOnlyList<JournalRecord>) Refuse(LedgerRefusalCode code, string message) => (new PostingOutcome(null, false, new LedgerRefusal(code, message)), []);
}
