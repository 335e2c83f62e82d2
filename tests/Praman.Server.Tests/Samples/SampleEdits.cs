using NodaTime;
using Praman.MeterData.Edits;
using Praman.MeterData.Ingest;
using Praman.Metering;
using Praman.Server.Queries;

namespace Praman.Server.Testing;

/// <summary>One day of the town holds an edit; no other is made.</summary>
internal sealed class SampleEdits : IEdits
{
    private static readonly DateTimeZone Zone = DateTimeZoneProviders.Tzdb["Asia/Kolkata"];

    public ValueTask<IReadOnlyList<DayEdit>> ReadAsync(ChannelId channel, LocalDate day, CancellationToken cancellationToken) =>
        new(channel.UsagePoint == SampleTown.Asha && day == SampleTown.EditedDay ? [Made()] : []);

    public ValueTask<EditState> JudgeAsync(IntervalEdits edits, CancellationToken cancellationToken) => new(EditState.NothingNew);

    public ValueTask<EditState> EditAsync(IntervalEdits edits, CancellationToken cancellationToken) => new(EditState.NothingNew);

    private static DayEdit Made()
    {
        Instant start = LocalDays.Bounds(SampleTown.EditedDay, Zone).Start;
        return new DayEdit(
            Instant.FromUtc(2026, 4, 13, 6, 30), "operator", SampleTown.ReasonOfEdit, new EditEvidence("4711", new string('a', 64)),
            [Slot(20, null), Slot(21, 96)]);

        EditedSlot Slot(int index, long? before) => new(start + Duration.FromMinutes(30 * index), start + Duration.FromMinutes(30 * (index + 1)), before, SampleTown.EditedWh);
    }
}
