using NodaTime;
using NodaTime.Text;
using Praman.Billing.Ledger;
using Praman.Billing.Prepayment;
using Praman.Billing.Rating;
using Praman.Proof;
using Praman.Proof.Canonical;
using TariffLine = Praman.Billing.Prepayment.PostingLine;

namespace Praman.Billing.Wallets;

/// <summary>What stands in an entry beside its kind, day and account.</summary>
internal readonly struct WalletFacts
{
    public decimal? Amount { get; init; }
    public AccountEvent? Answer { get; init; }
    public CliffWarning? Cliff { get; init; }
    public PeriodClose? Close { get; init; }
    public bool? IsCut { get; init; }
    public decimal? Deposit { get; init; }
    public decimal? Dues { get; init; }
    public LocalDate? First { get; init; }
    public decimal? Interest { get; init; }
    public decimal? MaxDemandKw { get; init; }
    public BillingDeterminants? Period { get; init; }
    public IReadOnlyList<DebtPlan>? Plans { get; init; }
    public IReadOnlyList<DayPosting>? Posted { get; init; }
    public string? Reference { get; init; }
    public IReadOnlyList<DebtTaking>? Takings { get; init; }
    public string? TariffId { get; init; }
    public Digest? TariffHash { get; init; }
    public IReadOnlyList<DayUse>? Uses { get; init; }
}

public sealed partial class Wallet
{
    private WalletStep Enter(WalletEntryKind kind, Instant at, LocalDate date, IReadOnlyList<PostingRequest> postings, in WalletFacts facts)
    {
        CanonicalScratch scratch = CanonicalScratch.Begin(out CanonicalJsonWriter json);
        WalletEntryWriter.Write(json, Terms.UsagePoint, ++_number, date, kind, at, Account.Snapshot, facts);
        return new WalletStep(new WalletEntry(Terms.UsagePoint, _number, date, kind, scratch.Written.ToArray()), postings);
    }
}

/// <summary>Writes an entry as canonical JSON. Amounts are whole minor units, energies decimal text.</summary>
internal static class WalletEntryWriter
{
    private static readonly string[] Kinds = ["open", "period", "day", "correction", "close", "payment", "payment-back", "instalment", "plan", "cut", "relay"];

    public static string Word(WalletEntryKind kind) => Kinds[(int)kind];

    public static bool TryKind(string word, out WalletEntryKind kind)
    {
        int index = Array.IndexOf(Kinds, word);
        kind = (WalletEntryKind)Math.Max(0, index);
        return index >= 0;
    }

    public static string Word(DayQuality quality) => quality switch { DayQuality.Actual => "A", DayQuality.Estimated => "E", DayQuality.Spread => "S", _ => "N" };

    public static void Write(
        CanonicalJsonWriter json, Metering.UsagePointId usagePoint, int number, LocalDate date, WalletEntryKind kind, Instant at, in AccountSnapshot account, in WalletFacts facts)
    {
        json.StartObject();
        json.Name("account"u8);
        Write(json, account);
        if (facts.Amount is { } amount) json.Member("amount"u8, MinorUnits.Of(amount));
        if (facts.Answer is { } answer) WriteAnswer(json, answer);
        json.Member("at"u8, at);
        if (facts.Cliff is { } cliff) WriteCliff(json, cliff);
        if (facts.Close is { } close) WriteClose(json, close);
        if (facts.IsCut is { } cut) json.Member("cut"u8, cut);
        json.Member("date"u8, date);
        if (facts.Deposit is { } deposit) json.Member("deposit"u8, MinorUnits.Of(deposit));
        if (facts.Dues is { } dues) json.Member("dues"u8, MinorUnits.Of(dues));
        if (facts.First is { } first) json.Member("first"u8, first);
        if (facts.Interest is { } interest) json.Member("interest"u8, MinorUnits.Of(interest));
        json.Member("kind"u8, Word(kind));
        if (facts.MaxDemandKw is { } demand) json.MemberAsGiven("max_demand_kw"u8, demand);
        json.Member("number"u8, number);
        if (facts.Period is { } period) WritePeriod(json, period);
        if (facts.Plans is { Count: > 0 } plans) WritePlans(json, plans);
        if (facts.Posted is { } posted) WritePosted(json, posted);
        if (facts.Reference is { } reference) json.Member("reference"u8, reference);
        if (facts.Takings is { Count: > 0 } takings) WriteTakings(json, takings);
        if (facts.TariffId is { } tariff) json.Member("tariff"u8, tariff);
        if (facts.TariffHash is { } hash) json.MemberHex("tariff_hash"u8, hash.Octets);
        json.Member("usage_point"u8, usagePoint);
        if (facts.Uses is { Count: > 0 } uses)
        {
            json.Name("uses"u8);
            json.StartArray();
            foreach (DayUse use in uses)
            {
                json.StartObject();
                WriteUse(json, use);
                json.EndObject();
            }
            json.EndArray();
        }
        json.EndObject();
    }

    private static void Write(CanonicalJsonWriter json, in AccountSnapshot account)
    {
        json.StartObject();
        json.Member("balance"u8, MinorUnits.Of(account.Balance));
        if (account.BelowFloorSince is { } since) json.Member("below_floor_since"u8, since);
        if (account.IsCutAsked) json.Member("cut_asked"u8, true);
        if (account.Estimated != 0) json.Member("estimated"u8, MinorUnits.Of(account.Estimated));
        json.Member("last_recharge"u8, MinorUnits.Of(account.LastRecharge));
        json.Member("state"u8, PrepaidStateText.Of(account.State));
        json.EndObject();
    }

    private static void WriteAnswer(CanonicalJsonWriter json, AccountEvent answer)
    {
        json.Name("answer"u8);
        json.StartObject();
        IReadOnlyList<CutReason> reasons = answer is CutRefused refused ? refused.Guards : ((CutRequest)answer).Reasons;
        if (answer is CutRefused { NextPermitted: { } next }) json.Member("next_permitted"u8, next);
        json.Name("reasons"u8);
        json.StartArray();
        foreach (CutReason reason in reasons)
        {
            json.StartObject();
            json.Member("code"u8, reason.Code);
            json.Member("limit"u8, reason.Limit);
            json.Member("measured"u8, reason.Measured);
            json.EndObject();
        }
        json.EndArray();
        json.Member("requested"u8, answer is CutRequest);
        json.EndObject();
    }

    private static void WriteCliff(CanonicalJsonWriter json, CliffWarning cliff)
    {
        json.Name("cliff"u8);
        json.StartObject();
        json.Member("amount"u8, MinorUnits.Of(cliff.Amount));
        json.MemberAsGiven("daily_kwh"u8, cliff.DailyKwh);
        json.Member("in_days"u8, cliff.InDays);
        json.Member("on"u8, cliff.On);
        json.EndObject();
    }

    private static void WriteClose(CanonicalJsonWriter json, PeriodClose close)
    {
        json.Name("close"u8);
        json.StartObject();
        json.Member("bill"u8, MinorUnits.Of(close.Bill.Total!.Value));
        json.Name("causes"u8);
        json.StartArray();
        foreach (TrueUpPart cause in close.Causes)
        {
            json.StartObject();
            json.Member("amount"u8, MinorUnits.Of(cause.Amount));
            json.Member("cause"u8, TrueUpText.Of(cause.Cause));
            json.EndObject();
        }
        json.EndArray();
        json.Member("charged"u8, MinorUnits.Of(close.Charged));
        json.Member("kwh"u8, DecimalText.Trimmed(close.Kwh));
        json.Name("lines"u8);
        json.StartArray();
        foreach (RatedLine line in close.Bill.Lines)
        {
            json.StartArray();
            json.String(line.Id);
            json.Integer(MinorUnits.Of(line.Amount));
            json.EndArray();
        }
        json.EndArray();
        json.Member("trueup"u8, MinorUnits.Of(close.TrueUp));
        json.EndObject();
    }

    /// <summary>The determinants in the form of a case's inputs (docs/reference/tariff-format.md).</summary>
    private static void WritePeriod(CanonicalJsonWriter json, BillingDeterminants period)
    {
        json.Name("period"u8);
        json.StartObject();
        if (period.BillDate is { } billDate) json.Member("bill_date"u8, billDate);
        if (period.BillingMonths is { } months) json.MemberAsGiven("billing_months"u8, months);
        if (period.External is { Count: > 0 } external)
        {
            json.Name("external"u8);
            WriteNumbers(json, external);
        }
        if (period.Flags.Count > 0) WriteTexts(json, "flags"u8, period.Flags);
        if (period.Holidays is { Count: > 0 } holidays) WriteTexts(json, "holidays"u8, holidays.Select(LocalDatePattern.Iso.Format));
        if (period.MaxDemandKw is { } demand) json.MemberAsGiven("max_demand_kw"u8, demand);
        json.Name("period"u8);
        json.StartObject();
        json.Member("from"u8, period.Period!.Value.From);
        json.Member("to"u8, period.Period.Value.To);
        json.EndObject();
        if (period.Phase is { } phase) json.Member("phase"u8, phase == SupplyPhase.Three ? "three"u8 : "single"u8);
        if (period.KwMax is { } most)
        {
            json.Name("quantities"u8);
            json.StartObject();
            json.MemberAsGiven("kw_max"u8, most);
            json.EndObject();
        }
        if (period.SanctionedLoadKw is { } load) json.MemberAsGiven("sanctioned_load_kw"u8, load);
        if (period.Season is { } season) json.Member("season"u8, season);
        json.EndObject();
    }

    private static void WriteTexts(CanonicalJsonWriter json, ReadOnlySpan<byte> name, IEnumerable<string> texts)
    {
        json.Name(name);
        json.StartArray();
        foreach (string text in texts) json.String(text);
        json.EndArray();
    }

    private static void WriteNumbers(CanonicalJsonWriter json, IEnumerable<KeyValuePair<string, decimal>> numbers)
    {
        json.StartObject();
        foreach ((string name, decimal number) in numbers.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            json.Name(name);
            json.String(DecimalText.AsGiven(number));
        }
        json.EndObject();
    }

    private static void WritePlans(CanonicalJsonWriter json, IReadOnlyList<DebtPlan> plans)
    {
        json.Name("plans"u8);
        json.StartArray();
        foreach (DebtPlan plan in plans)
        {
            json.StartObject();
            if (plan is TimePlan or CatchUpPlan) json.Member("days"u8, plan is TimePlan time ? time.Days : ((CatchUpPlan)plan).Days);
            json.Member("first_due"u8, plan.FirstDue);
            json.Member("from"u8, plan.From);
            json.Member("id"u8, plan.Id);
            json.Member("kind"u8, plan switch { TimePlan => "time"u8, SharePlan => "share"u8, _ => "schedule"u8 });
            if (plan is SharePlan { MonthMax: { } month }) json.Member("month_max"u8, MinorUnits.Of(month));
            if (plan is SharePlan share) json.MemberAsGiven("percent"u8, share.Percent);
            json.Member("total"u8, MinorUnits.Of(plan.Total));
            json.Member("was_shown"u8, plan.WasShown);
            if (plan is SharePlan { WeekMax: { } week }) json.Member("week_max"u8, MinorUnits.Of(week));
            json.EndObject();
        }
        json.EndArray();
    }

    private static void WritePosted(CanonicalJsonWriter json, IReadOnlyList<DayPosting> postings)
    {
        json.Name("posted"u8);
        json.StartArray();
        foreach (DayPosting posting in postings)
        {
            json.StartObject();
            json.Member("date"u8, posting.Date);
            json.Member("deduction"u8, MinorUnits.Of(posting.Deduction));
            WriteLines(json, "lines"u8, posting.Lines);
            if (posting.Repricing.Count > 0) WriteLines(json, "repricing"u8, posting.Repricing);
            if (posting.Reverses is { } reverses) json.Member("reverses"u8, reverses);
            json.Member("sequence"u8, posting.Sequence);
            json.Name("use"u8);
            json.StartObject();
            WriteUse(json, posting.Use);
            json.EndObject();
            json.EndObject();
        }
        json.EndArray();
    }

    private static void WriteLines(CanonicalJsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<TariffLine> lines)
    {
        json.Name(name);
        json.StartArray();
        for (int i = 0; i < lines.Count; i++)
        {
            json.StartArray();
            json.String(lines[i].Id);
            json.Integer(MinorUnits.Of(lines[i].Amount));
            json.EndArray();
        }
        json.EndArray();
    }

    private static void WriteTakings(CanonicalJsonWriter json, IReadOnlyList<DebtTaking> takings)
    {
        json.Name("takings"u8);
        json.StartArray();
        foreach (DebtTaking taking in takings)
        {
            json.StartObject();
            json.Member("amount"u8, MinorUnits.Of(taking.Amount));
            json.Member("date"u8, taking.Date);
            json.Member("plan"u8, taking.PlanId);
            json.EndObject();
        }
        json.EndArray();
    }

    private static void WriteUse(CanonicalJsonWriter json, DayUse use)
    {
        if (use.Intervals is not null) throw new NotSupportedException("Days that are priced by interval are billed, not deducted from a wallet.");
        if (use.Kvah is { } kvah) json.MemberAsGiven("kvah"u8, kvah);
        json.MemberAsGiven("kwh"u8, use.Kwh);
        if (use.KwhByTou is { } byTou)
        {
            json.Name("kwh_by_tod"u8);
            WriteNumbers(json, byTou);
        }
        if (use.KwhExport is { } export) json.MemberAsGiven("kwh_export"u8, export);
        json.Member("quality"u8, Word(use.Quality));
        if (use.ReadingHash is { } hash) json.MemberHex("reading"u8, hash.Octets);
    }
}
