using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NodaTime;
using NodaTime.Text;
using Praman.Proof;
using Praman.Proof.Canonical;
using Praman.Proof.Logs;

namespace Praman.Billing.Ledger;

/// <summary>One line of a trial balance: a kind of account with its detail, over all usage points.</summary>
/// <param name="Name">Such as <c>INR/wallet</c> or <c>INR/revenue/energy</c>.</param>
/// <param name="Accounts">How many accounts it sums.</param>
public sealed record TrialBalanceLine(string Name, AccountClass Class, long Accounts, long Debits, long Credits);

/// <summary>
/// All accounts at the end of a local day, by the time of writing: what was written before midnight, and nothing since. The document names no usage
/// point; one hash stands for all single balances, so that an auditor who has them can check them.
/// </summary>
public sealed class TrialBalance
{
    private TrialBalance(LocalDate day, JournalHead head, Digest balances, IReadOnlyList<TrialBalanceLine> lines)
    {
        (Day, Head, Balances, Lines) = (day, head, balances, lines);
        Octets = Write();
    }

    public LocalDate Day { get; }

    /// <summary>The last record of the day, or of a day before it.</summary>
    public JournalHead Head { get; }

    /// <summary>SHA-256 over the accounts in ordinal order of their text, a line each: account, space, debits, space, credits, line feed.</summary>
    public Digest Balances { get; }

    /// <summary>By name.</summary>
    public IReadOnlyList<TrialBalanceLine> Lines { get; }

    /// <summary>The canonical document (docs/reference/ledger.md).</summary>
    public ReadOnlyMemory<byte> Octets { get; }

    /// <summary>SHA-256 of <see cref="Octets"/>.</summary>
    public Digest Hash => Digest.Sha256(Octets.Span);

    /// <summary>Currencies whose debits and credits differ, with the difference: always empty unless the ledger is damaged.</summary>
    public IReadOnlyList<(string Currency, long Difference)> Differences => [.. Lines
        .GroupBy(line => line.Name[..3], StringComparer.Ordinal)
        .Select(group => (group.Key, group.Sum(line => line.Debits - line.Credits)))
        .Where(pair => pair.Item2 != 0)];

    /// <summary>Entry of the public log.</summary>
    public LogEntry ToLogEntry() => new(LogEntryKind.TrialBalance, Hash);

    /// <summary>The end of a local day.</summary>
    public static Instant EndOf(LocalDate day, DateTimeZone zone) => zone.AtStartOfDay(day.PlusDays(1)).ToInstant();

    /// <param name="balances">Every account with posted entries, as of the end of the day; any order.</param>
    public static TrialBalance Of(LocalDate day, JournalHead head, IEnumerable<KeyValuePair<LedgerAccount, AccountBalance>> balances)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var lines = new SortedDictionary<string, TrialBalanceLine>(StringComparer.Ordinal);
        foreach ((string text, LedgerAccount account, AccountBalance balance) in balances
            .Where(pair => pair.Value.Debits != 0 || pair.Value.Credits != 0)
            .Select(pair => (pair.Key.ToString(), pair.Key, pair.Value))
            .OrderBy(row => row.Item1, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{text} {balance.Debits} {balance.Credits}\n")));
            // Details of a consumer's own accounts (months of arrears) are summed: they would tell about single homes.
            AccountKindFacts facts = AccountKinds.Of(account.Kind);
            string name = $"{account.Currency}/{facts.Word}{(facts.IsPerUsagePoint || account.Detail is null ? "" : $"/{account.Detail}")}";
            TrialBalanceLine line = lines.GetValueOrDefault(name) ?? new TrialBalanceLine(name, facts.Class, 0, 0, 0);
            lines[name] = checked(line with { Accounts = line.Accounts + 1, Debits = line.Debits + balance.Debits, Credits = line.Credits + balance.Credits });
        }
        return new TrialBalance(day, head, new Digest(hash.GetHashAndReset()), [.. lines.Values]);
    }

    private byte[] Write()
    {
        var buffer = new ArrayBufferWriter<byte>(1_024);
        var json = new CanonicalJsonWriter(buffer);
        json.StartObject();
        json.Name("accounts"u8);
        json.StartArray();
        foreach (TrialBalanceLine line in Lines)
        {
            json.StartObject();
            json.Member("accounts"u8, line.Accounts);
            // Decimal text: a nation's turnover in paise outgrows the integers of canonical JSON.
            json.Member("credits"u8, line.Credits.ToString(CultureInfo.InvariantCulture));
            json.Member("debits"u8, line.Debits.ToString(CultureInfo.InvariantCulture));
            json.Member("name"u8, line.Name);
            json.EndObject();
        }
        json.EndArray();
        json.MemberHex("balances"u8, Balances.Octets);
        json.Member("day"u8, LocalDatePattern.Iso.Format(Day));
        json.MemberHex("head"u8, Head.Hash.Octets);
        json.Member("records"u8, Head.Sequence);
        json.Member("type"u8, "praman-trial-balance/1"u8);
        json.EndObject();
        return buffer.WrittenSpan.ToArray();
    }
}
