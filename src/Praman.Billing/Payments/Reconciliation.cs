using NodaTime;
using Praman.Billing.Ledger;

namespace Praman.Billing.Payments;

/// <summary>What does not fit between ledger and settlement file; stable.</summary>
public enum ReconciliationCode
{
    /// <summary>The ledger took the money; the file does not have it.</summary>
    MissingInFile,
    /// <summary>The file has it; the ledger never took it.</summary>
    MissingInLedger,
    /// <summary>Both have it, with other amounts.</summary>
    AmountDiffers,
    /// <summary>The file has it twice.</summary>
    DoubledInFile,
    /// <summary>What arrived at the bank is not the sum of the file's lines.</summary>
    TotalDiffers,
    /// <summary>The transfer to the bank is not in the ledger.</summary>
    NotBanked,
    /// <summary>Money that fits no order waits for a person.</summary>
    Unmatched,
    /// <summary>An order that is still open after its day.</summary>
    StillOpen,
}

/// <summary>One thing that does not fit, with both amounts in minor units; null where a side has none.</summary>
public sealed record ReconciliationFinding(ReconciliationCode Code, LocalDate Day, string OrderId, string Reference, long? Ledger, long? File);

/// <summary>A channel's ledger held against its settlement files, over local days.</summary>
/// <param name="Taken">What the ledger took less what went back, by the day of the movement.</param>
/// <param name="Settled">Sum of the lines of the files.</param>
/// <param name="Banked">What the ledger has at the bank for the days.</param>
/// <param name="Suspense">What the account of the channel holds after these days: taken, not yet banked.</param>
/// <param name="Unmatched">What waits for a person.</param>
public sealed record ReconciliationReport(
    string Channel, string Currency, DateInterval Days, int Movements, int Lines, long Taken, long Settled, long Banked, long Suspense, long Unmatched,
    IReadOnlyList<ReconciliationFinding> Findings)
{
    /// <summary>Whether everything fits.</summary>
    public bool IsClean => Findings.Count == 0;
}

/// <summary>Holds what the ledger took through a channel against what the gateway says it settled: each movement by its reference and direction.</summary>
public static class Reconciliation
{
    /// <param name="records">Records with an entry on the channel's suspense account and a business date within <paramref name="days"/>, in any order.</param>
    /// <param name="files">Settlement files of those days.</param>
    /// <param name="isOpen">Whether a held order was neither settled nor given up.</param>
    public static ReconciliationReport Run(
        string channel, string currency, DateInterval days, IEnumerable<JournalRecord> records, IEnumerable<SettlementFile> files, AccountBalance suspense, AccountBalance unmatched,
        Func<JournalRecord, bool> isOpen)
    {
        var account = new LedgerAccount(currency, AccountKind.GatewaySuspense, null, channel);
        var taken = new Dictionary<(string Reference, bool IsBack), (LocalDate Day, string OrderId, long Amount)>();
        var banked = new Dictionary<string, long>(StringComparer.Ordinal);
        var findings = new List<ReconciliationFinding>();
        foreach (JournalRecord record in records)
        {
            long amount = record.Entries.Where(entry => entry.Account == account).Sum(entry => entry.Amount);
            bool isOrder = PaymentKeys.TryParse(record.Key, channel, out string orderId, out string step);
            if (isOrder && step.Length == 0)
            {
                if (isOpen(record)) findings.Add(new(ReconciliationCode.StillOpen, record.BusinessDate, orderId, "", amount, null));
            }
            else if (record.Cause == "bank-settlement")
            {
                banked[record.Reference ?? ""] = banked.GetValueOrDefault(record.Reference ?? "") - amount;
            }
            else if (record.Action != PostingAction.Void && amount != 0 && record.Reference is { } reference)
            {
                bool isStray = !isOrder;
                if (isStray && record.Action == PostingAction.Post) findings.Add(new(ReconciliationCode.Unmatched, record.BusinessDate, "", reference, amount, null));
                taken[(reference, amount < 0)] = (record.BusinessDate, orderId, amount);
            }
        }
        long settled = 0;
        int lines = 0;
        var seen = new HashSet<(string, bool)>();
        foreach (SettlementFile file in files)
        {
            long sum = file.Lines.Sum(line => line.Amount);
            (settled, lines) = (settled + sum, lines + file.Lines.Count);
            if (sum != file.Total) findings.Add(new(ReconciliationCode.TotalDiffers, file.Day, "", file.BankReference, sum, file.Total));
            if (file.Total != 0 && banked.GetValueOrDefault(file.BankReference) != file.Total)
                findings.Add(new(ReconciliationCode.NotBanked, file.Day, "", file.BankReference, banked.TryGetValue(file.BankReference, out long there) ? there : null, file.Total));
            foreach (SettlementLine line in file.Lines) Match(file.Day, line, taken, seen, findings);
        }
        foreach (((string reference, bool isBack), (LocalDate day, string orderId, long amount)) in taken)
        {
            if (!seen.Contains((reference, isBack))) findings.Add(new(ReconciliationCode.MissingInFile, day, orderId, reference, amount, null));
        }
        return new ReconciliationReport(
            channel, currency, days, taken.Count, lines, taken.Values.Sum(one => one.Amount), settled, banked.Values.Sum(), suspense.Posted, -unmatched.Posted,
            [.. findings.OrderBy(finding => finding.Day).ThenBy(finding => finding.Code).ThenBy(finding => finding.Reference, StringComparer.Ordinal).ThenBy(finding => finding.OrderId, StringComparer.Ordinal)]);
    }

    private static void Match(
        LocalDate day, SettlementLine line, Dictionary<(string Reference, bool IsBack), (LocalDate Day, string OrderId, long Amount)> taken, HashSet<(string, bool)> seen,
        List<ReconciliationFinding> findings)
    {
        (string, bool) key = (line.Reference, line.Amount < 0);
        if (!seen.Add(key)) findings.Add(new(ReconciliationCode.DoubledInFile, day, line.OrderId, line.Reference, null, line.Amount));
        else if (!taken.TryGetValue(key, out var found)) findings.Add(new(ReconciliationCode.MissingInLedger, day, line.OrderId, line.Reference, null, line.Amount));
        else if (found.Amount != line.Amount) findings.Add(new(ReconciliationCode.AmountDiffers, day, line.OrderId, line.Reference, found.Amount, line.Amount));
    }
}
