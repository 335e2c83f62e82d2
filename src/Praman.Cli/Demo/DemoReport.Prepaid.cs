using System.Text.Json;

namespace Praman.Cli.Demo;

internal static partial class DemoReport
{
    private static readonly Dictionary<string, string> Qualities = new(StringComparer.Ordinal)
    {
        ["A"] = "read", ["E"] = "estimated", ["S"] = "spread between two registers", ["N"] = "without energy",
    };

    private static void WritePrepaid(DemoPrepaidResult prepaid, string currency, Action<string, string> row)
    {
        row("prepaid homes", $"{prepaid.Homes}, by the rules {prepaid.RulePack}: {Count(prepaid.Recharges, "recharge")} of {Money(prepaid.RechargedMinorUnits, currency)}, days took {Money(prepaid.DeductedMinorUnits, currency)}");
        row("days deducted", string.Join(", ", prepaid.Days.Select(pair => $"{Whole(pair.Value)} {Qualities[pair.Key]}"))
            + $"; {Whole(prepaid.DaysWaited)} a night or more late, {Count(prepaid.EstimatesReplaced, "estimate")} replaced by readings");
        row("warnings", $"{Whole(prepaid.LowWarnings)} of a low balance, {Whole(prepaid.CliffWarnings)} that earlier days will cost more");
        row("cuts", $"{Whole(prepaid.Cuts)} carried out, {Count(prepaid.Reconnections, "reconnection")}; "
            + (prepaid.CutsRefused.Count == 0 ? "none refused" : "refused by " + string.Join(", ", prepaid.CutsRefused.Select(pair => $"{pair.Key} {Whole(pair.Value)}"))));
        row("old dues", $"{Money(prepaid.DuesPaidMinorUnits, currency)} paid in instalments, {Money(prepaid.DuesLeftMinorUnits, currency)} left");
        row("ledger", $"{Count(prepaid.LedgerRecords, "record")}; {Count(prepaid.TrialBalances, "trial balance")} published, debits less credits {Money(prepaid.TrialDifference, currency)}; "
            + $"{prepaid.BillsAgree} of {(prepaid.MonthsBilled == prepaid.Homes ? $"{prepaid.Homes} wallets came out as the month's bill" : $"{prepaid.MonthsBilled} months of wallets came out as their bills")}");
        foreach (string fault in prepaid.Faults) row("does not fit", fault);
        string what = "what wallets saw"; // said once, as above
        foreach (DemoIncident tale in prepaid.Tales)
        {
            row(what, $"{tale.Day:d MMM} {tale.UsagePoint}: {tale.What}");
            what = "";
        }
    }

    private static void WritePrepaid(Utf8JsonWriter json, DemoPrepaidResult prepaid)
    {
        json.WriteStartObject("prepaid");
        json.WriteNumber("homes", prepaid.Homes);
        json.WriteString("rules", prepaid.RulePack);
        Counts(json, "days", prepaid.Days);
        json.WriteNumber("daysWaited", prepaid.DaysWaited);
        json.WriteNumber("estimatesReplaced", prepaid.EstimatesReplaced);
        json.WriteNumber("recharges", prepaid.Recharges);
        json.WriteNumber("rechargedPaise", prepaid.RechargedMinorUnits);
        json.WriteNumber("deductedPaise", prepaid.DeductedMinorUnits);
        json.WriteNumber("lowWarnings", prepaid.LowWarnings);
        json.WriteNumber("cliffWarnings", prepaid.CliffWarnings);
        json.WriteNumber("cuts", prepaid.Cuts);
        json.WriteNumber("reconnections", prepaid.Reconnections);
        Counts(json, "cutsRefused", prepaid.CutsRefused);
        json.WriteNumber("duesPaidPaise", prepaid.DuesPaidMinorUnits);
        json.WriteNumber("duesLeftPaise", prepaid.DuesLeftMinorUnits);
        json.WriteNumber("monthsClosed", prepaid.MonthsClosed);
        json.WriteNumber("billsAgree", prepaid.BillsAgree);
        json.WriteStartObject("ledger");
        json.WriteNumber("records", prepaid.LedgerRecords);
        json.WriteString("head", prepaid.JournalHead);
        json.WriteNumber("trialBalances", prepaid.TrialBalances);
        json.WriteNumber("differencePaise", prepaid.TrialDifference);
        json.WriteEndObject();
        Incidents(json, "tales", prepaid.Tales);
        json.WriteStartArray("faults");
        foreach (string fault in prepaid.Faults) json.WriteStringValue(fault);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
