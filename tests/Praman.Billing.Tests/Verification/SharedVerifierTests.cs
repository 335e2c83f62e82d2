using Praman.Billing.Verification;

namespace Praman.Billing.Tests.Verification;

/// <summary>What a verifier keeps between bills makes it faster and never changes an answer.</summary>
public class SharedVerifierTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AnAnswerIsThatOfAFreshVerifierWhateverWasCheckedBefore(bool inOrder)
    {
        var issue = new SampleIssue(new SampleOptions { Homes = 40, HasEstimates = true, HasExchange = true, StrangerLeaves = 7 });
        var other = new SampleIssue(new SampleOptions { Homes = 3, Seed = 2, StrangerLeaves = 2 });
        SampleBill[] bills = [.. issue.Bills, .. other.Bills];
        var random = new Random(11);
        if (!inOrder) random.Shuffle(bills);
        var verifier = new BillVerifier(issue.Policy);
        int valid = 0, different = 0, unreadable = 0;
        for (int i = 0; i < 400; i++)
        {
            SampleBill bill = bills[i % bills.Length];
            byte[] evidence = bill.Evidence;
            switch (i % 5)
            {
                case 1: evidence[random.Next(evidence.Length)] ^= (byte)(1 << random.Next(8)); break;
                case 2: evidence = evidence[..random.Next(evidence.Length)]; break;
                case 3: Swap(evidence, random); break;
                case 4 when i % 2 == 0: evidence = bills[(i + 1) % bills.Length].Evidence; break;
            }
            string shared = Answer(verifier, bill, evidence), fresh = Answer(new BillVerifier(issue.Policy), bill, evidence);
            Assert.Equal(fresh, shared);
            if (fresh.Contains("VALID", StringComparison.Ordinal)) valid++;
            else if (fresh.Contains("DIFFERENT", StringComparison.Ordinal)) different++;
            else unreadable++;
        }
        Assert.True(valid > 50 && different > 20 && unreadable > 50, $"{valid} valid, {different} different, {unreadable} unreadable");
    }

    private static string Answer(BillVerifier verifier, SampleBill bill, byte[] evidence) =>
        verifier.TryVerify(bill.Files with { Evidence = evidence }, out BillVerdict? verdict, out UnreadableFile? fault) ? VerdictJson.Format(verdict) : fault.ToString();

    /// <summary>Exchanges two hashes of paths: of the same form, and false.</summary>
    private static void Swap(byte[] evidence, Random random)
    {
        const int HashLength = 44;
        var places = new List<int>();
        for (int at = 0; at < evidence.Length - HashLength - 2; at++)
        {
            if (evidence[at] == '"' && evidence[at + HashLength + 1] == '"' && evidence[at + HashLength] == '=' && evidence[at - 1] is (byte)',' or (byte)'[') places.Add(at + 1);
        }
        int a = places[random.Next(places.Count)], b = places[random.Next(places.Count)];
        byte[] first = evidence[a..(a + HashLength)];
        evidence.AsSpan(b, HashLength).CopyTo(evidence.AsSpan(a));
        first.CopyTo(evidence, b);
    }
}
