using NodaTime;
using Praman.Billing.Ledger;
using Praman.Storage;
using Praman.Storage.Sqlite;
using Praman.Stores.Tests.Contract;

namespace Praman.Stores.Tests.Sqlite;

/// <summary>The tables of the journal cannot be changed by a statement, and what is changed in the file is found.</summary>
public sealed class LedgerDamageTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("UPDATE ledger_record SET booked_at = 0")]
    [InlineData("DELETE FROM ledger_record")]
    [InlineData("UPDATE ledger_entry SET amount = -amount")]
    [InlineData("DELETE FROM ledger_entry WHERE sequence = 1")]
    public async Task NoStatementChangesTheJournal(string sql)
    {
        await MakeAsync();
        using (SqliteSession session = SqliteSession.Open(_folder.File(PramanStore.DatabaseName), create: false))
        {
            StoreException refusal = Assert.Throws<StoreException>(() => session.Execute(sql));
            Assert.Contains("never changed", refusal.Message, StringComparison.Ordinal);
        }
        await using PramanStore store = await PramanStore.OpenAsync(_folder.Path, Stop);
        Assert.Empty(await store.CheckAsync(Stop));
    }

    [Theory]
    [InlineData("UPDATE ledger_account SET credits = credits + 1 WHERE name LIKE '%wallet%'", "INR/wallet/UP-000000001 is kept as")]
    [InlineData("DROP TRIGGER ledger_entry_changed; UPDATE ledger_entry SET amount = amount + 1 WHERE sequence = 2 AND line = 0", "the entries of INR/suspense.gateway/upi sum to")]
    [InlineData("DROP TRIGGER ledger_record_removed; DELETE FROM ledger_record WHERE sequence = 2", "record 3: record 2 was expected")]
    [InlineData("DROP TRIGGER ledger_record_changed; UPDATE ledger_record SET hash = zeroblob(32) WHERE sequence = 2", "record 2 is damaged")]
    public async Task TheFullCheckNamesWhatWasChangedBehindTheLedger(string sql, string expected)
    {
        await MakeAsync();
        using (SqliteSession session = SqliteSession.Open(_folder.File(PramanStore.DatabaseName), create: false)) session.Execute(sql);
        await using PramanStore store = await PramanStore.OpenAsync(_folder.Path, Stop);
        Assert.Contains(await store.CheckAsync(Stop), fault => fault.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public async Task EveryFlippedBitOfARecordIsNoticedByName()
    {
        ReadOnlyMemory<byte> octets = await MakeAsync();
        string path = _folder.File(PramanStore.DatabaseName);
        byte[] file = await File.ReadAllBytesAsync(path, Stop);
        int at = file.AsSpan().IndexOf(octets.Span);
        Assert.True(at > 0);
        for (int bit = 0; bit < octets.Length * 8; bit += 11) // every octet, another bit of each
        {
            file[at + bit / 8] ^= (byte)(1 << (bit % 8));
            await File.WriteAllBytesAsync(path, file, Stop);
            file[at + bit / 8] ^= (byte)(1 << (bit % 8));
            await using PramanStore store = await PramanStore.OpenAsync(_folder.Path, Stop);
            StoreException damage = await Assert.ThrowsAsync<StoreException>(async () => await store.Ledger.FindAsync("pay/2", Stop));
            Assert.Equal(StoreFault.Damaged, damage.Fault);
            Assert.Contains("record 2 is damaged", damage.Message, StringComparison.Ordinal);
        }
    }

    private async Task<ReadOnlyMemory<byte>> MakeAsync()
    {
        await using PramanStore store = await PramanStore.OpenAsync(_folder.Path, Stop);
        PostingRequest[] requests = [.. Enumerable.Range(1, 3).Select(i => LedgerContract.TopUp($"pay/{i}", i, 100 * i))];
        IReadOnlyList<PostingOutcome> outcomes = await store.Ledger.AppendAsync(requests, Instant.FromUtc(2026, 4, 1, 6, 0), Stop);
        return outcomes[1].Record!.Octets;
    }
}
