using NodaTime;
using Praman.MeterData.Gate;
using Praman.Metering;

namespace Praman.Server.Queries;

/// <summary>Releases of edited readings: what waits, who released what, and a new one. The caller has checked the role.</summary>
public interface IReleases
{
    /// <summary>Periods that wait for a release and for nothing else, the longest waiting first.</summary>
    ValueTask<IReadOnlyList<WaitingPeriod>> WaitingAsync(int countMax, CancellationToken cancellationToken);

    /// <summary>Releases, the newest first.</summary>
    ValueTask<IReadOnlyList<EditRelease>> NewestAsync(int countMax, CancellationToken cancellationToken);

    /// <summary>The release of exactly these versions of a period; null where there is none.</summary>
    ValueTask<EditRelease?> FindAsync(UsagePointId usagePoint, DateInterval period, string blocksSha256, CancellationToken cancellationToken);

    /// <summary>Whether a release may be made.</summary>
    ValueTask<ReleaseState> JudgeAsync(EditRelease release, CancellationToken cancellationToken);

    /// <summary>Makes a release that may be made; durable on return.</summary>
    ValueTask<ReleaseState> ReleaseAsync(EditRelease release, CancellationToken cancellationToken);
}
