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
            Assert.Equal(demo.Result.GetProperty("totalPaise").GetInt64(), JsonDocument.Parse(again.Output).RootElement.GetProperty("totalPaise").GetInt64());
        }
        finally
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
    }
}
