using System.Text;
using NodaTime;
using Praman.Billing.Prepayment;
using Praman.Billing.Tariffs;
using Praman.Testing;

namespace Praman.Billing.Tests.Prepayment;

/// <summary>Rule packs as data.</summary>
public sealed class RulePackTests
{
    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(TestFiles.InRepository("rules"), "*.json", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(TestFiles.InRepository("rules"), f)).Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Files))]
    public void EveryFileIsReadAndSaysWhereItComesFrom(string file)
    {
        Assert.True(RulePackSet.TryParse(File.ReadAllBytes(TestFiles.InRepository("rules", file)), out RulePackSet? set, out IReadOnlyList<TariffFault> faults), string.Join('\n', faults));
        Assert.True(set.Packs.Count + set.Calendars.Count > 0);
        foreach (RulePack pack in set.Packs.Values)
        {
            Assert.NotEmpty(pack.Sources);
            Assert.StartsWith("IN", pack.Jurisdiction);
            Assert.Contains("medical", pack.ProtectedFlags);
            Assert.Contains(IsoDayOfWeek.Sunday, pack.NoCutWeekdays);
            Assert.True(pack is { HasPublicHolidays: true, BalanceAgeHoursMax: <= 24, DebtSharePercentMax: <= 25, IsVerified: false, Calendar: "IN" });
        }
    }

    [Fact]
    public void TheDefaultPackIsTheFileOfTheRepository()
    {
        Assert.True(RulePackSet.TryParse(File.ReadAllBytes(TestFiles.InRepository("rules", "prepayment", "default.json")), out RulePackSet? set, out _));
        Assert.Equivalent(set.Packs["default"], RulePackSet.Default, strict: true);
        Assert.Equal((new LocalTime(10, 0), 72, 24), (RulePackSet.Default.Open, RulePackSet.Default.EmergencyCreditHours, RulePackSet.Default.NoticeHours));
    }

    [Theory]
    [InlineData("""{"allowed": ["10:00", "09:00"]}""", "$.packs.p.allowed")]
    [InlineData("""{"allowed": ["10:00"]}""", "$.packs.p.allowed")]
    [InlineData("""{"allowed": ["10:00", "16:00"], "credit_floor": "5"}""", "$.packs.p.credit_floor")]
    [InlineData("""{"allowed": ["10:00", "16:00"], "no_cut_weekday": ["Sun"]}""", "$.packs.p.no_cut_weekday")]
    [InlineData("""{"allowed": ["10:00", "16:00"], "no_cut_weekdays": ["Sunday"]}""", "$.packs.p.no_cut_weekdays[0]")]
    [InlineData("""{"allowed": ["10:00", "16:00"], "balance_age_hours_max": 25}""", "$.packs.p.balance_age_hours_max")]
    [InlineData("""{"allowed": ["10:00", "16:00"], "emergency_credit_hours": -1}""", "$.packs.p.emergency_credit_hours")]
    [InlineData("""{"allowed": ["10:00", "16:00"], "debt_share_percent_max": "101"}""", "$.packs.p.debt_share_percent_max")]
    [InlineData("""{"allowed": ["10:00", "16:00"], "days_left_alerts": ["7"]}""", "$.packs.p.days_left_alerts[0]")]
    public void AWrongPackIsRefusedByPlace(string pack, string path)
    {
        Assert.False(RulePackSet.TryParse(Encoding.UTF8.GetBytes($$$"""{"format": "praman-rule-pack/1", "packs": {"p": {{{pack}}}}, "holidays": {}}"""), out _, out IReadOnlyList<TariffFault> faults));
        Assert.Equal(path, Assert.Single(faults).Path);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"format": "praman-tariff/1"}""")]
    [InlineData("""{"format": "praman-rule-pack/1", "holidays": {"IN": ["2026-13-01"]}}""")]
    [InlineData("""{"format": "praman-rule-pack/1", "packs": {}, "packs": {}}""")]
    public void WhatIsNoRulePackIsRefused(string json) => Assert.False(RulePackSet.TryParse(Encoding.UTF8.GetBytes(json), out _, out _));
}
