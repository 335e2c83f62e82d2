using Praman.Proof;

namespace Praman.Billing.Verification;

/// <summary>Step 7 of a bill that was issued again, and of the reversal of one.</summary>
internal sealed partial class VerificationRun
{
    /// <summary>What it says of the bill before adds up, and the difference is that of the totals.</summary>
    private (Outcome, string) CheckRevision(RevisedBill revised)
    {
        long total = revised.RoundingPaise;
        foreach (RevisedLine line in revised.Lines) total += line.Paise;
        if (total != revised.TotalPaise) return Differs("revises/total_paise", Text(total), Text(revised.TotalPaise));
        long difference = bill.TotalPaise - revised.TotalPaise;
        return difference == revised.DifferencePaise
            ? (Outcome.Held, $"in the place of bill {revised.BillNo}, {Text(difference)} paise more")
            : Differs("revises/difference_paise", Text(difference), Text(revised.DifferencePaise));
    }

    /// <summary>With the other sign and under its own number it is the bill that it takes back, to the octet.</summary>
    private (Outcome, string) CheckReversal(ReversedBill reversed)
    {
        Digest hash = Digest.Sha256(bill.Bytes.Span);
        return hash == reversed.Hash ? (Outcome.Held, $"takes back bill {reversed.BillNo} in full") : Differs("reverses/sha256", hash.ToString(), reversed.Hash.ToString());
    }
}
