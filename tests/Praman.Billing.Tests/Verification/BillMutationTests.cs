using System.Text;
using System.Text.RegularExpressions;
using Praman.Billing.Verification;
using Praman.Metering;

namespace Praman.Billing.Tests.Verification;

/// <summary>Every changed byte of a bill, its proof and its evidence is found (goal R7).</summary>
public class BillMutationTests
{
    private static readonly SampleIssue Issue = new(new SampleOptions { Homes = 2, HasEstimates = true });

    private static BillFiles Files => Issue.Bill.Files;

    private static (int Different, int Unreadable) Mutate(byte[] file, Func<byte[], BillFiles> with, params int[] flips)
    {
        var verifier = new BillVerifier(Issue.Policy);
        Assert.True(verifier.TryVerify(Files, out BillVerdict? honest, out _) && honest.IsValid);
        int different = 0, unreadable = 0;
        foreach (int flip in flips)
        {
            for (int i = 0; i < file.Length; i++)
            {
                file[i] ^= (byte)flip;
                if (!verifier.TryVerify(with(file), out BillVerdict? verdict, out UnreadableFile? fault))
                {
                    unreadable++;
                    Assert.InRange(fault.Error.Offset, 0, file.Length);
                }
                else
                {
                    if (verdict.IsValid) Assert.Fail($"byte {i} ^ {flip:x2} was not found");
                    if (verdict.Verdict == Verdict.Different) different++;
                    Assert.Equal(verdict.Verdict == Verdict.Different, verdict.Difference is { Line.Length: > 0 });
                }
                file[i] ^= (byte)flip;
            }
        }
        return (different, unreadable);
    }

    [Fact]
    public void EveryByteOfTheBill()
    {
        (int different, int unreadable) = Mutate(Issue.Bill.Bill, bill => Files with { Bill = bill }, 0x01, 0x02, 0x04, 0x10, 0x20, 0x80);
        Assert.True(different > 1000 && unreadable > 1000, $"{different} different, {unreadable} unreadable");
    }

    [Fact]
    public void EveryByteOfTheProof()
    {
        (int different, int unreadable) = Mutate(Issue.Bill.Proof, proof => Files with { Proof = proof }, 0x01, 0x20, 0x80);
        Assert.True(different > 300 && unreadable > 300, $"{different} different, {unreadable} unreadable");
    }

    [Fact]
    public void EveryByteOfTheEvidence()
    {
        (int different, int unreadable) = Mutate(Issue.Bill.Evidence, evidence => Files with { Evidence = evidence }, 0x01);
        Assert.True(different > 5000 && unreadable > 1000, $"{different} different, {unreadable} unreadable");
    }

    [Fact]
    public void EveryTruncationOfEveryFile()
    {
        var verifier = new BillVerifier(Issue.Policy);
        foreach (string which in (string[])["bill", "proof", "evidence"])
        {
            ReadOnlyMemory<byte> whole = which switch { "bill" => Files.Bill, "proof" => Files.Proof!.Value, _ => Files.Evidence!.Value };
            for (int length = 0; length < whole.Length; length++)
            {
                ReadOnlyMemory<byte> cut = whole[..length];
                BillFiles files = which switch { "bill" => Files with { Bill = cut }, "proof" => Files with { Proof = cut }, _ => Files with { Evidence = cut } };
                bool read = verifier.TryVerify(files, out BillVerdict? verdict, out _);
                Assert.False(read && verdict!.IsValid);
                if (which != "proof") Assert.False(read);
            }
        }
    }

    [Fact]
    public void OnePaisaOnAnyLineOrPartIsNamed()
    {
        string text = Encoding.UTF8.GetString(Issue.Bill.Bill);
        foreach ((Praman.Billing.Rating.RatedLine line, int i) in Issue.Bill.Invoice.Rated.Lines.Select((line, i) => (line, i)))
        {
            int at = text.IndexOf($"\"id\":\"{line.Id}\",\"inputs\"", StringComparison.Ordinal);
            int paise = text.IndexOf("\"paise\":", at, StringComparison.Ordinal) + 8; // before the parts
            foreach (int add in (int[])[1, -1])
            {
                BillVerdict verdict = Issue.Verify(Files with { Bill = Encoding.UTF8.GetBytes(text[..paise] + Add(text[paise..], add)) });
                Assert.Equal((Verdict.Different, line.Id), (verdict.Verdict, verdict.Difference?.Line));
                Assert.Equal((line.Amount * 100).ToString("0", null), verdict.Difference!.Ours);
            }
            int part = text.IndexOf("\"parts\":[", at, StringComparison.Ordinal);
            for (int n = 0; n < line.Parts.Length; n++)
            {
                part = text.IndexOf("{\"paise\":", part + 1, StringComparison.Ordinal);
                BillVerdict verdict = Issue.Verify(Files with { Bill = Encoding.UTF8.GetBytes(text[..(part + 9)] + Add(text[(part + 9)..], 1)) });
                Assert.Equal((Verdict.Different, $"{line.Id}.parts[{n}]"), (verdict.Verdict, verdict.Difference?.Line));
            }
            Assert.True(i >= 0);
        }
    }

    private static string Add(string text, int add)
    {
        Match number = Regex.Match(text, "^-?\\d+");
        return (long.Parse(number.Value, System.Globalization.CultureInfo.InvariantCulture) + add).ToString(System.Globalization.CultureInfo.InvariantCulture) + text[number.Length..];
    }

    [Fact]
    public void OneWattHourOfAnyReadingIsNamedByItsDay()
    {
        string evidence = Encoding.UTF8.GetString(Issue.Bill.Evidence);
        var verifier = new BillVerifier(Issue.Policy);
        var random = new Random(5);
        foreach (IntervalBlock block in Issue.Bill.Blocks.Select(one => one.Block))
        {
            (long[] values, IntervalQuality[] qualities) = block.Decode();
            foreach (int add in (int[])[1, -1])
            {
                int interval = random.Next(values.Length);
                values[interval] += add;
                IntervalBlock changed = IntervalBlock.Create(block.Header, values, qualities);
                values[interval] -= add;
                string other = evidence.Replace(Convert.ToBase64String(block.Bytes.Span), Convert.ToBase64String(changed.Bytes.Span), StringComparison.Ordinal);
                Assert.NotEqual(evidence, other);
                Assert.True(verifier.TryVerify(Files with { Evidence = Encoding.UTF8.GetBytes(other) }, out BillVerdict? verdict, out UnreadableFile? fault), fault?.ToString());
                string expected = block.Type.IsRegister() ? "readings/segments[0]"
                    : $"readings/{NodaTime.Text.LocalDatePattern.Iso.Format(LocalDays.DayOf(block.Start, NodaTime.DateTimeZoneProviders.Tzdb["Asia/Kolkata"]))}";
                Assert.Equal((Verdict.Different, expected), (verdict.Verdict, verdict.Difference?.Line));
            }
        }
    }

    [Theory]
    [InlineData("\"rate\":\"3.05\"", "\"rate\":\"3.06\"", "tariff")]
    [InlineData("\"rate\":\"5.20\"", "\"rate\":\"5.19\"", "tariff")]
    [InlineData("\"valid_from\":\"2023-04-01\"", "\"valid_from\":\"2023-04-02\"", "tariff")]
    [InlineData("\"upto\":\"50\"", "\"upto\":\"51\"", "tariff")]
    public void AChangedTariffIsNamed(string before, string after, string line)
    {
        string evidence = Encoding.UTF8.GetString(Issue.Bill.Evidence);
        Assert.Contains(before, evidence, StringComparison.Ordinal);
        BillVerdict verdict = Issue.Verify(Files with { Evidence = Encoding.UTF8.GetBytes(evidence.Replace(before, after, StringComparison.Ordinal)) });
        Assert.Equal((Verdict.Different, line), (verdict.Verdict, verdict.Difference?.Line));
    }

    [Fact]
    public void AChangedValueOfASeriesIsNamed()
    {
        string evidence = Encoding.UTF8.GetString(Issue.Bill.Evidence);
        string changed = Regex.Replace(evidence, "\"value\":\"2\\.\\d+\"", "\"value\":\"2.01\"");
        Assert.NotEqual(evidence, changed);
        BillVerdict verdict = Issue.Verify(Files with { Evidence = Encoding.UTF8.GetBytes(changed) });
        Assert.Equal((Verdict.Different, "series/gj-fpppa"), (verdict.Verdict, verdict.Difference?.Line));
    }

    [Fact]
    public void ABlockOfTheNeighbourIsRefusedThoughItWasLogged()
    {
        // The neighbour's block of the same night, with its own salt and path: proven, and of another usage point.
        string evidence = Encoding.UTF8.GetString(Issue.Bills[0].Evidence), neighbour = Encoding.UTF8.GetString(Issue.Bills[1].Evidence);
        MatchCollection mine = Regex.Matches(evidence, "\\{\"batch\":\\d+,\"bytes\"[^}]+\\}"), theirs = Regex.Matches(neighbour, "\\{\"batch\":\\d+,\"bytes\"[^}]+\\}");
        Assert.Equal(32, mine.Count);
        string swapped = evidence.Replace(mine[11].Value, theirs[11].Value, StringComparison.Ordinal);
        BillVerdict verdict = Issue.Verify(Files with { Evidence = Encoding.UTF8.GetBytes(swapped) });
        Assert.Equal((Verdict.Different, "readings/2026-04-12"), (verdict.Verdict, verdict.Difference?.Line));
        Assert.Contains("UP-", verdict.Difference!.Theirs, StringComparison.Ordinal);
        // A day left out, and a day twice.
        BillVerdict gap = Issue.Verify(Files with { Evidence = Encoding.UTF8.GetBytes(evidence.Replace(mine[11].Value + ",", "", StringComparison.Ordinal)) });
        Assert.Equal((Verdict.Different, "readings/2026-04-12"), (gap.Verdict, gap.Difference?.Line));
        BillVerdict twice = Issue.Verify(Files with { Evidence = Encoding.UTF8.GetBytes(evidence.Replace(mine[11].Value, mine[11].Value + "," + mine[11].Value, StringComparison.Ordinal)) });
        Assert.Equal((Verdict.Different, "readings/2026-04-13"), (twice.Verdict, twice.Difference?.Line));
    }

    [Fact]
    public void AVerdictDoesNotDependOnWhatWasCheckedBefore()
    {
        var warm = new BillVerifier(Issue.Policy);
        foreach (SampleBill bill in Issue.Bills) Assert.True(warm.TryVerify(bill.Files, out BillVerdict? verdict, out _) && verdict.IsValid);
        var random = new Random(20260403);
        int different = 0;
        for (int round = 0; round < 600; round++)
        {
            byte[] evidence = Issue.Bill.Evidence;
            for (int change = random.Next(1, 3); change > 0; change--) evidence[random.Next(evidence.Length)] = (byte)"0123456789ABCabc+/="[random.Next(19)];
            BillFiles files = Files with { Evidence = evidence };
            bool warmRead = warm.TryVerify(files, out BillVerdict? ours, out UnreadableFile? fault);
            bool freshRead = new BillVerifier(Issue.Policy).TryVerify(files, out BillVerdict? fresh, out UnreadableFile? freshFault);
            Assert.Equal(freshRead, warmRead);
            Assert.Equal(freshFault?.ToString(), fault?.ToString());
            if (!warmRead) continue;
            different++;
            Assert.Equal(VerdictJson.Format(fresh!), VerdictJson.Format(ours!));
        }
        Assert.True(different > 100, $"only {different} were readable");
    }

    [Fact]
    public void RandomFilesEndInAnAnswer()
    {
        var random = new Random(7);
        var verifier = new BillVerifier(Issue.Policy);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] bytes = new byte[random.Next(80)];
            random.NextBytes(bytes);
            if (bytes.Length > 12 && round % 2 == 0) "{\"bill_no\":\"a"u8.CopyTo(bytes);
            Assert.False(verifier.TryVerify(new BillFiles(bytes, bytes, bytes), out _, out UnreadableFile? fault));
            Assert.NotNull(fault);
        }
    }
}
