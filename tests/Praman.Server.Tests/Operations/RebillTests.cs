using NodaTime;
using Praman.Billing.Ledger;
using Praman.Billing.Stores;
using Praman.Billing.Verification;
using Praman.MeterData.Gate;
using Praman.Metering;
using Praman.Server.Operations;

namespace Praman.Server.Tests.Operations;

/// <summary>A proposal becomes a reversal and a new bill: both logged, proved, kept together and posted, once; what changes nothing makes nothing.</summary>
public sealed class RebillTests
{
    private static readonly UsagePointId Home = BillingWorld.Homes[1];

    [Fact]
    public async Task ABillIsPostedWhenItIsIssuedAndOnlyThen()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        BillFacts[] bills = [.. (await world.BillAsync()).Bills];
        Assert.Equal(bills.Select(bill => bill.TotalMinorUnits), await ArrearsAsync(world));
        JournalHead head = await world.Store.Ledger.HeadAsync(null, CancellationToken.None);
        await world.BillAsync(); // refuses, and asks for the same postings
        Assert.Equal(head, await world.Store.Ledger.HeadAsync(null, CancellationToken.None));
        var balances = await world.Store.Ledger.BalancesAsync(AsOf.Now, CancellationToken.None);
        Assert.Equal(0, balances.Sum(one => one.Value.Posted));
        Assert.Contains(balances.Keys, account => account.Kind == AccountKind.DutyPayable);
        Assert.Equal(bills[0].Issued, (await world.Store.Ledger.FindAsync(BillPostings.Key(bills[0].BillNo), CancellationToken.None))!.BusinessDate);
    }

    /// <summary>The days of a prepaid home are deducted from its wallet: its bill posts nothing, those of the others do.</summary>
    [Fact]
    public async Task ABillOfDaysThatAWalletHoldsPostsNothing()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        BillFacts[] bills = [.. (await world.BillAsync(wallets: new OneWallet(Home))).Bills];
        Assert.Equal([bills[0].TotalMinorUnits, 0, bills[2].TotalMinorUnits], await ArrearsAsync(world));
    }

    /// <summary>A run that was cut off between the bill and its posting: the next one posts.</summary>
    [Fact]
    public async Task ABillThatWasKeptAndNotPostedIsPostedByTheNextRun()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        await Assert.ThrowsAsync<IOException>(() => world.BillAsync(readings: new FaultyReadings(world.Store.Readings, 0)));
        Assert.All(await ArrearsAsync(world), arrears => Assert.Equal(0, arrears));
        await world.BillAsync();
        Assert.All(await ArrearsAsync(world), arrears => Assert.NotEqual(0, arrears));
    }

    [Fact]
    public async Task AProposalBecomesAReversalAndANewBill()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        await world.BillAsync();
        string billNo = world.BillNos[1];
        IssuedBill before = (await world.Store.Bills.FindAsync(billNo, CancellationToken.None))!;
        await world.ProposeAsync(Home, billNo, "anil");

        Assert.Equal((Home, BillRefused.WaitsForRelease), (Assert.Single((await world.RebillAsync()).Refused).UsagePoint, (await world.RebillAsync()).Refused[0].Code));
        Assert.True((await world.Store.Bills.FindAsync(billNo, CancellationToken.None))!.Facts.IsInForce);
        Assert.Equal(ReleaseState.Released, await world.ReleaseAsync(Home, "sunita"));
        RebillResult result = await world.RebillAsync();

        Assert.Empty(result.Refused);
        Rebilled one = Assert.Single(result.Rebilled);
        Assert.Equal((billNo, $"{billNo}-R1", $"{billNo}-V2"), (one.Before.BillNo, one.Reversal.BillNo, one.Revised.BillNo));
        Assert.Equal((-one.Before.TotalMinorUnits, one.Before.EnergyWh + 500), (one.Reversal.TotalMinorUnits, one.Revised.EnergyWh));
        Assert.True(one.DifferenceMinorUnits > 0);
        foreach (string number in new[] { billNo, one.Reversal.BillNo, one.Revised.BillNo }) await world.AssertValidAsync(number);
        Assert.Equal(new[] { billNo, one.Reversal.BillNo, one.Revised.BillNo }.Order(StringComparer.Ordinal), (await world.LoggedBillsAsync()).Where(number => number.StartsWith(billNo, StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        IssuedBill kept = (await world.Store.Bills.FindAsync(billNo, CancellationToken.None))!;
        Assert.True(kept.Bill.Span.SequenceEqual(before.Bill.Span) && kept.Proof.Span.SequenceEqual(before.Proof.Span));
        Assert.Equal((one.Reversal.BillNo, false), (kept.Facts.ReversedBy, kept.Facts.IsInForce));

        BillDocument revised = Read((await world.Store.Bills.FindAsync(one.Revised.BillNo, CancellationToken.None))!);
        Assert.Equal((billNo, one.DifferenceMinorUnits, one.Before.TotalMinorUnits), (revised.Revises!.BillNo, revised.Revises.DifferencePaise, revised.Revises.TotalPaise));
        Assert.Equal(one.Revised.TotalMinorUnits, (await ArrearsAsync(world))[1]);
        Assert.Equal(0, (await world.Store.Ledger.BalancesAsync(AsOf.Now, CancellationToken.None)).Sum(balance => balance.Value.Posted));
        Assert.Equal(new[] { billNo, one.Revised.BillNo }, (await world.BilledAsync(Home)).Select(period => period.BillNumber).Order(StringComparer.Ordinal));

        // It is done: run again, whenever, nothing is made; and the days are not billed a second time.
        long size = world.Log.Head!.Size;
        JournalHead head = await world.Store.Ledger.HeadAsync(null, CancellationToken.None);
        RebillResult again = await world.RebillAsync(issuedLater: 5);
        Assert.Empty(again.Rebilled);
        Assert.Empty(again.Refused);
        Assert.Empty(await OpenProposals.ReadAsync(world.Store.Readings, world.Store.Bills, andClosed: false, CancellationToken.None));
        Assert.Equal(BillRefused.Exists, Assert.Single((await world.BillAsync(homes: [Home])).Refused).Code);
        Assert.Equal(BillRefused.Overlaps, Assert.Single((await world.BillAsync(homes: [Home], period: new DateInterval(BillingWorld.Middle, BillingWorld.Middle))).Refused).Code);
        Assert.Equal((size, head), (world.Log.Head!.Size, await world.Store.Ledger.HeadAsync(null, CancellationToken.None)));
    }

    /// <summary>The bill in the place of the first is corrected in its turn.</summary>
    [Fact]
    public async Task ACorrectedBillIsCorrectedAgain()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        await world.BillAsync();
        string billNo = world.BillNos[1];
        await ProposeAndRebillAsync(world, billNo, "anil", 500);
        Rebilled one = await ProposeAndRebillAsync(world, $"{billNo}-V2", "anil", -500);
        Assert.Equal(($"{billNo}-R2", $"{billNo}-V3"), (one.Reversal.BillNo, one.Revised.BillNo));
        foreach (string number in new[] { one.Reversal.BillNo, one.Revised.BillNo }) await world.AssertValidAsync(number);
        Assert.Equal(one.Revised.TotalMinorUnits, (await ArrearsAsync(world))[1]);
    }

    /// <summary>A run that was cut off, at the store of bills and at the mark: the next one does what is left, and logs nothing twice.</summary>
    [Theory, InlineData(true), InlineData(false)]
    public async Task ARunThatWasCutOffIsFinishedByTheNext(bool beforeItWasKept)
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        await world.BillAsync();
        string billNo = world.BillNos[1];
        await world.ProposeAsync(Home, billNo, "anil");
        await world.RebillAsync();
        await world.ReleaseAsync(Home, "sunita");
        await Assert.ThrowsAsync<IOException>(() => beforeItWasKept
            ? world.RebillAsync(new FaultyBills(world.Store.Bills)) : world.RebillAsync(readings: new FaultyReadings(world.Store.Readings, 0)));
        long size = world.Log.Head!.Size;
        world.Reopen();
        await world.RebillAsync();
        Assert.Equal(size, world.Log.Head!.Size);
        BillFacts revised = (await world.Store.Bills.FindAsync($"{billNo}-V2", CancellationToken.None))!.Facts;
        await world.AssertValidAsync(revised.BillNo);
        Assert.Equal(revised.TotalMinorUnits, (await ArrearsAsync(world))[1]);
        Assert.Contains(await world.BilledAsync(Home), period => period.BillNumber == revised.BillNo);
    }

    /// <summary>A proposal of a day whose value changes nothing of the bill: nothing is made.</summary>
    [Fact]
    public async Task WhatComesOutAsItWasMakesNothing()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        await world.BillAsync();
        await world.ProposeAsync(Home, world.BillNos[1], "anil", wh: 0);
        await world.RebillAsync();
        await world.ReleaseAsync(Home, "sunita");
        long size = world.Log.Head!.Size;
        RebillResult result = await world.RebillAsync();
        Assert.Equal([world.BillNos[1]], result.Unchanged.Select(facts => facts.BillNo));
        Assert.Empty(result.Rebilled);
        Assert.Equal(size, world.Log.Head!.Size);
    }

    private static async Task<Rebilled> ProposeAndRebillAsync(BillingWorld world, string billNo, string by, long wh)
    {
        await world.ProposeAsync(Home, billNo, by, wh);
        await world.RebillAsync();
        Assert.Equal(ReleaseState.Released, await world.ReleaseAsync(Home, "sunita"));
        return Assert.Single((await world.RebillAsync()).Rebilled);
    }

    private static BillDocument Read(IssuedBill bill)
    {
        Assert.True(BillDocument.TryRead(bill.Bill, out BillDocument? document, out UnreadableFile? fault), fault?.ToString());
        return document;
    }

    private static async Task<long[]> ArrearsAsync(BillingWorld world)
    {
        var arrears = new List<long>();
        foreach (UsagePointId home in BillingWorld.Homes)
        {
            arrears.Add((await world.Store.Ledger.BalancesOfAsync(home, "INR", AsOf.Now, CancellationToken.None)).Where(one => one.Key.Kind == AccountKind.Arrears).Sum(one => one.Value.Posted));
        }
        return [.. arrears];
    }
}
