using System.Text;
using System.Text.Json.Nodes;
using NodaTime;
using Praman.Billing.Stores;
using Praman.Billing.Verification;
using Praman.Metering;
using Praman.Proof;
using Praman.Proof.Notes;
using Praman.Server.Access;
using Praman.Server.Operations;

namespace Praman.Server.Tests.Operations;

/// <summary>The salts of a home, erased: its bills stay, and nothing in the data folder opens what the log holds of it.</summary>
public class SaltErasureTests
{
    private static readonly CancellationToken Stop = CancellationToken.None;
    private static readonly LocalDate Day = new(2026, 5, 20);

    [Fact]
    public async Task NoFileAndNoPageHoldsASaltOfTheHomeAndTheOthersAreAsTheyWere()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync(prepare: async store =>
        {
            foreach (UsagePointId one in BillingWorld.Homes) Assert.True(await store.Salts.AddAsync(one, MasterOf(one), Stop));
        });
        // Many masters in random order, so that rows have moved between pages before.
        var random = new Random(3);
        UsagePointId[] town = [.. Enumerable.Range(1, 3_000).Select(_ => new UsagePointId((ulong)random.Next(1, 1_000)))];
        foreach (UsagePointId[] some in town.Chunk(10)) await world.Store.Salts.GetAsync([.. some.Distinct()], Stop);
        Assert.Equal(BillingWorld.Homes.Length, (await world.BillAsync()).Bills.Count);
        UsagePointId home = BillingWorld.Homes[0];
        Dictionary<UsagePointId, List<byte[]>> salts = [];
        foreach (UsagePointId one in BillingWorld.Homes) salts[one] = await SaltsOfAsync(world, one);
        Assert.Equal(34, salts[home].Count); // the master, the bill's, 30 days, two registers
        Assert.All(salts.Values.SelectMany(all => all), salt => Assert.True(IsHeld(world.Folder, salt), "the salts that are looked for are of the form in which they are kept"));
        IssuedBill before = (await world.Store.Bills.FindAsync(world.BillNos[0], Stop))!;

        string log = Path.Combine(world.Folder, AccessLogFile.Name);
        using (var access = new AccessLogFile(log))
        {
            var erasure = new SaltErasure(world.Store.Bills, world.Store.Salts, access);
            Assert.True(await erasure.HasSaltsAsync(home, Stop));
            var record = new AccessRecord(BillingWorld.EstimatedDay, home, "Om Rao", "operator", AccessKinds.SaltsErased, "the family moved out and asked for it");
            Assert.Equal(1, await erasure.RunAsync(record, Day, null, Stop));
            Assert.False(await erasure.HasSaltsAsync(home, Stop));
            Assert.Equal(record, Assert.Single(await access.ReadAsync(home, 0, 10, Stop)));
        }

        Assert.All(salts[home], salt => Assert.False(IsHeld(world.Folder, salt), "a salt of the home is still there"));
        foreach (UsagePointId other in BillingWorld.Homes[1..]) Assert.All(salts[other], salt => Assert.True(IsHeld(world.Folder, salt)));
        IssuedBill after = (await world.Store.Bills.FindAsync(world.BillNos[0], Stop))!;
        Assert.Equal(before.Bill.ToArray(), after.Bill.ToArray());
        Assert.Equal(Day, ErasedFiles.ErasedOn(after.Evidence.Span));
        // A second run bills nothing twice and does not stumble over the emptied files.
        BillingRunResult again = await world.BillAsync();
        Assert.Empty(again.Bills);
        Assert.Equal("BILL-EXISTS", again.Refused.Single(refused => refused.UsagePoint == home).Code);
    }

    private static byte[] MasterOf(UsagePointId home) => Digest.Sha256(BitConverter.GetBytes(home.Number)).Octets.ToArray();

    private static async Task<List<byte[]>> SaltsOfAsync(BillingWorld world, UsagePointId home)
    {
        var salts = new List<byte[]>();
        MasterSalt master = (await world.Store.Salts.FindAsync(home, Stop))!;
        byte[] ofBill = new byte[Commitment.SaltLength];
        string billNo = world.BillNos[Array.IndexOf(BillingWorld.Homes, home)];
        salts.Add(MasterOf(home));
        Assert.True(master.TryDeriveBillSalt(Encoding.UTF8.GetBytes(billNo), ofBill));
        IssuedBill bill = (await world.Store.Bills.FindAsync(billNo, Stop))!;
        Assert.True(TlogProof.TryParse(bill.Proof.Span, out TlogProof? proof, out _));
        Assert.Equal(ofBill, proof.Extra!.Value.ToArray());
        salts.Add(ofBill);
        foreach (JsonNode? block in (JsonArray)JsonNode.Parse(bill.Evidence.Span)!["blocks"]!) salts.Add(Convert.FromBase64String((string)block!["salt"]!));
        return salts;
    }

    /// <summary>Whether any file below the folder has the octets, as such, in base64 or in hex.</summary>
    private static bool IsHeld(string folder, byte[] salt)
    {
        byte[][] forms = [salt, Encoding.ASCII.GetBytes(Convert.ToBase64String(salt)), Encoding.ASCII.GetBytes(Convert.ToHexStringLower(salt)), Encoding.ASCII.GetBytes(Convert.ToHexString(salt))];
        foreach (string path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            if (Path.GetExtension(path) == ".lock") continue; // empty, and held by the store
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            byte[] octets = new byte[file.Length];
            file.ReadExactly(octets);
            if (Array.Exists(forms, form => octets.AsSpan().IndexOf(form) >= 0)) return true;
        }
        return false;
    }
}
