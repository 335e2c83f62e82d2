using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using NodaTime.Text;

namespace Praman.Billing.Payments;

/// <summary>A settlement file as JSON (docs/reference/payments.md), read strictly: a member too many, too few or of another kind refuses the file and is named.</summary>
public static class SettlementFileJson
{
    /// <summary>Octets of the largest file.</summary>
    public const int LengthMax = 256 * 1024 * 1024;

    private static readonly string[] FileMembers = ["bank_reference", "channel", "currency", "day", "lines", "total"], LineMembers = ["amount", "order_id", "reference"];

    public static bool TryRead(ReadOnlyMemory<byte> octets, [NotNullWhen(true)] out SettlementFile? file, out string problem)
    {
        file = null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(octets, new JsonDocumentOptions { MaxDepth = 4 });
            JsonElement root = document.RootElement;
            if (!Has(root, FileMembers, "the file", out problem)) return false;
            string channel = Text(root, "channel"), bank = Text(root, "bank_reference"), currency = Text(root, "currency"), day = Text(root, "day");
            if (!PaymentKeys.IsChannel(channel)) problem = $"channel is '{channel}': 1 to 20 of a-z, 0-9, '.' and '-' were expected";
            else if (!PaymentKeys.IsReference(bank)) problem = $"bank_reference is '{bank}': 1 to 64 of A-Z, a-z, 0-9, '.', '_' and '-' were expected";
            else if (currency.Length != 3 || !currency.All(char.IsAsciiLetterUpper)) problem = $"currency is '{currency}': three letters were expected";
            else if (LocalDatePattern.Iso.Parse(day) is not { Success: true } date) problem = $"day is '{day}': a date such as 2026-04-01 was expected";
            else if (!root.GetProperty("total").TryGetInt64(out long total)) problem = "total: whole minor units were expected";
            else if (TryLines(root.GetProperty("lines"), out List<SettlementLine> lines, out problem)) file = new SettlementFile(channel, date.Value, bank, currency, total, lines);
            return file is not null;
        }
        catch (JsonException fault)
        {
            problem = $"no JSON from line {fault.LineNumber + 1}, octet {fault.BytePositionInLine + 1} on; a settlement file was expected: channel, day, bank_reference, currency, total and lines";
        }
        catch (InvalidOperationException)
        {
            problem = "a member is of another kind: texts, and whole numbers for total and amount, were expected";
        }
        return false;
    }

    private static bool TryLines(JsonElement list, out List<SettlementLine> lines, out string problem)
    {
        lines = [];
        problem = "lines: a list was expected";
        if (list.ValueKind != JsonValueKind.Array) return false;
        foreach (JsonElement item in list.EnumerateArray())
        {
            string at = FormattableString.Invariant($"lines[{lines.Count}]");
            if (!Has(item, LineMembers, at, out problem)) return false;
            string order = Text(item, "order_id"), reference = Text(item, "reference");
            if (!item.GetProperty("amount").TryGetInt64(out long amount) || amount == 0 || !PaymentKeys.IsOrder(order) || !PaymentKeys.IsReference(reference))
            {
                problem = $"{at}: an order, a reference and an amount of whole minor units other than 0 were expected";
                return false;
            }
            lines.Add(new SettlementLine(order, reference, amount));
        }
        return true;
    }

    private static bool Has(JsonElement element, string[] members, string where, out string problem)
    {
        problem = $"{where}: an object with {string.Join(", ", members)} and nothing else was expected";
        return element.ValueKind == JsonValueKind.Object && element.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal).SequenceEqual(members);
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? "";
}
