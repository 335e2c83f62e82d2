using NodaTime;
using Praman.MeterData.Ingest;
using Praman.Metering;
using Praman.Proof;
using Praman.Proof.Stores;
using Praman.Storage.Sqlite;

namespace Praman.Storage.Readings;

/// <summary>
/// Day blocks, one packed row each, with the leaf hash that commits to them. Appended, never changed; found by usage point and day without an
/// index beside the table.
/// </summary>
internal sealed partial class SqliteReadingStore(SqliteDatabase database, IMasterSalts salts) : IReadingStore, IFleetReadings
{
    private const int PageLength = 62;
    private const int FleetPageLength = 4_096;

    private readonly RegisterPresence _registers = new(database);

    /// <inheritdoc/>
    public async ValueTask<AppendResult> AppendAsync(ReadingBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.IsEmpty) return default;
        Digest[] leaves = await BlockLeaves.ComputeAsync(salts, BlocksOf(batch), cancellationToken).ConfigureAwait(false);
        var append = new ReadingAppend(batch, leaves);
        try
        {
            return await database.WriteAsync(append.Run, append.Weight, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _registers.Add(batch.Registers);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> MayHoldRegistersAsync(EvidenceQuery query, ReadingType register, CancellationToken cancellationToken) =>
        new(_registers.MayHold(query.UsagePoint, register, BlockKey.DayOf(query.First), BlockKey.DayOf(query.Last)));

    /// <inheritdoc/>
    public ValueTask<bool> HoldsRegisterAsync(EvidenceQuery query, ReadingType register, CancellationToken cancellationToken) =>
        new(database.ReadSnapshot(static (session, asked) => ReadingQueries.HoldsRegister(new ReceiptTimes(session), asked.query, asked.register), (query, register)));

    /// <inheritdoc/>
    public IAsyncEnumerable<StoredBlock> ReadAsync(ChannelId channel, Interval period, Instant knownAt, CancellationToken cancellationToken) =>
        new PagedRows<StoredBlock>(database, (session, last) =>
        {
            (int first, int until) = ReadingQueries.Days(session, period);
            if (last is not null) first = BlockKey.DayOf(last.Block.Start) + 1;
            var page = new List<StoredBlock>();
            var receipts = new ReceiptTimes(session);
            for (int day = first; day <= until && page.Count < PageLength; day++)
            {
                int before = page.Count;
                ReadingQueries.OfChannel(receipts, channel, day, period, page);
                if (page.Count > before + 1 || knownAt != Instant.MaxValue) ReadingQueries.KeepInForce(page, knownAt);
            }
            return page;
        });

    /// <inheritdoc/>
    public IAsyncEnumerable<StoredBlock> ReadFleetAsync(ReadingType type, Interval period, Instant knownAt, CancellationToken cancellationToken) =>
        new PagedRows<StoredBlock>(database, (session, last) =>
        {
            (int day, int until) = ReadingQueries.Days(session, period);
            long after = long.MinValue;
            if (last is not null) (day, after) = (BlockKey.DayOf(last.Block.Start), unchecked((long)last.Block.UsagePoint.Number));
            var page = new List<StoredBlock>();
            var receipts = new ReceiptTimes(session);
            while (day <= until)
            {
                if (!ReadingQueries.OfFleet(receipts, type, day, after, FleetPageLength, page))
                {
                    day++;
                    after = long.MinValue;
                    continue;
                }
                after = unchecked((long)page[^1].Block.UsagePoint.Number);
                page.RemoveAll(block => !period.Contains(block.Block.Start));
                ReadingQueries.KeepInForce(page, knownAt);
                if (page.Count > 0) return page;
            }
            return page;
        });

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredBlock>> ReadVersionsAsync(ChannelId channel, Instant start, CancellationToken cancellationToken) =>
        new(database.Read<(ChannelId Channel, Instant Start), IReadOnlyList<StoredBlock>>(
            static (session, asked) =>
            {
                var versions = new List<StoredBlock>();
                var period = new Interval(asked.Start, asked.Start + Duration.FromMinutes(1));
                ReadingQueries.OfChannel(new ReceiptTimes(session), asked.Channel, BlockKey.DayOf(asked.Start), period, versions);
                return versions;
            },
            (channel, start)));

    private static IReadOnlyList<IntervalBlock> BlocksOf(ReadingBatch batch)
    {
        if (batch.Registers.Count == 0) return batch.Blocks;
        var blocks = new List<IntervalBlock>(batch.Blocks.Count + batch.Registers.Count);
        blocks.AddRange(batch.Blocks);
        foreach (RegisterBlock register in batch.Registers) blocks.Add(register.Block);
        return blocks;
    }
}
