using NodaTime;
using Praman.Billing.Prepayment;
using Praman.Billing.Rating;
using Praman.Billing.Wallets;
using Praman.MeterData.Gate;
using Praman.Metering;
using Praman.Proof;
using DayUse = Praman.Billing.Prepayment.DayUse;

namespace Praman.Server.Prepaid;

/// <summary>What a night did to a wallet.</summary>
/// <param name="Steps">In order, as they were written.</param>
/// <param name="Events">What the account said of them.</param>
/// <param name="Refusal">Why it went no further; null where it did not stop.</param>
public sealed record WalletNight(UsagePointId UsagePoint, IReadOnlyList<WalletStep> Steps, IReadOnlyList<AccountEvent> Events, RatingRefusal? Refusal);

/// <summary>
/// The night of prepaid homes: each day is deducted by what the registers say of it. A day without a register is not deducted; it is waited for,
/// and only after <see cref="WaitNights"/> estimated, until its reading replaces the estimate. Days stay in their order, so later days wait with it.
/// </summary>
/// <param name="billDateOf">The day on which the bill of a period is issued: some dated rates go by it.</param>
public sealed class WalletNights(WalletBook book, BillingPeriodReadings usage, Func<DateInterval, LocalDate> billDateOf)
{
    /// <summary>Nights that a day without a register is waited for.</summary>
    public const int WaitNights = 1;

    /// <summary>Nights after its end that a period with estimated days is left open for their readings.</summary>
    public const int CloseWaitNights = 3;

    /// <summary>Days looked back for read ones where a day has to be estimated.</summary>
    private const int LookBackDays = 28;

    /// <summary>Deducts what can be deducted up to and with a local day, and writes it.</summary>
    /// <exception cref="Billing.Stores.WalletConflictException">Another process wrote to one of the wallets; nothing was written.</exception>
    public async ValueTask<IReadOnlyList<WalletNight>> RunAsync(LocalDate day, Instant now, CancellationToken cancellationToken)
    {
        var nights = new List<WalletNight>();
        foreach (OpenWallet open in await book.ListAsync(cancellationToken).ConfigureAwait(false))
        {
            var steps = new List<WalletStep>();
            RatingRefusal? refusal = await SettleAsync(open, day, now, steps, cancellationToken).ConfigureAwait(false);
            nights.Add(new WalletNight(open.UsagePoint.Id, steps, open.Wallet.Account.TakeEvents(), refusal));
        }
        await book.CommitAsync([.. nights.SelectMany(night => night.Steps)], now, cancellationToken).ConfigureAwait(false);
        return nights;
    }

    /// <summary>A period of a wallet begins on a day and ends with its month.</summary>
    /// <exception cref="InvalidDataException">The tariff is not known.</exception>
    public WalletStep Begin(OpenWallet open, LocalDate from, Instant now)
    {
        ArgumentNullException.ThrowIfNull(open);
        UsagePoint point = open.UsagePoint;
        CompiledTariff tariff = book.TariffOf(point) ?? throw new InvalidDataException($"{point.Id}: there is no tariff '{point.TariffId}'");
        var period = new DateInterval(from, from.With(DateAdjusters.EndOfMonth));
        return open.Wallet.BeginPeriod(now, tariff, Determinants(point, period, billDateOf(period)), []);
    }

    /// <summary>What a bill of the period goes by, beside its energy.</summary>
    public static BillingDeterminants Determinants(UsagePoint point, DateInterval period, LocalDate billDate)
    {
        ArgumentNullException.ThrowIfNull(point);
        ArgumentNullException.ThrowIfNull(period);
        return new BillingDeterminants
        {
            Period = new BillingPeriod(period.Start, period.End), BillDate = billDate, SanctionedLoadKw = point.SanctionedLoadW / 1000m,
            Phase = point.PhaseCount == 3 ? SupplyPhase.Three : SupplyPhase.Single, Flags = point.BillingFlags,
        };
    }

    private async ValueTask<RatingRefusal?> SettleAsync(OpenWallet open, LocalDate day, Instant now, List<WalletStep> steps, CancellationToken cancellationToken)
    {
        Wallet wallet = open.Wallet;
        while (wallet.Settlement is { } settlement)
        {
            if (await ReplaceAsync(open, day, now, steps, cancellationToken).ConfigureAwait(false) is { } unrated) return unrated;
            while (!settlement.IsFull && settlement.NextDay <= day)
            {
                if (await UsesAsync(open, settlement, day, cancellationToken).ConfigureAwait(false) is not { Count: > 0 } uses) break;
                foreach (DayUse use in uses)
                {
                    WalletDay settled = wallet.SettleDay(now, use, looksAhead: true);
                    if (settled.Step is not { } step) return settled.Refusal;
                    steps.Add(step);
                }
            }
            if (wallet.TakeInstalments(now, day) is { } instalment) steps.Add(instalment);
            if (!settlement.IsFull || !MayClose(settlement, day)) return null;
            if (wallet.Close(now, null, out _, out RatingRefusal? refusal) is not { } closed) return refusal;
            steps.Add(closed);
            steps.Add(Begin(open, settlement.NextDay, now));
        }
        return null;
    }

    private static bool MayClose(PeriodSettlement settlement, LocalDate day) =>
        settlement.Days.All(use => !IsUnread(use)) || Period.DaysBetween(settlement.NextDay.PlusDays(-1), day) >= CloseWaitNights;

    /// <summary>Late readings take the place of what was posted without them: each its own day, or, where only a later register came, the days between two registers in even shares.</summary>
    private async ValueTask<RatingRefusal?> ReplaceAsync(OpenWallet open, LocalDate day, Instant now, List<WalletStep> steps, CancellationToken cancellationToken)
    {
        PeriodSettlement settlement = open.Wallet.Settlement!;
        LocalDate from = settlement.NextDay.PlusDays(-settlement.Days.Count), end = from.With(DateAdjusters.EndOfMonth);
        for (int first = 0; first < settlement.Days.Count; first++)
        {
            if (!IsUnread(settlement.Days[first])) continue;
            int run = 1;
            while (first + run < settlement.Days.Count && IsUnread(settlement.Days[first + run])) run++;
            // A run that reaches the newest day may end at a register of a day that is not posted yet.
            LocalDate start = from.PlusDays(first), last = first + run < settlement.Days.Count ? start.PlusDays(run - 1) : LocalDate.Min(day, end);
            if (await KnownAsync(open, start, last, cancellationToken).ConfigureAwait(false) is not { } uses) continue;
            WalletStep? step = open.Wallet.Replace(now, start, [.. uses.Take(run)], out RatingRefusal? refusal);
            if (refusal is not null) return refusal;
            if (step is not null) steps.Add(step);
            foreach (DayUse use in uses.Skip(run))
            {
                if (open.Wallet.SettleDay(now, use, looksAhead: true) is not { Step: { } settled }) break;
                steps.Add(settled);
            }
            first += uses.Count - 1;
        }
        return null;
    }

    /// <summary>The days from one on, as far as the first register says: one day that is read, or several that share what lies between two registers; null where none does.</summary>
    private async ValueTask<IReadOnlyList<DayUse>?> KnownAsync(OpenWallet open, LocalDate first, LocalDate last, CancellationToken cancellationToken)
    {
        for (LocalDate until = first; until <= last; until = until.PlusDays(1))
        {
            if (await ReadAsync(open, first, until, cancellationToken).ConfigureAwait(false) is not { } read) continue;
            return until == first ? [read] : DayEstimate.Spread(read.Kwh, Period.DaysBetween(first, until) + 1);
        }
        return null;
    }

    /// <summary>What is to be posted from the next day on; null where it is waited for.</summary>
    private async ValueTask<IReadOnlyList<DayUse>?> UsesAsync(OpenWallet open, PeriodSettlement settlement, LocalDate day, CancellationToken cancellationToken)
    {
        LocalDate first = settlement.NextDay, end = first.With(DateAdjusters.EndOfMonth);
        if (await KnownAsync(open, first, LocalDate.Min(day, end), cancellationToken).ConfigureAwait(false) is { } known) return known;
        if (Period.DaysBetween(first, day) < WaitNights) return null;
        int unread = 0;
        while (unread < settlement.Days.Count && IsUnread(settlement.Days[^(unread + 1)])) unread++;
        return [DayEstimate.For(first, unread, await ValidAsync(open, first, cancellationToken).ConfigureAwait(false), open.Wallet.Terms.Holidays.Contains)];
    }

    private async ValueTask<List<(LocalDate Date, decimal Kwh)>> ValidAsync(OpenWallet open, LocalDate before, CancellationToken cancellationToken)
    {
        var valid = new List<(LocalDate, decimal)>();
        for (LocalDate date = before.PlusDays(-LookBackDays); date < before; date = date.PlusDays(1))
        {
            if (await ReadAsync(open, date, date, cancellationToken).ConfigureAwait(false) is { } read) valid.Add((date, read.Kwh));
        }
        return valid;
    }

    /// <summary>The energy of local days by the registers at both their ends; null where one is missing or disputed.</summary>
    private async ValueTask<DayUse?> ReadAsync(OpenWallet open, LocalDate first, LocalDate last, CancellationToken cancellationToken)
    {
        BillableUsage used = await usage.UsageForBillingAsync(open.UsagePoint.Id, new DateInterval(first, last), null, cancellationToken).ConfigureAwait(false);
        if (used.Segments.Count == 0 || used.Reasons.Contains(GateReason.Register) || used.Reasons.Contains(GateReason.RegisterOrder)) return null;
        byte[] registers = [.. used.Segments.SelectMany(segment => (IEnumerable<byte>)[.. segment.OpeningBlock.Bytes.Span, .. segment.ClosingBlock.Bytes.Span])];
        return new DayUse(used.EnergyWh / 1000m) { ReadingHash = Digest.Sha256(registers) };
    }

    private static bool IsUnread(DayUse use) => use.Quality is DayQuality.Estimated or DayQuality.FixedOnly;
}
