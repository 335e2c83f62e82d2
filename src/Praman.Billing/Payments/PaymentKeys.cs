using System.Text.RegularExpressions;

namespace Praman.Billing.Payments;

/// <summary>Keys of payments in the journal: <c>pay/upi/ORDER</c> for what is held, <c>pay/upi/ORDER/done</c> for what follows, <c>stray/upi/REFERENCE</c> for what fits no order.</summary>
internal static partial class PaymentKeys
{
    public const string Done = "done", Void = "void", Late = "late", Back = "back", Repay = "repay";

    public static string Hold(string channel, string orderId) => $"pay/{channel}/{orderId}";

    public static string Step(string channel, string orderId, string step) => $"pay/{channel}/{orderId}/{step}";

    public static string Stray(string channel, string reference) => $"stray/{channel}/{reference}";

    public static string Bank(string channel, string bankReference) => $"bank/{channel}/{bankReference}";

    /// <summary>The order and step of a key; the step is empty for what is held.</summary>
    public static bool TryParse(string key, string channel, out string orderId, out string step)
    {
        string[] parts = key.Split('/');
        bool fits = parts.Length is 3 or 4 && parts[0] == "pay" && parts[1] == channel;
        (orderId, step) = fits ? (parts[2], parts.Length == 4 ? parts[3] : "") : ("", "");
        return fits;
    }

    public static bool IsChannel(string? text) => text is not null && Channel().IsMatch(text);

    public static bool IsOrder(string? text) => text is not null && Order().IsMatch(text);

    /// <summary>A number of a gateway or a bank: it becomes part of a key.</summary>
    public static bool IsReference(string? text) => text is not null && Reference().IsMatch(text);

    [GeneratedRegex(@"^[a-z0-9.-]{1,20}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Channel();

    [GeneratedRegex(@"^[A-Za-z0-9-]{1,40}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Order();

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Reference();
}
