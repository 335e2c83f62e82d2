using NodaTime;
using Praman.Metering;

namespace Praman.Billing.Ledger;

/// <summary>A part of a deduction or a bill: which account earns it, and how much in minor units.</summary>
public readonly record struct PostingPart(LedgerAccount Account, long Amount);

/// <summary>
/// The postings of the business, as requests (docs/reference/ledger.md). One object a currency. What an account cannot take goes on to the next
/// place in sight: no balance is read before, so nothing happens between the reading and the writing.
/// </summary>
public sealed class Postings(string currency)
{
    /// <summary>An account of the utility.</summary>
    public LedgerAccount Of(AccountKind kind, string? detail = null) => new(currency, kind, null, detail);

    /// <summary>An account of a usage point.</summary>
    public LedgerAccount Of(AccountKind kind, UsagePointId usagePoint, string? detail = null) => new(currency, kind, usagePoint, detail);

    /// <summary>Places that a charge on a prepaid usage point takes from: the wallet until it is empty, emergency credit until its limit, then overdrawn.</summary>
    public IReadOnlyList<Place> ChargePlaces(UsagePointId usagePoint, long emergencyLimit) =>
        [new(Of(AccountKind.Wallet, usagePoint), 0), new(Of(AccountKind.Emergency, usagePoint), emergencyLimit), new(Of(AccountKind.Overdrawn, usagePoint))];

    /// <summary>Places that money for a prepaid usage point goes to: first what was used beyond the wallet, then the wallet.</summary>
    public IReadOnlyList<Place> TopUpPlaces(UsagePointId usagePoint) =>
        [new(Of(AccountKind.Overdrawn, usagePoint), 0), new(Of(AccountKind.Emergency, usagePoint), 0), new(Of(AccountKind.Wallet, usagePoint))];

    /// <summary>
    /// A prepaid day: the net total from the wallet, each part to its account. A negative part (a rebate, a subsidy) is a debit of its account, so that
    /// the wallet is charged net. A day that costs nothing has no posting.
    /// </summary>
    public PostingRequest DayDeduction(string key, UsagePointId usagePoint, LocalDate day, IReadOnlyList<PostingPart> parts, long emergencyLimit) =>
        DayDeduction(key, day, Charged(parts, total => total > 0 ? ChargePlaces(usagePoint, emergencyLimit) : TopUpPlaces(usagePoint)));

    /// <summary>The same from lines that are made already.</summary>
    internal static PostingRequest DayDeduction(string key, LocalDate day, IReadOnlyList<PostingLine> lines) => PostingRequest.Post(key, day, "day-deduction", lines);

    /// <summary>A postpaid bill: its total becomes arrears, under a detail by which it is older or younger than others.</summary>
    public PostingRequest Bill(string key, UsagePointId usagePoint, LocalDate issued, string period, IReadOnlyList<PostingPart> parts) =>
        PostingRequest.Post(key, issued, "bill", Charged(parts, _ => [new(Of(AccountKind.Arrears, usagePoint, period))]));

    /// <summary>Money at the bank for what a gateway had taken.</summary>
    public PostingRequest BankSettlement(string key, LocalDate day, string channel, long amount, string reference) => PostingRequest.Post(
        key, day, "bank-settlement", [PostingLine.Debit(amount, Of(AccountKind.Bank)), PostingLine.Credit(amount, Of(AccountKind.GatewaySuspense, channel))], reference);

    /// <summary>The share of a recharge that goes to old dues; refused where the wallet or the plan is smaller.</summary>
    public PostingRequest DebtShare(string key, UsagePointId usagePoint, LocalDate day, long amount) => PostingRequest.Post(
        key, day, "debt-share", [PostingLine.Debit(amount, Of(AccountKind.Wallet, usagePoint)), PostingLine.Credit(amount, Of(AccountKind.Plan, usagePoint))]);

    /// <summary>The share of a plan, as a wallet has taken it: where money went back meanwhile that the wallet was not told of yet, what is lacking stands as overdrawn, in sight.</summary>
    /// <param name="plan">Detail of the plan's account.</param>
    public PostingRequest DebtShare(string key, UsagePointId usagePoint, LocalDate day, long amount, string plan) => PostingRequest.Post(
        key, day, "debt-share", [PostingLine.Debit(amount, ChargePlaces(usagePoint, 0)), PostingLine.Credit(amount, Of(AccountKind.Plan, usagePoint, plan))]);

    /// <summary>A sum that the wallet has borne and need not bear at once, such as a large correction: it comes back, and is owed under a plan.</summary>
    public PostingRequest ToPlan(string key, UsagePointId usagePoint, LocalDate day, long amount, string plan) => PostingRequest.Post(
        key, day, "to-plan", [PostingLine.Debit(amount, Of(AccountKind.Plan, usagePoint, plan)), PostingLine.Credit(amount, TopUpPlaces(usagePoint))]);

    /// <summary>Arrears that the deposit did not cover go under a plan.</summary>
    /// <param name="arrears">Details of the arrears, oldest first.</param>
    public PostingRequest ArrearsToPlan(string key, UsagePointId usagePoint, LocalDate day, long amount, IReadOnlyList<string> arrears, string plan) => PostingRequest.Post(
        key, day, "arrears-to-plan", [PostingLine.Debit(amount, Of(AccountKind.Plan, usagePoint, plan)), PostingLine.Credit(amount, [.. Dues(usagePoint, arrears)])]);

    /// <summary>What a period's bill and its days differ by: parts by account, positive takes from the wallet.</summary>
    public PostingRequest TrueUp(string key, UsagePointId usagePoint, LocalDate day, IReadOnlyList<PostingPart> parts, long emergencyLimit) =>
        PostingRequest.Post(key, day, "true-up", Charged(parts, total => total > 0 ? ChargePlaces(usagePoint, emergencyLimit) : TopUpPlaces(usagePoint)));

    /// <summary>From postpaid to prepaid: the deposit with its interest pays the arrears, oldest first; the rest is the first balance of the wallet.</summary>
    /// <param name="arrears">Details of the arrears, oldest first.</param>
    public PostingRequest Conversion(string key, UsagePointId usagePoint, LocalDate day, long deposit, long interest, IReadOnlyList<string> arrears)
    {
        var lines = new List<PostingLine> { PostingLine.Debit(deposit, Of(AccountKind.Deposit, usagePoint)) };
        if (interest > 0) lines.Add(PostingLine.Debit(interest, Of(AccountKind.InterestExpense)));
        lines.Add(PostingLine.Credit(deposit + interest, [.. Dues(usagePoint, arrears), new Place(Of(AccountKind.Wallet, usagePoint))]));
        return PostingRequest.Post(key, day, "conversion", lines);
    }

    /// <summary>A rebate that is not part of a day's deduction.</summary>
    public PostingRequest Rebate(string key, UsagePointId usagePoint, LocalDate day, string kind, long amount) => PostingRequest.Post(
        key, day, "rebate", [PostingLine.Debit(amount, Of(AccountKind.RebateExpense, kind)), PostingLine.Credit(amount, TopUpPlaces(usagePoint))]);

    /// <summary>Compensation for a standard of performance that was missed.</summary>
    public PostingRequest Compensation(string key, UsagePointId usagePoint, LocalDate day, long amount) => PostingRequest.Post(
        key, day, "compensation", [PostingLine.Debit(amount, Of(AccountKind.CompensationExpense)), PostingLine.Credit(amount, TopUpPlaces(usagePoint))]);

    /// <summary>After a move-out: what the wallet holds is to be paid back, to the last paisa.</summary>
    public PostingRequest MoveOut(string key, UsagePointId usagePoint, LocalDate day, long balance) => PostingRequest.Post(
        key, day, "move-out", [PostingLine.Debit(balance, Of(AccountKind.Wallet, usagePoint)), PostingLine.Credit(balance, Of(AccountKind.RefundPayable, usagePoint))]);

    /// <summary>Arrears to be paid, oldest first.</summary>
    public IEnumerable<Place> Dues(UsagePointId usagePoint, IReadOnlyList<string> arrears) => arrears.Select(detail => new Place(Of(AccountKind.Arrears, usagePoint, detail), 0));

    private static List<PostingLine> Charged(IReadOnlyList<PostingPart> parts, Func<long, IReadOnlyList<Place>> places)
    {
        long total = parts.Sum(part => part.Amount);
        var lines = new List<PostingLine>();
        if (total != 0) lines.Add(new PostingLine(total, places(total)));
        lines.AddRange(parts.Where(part => part.Amount != 0).Select(part => PostingLine.Credit(part.Amount, part.Account)));
        return lines;
    }
}
