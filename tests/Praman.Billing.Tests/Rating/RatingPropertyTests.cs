using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using NodaTime;
using Praman.Billing.Rating;
using static Praman.Billing.Tests.Rating.MadeUpTariff;

namespace Praman.Billing.Tests.Rating;

/// <summary>What holds for any bill.</summary>
public sealed class RatingPropertyTests
{
    private const string Seed = "0000KGJ5yaB3";

    /// <summary>Telescopic tariffs without cliffs, with a day from which every series they need is known.</summary>
    private static readonly (string Id, LocalDate From)[] Telescopic =
    [
        ("in-gj-rgp-urban", new(2023, 3, 1)), ("in-dl-brpl", new(2022, 6, 11)), ("in-up-lmv1-urban", new(2022, 7, 23)), ("in-as-domA-2023-06", new(2023, 6, 1)),
        ("in-mh-msedcl-2025", new(2025, 7, 1)), ("lk-ceb-domestic", new(2012, 1, 1)), ("in-ch-domestic-2025", new(2025, 11, 1)), ("in-jk-domestic-2022", new(2022, 10, 1)),
    ];

    private static readonly Gen<(CompiledTariff Tariff, BillingDeterminants Inputs)> Bills =
        Gen.Select(Gen.Int[0, Telescopic.Length - 1], Gen.Int[0, 20], Gen.Int[1, 30], Gen.Int[0, 2_000_000], Gen.Int[1, 30]).Select((tariff, start, days, wh, load) =>
        {
            LocalDate from = Telescopic[tariff].From.PlusDays(start);
            return (WorkedBills.Tariff(Telescopic[tariff].Id), new BillingDeterminants
            {
                Period = new(from, from.PlusDays(days - 1)),
                Kwh = wh / 1000m,
                SanctionedLoadKw = load / 4m,
                Flags = wh % 2 == 0 ? ["prepaid"] : [],
            });
        });

    [Fact]
    public void MoreUnitsNeverCostLess() =>
        Bills.Sample(b =>
        {
            decimal less = Bill(b.Tariff, b.Inputs).Gross!.Value, more = Bill(b.Tariff, b.Inputs with { Kwh = b.Inputs.Kwh + 1 }).Gross!.Value;
            Assert.True(more >= less, $"{b.Tariff.Tariff.Id}: {less} then {more}");
        }, seed: Seed, iter: 3_000);

    [Fact]
    public void PartsAddUpToLinesAndLinesToTotalsAndAmountsAreWholePaise() =>
        Bills.Sample(b =>
        {
            RatedBill bill = Bill(b.Tariff, b.Inputs);
            foreach (RatedLine line in bill.Lines)
            {
                Assert.Equal(line.Amount, line.Parts.Sum(p => p.Amount));
                Assert.Equal(0, line.Amount % 0.01m);
            }
            Assert.Equal(bill.Net, bill.Lines.Sum(l => l.Amount));
            Assert.Equal(bill.Net, bill.Gross + bill.SubsidyTotal + bill.RebateTotal);
            Assert.Equal(bill.Total, bill.Net + bill.Rounding);
            RatedLine energy = bill.Lines.First(l => l.Kind == LineKind.Blocks);
            Assert.Equal(energy.Quantity, energy.Parts.Aggregate(ExactFraction.Zero, (sum, p) => sum + p.Units));
        }, seed: Seed, iter: 3_000);

    /// <summary>With even use and exact limits, two halves cost what the whole does, but for what is rounded.</summary>
    [Fact]
    public void APeriodBilledInTwoPartsDiffersByRoundingOnly() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[1, 14], Gen.Int[0, 60], Gen.Int[1, 12]).Sample((which, half, perDay, load) =>
        {
            (string id, LocalDate from) = new[] { ("in-gj-rgp-urban", new LocalDate(2023, 3, 1)), ("in-up-lmv1-urban", new(2025, 9, 1)), ("in-mh-msedcl-2025", new(2025, 9, 1)), ("lk-ceb-domestic", new(2025, 9, 1)) }[which];
            CompiledTariff tariff = WorkedBills.Tariff(id);
            BillingDeterminants Part(int start, int days) => new() { Period = new(from.PlusDays(start), from.PlusDays(start + days - 1)), Kwh = perDay * days, SanctionedLoadKw = load / 2m };
            RatedBill whole = Bill(tariff, Part(0, 2 * half)), one = Bill(tariff, Part(0, half)), two = Bill(tariff, Part(half, half));
            int parts = whole.Lines.Concat(one.Lines).Concat(two.Lines).Sum(l => l.Parts.Length);
            decimal difference = Math.Abs(whole.Net!.Value - one.Net!.Value - two.Net!.Value);
            Assert.True(difference <= 0.01m * parts, $"{id}: {difference}");
            RatedBill joined = SplitBill.Join([one, two], tariff.Tariff.Billing.TotalRounding);
            Assert.Equal(one.Net + two.Net, joined.Net);
            Assert.Equal(whole.Months, joined.Months);
        }, seed: Seed, iter: 2_000);

    [Fact]
    public void TheSameInputsGiveTheSameBytesInEveryLocaleAndOnEveryThread()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            string expected = AllCases();
            foreach (string name in (string[])["hi-IN", "tr-TR", "de-DE", "ar-SA", "fa-IR", "sv-SE"])
            {
                CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(name);
                Assert.Equal(expected, AllCases());
            }
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("hi-IN");
            string[] threads = new string[8];
            Parallel.For(0, threads.Length, i => threads[i] = AllCases());
            Assert.All(threads, bytes => Assert.Equal(expected, bytes));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static string AllCases()
    {
        StringBuilder all = new();
        foreach (JsonElement worked in WorkedBills.Cases.Values)
        {
            all.Append(WorkedBillTests.Rate(worked).GetRawText()).Append('\n');
            Assert.True(RatingCase.TryRead(worked, out RatingCase? read, out _, out _));
            all.Append(RatedCaseText.Of(read.Rate(WorkedBills.Book, TraceDetail.None)));
        }
        return all.ToString();
    }

    [Fact]
    public void TheTraceNamesOnlyFiguresThatAreThereOrAreInputs()
    {
        string[] inputs = ["period", "billing_months", "quantities.", "kwh_carried_in", "sanctioned_load_kw", "max_demand_kw", "kwh_by_tod", "intervals", "external."];
        int figures = 0;
        foreach (JsonElement worked in WorkedBills.Cases.Values)
        {
            Assert.True(RatingCase.TryRead(worked, out RatingCase? read, out _, out _));
            if (read.Check == RatingCheck.Split || read.Rate(WorkedBills.Book, TraceDetail.Full).Result is not { IsRated: true, Bill: { } bill }) continue;
            HashSet<string> names = [.. bill.Trace.Select(s => s.Name)];
            figures += names.Count;
            Assert.Superset(new HashSet<string>([.. bill.Lines.Select(l => l.Id), "gross", "net", "total", "rounding", "months"]), names);
            foreach (TraceStep step in bill.Trace)
            {
                Assert.NotEmpty(step.Rule);
                Assert.All(step.From, from => Assert.True(names.Contains(from) || bill.Line(from) is not null || inputs.Any(i => from.StartsWith(i, StringComparison.Ordinal)) || IsAbsentComponent(bill, from), $"{read.Id}: {step.Name} from {from}"));
            }
        }
        Assert.True(figures > 300);
    }

    private static bool IsAbsentComponent(RatedBill bill, string id) => WorkedBills.Set.Tariffs[bill.TariffId].Components.Any(c => c.Id == id) && bill.Line(id) is null;

    [Fact]
    public void ABillAllocatesLittle()
    {
        CompiledTariff tariff = WorkedBills.Tariff("in-gj-rgp-urban");
        BillingDeterminants inputs = new() { Period = new(new(2025, 10, 1), new(2025, 10, 31)), Kwh = 412, SanctionedLoadKw = 3 };
        Bill(tariff, inputs);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) RatingEngine.Rate(tariff, inputs);
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 100, 1, 4_096);
    }
}
