using NodaTime;

namespace Praman.Metering;

/// <summary>Why a version of a block exists. The codes stand in hashed bytes: they never change.</summary>
public enum BlockCause : byte
{
    /// <summary>First receipt from the meter; quality as the first validation found it.</summary>
    Received = 0,

    /// <summary>Intervals that were missing came later.</summary>
    LateData = 1,

    /// <summary>Validation, estimation or scaling changed a value or a state.</summary>
    Estimation = 2,

    /// <summary>A person changed a value, with reason and evidence.</summary>
    Edit = 3,

    /// <summary>The meter gave another value for an interval already held.</summary>
    Correction = 4,

    /// <summary>Rules, multipliers or the installation changed and the day was validated again.</summary>
    Revalidation = 5,
}

/// <summary>What a block is about: one channel of one usage point for one local day (or one register at one instant).</summary>
/// <param name="UsagePoint">Where.</param>
/// <param name="Type">What is measured, and in which unit.</param>
/// <param name="Start">Start of the first interval: local midnight, as an instant of whole minutes from 2000 on.</param>
/// <param name="IntervalMinutes">Length of an interval in minutes; 0 for a register at an instant.</param>
/// <param name="Count">Intervals, 1 to <see cref="IntervalBlockCodec.CountMax"/>; 46, 48 and 50 half-hours are all one day.</param>
/// <param name="Version">0 is the first receipt; each change appends one more.</param>
/// <param name="Cause">Why this version exists.</param>
public readonly record struct IntervalBlockHeader(
    UsagePointId UsagePoint, ReadingType Type, Instant Start, int IntervalMinutes, int Count, int Version, BlockCause Cause)
{
    public ChannelId Channel => new(UsagePoint, Type);

    /// <summary>End of the last interval.</summary>
    public Instant End => Start + Duration.FromMinutes((long)IntervalMinutes * Count);

    /// <summary>Start of interval <paramref name="index"/>, from 0.</summary>
    public Instant StartOf(int index) => Start + Duration.FromMinutes((long)IntervalMinutes * index);
}
