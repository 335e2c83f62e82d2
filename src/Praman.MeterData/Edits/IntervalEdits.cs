using NodaTime;
using Praman.MeterData.Ingest;
using Praman.Metering;

namespace Praman.MeterData.Edits;

/// <summary>What a person wants to enter for intervals of one local day of a channel.</summary>
/// <param name="SeenVersion">The version that they saw: of another they would not know what they change.</param>
/// <param name="Intervals">Each interval once, by its place in the day.</param>
/// <param name="By">Who, by sign-in name.</param>
/// <param name="Reason">Why, in their own words; the consumer reads it.</param>
/// <param name="Evidence">What shows it.</param>
public sealed record IntervalEdits(ChannelId Channel, LocalDate Day, int SeenVersion, IReadOnlyList<IntervalEdit> Intervals, string By, string Reason, EditEvidence Evidence);

/// <summary>The energy that a person gives an interval. The value that stands there already is accepted, another is entered.</summary>
/// <param name="Index">Place of the interval in the day, from 0.</param>
public readonly record struct IntervalEdit(int Index, long Wh);

/// <summary>What became of an edit.</summary>
public enum EditState
{
    /// <summary>It stands.</summary>
    Edited,

    /// <summary>There is no reason, or it is too short or too long.</summary>
    NoReason,

    /// <summary>There is no reference to evidence, it is too long, or the hash is none.</summary>
    NoEvidence,

    /// <summary>No readings of the day are held: nothing to edit.</summary>
    NotHeld,

    /// <summary>The day is not any more as the person saw it.</summary>
    Changed,

    /// <summary>A person has decided just so before, or no interval was given.</summary>
    NothingNew,

    /// <summary>An interval is not of that day, is given twice, or its energy is below zero or more than an interval can hold.</summary>
    NoValue,
}
