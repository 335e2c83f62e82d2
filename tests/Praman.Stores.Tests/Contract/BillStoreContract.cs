using System.Text;
using NodaTime;
using Praman.Billing.Stores;
using Praman.Metering;

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
            BillConflictException refusal = await Assert.ThrowsAsync<BillConflictException>(async () => await Stores.Bills.AddAsync([Bill("B-0", 1, 6), other], Stop));
            Assert.Contains("B-1", refusal.Message, StringComparison.Ordinal);
        }
        Assert.Equal(1, await Stores.Bills.CountAsync(Stop));
        Assert.Equal(bill.Bill.ToArray(), (await Stores.Bills.FindAsync("B-1", Stop))!.Bill.ToArray());
    }

    [Fact]
    public async Task ListsComeNewestEntryFirstInPages()
    {
        await Stores.Bills.AddAsync([.. Enumerable.Range(0, 10).Select(i => Bill($"B-{i}", (ulong)(i % 2), i * 3 % 10))], Stop);

        IReadOnlyList<BillFacts> all = await Stores.Bills.ReadAsync(null, 0, 100, Stop);
        IReadOnlyList<BillFacts> page = await Stores.Bills.ReadAsync(null, 4, 3, Stop);
        IReadOnlyList<BillFacts> ofOne = await Stores.Bills.ReadAsync(new UsagePointId(1), 0, 100, Stop);

        Assert.Equal([9L, 8, 7, 6, 5, 4, 3, 2, 1, 0], all.Select(facts => facts.LogIndex));
        Assert.Equal(all.Skip(4).Take(3), page);
        Assert.Equal(all.Where(facts => facts.UsagePoint.Number == 1), ofOne);
        Assert.Equal(5, ofOne.Count);
    }

    private static IssuedBill Bill(string number, ulong usagePoint, long logIndex) => new(
        new BillFacts(
            number, new UsagePointId(usagePoint), new DateInterval(new LocalDate(2026, 4, 1), new LocalDate(2026, 4, 30)), new LocalDate(2026, 5, 2), "INR", 123_456, 210_500, 1_200,
            usagePoint == 1, logIndex),
        Encoding.UTF8.GetBytes($"{{\"bill_no\":\"{number}\"}}"), Encoding.UTF8.GetBytes("c2sp.org/tlog-proof@v1\n"), new byte[100_000]);
}
