using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using NodaTime;
using NodaTime.Text;
using Praman.Billing.Tariffs;
using Praman.Billing.Tests.Rating;
using Praman.Billing.Verification;
using Praman.Metering;

namespace Praman.Billing.Tests.Verification;

/// <summary>
/// What is changed is found, and both verifiers name the same place (goals R7 and R8): each byte of a bill, each reading by one watt-hour, each rate by
/// a hundredth, each date for another. <c>PRAMAN_MUTATION_BITS</c> sets how many bits of each byte are flipped, 1 to 8.
/// </summary>
public class MutationAgreementTests
{
    private static readonly LocalDate From = new(2026, 3, 27), To = new(2026, 4, 2);

    public static TheoryData<string> Tariffs => ["in-gj-rgp-urban", "uk-octopus-agile-2022", "in-illustrative-tod"];

    private static SampleOptions Options(string tariff) => new()
    {
        TariffId = tariff,
        From = From,
        To = To,
        Zone = tariff.StartsWith("uk", StringComparison.Ordinal) ? "Europe/London" : "Asia/Kolkata",
        External = new Dictionary<string, decimal> { ["standing_gbp_per_day"] = 0.2488m },
        Stated = tariff.StartsWith("uk", StringComparison.Ordinal) ? count => new() { Prices = [.. Enumerable.Range(0, count).Select(i => ((i * 37) % 400 / 10m) - 8)] } : null,
        HasExchange = false,
        HasEstimates = true,
    };

    /// <summary>None is valid, and each is named alike.</summary>
    private static Dictionary<string, int> AssertFoundAlike(SampleIssue issue, IReadOnlyList<AgreementTests.Sample> samples)
    {
        using var folder = new BillFolder();
        var verdicts = new Dictionary<string, int>();
        List<string> disagreements = AgreementTests.Compare(folder.WriteKeys(issue.Policy), issue.Policy, samples, verdicts);
        string summary = string.Join(", ", verdicts.Select(one => $"{one.Key} {one.Value}"));
        TestContext.Current.SendDiagnosticMessage(summary);
        Assert.True(disagreements.Count == 0, $"{disagreements.Count} of {summary}:\n{string.Join('\n', disagreements.Take(20))}");
        Assert.Empty(verdicts.Keys.Except(["DIFFERENT", "UNREADABLE"]));
        Assert.Equal(samples.Count, verdicts.Values.Sum());
        return verdicts;
    }

    [Theory, MemberData(nameof(Tariffs))]
    public void EachByteOfABill(string tariff)
    {
        int bits = int.TryParse(Environment.GetEnvironmentVariable("PRAMAN_MUTATION_BITS"), NumberStyles.None, CultureInfo.InvariantCulture, out int given) ? Math.Clamp(given, 1, 8) : 1;
        var issue = new SampleIssue(Options(tariff));
        byte[] bill = issue.Bill.Bill;
        var samples = new List<AgreementTests.Sample>();
        for (int bit = 0; bit < bits; bit++)
        {
            for (int i = 0; i < bill.Length; i++)
            {
                byte[] changed = [.. bill];
                changed[i] ^= (byte)(1 << bit);
                samples.Add(new($"byte {i} bit {bit}", issue.Bill.Files with { Bill = changed }));
            }
        }
        Dictionary<string, int> verdicts = AssertFoundAlike(issue, samples);
        Assert.True(verdicts["DIFFERENT"] > 500 && verdicts["UNREADABLE"] > 500);
    }

    /// <summary>A bill of another number is not the bill that was logged, whatever number its evidence has: that is told, not that the evidence is of another bill.</summary>
    [Theory, MemberData(nameof(Tariffs))]
    public void EachCharacterOfTheNumberOfABill(string tariff)
    {
        var issue = new SampleIssue(Options(tariff));
        string bill = Encoding.UTF8.GetString(issue.Bill.Bill), number = issue.Bill.Invoice.BillNo;
        int at = bill.IndexOf($"\"bill_no\":\"{number}\"", StringComparison.Ordinal) + "\"bill_no\":\"".Length;
        List<AgreementTests.Sample> samples =
        [
            .. number.Select((_, i) => new AgreementTests.Sample(
                $"character {i}", issue.Bill.Files with { Bill = Encoding.UTF8.GetBytes($"{bill[..(at + i)]}{(bill[at + i] == '7' ? '8' : '7')}{bill[(at + i + 1)..]}") })),
        ];
        AssertFoundAlike(issue, samples);
        Assert.All(samples, sample =>
        {
            BillVerdict verdict = issue.Verify(sample.Files);
            Assert.Equal(("commitment", "the octets that were logged", "other octets, salt or path"), (verdict.Difference?.Line, verdict.Difference?.Ours, verdict.Difference?.Theirs));
            Assert.Equal(["inclusion"], verdict.Checks.Where(check => check.Ok == false).Select(check => check.Name));
        });
        // Without the proof nothing tells which of the two numbers was changed.
        AssertFoundAlike(issue, [.. samples.Select(sample => sample with { Files = sample.Files with { Proof = null } })]);
        Assert.All(samples, sample =>
        {
            Assert.False(new BillVerifier(issue.Policy).TryVerify(sample.Files with { Proof = null }, out _, out UnreadableFile? fault));
            Assert.Equal((BillFiles.EvidenceName, "bill_no"), (fault.File, fault.Field));
        });
    }

    [Theory, MemberData(nameof(Tariffs))]
    public void EachReadingByOneWattHour(string tariff)
    {
        var issue = new SampleIssue(Options(tariff));
        string evidence = Encoding.UTF8.GetString(issue.Bill.Evidence);
        var samples = new List<AgreementTests.Sample>();
        var places = new List<string>();
        DateTimeZone zone = DateTimeZoneProviders.Tzdb[Options(tariff).Zone];
        foreach (IntervalBlock block in issue.Bill.Blocks.Select(one => one.Block))
        {
            (long[] values, IntervalQuality[] qualities) = block.Decode();
            for (int i = 0; i < values.Length; i++)
            {
                values[i] += i % 2 == 0 ? 1 : -1;
                IntervalBlock changed = IntervalBlock.Create(block.Header, values, qualities);
                values[i] -= i % 2 == 0 ? 1 : -1;
                string other = evidence.Replace(Convert.ToBase64String(block.Bytes.Span), Convert.ToBase64String(changed.Bytes.Span), StringComparison.Ordinal);
                samples.Add(new($"{block.Start} interval {i}", issue.Bill.Files with { Evidence = Encoding.UTF8.GetBytes(other) }));
                places.Add(block.Type.IsRegister() ? "readings/segments[0]" : $"readings/{LocalDatePattern.Iso.Format(LocalDays.DayOf(block.Start, zone))}");
            }
        }
        AssertFoundAlike(issue, samples);
        Assert.Equal(places, samples.Select(sample => issue.Verify(sample.Files).Difference!.Line));
    }

    /// <summary>In the tariff and in the series of the evidence, on the lines and among the prices of the bill; there in a copy, and truly logged.</summary>
    [Theory, MemberData(nameof(Tariffs))]
    public void EachRateByAHundredth(string tariff)
    {
        var issue = new SampleIssue(Options(tariff));
        string evidence = Encoding.UTF8.GetString(issue.Bill.Evidence), bill = Encoding.UTF8.GetString(issue.Bill.Bill);
        var samples = new List<AgreementTests.Sample>();
        int objects = evidence.IndexOf("\"series\":[", StringComparison.Ordinal);
        foreach (Match rate in Regex.Matches(evidence[objects..], "\"(rate|adder|multiplier|multiply|add|value|cap|floor)\":\"(-?[0-9.]+)\"").Cast<Match>().Where((_, i) => i < 60))
        {
            string changed = Replaced(evidence, objects + rate.Groups[2].Index, rate.Groups[2].Value);
            samples.Add(new($"{rate.Groups[1].Value} {rate.Groups[2].Value} of the evidence", issue.Bill.Files with { Evidence = Encoding.UTF8.GetBytes(changed) }));
        }
        int inEvidence = samples.Count;
        foreach (Match rate in Regex.Matches(bill, "\"rate\":\"(-?[0-9.]+)\"").Cast<Match>()) Change(rate.Groups[1]);
        int prices = bill.IndexOf("\"prices\":[", StringComparison.Ordinal);
        if (prices >= 0)
        {
            foreach (Match price in Regex.Matches(bill[prices..bill.IndexOf(']', prices)], "\"(-?[0-9.]+)\"").Cast<Match>().Where((_, i) => i % 40 == 7)) Change(price.Groups[1], prices);
        }
        AssertFoundAlike(issue, samples);
        Assert.All(samples.Take(inEvidence), sample => Assert.Matches("^(tariff|series/.+)$", issue.Verify(sample.Files).Difference!.Line));

        void Change(Group rate, int offset = 0)
        {
            samples.Add(new($"rate {rate.Value} at {offset + rate.Index}", issue.Bill.Files with { Bill = Encoding.UTF8.GetBytes(Replaced(bill, offset + rate.Index, rate.Value)) }));
            SampleIssue logged = new(Options(tariff) with { Forge = octets => Encoding.UTF8.GetBytes(Replaced(Encoding.UTF8.GetString(octets), offset + rate.Index, rate.Value)) });
            // A price of an interval without energy moves nothing: the commitment alone would find it.
            if (!logged.Verify(logged.Bill.Files).IsValid) samples.Add(new($"rate {rate.Value} at {offset + rate.Index} logged", logged.Bill.Files));
            else Assert.True(offset > 0, rate.Value);
        }
    }

    private static string Replaced(string text, int at, string number) =>
        text[..at] + (decimal.Parse(number, CultureInfo.InvariantCulture) + 0.01m).ToString(CultureInfo.InvariantCulture) + text[(at + number.Length)..];

    /// <summary>Each date of the bill and of its evidence for another date of theirs, or a day later.</summary>
    [Theory, MemberData(nameof(Tariffs))]
    public void EachDateForAnother(string tariff)
    {
        var issue = new SampleIssue(Options(tariff));
        var samples = new List<AgreementTests.Sample>();
        foreach (bool ofBill in (bool[])[true, false])
        {
            string file = Encoding.UTF8.GetString(ofBill ? issue.Bill.Bill : issue.Bill.Evidence);
            Match[] dates = [.. Regex.Matches(file, "\"(\\d{4}-\\d\\d-\\d\\d)([T\"])").Cast<Match>()];
            Assert.NotEmpty(dates);
            foreach (Match date in dates)
            {
                foreach (string other in dates.Select(one => one.Groups[1].Value).Append(LocalDatePattern.Iso.Format(LocalDatePattern.Iso.Parse(date.Groups[1].Value).Value.PlusDays(1))).Distinct())
                {
                    if (other == date.Groups[1].Value) continue;
                    byte[] changed = Encoding.UTF8.GetBytes(file[..date.Groups[1].Index] + other + file[(date.Groups[1].Index + other.Length)..]);
                    samples.Add(new($"{date.Groups[1].Value} at {date.Index} to {other}", ofBill ? issue.Bill.Files with { Bill = changed } : issue.Bill.Files with { Evidence = changed }));
                }
            }
        }
        AssertFoundAlike(issue, samples);
        // Day and month of the first day, the last day for the first: also where the false bill was truly logged.
        foreach ((string member, string date, string place) in (ReadOnlySpan<(string, string, string)>)
            [("from", "2026-03-26", "readings/2026-03-26"), ("from", "2026-03-28", "readings/2026-03-27"), ("to", "2026-04-03", "readings/2026-04-03"), ("to", "2026-04-01", "readings/2026-04-02")])
        {
            var forged = new SampleIssue(Options(tariff) with { Forge = bill => FalseWordAgreementTests.Edited(bill, json => ((JsonObject)json["period"]!)[member] = date) });
            AssertFoundAlike(forged, [new($"{member} {date} logged", forged.Bill.Files)]);
            Assert.Contains(place, forged.Verify(forged.Bill.Files).Checks.Single(check => check.Name == "readings").Detail, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void TheTariffsOfTheseTestsHaveDatedRatesPricesAndTimesOfDay()
    {
        Tariff[] tariffs = [.. Tariffs.Select(one => WorkedBills.Tariff(one.Data).Tariff)];
        Assert.Contains(tariffs, tariff => tariff.Components.Any(one => one is UnitCharge { Series: not null }));
        Assert.Contains(tariffs, tariff => tariff.Components.Any(one => one is IntervalCharge));
        Assert.Contains(tariffs, tariff => tariff.Components.Any(one => one is TimeOfDayCharge));
    }
}
