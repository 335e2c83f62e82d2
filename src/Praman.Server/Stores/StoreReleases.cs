using NodaTime;
using Praman.MeterData.Gate;
using Praman.MeterData.Rules;
using Praman.Metering;
using Praman.Server.Queries;
using Praman.Storage;

namespace Praman.Server.Stores;

/// <summary>Releases of edited readings, from the embedded stores.</summary>
internal sealed class StoreReleases(PramanStore store) : IReleases
{
    private readonly EditReleases _releases = new(new BillingPeriodReadings(store.Readings, store.UsagePoints, RuleSet.Default, store.Releases), store.Releases);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<WaitingPeriod>> WaitingAsync(int countMax, CancellationToken cancellationToken) => _releases.WaitingAsync(countMax, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<EditRelease>> NewestAsync(int countMax, CancellationToken cancellationToken) => store.Releases.ReadAsync(countMax, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<EditRelease?> FindAsync(UsagePointId usagePoint, DateInterval period, string blocksSha256, CancellationToken cancellationToken) =>
        store.Releases.FindAsync(usagePoint, period, blocksSha256, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ReleaseState> JudgeAsync(EditRelease release, CancellationToken cancellationToken) => _releases.JudgeAsync(release, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ReleaseState> ReleaseAsync(EditRelease release, CancellationToken cancellationToken) => _releases.ReleaseAsync(release, cancellationToken);
}
