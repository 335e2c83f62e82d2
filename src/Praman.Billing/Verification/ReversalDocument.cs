using System.Text;
using System.Text.Json.Nodes;
using NodaTime;
using NodaTime.Text;
using Praman.Proof;
using Praman.Proof.Canonical;

namespace Praman.Billing.Verification;

/// <summary>
/// The document that takes a bill back (docs/reference/proof-format.md): the bill itself under a number of its own, each amount with the other sign. So
/// the bill follows from it to the octet, and who checks the reversal checks the bill that it takes back.
/// </summary>
public static class ReversalDocument
{
    private static readonly string[] Sums = ["gross_paise", "net_paise", "rounding_paise", "total_paise"];

    /// <summary>Makes the reversal of a bill.</summary>
    /// <param name="bill">Octets of a bill in the long form, not of a reversal.</param>
    /// <param name="billNo">Number of the reversal.</param>
    /// <param name="issued">Its date of issue.</param>
    public static byte[] Write(ReadOnlyMemory<byte> bill, string billNo, LocalDate issued)
    {
        JsonObject document = Parse(bill);
        if (document.ContainsKey("reverses")) throw new ArgumentException("a reversal is not reversed: the bill is issued again", nameof(bill));
        document["reverses"] = new JsonObject
        {
            ["bill_no"] = Text(document, "bill_no"), ["issued"] = Text(document, "issued"), ["sha256"] = Digest.Sha256(bill.Span).ToString(),
        };
        Mirror(document);
        document["bill_no"] = billNo;
        document["issued"] = LocalDatePattern.Iso.Format(issued);
        return Octets(document);
    }

    /// <summary>The bill that a reversal takes back.</summary>
    internal static byte[] Reversed(BillDocument reversal)
    {
        ReversedBill reversed = reversal.Reverses!;
        JsonObject document = Parse(reversal.Bytes);
        document.Remove("reverses");
        Mirror(document);
        document["bill_no"] = reversed.BillNo;
        document["issued"] = LocalDatePattern.Iso.Format(reversed.Issued);
        return Octets(document);
    }

    private static JsonObject Parse(ReadOnlyMemory<byte> bill) => JsonNode.Parse(bill.Span)!.AsObject();

    private static string Text(JsonObject document, string name) => document[name]!.GetValue<string>();

    private static byte[] Octets(JsonObject document) => CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(document.ToJsonString()));

    private static void Mirror(JsonObject document)
    {
        foreach (string name in Sums) Mirror(document, name);
        foreach (JsonNode? line in document["lines"]!.AsArray())
        {
            Mirror(line!.AsObject(), "paise");
            foreach (JsonNode? part in line["parts"]!.AsArray()) Mirror(part!.AsObject(), "paise");
        }
    }

    private static void Mirror(JsonObject holder, string name) => holder[name] = -holder[name]!.GetValue<long>();
}
