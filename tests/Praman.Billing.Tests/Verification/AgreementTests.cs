using System.Globalization;
using System.Text;
using System.Text.Json;
using NodaTime;
using Praman.Billing.Verification;
using Praman.Metering;
using Praman.Proof.Notes;

namespace Praman.Billing.Tests.Verification;

/// <summary>
/// The two verifiers, which share no code, give the same verdict and name the same place, on seeded bills and on changed ones (goal R8).
/// <c>PRAMAN_AGREEMENT_BILLS</c> sets how many bills; each is checked as it is, and the first <see cref="ChangedCount"/> with changes as well.
/// </summary>
public class AgreementTests
{
    private static readonly string[] Tariffs = ["in-gj-rgp-urban", "in-as-domA-2023-06", "in-up-lmv1-urban", "in-dl-brpl", "in-illustrative-tod"];

    private const int BillCount = 10_000, ChangedCount = 60;

    internal sealed record Sample(string Name, BillFiles Files);

    [Fact]
    public void BothVerifiersAgreeOnSeededBillsAndOnChangedOnes()
    {
        _ = SecondVerifier.FindNode();
        int count = int.TryParse(Environment.GetEnvironmentVariable("PRAMAN_AGREEMENT_BILLS"), NumberStyles.None, CultureInfo.InvariantCulture, out int given) ? given : BillCount;
        string keys = Path.GetTempFileName();
        var verdicts = new Dictionary<string, int>();
        var disagreements = new List<string>();
        try
        {
            int seed = 0;
            for (int done = 0; done < count;)
            {
                SampleIssue issue = MakeIssue(++seed, Math.Min(done < ChangedCount ? 5 : 400, count - done));
                bool changes = done < ChangedCount;
                done += issue.Bills.Count;
                File.WriteAllLines(keys, [.. issue.Policy.LogKeys.Concat(issue.Policy.WitnessKeys).Select(key => key.ToString())]);
                List<Sample> samples = [.. issue.Bills.SelectMany((bill, i) => Changes(bill, $"seed {seed} bill {i}", new Random((seed * 1000) + i)).Take(changes ? int.MaxValue : 1))];
                disagreements.AddRange(Compare(keys, issue.Policy, samples, verdicts));
            }
        }
        finally
        {
            File.Delete(keys);
        }
        string summary = string.Join(", ", verdicts.Select(one => $"{one.Key} {one.Value}"));
        TestContext.Current.SendDiagnosticMessage($"{count} bills: {summary}");
        Assert.True(disagreements.Count == 0, $"{disagreements.Count} of {summary}:\n{string.Join('\n', disagreements.Take(30))}");
        Assert.True(verdicts["VALID"] > 0 && verdicts["DIFFERENT"] > 0 && verdicts["VALID_WITH_ESTIMATES"] > 0 && verdicts["UNPROVEN"] > 0 && verdicts["UNREADABLE"] > 0, summary);
    }

    private static SampleIssue MakeIssue(int seed, int homes)
    {
        string tariff = Tariffs[seed % Tariffs.Length];
        return new SampleIssue(new SampleOptions
        {
            Seed = seed,
            TariffId = tariff,
            Homes = homes,
            HasEstimates = seed % 3 == 0,
            UnassignedWh = seed % 5 == 0 ? seed : 0,
            HasExchange = seed % 4 == 1,
            RollsOver = seed % 7 == 2,
            HasNoRegister = seed % 10 == 6,
            Multiplier = seed % 3 == 2 ? 20 : 1, // with an exchange as well, to a meter of another multiplier
            NextMultiplier = seed % 6 == 5 ? 4 : 1,
            External = tariff == "in-dl-brpl" ? BillVerifierTests.ExternalOf(tariff) : null,
            Flags = seed % 8 >= 4 ? FlagsOf(tariff) : [],
            Tamper = (seed % 7) switch { 1 => UseNothing, 4 => UseLittle, 6 => Edit, _ => null },
            LastRegister = seed % 9 == 4 ? IntervalState.Edited : IntervalState.Valid,
        });
    }

    private static string[] FlagsOf(string tariff) => tariff switch
    {
        "in-up-lmv1-urban" => ["prepaid"],
        "in-dl-brpl" => ["subsidy_opted"],
        _ => [],
    };

    /// <summary>A month without use, as of a locked house.</summary>
    private static void UseNothing(LocalDate day, long[] values, IntervalQuality[] qualities) => Array.Clear(values);

    /// <summary>A month of a lamp: a few units, within the first slab of any tariff.</summary>
    private static void UseLittle(LocalDate day, long[] values, IntervalQuality[] qualities)
    {
        Array.Clear(values);
        values[day.Day % values.Length] = 1 + (10 * day.Day);
    }

    /// <summary>A month in which a person entered or accepted values.</summary>
    internal static void Edit(LocalDate day, long[] values, IntervalQuality[] qualities)
    {
        if (day.Day is 5 or 6) qualities[10] = new(day.Day == 5 ? IntervalState.Edited : IntervalState.Accepted);
    }

    internal static IEnumerable<Sample> Changes(SampleBill bill, string name, Random random)
    {
        yield return new(name, bill.Files);
        yield return new($"{name} without proof", bill.Files with { Proof = null });
        yield return new($"{name} without evidence", bill.Files with { Evidence = null });
        for (int i = 0; i < 6; i++)
        {
            (byte[] changed, string what) = ChangeNumber(bill.Bill, random);
            yield return new($"{name} {what}", bill.Files with { Bill = changed });
        }
        for (int i = 0; i < 3; i++)
        {
            (byte[] changed, string what) = ChangeByte(bill.Bill, random);
            yield return new($"{name} bill {what}", bill.Files with { Bill = changed });
            (changed, what) = ChangeByte(bill.Proof, random);
            yield return new($"{name} proof {what}", bill.Files with { Proof = changed });
            (changed, what) = ChangeByte(bill.Evidence, random);
            yield return new($"{name} evidence {what}", bill.Files with { Evidence = changed });
        }
    }

    /// <summary>One paisa, one watt-hour: a whole number of the bill up or down by one.</summary>
    internal static (byte[], string) ChangeNumber(byte[] bill, Random random)
    {
        string text = Encoding.UTF8.GetString(bill);
        var numbers = System.Text.RegularExpressions.Regex.Matches(text, "\"([a-z_]+)\":(-?\\d+)");
        var number = numbers[random.Next(numbers.Count)];
        long value = long.Parse(number.Groups[2].Value, CultureInfo.InvariantCulture) + (random.Next(2) == 0 ? 1 : -1);
        string changed = text[..number.Groups[2].Index] + value.ToString(CultureInfo.InvariantCulture) + text[(number.Index + number.Length)..];
        return (Encoding.UTF8.GetBytes(changed), $"{number.Groups[1].Value} at {number.Index} to {value}");
    }

    private static (byte[], string) ChangeByte(byte[] file, Random random)
    {
        int at = random.Next(file.Length);
        byte octet = (byte)random.Next(1, 256);
        byte[] changed = [.. file];
        changed[at] ^= random.Next(3) == 0 ? octet : (byte)1;
        return (changed, $"byte {at}");
    }

    /// <summary>Gives the samples to both verifiers, counts the verdicts of the first, and tells each that the second answers otherwise.</summary>
    internal static List<string> Compare(string keys, CheckpointPolicy policy, IReadOnlyList<Sample> samples, Dictionary<string, int> verdicts)
    {
        var disagreements = new List<string>();
        string[] theirs = SecondVerifier.RunBatch(keys, samples.Select(sample => sample.Files));
        Assert.Equal(samples.Count, theirs.Length);
        var verifier = new BillVerifier(policy);
        for (int i = 0; i < samples.Count; i++)
        {
            string ours = verifier.TryVerify(samples[i].Files, out BillVerdict? verdict, out UnreadableFile? fault)
                ? $"{BillVerdict.Word(verdict.Verdict)} {verdict.Difference?.Line} [{string.Join(", ", verdict.Missing)}] {verdict.EstimatedIntervals} {verdict.EstimatedWh} {verdict.EditedIntervals} {verdict.EditedRegisters}"
                : $"UNREADABLE {fault!.File} {fault.Field}";
            using JsonDocument document = JsonDocument.Parse(theirs[i]);
            JsonElement root = document.RootElement;
            string second = root.GetProperty("verdict").GetString()!;
            if (second == "UNREADABLE")
            {
                // Octets that are no canonical JSON are refused by the second verifier before any place in them has a name, and a proof has lines, no members.
                string file = root.GetProperty("file").GetString()!, at = root.GetProperty("place").GetString()!;
                second = $"{second} {file} {(at.Length > 0 && file != BillFiles.ProofName ? at : fault?.Field)}";
            }
            else
            {
                string line = root.TryGetProperty("line", out JsonElement place) ? place.GetString()! : "";
                string missing = string.Join(", ", root.GetProperty("missing").EnumerateArray().Select(one => one.GetString()));
                JsonElement estimated = root.GetProperty("estimated");
                JsonElement edited = root.GetProperty("edited");
                second = $"{second} {line} [{missing}] {estimated.GetProperty("intervals")} {estimated.GetProperty("wh")} {edited.GetProperty("intervals")} {edited.GetProperty("registers")}";
            }
            string word = ours.Split(' ')[0];
            verdicts[word] = verdicts.GetValueOrDefault(word) + 1;
            if (ours != second)
                disagreements.Add($"{samples[i].Name}: {ours} | {second} | {fault} {verdict?.Difference} | {theirs[i][..Math.Min(theirs[i].Length, 300)]}");
        }
        return disagreements;
    }
}
