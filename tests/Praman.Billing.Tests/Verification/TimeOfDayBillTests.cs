using NodaTime;
using Praman.Billing.Invoicing;
using Praman.Billing.Rating;
using Praman.Billing.Tests.Rating;
using Praman.Billing.Verification;
using Praman.Metering;
using Praman.Proof;

namespace Praman.Billing.Tests.Verification;

/// <summary>Bills by the time of day, made of day blocks and checked by both verifiers.</summary>
public class TimeOfDayBillTests
{
    private const string Adders = """
        {"id": "energy", "kind": "unit", "group": "energy", "label": "Energy", "quantity": "kwh", "rate": "5"},
        {"id": "tod", "kind": "tod", "group": "energy", "label": "Time of day", "periods": [
          {"name": "weekend", "days": "weekend", "from": "10:00", "to": "14:00", "adder": "-1.25"},
          {"name": "winter", "months": [11, 12, 1, 2, 3], "from": "18:00", "to": "22:00", "adder": "0.80"},
          {"name": "night", "from": "22:00", "to": "06:00", "adder": "-0.35"},
          {"adder": "0"}]}
        """;

    private const string Rates = """
        {"id": "tod", "kind": "tod", "group": "energy", "label": "Energy", "periods": [{"name": "day", "days": "weekday", "from": "08:00", "to": "20:00", "rate": "0.31"}, {"name": "rest", "rate": "0.19"}]},
        {"id": "tax", "kind": "percent", "group": "tax", "label": "Tax", "of": [{"id": "tod"}], "rate": "5"}
        """;

    public static TheoryData<string, string, int, int> Months => new()
    {
        { Adders, "Asia/Kolkata", 3, 30 },
        { Adders, "Europe/London", 3, 30 }, // a day of 23 hours
        { Rates, "Europe/London", 10, 15 }, // a day of 25 hours
        { Rates, "America/New_York", 11, 60 },
    };

    [Theory, MemberData(nameof(Months))]
    public void EachIntervalIsChargedByItsLocalStartAndBothVerifiersAgree(string components, string zone, int month, int minutes)
    {
        var from = new LocalDate(2025, month, 1);
        var issue = new SampleIssue(new SampleOptions
        {
            Tariff = MadeUpTariff.Of(components), Zone = zone, From = from, To = from.With(DateAdjusters.EndOfMonth), IntervalMinutes = minutes, Homes = 2, HasEstimates = true,
        });
        FalseWordAgreementTests.AssertAgreement(issue, [.. issue.Bills.Select(bill => new AgreementTests.Sample(bill.Invoice.BillNo, bill.Files))]);
        foreach (SampleBill bill in issue.Bills)
        {
            Assert.Equal(Verdict.ValidWithEstimates, issue.Verify(bill.Files).Verdict);
            RatedLine line = bill.Invoice.Rated.Line("tod")!;
            Dictionary<string, decimal> expected = Sums(bill, zone, components == Adders);
            foreach (RatedPart part in line.Parts) Assert.Equal(ExactFraction.FromDecimal(expected.GetValueOrDefault(part.Name!)), part.Units);
        }
    }

    /// <summary>The sums once more, by the clock of the zone alone.</summary>
    private static Dictionary<string, decimal> Sums(SampleBill bill, string zone, bool adders)
    {
        var sums = new Dictionary<string, decimal>();
        foreach (IntervalBlock block in bill.Blocks.Select(one => one.Block).Where(block => !block.Type.IsRegister()))
        {
            long[] values = block.Decode().Values;
            for (int i = 0; i < values.Length; i++)
            {
                LocalDateTime at = (block.Start + Duration.FromMinutes(i * block.Header.IntervalMinutes)).InZone(DateTimeZoneProviders.Tzdb[zone]).LocalDateTime;
                bool weekend = at.DayOfWeek is IsoDayOfWeek.Saturday or IsoDayOfWeek.Sunday;
                string name = adders
                    ? weekend && at.Hour is >= 10 and < 14 ? "weekend" : at.Month is 11 or 12 or <= 3 && at.Hour is >= 18 and < 22 ? "winter" : at.Hour is >= 22 or < 6 ? "night" : "all"
                    : !weekend && at.Hour is >= 8 and < 20 ? "day" : "rest";
                sums[name] = sums.GetValueOrDefault(name) + (values[i] / 1000m);
            }
        }
        return sums;
    }

    /// <summary>Energy of the registers that no interval has: by the base where the time of day adds or multiplies; without a rate, no bill.</summary>
    [Fact]
    public void EnergyAtNoKnownTimeIsNotSpread()
    {
        var issue = new SampleIssue(new SampleOptions { Tariff = MadeUpTariff.Of(Adders), UnassignedWh = 400 });
        RatedBill bill = issue.Bill.Invoice.Rated;
        Assert.Equal(ExactFraction.FromDecimal(0.4m), bill.Line("energy")!.Quantity - bill.Line("tod")!.Quantity);
        FalseWordAgreementTests.AssertAgreement(issue, [new("unassigned", issue.Bill.Files)]);
        Assert.Equal(Verdict.ValidWithEstimates, issue.Verify(issue.Bill.Files).Verdict);

        RatingRefusal refusal = MadeUpTariff.Refusal(MadeUpTariff.Of(Rates), new BillingDeterminants
        {
            Kwh = 10.4m, UnassignedKwh = 0.4m, Intervals = [new(new LocalDate(2026, 4, 1), new LocalTime(9, 0), 10m, null)],
        });
        Assert.Equal((RefusalCodes.InputInvalid, "unassigned_kwh"), (refusal.Code, refusal.Missing));
    }

    /// <summary>A reading that was changed is named where it stands, and not the line that it would move.</summary>
    [Fact]
    public void AChangedDayIsNamedByItsDay()
    {
        SampleIssue Of(int seed) => new(new SampleOptions { Tariff = MadeUpTariff.Of(Adders), Seed = seed });
        SampleIssue issue = Of(1);
        byte[] evidence = issue.Bill.Evidence;
        int at = evidence.AsSpan().IndexOf("\"bytes\":\""u8) + 40;
        evidence[at] = evidence[at] == (byte)'A' ? (byte)'B' : (byte)'A';
        BillFiles changed = issue.Bill.Files with { Evidence = evidence };
        FalseWordAgreementTests.AssertAgreement(issue, [new("changed", changed), new("of another home", issue.Bill.Files with { Bill = BillVerifierTests.Edit(issue.Bill.Bill, "\"energy_wh\":", 1) })]);
    }

    [Fact]
    public void TheFormulaOfAMultiplierIsItsArithmetic()
    {
        CompiledTariff tariff = MadeUpTariff.Of(MadeUpTariff.Flat + """, {"id": "tod", "kind": "tod", "group": "energy", "label": "Time of day", "base": ["energy"], "periods": [{"name": "solar", "from": "09:00", "to": "17:00", "multiplier": "0.80"}, {"name": "rest", "multiplier": "1"}]}""");
        RatedBill bill = MadeUpTariff.Bill(tariff, new BillingDeterminants { KwhByTou = new Dictionary<string, decimal> { ["solar"] = 40, ["rest"] = 60 } });
        Assert.Equal("solar: 40 kWh × 5 × (0.80 − 1) = -40.00; rest: 60 kWh × 5 × (1 − 1) = 0.00; sum = -40.00", bill.Line("tod")!.Formula);
    }

    [Fact]
    public void NoBillIsIssuedWithAPartialTariffAndWhatIsMissingIsNamed()
    {
        CompiledTariff partial = SampleIssue.Compile("in-rj-domestic-2025", out _);
        var point = new UsagePoint(new UsagePointId(1), "SP-1", "Asia/Kolkata", 2_000, 1, "in-rj-domestic-2025", []);
        var usage = new BillableUsage(point.Id, new DateInterval(new(2025, 10, 1), new(2025, 10, 31)), [], [], 50_000, 0, 0, 0, BillingGate.Final, [], "rules/1", Digest.Sha256("r"u8).ToString());
        var request = new InvoiceRequest("B-1", "Discom", point, usage, new LocalDate(2025, 11, 3));
        InvoiceResult refused = new InvoiceWriter(partial).Write(request, Digest.Sha256("x"u8));
        Assert.Null(refused.Invoice);
        Assert.Equal((RefusalCodes.TariffPartial, "fixed.bands_by_kwh[2].rate"), (refused.Refusal!.Code, refused.Refusal.Missing));
        Assert.NotNull(new InvoiceWriter(partial, allowsPartial: true).Write(request, Digest.Sha256("x"u8)).Invoice);
        Assert.Null(PartialTariff.RefusalOf(SampleIssue.Compile("in-gj-rgp-urban", out _).Tariff));
    }
}
