using System.Text;
using Praman.MeterData.Rules;
using Praman.Metering;
using Praman.Proof;
using Praman.Testing;

namespace Praman.MeterData.Tests;

/// <summary>The rule file: its id and hash stand on bills, so nothing in it is read loosely.</summary>
public sealed class RuleSetTests
{
    private static readonly string DefaultText = File.ReadAllText(TestFiles.InRepository("src", "Praman.MeterData", "Rules", "praman-vee-default-2.json"));

    [Fact]
    public void The_default_rules_are_those_of_the_reference_page()
    {
        RuleSet rules = RuleSet.Default;
        Assert.Equal("praman-vee-default/2", rules.Id);
        Assert.Equal((60, 180, 240, 1.05m, 1.80m), (rules.ClockWarnSeconds, rules.ClockFailSeconds, rules.ReferenceVoltage, rules.PhysicalMaximumFactor, rules.SpikeRatio));
        Assert.Equal((1, true, 48, 40, 120, 3, 91), (rules.IntervalStepWh, rules.IntervalRoundingIsCarried, rules.EstimateAfterHours, rules.SpanDaysMax, rules.LinearGapMinutesMax, rules.LikeDayCount, rules.LikeDayLookbackDays));
        Assert.Equal((0.25m, 4m), (rules.ScaleFactorLow, rules.ScaleFactorHigh));
        Assert.Equal(new GateLimits(0m, 0m, 0m, 0.05m, 0.10m, 0.01m, 0.01m), rules.Gate);
        Assert.Equal([5, 10, 15, 30, 60], rules.IntervalMinutes);
        Assert.Equal(Digest.Sha256(rules.CanonicalBytes.Span).ToString(), rules.Sha256);
        // Bills name this hash: a change of the default rules is a new version with a new id.
        Assert.Equal("808c387ba7f4ca617b20e194cf280ab40a91cca86b5799818abf71ea58c5edf7", rules.Sha256);
        Assert.Contains(rules.Sha256, File.ReadAllText(TestFiles.InRepository("docs", "reference", "vee.md")), StringComparison.Ordinal);
    }

    /// <summary>Bills that were made by the first rules name its hash: it is read as ever, and what it does not say of edits is the gate's 1 %.</summary>
    [Fact]
    public void The_first_rules_are_read_as_they_were_published()
    {
        byte[] first = File.ReadAllBytes(TestFiles.InRepository("src", "Praman.MeterData", "Rules", "praman-vee-default-1.json"));
        Assert.True(RuleSet.TryParse(first, out RuleSet? rules, out DecodeError error), error.ToString());
        Assert.Equal("praman-vee-default/1", rules.Id);
        Assert.Equal("ba34266ed56f660d593e07b7fc43d108b80056f1591785af5f562daad7e13818", rules.Sha256);
        Assert.Contains(rules.Sha256, File.ReadAllText(TestFiles.InRepository("docs", "reference", "vee.md")), StringComparison.Ordinal);
        Assert.Equal(RuleSet.Default.Gate, rules.Gate);
    }

    [Fact]
    public void White_space_and_order_do_not_change_the_hash_and_a_value_does()
    {
        Assert.True(RuleSet.TryParse(Encoding.UTF8.GetBytes(DefaultText.Replace("\n", "\r\n  ", StringComparison.Ordinal)), out RuleSet? same, out _));
        Assert.Equal(RuleSet.Default.Sha256, same.Sha256);
        Assert.True(RuleSet.TryParse(Encoding.UTF8.GetBytes(DefaultText.Replace("1.80", "1.81", StringComparison.Ordinal)), out RuleSet? other, out _));
        Assert.NotEqual(RuleSet.Default.Sha256, other.Sha256);
        Assert.Equal(1.81m, other.SpikeRatio);
    }

    [Theory]
    [InlineData("\"spike\": { \"ratio\": \"1.80\" },", "", "spike.ratio")]
    [InlineData("\"ratio\": \"1.80\"", "\"ratio\": \"-1\"", "spike.ratio")]
    [InlineData("\"ratio\": \"1.80\"", "\"ratio\": \"1,80\"", "spike.ratio")]
    [InlineData("\"ratio\": \"1.80\"", "\"ratio\": 2", "spike.ratio")]
    [InlineData("\"ratio\": \"1.80\"", "\"ratio\": \"1.80\", \"more\": 1", "spike.more")]
    [InlineData("\"spike\":", "\"also\": 1, \"spike\":", "also")]
    [InlineData("\"spike\":", "\"also\": {}, \"spike\":", "also")]
    [InlineData("\"warn_seconds\": 60", "\"warn_seconds\": \"60\"", "clock.warn_seconds")]
    [InlineData("\"warn_seconds\": 60", "\"warn_seconds\": 90000", "clock.warn_seconds")]
    [InlineData("[5, 10, 15, 30, 60]", "[]", "interval_minutes")]
    [InlineData("[5, 10, 15, 30, 60]", "[5, 0]", "interval_minutes")]
    [InlineData("\"carried\"", "\"maybe\"", "sum.interval_rounding")]
    [InlineData("\"praman-vee/1\"", "\"praman-vee/2\"", "type")]
    [InlineData("\"id\": \"praman-vee-default/2\",", "", "id")]
    [InlineData("\"edited_energy\": \"0.01\"", "\"edited_energy\": \"1.01\"", "gate.edited_energy")]
    [InlineData("\"edited_intervals\": \"0.01\"", "\"edited_intervals\": 1", "gate.edited_intervals")]
    public void A_file_with_a_fault_is_refused_by_the_members_name(string from, string to, string member)
    {
        string text = DefaultText.Replace(from, to, StringComparison.Ordinal);
        Assert.NotEqual(DefaultText, text);
        Assert.False(RuleSet.TryParse(Encoding.UTF8.GetBytes(text), out _, out DecodeError error));
        Assert.Contains($"'{member}'", error.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("null")]
    [InlineData("{\"id\":1.5}")]
    public void What_is_no_rule_file_is_refused(string text)
    {
        Assert.False(RuleSet.TryParse(Encoding.UTF8.GetBytes(text), out _, out DecodeError error));
        Assert.NotEmpty(error.Reason);
    }

    [Fact]
    public void Every_rule_is_found_by_its_code()
    {
        Assert.Equal(RuleId.All.Count, RuleId.All.Select(rule => rule.Code).Distinct().Count());
        foreach (RuleId rule in RuleId.All)
        {
            Assert.True(RuleId.TryParse(rule.Code, out RuleId found));
            Assert.Equal(rule, found);
        }
        Assert.False(RuleId.TryParse("VAL-NONE", out _));
        Assert.False(RuleId.TryParse(null, out _));
    }
}
