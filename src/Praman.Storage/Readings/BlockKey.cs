using NodaTime;
using Praman.Metering;
using Praman.Storage.Sqlite;

namespace Praman.Storage.Readings;

/// <summary>Where a block stands in its table: day first, so that a night's readings of the whole fleet are written side by side.</summary>
/// <param name="Day">Days since 2000-01-01 in UTC of the block's start.</param>
/// <param name="Minute">Minute of that day at which the block starts.</param>
internal readonly record struct BlockKey(int Day, UsagePointId UsagePoint, ReadingType Type, int Minute, int Version) : IComparable<BlockKey>
{
    private const int MinutesPerDay = 1_440;

    private static readonly Instant Epoch = Instant.FromUtc(2000, 1, 1, 0, 0);

    /// <summary>Start of the block.</summary>
    public Instant Start => StartOf(Day, Minute);

    public static BlockKey Of(in IntervalBlockHeader header)
    {
        long minutes = (header.Start - Epoch).BclCompatibleTicks / NodaConstants.TicksPerMinute;
        return new((int)(minutes / MinutesPerDay), header.UsagePoint, header.Type, (int)(minutes % MinutesPerDay), header.Version);
    }

    /// <summary>The UTC day in which an instant lies, held to what a block's start can be.</summary>
    public static int DayOf(Instant instant) =>
        instant <= Epoch ? 0 : (int)Math.Min(int.MaxValue / MinutesPerDay, Math.Floor((instant - Epoch).TotalDays));

    public static Instant StartOf(int day, int minute) => Epoch + Duration.FromMinutes((long)day * MinutesPerDay + minute);

    /// <summary>The order of the table. A usage point is compared as the signed number that SQLite keeps.</summary>
    public int CompareTo(BlockKey other)
    {
        if (Day != other.Day) return Day.CompareTo(other.Day);
        if (UsagePoint != other.UsagePoint) return unchecked(((long)UsagePoint.Number).CompareTo((long)other.UsagePoint.Number));
        if (Type != other.Type) return Type.CompareTo(other.Type);
        return Minute != other.Minute ? Minute.CompareTo(other.Minute) : Version.CompareTo(other.Version);
    }

    /// <summary>Binds the five columns of the key to parameters 1 to 5.</summary>
    public void Bind(SqliteStatement statement) =>
        statement.Bind(1, Day).Bind(2, unchecked((long)UsagePoint.Number)).Bind(3, (long)Type).Bind(4, Minute).Bind(5, Version);
}
