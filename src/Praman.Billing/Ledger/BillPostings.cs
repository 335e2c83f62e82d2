using System.Globalization;
using Praman.Billing.Tariffs;
using Praman.Billing.Verification;
using Praman.Billing.Wallets;

namespace Praman.Billing.Ledger;

/// <summary>
/// What a bill posts: its total to the arrears of its month, each line to its account, what the total rounds to the account of rounding. A prepaid home's
/// days are deducted as they pass, so its bill posts nothing. All of it follows from the bill itself, so that who posts it again asks for the same.
/// </summary>
public static class BillPostings
{
    /// <summary>Key of the posting of a bill, or of a reversal, by its number.</summary>
    public static string Key(string billNo) => $"bill/{billNo}";

    /// <summary>The requests of one document, in order; none where it posts nothing. Those of a reversal post the bill that it takes back, where nobody did, and then its mirror.</summary>
    public static IReadOnlyList<PostingRequest> Of(BillDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        if (document.Flags.Contains("prepaid")) return [];
        if (document.Reverses is not { } reversed) return Posting(document) is { } one ? [one] : [];
        if (!BillDocument.TryRead(ReversalDocument.Reversed(document), out BillDocument? bill, out UnreadableFile? fault)) throw new InvalidDataException(fault.ToString());
        return Posting(bill) is { } posted ? [posted, PostingRequest.Reverse(Key(document.BillNo), Key(reversed.BillNo), "bill-reversal", document.Issued)] : [];
    }

    private static PostingRequest? Posting(BillDocument bill)
    {
        var accounts = new WalletParts(bill.Currency);
        var postings = new Postings(bill.Currency);
        var parts = new List<PostingPart>();
        foreach (BillLine line in bill.Lines) WalletParts.Add(parts, accounts.AccountOf(GroupOf(bill.Text(line.Group)), bill.Text(line.Id)), line.Paise);
        if (bill.RoundingPaise != 0) WalletParts.Add(parts, postings.Of(AccountKind.Rounding), bill.RoundingPaise);
        if (parts.TrueForAll(part => part.Amount == 0)) return null;
        string month = bill.From.ToString("uuuu-MM", CultureInfo.InvariantCulture);
        return postings.Bill(Key(bill.BillNo), bill.UsagePoint, bill.Issued, month, parts);
    }

    private static ChargeGroup GroupOf(string word) => word switch
    {
        "energy" => ChargeGroup.Energy,
        "fixed" => ChargeGroup.Fixed,
        "surcharge" => ChargeGroup.Surcharge,
        "tax" => ChargeGroup.Tax,
        "rebate" => ChargeGroup.Rebate,
        "subsidy" => ChargeGroup.Subsidy,
        _ => throw new InvalidDataException($"a line of group \"{word}\""),
    };
}
