using System.Text;
using System.Text.Json;
using Praman.Billing.Rating;
using Praman.Billing.Tariffs;
using Praman.Testing;

namespace Praman.Billing.Tests.Tariffs;

/// <summary>What is said of tariffs that the reader accepts.</summary>
public sealed class TariffLintTests
{
    private static readonly BillingDeterminants Home = new() { SanctionedLoadKw = 2, Phase = SupplyPhase.Single, Holidays = [] };

    private static IReadOnlyList<TariffFinding> Check(string id, Func<string, string>? change = null)
    {
        string text = File.ReadAllText(TestFiles.InRepository("tariffs", id + ".json"));
        Assert.True(TariffSet.TryParse(Encoding.UTF8.GetBytes(change?.Invoke(text) ?? text), null, out TariffSet? set, out IReadOnlyList<TariffFault> faults), string.Join('\n', faults));
        return TariffLint.Check(set, Home, 600);
    }

    private static string[] Places(IReadOnlyList<TariffFinding> findings, string code) => [.. findings.Where(f => f.Code == code).Select(f => f.Path)];

    [Fact]
    public void AWholePublishedTariffHasNoWarning() =>
        Assert.DoesNotContain(Check("in-gj-rgp-urban"), finding => finding.Level > FindingLevel.Note);

    [Fact]
    public void ANumberThatIsNotPublishedIsNamedByItsPlace()
    {
        IReadOnlyList<TariffFinding> findings = Check("in-rj-domestic-2025");
        Assert.Equal(["fixed.bands_by_kwh[2].rate"], Places(findings, "RATE-NULL"));
        Assert.Equal(["status"], Places(findings, "PARTIAL"));
        Assert.Equal(["energy"], Places(findings, "LAST-BAND"));
        Assert.Equal(["fixed.bands_by_kwh[2].rate", "fixed.bands_by_kwh[3]"], Places(findings, "UNRATED"));
    }

    [Fact]
    public void EachNullOfEachFileIsFound()
    {
        foreach (TariffFile file in TariffSet.ReadEach(TestFiles.InRepository("tariffs")))
        {
            int nulls = CountNulls(JsonElement.Parse(File.ReadAllBytes(TestFiles.InRepository("tariffs", file.Name))).GetProperty("tariffs"));
            Tariff tariff = Assert.Single(file.Set!.Tariffs).Value;
            Assert.Equal(nulls, MissingRates.Of(tariff).Count(place => place.EndsWith(".rate", StringComparison.Ordinal)));
        }
    }

    private static readonly string[] OtherWays = ["external", "series", "bands_by_kwh", "bands_by_load", "by_phase", "tables"];

    /// <summary>Objects with <c>"rate": null</c> that give the rate in no other way.</summary>
    private static int CountNulls(JsonElement node) => node.ValueKind switch
    {
        JsonValueKind.Array => node.EnumerateArray().Sum(CountNulls),
        JsonValueKind.Object => node.EnumerateObject().Sum(member => CountNulls(member.Value)) +
            (node.TryGetProperty("rate", out JsonElement rate) && rate.ValueKind == JsonValueKind.Null && !OtherWays.Any(other => node.TryGetProperty(other, out _)) ? 1 : 0),
        _ => 0,
    };

    [Fact]
    public void GapsOfASeriesAreSaid()
    {
        string[] said = [.. Check("in-dl-brpl").Where(f => f.Code == "SERIES-GAP").Select(f => f.Message)];
        Assert.Contains("no value from 2022-08-01 to 2024-11-22", said);
    }

    [Fact]
    public void ASourceThatNothingNamesIsSaid() =>
        Assert.Equal(["sources.zz"], Places(Check("in-gj-rgp-urban", text => text.Replace("\"sources\": {", "\"sources\": {\"zz\": {\"title\": \"t\", \"url\": \"u\", \"publisher\": \"p\", \"date\": \"2025\", \"kind\": \"primary\"},", StringComparison.Ordinal)), "SOURCE-UNUSED"));

    [Fact]
    public void AChargeWithoutASourceIsSaid() => Assert.Equal(["fixed", "energy", "tod", "duty"], Places(Check("in-illustrative-tod"), "NO-SOURCE"));

    [Fact]
    public void ACliffIsSaidInMoney() =>
        Assert.Contains(Check("in-tn-1a-2022"), finding => finding is { Code: "CLIFF", Level: FindingLevel.Note } && finding.Message.Contains("from 500 to 501 units", StringComparison.Ordinal));
}
