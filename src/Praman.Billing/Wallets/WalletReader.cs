using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Praman.Billing.Prepayment;
using Praman.Billing.Rating;
using Praman.Proof;
using Praman.Proof.Canonical;

namespace Praman.Billing.Wallets;

/// <summary>An entry as it is read again: its account, and what its kind has beside it.</summary>
public sealed class WalletRecord
{
    public required WalletEntry Entry { get; init; }
    public required Instant At { get; init; }
    public required AccountSnapshot Account { get; init; }

    /// <summary>Paid, or taken back.</summary>
    public decimal? Amount { get; init; }
    public string? Reference { get; init; }
    public CliffWarning? Cliff { get; init; }
    public WalletAnswer? Answer { get; init; }
    public WalletClose? Close { get; init; }
    public bool? IsCut { get; init; }
    public decimal Deposit { get; init; }
    public decimal Interest { get; init; }
    public decimal Dues { get; init; }

    /// <summary>First day that was replaced.</summary>
    public LocalDate? First { get; init; }
    public BillingDeterminants? Period { get; init; }
    public string? TariffId { get; init; }
    public Digest? TariffHash { get; init; }
    public IReadOnlyList<DebtPlan> Plans { get; init; } = [];
    public IReadOnlyList<DebtTaking> Takings { get; init; } = [];
    public IReadOnlyList<WalletPosted> Posted { get; init; } = [];
    public IReadOnlyList<DayUse> Uses { get; init; } = [];
}

/// <summary>A posting of a day as its entry keeps it.</summary>
public sealed record WalletPosted(LocalDate Date, int Sequence, int? Reverses, DayUse Use, decimal Deduction, IReadOnlyList<(string Line, decimal Amount)> Lines, IReadOnlyList<(string Line, decimal Amount)> Repricing);

/// <summary>The answer to a cut that was asked for.</summary>
/// <param name="Reasons">What was found where it was requested; what forbids it where it was refused.</param>
public sealed record WalletAnswer(bool IsRequested, IReadOnlyList<CutReason> Reasons, Instant? NextPermitted);

/// <summary>The end of a period as its entry keeps it.</summary>
public sealed record WalletClose(decimal Bill, decimal Charged, decimal TrueUp, decimal Kwh, IReadOnlyList<(string Line, decimal Amount)> Lines, IReadOnlyList<(string Cause, decimal Amount)> Causes);

/// <summary>Reads entries of wallets.</summary>
public static class WalletReader
{
    /// <summary>Octets of the longest entry that is read.</summary>
    public const int LengthMax = 256 * 1024;

    /// <summary>The letter of how the energy of a day is known: A, E, S or N.</summary>
    public static string WordOf(DayQuality quality) => WalletEntryWriter.Word(quality);

    /// <summary>Reads an entry; what is not canonical or lacks a member is refused.</summary>
    public static bool TryRead(WalletEntry entry, [NotNullWhen(true)] out WalletRecord? record, [NotNullWhen(false)] out string? fault)
    {
        ArgumentNullException.ThrowIfNull(entry);
        (record, fault) = (null, $"wallet {entry.UsagePoint}, entry {entry.Number}: an entry in canonical JSON was expected");
        if (entry.Octets.Length > LengthMax || !CanonicalJson.IsCanonical(entry.Octets.Span)) return false;
        try
        {
            using JsonDocument document = JsonDocument.Parse(entry.Octets);
            record = Read(entry, document.RootElement);
            fault = null;
            return true;
        }
        catch (Exception odd) when (odd is FormatException or KeyNotFoundException or InvalidOperationException or OverflowException)
        {
            fault = $"wallet {entry.UsagePoint}, entry {entry.Number}: {odd.Message}";
            return false;
        }
    }

    /// <summary>The facts of an entry that stand in its octets and in the columns of a store alike.</summary>
    public static WalletEntry Parse(ReadOnlyMemory<byte> octets)
    {
        using JsonDocument document = JsonDocument.Parse(octets);
        JsonElement root = document.RootElement;
        if (!WalletEntryWriter.TryKind(Text(root, "kind"), out WalletEntryKind kind)) throw new FormatException($"'{Text(root, "kind")}' is no kind of entry");
        return new WalletEntry(Metering.UsagePointId.Parse(Text(root, "usage_point"), CultureInfo.InvariantCulture), root.GetProperty("number").GetInt32(), Date(root, "date"), kind, octets);
    }

    private static WalletRecord Read(WalletEntry entry, JsonElement root)
    {
        WalletEntry said = Parse(entry.Octets);
        if (said.Number != entry.Number || said.UsagePoint != entry.UsagePoint || said.Date != entry.Date) throw new FormatException("its octets are those of another entry");
        return new WalletRecord
        {
            Entry = entry,
            At = At(root, "at")!.Value,
            Account = ReadAccount(root.GetProperty("account")),
            Amount = Money(root, "amount"),
            Reference = root.TryGetProperty("reference", out JsonElement reference) ? reference.GetString() : null,
            Cliff = root.TryGetProperty("cliff", out JsonElement cliff)
                ? new CliffWarning(Date(cliff, "on"), cliff.GetProperty("in_days").GetInt32(), Number(cliff, "daily_kwh"), Money(cliff, "amount")!.Value) : null,
            Answer = root.TryGetProperty("answer", out JsonElement answer) ? ReadAnswer(answer) : null,
            Close = root.TryGetProperty("close", out JsonElement close) ? ReadClose(close) : null,
            IsCut = root.TryGetProperty("cut", out JsonElement cut) ? cut.GetBoolean() : null,
            Deposit = Money(root, "deposit") ?? 0,
            Interest = Money(root, "interest") ?? 0,
            Dues = Money(root, "dues") ?? 0,
            First = root.TryGetProperty("first", out _) ? Date(root, "first") : null,
            Period = root.TryGetProperty("period", out JsonElement period) ? ReadPeriod(period) : null,
            TariffId = root.TryGetProperty("tariff", out JsonElement tariff) ? tariff.GetString() : null,
            TariffHash = root.TryGetProperty("tariff_hash", out JsonElement hash) ? ReadHash(hash) : null,
            Plans = [.. Items(root, "plans").Select(ReadPlan)],
            Takings = [.. Items(root, "takings").Select(taking => new DebtTaking(Text(taking, "plan"), Date(taking, "date"), Money(taking, "amount")!.Value))],
            Posted = [.. Items(root, "posted").Select(ReadPosted)],
            Uses = [.. Items(root, "uses").Select(ReadUse)],
        };
    }

    private static AccountSnapshot ReadAccount(JsonElement account) => new(
        Money(account, "balance")!.Value, Money(account, "estimated") ?? 0, Money(account, "last_recharge")!.Value, State(Text(account, "state")), At(account, "below_floor_since"),
        account.TryGetProperty("cut_asked", out JsonElement asked) && asked.GetBoolean());

    private static PrepaidState State(string word)
    {
        foreach (PrepaidState state in Enum.GetValues<PrepaidState>())
        {
            if (PrepaidStateText.Of(state) == word) return state;
        }
        throw new FormatException($"'{word}' is no state of a wallet");
    }

    private static WalletAnswer ReadAnswer(JsonElement answer) => new(
        answer.GetProperty("requested").GetBoolean(), [.. Items(answer, "reasons").Select(reason => new CutReason(Text(reason, "code"), Text(reason, "measured"), Text(reason, "limit")))], At(answer, "next_permitted"));

    private static WalletClose ReadClose(JsonElement close) => new(
        Money(close, "bill")!.Value, Money(close, "charged")!.Value, Money(close, "trueup")!.Value, Number(close, "kwh"), ReadLines(close, "lines"),
        [.. Items(close, "causes").Select(cause => (Text(cause, "cause"), Money(cause, "amount")!.Value))]);

    private static BillingDeterminants ReadPeriod(JsonElement period) =>
        BillingInputs.TryRead(period, out BillingDeterminants? read, out RatingRefusal? error) ? read : throw new FormatException(error.Message);

    private static DebtPlan ReadPlan(JsonElement plan)
    {
        (string id, decimal total, LocalDate from, LocalDate due, bool shown) = (Text(plan, "id"), Money(plan, "total")!.Value, Date(plan, "from"), Date(plan, "first_due"), plan.GetProperty("was_shown").GetBoolean());
        return Text(plan, "kind") switch
        {
            "time" => new TimePlan(id, total, from, due, shown, plan.GetProperty("days").GetInt32()),
            "share" => new SharePlan(id, total, from, due, shown, Number(plan, "percent"), Money(plan, "week_max"), Money(plan, "month_max")),
            "schedule" => new CatchUpPlan(id, total, from, due, shown, plan.GetProperty("days").GetInt32()),
            var other => throw new FormatException($"'{other}' is no kind of plan"),
        };
    }

    private static WalletPosted ReadPosted(JsonElement posted) => new(
        Date(posted, "date"), posted.GetProperty("sequence").GetInt32(), posted.TryGetProperty("reverses", out JsonElement reverses) ? reverses.GetInt32() : null, ReadUse(posted.GetProperty("use")),
        Money(posted, "deduction")!.Value, ReadLines(posted, "lines"), ReadLines(posted, "repricing"));

    private static List<(string Line, decimal Amount)> ReadLines(JsonElement of, string name) => [.. Items(of, name).Select(line => (line[0].GetString()!, MinorUnits.ToAmount(line[1].GetInt64())))];

    private static DayUse ReadUse(JsonElement use) => new(Number(use, "kwh"), Text(use, "quality") switch
    {
        "A" => DayQuality.Actual,
        "E" => DayQuality.Estimated,
        "S" => DayQuality.Spread,
        "N" => DayQuality.FixedOnly,
        var other => throw new FormatException($"'{other}' is no quality of a day"),
    })
    {
        Kvah = use.TryGetProperty("kvah", out _) ? Number(use, "kvah") : null,
        KwhExport = use.TryGetProperty("kwh_export", out _) ? Number(use, "kwh_export") : null,
        KwhByTou = use.TryGetProperty("kwh_by_tod", out JsonElement byTou) ? byTou.EnumerateObject().ToDictionary(member => member.Name, member => Decimal(member.Value.GetString()), StringComparer.Ordinal) : null,
        ReadingHash = use.TryGetProperty("reading", out JsonElement hash) ? ReadHash(hash) : null,
    };

    private static Digest ReadHash(JsonElement hash) => Digest.TryParseHex(hash.GetString(), out Digest digest) ? digest : throw new FormatException("a hash of 64 hex digits was expected");

    private static JsonElement.ArrayEnumerator Items(JsonElement of, string name) => of.TryGetProperty(name, out JsonElement list) ? list.EnumerateArray() : default;

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString() ?? throw new FormatException($"{name}: a text was expected");

    private static decimal Number(JsonElement of, string name) => Decimal(of.GetProperty(name).GetString());

    private static decimal Decimal(string? text) => DecimalText.TryParse(text, out decimal value) ? value : throw new FormatException($"'{text}': expected {DecimalText.Expectation}");

    private static decimal? Money(JsonElement of, string name) => of.TryGetProperty(name, out JsonElement amount) ? MinorUnits.ToAmount(amount.GetInt64()) : null;

    private static LocalDate Date(JsonElement of, string name) => LocalDatePattern.Iso.Parse(Text(of, name)).GetValueOrThrow();

    private static Instant? At(JsonElement of, string name) => of.TryGetProperty(name, out JsonElement at) ? InstantPattern.ExtendedIso.Parse(at.GetString() ?? "").GetValueOrThrow() : null;
}
