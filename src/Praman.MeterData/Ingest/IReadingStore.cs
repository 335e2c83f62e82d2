using NodaTime;
using Praman.MeterData.Validation;
using Praman.Metering;

namespace Praman.MeterData.Ingest;

/// <summary>
/// What meter data asks of a store. Readings never change: a correction is a new version, and each version keeps the time at which it
/// was recorded. One writer a usage point; any number of readers.
/// </summary>
public interface IReadingStore
{
    /// <summary>
    /// Appends all or none, durably. What is stored already with the same key and the same content is counted, not an error
    /// (keys: <see cref="ReadingBatch"/>).
    /// </summary>
    /// <exception cref="VersionConflictException">A block or register is stored already under its key with other octets; nothing was appended.</exception>
    ValueTask<AppendResult> AppendAsync(ReadingBatch batch, CancellationToken cancellationToken);

    /// <summary>All that is known of usage points over periods: one answer a query, in the order of the queries.</summary>
    ValueTask<IReadOnlyList<UsagePointEvidence>> ReadEvidenceAsync(IReadOnlyList<EvidenceQuery> queries, CancellationToken cancellationToken);

    /// <summary>
    /// Whether a wider read could find a register of this quantity (what the meter showed, at any instant, at removal or at installation)
    /// in the query's period. False only where there is certainly none; a store that does not know this cheaply answers true.
    /// </summary>
    ValueTask<bool> MayHoldRegistersAsync(EvidenceQuery query, ReadingType register, CancellationToken cancellationToken) => new(true);

    /// <summary>
    /// Whether <see cref="ReadEvidenceAsync"/> of this query would hold a register of this quantity (what the meter showed, at any instant, at removal
    /// or at installation): exactly, as it was known at the query's instant, and without reading what was measured.
    /// </summary>
    ValueTask<bool> HoldsRegisterAsync(EvidenceQuery query, ReadingType register, CancellationToken cancellationToken);

    /// <summary>
    /// Streams the versions of a channel in force at <paramref name="knownAt"/> (the highest recorded by then) whose start lies in
    /// [start, end) of <paramref name="period"/>, by start; a day without a block is absent, never zero.
    /// </summary>
    IAsyncEnumerable<StoredBlock> ReadAsync(ChannelId channel, Interval period, Instant knownAt, CancellationToken cancellationToken);

    /// <summary>Every version of one day of a channel, from 0 up.</summary>
    ValueTask<IReadOnlyList<StoredBlock>> ReadVersionsAsync(ChannelId channel, Instant start, CancellationToken cancellationToken);

    /// <summary>
    /// Findings whose day starts in [start, end) of <paramref name="period"/>, by day, usage point, reading type, version and rule;
    /// of one usage point, or of all where it is null.
    /// </summary>
    IAsyncEnumerable<StoredFinding> ReadFindingsAsync(UsagePointId? usagePoint, Interval period, CancellationToken cancellationToken);

    /// <summary>Re-bill proposals of days that start in [start, end) of <paramref name="period"/>; of one usage point, or of all where it is null.</summary>
    IAsyncEnumerable<RebillProposal> ReadRebillProposalsAsync(UsagePointId? usagePoint, Interval period, CancellationToken cancellationToken);
}

/// <summary>Master data that validation needs: where, and which meters stood there when.</summary>
public interface IUsagePointDirectory
{
    /// <summary>The usage point with its installations, by time; null where it is not known.</summary>
    ValueTask<UsagePointRecord?> FindAsync(UsagePointId usagePoint, CancellationToken cancellationToken);
}

/// <summary>A usage point and the meters that stood there, by <see cref="Installation.From"/>.</summary>
public sealed record UsagePointRecord(UsagePoint UsagePoint, IReadOnlyList<Installation> Installations)
{
    /// <summary>The meter that stands at an instant; null where none does.</summary>
    public Installation? InstallationAt(Instant at)
    {
        foreach (Installation installation in Installations)
        {
            if (installation.From <= at && (installation.Until is not { } until || at < until)) return installation;
        }
        return null;
    }
}

/// <summary>A block or register is stored already under the same key with other octets: another writer was faster. Read again and retry.</summary>
public sealed class VersionConflictException : Exception
{
    public VersionConflictException()
    {
    }

    public VersionConflictException(string message)
        : base(message)
    {
    }

    public VersionConflictException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
