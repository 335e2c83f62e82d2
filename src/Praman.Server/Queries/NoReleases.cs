using NodaTime;
using Praman.MeterData.Gate;
using Praman.Metering;

namespace Praman.Server.Queries;

/// <summary>For a server that shows bills and makes none: nothing waits.</summary>
internal sealed class NoReleases : IReleases
{
    public ValueTask<IReadOnlyList<WaitingPeriod>> WaitingAsync(int countMax, CancellationToken cancellationToken) => new([]);

    public ValueTask<IReadOnlyList<EditRelease>> NewestAsync(int countMax, CancellationToken cancellationToken) => new([]);

    public ValueTask<EditRelease?> FindAsync(UsagePointId usagePoint, DateInterval period, string blocksSha256, CancellationToken cancellationToken) => default;

    public ValueTask<ReleaseState> JudgeAsync(EditRelease release, CancellationToken cancellationToken) => new(ReleaseState.NotWaiting);

    public ValueTask<ReleaseState> ReleaseAsync(EditRelease release, CancellationToken cancellationToken) => new(ReleaseState.NotWaiting);
}
