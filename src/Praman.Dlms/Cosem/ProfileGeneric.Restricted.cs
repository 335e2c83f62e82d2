using System.Buffers.Binary;
using NodaTime;
using Praman.Dlms.Axdr;

namespace Praman.Dlms.Cosem;

// Rows as the object list of a push, or of protected data, restricts them (IEC 62056-6-2, restriction_element).
public sealed partial class ProfileGeneric
{
    private const int DateLength = 5;

    private enum Restriction : byte
    {
        None = 0,

        /// <summary>First and last date, both included.</summary>
        ByDate = 1,

        /// <summary>First and last entry, counted from 1; 0 for the last is the latest.</summary>
        ByEntry = 2,
    }

    private static readonly DataShape Dates = "{ from_date: octet-string[5..12], to_date: octet-string[5..12] }", Entries = "{ from_entry: double-long-unsigned, to_entry: double-long-unsigned }";

    /// <summary>Writes the buffer's rows that a restriction leaves, and of them the columns that are named; all where none are.</summary>
    internal DataAccessResult WriteRestricted(CosemContext context, in CosemData restriction, in CosemData selected, ref AxdrWriter writer)
    {
        RowNumbers numbers = Rows.Numbers(context);
        ProfileColumns columns = ProfileColumns.All;
        RowFilter? filter = null;
        DataAccessResult result = restriction.Count < 2 ? DataAccessResult.TypeUnmatched : (Restriction)restriction[0].ToNumber() switch
        {
            Restriction.None => DataAccessResult.Success,
            Restriction.ByDate => SelectDates(context, restriction[1], ref numbers, out filter),
            Restriction.ByEntry => SelectEntries(context, restriction[1], ref numbers),
            _ => DataAccessResult.TypeUnmatched,
        };
        if (result == DataAccessResult.Success) result = SelectColumns(selected, ref columns);
        if (result == DataAccessResult.Success) WriteRows(context, numbers, columns, filter, ref writer);
        return result;
    }

    private DataAccessResult SelectDates(CosemContext context, in CosemData bounds, ref RowNumbers numbers, out RowFilter? filter)
    {
        filter = null;
        if (!Dates.Accepts(bounds) || !TryDate(bounds[0].OctetSpan, out LocalDate? from) || !TryDate(bounds[1].OctetSpan, out LocalDate? to)) return DataAccessResult.TypeUnmatched;
        Offset offset = context.Device.OffsetAt(context.Now);
        LocalDateTime? first = from?.AtMidnight(), last = to?.PlusDays(1).AtMidnight().PlusSeconds(-1);
        if (Rows.FiltersByValue)
        {
            filter = new(0, BoundOf(first, offset), BoundOf(last, offset));
            return DataAccessResult.Success;
        }
        Instant start = first?.WithOffset(offset).ToInstant() ?? Instant.MinValue, end = last?.WithOffset(offset).ToInstant() ?? Instant.MaxValue;
        numbers = start > end ? RowNumbers.None : numbers.Intersect(Rows.NumbersWithin(context, start, end));
        return DataAccessResult.Success;
    }

    private DataAccessResult SelectEntries(CosemContext context, in CosemData bounds, ref RowNumbers numbers)
    {
        if (!Entries.Accepts(bounds)) return DataAccessResult.TypeUnmatched;
        return SelectEntries(context, (uint)bounds[0].ToNumber(), (uint)bounds[1].ToNumber(), 1, 0, ref numbers, out _);
    }

    private static CosemData BoundOf(LocalDateTime? bound, Offset offset) => bound is { } at ? CosemData.DateTimeOctets(CosemDateTime.From(at, offset)) : default;

    // A date, or a date-time whose time is not looked at; a year that is not specified leaves the side open.
    private static bool TryDate(ReadOnlySpan<byte> octets, out LocalDate? date)
    {
        date = null;
        if (octets.Length is not (DateLength or CosemDateTime.Length)) return false;
        int year = BinaryPrimitives.ReadUInt16BigEndian(octets), month = octets[2], day = octets[3];
        if (year == CosemDateTime.YearNotSpecified) return true;
        if (year is < 1 or > 9998 || month is < 1 or > 12 || day < 1 || day > CalendarSystem.Iso.GetDaysInMonth(year, month)) return false;
        date = new LocalDate(year, month, day);
        return true;
    }
}
