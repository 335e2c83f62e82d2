using System.Text;
using System.Text.Json;
using CsCheck;
using Praman.Billing.Rating;

namespace Praman.Billing.Tests.Rating;

/// <summary>Cases and inputs as JSON: what is read, and what is refused by name.</summary>
public sealed class BillingInputsTests
{
    [Theory]
    [InlineData("""{"kwh": "5"}""", "kwh")]
    [InlineData("""{"quantities": {"units": "5"}}""", "quantities.units")]
    [InlineData("""{"quantities": {"kwh": "5e2"}}""", "quantities.kwh")]
    [InlineData("""{"quantities": {"kwh": 5e2}}""", "quantities.kwh")]
    [InlineData("""{"quantities": {"kwh": true}}""", "quantities.kwh")]
    [InlineData("""{"quantities": ["5"]}""", "quantities")]
    [InlineData("""{"period": {"from": "2025-09-01"}}""", "period.to")]
    [InlineData("""{"period": {"from": "2025-09-01", "to": "2025-09-31"}}""", "period.to")]
    [InlineData("""{"period": {"from": "2025-09-01", "to": "2025-09-30", "days": 30}}""", "period.days")]
    [InlineData("""{"days": 30.5}""", "days")]
    [InlineData("""{"phase": "two"}""", "phase")]
    [InlineData("""{"flags": "prepaid"}""", "flags")]
    [InlineData("""{"flags": [1]}""", "flags")]
    [InlineData("""{"intervals": [{"kwh": "1"}]}""", "intervals[0].from")]
    [InlineData("""{"intervals": [{"from": "17:00", "kwh": "1"}, {"from": "25:00", "kwh": "1"}]}""", "intervals[1].from")]
    [InlineData("""{"intervals": [{"from": "17:00"}]}""", "intervals[0].kwh")]
    [InlineData("""{"external": {"fppca": "x"}}""", "external.fppca")]
    [InlineData("""[]""", "inputs")]
    public void AWrongFieldIsRefusedByName(string json, string field)
    {
        Assert.False(BillingInputs.TryRead(JsonElement.Parse(json), out BillingDeterminants? read, out RatingRefusal? error));
        Assert.Null(read);
        Assert.Equal((RefusalCodes.InputInvalid, field), (error.Code, error.Missing));
    }

    [Fact]
    public void AJsonNumberIsTakenByItsDigits()
    {
        Assert.True(BillingInputs.TryRead(JsonElement.Parse("""{"quantities": {"kwh": 0.1000}, "sanctioned_load_kw": 2}"""), out BillingDeterminants? read, out _));
        Assert.Equal("0.1000", read.Kwh!.Value.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(2m, read.SanctionedLoadKw);
    }

    [Theory]
    [InlineData("""{"tariff": "t", "inputs": {}}""", "id")]
    [InlineData("""{"id": "a", "inputs": {}}""", "tariff")]
    [InlineData("""{"id": "a", "tariff": "t"}""", "inputs")]
    [InlineData("""{"id": "a", "tariff": "t", "inputs": {}, "colour": "red"}""", "colour")]
    [InlineData("""{"id": "a", "tariff": "t", "inputs": {}, "check": "guess"}""", "check")]
    [InlineData("""{"id": "a", "tariff": "t", "inputs": {}, "check": "delta"}""", "inputs_after")]
    [InlineData("""{"id": "a", "tariff": "t", "inputs": {}, "check": "split"}""", "parts")]
    [InlineData("""{"id": "a", "tariff": "t", "inputs": {}, "check": "split", "parts": [{"tariff": "t"}]}""", "parts[0]")]
    public void AWrongCaseIsRefusedByName(string json, string field)
    {
        Assert.False(RatingCase.TryRead(JsonElement.Parse(json), out _, out _, out RatingRefusal? error));
        Assert.Equal((RefusalCodes.InputInvalid, field), (error.Code, error.Missing));
    }

    [Fact]
    public void EveryInputOfEveryCaseThatIsTakenAwayOrSpoiltGivesABillOrARefusal()
    {
        int refused = 0;
        foreach (JsonElement worked in WorkedBills.Cases.Values)
        {
            string text = worked.GetProperty("inputs").GetRawText();
            Gen.Int[0, text.Length - 1].Select(Gen.Char[' ', '~']).Sample((at, letter) =>
            {
                string changed = text[..at] + letter + text[(at + 1)..];
                JsonElement inputs;
                try
                {
                    inputs = JsonElement.Parse(Encoding.UTF8.GetBytes(changed));
                }
                catch (JsonException)
                {
                    return;
                }
                if (!BillingInputs.TryRead(inputs, out BillingDeterminants? read, out RatingRefusal? error))
                {
                    Interlocked.Increment(ref refused);
                    Assert.NotEmpty(error.Missing);
                    return;
                }
                if (WorkedBills.Book.Find(worked.GetProperty("tariff").GetString()!) is not { } tariff) return;
                RatingResult result = RatingEngine.Rate(tariff, read, TraceDetail.Full);
                Assert.True(result.IsRated || result.Refusal!.Missing.Length > 0);
            }, seed: "0000KGJ5yaB3", iter: 60);
        }
        Assert.True(refused > 20);
    }
}
