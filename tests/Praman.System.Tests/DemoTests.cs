using System.Text.Json;

namespace Praman.System.Tests;

/// <summary>From the meter's bytes to a checked bill, in one process, on the real executable.</summary>
[Collection(DemoCollection.Name)]
public sealed class DemoTests(DemoFixture demo)
{
    [Fact]
    public void EveryHomeGetsABillAndEachIsVerified()
    {
        Assert.Equal(0, demo.Outcome.ExitCode);
        Assert.True(demo.Result.GetProperty("sound").GetBoolean());
        Assert.Equal(12, demo.Result.GetProperty("bills").GetInt32());
        Assert.Equal(0, demo.Result.GetProperty("refused").GetInt32());
        JsonElement verdicts = demo.Result.GetProperty("verdicts");
        Assert.Equal(12, verdicts.EnumerateObject().Where(one => one.Name.StartsWith("VALID", StringComparison.Ordinal)).Sum(one => one.Value.GetInt32()));
    }

    [Fact]
    public void SomeSessionsFailedAndEveryMeterDayWasCaughtUp()
    {
        Assert.True(demo.Result.GetProperty("sessionsFailed").GetInt32() > 0);
        Assert.Equal(demo.Result.GetProperty("meterDays").GetInt32(), demo.Result.GetProperty("meterDaysComplete").GetInt32());
    }

    [Fact]
    public void PowerFailureDriftExchangeSilenceAndLostRowsBefellTheStreet()
    {
        string[] what = [.. demo.Result.GetProperty("incidents").EnumerateArray().Select(one => one.GetProperty("what").GetString()!)];
        foreach (string word in (string[])["supply failed", "clock gains", "both registers were read", "silent", "memory"]) Assert.Contains(what, text => text.Contains(word, StringComparison.Ordinal));
        Assert.True(demo.Result.GetProperty("estimatedIntervals").GetInt64() > 0);
        Assert.True(demo.Result.GetProperty("verdicts").TryGetProperty("VALID_WITH_ESTIMATES", out _));
    }

    [Fact]
    public void ACopyAlteredByOnePaisaIsCaughtAtItsLine()
    {
        JsonElement paisa = demo.Result.GetProperty("alterations")[0];
        Assert.Equal("DIFFERENT", paisa.GetProperty("verdict").GetString());
        Assert.Equal("energy", paisa.GetProperty("line").GetString());
        Assert.Equal(long.Parse(paisa.GetProperty("ours").GetString()!) + 1, long.Parse(paisa.GetProperty("theirs").GetString()!));
    }

    [Fact]
    public void ACopyAlteredByOneWattHourIsCaughtAtItsDay()
    {
        JsonElement wattHour = demo.Result.GetProperty("alterations")[1];
        Assert.Equal("DIFFERENT", wattHour.GetProperty("verdict").GetString());
        Assert.Equal("readings/2026-04-10", wattHour.GetProperty("line").GetString());
    }

    [Fact]
    public async Task TheSampleFilesVerifyByCommandAndTheirAlteredCopiesDoNot()
    {
        string[] key = ["--log-key", demo.Sample("keys.txt"), "--json"];
        PramanProgram.Outcome good = await PramanProgram.RunAsync(["verify", demo.Sample("bill.json"), demo.Sample("bill.tlog-proof"), demo.Sample("bill.evidence.json"), .. key]);
        Assert.Equal(0, good.ExitCode);
        Assert.StartsWith("VALID", JsonDocument.Parse(good.Output).RootElement.GetProperty("verdict").GetString(), StringComparison.Ordinal);
        PramanProgram.Outcome bad = await PramanProgram.RunAsync(
            ["verify", demo.Sample("altered-by-one-paisa.bill.json"), demo.Sample("bill.tlog-proof"), demo.Sample("bill.evidence.json"), .. key]);
        Assert.Equal(1, bad.ExitCode);
        Assert.Equal("energy", JsonDocument.Parse(bad.Output).RootElement.GetProperty("line").GetString());
        PramanProgram.Outcome untrusted = await PramanProgram.RunAsync(["verify", demo.Sample("bill.json"), demo.Sample("bill.tlog-proof"), demo.Sample("bill.evidence.json"), "--json"]);
        Assert.Equal(1, untrusted.ExitCode);
        Assert.Equal("UNPROVEN", JsonDocument.Parse(untrusted.Output).RootElement.GetProperty("verdict").GetString());
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 3)]
    [InlineData(3, 2)]
    [InlineData(4, 3)]
    public async Task ASmallStreetGetsAllItsBills(int meters, int seed)
    {
        PramanProgram.Outcome outcome = await PramanProgram.RunAsync(["demo", "--meters", $"{meters}", "--seed", $"{seed}", "--exit-when-done", "--json"]);
        Assert.Equal(0, outcome.ExitCode);
        JsonElement result = JsonDocument.Parse(outcome.Output).RootElement;
        Assert.Equal((meters, 0), (result.GetProperty("bills").GetInt32(), result.GetProperty("refused").GetInt32()));
        string[] homes = [.. result.GetProperty("incidents").EnumerateArray().Select(one => one.GetProperty("usagePoint").GetString()!)];
        Assert.Equal(Math.Min(meters, 6), homes.Length);
        Assert.Equal(homes.Length, homes.Distinct().Count());
    }

    /// <summary>Half of the street is prepaid: what its wallets saw, that bills and ledger agree with them, and that the ledger was closed after each night.</summary>
    [Fact]
    public void HalfOfTheHomesArePrepaidAndWalletsBillsAndLedgerAgree()
    {
        JsonElement prepaid = demo.Result.GetProperty("prepaid"), ledger = prepaid.GetProperty("ledger");
        Assert.Equal(6, prepaid.GetProperty("homes").GetInt32());
        Assert.Equal(0, prepaid.GetProperty("faults").GetArrayLength());
        Assert.Equal((6, 6), (prepaid.GetProperty("monthsClosed").GetInt32(), prepaid.GetProperty("billsAgree").GetInt32()));
        Assert.Equal(33, ledger.GetProperty("trialBalances").GetInt32());
        Assert.Equal(0, ledger.GetProperty("differencePaise").GetInt64());
        Assert.Contains("\"meera\"", File.ReadAllText(Path.Combine(demo.Folder, "people.json")), StringComparison.Ordinal);
        Assert.Equal(6 * 33, prepaid.GetProperty("days").EnumerateObject().Sum(one => one.Value.GetInt32()));
    }

    [Fact]
    public void AWarningAReplacedEstimateARefusedCutACutAndAReconnectionBefellTheWallets()
    {
        JsonElement prepaid = demo.Result.GetProperty("prepaid");
        foreach (string what in (string[])["daysWaited", "estimatesReplaced", "recharges", "lowWarnings", "cliffWarnings", "cuts", "reconnections", "duesPaidPaise"])
            Assert.True(prepaid.GetProperty(what).GetInt64() > 0, what);
        foreach (string code in (string[])["CUT-HOUR", "CUT-DAY", "CUT-PROTECTED"]) Assert.True(prepaid.GetProperty("cutsRefused").GetProperty(code).GetInt32() > 0, code);
        string[] tales = [.. prepaid.GetProperty("tales").EnumerateArray().Select(one => one.GetProperty("what").GetString()!)];
        foreach (string word in (string[])["60 daily instalments", "no register had come", "estimate was replaced", "refused by CUT-PROTECTED", "supply was cut", "supply was back", "earlier days will cost", "balance is low"])
            Assert.Contains(tales, tale => tale.Contains(word, StringComparison.Ordinal));
    }

    /// <summary>Nineteen homes of a file where a hundred would be asked for: the clock that is told of is the one that is set.</summary>
    [Fact]
    public async Task TheFastClockIsToldOfTheHomeThatHasItFromTheFirstDay()
    {
        string file = Path.Combine(Path.GetTempPath(), $"praman-homes-{Guid.NewGuid():N}.csv"), folder = Path.Combine(Path.GetTempPath(), $"praman-system-{Guid.NewGuid():N}");
        try
        {
            await using (var csv = new StreamWriter(file))
            {
                await csv.WriteLineAsync("meter,ts,wh");
                for (int home = 0; home < 7; home++)
                {
                    for (int i = 0; i < 36 * 48; i++) await csv.WriteLineAsync(FormattableString.Invariant($"home-{home},{new DateTime(2026, 3, 30).AddMinutes(30 * i):yyyy-MM-dd HH:mm},{200 + home}"));
                }
            }
            PramanProgram.Outcome outcome = await PramanProgram.RunAsync(["demo", "--readings", file, "--incidents", "--exit-when-done", "--json", "--data", folder]);
            Assert.True(outcome.ExitCode == 0, outcome.Error);
            JsonElement told = JsonDocument.Parse(outcome.Output).RootElement.GetProperty("incidents").EnumerateArray().Single(one => one.GetProperty("what").GetString()!.Contains("clock gains", StringComparison.Ordinal));
            Assert.Equal("2026-03-30", told.GetProperty("day").GetString());
            await using Praman.Storage.PramanStore store = await Praman.Storage.PramanStore.OpenAsync(folder);
            var set = new HashSet<string>();
            await foreach (var found in store.Readings.ReadFindingsAsync(null, new NodaTime.Interval(null, null), default))
            {
                if (found.Finding.Rule.ToString().StartsWith("VAL-CLOCK", StringComparison.Ordinal)) set.Add(found.UsagePoint.ToString());
            }
            Assert.Equal([told.GetProperty("usagePoint").GetString()!], set);
        }
        finally
        {
            File.Delete(file);
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>What is told of real homes was in their file: no failure, exchange, lost rows or cut is made up beside it.</summary>
    [Fact]
    public async Task NothingBefallsRealHomesThatTheirFileDoesNotSay()
    {
        string file = Path.Combine(Path.GetTempPath(), $"praman-homes-{Guid.NewGuid():N}.csv");
        try
        {
            await using (var csv = new StreamWriter(file))
            {
                await csv.WriteLineAsync("meter,ts,wh");
                for (int home = 0; home < 7; home++)
                {
                    for (int i = 0; i < 36 * 48; i++) await csv.WriteLineAsync(FormattableString.Invariant($"home-{home},{new DateTime(2026, 3, 30).AddMinutes(30 * i):yyyy-MM-dd HH:mm},{200 + home}"));
                }
            }
            PramanProgram.Outcome outcome = await PramanProgram.RunAsync(["demo", "--readings", file, "--exit-when-done", "--json"]);
            Assert.True(outcome.ExitCode == 0, outcome.Error);
            JsonElement result = JsonDocument.Parse(outcome.Output).RootElement;
            Assert.Empty(result.GetProperty("incidents").EnumerateArray());
            Assert.Equal(0, result.GetProperty("estimatedIntervals").GetInt64());
            Assert.False(result.TryGetProperty("prepaid", out _));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task TheMoneyAndTheZoneAreThoseOfTheTariff()
    {
        PramanProgram.Outcome outcome = await PramanProgram.RunAsync(["demo", "--meters", "1", "--tariff", "lk-ceb-domestic", "--exit-when-done"]);
        Assert.Equal(0, outcome.ExitCode);
        Assert.Matches(@"LKR\s+[0-9,]+\.[0-9]{2}", outcome.Output);
        Assert.DoesNotContain("₹", outcome.Output, StringComparison.Ordinal);
        PramanProgram.Outcome json = await PramanProgram.RunAsync(["demo", "--meters", "1", "--tariff", "lk-ceb-domestic", "--exit-when-done", "--json"]);
        JsonElement result = JsonDocument.Parse(json.Output).RootElement;
        Assert.Equal(("LKR", "Asia/Colombo"), (result.GetProperty("currency").GetString(), result.GetProperty("timeZone").GetString()));
    }

    [Fact]
    public async Task WhatPeopleReadGoesToStandardOutput()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"praman-system-{Guid.NewGuid():N}");
        try
        {
            PramanProgram.Outcome outcome = await PramanProgram.RunAsync(["demo", "--meters", "2", "--exit-when-done", "--data", folder]);
            Assert.Equal(0, outcome.ExitCode);
            foreach (string word in (string[])["how it went", "sign in as", "asha", "prepaid homes", "meera", "./praman verify"]) Assert.Contains(word, outcome.Output, StringComparison.Ordinal);
            Assert.Single(outcome.Output.Split("what happened")[1..]);
            Assert.DoesNotContain("sign in as", outcome.Error, StringComparison.Ordinal);
            Assert.Contains("35 days, read each night", outcome.Error, StringComparison.Ordinal);
        }
        finally
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task TheSameSeedGivesTheSameBillBytes()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"praman-system-{Guid.NewGuid():N}");
        try
        {
            PramanProgram.Outcome again = await PramanProgram.RunAsync(["demo", "--meters", "12", "--exit-when-done", "--json", "--data", folder, "--seed", "7"]);
            Assert.Equal(0, again.ExitCode);
            foreach (string name in (string[])["bill.json", "keys.txt"])
            {
                Assert.Equal(await File.ReadAllBytesAsync(demo.Sample(name)), await File.ReadAllBytesAsync(Path.Combine(folder, "sample", name)));
            }
            // To the hash of the journal's last record: every day, payment and cut is where it was.
            Assert.Equal(demo.Result.GetProperty("prepaid").GetRawText(), JsonDocument.Parse(again.Output).RootElement.GetProperty("prepaid").GetRawText());
            Assert.Equal(demo.Result.GetProperty("totalPaise").GetInt64(), JsonDocument.Parse(again.Output).RootElement.GetProperty("totalPaise").GetInt64());
        }
        finally
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
    }
}
