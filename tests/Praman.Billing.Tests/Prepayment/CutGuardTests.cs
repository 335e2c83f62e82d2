using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Praman.Billing.Prepayment;
using static Praman.Billing.Tests.Prepayment.PrepaidScenarios;

namespace Praman.Billing.Tests.Prepayment;

/// <summary>When a cut is permitted, and which guard says that it is not.</summary>
public sealed class CutGuardTests
{
    private static readonly DateTimeZone Zone = DateTimeZone.ForOffset(Offset.FromHoursAndMinutes(5, 30));
    private static readonly HolidayCalendar Holidays = new("IN", [new(2026, 1, 26)]);
    private static readonly RulePack Pack = new()
    {
        Id = "p",
        Open = new(10, 0),
        Close = new(16, 0),
        NoCutWeekdays = [IsoDayOfWeek.Sunday],
        HasPublicHolidays = true,
        EmergencyCreditHours = 24,
        NoticeHours = 24,
        ProtectedFlags = ["medical"],
        ProtectedLoadKwMax = 1,
        ConversionGraceDays = 30,
    };

    private static Instant At(int day, int hour, int minute = 0) => new LocalDateTime(2026, 1, day, hour, minute).InZoneStrictly(Zone).ToInstant();

    private static DayPosting Day(decimal deduction, DayQuality quality = DayQuality.Actual) =>
        new() { Sequence = 1, Date = new(2026, 1, 5), Use = new(1, quality), Lines = [], Repricing = [], Deduction = deduction, TariffHash = default };

    /// <summary>Below zero since Monday the 5th at 9 o'clock; Wednesday noon is permitted.</summary>
    private static PrepaidAccount Overdrawn(RulePack? pack = null)
    {
        PrepaidAccount account = new(pack ?? Pack, Holidays, Zone, 100m, 500m, At(5, 8));
        account.Post(At(5, 9), Day(150m));
        return account;
    }

    private static CutFacts Facts(int day = 7, int hour = 12) => new()
    {
        FreshBalance = -50m,
        BalanceAsOf = At(day, hour - 1),
        LastReadingAt = At(day, hour - 2),
        LastReadingQuality = DayQuality.Actual,
        SanctionedLoadKw = 2,
        Flags = [],
        NoticeAt = At(5, 9, 5),
    };

    [Fact]
    public void TheEarliestCutIsThatOfTheScenario()
    {
        JsonElement inputs = Inputs("no-cut-calendar");
        string json = $$"""{"format": "praman-rule-pack/1", "packs": {{inputs.GetProperty("packs").GetRawText()}}, "holidays": {{inputs.GetProperty("holidays").GetRawText()}}}""";
        Assert.True(RulePackSet.TryParse(System.Text.Encoding.UTF8.GetBytes(json), out RulePackSet? set, out var faults), string.Join('\n', faults));
        int events = 0;
        LocalDateTimePattern pattern = LocalDateTimePattern.CreateWithInvariantCulture("uuuu'-'MM'-'dd'T'HH':'mm");
        foreach (JsonElement one in Expected("no-cut-calendar").GetProperty("events").EnumerateArray())
        {
            events++;
            RulePack pack = set.Packs[one.GetProperty("pack").GetString()!];
            HolidayCalendar calendar = set.Calendars[one.GetProperty("calendar").GetString()!];
            DateTimeZone zone = one.GetProperty("calendar").GetString() == "GB" ? DateTimeZoneProviders.Tzdb["Europe/London"] : Zone;
            Instant condition = pattern.Parse(one.GetProperty("condition_true_at").GetString()!).Value.InZoneStrictly(zone).ToInstant();
            Instant expected = pattern.Parse(one.GetProperty("earliest_cut").GetString()!).Value.InZoneStrictly(zone).ToInstant();
            PrepaidAccount account = new(pack, calendar, zone, 10m, 100m, condition - Duration.FromHours(1));
            account.Post(condition, Day(10m - pack.CreditFloor));
            Assert.Equal(expected, account.EarliestCut);
            account.Recharge(condition + Duration.FromMinutes(1), 50m, 50m);
            Assert.Null(account.EarliestCut); // a recharge before that instant cancels
        }
        Assert.Equal(7, events);
    }

    [Fact]
    public void ACutIsARequestWithEverythingThatWasChecked()
    {
        PrepaidAccount account = Overdrawn();
        Assert.Equal(PrepaidState.Emergency, account.State);
        CutRequest request = Assert.IsType<CutRequest>(account.AskForCut(At(7, 12), Facts()));
        Assert.Equal((-50m, At(5, 9), "p"), (request.Balance, request.BelowFloorSince, request.RulePack));
        Assert.Equal(17, request.Reasons.Count);
        Assert.Equal(PrepaidState.CutPending, account.State); // nothing is cut until the relay says so
        Assert.Equal(CutChecks.State, Assert.Single(Assert.IsType<CutRefused>(account.AskForCut(At(7, 13), Facts(7, 13))).Guards).Code);
        account.ConfirmCut(At(7, 14));
        Assert.Equal(PrepaidState.Cut, account.State);
    }

    public static TheoryData<string, string> Guards => new()
    {
        { CutChecks.Balance, "balance" }, { CutChecks.Balance, "no balance" }, { CutChecks.BalanceAge, "old balance" }, { CutChecks.BalanceAge, "no age" }, { CutChecks.BalanceAge, "future" },
        { CutChecks.ReadingAge, "old reading" }, { CutChecks.ReadingAge, "no reading" }, { CutChecks.ReadingQuality, "estimated" }, { CutChecks.Notice, "no notice" }, { CutChecks.Notice, "late notice" },
        { CutChecks.Notice, "old notice" }, { CutChecks.Protected, "medical" }, { CutChecks.Protected, "no flags" }, { CutChecks.Load, "small" }, { CutChecks.Load, "no load" },
        { CutChecks.Storm, "storm" }, { CutChecks.Heat, "heat" }, { CutChecks.Dispute, "dispute" }, { CutChecks.Grace, "converted" },
    };

    [Theory, MemberData(nameof(Guards))]
    public void EachGuardAloneForbidsACutAndIsNamed(string code, string what)
    {
        CutFacts good = Facts(), facts = what switch
        {
            "balance" => good with { FreshBalance = 0.01m },
            "no balance" => good with { FreshBalance = null },
            "old balance" => good with { BalanceAsOf = At(6, 11, 59) },
            "no age" => good with { BalanceAsOf = null },
            "future" => good with { BalanceAsOf = At(7, 12, 1) },
            "old reading" => good with { LastReadingAt = At(6, 11, 59) },
            "no reading" => good with { LastReadingAt = null },
            "estimated" => good with { LastReadingQuality = DayQuality.Estimated },
            "no notice" => good with { NoticeAt = null },
            "late notice" => good with { NoticeAt = At(6, 12, 1) },
            "old notice" => good with { NoticeAt = At(5, 8, 59) },
            "medical" => good with { Flags = ["medical"] },
            "no flags" => good with { Flags = null },
            "small" => good with { SanctionedLoadKw = 1 },
            "no load" => good with { SanctionedLoadKw = null },
            "storm" => good with { IsStorm = true },
            "heat" => good with { IsHeat = true },
            "dispute" => good with { IsDisputed = true },
            _ => good with { ConvertedOn = new(2025, 12, 9) }, // thirty days are over on the 8th
        };
        CutRefused refused = Assert.IsType<CutRefused>(Overdrawn().AskForCut(At(7, 12), facts));
        Assert.Equal(code, Assert.Single(refused.Guards).Code);
        Assert.IsType<CutRequest>(Overdrawn().AskForCut(At(7, 12), good));
    }

    [Theory]
    [InlineData(7, 9, CutChecks.Hour)]
    [InlineData(7, 16, CutChecks.Hour)]
    [InlineData(11, 12, CutChecks.Day)] // a Sunday
    [InlineData(26, 12, CutChecks.Day)] // a holiday
    public void NightsSundaysAndHolidaysForbidACutAndTheNextPermittedInstantIsSaid(int day, int hour, string code)
    {
        CutRefused refused = Assert.IsType<CutRefused>(Overdrawn().AskForCut(At(day, hour), Facts(day, hour)));
        Assert.Equal(code, Assert.Single(refused.Guards).Code);
        Assert.Equal(hour == 9 ? At(day, 10) : At(day + 1, 10), refused.NextPermitted);
    }

    [Fact]
    public void EmergencyCreditRunsItsTimeOrItsLimit()
    {
        CutRefused refused = Assert.IsType<CutRefused>(Overdrawn(Pack with { NoticeHours = null, EmergencyCreditHours = 72 }).AskForCut(At(7, 12), Facts()));
        Assert.Equal([CutChecks.State, CutChecks.Emergency], refused.Guards.Select(g => g.Code));
        Assert.Equal(At(8, 10), refused.NextPermitted); // 72 hours end at 9 o'clock
        Assert.IsType<CutRequest>(Overdrawn(Pack with { EmergencyCreditHours = 72, EmergencyCreditLimit = 50 }).AskForCut(At(7, 12), Facts()));
        Assert.IsType<CutRefused>(Overdrawn(Pack with { EmergencyCreditHours = 72, EmergencyCreditLimit = 50.01m }).AskForCut(At(7, 12), Facts()));
    }

    [Fact]
    public void AYearWhoseHolidaysAreNotKnownHasNoCuts()
    {
        PrepaidAccount account = new(Pack, new("IN", [new(2025, 1, 26)]), Zone, -50m, 500m, At(5, 9));
        Assert.Equal(CutChecks.Calendar, Assert.Single(Assert.IsType<CutRefused>(account.AskForCut(At(7, 12), Facts())).Guards).Code);
        Assert.Equal(CutChecks.Pack, Assert.Single(Assert.IsType<CutRefused>(Overdrawn(Pack with { ValidTo = new(2026, 1, 6) }).AskForCut(At(7, 12), Facts())).Guards).Code);
    }

    [Fact]
    public void TheStateGoesDownWithTheBalanceAndUpWithARecharge()
    {
        PrepaidAccount account = new(Pack with { CreditFloor = -100 }, Holidays, Zone, 500m, 500m, At(5, 0));
        List<PrepaidState> states = [account.State];
        foreach (decimal deduction in (decimal[])[349.99m, 0.01m, 99.99m, 0.01m, 50m, 99.99m, 0.01m])
        {
            account.Post(At(5, 1), Day(deduction));
            states.Add(account.State);
        }
        Assert.Equal([PrepaidState.Ok, PrepaidState.Ok, PrepaidState.Low, PrepaidState.Low, PrepaidState.VeryLow, PrepaidState.Zero, PrepaidState.Zero, PrepaidState.Emergency], states);
        account.Advance(At(6, 1));
        Assert.Equal(PrepaidState.CutPending, account.State);
        account.Recharge(At(6, 2), 10m, 10m);
        Assert.Equal(PrepaidState.Zero, account.State);
        account.Recharge(At(6, 3), 1_000m, 1_000m);
        Assert.Equal((PrepaidState.Ok, 910m), (account.State, account.Balance));
        Assert.Equal(7, account.TakeEvents().OfType<StateChanged>().Count());
        Assert.Empty(account.TakeEvents());
    }

    [Fact]
    public void AnEstimatedDayAloneNeverBringsAnAccountToZero()
    {
        PrepaidAccount account = new(Pack with { NoticeHours = null }, Holidays, Zone, 40m, 500m, At(5, 0));
        DayPosting estimate = Day(150m, DayQuality.Estimated);
        account.Post(At(5, 9), estimate);
        Assert.Equal((PrepaidState.VeryLow, -110m, 40m), (account.State, account.Balance, account.SureBalance));
        account.Advance(At(7, 12));
        Assert.Contains(CutChecks.Balance, Assert.IsType<CutRefused>(account.AskForCut(At(7, 12), Facts())).Guards.Select(g => g.Code));
        DayPosting mirror = estimate with { Sequence = 2, Deduction = -150m, Reverses = 1 };
        account.Post(At(8, 9), new Correction([mirror], [estimate with { Sequence = 3, Use = new(5), Deduction = 45m }]));
        Assert.Equal((PrepaidState.Emergency, -5m, At(8, 9)), (account.State, account.Balance, account.BelowFloorSince)); // its time begins when it is known
    }

    [Fact]
    public void ARechargeWithdrawsACutOnItsWayAndRestoresOneThatWasDone()
    {
        PrepaidAccount account = Overdrawn();
        account.AskForCut(At(7, 12), Facts());
        account.TakeEvents();
        account.Recharge(At(7, 12, 5), 100m, 75m);
        Assert.Equal([typeof(CutWithdrawn), typeof(StateChanged)], account.TakeEvents().Select(e => e.GetType()));
        account.ConfirmCut(At(7, 12, 6)); // the relay had acted already
        Assert.Equal(PrepaidState.Restoring, account.State);
        RestoreRequest restore = Assert.Single(account.TakeEvents().OfType<RestoreRequest>());
        Assert.Equal(At(7, 12, 21), restore.Before);
        account.ConfirmRestored(At(7, 12, 10));
        Assert.Equal(PrepaidState.Low, account.State);
    }

    [Fact]
    public void APaymentThatFailsLaterNeverCutsAtOnce()
    {
        PrepaidAccount account = Overdrawn(Pack with { NoticeHours = null });
        account.AskForCut(At(7, 12), Facts());
        account.Recharge(At(7, 12, 30), 100m, 100m);
        account.ReversePayment(At(7, 13), 100m);
        Assert.Equal(PrepaidState.Emergency, account.State);
        Assert.Contains(CutChecks.Emergency, Assert.IsType<CutRefused>(account.AskForCut(At(7, 13), Facts(7, 13))).Guards.Select(g => g.Code));
        Assert.Equal(At(8, 13), account.EarliestCut);
    }
}
