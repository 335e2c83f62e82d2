using System.Buffers.Binary;
using Microsoft.Data.Sqlite;
using Praman.MeterData.Ingest;
using Praman.Metering;
using Praman.Storage;
using Praman.Storage.Sqlite;

namespace Praman.Stores.Tests.Sqlite;

/// <summary>What is not a whole Praman database of a known layout is refused by name, and is not touched.</summary>
public sealed class OpeningTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Database => _folder.File(PramanStore.DatabaseName);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AFileOfAnotherKindIsForeign()
    {
        byte[] foreign = [.. Enumerable.Range(0, 9_000).Select(i => (byte)(i * 31))];
        await File.WriteAllBytesAsync(Database, foreign, TestContext.Current.CancellationToken);
        await RefusesAsync(StoreFault.Foreign, "SQLite format 3");
        Assert.Equal(foreign, await File.ReadAllBytesAsync(Database, TestContext.Current.CancellationToken));
    }

    /// <summary>Readings, bills and salts are the owner's alone; what an earlier program left open is closed.</summary>
    [Fact]
    public async Task TheFolderAndTheDatabaseAreTheirOwnersAlone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there the folder's access list says who may");
        if (OperatingSystem.IsWindows()) return; // for the analyzer
        const UnixFileMode own = UnixFileMode.UserRead | UnixFileMode.UserWrite, others = UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        string folder = _folder.File("new"), database = Path.Combine(folder, PramanStore.DatabaseName);
        string[] files = [database, database + "-wal", database + "-shm"];
        await using (await PramanStore.OpenAsync(folder, TestContext.Current.CancellationToken))
        {
            Assert.Equal(own | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
            foreach (string file in files) Assert.Equal(own, File.GetUnixFileMode(file));
        }
        File.SetUnixFileMode(database, own | others);
        await using (await PramanStore.OpenAsync(folder, TestContext.Current.CancellationToken))
        {
            foreach (string file in files) Assert.Equal(own, File.GetUnixFileMode(file));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(99)]
    public async Task AStubOfAFileIsForeign(int length)
    {
        await File.WriteAllBytesAsync(Database, "SQLite format 3\0"u8.ToArray().Concat(new byte[84]).Take(length).ToArray(), TestContext.Current.CancellationToken);
        await RefusesAsync(StoreFault.Foreign, "not a Praman database");
    }

    [Theory]
    [InlineData("CREATE TABLE other (id INTEGER)")]
    [InlineData("PRAGMA application_id = 1234; CREATE TABLE other (id INTEGER)")]
    [InlineData("PRAGMA user_version = 7")]
    public async Task AnotherProgramsDatabaseIsForeignAndStaysAsItWas(string sql)
    {
        Execute(sql);
        byte[] before = await File.ReadAllBytesAsync(Database, TestContext.Current.CancellationToken);
        await RefusesAsync(StoreFault.Foreign, "another program");
        Assert.Equal(before, await File.ReadAllBytesAsync(Database, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task ANewerLayoutIsRefusedWithBothNumbers()
    {
        await MakeAsync();
        Execute("PRAGMA user_version = 12345");
        StoreException refusal = await RefusesAsync(StoreFault.Newer, "12345");
        Assert.Contains($"up to {SqliteSchema.Version}", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.99)]
    [InlineData(0.5)]
    [InlineData(0.05)]
    public async Task AFileCutShortIsDamaged(double share)
    {
        await MakeAsync();
        using (FileStream file = new(Database, FileMode.Open)) file.SetLength((long)(file.Length * share));
        await RefusesAsync(StoreFault.Damaged, "cut short");
    }

    [Fact]
    public async Task AFileCutToNothingIsMadeAnew()
    {
        await File.WriteAllBytesAsync(Database, [], TestContext.Current.CancellationToken);
        await using PramanStore store = await PramanStore.OpenAsync(_folder.Path, TestContext.Current.CancellationToken);
        Assert.Equal(new AppendResult(1, 0), await store.Readings.AppendAsync(Samples.Batch(Samples.Block(1, 0)), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task AFolderThatIsOpenIsInUse()
    {
        await using (await PramanStore.OpenAsync(_folder.Path, TestContext.Current.CancellationToken))
        {
            await RefusesAsync(StoreFault.InUse, FolderLock.FileName);
        }
        await using PramanStore again = await PramanStore.OpenAsync(_folder.Path, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task AFolderThatIsAFileIsRefused()
    {
        string path = _folder.File("file");
        await File.WriteAllTextAsync(path, "x", TestContext.Current.CancellationToken);
        StoreException refusal = await Assert.ThrowsAsync<StoreException>(() => PramanStore.OpenAsync(path));
        Assert.Equal(StoreFault.InputOutput, refusal.Fault);
        Assert.Contains(path, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheFileCarriesOurNumberAndTheLog()
    {
        await MakeAsync();
        byte[] header = (await File.ReadAllBytesAsync(Database, TestContext.Current.CancellationToken))[..100];
        Assert.Equal(SqliteDatabase.ApplicationId, BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(68)));
        Assert.Equal(SqliteSchema.Version, BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(60)));
        Assert.Equal([2, 2], header[18..20]); // read and write version 2: WAL
    }

    [Fact]
    public async Task AClosedStoreTakesAndGivesNothing()
    {
        PramanStore store = await PramanStore.OpenAsync(_folder.Path, TestContext.Current.CancellationToken);
        await store.DisposeAsync();
        await store.DisposeAsync();
        StoreException write = await Assert.ThrowsAsync<StoreException>(async () => await store.Readings.AppendAsync(Samples.Batch(Samples.Block(1, 0)), TestContext.Current.CancellationToken));
        StoreException read = await Assert.ThrowsAsync<StoreException>(async () => await store.Bills.CountAsync(TestContext.Current.CancellationToken));
        Assert.Equal((StoreFault.Closed, StoreFault.Closed), (write.Fault, read.Fault));
    }

    public static TheoryData<int> EarlierLayouts => [.. Enumerable.Range(1, SqliteSchema.Version - 1)];

    /// <summary>Proposals of days stay as they are, and a register's, which knows less, can stand beside them.</summary>
    [Theory, MemberData(nameof(EarlierLayouts))]
    public async Task AnEarlierLayoutKeepsItsBillsToMakeAgain(int layout)
    {
        long start = Samples.Day(0).ToUnixTimeTicks(), end = Samples.Day(1).ToUnixTimeTicks();
        Execute(
            $"PRAGMA page_size = {SqliteSchema.PageSize}; PRAGMA journal_mode = WAL; {string.Join(';', SqliteSchema.Steps[..layout])}; "
            + $"INSERT INTO billed_period (bill_number, usage_point, type, start, \"end\", recorded_at) VALUES ('B-1', 1, 1, {start}, {end}, {end}); "
            + "INSERT INTO rebill_proposal (usage_point, type, day_start, bill_number, new_version, billed_version, billed_wh, new_wh, recorded_at) "
            + $"VALUES (1, 1, {start}, 'B-1', 3, 2, 4800, 4900, {end}); PRAGMA application_id = {SqliteDatabase.ApplicationId}; PRAGMA user_version = {layout}");
        await using PramanStore store = await PramanStore.OpenAsync(_folder.Path, TestContext.Current.CancellationToken);
        var ofDay = new RebillProposal(Samples.UsagePoint(1), ReadingType.ImportEnergy, Samples.Day(0), "B-1", 2, 3, 4_800, 4_900);
        var ofRegister = new RebillProposal(Samples.UsagePoint(1), ReadingType.ImportRegister, Samples.Day(0), "B-1", null, 0, 4_800, null);
        await store.Readings.AppendAsync(new ReadingBatch(Samples.Recorded) { RebillProposals = [ofRegister] }, TestContext.Current.CancellationToken);
        var kept = new List<RebillProposal>();
        await foreach (RebillProposal one in store.Readings.ReadRebillProposalsAsync(null, Samples.Days(0, 1), TestContext.Current.CancellationToken)) kept.Add(one);
        Assert.Equal([ofDay, ofRegister], kept);
        IReadOnlyList<UsagePointEvidence> evidence = await store.Readings.ReadEvidenceAsync(
            [new EvidenceQuery(Samples.UsagePoint(1), Samples.Day(0), Samples.Day(1), NodaTime.Instant.MaxValue)], TestContext.Current.CancellationToken);
        Assert.Equal(("B-1", (long?)null), (evidence[0].Billed[0].BillNumber, evidence[0].Billed[0].EnergyWh));
    }

    private async Task<StoreException> RefusesAsync(StoreFault fault, string says)
    {
        StoreException refusal = await Assert.ThrowsAsync<StoreException>(() => PramanStore.OpenAsync(_folder.Path));
        Assert.Equal(fault, refusal.Fault);
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(_folder.Path, refusal.Message, StringComparison.Ordinal);
        return refusal;
    }

    private async Task MakeAsync()
    {
        await using PramanStore store = await PramanStore.OpenAsync(_folder.Path);
        await store.Readings.AppendAsync(Samples.Batch([.. Enumerable.Range(1, 500).Select(i => Samples.Block((ulong)i, 0))]), CancellationToken.None);
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Database, Pooling = false }.ToString());
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // the test's own text
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
