using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using NodaTime;
using Praman.Billing.Rating;
using Praman.Billing.Tests.Rating;
using Praman.Billing.Verification;

namespace Praman.Billing.Tests.Verification;

/// <summary>
/// Both verifiers read every word of every line. A false word is given to them twice: in a copy (other octets than were logged) and forged before it
/// was logged, so that only a computation can find it.
/// </summary>
public class FalseWordAgreementTests
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static TheoryData<string, string[]> Tariffs => new()
    {
        { "in-gj-rgp-urban", [] }, // fuel by a dated series, duty as a percentage
        { "in-as-domA-2023-06", [] }, // a subsidy per unit, in bands
        { "in-up-lmv1-urban", ["prepaid"] }, // a rebate of a percentage
        { "in-od-domestic-2023", ["digital_payment", "ebill", "paid_by_due_date", "rural"] }, // rebates: a percentage, a flat one, one per unit
        { "in-illustrative-tod", [] }, // multipliers by the time of day
        { "in-dl-brpl", ["subsidy_opted"] }, // parts by calendar month; the whole bill waived, or half of it up to a cap
    };

    [Theory, MemberData(nameof(Tariffs))]
    public void AFalseWordIsNamedAlikeInACopyAndWhereItWasTrulyLogged(string tariff, string[] flags)
    {
        var options = new SampleOptions
        {
            TariffId = tariff,
            Flags = flags,
            From = new LocalDate(2026, 4, 6),
            To = new LocalDate(2026, 5, 5),
            External = tariff == "in-dl-brpl" ? BillVerifierTests.ExternalOf(tariff) : null,
        };
        var honest = new SampleIssue(options);
        Assert.Equal(honest.Bill.Bill, Edited(honest.Bill.Bill, _ => { }));
        var samples = new List<AgreementTests.Sample> { new("honest", honest.Bill.Files) };
        var places = new List<string> { "" };
        foreach ((string what, string place, Action<JsonObject> change) in Changes(honest.Bill.Invoice.Rated))
        {
            byte[] changed = Edited(honest.Bill.Bill, change);
            Assert.NotEqual(honest.Bill.Bill, changed);
            samples.Add(new($"{what} in a copy", honest.Bill.Files with { Bill = changed }));
            places.Add("");
            samples.Add(new($"{what} logged", new SampleIssue(options with { Forge = bill => Edited(bill, change) }).Bill.Files));
            places.Add(place);
        }
        AssertAgreement(honest, samples);
        for (int i = 1; i < samples.Count; i++)
        {
            BillVerdict verdict = honest.Verify(samples[i].Files);
            Assert.Equal(Verdict.Different, verdict.Verdict);
            if (places[i].Length > 0) Assert.Equal((samples[i].Name, places[i]), (samples[i].Name, verdict.Difference!.Line));
        }
    }

    /// <summary>A subsidy has no limit but the one that its tariff states: one per unit may exceed the bill, and what follows starts below zero.</summary>
    [Theory]
    [InlineData("")]
    [InlineData(""", {"id": "rest", "form": "waive_all"}""")]
    [InlineData(""", {"id": "tenth", "form": "percent_capped", "percent": "10", "cap_per_month": "1"}""")]
    public void ASubsidyPerUnitMayExceedTheBill(string more)
    {
        CompiledTariff tariff = MadeUpTariff.Of(MadeUpTariff.Flat, more: $$""", "subsidies": [{"id": "gov", "form": "per_unit_blocks", "blocks": [{"upto": "100", "rate": "9.50"}, {"rate": "7"}]}{{more}}]""");
        var issue = new SampleIssue(new SampleOptions { Tariff = tariff, Homes = 3 });
        Assert.All(issue.Bills, bill => Assert.True(bill.Invoice.Rated.Gross + bill.Invoice.Rated.Line("gov")!.Amount < 0));
        AssertAgreement(issue, [.. issue.Bills.Select(bill => new AgreementTests.Sample(bill.Invoice.BillNo, bill.Files))]);
        Assert.All(issue.Bills, bill => Assert.Equal(Verdict.Valid, issue.Verify(bill.Files).Verdict));
    }

    /// <summary>A bill that its tariff does not make: a value that comes with the bill was left out before it was logged.</summary>
    [Fact]
    public void ABillThatItsTariffDoesNotMakeIsNamedTariff()
    {
        CompiledTariff tariff = MadeUpTariff.Of(MadeUpTariff.Flat.Replace("\"rate\": \"5\"", "\"external\": \"fuel\"", StringComparison.Ordinal));
        var options = new SampleOptions { Tariff = tariff, External = new Dictionary<string, decimal> { ["fuel"] = 1.50m } };
        var honest = new SampleIssue(options);
        AssertAgreement(honest, [new("with its external value", honest.Bill.Files)]);
        Assert.Equal(Verdict.Valid, honest.Verify(honest.Bill.Files).Verdict);
        var issue = new SampleIssue(options with { Forge = bill => Edited(bill, json => json["inputs"]!["external"] = new JsonObject()) });
        AssertAgreement(issue, [new("without its external values", issue.Bill.Files)]);
        Assert.Equal("tariff", issue.Verify(issue.Bill.Files).Difference?.Line);
    }

    [Fact]
    public void AFalseCurrencyOrSeriesIsNamedAlike()
    {
        foreach ((string place, Action<JsonObject> change) in (ReadOnlySpan<(string, Action<JsonObject>)>)
            [("currency", bill => bill["currency"] = "LKR"), ("series/gj-fpppa", bill => ((JsonArray)bill["series"]!).Clear())])
        {
            var issue = new SampleIssue(new SampleOptions { Forge = bill => Edited(bill, change) });
            AssertAgreement(issue, [new($"{place} logged", issue.Bill.Files)]);
            Assert.Equal(place, issue.Verify(issue.Bill.Files).Difference?.Line);
        }
    }

    [Theory]
    [InlineData("to", "2026-04-29", "readings/2026-04-30")] // the block of 30 April is there, and one too many
    [InlineData("to", "2026-05-01", "readings/2026-05-01")] // a block is missing
    [InlineData("from", "2026-04-02", "readings/2026-04-01")]
    [InlineData("from", "2026-03-31", "readings/2026-03-31")]
    public void APeriodOfOtherDaysIsNamedByTheDayThatIsTooManyOrLacking(string end, string date, string place)
    {
        void Change(JsonObject bill) => bill["period"]![end] = date;
        var options = new SampleOptions { Tariff = MadeUpTariff.Of(MadeUpTariff.Flat) }; // no line of it depends on the days
        var issue = new SampleIssue(options with { Forge = bill => Edited(bill, Change) });
        var honest = new SampleIssue(options);
        AssertAgreement(issue, [new("logged", issue.Bill.Files), new("in a copy", honest.Bill.Files with { Bill = Edited(honest.Bill.Bill, Change) })]);
        Assert.Equal(place, issue.Verify(issue.Bill.Files).Difference?.Line);
    }

    [Fact]
    public void ABlockOfTheLastDayTwiceIsNamedByThatDay()
    {
        var issue = new SampleIssue(new SampleOptions());
        byte[] evidence = Edited(issue.Bill.Evidence, json => ((JsonArray)json["blocks"]!).Insert(30, json["blocks"]![29]!.DeepClone()));
        BillFiles files = issue.Bill.Files with { Evidence = evidence };
        AssertAgreement(issue, [new("twice", files)]);
        Assert.Equal("readings/2026-04-30", issue.Verify(files).Difference?.Line);
    }

    [Fact]
    public void OneMonthIsWrittenWithoutItsSAndABillFromBeforeThatStaysRight()
    {
        static void AsBefore(JsonObject bill)
        {
            foreach (JsonNode? line in (JsonArray)bill["lines"]!) line!["formula"] = line["formula"]!.GetValue<string>().Replace(" × 1 month = ", " × 1 months = ", StringComparison.Ordinal);
        }

        var issue = new SampleIssue(new SampleOptions());
        Assert.Contains(" × 1 month = ", issue.Bill.Invoice.Rated.Line("fixed")!.Formula, StringComparison.Ordinal);
        var before = new SampleIssue(new SampleOptions { Forge = bill => Edited(bill, AsBefore) });
        Assert.NotEqual(issue.Bill.Bill, before.Bill.Bill);
        Assert.Equal(Verdict.Valid, before.Verify(before.Bill.Files).Verdict);
        AssertAgreement(before, [new("as before", before.Bill.Files)]);
        // Three months have their s, and nothing else is another form of it.
        var other = new SampleIssue(new SampleOptions { Forge = bill => Edited(bill, json => Assert.IsType<JsonObject>(((JsonArray)json["lines"]!).First(line => line!["id"]!.GetValue<string>() == "fixed"))["formula"] = "1 months") });
        Assert.Equal((Verdict.Different, "fixed"), (other.Verify(other.Bill.Files).Verdict, other.Verify(other.Bill.Files).Difference?.Line));
    }

    internal static void AssertAgreement(SampleIssue issue, IReadOnlyList<AgreementTests.Sample> samples)
    {
        using var folder = new BillFolder();
        List<string> disagreements = AgreementTests.Compare(folder.WriteKeys(issue.Policy), issue.Policy, samples, []);
        Assert.True(disagreements.Count == 0, $"{disagreements.Count} of {samples.Count}:\n{string.Join('\n', disagreements.Take(30))}");
    }

    /// <summary>Each word of each line changed, with the place that is named where the change was logged.</summary>
    private static IEnumerable<(string What, string Place, Action<JsonObject> Change)> Changes(RatedBill bill)
    {
        for (int i = 0; i < bill.Lines.Count; i++)
        {
            int line = i;
            string id = bill.Lines[i].Id;
            foreach (string member in (string[])["formula", "group", "id", "label", "quantity", "rate", "unit"])
                yield return ($"{member} of {id}", member == "id" ? id + "x" : id, json => Falsify(Line(json, line), member));
            yield return ($"quantity of {id} with more digits than a decimal holds", id, json => Line(json, line)["quantity"] = Long((string)Line(json, line)["quantity"]!));
            yield return ($"a source more of {id}", id, json => ((JsonArray)Line(json, line)["sources"]!).Add("x"));
            yield return ($"an input more of {id}", id, json => ((JsonArray)Line(json, line)["inputs"]!).Add("line:x"));
            yield return ($"other inputs of {id}", id, json => Line(json, line)["inputs"] = new JsonArray("readings", "load"));
            if (bill.Lines[i].Sources.Count > 0) yield return ($"no source of {id}", id, json => ((JsonArray)Line(json, line)["sources"]!).Clear());
            if (bill.Lines[i].Parts.Length == 0) continue;
            foreach (string member in (string[])["rate", "units"])
                yield return ($"{member} of the first part of {id}", $"{id}.parts[0]", json => Falsify((JsonObject)Line(json, line)["parts"]![0]!, member));
            yield return ($"a part less of {id}", $"{id}.parts[{bill.Lines[i].Parts.Length - 1}]", json => ((JsonArray)Line(json, line)["parts"]!).RemoveAt(bill.Lines[line].Parts.Length - 1));
        }
    }

    private static string Long(string number) => $"{number}{(number.Contains('.', StringComparison.Ordinal) ? "" : ".")}000000000000000000000000000001";

    private static JsonObject Line(JsonObject bill, int line) => (JsonObject)bill["lines"]![line]!;

    private static void Falsify(JsonObject of, string member)
    {
        string value = (string)of[member]!;
        of[member] = member switch
        {
            "group" => value == "tax" ? "energy" : "tax",
            "quantity" or "rate" or "units" => value.StartsWith('-') ? "-1" + value[1..] : "1" + value,
            _ => value + "x",
        };
    }

    internal static byte[] Edited(byte[] bill, Action<JsonObject> change)
    {
        var json = (JsonObject)JsonNode.Parse(bill)!;
        change(json);
        return JsonSerializer.SerializeToUtf8Bytes(json, Plain);
    }
}
