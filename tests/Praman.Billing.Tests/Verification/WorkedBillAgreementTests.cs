using System.Text.Json;
using NodaTime;
using Praman.Billing.Invoicing;
using Praman.Billing.Rating;
using Praman.Billing.Tariffs;
using Praman.Billing.Tests.Rating;
using Praman.Billing.Verification;

namespace Praman.Billing.Tests.Verification;

/// <summary>Each worked bill made into a bill with its proof and evidence: it has the total that its inputs give, and both verifiers call it valid.</summary>
public class WorkedBillAgreementTests
{
    private const int IntervalMinutes = 30, DaysUnlessGiven = 30;

    public static TheoryData<string> Ids => [.. WorkedBills.Cases.Keys];

    [Theory, MemberData(nameof(Ids))]
    public void BothVerifiersCallItValid(string id)
    {
        JsonElement worked = WorkedBills.Cases[id];
        foreach ((string tariff, JsonElement inputs) in BillsOf(worked))
        {
            if (WorkedBills.Book.Find(tariff) is not { } compiled) continue; // a case that asks for a tariff which is not there
            Assert.True(BillingInputs.TryRead(inputs, out BillingDeterminants? determinants, out RatingRefusal? error), error?.Message);
            RatingResult rated = RatingEngine.Rate(compiled, determinants);
            var issue = new SampleIssue(Options(compiled, determinants));
            if (issue.Bills.Count == 0)
            {
                Assert.False(rated.IsRated, issue.Refusals[0].Message);
                continue;
            }
            // A bill always states load, phase and period: what was refused for want of them is made, what lacks a number is not.
            if (!rated.IsRated) Assert.Equal((RefusalCodes.InputInvalid, id), (rated.Refusal.Code, id));
            else if (rated.Bill.Total is { } total) Assert.Equal(total, issue.Bill.Invoice.Rated.Total);
            BillVerdict verdict = issue.Verify(issue.Bill.Files);
            Assert.True(verdict.Verdict == Verdict.Valid, VerdictJson.Format(verdict));
            FalseWordAgreementTests.AssertAgreement(issue, [new(id, issue.Bill.Files)]);
        }
    }

    /// <summary>A case is one bill, the two of a difference, or the parts of a split.</summary>
    private static IEnumerable<(string Tariff, JsonElement Inputs)> BillsOf(JsonElement worked)
    {
        string tariff = worked.GetProperty("tariff").GetString()!;
        if (worked.TryGetProperty("parts", out JsonElement parts))
        {
            foreach (JsonElement part in parts.EnumerateArray()) yield return (part.GetProperty("tariff").GetString()!, part.GetProperty("inputs"));
            yield break;
        }
        yield return (tariff, worked.GetProperty("inputs"));
        if (worked.TryGetProperty("inputs_after", out JsonElement after)) yield return (tariff, after);
    }

    private static SampleOptions Options(CompiledTariff compiled, BillingDeterminants given)
    {
        Tariff tariff = compiled.Tariff;
        BillingPeriod period = given.Period ?? new(tariff.ValidFrom, tariff.ValidFrom.PlusDays((given.Days ?? DaysUnlessGiven) - 1));
        bool isAssumed = given is { Period: null, Days: null, BillingMonths: null } && tariff.Billing.MonthFraction != MonthFraction.None;
        return new SampleOptions
        {
            Tariff = compiled,
            LeavesOutRefused = true,
            From = period.From,
            To = period.To,
            Zone = tariff.Country switch { "GB" => "Europe/London", "US" => "America/Los_Angeles", "AU" => "Australia/Melbourne", "LK" => "Asia/Colombo", _ => "Asia/Kolkata" },
            IntervalMinutes = IntervalMinutes,
            SanctionedLoadW = (int)((given.SanctionedLoadKw ?? 1) * 1000),
            PhaseCount = given.Phase == SupplyPhase.Three ? 3 : 1,
            Flags = [.. given.Flags],
            External = given.External,
            Tamper = (day, values, _) =>
            {
                Array.Clear(values);
                if (day != period.From) return;
                foreach ((int slot, decimal kwh, decimal? _) in Slots(tariff, given)) values[slot] += decimal.ToInt64(kwh * 1000);
            },
            Stated = count => new StatedInputs
            {
                BillingMonths = given.BillingMonths ?? (isAssumed ? tariff.Billing.CycleMonths : null),
                Holidays = given.Holidays is { } holidays ? [.. holidays] : null,
                Kvah = given.Kvah,
                KwMax = given.KwMax,
                KwhCarriedIn = given.KwhCarriedIn == 0 ? null : given.KwhCarriedIn,
                KwhExport = given.KwhExport,
                MaxDemandKw = given.MaxDemandKw,
                Season = given.Season,
                Prices = Prices(Slots(tariff, given), count),
            },
        };
    }

    /// <summary>The energy of the bill by the half hours of its first day.</summary>
    private static List<(int Slot, decimal Kwh, decimal? Price)> Slots(Tariff tariff, BillingDeterminants given)
    {
        if (given.Intervals is { } intervals) return [.. intervals.Select(one => (SlotOf(one.Start), one.Kwh, one.Price))];
        decimal rest = given.Kwh ?? given.KwhImport ?? given.KwhByTou?.Values.Sum() ?? 0;
        var slots = new List<(int, decimal, decimal?)>();
        var periods = tariff.Components.OfType<TimeOfDayCharge>().SelectMany(one => one.Periods).ToList();
        foreach ((string name, decimal kwh) in given.KwhByTou ?? new Dictionary<string, decimal>())
        {
            slots.Add((Array.FindIndex(NamesOfSlots(periods), found => found == name), kwh, null));
            rest -= kwh;
        }
        if (rest != 0) slots.Add((given.KwhByTou is null ? 0 : Array.FindIndex(NamesOfSlots(periods), found => found is null), rest, null));
        Assert.DoesNotContain(slots, slot => slot.Item1 < 0);
        return slots;
    }

    private static int SlotOf(LocalTime time) => ((time.Hour * 60) + time.Minute) / IntervalMinutes;

    /// <summary>Which period of the day holds each half hour; null where none does.</summary>
    private static string?[] NamesOfSlots(List<TouPeriod> periods) =>
    [
        .. Enumerable.Range(0, 1440 / IntervalMinutes).Select(slot => LocalTime.Midnight.PlusMinutes(slot * IntervalMinutes)).Select(time => periods.Find(period =>
            period.From is not { } from || period.To is not { } to || (from < to ? time >= from && time < to : time >= from || time < to))?.Name),
    ];

    private static decimal[]? Prices(List<(int Slot, decimal Kwh, decimal? Price)> slots, int count)
    {
        if (slots.All(slot => slot.Price is null)) return null;
        decimal[] prices = new decimal[count];
        foreach ((int slot, _, decimal? price) in slots) prices[slot] = price ?? 0;
        return prices;
    }
}
