using NodaTime;
using Praman.MeterData.Gate;
using Praman.Metering;
using Praman.Server.Queries;

namespace Praman.Server.Testing;

/// <summary>Two bills of the town wait for a release, and one was released; nothing more is.</summary>
internal sealed class SampleReleases : IReleases
{
    private static readonly DateInterval March = new(new LocalDate(2026, 3, 1), new LocalDate(2026, 3, 31)), February = new(new LocalDate(2026, 2, 1), new LocalDate(2026, 2, 28));

    private static readonly WaitingPeriod[] Waiting =
    [
        Of(SampleTown.Bina, 48, new EditedReadings(new string('a', 64), 0.0312m, 0.0323m, ["operator"], true)),
        Of(SampleTown.BinaShop, 19, new EditedReadings(new string('b', 64), 0.0181m, 0.0128m, [], false)),
    ];

    private static readonly EditRelease Made = new(
        SampleTown.Asha, February, new string('c', 64), "supervisor", "two people read the display on 17 February, with a photograph", Instant.FromUtc(2026, 3, 3, 5, 40));

    public ValueTask<IReadOnlyList<WaitingPeriod>> WaitingAsync(int countMax, CancellationToken cancellationToken) => new([.. Waiting.Take(countMax)]);

    public ValueTask<IReadOnlyList<EditRelease>> NewestAsync(int countMax, CancellationToken cancellationToken) => new([Made]);

    public ValueTask<EditRelease?> FindAsync(UsagePointId usagePoint, DateInterval period, string blocksSha256, CancellationToken cancellationToken) =>
        new(Made.UsagePoint == usagePoint && Made.Period == period && Made.BlocksSha256 == blocksSha256 ? Made : null);

    public ValueTask<ReleaseState> JudgeAsync(EditRelease release, CancellationToken cancellationToken) => new(ReleaseState.NotWaiting);

    public ValueTask<ReleaseState> ReleaseAsync(EditRelease release, CancellationToken cancellationToken) => new(ReleaseState.NotWaiting);

    private static WaitingPeriod Of(UsagePointId id, int edited, EditedReadings readings) =>
        new(new ReleaseRequest(id, March, Instant.FromUtc(2026, 4, 1, 2, 15)), readings, edited, 1_488, 0, 214_300);
}
