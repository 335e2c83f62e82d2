using System.Globalization;

namespace Praman.Billing.Tests.Prepayment;

/// <summary>No cut for a positive balance, of a protected home, at night, on a holiday, on a stale balance.</summary>
public sealed class NoWrongfulCutTests
{
    /// <summary>Scenarios in a run of the suite; <c>PRAMAN_CUT_SCENARIOS</c> asks for more, such as the million of a night.</summary>
    private const int ScenarioCount = 30_000;

    [Fact]
    public void NoScenarioEndsInAWrongfulCut()
    {
        int count = int.TryParse(Environment.GetEnvironmentVariable("PRAMAN_CUT_SCENARIOS"), CultureInfo.InvariantCulture, out int asked) ? Math.Max(asked, ScenarioCount) : ScenarioCount;
        long cuts = 0, refused = 0;
        List<string> wrongs = [];
        for (ulong seed = 1; seed <= (ulong)count && wrongs.Count < 20; seed++)
        {
            CutScenario scenario = new(seed);
            wrongs.AddRange(scenario.Run(24).Select(w => $"seed {seed}: {w}"));
            cuts += scenario.CutCount;
            refused += scenario.RefusedCount;
        }
        Assert.Empty(wrongs);
        Assert.True(cuts > count / 100, $"{cuts} cuts and {refused} refusals in {count} scenarios: too few cuts to say anything");
    }
}
