using NodaTime;
using Praman.MeterData.Gate;
using Praman.Metering;

namespace Praman.MeterData.Tests.Stores;

/// <summary>Releases in memory.</summary>
internal sealed class MemoryReleaseStore : IReleaseStore
{
    private readonly List<EditRelease> _releases = [];
    private readonly List<ReleaseRequest> _requests = [];

    public ValueTask AddAsync(EditRelease release, CancellationToken cancellationToken)
    {
        if (!_releases.Exists(one => IsOf(one, release.UsagePoint, release.Period, release.BlocksSha256))) _releases.Add(release);
        return ValueTask.CompletedTask;
    }

    public ValueTask<EditRelease?> FindAsync(UsagePointId usagePoint, DateInterval period, string blocksSha256, CancellationToken cancellationToken) =>
        new(_releases.Find(one => IsOf(one, usagePoint, period, blocksSha256)));

    public ValueTask<IReadOnlyList<EditRelease>> ReadAsync(int countMax, CancellationToken cancellationToken) =>
        new([.. Enumerable.Reverse(_releases).Take(countMax)]);

    public ValueTask AskAsync(IReadOnlyList<ReleaseRequest> requests, CancellationToken cancellationToken)
    {
        _requests.AddRange(requests.Where(request => !_requests.Exists(one => one.UsagePoint == request.UsagePoint && one.Period == request.Period)));
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<ReleaseRequest>> ReadOpenAsync(ReleaseRequest? after, int countMax, CancellationToken cancellationToken) =>
        new([.. _requests.Skip(after is null ? 0 : _requests.IndexOf(after) + 1).Take(countMax)]);

    private static bool IsOf(EditRelease one, UsagePointId usagePoint, DateInterval period, string blocksSha256) =>
        one.UsagePoint == usagePoint && one.Period == period && one.BlocksSha256 == blocksSha256;
}
