using System.Text;
using NodaTime;
using Praman.Billing.Payments;

namespace Praman.Billing.Tests.Payments;

/// <summary>Settlement files: read strictly, and what is wrong is named.</summary>
public sealed class SettlementFileJsonTests
{
    private const string Good = """{"bank_reference":"UTR1","channel":"upi","currency":"INR","day":"2026-04-01","lines":[{"amount":50000,"order_id":"A1","reference":"R1"},{"amount":-500,"order_id":"A0","reference":"R0"}],"total":49500}""";

    [Fact]
    public void AFileIsReadAndEveryTruncationIsRefused()
    {
        byte[] octets = Encoding.UTF8.GetBytes(Good);
        Assert.True(SettlementFileJson.TryRead(octets, out SettlementFile? file, out _));
        Assert.Equal(("upi", new LocalDate(2026, 4, 1), "UTR1", "INR", 49_500L), (file.Channel, file.Day, file.BankReference, file.Currency, file.Total));
        Assert.Equal([new SettlementLine("A1", "R1", 50_000), new SettlementLine("A0", "R0", -500)], file.Lines);
        for (int length = 0; length < octets.Length; length++)
        {
            Assert.False(SettlementFileJson.TryRead(octets.AsMemory(0, length), out _, out string problem));
            Assert.NotEmpty(problem);
        }
    }

    [Theory]
    [InlineData("\"upi\"", "\"UPI\"", "channel is 'UPI'")]
    [InlineData("\"UTR1\"", "\"UTR/1\"", "bank_reference is 'UTR/1'")]
    [InlineData("\"INR\"", "\"Rs\"", "currency is 'Rs'")]
    [InlineData("2026-04-01", "2026-04-31", "day is '2026-04-31'")]
    [InlineData("49500", "495.5", "total: whole")]
    [InlineData("49500", "\"49500\"", "another kind")]
    [InlineData("\"amount\":50000", "\"amount\":0", "lines[0]")]
    [InlineData("\"amount\":-500", "\"amount\":-5e-1", "lines[1]")]
    [InlineData("\"A0\"", "\"\"", "lines[1]")]
    [InlineData("\"R0\"", "null", "lines[1]")]
    [InlineData(",\"reference\":\"R1\"", "", "lines[0]: an object with")]
    [InlineData("\"total\"", "\"sum\"", "the file: an object with")]
    [InlineData("\"total\"", "\"currency\":\"EUR\",\"total\"", "the file: an object with")]
    [InlineData("[{", "{\"x\":[{", "no JSON from line 1, octet 206 on; a settlement file was expected")]
    public void WhatIsWrongIsNamed(string part, string instead, string expected)
    {
        Assert.False(SettlementFileJson.TryRead(Encoding.UTF8.GetBytes(Good.Replace(part, instead, StringComparison.Ordinal)), out _, out string problem));
        Assert.Contains(expected, problem, StringComparison.Ordinal);
    }
}
