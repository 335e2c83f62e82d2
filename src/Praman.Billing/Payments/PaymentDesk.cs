using NodaTime;
using Praman.Billing.Ledger;
using Praman.Billing.Stores;

namespace Praman.Billing.Payments;

/// <summary>What a notice or an order led to.</summary>
public enum PaymentOutcome
{
    /// <summary>The order is held in the ledger.</summary>
    Opened,
    /// <summary>The money is in the wallet or paid the arrears.</summary>
    Credited,
    /// <summary>The money came after the order was given up, and is credited.</summary>
    CreditedLate,
    /// <summary>The order is given up; nothing was credited.</summary>
    GivenUp,
    /// <summary>Money that was credited is taken back; what was spent of it stands as overdrawn.</summary>
    TakenBack,
    /// <summary>Money that fits no order, or another amount than was ordered, or a second time: it waits for a person.</summary>
    Unmatched,
    /// <summary>It says what was known, or nothing that moves money.</summary>
    NoChange,
    /// <summary>It has no valid form.</summary>
    Refused,
}

/// <summary>An outcome, the record of the journal that stands for it where there is one, and what was wrong where it was refused.</summary>
public sealed record PaymentResult(PaymentOutcome Outcome, JournalRecord? Record, string? Reason = null);

/// <summary>
/// Turns what gateways say into postings. Everything may come late, twice and in any order; each movement of money is posted once, and what fits
/// nothing is kept in <c>suspense.unmatched</c>, never dropped. State is the journal alone.
/// </summary>
/// <param name="zone">Zone of the business day.</param>
public sealed class PaymentDesk(ILedgerStore ledger, string currency, DateTimeZone zone)
{
    private const int TryMax = 4;
    private const int OpenMax = 100_000;

    private readonly Postings _postings = new(currency);

    /// <summary>Holds an order: what is to come is seen as pending, and cannot be spent.</summary>
    public async ValueTask<PaymentResult> OpenAsync(string channel, PaymentOrder order, Instant now, CancellationToken cancellationToken)
    {
        if (!PaymentKeys.IsChannel(channel)) return Refused("a channel of 1 to 20 of a-z, 0-9, '.' and '-' was expected");
        if (!PaymentKeys.IsOrder(order.Id)) return Refused("an order of 1 to 40 of A-Z, a-z, 0-9 and '-' was expected");
        string key = PaymentKeys.Hold(channel, order.Id);
        // The day of an order is that of its first opening, so that the same order asked again a day later is the same order.
        LocalDate day = (await ledger.FindAsync(key, cancellationToken).ConfigureAwait(false))?.BusinessDate ?? DayOf(now);
        var wallet = new Place(_postings.Of(AccountKind.Wallet, order.UsagePoint));
        IReadOnlyList<Place> places = order.Purpose == PaymentPurpose.Bill ? [.. _postings.Dues(order.UsagePoint, order.Arrears), wallet] : [wallet];
        PostingOutcome outcome = await AppendAsync(
            PostingRequest.Hold(key, day, "payment", [PostingLine.Debit(order.Amount, Suspense(channel)), PostingLine.Credit(order.Amount, places)]), now, cancellationToken).ConfigureAwait(false);
        if (outcome.Refusal is { } refusal) return Refused(refusal.ToString());
        return new PaymentResult(outcome.IsNew ? PaymentOutcome.Opened : PaymentOutcome.NoChange, outcome.Record);
    }

    /// <summary>Takes a notice that the gateway sent, or gave when it was asked.</summary>
    public async ValueTask<PaymentResult> AcceptAsync(string channel, PaymentNotice notice, Instant now, CancellationToken cancellationToken)
    {
        if (!PaymentKeys.IsChannel(channel) || !PaymentKeys.IsOrder(notice.OrderId)) return Refused("a channel and an order were expected");
        if (!PaymentKeys.IsReference(notice.Reference)) return Refused("a reference of 1 to 64 of A-Z, a-z, 0-9, '.', '_' and '-' was expected");
        if (notice.Currency != currency || notice.Amount <= 0) return Refused($"a positive amount in {currency} was expected");
        for (int attempt = 0; attempt < TryMax; attempt++)
        {
            PaymentResult? result = notice.Status switch
            {
                PaymentStatus.Success => await PaidAsync(channel, notice, now, cancellationToken).ConfigureAwait(false),
                PaymentStatus.Failed => await FailedAsync(channel, notice, now, cancellationToken).ConfigureAwait(false),
                PaymentStatus.Reversed => await BackAsync(channel, notice, now, cancellationToken).ConfigureAwait(false),
                _ => new PaymentResult(PaymentOutcome.NoChange, null),
            };
            // Null: another notice came in between and the order is no longer as it was found.
            if (result is not null) return result;
        }
        throw new InvalidOperationException($"order {notice.OrderId} of {channel} changed {TryMax} times while one notice was posted");
    }

    /// <summary>Posts what arrived at the bank for a settlement file.</summary>
    public async ValueTask<PaymentResult> SettleAsync(SettlementFile file, Instant now, CancellationToken cancellationToken)
    {
        if (!PaymentKeys.IsChannel(file.Channel) || !PaymentKeys.IsReference(file.BankReference) || file.Currency != currency) return Refused($"a channel, a bank reference and the currency {currency} were expected");
        if (file.Total == 0) return new PaymentResult(PaymentOutcome.NoChange, null);
        var bank = new PostingLine(file.Total, [new Place(_postings.Of(AccountKind.Bank))]);
        var suspense = new PostingLine(-file.Total, [new Place(Suspense(file.Channel))]);
        PostingOutcome outcome = await AppendAsync(
            PostingRequest.Post(PaymentKeys.Bank(file.Channel, file.BankReference), file.Day, "bank-settlement", [bank, suspense], file.BankReference), now, cancellationToken).ConfigureAwait(false);
        if (outcome.Refusal is { } refusal) return Refused(refusal.ToString());
        return new PaymentResult(outcome.IsNew ? PaymentOutcome.Credited : PaymentOutcome.NoChange, outcome.Record);
    }

    /// <summary>Asks the gateway about orders that are still open: a callback may never come.</summary>
    /// <param name="openedBefore">Younger orders are left alone.</param>
    /// <returns>Orders with what became of them now.</returns>
    public async ValueTask<IReadOnlyList<(string OrderId, PaymentResult Result)>> ChaseAsync(IPaymentGateway gateway, DateInterval days, Instant openedBefore, Instant now, CancellationToken cancellationToken)
    {
        var results = new List<(string, PaymentResult)>();
        foreach (JournalRecord record in await ledger.ReadAsync(Suspense(gateway.Channel), days, OpenMax, cancellationToken).ConfigureAwait(false))
        {
            if (record.Action != PostingAction.Hold || record.BookedAt >= openedBefore || !PaymentKeys.TryParse(record.Key, gateway.Channel, out string orderId, out _)) continue;
            if (await ledger.FindFollowerAsync(record.Sequence, cancellationToken).ConfigureAwait(false) is not null) continue;
            if (await gateway.QueryAsync(orderId, cancellationToken).ConfigureAwait(false) is not { } notice) continue;
            results.Add((orderId, await AcceptAsync(gateway.Channel, notice, now, cancellationToken).ConfigureAwait(false)));
        }
        return results;
    }

    private async ValueTask<PaymentResult?> PaidAsync(string channel, PaymentNotice notice, Instant now, CancellationToken cancellationToken)
    {
        // A movement that was put aside before stays aside, whatever the order became.
        if (await ledger.FindAsync(PaymentKeys.Stray(channel, notice.Reference), cancellationToken).ConfigureAwait(false) is { } aside) return new PaymentResult(PaymentOutcome.NoChange, aside);
        if (await ledger.FindAsync(PaymentKeys.Hold(channel, notice.OrderId), cancellationToken).ConfigureAwait(false) is not { } hold) return await StrayAsync(channel, notice, now, cancellationToken).ConfigureAwait(false);
        JournalRecord? credited = await CreditedAsync(channel, notice.OrderId, cancellationToken).ConfigureAwait(false);
        if (credited is not null)
        {
            if (credited.Reference != notice.Reference) return await StrayAsync(channel, notice, now, cancellationToken).ConfigureAwait(false);
            await RepayAsync(channel, notice, hold, now, cancellationToken).ConfigureAwait(false);
            return new PaymentResult(PaymentOutcome.NoChange, credited);
        }
        if (AmountOf(hold, channel) != notice.Amount)
        {
            // The order was paid otherwise than it was made: it no longer waits, and the money does.
            await FailedAsync(channel, notice, now, cancellationToken).ConfigureAwait(false);
            return await StrayAsync(channel, notice, now, cancellationToken).ConfigureAwait(false);
        }
        bool isOpen = await ledger.FindFollowerAsync(hold.Sequence, cancellationToken).ConfigureAwait(false) is null;
        PostingOutcome outcome = await AppendAsync(
            isOpen
                ? PostingRequest.Settle(PaymentKeys.Step(channel, notice.OrderId, PaymentKeys.Done), hold.Key, "payment", DayOf(notice.At), notice.Reference)
                : PostingRequest.Post(
                    PaymentKeys.Step(channel, notice.OrderId, PaymentKeys.Late), DayOf(notice.At), "payment-late",
                    [.. hold.Entries.Select(entry => new PostingLine(entry.Amount, entry.Amount > 0 || entry.Account.Kind == AccountKind.Wallet ? [new Place(entry.Account)] : [new Place(entry.Account, 0), WalletOf(hold)]))],
                    notice.Reference),
            now, cancellationToken).ConfigureAwait(false);
        if (outcome.Record is null) return null;
        await RepayAsync(channel, notice, hold, now, cancellationToken).ConfigureAwait(false);
        return new PaymentResult(!outcome.IsNew ? PaymentOutcome.NoChange : isOpen ? PaymentOutcome.Credited : PaymentOutcome.CreditedLate, outcome.Record);
    }

    /// <summary>What was used beyond the wallet is paid back from what just came. Read after the money is there, so nothing new can stand as overdrawn unless that is spent too.</summary>
    private async ValueTask RepayAsync(string channel, PaymentNotice notice, JournalRecord hold, Instant now, CancellationToken cancellationToken)
    {
        LedgerAccount wallet = WalletOf(hold).Account;
        long owed = 0;
        foreach (AccountKind kind in (AccountKind[])[AccountKind.Overdrawn, AccountKind.Emergency])
            owed += (await ledger.BalanceAsync(wallet with { Kind = kind }, AsOf.Now, cancellationToken).ConfigureAwait(false)).Posted;
        AccountBalance holds = await ledger.BalanceAsync(wallet, AsOf.Now, cancellationToken).ConfigureAwait(false);
        long amount = Math.Min(Math.Min(owed, notice.Amount), -holds.Posted - holds.PendingDebits);
        if (amount <= 0) return;
        await AppendAsync(
            PostingRequest.Post(
                PaymentKeys.Step(channel, notice.OrderId, PaymentKeys.Repay), DayOf(notice.At), "overdrawn-repaid",
                [PostingLine.Debit(amount, wallet), PostingLine.Credit(amount, _postings.TopUpPlaces(wallet.UsagePoint!.Value))]),
            now, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<PaymentResult?> FailedAsync(string channel, PaymentNotice notice, Instant now, CancellationToken cancellationToken)
    {
        if (await ledger.FindAsync(PaymentKeys.Hold(channel, notice.OrderId), cancellationToken).ConfigureAwait(false) is not { } hold
            || await ledger.FindFollowerAsync(hold.Sequence, cancellationToken).ConfigureAwait(false) is not null) return new PaymentResult(PaymentOutcome.NoChange, null);
        PostingOutcome outcome = await AppendAsync(PostingRequest.Void(PaymentKeys.Step(channel, notice.OrderId, PaymentKeys.Void), hold.Key, "payment-failed", null, notice.Reference), now, cancellationToken).ConfigureAwait(false);
        return outcome.Record is null ? null : new PaymentResult(outcome.IsNew ? PaymentOutcome.GivenUp : PaymentOutcome.NoChange, outcome.Record);
    }

    private async ValueTask<PaymentResult?> BackAsync(string channel, PaymentNotice notice, Instant now, CancellationToken cancellationToken)
    {
        if (await CreditedAsync(channel, notice.OrderId, cancellationToken).ConfigureAwait(false) is not { } credited)
        {
            PaymentResult? stray = await StrayBackAsync(channel, notice, now, cancellationToken).ConfigureAwait(false);
            return stray is { Outcome: not PaymentOutcome.Refused } ? stray : await FailedAsync(channel, notice, now, cancellationToken).ConfigureAwait(false);
        }
        if (credited.Reference != notice.Reference) return await StrayBackAsync(channel, notice, now, cancellationToken).ConfigureAwait(false);
        string key = PaymentKeys.Step(channel, notice.OrderId, PaymentKeys.Back);
        if (await ledger.FindAsync(key, cancellationToken).ConfigureAwait(false) is { } before) return new PaymentResult(PaymentOutcome.NoChange, before);
        long amount = AmountOf(credited, channel);
        if (notice.Amount != amount) return Refused($"order {notice.OrderId} was credited with {amount}; {notice.Amount} cannot go back");
        JournalRecord hold = (await ledger.FindAsync(PaymentKeys.Hold(channel, notice.OrderId), cancellationToken).ConfigureAwait(false))!;
        // Arrears that it had paid are owed again; what went to the wallet comes from there, and from overdrawn where it was spent. Never a cut by itself.
        List<PostingLine> lines = [PostingLine.Credit(amount, Suspense(channel))];
        foreach (LedgerEntry entry in credited.Entries.Where(entry => entry.Amount < 0))
        {
            lines.Add(PostingLine.Debit(-entry.Amount, entry.Account.Kind == AccountKind.Wallet
                ? [new Place(entry.Account, 0), new Place(WalletOf(hold).Account with { Kind = AccountKind.Overdrawn })]
                : [new Place(entry.Account)]));
        }
        PostingOutcome outcome = await AppendAsync(PostingRequest.Post(key, DayOf(notice.At), "payment-reversed", lines, notice.Reference), now, cancellationToken).ConfigureAwait(false);
        return outcome.Refusal is { Code: LedgerRefusalCode.OtherBody } ? null
            : outcome.Refusal is { } refusal ? Refused(refusal.ToString())
            : new PaymentResult(outcome.IsNew ? PaymentOutcome.TakenBack : PaymentOutcome.NoChange, outcome.Record);
    }

    private async ValueTask<PaymentResult?> StrayAsync(string channel, PaymentNotice notice, Instant now, CancellationToken cancellationToken)
    {
        PostingOutcome outcome = await AppendAsync(
            PostingRequest.Post(
                PaymentKeys.Stray(channel, notice.Reference), DayOf(notice.At), "payment-unmatched",
                [PostingLine.Debit(notice.Amount, Suspense(channel)), PostingLine.Credit(notice.Amount, _postings.Of(AccountKind.UnmatchedSuspense, channel))], notice.Reference),
            now, cancellationToken).ConfigureAwait(false);
        return outcome.Refusal is { } refusal
            ? Refused(refusal.ToString())
            : new PaymentResult(outcome.IsNew ? PaymentOutcome.Unmatched : PaymentOutcome.NoChange, outcome.Record);
    }

    /// <summary>Money that was put aside goes back: a second payment of an order, for one.</summary>
    private async ValueTask<PaymentResult?> StrayBackAsync(string channel, PaymentNotice notice, Instant now, CancellationToken cancellationToken)
    {
        string key = PaymentKeys.Stray(channel, notice.Reference);
        if (await ledger.FindAsync(key, cancellationToken).ConfigureAwait(false) is not { } stray) return Refused($"{notice.Reference} is no movement of order {notice.OrderId} that was taken");
        if (await ledger.FindFollowerAsync(stray.Sequence, cancellationToken).ConfigureAwait(false) is { } before) return new PaymentResult(PaymentOutcome.NoChange, before);
        PostingOutcome outcome = await AppendAsync(PostingRequest.Reverse($"{key}/{PaymentKeys.Back}", key, "payment-reversed", DayOf(notice.At), notice.Reference), now, cancellationToken).ConfigureAwait(false);
        return outcome.Record is null ? null : new PaymentResult(outcome.IsNew ? PaymentOutcome.TakenBack : PaymentOutcome.NoChange, outcome.Record);
    }

    private async ValueTask<JournalRecord?> CreditedAsync(string channel, string orderId, CancellationToken cancellationToken) =>
        await ledger.FindAsync(PaymentKeys.Step(channel, orderId, PaymentKeys.Done), cancellationToken).ConfigureAwait(false)
        ?? await ledger.FindAsync(PaymentKeys.Step(channel, orderId, PaymentKeys.Late), cancellationToken).ConfigureAwait(false);

    private async ValueTask<PostingOutcome> AppendAsync(PostingRequest request, Instant now, CancellationToken cancellationToken) =>
        (await ledger.AppendAsync([request], now, cancellationToken).ConfigureAwait(false))[0];

    /// <summary>The wallet of the usage point that an order is for.</summary>
    private Place WalletOf(JournalRecord hold) => new(_postings.Of(AccountKind.Wallet, hold.Entries.First(entry => entry.Account.UsagePoint is not null).Account.UsagePoint!.Value));

    private LedgerAccount Suspense(string channel) => _postings.Of(AccountKind.GatewaySuspense, channel);

    private long AmountOf(JournalRecord record, string channel)
    {
        LedgerAccount suspense = Suspense(channel);
        return record.Entries.Where(entry => entry.Account == suspense).Sum(entry => entry.Amount);
    }

    private LocalDate DayOf(Instant at) => at.InZone(zone).Date;

    private static PaymentResult Refused(string reason) => new(PaymentOutcome.Refused, null, reason);
}
