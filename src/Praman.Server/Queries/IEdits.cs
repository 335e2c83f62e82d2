using NodaTime;
using Praman.MeterData.Edits;
using Praman.MeterData.Ingest;
using Praman.Metering;

namespace Praman.Server.Queries;

/// <summary>Edits of readings by persons: those of a day, and a new one. The caller has checked the role.</summary>
public interface IEdits
{
    /// <summary>The edits of a day of a channel, the newest first.</summary>
    ValueTask<IReadOnlyList<DayEdit>> ReadAsync(ChannelId channel, LocalDate day, CancellationToken cancellationToken);

    /// <summary>Whether an edit may be made.</summary>
    ValueTask<EditState> JudgeAsync(IntervalEdits edits, CancellationToken cancellationToken);

    /// <summary>Makes an edit that may be made; durable on return.</summary>
    ValueTask<EditState> EditAsync(IntervalEdits edits, CancellationToken cancellationToken);
}

/// <summary>An edit of a day as it is told.</summary>
/// <param name="By">Who, by sign-in name: for staff, not for the consumer.</param>
/// <param name="Slots">What became of the intervals that it changed.</param>
public sealed record DayEdit(Instant At, string By, string Reason, EditEvidence? Evidence, IReadOnlyList<EditedSlot> Slots);

/// <summary>An interval before and after an edit; null: not known.</summary>
public readonly record struct EditedSlot(Instant Start, Instant End, long? BeforeWh, long? AfterWh);
