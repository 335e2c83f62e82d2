using NodaTime;
using Praman.Dlms.Axdr;

namespace Praman.Dlms.Cosem;

/// <summary>Numbers of rows, both ends included; empty where <see cref="Last"/> is below <see cref="First"/>.</summary>
public readonly record struct RowNumbers(long First, long Last)
{
    public static RowNumbers None { get; } = new(0, -1);

    public bool IsEmpty => Last < First;

    /// <summary>The numbers in both.</summary>
    public RowNumbers Intersect(RowNumbers other) => new(Math.Max(First, other.First), Math.Min(Last, other.Last));
}

/// <summary>Which columns of a profile are asked for: bit n stands for column n, counted from 0.</summary>
public readonly record struct ProfileColumns(UInt128 Mask)
{
    public static ProfileColumns All { get; } = new(UInt128.MaxValue);

    public bool Includes(int column) => (Mask >> column & UInt128.One) != UInt128.Zero;

    /// <summary>How many of the first <paramref name="columnCount"/> columns are included.</summary>
    public int Count(int columnCount) => (int)UInt128.PopCount(Mask & FirstOf(columnCount));

    /// <summary>The mask of the first <paramref name="columnCount"/> columns.</summary>
    internal static UInt128 FirstOf(int columnCount) => columnCount >= CaptureObject.CountMax ? UInt128.MaxValue : (UInt128.One << columnCount) - UInt128.One;
}

/// <summary>How the rows of a profile are ordered, and which gives way when it is full (IEC 62056-6-2, class 7, attribute 5).</summary>
public enum ProfileSortMethod : byte
{
    FirstInFirstOut = 1,
    LastInFirstOut = 2,
    Largest = 3,
    Smallest = 4,
    NearestToZero = 5,
    FurthestFromZero = 6,
}

/// <summary>Rows whose value in a column, counted from 0, lies between two values; null-data is open on that side.</summary>
public sealed record RowFilter(int Column, CosemData From, CosemData To);

/// <summary>
/// The rows of a profile, made when asked for: a device keeps what they follow from, not the rows. A row has a number that grows
/// with time and never changes.
/// </summary>
public abstract class ProfileRows
{
    /// <summary>Most rows that the profile keeps (attribute 8).</summary>
    public abstract uint EntryCountMax(CosemContext context);

    /// <summary>Seconds between rows; 0 where they come with an event or on demand (attribute 4).</summary>
    public virtual uint PeriodSeconds(CosemContext context) => 0;

    /// <summary>The numbers that rows have now.</summary>
    public abstract RowNumbers Numbers(CosemContext context);

    /// <summary>Numbers of the rows whose time, as the device shows it, is in [<paramref name="from"/>, <paramref name="to"/>].</summary>
    public abstract RowNumbers NumbersWithin(CosemContext context, Instant from, Instant to);

    /// <summary>False for a number that was lost: no row stands there.</summary>
    public virtual bool Exists(CosemContext context, long number) => true;

    /// <summary>True where rows are chosen by <see cref="Matches"/>, in any column, instead of by <see cref="NumbersWithin"/>.</summary>
    public virtual bool FiltersByValue => false;

    /// <summary>True where the row is of those that the filter names.</summary>
    public virtual bool Matches(CosemContext context, long number, RowFilter filter) => true;

    public virtual ProfileSortMethod SortMethod(CosemContext context) => ProfileSortMethod.FirstInFirstOut;

    /// <summary>The column that rows are sorted by, counted from 0.</summary>
    public virtual int SortColumn(CosemContext context) => 0;

    /// <summary>Drops all rows; refused where rows follow from what the device keeps.</summary>
    public virtual ActionResult Reset(CosemContext context) => ActionResult.ReadWriteDenied;

    /// <summary>Captures a row now; refused as <see cref="Reset"/>.</summary>
    public virtual ActionResult Capture(CosemContext context) => ActionResult.ReadWriteDenied;

    /// <summary>Writes the row as a structure of the columns asked for. Allocates nothing.</summary>
    public abstract void WriteRow(CosemContext context, long number, ProfileColumns columns, ref AxdrWriter writer);
}
