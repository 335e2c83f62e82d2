using System.Globalization;
using System.Text;
using System.Text.Json;
using NodaTime;
using Praman.Billing.Verification;
using Praman.Metering;
using Praman.Proof.Notes;
using Praman.Testing;

namespace Praman.Billing.Tests.Verification;

public class BillVerifierTests
{
    [Theory]
    [InlineData("in-gj-rgp-urban")]
    [InlineData("in-as-domA-2023-06")]
    [InlineData("in-up-lmv1-urban")]
    [InlineData("in-tn-1a-2024")]
    [InlineData("in-kl-1a-2025")]
    public void ABillOfAPublishedTariffIsValid(string tariffId)
    {
        var issue = new SampleIssue(new SampleOptions { TariffId = tariffId, Homes = 3 });
        foreach (SampleBill bill in issue.Bills)
        {
            BillVerdict verdict = issue.Verify(bill.Files);
            Assert.True(verdict.Verdict == Verdict.Valid, VerdictJson.Format(verdict));
            Assert.Equal(bill.Invoice.TotalMinorUnits, verdict.TotalPaise);
            Assert.Equal([3, 4, 5, 6, 7], verdict.Checks.Select(check => check.Step));
            Assert.All(verdict.Checks, check => Assert.True(check.Ok));
            Assert.Empty(verdict.Missing);
        }
    }

    [Fact]
    public void PpacOfDelhiComesWithTheBill()
    {
        var issue = new SampleIssue(new SampleOptions { TariffId = "in-dl-brpl", External = ExternalOf("in-dl-brpl") });
        Assert.Equal(Verdict.Valid, issue.Verify(issue.Bill.Files).Verdict);
    }

    internal static Dictionary<string, decimal> ExternalOf(string tariffId)
    {
        string json = File.ReadAllText(TestFiles.InRepository("tariffs", tariffId + ".json"));
        return System.Text.RegularExpressions.Regex.Matches(json, "\"external\":\\s*\"([^\"]+)\"").Select(match => match.Groups[1].Value).Distinct().ToDictionary(name => name, _ => 12.5m);
    }

    [Fact]
    public void EstimatesAndUnassignedEnergyAreStated()
    {
        var estimated = new SampleIssue(new SampleOptions { HasEstimates = true });
        BillVerdict verdict = estimated.Verify(estimated.Bill.Files);
        Assert.Equal(Verdict.ValidWithEstimates, verdict.Verdict);
        Assert.Equal(18, verdict.EstimatedIntervals); // 6 intervals on 3 days; late actuals are measured
        Assert.True(verdict.EstimatedWh > 0);
        var unassigned = new SampleIssue(new SampleOptions { UnassignedWh = 7 });
        Assert.Equal(Verdict.ValidWithEstimates, unassigned.Verify(unassigned.Bill.Files).Verdict);
    }

    [Fact]
    public void AnExchangedMeterAndARolledOverRegisterAreValid()
    {
        foreach (SampleOptions options in (SampleOptions[])[new() { HasExchange = true }, new() { RollsOver = true }, new() { HasExchange = true, RollsOver = true }])
        {
            var issue = new SampleIssue(options);
            BillVerdict verdict = issue.Verify(issue.Bill.Files);
            Assert.True(verdict.Verdict == Verdict.Valid, VerdictJson.Format(verdict));
        }
    }

    [Fact]
    public void WhatAPersonEnteredOrAcceptedIsCountedAndNotPlainValid()
    {
        var intervals = new SampleIssue(new SampleOptions { Tamper = AgreementTests.Edit });
        BillVerdict verdict = intervals.Verify(intervals.Bill.Files);
        Assert.Equal((Verdict.ValidWithEstimates, 2, 0), (verdict.Verdict, verdict.EditedIntervals, verdict.EditedRegisters));
        var register = new SampleIssue(new SampleOptions { LastRegister = IntervalState.Edited });
        verdict = register.Verify(register.Bill.Files);
        Assert.Equal((Verdict.ValidWithEstimates, 0, 1), (verdict.Verdict, verdict.EditedIntervals, verdict.EditedRegisters));
        Assert.Contains("by a person: 0 intervals, 1 register", verdict.Checks.Single(check => check.Name == "readings").Detail, StringComparison.Ordinal);
        Assert.Contains("\"edited\":{\"intervals\":0,\"registers\":1}", VerdictJson.Format(verdict), StringComparison.Ordinal);
    }

    [Theory, InlineData("edited_intervals"), InlineData("edited_registers")]
    public void AnEditThatTheBillDoesNotStateIsFound(string member)
    {
        byte[] Forge(byte[] bill) => Encoding.UTF8.GetBytes(System.Text.RegularExpressions.Regex.Replace(Encoding.UTF8.GetString(bill), $"\"{member}\":[12]", $"\"{member}\":0"));
        var issue = new SampleIssue(new SampleOptions { Tamper = AgreementTests.Edit, LastRegister = IntervalState.Accepted, Forge = Forge });
        BillVerdict verdict = issue.Verify(issue.Bill.Files);
        Assert.Equal(Verdict.Different, verdict.Verdict);
        Assert.Equal($"readings/{member}", verdict.Difference!.Line);
    }

    [Fact]
    public void ABillWithoutARegisterIsNotPlainValid()
    {
        var issue = new SampleIssue(new SampleOptions { HasNoRegister = true });
        BillVerdict verdict = issue.Verify(issue.Bill.Files);
        Assert.Equal(Verdict.ValidWithEstimates, verdict.Verdict);
        Assert.Contains("no register", verdict.Checks.Single(check => check.Name == "readings").Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void AMeterBehindTransformersIsBilledByItsMultiplier()
    {
        foreach (SampleOptions options in (SampleOptions[])[
            new() { Multiplier = 20 }, new() { Multiplier = 20, RollsOver = true }, new() { Multiplier = 20, HasExchange = true, NextMultiplier = 4 }])
        {
            var issue = new SampleIssue(options);
            BillVerdict verdict = issue.Verify(issue.Bill.Files);
            Assert.True(verdict.Verdict == Verdict.Valid, VerdictJson.Format(verdict));
        }
    }

    [Fact]
    public void AMultiplierThatIsNotTheLoggedOneIsFoundInItsSegment()
    {
        byte[] Forge(byte[] bill) => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bill).Replace("\"multiplier\":20", "\"multiplier\":21", StringComparison.Ordinal));
        var issue = new SampleIssue(new SampleOptions { Multiplier = 20, Forge = Forge });
        BillVerdict verdict = issue.Verify(issue.Bill.Files);
        Assert.Equal(Verdict.Different, verdict.Verdict);
        Assert.Equal("readings/segments[0]", verdict.Difference!.Line);
    }

    /// <summary>What a register of the longest form makes with the greatest multiplier is no whole number of 64 bits: it differs, it does not wrap.</summary>
    [Fact]
    public void AnEnergyBeyond64BitsDiffers()
    {
        byte[] Forge(byte[] bill) => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bill)
            .Replace("\"digits\":6", "\"digits\":12", StringComparison.Ordinal).Replace("\"multiplier\":20", "\"multiplier\":2147483647", StringComparison.Ordinal));
        var issue = new SampleIssue(new SampleOptions { Multiplier = 20, RollsOver = true, Forge = Forge });
        BillVerdict verdict = issue.Verify(issue.Bill.Files);
        Assert.Equal("readings/segments[0]", verdict.Difference!.Line);
        Assert.True(UInt128.Parse(verdict.Difference.Ours, CultureInfo.InvariantCulture) > long.MaxValue, verdict.Difference.Ours);
    }

    [Fact]
    public void DaysOf23And25HoursAndQuarterHoursAreValid()
    {
        foreach ((LocalDate from, LocalDate to) in (ReadOnlySpan<(LocalDate, LocalDate)>)[(new(2026, 3, 15), new(2026, 4, 13)), (new(2026, 10, 10), new(2026, 11, 8))])
        {
            var issue = new SampleIssue(new SampleOptions { Zone = "Europe/London", From = from, To = to, IntervalMinutes = 15 });
            BillVerdict verdict = issue.Verify(issue.Bill.Files);
            Assert.True(verdict.Verdict == Verdict.Valid, VerdictJson.Format(verdict));
        }
    }

    [Fact]
    public void WhatIsMissingIsNamedAndTheRestIsChecked()
    {
        var issue = new SampleIssue(new SampleOptions());
        BillFiles files = issue.Bill.Files;
        void Missing(BillFiles given, CheckpointPolicy policy, params string[] missing)
        {
            BillVerdict verdict = SampleIssue.Verify(given, policy);
            Assert.Equal(Verdict.Unproven, verdict.Verdict);
            Assert.Equal(missing, verdict.Missing);
            Assert.DoesNotContain(verdict.Checks, check => check.Ok == false);
        }
        Missing(files with { Proof = null }, issue.Policy, "bill.tlog-proof");
        Missing(files with { Evidence = null }, issue.Policy, "bill.evidence.json");
        Missing(files with { Evidence = null, Proof = null }, issue.Policy, "bill.tlog-proof", "bill.evidence.json");
        Missing(files, issue.Policy with { LogKeys = [] }, "log key");
        Missing(files, issue.Policy with { WitnessKeys = [] }, "witness key");
        Missing(files, issue.Policy with { WitnessesMin = 3 }, "2 witness cosignatures");
        string proof = Encoding.UTF8.GetString(issue.Bill.Proof);
        byte[] unsalted = Encoding.UTF8.GetBytes(string.Join('\n', proof.Split('\n').Where(line => !line.StartsWith("extra", StringComparison.Ordinal))));
        Missing(files with { Proof = unsalted }, issue.Policy, "salt");
        // A bill that comes alone still adds up, or tells that it does not.
        foreach ((string member, string place) in ((string, string)[])[("\"paise\":", "energy"), ("\"net_paise\":", "net"), ("\"rounding_paise\":", "total"), ("\"total_paise\":", "total")])
        {
            BillFiles alone = new(Edit(issue.Bill.Bill, member, 1), null, null);
            Assert.Equal(place, SampleIssue.Verify(alone, issue.Policy).Difference?.Line);
            using var folder = new BillFolder();
            JsonElement second = JsonElement.Parse(Assert.Single(SecondVerifier.RunBatch(folder.WriteKeys(issue.Policy), [alone])));
            Assert.Equal(("DIFFERENT", place), (second.GetProperty("verdict").GetString(), second.GetProperty("line").GetString()));
        }
        // A file that is missing hides nothing that differs.
        BillFiles altered = files with { Proof = null, Bill = Edit(issue.Bill.Bill, "\"total_paise\":", 1) };
        Assert.Equal("total", SampleIssue.Verify(altered, issue.Policy).Difference?.Line);
    }

    [Fact]
    public void ForeignKeysProveNothing()
    {
        var issue = new SampleIssue(new SampleOptions());
        using var other = new NoteSigningKey("log.example/discom", NoteKeyType.Ed25519, Proof.Digest.Sha256("x"u8).Octets);
        BillVerdict verdict = SampleIssue.Verify(issue.Bill.Files, issue.Policy with { LogKeys = [other.VerifierKey] });
        Assert.Equal((Verdict.Different, "log-signature"), (verdict.Verdict, verdict.Difference?.Line));
        Assert.False(new BillVerifier(issue.Policy, Instant.FromUtc(2026, 5, 1, 0, 0)).TryVerify(issue.Bill.Files, out BillVerdict? early, out _) && early.IsValid);
        Assert.Equal("witness", early?.Difference?.Line); // cosigned two days later than now
    }

    [Fact]
    public void ATariffMustHaveBeenLoggedBeforeTheBill()
    {
        var issue = new SampleIssue(new SampleOptions { LogsTariffLast = true });
        BillVerdict verdict = issue.Verify(issue.Bill.Files);
        Assert.Equal((Verdict.Different, "tariff"), (verdict.Verdict, verdict.Difference?.Line));
    }

    [Fact]
    public void AFalseBillThatWasTrulyLoggedIsFoundByItsLine()
    {
        foreach ((string before, int nth, string line) in (ReadOnlySpan<(string, int, string)>)
            [("\"total_paise\":", 0, "total"), ("\"gross_paise\":", 0, "gross"), ("\"net_paise\":", 0, "net"), ("\"rounding_paise\":", 0, "rounding"),
             ("\"energy_wh\":", 0, "readings/energy_wh"), ("\"opening\":", 0, "readings/segments[0]"), ("\"estimated_wh\":", 0, "readings/estimated_wh"),
             ("\"intervals\":", 0, "readings/intervals"), ("\"unassigned_wh\":", 0, "readings/unassigned_wh")])
        {
            var issue = new SampleIssue(new SampleOptions { Forge = bill => Edit(bill, before, 1, nth) });
            BillVerdict verdict = issue.Verify(issue.Bill.Files);
            Assert.Equal(Verdict.Different, verdict.Verdict);
            if (before == "\"energy_wh\":") Assert.Contains(verdict.Difference!.Line, (string[])["energy", "energy.parts[3]", line]); // one Wh may move a rounded line
            else Assert.Equal(line, verdict.Difference!.Line);
            Assert.True(verdict.Checks[0].Ok, "it is what was logged");
        }
    }

    [Fact]
    public void AFalseWordThatWasTrulyLoggedIsFoundByItsLine()
    {
        foreach (string name in (string[])["formula", "quantity", "rate", "unit", "label"])
        {
            var issue = new SampleIssue(new SampleOptions { Forge = bill => Replace(bill, "{\"formula\":\"", text => Change(text, name)) });
            BillVerdict verdict = issue.Verify(issue.Bill.Files);
            Assert.Equal((Verdict.Different, "energy"), (verdict.Verdict, verdict.Difference?.Line));
        }
    }

    [Theory]
    [InlineData("79228162514264337593543950335/9223372036854775807")]
    [InlineData("0.0000000000000000000000000001/9223372036854775807")]
    [InlineData("99999999999999999999999999999999999999999999999999999999999999999")]
    [InlineData("1/99999999999999999999")]
    public void NumbersBeyondTheEnginesDifferAndDoNotThrow(string units)
    {
        var issue = new SampleIssue(new SampleOptions());
        string text = Encoding.UTF8.GetString(issue.Bill.Bill);
        string changed = new System.Text.RegularExpressions.Regex("\"units\":\"[^\"]+\"").Replace(text, $"\"units\":\"{units}\"", 1);
        BillVerdict verdict = issue.Verify(issue.Bill.Files with { Bill = Encoding.UTF8.GetBytes(changed) });
        Assert.Equal((Verdict.Different, "energy.parts[0]"), (verdict.Verdict, verdict.Difference?.Line));
    }

    private static string Change(string line, string member)
    {
        int from = member == "rate" ? line.IndexOf("\"quantity\"", StringComparison.Ordinal) : 0; // the line's own rate, after those of its parts
        int at = line.IndexOf($"\"{member}\":\"", from, StringComparison.Ordinal) + member.Length + 4;
        int end = line.IndexOf('"', at);
        string value = member is "rate" or "quantity" ? "9.99" : "false";
        return line[..at] + value + line[end..];
    }

    private static byte[] Replace(byte[] bill, string marker, Func<string, string> change)
    {
        string text = Encoding.UTF8.GetString(bill);
        int at = text.IndexOf(marker, StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes(text[..at] + change(text[at..]));
    }

    /// <summary>Adds to the number after the nth marker.</summary>
    internal static byte[] Edit(byte[] json, string marker, long add, int nth = 0)
    {
        string text = Encoding.UTF8.GetString(json);
        int at = -1;
        for (int i = 0; i <= nth; i++) at = text.IndexOf(marker, at + 1, StringComparison.Ordinal);
        Assert.True(at >= 0, marker);
        int start = at + marker.Length, end = start;
        while (end < text.Length && (text[end] == '-' || char.IsAsciiDigit(text[end]))) end++;
        long number = long.Parse(text[start..end], System.Globalization.CultureInfo.InvariantCulture) + add;
        return Encoding.UTF8.GetBytes(text[..start] + number.ToString(System.Globalization.CultureInfo.InvariantCulture) + text[end..]);
    }

    [Fact]
    public void ReadingsThatMayNotBeBilledAreFoundWhereTheyStand()
    {
        foreach (IntervalState state in (IntervalState[])[IntervalState.Raw, IntervalState.Failed, IntervalState.Missing])
        {
            var issue = new SampleIssue(new SampleOptions
            {
                Tamper = (day, values, qualities) =>
                {
                    if (day.Day != 12) return;
                    qualities[7] = new(state);
                    if (state == IntervalState.Missing) values[7] = 0;
                },
            });
            BillVerdict verdict = issue.Verify(issue.Bill.Files);
            Assert.Equal((Verdict.Different, "readings/2026-04-12"), (verdict.Verdict, verdict.Difference?.Line));
            Assert.Contains("interval 8", verdict.Difference!.Theirs, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void TheShortFormIsProvenAndNotComputed()
    {
        byte[] bill = File.ReadAllBytes(TestFiles.SharedOrSkip("vectors/tlog/bill.json")), proof = File.ReadAllBytes(TestFiles.SharedOrSkip("vectors/tlog/bill.tlog-proof"));
        var keys = new List<NoteVerifierKey>();
        foreach (string line in File.ReadAllLines(TestFiles.SharedOrSkip("vectors/tlog/vkeys.txt")))
        {
            Assert.True(NoteVerifierKey.TryParse(line, out NoteVerifierKey? key, out _));
            keys.Add(key);
        }
        var policy = new CheckpointPolicy(keys, keys, 1);
        BillVerdict verdict = SampleIssue.Verify(new BillFiles(bill, proof), policy);
        Assert.Equal(Verdict.Unproven, verdict.Verdict);
        Assert.Equal(["inputs"], verdict.Missing);
        Assert.All(verdict.Checks, check => Assert.True(check.Ok));
        verdict = SampleIssue.Verify(new BillFiles(Edit(bill, "\"total_paise\":", 1), proof), policy);
        Assert.Equal((Verdict.Different, "total"), (verdict.Verdict, verdict.Difference?.Line));
        verdict = SampleIssue.Verify(new BillFiles(Edit(bill, "SP-", 1), proof), policy);
        Assert.Equal((Verdict.Different, "commitment"), (verdict.Verdict, verdict.Difference?.Line));
    }

    [Theory]
    [InlineData("\"bill_no\":", "\"bill_mo\":", "bill.json")]
    [InlineData("\"gate\":\"final\"", "\"gate\":\"closed\"", "bill.json")]
    [InlineData("\"gate\":\"final\"", "\"gate\":\"final\",\"gato\":1", "bill.json")]
    [InlineData("\"utility\":", "\"utilitz\":", "bill.json")]
    [InlineData("\"time_zone\":\"Asia/Kolkata\"", "\"time_zone\":\"Asia/Nowhere\"", "bill.json")]
    [InlineData("\"from\":\"2026-04-01\"", "\"from\":\"2026-04-31\"", "bill.json")]
    [InlineData("\"from\":\"2026-04-01\"", "\"from\":\"2026-05-01\"", "bill.json")]
    [InlineData("\"type\":\"praman-bill/1\"", "\"type\":\"praman-bill/2\"", "bill.json")]
    public void AFileOfAnotherFormIsUnreadableAndSaysWhere(string before, string after, string file)
    {
        var issue = new SampleIssue(new SampleOptions());
        string text = Encoding.UTF8.GetString(issue.Bill.Bill);
        Assert.Contains(before, text, StringComparison.Ordinal);
        BillFiles files = issue.Bill.Files with { Bill = Encoding.UTF8.GetBytes(text.Replace(before, after, StringComparison.Ordinal)) };
        Assert.False(new BillVerifier(issue.Policy).TryVerify(files, out _, out UnreadableFile? fault));
        Assert.Equal(file, fault.File);
        Assert.NotEmpty(fault.Error.Reason);
    }

    [Fact]
    public void EvidenceOfAnotherBillIsRefused()
    {
        var issue = new SampleIssue(new SampleOptions { Homes = 2 });
        Assert.False(new BillVerifier(issue.Policy).TryVerify(issue.Bills[0].Files with { Evidence = issue.Bills[1].Evidence }, out _, out UnreadableFile? fault));
        Assert.Equal("bill_no", fault.Field);
        BillVerdict verdict = issue.Verify(issue.Bills[0].Files with { Proof = issue.Bills[1].Proof });
        Assert.Equal((Verdict.Different, "commitment"), (verdict.Verdict, verdict.Difference?.Line));
    }

    [Fact]
    public void TheVerdictHasTheJsonThatThePageGives()
    {
        var issue = new SampleIssue(new SampleOptions());
        string valid = VerdictJson.Format(issue.Verify(issue.Bill.Files));
        Assert.StartsWith("{\"bill_no\":\"S1-UP-000000042\",\"verdict\":\"VALID\",\"missing\":[],\"estimated\":{\"intervals\":0,\"wh\":0},\"edited\":{\"intervals\":0,\"registers\":0},\"checks\":[{\"step\":3,\"name\":\"inclusion\",\"ok\":true,", valid);
        Assert.EndsWith($"],\"total_paise\":{issue.Bill.Invoice.TotalMinorUnits}}}", valid);
        string different = VerdictJson.Format(issue.Verify(issue.Bill.Files with { Bill = Edit(issue.Bill.Bill, "\"total_paise\":", 1) }));
        Assert.Contains($"\"verdict\":\"DIFFERENT\",\"line\":\"total\",\"ours\":\"{issue.Bill.Invoice.TotalMinorUnits}\",\"theirs\":\"{issue.Bill.Invoice.TotalMinorUnits + 1}\"", different, StringComparison.Ordinal);
    }
}
