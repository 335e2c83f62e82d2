using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using NodaTime.Text;
using Praman.Billing.Payments;

namespace Praman.Server.Payments;

/// <summary>
/// Notices, orders and settlement files as gateways exchange them: flat JSON, amounts in minor units. One member too many or too few, or one twice, refuses the
/// whole: a gateway that changes its messages is to be noticed.
/// </summary>
public static class PaymentNoticeJson
{
    private static readonly string[] NoticeMembers = ["amount", "at", "currency", "order_id", "reference", "status"];

    public static byte[] Write(PaymentNotice notice) => JsonSerializer.SerializeToUtf8Bytes(new SortedDictionary<string, object>(StringComparer.Ordinal)
    {
        ["amount"] = notice.Amount, ["at"] = InstantPattern.ExtendedIso.Format(notice.At), ["currency"] = notice.Currency, ["order_id"] = notice.OrderId,
        ["reference"] = notice.Reference, ["status"] = Word(notice.Status),
    });

    public static bool TryRead(ReadOnlyMemory<byte> body, [NotNullWhen(true)] out PaymentNotice? notice, out string problem)
    {
        notice = null;
        problem = "a JSON object with order_id, reference, status, currency, amount (minor units) and at (UTC) was expected";
        try
        {
            using JsonDocument document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 2 });
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal).SequenceEqual(NoticeMembers)) return false;
            if (!root.GetProperty("amount").TryGetInt64(out long amount)) return false;
            string status = root.GetProperty("status").GetString() ?? "";
            PaymentStatus? known = Enum.GetValues<PaymentStatus>().Cast<PaymentStatus?>().FirstOrDefault(one => Word(one!.Value) == status);
            if (known is null)
            {
                problem = $"status '{status}' is not known: pending, success, failed or reversed was expected";
                return false;
            }
            if (InstantPattern.ExtendedIso.Parse(root.GetProperty("at").GetString() ?? "") is not { Success: true } at) return false;
            notice = new PaymentNotice(
                root.GetProperty("order_id").GetString() ?? "", root.GetProperty("reference").GetString() ?? "", known.Value, root.GetProperty("currency").GetString() ?? "", amount, at.Value);
            return true;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return false; // no JSON, or a member of another kind
        }
    }

    private static string Word(PaymentStatus status) => status.ToString().ToLower(CultureInfo.InvariantCulture);
}
