using System.Globalization;
using System.Text;
using System.Text.Json;
using Praman.Testing;

namespace Praman.Cli.Tests;

/// <summary><c>praman settle</c> as a process: scenarios in, days out, exit codes.</summary>
public sealed class SettleCommandTests
{
    private static readonly string Tariffs = TestFiles.InRepository("tariffs");
    private static readonly Dictionary<string, JsonElement> Scenarios =
        JsonElement.Parse(File.ReadAllBytes(TestFiles.InRepository("tests", "Praman.Billing.Tests", "vectors", "prepaid-scenarios.json"))).GetProperty("scenarios").EnumerateArray().ToDictionary(s => s.GetProperty("id").GetString()!);

    private static (int Exit, string[] Lines, string Errors) Run(string input, params string[] arguments)
    {
        (int exit, string output, string errors) = DotnetProgram.RunPraman(["settle", .. arguments], Encoding.UTF8.GetBytes(input));
        return (exit, output.Split('\n', StringSplitOptions.RemoveEmptyEntries), errors);
    }

    private static string Line(JsonElement scenario) => JsonSerializer.Serialize(scenario);
    private static string? Text(JsonElement source, string name) => source.GetProperty(name).GetString();
    private static JsonElement Day(JsonElement settled, string date) => settled.GetProperty("days").EnumerateArray().Single(d => Text(d, "date") == date);

    /// <summary>Who gives nothing is told what was expected, by an example that works.</summary>
    [Fact]
    public void NothingOnStandardInputIsToldWithAnExampleThatIsSettled()
    {
        (int exit, string[] lines, string errors) = Run("", "--tariffs", Tariffs, "--json");
        Assert.Equal((2, 0), (exit, lines.Length));
        Assert.StartsWith("praman settle: nothing on standard input; expected one JSON object", errors, StringComparison.Ordinal);
        (exit, lines, _) = Run(errors[(errors.IndexOf("such as ", StringComparison.Ordinal) + "such as ".Length)..], "--tariffs", Tariffs, "--json");
        Assert.Equal(0, exit);
        Assert.Equal(60, JsonElement.Parse(Assert.Single(lines)).GetProperty("days").GetArrayLength());
    }

    [Fact]
    public void EveryPublishedScenarioIsSettledAndGivesTheFiguresThatItExpects()
    {
        (int exit, string[] lines, string errors) = Run(string.Join('\n', Scenarios.Values.Select(Line)), "--tariffs", Tariffs, "--json");
        Assert.Equal((0, ""), (exit, errors));
        Assert.Equal(Scenarios.Count, lines.Length);
        Dictionary<string, JsonElement> settled = lines.Select(l => JsonElement.Parse(l)).ToDictionary(s => Text(s, "id")!);

        JsonElement month = settled["gj-daily-30"], expected = Scenarios["gj-daily-30"].GetProperty("expected");
        foreach ((JsonElement ours, JsonElement theirs) in month.GetProperty("days").EnumerateArray().Zip(expected.GetProperty("daily").EnumerateArray()))
        {
            foreach (string name in (string[])["date", "kwh", "deduction", "balance"]) Assert.Equal(Text(theirs, name), Text(ours, name));
            Assert.Equal(Members(theirs.GetProperty("lines")), Members(ours.GetProperty("lines")));
        }
        Assert.Equal(Text(expected, "month_bill_same_units"), Text(month.GetProperty("close"), "sameUnits"));
        Assert.Equal("UNIT-ROUNDING", Text(month.GetProperty("close"), "cause"));
        JsonElement[] alerts = [.. expected.GetProperty("low_balance_alerts").EnumerateArray()];
        foreach ((JsonElement alert, string code) in alerts.Zip(["LOW", "VERY_LOW", "EMERGENCY"]))
        {
            Assert.Contains(code, Day(month, Text(alert, "first_day_at_or_below")!).GetProperty("warnings").EnumerateArray().Select(w => Text(w, "code")));
        }
        Assert.Equal(Text(Scenarios["daily-slab-trap"].GetProperty("expected"), "correct_total"), Text(settled["daily-slab-trap"].GetProperty("close"), "deducted"));
        Assert.Equal(JsonValueKind.Null, settled["daily-slab-trap"].GetProperty("close").GetProperty("cause").ValueKind);

        JsonElement late = settled["estimated-days"].GetProperty("correction"), wanted = Scenarios["estimated-days"].GetProperty("expected");
        Assert.Equal((Text(wanted, "reversal_total"), Text(wanted, "repost_total"), Text(wanted, "credit_to_wallet"), Text(wanted, "balance_after_day_8_corrected")),
            (Text(late, "reversalTotal"), Text(late, "repostTotal"), Text(late, "creditToWallet"), Text(late, "balance")));
        JsonElement[] posted = [.. settled["estimated-days"].GetProperty("days").EnumerateArray()];
        Assert.Equal(["A", "A", "A", "A", "A", "E", "E", "E", "E", "E", "E", "A", "A", "A"], posted.Select(d => Text(d, "quality")));
        Assert.Equal([6, 7, 8], posted[8..11].Select(d => d.GetProperty("reverses").GetInt32()));
        Assert.All(posted[..8], d => Assert.DoesNotContain(Text(d, "state"), new[] { "ZERO", "EMERGENCY", "CUT_PENDING" }));
        foreach ((JsonElement ours, JsonElement theirs) in posted[5..8].Concat(posted[11..]).Zip(wanted.GetProperty("provisional").EnumerateArray().Concat(wanted.GetProperty("repost").EnumerateArray())))
        {
            Assert.Equal((Text(theirs, "date"), Text(theirs, "deduction"), Text(theirs, "balance")), (Text(ours, "date"), Text(ours, "deduction"), Text(ours, "balance")));
        }

        JsonElement cliff = Scenarios["tn-cliff-trueup"].GetProperty("expected"), crossing = Day(settled["tn-cliff-trueup"], Text(cliff, "crossing_day")!);
        Assert.Equal((Text(cliff, "deduction_that_day"), Text(cliff, "energy_of_that_day"), Text(cliff, "true_up_loss_of_concession")),
            (Text(crossing, "deduction"), Text(crossing, "today"), Text(crossing.GetProperty("repricing"), "total")));
        JsonElement warning = Day(settled["tn-cliff-trueup"], "2023-01-22").GetProperty("warnings").EnumerateArray().Single(w => Text(w, "code") == "CLIFF");
        Assert.Equal((Text(cliff, "crossing_day"), 3, "225.00"), (Text(warning, "on"), warning.GetProperty("inDays").GetInt32(), Text(warning, "amount")));
        Assert.Equal(Text(cliff, "cycle_total"), Text(settled["tn-cliff-trueup"].GetProperty("close"), "deducted"));

        JsonElement free = settled["br-free125-prepaid"];
        Assert.Equal(("60.00", "27.60", "0.00"), (Text(Day(free, "2025-09-26").GetProperty("repricing"), "total"), Text(Day(free, "2025-09-26"), "today"), Text(Day(free, "2025-09-25"), "deduction")));

        JsonElement order = settled["mh-tariff-order-change"];
        foreach (JsonElement day in Scenarios["mh-tariff-order-change"].GetProperty("expected").GetProperty("selected_days").EnumerateArray())
        {
            JsonElement ours = Day(order, Text(day, "date")!);
            Assert.Equal((Text(day, "deduction"), Text(day, "balance")), (Text(ours, "deduction"), Text(ours, "balance")));
            Assert.Equal(Members(day.GetProperty("lines")), Members(ours.GetProperty("lines")));
        }
        decimal[] sums = [.. order.GetProperty("segments").EnumerateArray().Select(s => decimal.Parse(Text(s.GetProperty("close"), "deducted")!, CultureInfo.InvariantCulture))];
        Assert.Equal(Text(Scenarios["mh-tariff-order-change"].GetProperty("expected"), "total_before_rounding"), sums.Sum().ToString(CultureInfo.InvariantCulture));
        Assert.Equal("TOTAL-ROUNDING", Text(order.GetProperty("close"), "cause"));

        Assert.Equal(Text(Scenarios["arrears-92-days"].GetProperty("expected"), "sum"), Text(settled["arrears-92-days"], "sum"));
        Assert.Equal(92, settled["arrears-92-days"].GetProperty("instalments").GetArrayLength());
        foreach ((string id, string name) in (ReadOnlySpan<(string, string)>)[("no-cut-calendar", "events"), ("deposit-on-conversion", "cases"), ("prepaid-rebates", "rebates")])
        {
            Assert.True(JsonElement.DeepEquals(Scenarios[id].GetProperty("expected").GetProperty(name), settled[id].GetProperty(name)), id);
        }
    }

    private static Dictionary<string, string> Members(JsonElement lines) => lines.EnumerateObject().Where(m => m.Value.GetString() != "0.00").ToDictionary(m => m.Name, m => m.Value.GetString()!);

    [Fact]
    public void ARefusedScenarioIsNamedTheNextOneIsSettledAndTheExitCodeIs1()
    {
        const string gap = """{"id": "gap", "inputs": {"tariff": "in-dl-brpl", "period": {"from": "2022-07-31", "to": "2022-08-02"}, "sanctioned_load_kw": "2", "daily_kwh": "4"}}""";
        const string unknown = """{"id": "u", "inputs": {"tariff": "in-gj-rgp-urban", "period": {"from": "2025-09-01", "to": "2025-09-30"}, "daily_kwh": "4", "ballance": "3"}}""";
        (int exit, string[] lines, string errors) = Run(gap + "\n" + unknown + "\n" + Line(Scenarios["arrears-92-days"]), "--tariffs", Tariffs, "--json");
        Assert.Equal((1, 3, ""), (exit, lines.Length, errors));
        JsonElement refused = JsonElement.Parse(lines[0]);
        Assert.Equal(("SERIES-GAP", 1), (Text(refused.GetProperty("error"), "code"), refused.GetProperty("days").GetArrayLength()));
        Assert.Equal("$.inputs.ballance", Text(JsonElement.Parse(lines[1]).GetProperty("error"), "missing"));
        Assert.Equal("arrears-92-days", Text(JsonElement.Parse(lines[2]), "id"));
    }

    [Fact]
    public void WhatIsNoScenarioEndsWith2AndSaysTheLine()
    {
        (int exit, _, string errors) = Run("{}\nnot json\n", "--tariffs", Tariffs, "--json");
        Assert.Equal(2, exit);
        Assert.Contains("praman settle: line 2: not JSON", errors, StringComparison.Ordinal);
        Assert.Equal(2, Run("", "--tariffs", Path.Combine(Tariffs, "none")).Exit);
        Assert.Equal(2, Run("", "--tariffs", Tariffs, "--rules", Path.Combine(Tariffs, "in-gj-rgp-urban.json")).Exit);
        Assert.Equal(2, Run("").Exit);
    }

    [Fact]
    public void ARulePackIsNamedByTheScenarioAndARechargeMovesTheState()
    {
        const string scenario = """
            {"id": "r", "inputs": {"tariff": "in-gj-rgp-urban", "period": {"from": "2026-01-01", "to": "2026-01-31"}, "sanctioned_load_kw": "2", "opening_balance": "100.00", "daily_kwh": ["6", "6", "6", "6"], "pack": "in-gj-2024", "recharges": [{"date": "2026-01-04", "amount": "200.00"}]}}
            """;
        string rules = TestFiles.InRepository("rules", "prepayment", "in-gj-2024.json"), holidays = TestFiles.InRepository("rules", "holidays", "in.json");
        (int exit, string[] lines, _) = Run(scenario.Trim(), "--tariffs", Tariffs, "--rules", rules, holidays, "--json");
        Assert.Equal(0, exit);
        JsonElement settled = JsonElement.Parse(Assert.Single(lines));
        Assert.Equal(["OK", "LOW", "ZERO", "OK"], settled.GetProperty("days").EnumerateArray().Select(d => Text(d, "state"))); // the floor is -300
        Assert.Equal(0, settled.GetProperty("warnings").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, settled.GetProperty("close").ValueKind); // the month is not over
        Assert.Equal(1, Run(scenario.Trim(), "--tariffs", Tariffs, "--json").Exit); // no such pack was given
        string table = string.Join('\n', Run(scenario.Trim(), "--tariffs", Tariffs, "--rules", rules).Lines);
        Assert.Contains("2026-01-03 A        6", table, StringComparison.Ordinal);
        Assert.Contains("warned: ZERO", table, StringComparison.Ordinal);
    }

    [Fact]
    public void TheSameScenarioGivesTheSameBytes()
    {
        string input = string.Join('\n', Scenarios.Values.Select(Line));
        Assert.Equal(Run(input, "--tariffs", Tariffs, "--json").Lines, Run(input, "--tariffs", Tariffs, "--json").Lines);
    }
}
