using System.Text;
using NodaTime;
using NodaTime.Text;
using Praman.Billing.Stores;
using Praman.Billing.Verification;
using Praman.Metering;
using Praman.Proof;
using Praman.Proof.Notes;

namespace Praman.Stores.Tests.Contract;

/// <summary>Issued bills with their files.</summary>
public abstract class BillStoreContract(Func<Task<IStores>> open) : StoreContract(open)
{
    [Fact]
    public async Task ABillComesBackOctetForOctet()
    {
        IssuedBill bill = Bill("B-1", 1, 7);
        await Stores.Bills.AddAsync([bill, Bill("B-2", 2, 8)], Stop);
        await Stores.Bills.AddAsync([bill], Stop);
        await Stores.ReopenAsync();

        IssuedBill? found = await Stores.Bills.FindAsync("B-1", Stop);

        Assert.Equal(bill.Facts, found!.Facts);
        Assert.Equal(bill.Bill.ToArray(), found.Bill.ToArray());
        Assert.Equal(bill.Proof.ToArray(), found.Proof.ToArray());
        Assert.Equal(bill.Evidence.ToArray(), found.Evidence.ToArray());
        Assert.Null(await Stores.Bills.FindAsync("B-3", Stop));
        Assert.Equal(2, await Stores.Bills.CountAsync(Stop));
    }

    [Fact]
    public async Task ANumberWithOtherOctetsRefusesAllBills()
    {
        IssuedBill bill = Bill("B-1", 1, 7);
        await Stores.Bills.AddAsync([bill], Stop);
        IssuedBill[] altered =
        [
            bill with { Bill = Encoding.UTF8.GetBytes("another") }, bill with { Proof = Encoding.UTF8.GetBytes("another") }, bill with { Evidence = Encoding.UTF8.GetBytes("another") },
        ];
        foreach (IssuedBill other in altered)
        {
            BillConflictException refusal = await Assert.ThrowsAsync<BillConflictException>(async () => await Stores.Bills.AddAsync([Bill("B-0", 2, 6), other], Stop));
            Assert.Contains("B-1", refusal.Message, StringComparison.Ordinal);
        }
        Assert.Equal(1, await Stores.Bills.CountAsync(Stop));
        Assert.Equal(bill.Bill.ToArray(), (await Stores.Bills.FindAsync("B-1", Stop))!.Bill.ToArray());
    }

    [Fact]
    public async Task ListsComeNewestEntryFirstInPages()
    {
        await Stores.Bills.AddAsync([.. Enumerable.Range(0, 10).Select(i => Bill($"B-{i}", (ulong)(i % 2), i * 3 % 10, Month(i)))], Stop);

        IReadOnlyList<BillFacts> all = await Stores.Bills.ReadAsync(null, 0, 100, Stop);
        IReadOnlyList<BillFacts> page = await Stores.Bills.ReadAsync(null, 4, 3, Stop);
        IReadOnlyList<BillFacts> ofOne = await Stores.Bills.ReadAsync(new UsagePointId(1), 0, 100, Stop);

        Assert.Equal([9L, 8, 7, 6, 5, 4, 3, 2, 1, 0], all.Select(facts => facts.LogIndex));
        Assert.Equal(all.Skip(4).Take(3), page);
        Assert.Equal(all.Where(facts => facts.UsagePoint.Number == 1), ofOne);
        Assert.Equal(5, ofOne.Count);
    }

    [Fact]
    public async Task ErasedSaltsAreGoneFromTheFilesOfOneHomeAndNothingElseIs()
    {
        LocalDate day = new(2026, 11, 24);
        IssuedBill[] bills = [Proven("B-1", 1, 7), Proven("B-2", 1, 8), Proven("B-3", 2, 9)];
        await Stores.Bills.AddAsync(bills, Stop);
        Assert.Equal(2, await Stores.Bills.CountWithSaltsAsync(new UsagePointId(1), Stop));

        Assert.Equal(2, await Stores.Bills.EraseSaltsAsync(new UsagePointId(1), day, Stop));
        Assert.Equal(0, await Stores.Bills.EraseSaltsAsync(new UsagePointId(1), day.PlusDays(1), Stop));
        await Stores.ReopenAsync();

        Assert.Equal(0, await Stores.Bills.CountWithSaltsAsync(new UsagePointId(1), Stop));
        Assert.Equal(1, await Stores.Bills.CountWithSaltsAsync(new UsagePointId(2), Stop));
        foreach (IssuedBill bill in bills)
        {
            IssuedBill found = (await Stores.Bills.FindAsync(bill.Facts.BillNo, Stop))!;
            Assert.Equal(bill.Facts, found.Facts);
            Assert.Equal(bill.Bill.ToArray(), found.Bill.ToArray());
            bool isErased = bill.Facts.UsagePoint.Number == 1;
            Assert.Equal(isErased ? ErasedFiles.Proof(bill.Proof.Span) : bill.Proof.ToArray(), found.Proof.ToArray());
            Assert.Equal(isErased ? ErasedFiles.Evidence(bill.Evidence, day) : bill.Evidence.ToArray(), found.Evidence.ToArray());
        }
    }

    /// <summary>A bill with files of their form.</summary>
    private static IssuedBill Proven(string number, ulong usagePoint, long logIndex)
    {
        using var key = new NoteSigningKey("log.example/a", NoteKeyType.Ed25519, new byte[32]);
        SignedCheckpoint head = SignedCheckpoint.Sign(new Checkpoint("log.example/a", 1, Digest.Sha256("root"u8)), key);
        return Bill(number, usagePoint, logIndex, Month((int)logIndex)) with
        {
            Proof = new TlogProof(Digest.Sha256(Encoding.UTF8.GetBytes(number)).Octets.ToArray(), 0, [], head).ToBytes(),
            Evidence = Encoding.UTF8.GetBytes($$$"""{"batches":[],"bill_no":"{{{number}}}","blocks":[],"series":[],"tariff":{"entry":{"index":0,"path":[]},"object":{}},"tree_size":1,"type":"praman-evidence/1"}"""),
        };
    }

    [Theory]
    [InlineData("2026-04-01", "2026-04-30")]
    [InlineData("2026-03-01", "2026-04-01")]
    [InlineData("2026-04-30", "2026-05-02")]
    [InlineData("2026-04-10", "2026-04-10")]
    [InlineData("2026-03-01", "2026-06-01")]
    public async Task ADayOfAUsagePointStandsInOneBill(string first, string last)
    {
        DateInterval period = Days(first, last);
        await Stores.Bills.AddAsync([Bill("B-1", 1, 7)], Stop);
        BillOverlapException refusal = await Assert.ThrowsAsync<BillOverlapException>(async () => await Stores.Bills.AddAsync([Bill("B-9", 2, 8), Bill("B-2", 1, 9, period)], Stop));
        Assert.Contains("B-1", refusal.Message, StringComparison.Ordinal);
        Assert.Null(await Stores.Bills.FindAsync("B-9", Stop));
        await Assert.ThrowsAsync<BillOverlapException>(async () => await Stores.Bills.AddAsync([Bill("B-3", 3, 8), Bill("B-4", 3, 9, period)], Stop));
        await Stores.Bills.AddAsync([Bill("B-1", 1, 7), Bill("B-2", 2, 8, period)], Stop);
        Assert.Equal(2, await Stores.Bills.CountAsync(Stop));
        Assert.Equal("B-1", await Stores.Bills.FindOverlapAsync(new UsagePointId(1), period, Stop));
        Assert.Null(await Stores.Bills.FindOverlapAsync(new UsagePointId(3), period, Stop));
        Assert.Null(await Stores.Bills.FindOverlapAsync(new UsagePointId(1), Days("2026-05-01", "2026-05-31"), Stop));
        Assert.Null(await Stores.Bills.FindOverlapAsync(new UsagePointId(1), Days("2026-03-01", "2026-03-31"), Stop));
    }

    /// <summary>Many callers at once, each with another number and another stretch around the same day.</summary>
    [Fact]
    public async Task OfManyCallersAtOnceOneBillsADay()
    {
        const int Callers = 24;
        using var start = new Barrier(Callers);
        bool[] isKept = await Task.WhenAll(Enumerable.Range(0, Callers).Select(i => Task.Factory.StartNew(
            async () =>
            {
                IssuedBill bill = Bill($"B-{i}", 1, i, new DateInterval(new LocalDate(2026, 4, 15).PlusDays(-i), new LocalDate(2026, 4, 15).PlusDays(Callers - i)));
                start.SignalAndWait(Stop);
                try
                {
                    await Stores.Bills.AddAsync([bill], Stop);
                    return true;
                }
                catch (BillOverlapException)
                {
                    return false;
                }
            },
            Stop, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap()));
        Assert.Single(isKept, kept => kept);
        BillFacts only = Assert.Single(await Stores.Bills.ReadAsync(null, 0, 100, Stop));
        Assert.Equal($"B-{Array.IndexOf(isKept, true)}", only.BillNo);
    }

    private static readonly Instant Now = Instant.FromUtc(2026, 5, 2, 1, 0), Later = Now + Duration.FromMinutes(30);

    private static BillClaim Claim(string number, ulong usagePoint, string first, string last) => new(number, new UsagePointId(usagePoint), Days(first, last));

    private async Task<ClaimAnswer> ClaimAsync(Guid run, BillClaim claim, Instant? now = null) => (await Stores.Bills.ClaimAsync(run, [claim], now ?? Now, (now ?? Now) + Duration.FromMinutes(30), Stop))[0];

    [Theory]
    [InlineData("2026-04-01", "2026-04-30")]
    [InlineData("2026-03-01", "2026-04-01")]
    [InlineData("2026-04-30", "2026-05-02")]
    public async Task DaysThatARunClaimedAreNotAnothers(string first, string last)
    {
        (Guid one, Guid two) = (Guid.NewGuid(), Guid.NewGuid());
        Assert.Equal(ClaimState.Granted, (await ClaimAsync(one, Claim("B-1", 1, "2026-04-01", "2026-04-30"))).State);
        IReadOnlyList<ClaimAnswer> answers = await Stores.Bills.ClaimAsync(two, [Claim("B-2", 1, first, last), Claim("B-3", 2, first, last)], Now, Later, Stop);
        Assert.Equal([new ClaimAnswer(ClaimState.Claimed, "B-1"), new ClaimAnswer(ClaimState.Granted, null)], answers);
        Assert.Equal(ClaimState.Granted, (await ClaimAsync(one, Claim("B-1", 1, "2026-04-01", "2026-04-30"), Now + Duration.FromMinutes(29))).State); // renewed
        Assert.Equal(ClaimState.Claimed, (await ClaimAsync(two, Claim("B-2", 1, first, last), Later)).State);
        await Stores.Bills.EndClaimsAsync(one, Stop);
        Assert.Equal(ClaimState.Granted, (await ClaimAsync(two, Claim("B-2", 1, first, last))).State);
    }

    [Fact]
    public async Task AClaimGivesWayWhenItIsOverAndToABillThatIsKept()
    {
        (Guid one, Guid two) = (Guid.NewGuid(), Guid.NewGuid());
        Assert.Equal(ClaimState.Granted, (await ClaimAsync(one, Claim("B-1", 1, "2026-04-01", "2026-04-30"))).State);
        Assert.Equal(ClaimState.Claimed, (await ClaimAsync(two, Claim("B-2", 1, "2026-04-30", "2026-05-02"), Later - Duration.FromSeconds(1))).State);
        Assert.Equal(ClaimState.Granted, (await ClaimAsync(two, Claim("B-2", 1, "2026-04-30", "2026-05-02"), Later)).State);
        Assert.Equal(new ClaimAnswer(ClaimState.Claimed, "B-2"), await ClaimAsync(one, Claim("B-1", 1, "2026-04-01", "2026-04-30"), Later));
        await Stores.Bills.AddAsync([Bill("B-4", 3, 7)], Stop);
        Assert.Equal(new ClaimAnswer(ClaimState.Billed, "B-4"), await ClaimAsync(one, Claim("B-4", 3, "2026-04-01", "2026-04-30")));
        Assert.Equal(new ClaimAnswer(ClaimState.Billed, "B-4"), await ClaimAsync(one, Claim("B-5", 3, "2026-04-30", "2026-05-30")));
        Assert.Equal(ClaimState.Granted, (await ClaimAsync(one, Claim("B-6", 3, "2026-05-01", "2026-05-30"))).State);
    }

    /// <summary>One process has the store: who opens it again finds nobody at work.</summary>
    [Fact]
    public async Task AClaimOfAProcessThatEndedHoldsNobody()
    {
        await ClaimAsync(Guid.NewGuid(), Claim("B-1", 1, "2026-04-01", "2026-04-30"));
        await Stores.ReopenAsync();
        Assert.Equal(ClaimState.Granted, (await ClaimAsync(Guid.NewGuid(), Claim("B-2", 1, "2026-04-10", "2026-04-12"))).State);
    }

    /// <summary>Many runs claim the same days at once.</summary>
    [Fact]
    public async Task OfManyRunsAtOnceOneHasADay()
    {
        const int Runs = 24;
        using var start = new Barrier(Runs);
        ClaimAnswer[] answers = await Task.WhenAll(Enumerable.Range(0, Runs).Select(i => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait(Stop);
                return ClaimAsync(Guid.NewGuid(), new BillClaim($"B-{i}", new UsagePointId(1), new DateInterval(new LocalDate(2026, 4, 15).PlusDays(-i), new LocalDate(2026, 4, 15))));
            },
            Stop, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap()));
        int granted = Assert.Single(Enumerable.Range(0, Runs), i => answers[i].State == ClaimState.Granted);
        Assert.All(answers.Where(answer => answer.State != ClaimState.Granted), answer => Assert.Equal(new ClaimAnswer(ClaimState.Claimed, $"B-{granted}"), answer));
    }

    /// <summary>A reversal takes the days of its bill back: a bill in its place may be added, in the same call, and no bill is taken back twice.</summary>
    [Fact]
    public async Task AReversalGivesTheDaysBackOnce()
    {
        IssuedBill before = Bill("B-1", 1, 7), reversal = With(Bill("B-1-R1", 1, 8), facts => facts with { Reverses = "B-1" }), revised = With(Bill("B-1-V2", 1, 9), facts => facts with { Revises = "B-1" });
        await Stores.Bills.AddAsync([before], Stop);
        Assert.Equal(new ClaimAnswer(ClaimState.Billed, "B-1"), await ClaimAsync(Guid.NewGuid(), Claim("B-1-V2", 1, "2026-04-01", "2026-04-30")));
        Guid run = Guid.NewGuid();
        Assert.Equal(ClaimState.Granted, (await ClaimAsync(run, Claim("B-1-V2", 1, "2026-04-01", "2026-04-30") with { Replaces = "B-1" })).State);
        await Stores.Bills.EndClaimsAsync(run, Stop);
        await Assert.ThrowsAsync<BillOverlapException>(async () => await Stores.Bills.AddAsync([revised], Stop));
        await Stores.Bills.AddAsync([reversal, revised], Stop);
        await Stores.Bills.AddAsync([reversal, revised], Stop); // the same again is no error
        await Stores.ReopenAsync();

        IReadOnlyList<BillFacts> kept = await Stores.Bills.ReadAsync(new UsagePointId(1), 0, 10, Stop);
        Assert.Equal([("B-1-V2", true), ("B-1-R1", false), ("B-1", false)], kept.Select(facts => (facts.BillNo, facts.IsInForce)));
        Assert.Equal(("B-1", "B-1", "B-1-R1"), (kept[0].Revises, kept[1].Reverses, kept[2].ReversedBy));
        Assert.Equal("B-1-V2", await Stores.Bills.FindOverlapAsync(new UsagePointId(1), Days("2026-04-05", "2026-04-05"), Stop));
        await Assert.ThrowsAsync<BillConflictException>(async () => await Stores.Bills.AddAsync([With(Bill("B-1-R9", 1, 10), facts => facts with { Reverses = "B-1" })], Stop));
        Assert.Equal(3, await Stores.Bills.CountAsync(Stop));
    }

    private static IssuedBill With(IssuedBill bill, Func<BillFacts, BillFacts> change) => bill with { Facts = change(bill.Facts) };

    private static DateInterval Month(int number) => new(new LocalDate(2026, 1, 1).PlusMonths(number), new LocalDate(2026, 1, 1).PlusMonths(number + 1).PlusDays(-1));

    private static DateInterval Days(string first, string last) => new(LocalDatePattern.Iso.Parse(first).Value, LocalDatePattern.Iso.Parse(last).Value);

    private static IssuedBill Bill(string number, ulong usagePoint, long logIndex, DateInterval? period = null) => new(
        new BillFacts(
            number, new UsagePointId(usagePoint), period ?? Days("2026-04-01", "2026-04-30"), new LocalDate(2026, 5, 2), "INR", 123_456, 210_500, 1_200,
            usagePoint == 1, logIndex),
        Encoding.UTF8.GetBytes($"{{\"bill_no\":\"{number}\"}}"), Encoding.UTF8.GetBytes("c2sp.org/tlog-proof@v1\n"), new byte[100_000]);
}
