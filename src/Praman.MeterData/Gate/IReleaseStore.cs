using NodaTime;
using Praman.Metering;

namespace Praman.MeterData.Gate;

/// <summary>Releases of edited readings, and what waits for one. Both are appended, never changed.</summary>
public interface IReleaseStore
{
    /// <summary>Keeps a release, durably. Where one of the same versions is kept already, that one stands.</summary>
    ValueTask AddAsync(EditRelease release, CancellationToken cancellationToken);

    /// <summary>The release of exactly these versions of a period; null where there is none.</summary>
    ValueTask<EditRelease?> FindAsync(UsagePointId usagePoint, DateInterval period, string blocksSha256, CancellationToken cancellationToken);

    /// <summary>Releases, the newest first.</summary>
    ValueTask<IReadOnlyList<EditRelease>> ReadAsync(int countMax, CancellationToken cancellationToken);

    /// <summary>Keeps that bills wait for a release, durably; a period that was asked for before keeps its first time.</summary>
    ValueTask AskAsync(IReadOnlyList<ReleaseRequest> requests, CancellationToken cancellationToken);

    /// <summary>
    /// Periods that were asked for and of which no day is billed but in bills that something was proposed of since, by the time of asking; whether they wait still, the gate says. At most
    /// <paramref name="countMax"/> that come after <paramref name="after"/>; null begins with the first.
    /// </summary>
    ValueTask<IReadOnlyList<ReleaseRequest>> ReadOpenAsync(ReleaseRequest? after, int countMax, CancellationToken cancellationToken);
}

/// <summary>A bill of a period waits for a release.</summary>
/// <param name="AskedAt">Since when.</param>
public sealed record ReleaseRequest(UsagePointId UsagePoint, DateInterval Period, Instant AskedAt);
