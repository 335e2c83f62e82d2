using System.Text;
using System.Text.Json;
using NodaTime;
using Praman.Billing.Stores;
using Praman.Billing.Verification;
using Praman.MeterData.Ingest;
using Praman.Metering;
using Praman.Proof;
using Praman.Proof.Notes;
using Praman.Storage;
using Praman.Testing;

namespace Praman.Cli.Tests;

/// <summary><c>praman erase</c> as a process: the salts of one home, out of the database and out of the copies beside it.</summary>
public sealed class EraseCommandTests : IAsyncLifetime
{
    private const string Purpose = "the family moved out and asked for it";
    private static readonly UsagePointId Home = new(42), Other = new(43);
    private readonly string _folder = Directory.CreateTempSubdirectory("praman-erase").FullName;

    public async ValueTask InitializeAsync()
    {
        await using PramanStore store = await PramanStore.OpenAsync(_folder);
        await store.UsagePoints.PutAsync([.. ((UsagePointId[])[Home, Other]).Select(id => new UsagePointRecord(new UsagePoint(id, $"SP-{id.Number}", "Asia/Kolkata", 2_000, 1, "in-gj-rgp-urban", []), []))], default);
        foreach (UsagePointId id in (UsagePointId[])[Home, Other]) await store.Salts.AddAsync(id, Salt($"master {id}"), default);
        await store.Bills.AddAsync([Bill("B-1", Home, 1), Bill("B-2", Home, 2), Bill("B-3", Other, 3)], default);
        Directory.CreateDirectory(Path.Combine(_folder, "sample"));
        File.WriteAllBytes(Sample("bill.json"), Bill("B-1", Home, 1).Bill.ToArray());
        File.WriteAllBytes(Sample("bill.tlog-proof"), Bill("B-1", Home, 1).Proof.ToArray());
        File.WriteAllBytes(Sample("bill.evidence.json"), Bill("B-1", Home, 1).Evidence.ToArray());
        File.WriteAllBytes(Sample("other.tlog-proof"), Bill("B-3", Other, 3).Proof.ToArray());
        File.WriteAllBytes(Sample("other.evidence.json"), Bill("B-3", Other, 3).Evidence.ToArray());
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task TheSaltsOfOneHomeAreGoneAndItIsWrittenDownWhoDidIt()
    {
        byte[][] gone = [Salt($"master {Home}"), Salt("B-1"), Salt("B-2")], kept = [Salt($"master {Other}"), Salt("B-3")];
        Assert.All((byte[][])[.. gone, .. kept], salt => Assert.True(IsHeld(salt)));

        (int exit, string output, string errors) = Run(Home.ToString(), "--json");
        Assert.Equal((0, ""), (exit, errors));
        JsonElement told = JsonElement.Parse(output);
        Assert.Equal(("UP-000000042", true, 2, 2), (told.GetProperty("usagePoint").GetString(), told.GetProperty("erased").GetBoolean(), told.GetProperty("bills").GetInt32(), told.GetProperty("copies").GetInt32()));

        Assert.All(gone, salt => Assert.False(IsHeld(salt)));
        Assert.All(kept, salt => Assert.True(IsHeld(salt)));
        Assert.NotNull(ErasedFiles.ErasedOn(File.ReadAllBytes(Sample("bill.evidence.json"))));
        Assert.Equal(Bill("B-1", Home, 1).Bill.ToArray(), File.ReadAllBytes(Sample("bill.json")));
        string record = Assert.Single(File.ReadAllLines(Path.Combine(_folder, "web", "access.log")));
        foreach (string word in (string[])["UP-000000042", "Om Rao", "salts-erased", Purpose]) Assert.Contains(word, record, StringComparison.Ordinal);
        await using PramanStore store = await PramanStore.OpenExistingAsync(_folder);
        Assert.Equal(3, await store.Bills.CountAsync(default));
    }

    [Fact]
    public void AHomeWithoutSaltsIsSaidSoAndWhatCannotBeReadIsOneLine()
    {
        Assert.Equal(0, Run(Home.ToString()).Exit);
        (int exit, string output, string errors) = Run(Home.ToString());
        Assert.Equal((1, "UP-000000042 has no salts: there is nothing to erase.\n", ""), (exit, output, errors));
        Assert.Single(File.ReadAllLines(Path.Combine(_folder, "web", "access.log"))); // nothing was done, and nothing is written down
        foreach ((string[] arguments, string expected) in (ReadOnlySpan<(string[], string)>)
            [(["erase", "42", "--data", _folder, "--by", "Om Rao", "--purpose", Purpose], "a usage point such as UP-000000042"),
             (["erase", "UP-000000099", "--data", _folder, "--by", "Om Rao", "--purpose", Purpose], "there is no such usage point"),
             (["erase", Home.ToString(), "--data", _folder, "--by", "Om Rao", "--purpose", "because"], "--purpose: 10 to 200 characters"),
             (["erase", Home.ToString(), "--data", _folder, "--by", "a\nb", "--purpose", Purpose], "--by: a name"),
             (["erase", Home.ToString(), "--data", Path.Combine(_folder, "none"), "--by", "Om Rao", "--purpose", Purpose], "there is no such folder")])
        {
            (exit, output, errors) = DotnetProgram.RunPraman(arguments);
            Assert.Equal((2, ""), (exit, output));
            Assert.Contains(expected, errors, StringComparison.Ordinal);
            Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
    }

    private (int Exit, string Output, string Errors) Run(params string[] arguments) => DotnetProgram.RunPraman(["erase", .. arguments, "--data", _folder, "--by", "Om Rao", "--purpose", Purpose]);

    private string Sample(string name) => Path.Combine(_folder, "sample", name);

    private static byte[] Salt(string of) => Digest.Sha256(Encoding.UTF8.GetBytes(of)).Octets.ToArray();

    private bool IsHeld(byte[] salt)
    {
        byte[] base64 = Encoding.ASCII.GetBytes(Convert.ToBase64String(salt));
        return Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Select(File.ReadAllBytes).Any(octets => octets.AsSpan().IndexOf(salt) >= 0 || octets.AsSpan().IndexOf(base64) >= 0);
    }

    /// <summary>A bill with files of their form; its proof has a salt.</summary>
    private static IssuedBill Bill(string number, UsagePointId home, long entry)
    {
        using var key = new NoteSigningKey("log.example/a", NoteKeyType.Ed25519, new byte[32]);
        SignedCheckpoint head = SignedCheckpoint.Sign(new Checkpoint("log.example/a", 1, Digest.Sha256("root"u8)), key);
        string evidence = $$$"""{"batches":[],"bill_no":"{{{number}}}","blocks":[],"series":[],"tariff":{"entry":{"index":0,"path":[]},"object":{}},"tree_size":1,"type":"praman-evidence/1"}""";
        LocalDate first = new LocalDate(2026, 4, 1).PlusMonths((int)entry); // no two bills of a home share a day
        return new(
            new BillFacts(number, home, new DateInterval(first, first.With(DateAdjusters.EndOfMonth)), new LocalDate(2026, 5, 2), "INR", 100, 1_000, 0, false, entry),
            Encoding.UTF8.GetBytes($"{{\"bill_no\":\"{number}\"}}"), new TlogProof(Salt(number), 0, [], head).ToBytes(), Encoding.UTF8.GetBytes(evidence));
    }
}
