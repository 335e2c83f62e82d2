using System.Globalization;
using System.Text.Json;
using Praman.Billing.Rating;

namespace Praman.Billing.Tests.Rating;

/// <summary>Each worked bill, read as <c>praman rate</c> reads it, against its published or derived figures: line by line, part by part.</summary>
public sealed class WorkedBillTests
{
    private static readonly string[] Known =
    [
        "lines", "months", "gross", "net", "total", "sums", "difference", "kwh_carried_out", "derived_load_kw",
        "payable_after_other_lines", "printed_current_demand", "printed_payable", // of the account, not of the tariff
        "error",
    ];

    public static TheoryData<string> Ids => [.. WorkedBills.Cases.Keys];

    [Theory, MemberData(nameof(Ids))]
    public void GivesTheFiguresOfTheWorkedBill(string id)
    {
        JsonElement worked = WorkedBills.Cases[id];
        JsonElement expected = worked.GetProperty("expected");
        JsonElement bill = Rate(worked);
        decimal tolerance = Number(worked.GetProperty("tolerance"));
        Assert.All(expected.EnumerateObject(), member => Assert.Contains(member.Name, Known));

        if (expected.TryGetProperty("error", out JsonElement error))
        {
            Assert.Equal(error.GetProperty("code").GetString(), bill.GetProperty("error").GetProperty("code").GetString());
            Assert.Equal(error.GetProperty("missing").GetString(), bill.GetProperty("error").GetProperty("missing").GetString());
            return;
        }
        if (expected.TryGetProperty("derived_load_kw", out JsonElement load)) Assert.Equal(load.GetString(), bill.GetProperty("derived_load_kw").GetString());
        if (worked.TryGetProperty("check", out JsonElement check) && check.GetString() == "manual") return; // the rate itself is not published
        Assert.False(bill.TryGetProperty("error", out JsonElement refusal), refusal.ToString());
        foreach (string figure in (string[])["gross", "net", "total", "difference"])
        {
            if (expected.TryGetProperty(figure, out JsonElement value)) AssertNear(value, bill.GetProperty(figure), tolerance, figure);
        }
        foreach (string text in (string[])["months", "kwh_carried_out"])
        {
            if (expected.TryGetProperty(text, out JsonElement value)) Assert.Equal(value.GetString(), bill.GetProperty(text).GetString());
        }
        if (expected.TryGetProperty("lines", out JsonElement lines)) CheckLines(lines, bill, tolerance);
        if (expected.TryGetProperty("sums", out JsonElement sums))
        {
            foreach (JsonElement sum in sums.EnumerateArray())
            {
                decimal added = sum.GetProperty("ids").EnumerateArray().Select(i => Line(bill, i.GetString()!)).Where(l => l is not null).Sum(l => Number(l!.Value.GetProperty("amount")));
                Assert.InRange(Number(sum.GetProperty("amount")) - added, -tolerance, tolerance);
            }
        }
    }

    [Theory, MemberData(nameof(Ids))]
    public void PartsAddUpToTheirLineAndLinesToTheTotals(string id)
    {
        JsonElement bill = Rate(WorkedBills.Cases[id]);
        if (bill.TryGetProperty("error", out _)) return;
        decimal charges = 0, all = 0;
        foreach (JsonElement line in bill.GetProperty("lines").EnumerateArray())
        {
            decimal parts = line.GetProperty("parts").EnumerateArray().Sum(p => Number(p.GetProperty("amount")));
            if (line.GetProperty("amount").ValueKind == JsonValueKind.Null) continue;
            Assert.Equal(Number(line.GetProperty("amount")), parts);
            bool charge = line.GetProperty("group").GetString() is not ("subsidy" or "rebate") || line.GetProperty("id").GetString() is "baseline_credit" or "fit";
            if (charge) charges += parts;
            all += parts;
            Assert.NotEmpty(line.GetProperty("formula").GetString()!);
        }
        if (bill.GetProperty("gross").ValueKind == JsonValueKind.Null) return;
        Assert.Equal(charges, Number(bill.GetProperty("gross")));
        Assert.Equal(all, Number(bill.GetProperty("net")));
        Assert.Equal(Number(bill.GetProperty("total")), Number(bill.GetProperty("net")) + Number(bill.GetProperty("rounding")));
    }

    private static void CheckLines(JsonElement lines, JsonElement bill, decimal tolerance)
    {
        foreach (JsonElement line in lines.EnumerateArray())
        {
            if (line.TryGetProperty("outside_engine", out JsonElement outside) && outside.GetBoolean()) continue;
            string id = line.GetProperty("id").GetString()!;
            JsonElement? ours = Line(bill, id);
            Assert.True(ours is not null, $"the bill has no line '{id}'");
            AssertNear(line.GetProperty("amount"), ours.Value.GetProperty("amount"), tolerance, id);
            if (!line.TryGetProperty("parts", out JsonElement parts)) continue;
            JsonElement[] expected = [.. parts.EnumerateArray()], actual = [.. ours.Value.GetProperty("parts").EnumerateArray()];
            Assert.Equal(expected.Length, actual.Length);
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.Equal(Number(expected[i].GetProperty("units")), Number(actual[i].GetProperty("units")));
                AssertNear(expected[i].GetProperty("amount"), actual[i].GetProperty("amount"), tolerance, $"{id} part {i}");
            }
        }
    }

    internal static JsonElement Rate(JsonElement worked)
    {
        Assert.True(RatingCase.TryRead(worked, out RatingCase? read, out _, out RatingRefusal? error), error?.Message);
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream)) RatedCaseJson.Write(writer, read.Rate(WorkedBills.Book, TraceDetail.Full));
        return JsonElement.Parse(stream.ToArray());
    }

    private static JsonElement? Line(JsonElement bill, string id)
    {
        foreach (JsonElement line in bill.GetProperty("lines").EnumerateArray())
        {
            if (line.GetProperty("id").GetString() == id) return line;
        }
        return null;
    }

    private static void AssertNear(JsonElement expected, JsonElement actual, decimal tolerance, string name) =>
        Assert.True(Math.Abs(Number(expected) - Number(actual)) <= tolerance, $"{name}: expected {expected}, was {actual}");

    private static decimal Number(JsonElement value) => decimal.Parse(value.GetString()!, CultureInfo.InvariantCulture);
}
