using NodaTime;
using Praman.Billing.Stores;
using Praman.MeterData.Ingest;
using Praman.Metering;
using Praman.Proof.Logs;
using Praman.Proof.Stores;
using Praman.Server.Operations;

namespace Praman.Server.Tests.Operations;

/// <summary>A run that is repeated, or fails, or is cut off: each bill is made, logged and marked once.</summary>
public sealed class BillingRunTests
{
    [Fact]
    public async Task TheSameRunTwiceMakesTheBillsOnce()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        BillingRunResult first = await world.BillAsync();
        Assert.Empty(first.Refused);
        Assert.Equal(world.BillNos, first.Bills.Select(facts => facts.BillNo));
        IssuedBill[] kept = await world.KeptAsync();
        long size = world.Log.Head!.Size;
        BillingRunResult second = await world.BillAsync();
        Assert.Empty(second.Bills);
        Assert.Equal(BillingWorld.Homes, second.Refused.Select(one => one.UsagePoint));
        Assert.All(second.Refused, one => Assert.Equal(BillRefused.Exists, one.Code));
        Assert.Equal(size, world.Log.Head!.Size);
        await world.AssertBilledOnceAsync();
        foreach (IssuedBill bill in kept)
        {
            IssuedBill now = (await world.Store.Bills.FindAsync(bill.Facts.BillNo, CancellationToken.None))!;
            Assert.True(now.Bill.Span.SequenceEqual(bill.Bill.Span) && now.Proof.Span.SequenceEqual(bill.Proof.Span) && now.Evidence.Span.SequenceEqual(bill.Evidence.Span));
        }
    }

    [Fact]
    public async Task APeriodThatIsNotAMonthHasBothDatesInItsNumber()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        BillingRunResult first = await world.BillAsync(period: new DateInterval(BillingWorld.Month.Start, BillingWorld.Middle));
        BillingRunResult second = await world.BillAsync(period: new DateInterval(BillingWorld.Middle.PlusDays(1), BillingWorld.Month.End));
        Assert.Equal("2026-04-01-2026-04-15-000000042", first.Bills[0].BillNo);
        Assert.Equal("2026-04-16-2026-04-30-000000042", second.Bills[0].BillNo);
        Assert.Empty(first.Refused.Concat(second.Refused));
        Assert.Equal(2 * BillingWorld.Homes.Length, await world.Store.Bills.CountAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData(1, 30)]
    [InlineData(15, 30)]
    [InlineData(1, 1)]
    [InlineData(10, 12)]
    public async Task ADayIsBilledOnce(int from, int to)
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        LocalDate start = BillingWorld.Month.Start;
        BillingRunResult kept = await world.BillAsync(period: new DateInterval(start, BillingWorld.Middle));
        long size = world.Log.Head!.Size;
        BillingRunResult refused = await world.BillAsync(period: new DateInterval(start.PlusDays(from - 1), start.PlusDays(to - 1)));
        Assert.Empty(refused.Bills);
        Assert.Equal(BillingWorld.Homes, refused.Refused.Select(one => one.UsagePoint));
        Assert.All(refused.Refused, one => Assert.Equal(BillRefused.Overlaps, one.Code));
        Assert.Contains(kept.Bills[0].BillNo, refused.Refused[0].Reason, StringComparison.Ordinal);
        Assert.Equal(size, world.Log.Head!.Size);
    }

    /// <summary>Periods that start in different months are other numbers, and still share days.</summary>
    [Fact]
    public async Task AnOverlapIsFoundOverTheEndOfAMonth()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        await world.BillAsync();
        BillingRunResult refused = await world.BillAsync(period: new DateInterval(new LocalDate(2026, 3, 20), new LocalDate(2026, 4, 1)));
        Assert.All(refused.Refused, one => Assert.Equal(BillRefused.Overlaps, one.Code));
        Assert.Equal(BillingWorld.Homes.Length, refused.Refused.Count);
        Assert.Empty(refused.Bills);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task AnIndexThatFailsAfterTheCheckpointLosesNothing(bool restarts)
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        int before = (await world.EntriesAsync()).Count;
        world.Reopen(new FaultyIndex(world.Store.LogIndex, 1));
        await Assert.ThrowsAsync<IOException>(() => world.BillAsync());
        Assert.Equal(before, (await world.EntriesAsync()).Count);
        if (restarts) world.Reopen();
        BillingRunResult result = await world.BillAsync();
        Assert.Equal(world.BillNos, result.Bills.Select(facts => facts.BillNo));
        await world.AssertBilledOnceAsync();
        LogIndexEntry[] bills = [.. (await world.EntriesAsync()).Where(entry => entry.Entry.Kind == LogEntryKind.Bill)];
        Assert.Equal(restarts ? ["", "", ""] : world.BillNos, bills.Select(entry => entry.Subject));
    }

    [Fact]
    public async Task ACheckpointThatCannotBeWrittenKeepsTheEntriesWaiting()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        string path = Path.Combine(world.Store.Log.Folder, "checkpoint");
        byte[] head = await File.ReadAllBytesAsync(path);
        File.Delete(path);
        Directory.CreateDirectory(path);
        await Assert.ThrowsAnyAsync<Exception>(() => world.BillAsync());
        Directory.Delete(path);
        await File.WriteAllBytesAsync(path, head);
        Assert.Equal(3, (await world.BillAsync()).Bills.Count);
        await world.AssertBilledOnceAsync();
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task ABillStoreThatFailsLeavesEntriesThatTheRetryTakes(bool restarts)
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        await Assert.ThrowsAsync<IOException>(() => world.BillAsync(new FaultyBills(world.Store.Bills)));
        Assert.Equal(0, await world.Store.Bills.CountAsync(CancellationToken.None));
        long size = world.Log.Head!.Size;
        if (restarts) world.Reopen();
        Assert.Equal(3, (await world.BillAsync()).Bills.Count);
        Assert.Equal(size, world.Log.Head!.Size);
        await world.AssertBilledOnceAsync();
    }

    [Fact]
    public async Task BillsThatWereNotMarkedAreMarkedByTheNextRun()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        await Assert.ThrowsAsync<IOException>(() => world.BillAsync(readings: new FaultyReadings(world.Store.Readings, 1)));
        Assert.Single(await world.BilledAsync(BillingWorld.Homes[0]));
        Assert.Empty(await world.BilledAsync(BillingWorld.Homes[1]));
        BillingRunResult next = await world.BillAsync();
        Assert.Equal(3, next.Refused.Count(one => one.Code == BillRefused.Exists));
        await world.AssertBilledOnceAsync();
    }

    /// <summary>Late data after a bill: the next run leaves the mark as it was, also where the first run was cut off before it marked.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public async Task TheNextRunMarksWhatWasBilledNotWhatIsInForce(bool isCutOff)
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        if (isCutOff) await Assert.ThrowsAsync<IOException>(() => world.BillAsync(readings: new FaultyReadings(world.Store.Readings, 0)));
        else await world.BillAsync();
        int versions = await world.CorrectEstimateAsync(BillingWorld.Homes[0]);
        await world.BillAsync();
        BilledPeriod billed = Assert.Single(await world.BilledAsync(BillingWorld.Homes[0]));
        Assert.Equal(30, billed.Versions.Count);
        Assert.Equal(isCutOff ? 0 : 1, billed.VersionOf(BillingWorld.EstimatedDay)); // where the mark came in time, it locked version 0 as 1
        Assert.Equal(versions, await world.CountVersionsAsync(BillingWorld.Homes[0]));
    }

    /// <summary>A bill that is kept and whose evidence is cut short, or is that of another bill: the home is refused, the others are billed.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public async Task ADamagedBillRefusesItsHomeAlone(bool isOfAnother)
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        (UsagePointId damaged, UsagePointId kept, UsagePointId open) = (BillingWorld.Homes[0], BillingWorld.Homes[1], BillingWorld.Homes[2]);
        await world.BillAsync(homes: [damaged, kept]);
        IssuedBill other = (await world.Store.Bills.FindAsync(world.BillNos[1], CancellationToken.None))!;
        var bills = new AlteredBills(world.Store.Bills, bill => bill.Facts.UsagePoint == damaged ? bill with { Evidence = isOfAnother ? other.Evidence : bill.Evidence[..^100] } : bill);
        BillingRunResult result = await world.BillAsync(bills);
        Assert.Equal([(damaged, BillRefused.Damaged), (kept, BillRefused.Exists)], result.Refused.Select(one => (one.UsagePoint, one.Code)));
        Assert.Contains(world.BillNos[0], result.Refused[0].Reason, StringComparison.Ordinal);
        Assert.Equal(open, Assert.Single(result.Bills).UsagePoint);
        await world.AssertBilledOnceAsync();
    }

    /// <summary>A block of a home that does not fit its checksum ends nothing either.</summary>
    [Fact]
    public async Task ADamagedBlockRefusesItsHomeAlone()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        var readings = new FaultyReadings(world.Store.Readings, int.MaxValue) { Damaged = BillingWorld.Homes[1] };
        BillingRunResult result = await world.BillAsync(readings: readings);
        Assert.Equal((BillingWorld.Homes[1], BillRefused.StoreDamaged), (Assert.Single(result.Refused).UsagePoint, result.Refused[0].Code));
        Assert.Equal([BillingWorld.Homes[0], BillingWorld.Homes[2]], result.Bills.Select(facts => facts.UsagePoint));
    }

    /// <summary>Paths are read once a window and night, and no night's whole tree is; a home whose leaf does not lead to its root is refused before it is logged.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public async Task ARunReadsPathsAndNoTrees(bool isDamaged)
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        var batches = new FaultyBatches(world.Store.Batches);
        IntervalBlock block = await world.BlockAsync(BillingWorld.Homes[1], BillingWorld.EstimatedDay);
        BlockEvidence place = (await world.Store.Batches.FindEvidenceAsync([block], CancellationToken.None))[0]!;
        if (isDamaged) batches.Damaged.Add((place.Batch!.Value, place.Index));
        BillingRunResult result = await world.BillAsync(batches: batches);
        if (!isDamaged)
        {
            Assert.Equal(1, batches.Reads);
            await world.AssertBilledOnceAsync();
            return;
        }
        Assert.Equal((BillingWorld.Homes[1], BillRefused.StoreDamaged), (Assert.Single(result.Refused).UsagePoint, result.Refused[0].Code));
        Assert.Equal([world.BillNos[0], world.BillNos[2]], await world.LoggedBillsAsync());
        foreach (BillFacts facts in result.Bills) await world.AssertValidAsync(facts.BillNo);
    }

    /// <summary>Two runs have both seen that nothing is billed and have both made their bills: one of them has the days, and the other logs nothing.</summary>
    [Theory, InlineData(16, 30), InlineData(1, 15)]
    public async Task OfTwoRunsAtOnceOneLogsAndBillsADay(int from, int to)
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        var period = new DateInterval(BillingWorld.Month.Start.PlusDays(from - 1), BillingWorld.Month.Start.PlusDays(to - 1));
        using var meeting = new Barrier(2);
        BillingRunResult[] results = await Task.WhenAll(
            Task.Run(() => world.BillAsync(new MeetingBills(world.Store.Bills, meeting))),
            Task.Run(() => world.BillAsync(new MeetingBills(world.Store.Bills, meeting), period: period)));
        BillFacts[] made = [.. results.SelectMany(result => result.Bills)];
        BillRefused[] refused = [.. results.SelectMany(result => result.Refused)];
        Assert.Equal(BillingWorld.Homes, made.Select(facts => facts.UsagePoint).Order());
        Assert.Equal(BillingWorld.Homes, refused.Select(one => one.UsagePoint).Order());
        Assert.All(refused, one => Assert.Equal(BillRefused.Claimed, one.Code));
        Assert.All(refused, one => Assert.Contains(Array.Find(made, facts => facts.UsagePoint == one.UsagePoint)!.BillNo, one.Reason, StringComparison.Ordinal));
        Assert.Equal(BillingWorld.Homes.Length, await world.Store.Bills.CountAsync(CancellationToken.None));
        Assert.Equal(made.Select(facts => facts.BillNo).Order(StringComparer.Ordinal), (await world.LoggedBillsAsync()).Order(StringComparer.Ordinal));
        foreach (BillFacts facts in made)
        {
            await world.AssertValidAsync(facts.BillNo);
            Assert.Equal(facts.BillNo, Assert.Single(await world.BilledAsync(facts.UsagePoint)).BillNumber);
        }
        BillingRunResult later = await world.BillAsync(period: BillingWorld.Month);
        Assert.All(later.Refused, one => Assert.Contains(one.Code, new[] { BillRefused.Exists, BillRefused.Overlaps }));
        Assert.Equal(made.Length, (await world.LoggedBillsAsync()).Length);
    }

    /// <summary>The very same run twice at once, of another date of issue even: there is one bill of each home, and one commitment.</summary>
    [Theory, InlineData(0), InlineData(1)]
    public async Task TheSameRunTwiceAtOnceMakesTheBillsOnce(int daysLater)
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        using var meeting = new Barrier(2);
        BillingRunResult[] results = await Task.WhenAll(
            Enumerable.Range(0, 2).Select(i => Task.Run(() => world.BillAsync(new MeetingBills(world.Store.Bills, meeting), issuedLater: i * daysLater))));
        Assert.Equal(world.BillNos, results.SelectMany(result => result.Bills).Select(facts => facts.BillNo).Order(StringComparer.Ordinal));
        Assert.All(results, result => Assert.Equal(BillingWorld.Homes, result.Bills.Select(facts => facts.UsagePoint).Concat(result.Refused.Select(one => one.UsagePoint)).Order()));
        Assert.All(results.SelectMany(result => result.Refused), one => Assert.Equal(BillRefused.Claimed, one.Code));
        await world.AssertBilledOnceAsync();
    }

    /// <summary>A run that was killed holds its days for a while, not for ever: another process has them at once, and the same one when the claim is over.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public async Task AKilledRunHoldsItsDaysForAWhile(bool restarts)
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        await Assert.ThrowsAsync<IOException>(() => world.BillAsync(new KilledBills(world.Store.Bills)));
        BillingRunResult other = await world.BillAsync();
        Assert.Equal(BillingWorld.Homes, other.Refused.Where(one => one.Code == BillRefused.Claimed).Select(one => one.UsagePoint));
        if (restarts) await world.RestartAsync();
        else world.Time.Now += BillingRun.ClaimLength;
        Assert.Equal(3, (await world.BillAsync()).Bills.Count);
        await world.AssertBilledOnceAsync();
    }

    /// <summary>A run that failed and said so gives its days back at once.</summary>
    [Fact]
    public async Task ARunThatFailedHoldsNothing()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        await Assert.ThrowsAsync<IOException>(() => world.BillAsync(new FaultyBills(world.Store.Bills)));
        Assert.Empty((await world.BillAsync(period: new DateInterval(BillingWorld.Month.Start, BillingWorld.Middle))).Refused);
    }

    /// <summary>The meter's own value comes in between the read and the mark of a bill: the mark reads again, locks nothing and proposes.</summary>
    [Fact]
    public async Task AReadingBetweenTheReadAndTheMarkEndsNothing()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        var readings = new FaultyReadings(world.Store.Readings, int.MaxValue);
        readings.BeforeMark = home =>
        {
            if (home != BillingWorld.Homes[1]) return Task.CompletedTask;
            readings.BeforeMark = null;
            return world.CorrectEstimateAsync(home);
        };
        BillingRunResult result = await world.BillAsync(readings: readings);
        Assert.Equal(3, result.Bills.Count);
        Assert.Empty(result.Refused);
        await world.AssertBilledOnceAsync();
        Assert.Equal(0, (await world.BilledAsync(BillingWorld.Homes[1]))[0].VersionOf(BillingWorld.EstimatedDay));
        Assert.Equal(2, await world.CountVersionsAsync(BillingWorld.Homes[1]));
        var proposals = new List<RebillProposal>();
        await foreach (RebillProposal one in world.Store.Readings.ReadRebillProposalsAsync(null, new Interval(null, null), CancellationToken.None)) proposals.Add(one);
        Assert.Equal((BillingWorld.Homes[1], 0, 1), (Assert.Single(proposals).UsagePoint, proposals[0].BilledVersion, proposals[0].NewVersion));
    }

    [Fact]
    public async Task AHomeWhoseMarkNeverGetsThroughIsNamedAndMarkedByTheNextRun()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        int attempts = 0;
        var readings = new FaultyReadings(world.Store.Readings, int.MaxValue)
        {
            BeforeMark = home => home != BillingWorld.Homes[0] ? Task.CompletedTask : throw new VersionConflictException($"another writer was faster, {++attempts}"),
        };
        BillingRunResult result = await world.BillAsync(readings: readings);
        Assert.Equal(world.BillNos, result.Bills.Select(facts => facts.BillNo));
        Assert.Equal((BillingWorld.Homes[0], BillRefused.Unmarked), (Assert.Single(result.Refused).UsagePoint, result.Refused[0].Code));
        Assert.InRange(attempts, 2, 10);
        Assert.Empty(await world.BilledAsync(BillingWorld.Homes[0]));
        Assert.Equal(BillRefused.Unmarked, (await world.BillAsync(readings: readings)).Refused[0].Code);
        Assert.Equal(BillRefused.Exists, (await world.BillAsync()).Refused[0].Code);
        await world.AssertBilledOnceAsync();
    }

    /// <summary>However many bills a period has, a run holds the files of one window of them: those before it are collected while it goes on.</summary>
    [Fact]
    public async Task ARunHoldsTheFilesOfOneWindow()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        var bills = new WatchedBills(world.Store.Bills);
        BillingRunResult result = await world.BillAsync(bills, windowLength: 1);
        Assert.Equal(world.BillNos, result.Bills.Select(facts => facts.BillNo));
        Assert.Equal([1, 1, 1], bills.Added);
        Assert.Equal([0, 0, 0], bills.HeldBefore);
        await world.AssertBilledOnceAsync();
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task ANightWhosePublicationFailsIsLoggedOnce(bool restarts)
    {
        await using BillingWorld world = await BillingWorld.CreateAsync(closesNight: false);
        world.Reopen(new FaultyIndex(world.Store.LogIndex, 1));
        await Assert.ThrowsAsync<IOException>(async () => await world.CloseNightAsync());
        if (restarts) world.Reopen();
        await world.CloseNightAsync();
        LogIndexEntry entry = Assert.Single(await world.EntriesAsync());
        Assert.Equal(LogEntryKind.MeterDayRoot, entry.Entry.Kind);
        Assert.Equal(0, (await world.Store.Batches.FindAsync(1, CancellationToken.None))!.Entry);
        Assert.Equal(3, (await world.BillAsync()).Bills.Count);
        await world.AssertBilledOnceAsync();
    }

    [Fact]
    public async Task AnIndexIsNotCompletedFromABundleThatTheTreeDoesNotHold()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        world.Reopen(new FaultyIndex(world.Store.LogIndex, 1));
        await Assert.ThrowsAsync<IOException>(() => world.BillAsync());
        string bundle = Path.Combine(world.Store.Log.Folder, "tile", "entries", $"000.p", $"{world.Log.Head!.Size}");
        byte[] octets = await File.ReadAllBytesAsync(bundle);
        octets[^5] = octets[^5] == 'A' ? (byte)'B' : (byte)'A';
        await File.WriteAllBytesAsync(bundle, octets);
        int before = (await world.EntriesAsync()).Count;
        world.Reopen();
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => world.BillAsync());
        Assert.Contains("not the one that the tree holds", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, (await world.EntriesAsync()).Count);
    }
}
