using NodaTime;
using Praman.Billing.Comparison;
using Praman.Billing.Suppliers;
using Praman.Billing.Verification;
using Praman.Metering;
using Praman.Server.Hosting;
using Praman.Server.Queries;
using BillFiles = Praman.Server.Queries.BillFiles;

namespace Praman.Server.Bills;

/// <summary>Gathers what the page of a bill shows: its file, and what the bill does not hold (its supplier's facts, the bills before it, its account).</summary>
internal sealed class BillViews(IConsumerQueries queries, IReleases releases, ILogFiles log, SupplierSet suppliers, ILogger<BillViews> logger)
{
    /// <summary>Most bills that are shown of six months: a bill a day would be no plot.</summary>
    private const int HistoryCountMax = 31;

    /// <summary>What the page shows; null, and a line in the server's log, where the bill's file is damaged.</summary>
    /// <param name="server">Address of the pages, with a slash at its end.</param>
    public async ValueTask<BillView?> ReadAsync(BillFiles files, string server, CancellationToken cancellationToken)
    {
        if (!BillDocument.TryRead(files.Bill, out BillDocument? bill, out UnreadableFile? fault) || bill.IsShort)
        {
            logger.BillUnreadable(files.BillNo, fault?.ToString() ?? "the short form, which holds no inputs");
            return null;
        }
        var sources = new Dictionary<string, TariffSource>(StringComparer.Ordinal);
        foreach (string id in bill.Lines.SelectMany(l => l.Sources).Select(bill.Text).Distinct(StringComparer.Ordinal))
        {
            if (await queries.FindSourceAsync(id, cancellationToken) is { } source) sources[id] = source;
        }
        IReadOnlyList<BillSummary> all = await queries.BillsAsync(files.UsagePoint, cancellationToken);
        long? dues = await DuesAsync(files.UsagePoint, bill.Currency, bill.Issued, cancellationToken);
        ComparedBill.TryRead(new(files.Bill, null, files.Evidence), dues ?? 0, out ComparedBill? own);
        Supplier? supplier = suppliers.Find(bill.Text(bill.Utility));
        return new BillView(bill, sources, files.UsagePoint, log.LogKey, log.WitnessKeys)
        {
            ReversedBy = files.ReversedBy,
            ErasedOn = ErasedFiles.ErasedOn(files.Evidence.Span),
            Change = own is null ? null : await ChangeAsync(all, bill, own, cancellationToken),
            Tariff = own?.Tariff.Tariff,
            DuesPaise = dues,
            Supplier = supplier,
            Terms = PaymentTerms.Of(supplier, bill.Issued, LastReadingOf(bill)),
            History = [.. all
                .Where(one => one.IsInForce && one.Period.End >= BillView.HistoryFromOf(bill) && one.Period.End <= bill.To && one.Total.Currency == bill.Currency)
                .OrderByDescending(one => one.Period.End).Take(HistoryCountMax).Reverse()],
            Code = ProofCode.Of(server, files),
            Release = files.ReleasedBlocks is { } blocks ? await releases.FindAsync(files.UsagePoint, new DateInterval(bill.From, bill.To), blocks, cancellationToken) : null,
        };
    }

    /// <summary>What was open when a bill was issued: the bill itself, posted on that day, is not in it.</summary>
    private ValueTask<long?> DuesAsync(UsagePointId usagePoint, string currency, LocalDate issued, CancellationToken cancellationToken) =>
        queries.DuesAsync(usagePoint, currency, issued.PlusDays(-1), cancellationToken);

    /// <summary>The local day of the last register reading; where there is none, the day after the period, on which one would be taken.</summary>
    private static LocalDate LastReadingOf(BillDocument bill) =>
        bill.Readings.Segments.Count == 0 ? bill.To.PlusDays(1) : bill.Readings.Segments.Max(segment => segment.ClosingAt).InZone(bill.Zone).Date;

    /// <summary>Why a bill differs from the newest one that ended before it began.</summary>
    private async ValueTask<BillChange?> ChangeAsync(IReadOnlyList<BillSummary> all, BillDocument bill, ComparedBill own, CancellationToken cancellationToken)
    {
        if (all.Where(one => one.IsInForce && one.Period.End < bill.From).MaxBy(one => one.Period.End) is not { } summary) return null;
        if (await queries.FindBillAsync(summary.BillNo, cancellationToken) is not { } earlier) return null;
        // Of an account that began between the two bills nothing was open before.
        long dues = await DuesAsync(summary.UsagePoint, bill.Currency, summary.Issued, cancellationToken) ?? 0;
        return ComparedBill.TryRead(new(earlier.Bill, null, earlier.Evidence), dues, out ComparedBill? before)
            && before.Tariff.Tariff.Currency == own.Tariff.Tariff.Currency
                ? BillComparison.Between(before, own) : null;
    }
}
