using NodaTime;
using Praman.MeterData.Edits;
using Praman.Metering;

namespace Praman.Server.Queries;

/// <summary>For a server that shows readings and takes none by hand.</summary>
internal sealed class NoEdits : IEdits
{
    public ValueTask<IReadOnlyList<DayEdit>> ReadAsync(ChannelId channel, LocalDate day, CancellationToken cancellationToken) => new([]);

    public ValueTask<EditState> JudgeAsync(IntervalEdits edits, CancellationToken cancellationToken) => new(EditState.NotHeld);

    public ValueTask<EditState> EditAsync(IntervalEdits edits, CancellationToken cancellationToken) => new(EditState.NotHeld);
}
