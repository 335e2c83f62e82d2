using NodaTime;
using Praman.Billing.Stores;
using Praman.MeterData.Ingest;

namespace Praman.Server.Operations;

/// <summary>A kept bill that readings or registers say something else of by now.</summary>
/// <param name="Proposals">What was proposed of it, in the order of the store.</param>
public sealed record ProposedBill(BillFacts Facts, IReadOnlyList<RebillProposal> Proposals);

/// <summary>Proposals to bill again, by bill. Those of a bill that was taken back are closed; what came later was proposed of the bill in its place.</summary>
public static class OpenProposals
{
    /// <summary>Bills that something was proposed of, by number; those taken back already too, where asked for.</summary>
    public static async ValueTask<IReadOnlyList<ProposedBill>> ReadAsync(IReadingStore readings, IBillStore bills, bool andClosed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(readings);
        ArgumentNullException.ThrowIfNull(bills);
        var byBill = new SortedDictionary<string, List<RebillProposal>>(StringComparer.Ordinal);
        await foreach (RebillProposal proposal in readings.ReadRebillProposalsAsync(null, new Interval(null, null), cancellationToken).ConfigureAwait(false))
        {
            if (!byBill.TryGetValue(proposal.BillNumber, out List<RebillProposal>? own)) byBill[proposal.BillNumber] = own = [];
            own.Add(proposal);
        }
        var open = new List<ProposedBill>(byBill.Count);
        foreach ((string billNo, List<RebillProposal> own) in byBill)
        {
            if (await bills.FindAsync(billNo, cancellationToken).ConfigureAwait(false) is { } kept && (andClosed || kept.Facts.IsInForce)) open.Add(new ProposedBill(kept.Facts, own));
        }
        return open;
    }
}
