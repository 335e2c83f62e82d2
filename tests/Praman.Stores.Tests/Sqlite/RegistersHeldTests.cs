using NodaTime;
using Praman.MeterData.Ingest;
using Praman.Metering;
using Praman.Storage;
using Praman.Storage.Readings;
using Praman.Storage.Sqlite;

namespace Praman.Stores.Tests.Sqlite;

/// <summary>What the question whether a register is held reads: the keys of its own usage point's registers, and not one block.</summary>
public sealed class RegistersHeldTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ItIsAnsweredFromTheKeysOfTheTable()
    {
        await using PramanStore store = await PramanStore.OpenAsync(_folder.Path, TestContext.Current.CancellationToken);
        List<string> plan = store.Database.Read(session =>
        {
            var lines = new List<string>();
            using SqliteStatement explain = session.Prepare("EXPLAIN QUERY PLAN " + ReadingQueries.RegistersHeld);
            while (explain.Step()) lines.Add(explain.Text(3));
            return lines;
        });
        Assert.Contains("SEARCH register_block USING PRIMARY KEY (day=? AND usage_point=? AND type=?)", plan);
        Assert.DoesNotContain(plan, line => line.StartsWith("SCAN register_block", StringComparison.Ordinal) || line.Contains("TEMP B-TREE", StringComparison.Ordinal));
    }

    /// <summary>Every block and the content of every register are spoilt: who reads one of them says so, and the question does not.</summary>
    [Fact]
    public async Task ItReadsNoBlock()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        await using PramanStore store = await PramanStore.OpenAsync(_folder.Path, stop);
        await store.Readings.AppendAsync(
            new ReadingBatch(Samples.Recorded) { Blocks = [.. Enumerable.Range(0, 40).Select(day => Samples.Block(1, day))], Registers = [Samples.Register(1, 3, "M", 1_000)] }, stop);
        await store.Database.WriteAsync(session => session.Execute("UPDATE block SET bytes = x'00'; UPDATE register_block SET bytes = x'00'"), stop);
        var query = new EvidenceQuery(new UsagePointId(1), Samples.Day(0), Samples.Day(40), Instant.MaxValue);
        Assert.Equal(StoreFault.Damaged, (await Assert.ThrowsAsync<StoreException>(async () => await store.Readings.ReadEvidenceAsync([query], stop))).Fault);
        Assert.True(await store.Readings.HoldsRegisterAsync(query, ReadingType.ImportRegister, stop));
        Assert.False(await store.Readings.HoldsRegisterAsync(query, ReadingType.ExportRegister, stop));
        Assert.False(await store.Readings.HoldsRegisterAsync(query with { First = Samples.Day(4) }, ReadingType.ImportRegister, stop));
        Assert.False(await store.Readings.HoldsRegisterAsync(query with { UsagePoint = new UsagePointId(2) }, ReadingType.ImportRegister, stop));
    }
}
