using System.Text;
using NodaTime;
using Praman.Metering;
using Praman.Proof.Logs;
using Praman.Proof.Merkle;

namespace Praman.Proof.Tests.Logs;

public class LogEntryTests
{
    public static TheoryData<LogEntryKind, string> Kinds => new()
    {
        { LogEntryKind.Tariff, "tariff" }, { LogEntryKind.TariffSeries, "tariff-series" }, { LogEntryKind.Bill, "bill" }, { LogEntryKind.MeterDayRoot, "meter-day-root" },
        { LogEntryKind.Receipt, "receipt" }, { LogEntryKind.RulePack, "rule-pack" }, { LogEntryKind.VerifierRelease, "verifier-release" },
        { LogEntryKind.TrialBalance, "trial-balance" },
    };

    [Theory, MemberData(nameof(Kinds))]
    public void EveryKindGoesBothWaysAndEveryTruncationAndChangedByteIsRefusedOrAnotherEntry(LogEntryKind kind, string word)
    {
        var entry = new LogEntry(kind, Digest.Sha256("x"u8));
        byte[] text = entry.ToBytes();
        Assert.Equal($"praman-log-entry/1\n{word}\n{entry.Commitment.ToBase64()}\n", Encoding.ASCII.GetString(text));
        Assert.True(text.Length <= LogEntry.LengthMax);
        Assert.True(LogEntry.TryParse(text, out LogEntry back, out DecodeError error), error.ToString());
        Assert.Equal(entry, back);
        Assert.Equal(MerkleHash.Leaf(text), entry.LeafHash());
        for (int length = 0; length < text.Length; length++) Assert.False(LogEntry.TryParse(text.AsSpan(0, length), out _, out _));
        Assert.False(LogEntry.TryParse([.. text, (byte)'\n'], out _, out _));
        for (int i = 0; i < text.Length; i++)
        {
            for (int value = 0; value < 256; value++)
            {
                if (value == text[i]) continue;
                byte[] changed = [.. text];
                changed[i] = (byte)value;
                Assert.False(LogEntry.TryParse(changed, out LogEntry other, out _) && other == entry);
            }
        }
    }

    [Fact]
    public void ABatchHeadGoesBothWays()
    {
        var head = new BatchHead(new LocalDate(2026, 4, 2), 200, Digest.Sha256("root"u8));
        byte[] text = head.ToBytes();
        Assert.Equal($"praman-batch/1\n2026-04-02\n200\n{head.Root.ToBase64()}\n", Encoding.ASCII.GetString(text));
        Assert.True(BatchHead.TryParse(text, out BatchHead? back, out DecodeError error), error.ToString());
        Assert.Equal(head, back);
        Assert.Equal(new LogEntry(LogEntryKind.MeterDayRoot, Digest.Sha256(text)), head.ToLogEntry());
        for (int length = 0; length < text.Length; length++) Assert.False(BatchHead.TryParse(text.AsSpan(0, length), out _, out _));
    }

    [Theory]
    [InlineData("2026-02-29", "1")]
    [InlineData("2026-4-02", "1")]
    [InlineData("2026-04-00", "1")]
    [InlineData("2026-13-01", "1")]
    [InlineData("0000-01-01", "1")]
    [InlineData("2026-04-02", "01")]
    [InlineData("2026-04-02", "-1")]
    [InlineData("2026-04-02", "")]
    [InlineData("2026-04-02", "9223372036854775808")]
    [InlineData("2026-04-02", "99999999999999999999")]
    public void ABatchHeadWithAWrongLineIsRefused(string date, string size) =>
        Assert.False(BatchHead.TryParse(Encoding.ASCII.GetBytes($"praman-batch/1\n{date}\n{size}\n{default(Digest).ToBase64()}\n"), out _, out _));

    [Fact]
    public void TheLeafOfABlockIsOverItsCommitment()
    {
        Digest commitment = Commitment.Compute(new byte[32], "block"u8);
        Assert.Equal(Digest.Sha256([0, .. commitment.Octets]), BatchHead.LeafHash(commitment));
    }
}
