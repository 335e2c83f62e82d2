using System.Buffers.Binary;
using Praman.Metering;

namespace Praman.Dlms.Cosem;

/// <summary>
/// The fast way through the buffer of a ProfileGeneric (IEC 62056-6-2, class 7, attribute 2): one row after another out of the
/// decrypted octets, times as seconds of UTC, numbers as they were sent, nothing allocated.
/// </summary>
/// <remarks>
/// A date-time (twelve octets) in any column comes out as seconds since 1970. Where it has no deviation and the rule has a zone, the zone's rules
/// say its offset; of an hour that clocks repeat the status octet's bit for daylight saving says which, else the order of the rows. A time left out (null-data) in the first column is
/// the previous one plus the capture period, as meters that compress send it. A column without a whole number (null, text, float)
/// is <see cref="Absent"/>.
/// </remarks>
public ref partial struct ProfileRowReader
{
    /// <summary>Stands for a value that the row does not carry as a whole number.</summary>
    public const long Absent = long.MinValue;

    /// <summary>Most columns read from a row; wider rows are refused.</summary>
    public const int ColumnCountMax = 256;

    private const byte ClockStatusDoubtful = 0x02, ClockStatusNotSpecified = 0xFF;

    private const string Clause = "IEC 62056-6-2, class 7, buffer";

    private readonly ReadOnlySpan<byte> _source;
    private readonly TimestampRule _rule;
    private readonly long _periodSeconds;
    private int _offset;
    private int _rowsLeft;
    private long _previous;
    private Span<long> _carry;
    private ReadOnlySpan<byte> _types;
    private int _end;

    // Of the last time that was reckoned: year, month and day as sent, deviation as sent, and that day's midnight in seconds of UTC.
    private uint _date;
    private int _deviation;
    private long _midnight;
    private bool _saysDaylight;

    /// <summary>Rows that the array announces.</summary>
    public int RowCount { get; private set; }

    /// <summary>Columns of the row last read.</summary>
    public int ColumnCount { get; private set; }

    /// <summary>
    /// Clock status octet of the first column of the row last read; 0 where its time was left out. Doubtful (bit 1) also where the time has no
    /// deviation, the zone has it twice or not at all, and nothing says which is meant.
    /// </summary>
    public byte ClockStatus { get; private set; }

    /// <summary>Octets read so far.</summary>
    public readonly int Offset => _offset;

    private ProfileRowReader(ReadOnlySpan<byte> source, TimestampRule rule, uint periodSeconds)
    {
        _source = source;
        _rule = rule;
        _periodSeconds = periodSeconds;
        _previous = Absent;
        _deviation = -1; // none yet
    }

    /// <summary>Opens a buffer: the A-XDR array as it stands in a GET response.</summary>
    /// <param name="source">From the array's tag on; what follows the array is left alone.</param>
    /// <param name="rule">How to read the meter's times.</param>
    /// <param name="periodSeconds">Capture period, for times left out; 0 where none is known.</param>
    /// <param name="reader">The reader, before the first row.</param>
    /// <param name="error">Why not.</param>
    public static bool TryOpen(ReadOnlySpan<byte> source, TimestampRule rule, uint periodSeconds, out ProfileRowReader reader, out DecodeError error)
    {
        reader = new(source, rule, periodSeconds);
        error = default;
        if (!source.IsEmpty && source[0] == CompactArrayTag) return reader.TryOpenCompact(out error);
        if (source.IsEmpty || source[0] != 0x01)
        {
            error = new(0, source.IsEmpty ? "nothing, where an array of rows was expected" : $"tag {source[0]}, where an array of rows was expected", Clause);
            return false;
        }
        reader._offset = 1;
        if (!reader.TryReadLength(out int count))
        {
            error = new(1, "the count of rows is missing or longer than what follows", Clause);
            return false;
        }
        reader.RowCount = reader._rowsLeft = count;
        return true;
    }

    /// <summary>Reads the next row. False at the end (<paramref name="error"/> has no reason) and at a fault (it has one).</summary>
    /// <param name="values">Filled from the first column on; columns beyond it are read over.</param>
    /// <param name="error">The fault, if any.</param>
    public bool TryReadRow(scoped Span<long> values, out DecodeError error)
    {
        error = default;
        if (_rowsLeft == 0) return false;
        if (!_types.IsEmpty) return TryReadCompactRow(values, out error);
        ReadOnlySpan<byte> source = _source;
        if (_offset + 2 > source.Length || source[_offset] != 0x02)
        {
            error = new(_offset, "a row is a structure (tag 2)", Clause);
            return false;
        }
        _offset++;
        if (!TryReadLength(out int columns) || columns > ColumnCountMax)
        {
            error = new(_offset, "the count of columns is missing, longer than what follows or above 256", Clause);
            return false;
        }
        ClockStatus = 0;
        int at = _offset;
        for (int column = 0; column < columns; column++)
        {
            ReadOnlySpan<byte> rest = source[at..];
            long value;
            // What nearly all rows hold, in constant steps: the processor foresees the next column before this one is read. Others one by one.
            switch (rest.Length >= FastLengthMin && _carry.IsEmpty ? rest[0] : 0)
            {
                case 0x06: // double-long-unsigned
                    value = BinaryPrimitives.ReadUInt32BigEndian(rest[1..]);
                    at += 5;
                    break;
                case 0x12: // long-unsigned
                    value = BinaryPrimitives.ReadUInt16BigEndian(rest[1..]);
                    at += 3;
                    break;
                case 0x09 when TryReadTimeOfSameDay(rest, column == 0, out value): // octet-string
                    at += 2 + TimestampRule.Length;
                    break;
                case 0x11 or 0x16: // unsigned, enum
                    value = rest[1];
                    at += 2;
                    break;
                case 0x05: // double-long
                    value = BinaryPrimitives.ReadInt32BigEndian(rest[1..]);
                    at += 5;
                    break;
                case 0x10: // long
                    value = BinaryPrimitives.ReadInt16BigEndian(rest[1..]);
                    at += 3;
                    break;
                default:
                    _offset = at;
                    if (!TryReadValue(column == 0, out value) || (!_carry.IsEmpty && !TryCarry(source[at], column, ref value)))
                    {
                        error = new(at, $"column {column}: not a value that a profile row carries, or cut short", Clause);
                        return false;
                    }
                    at = _offset;
                    break;
            }
            if (column < values.Length) values[column] = value;
        }
        _offset = at;
        ColumnCount = columns;
        _rowsLeft--;
        return true;
    }

    // Tag, length and a date-time: the longest of what is read in constant steps.
    private const int FastLengthMin = 2 + TimestampRule.Length;

    // Date and deviation as in the time before: only the time of day is left to be reckoned.
    private bool TryReadTimeOfSameDay(scoped ReadOnlySpan<byte> rest, bool first, out long value)
    {
        value = Absent;
        if (rest[1] != TimestampRule.Length) return false;
        ulong octets = BinaryPrimitives.ReadUInt64BigEndian(rest[2..]);
        uint hour = (uint)(octets >> 16) & 0xFF, minute = (uint)(octets >> 8) & 0xFF, second = (uint)octets & 0xFF;
        if ((uint)(octets >> 32) != _date || BinaryPrimitives.ReadUInt16BigEndian(rest[11..]) != _deviation || hour > 23 || minute > 59 || second > 59) return false;
        value = _midnight + (((hour * 60) + minute) * 60) + second;
        if (first)
        {
            ClockStatus = rest[13];
            _previous = value;
        }
        return true;
    }

    private bool TryReadLength(out int length)
    {
        length = 0;
        if (_offset >= _source.Length) return false;
        byte head = _source[_offset];
        int octets = head < 0x80 ? 0 : head & 0x7F;
        if (head == 0x80 || octets > 3 || _source.Length - _offset - 1 < octets) return false;
        int value = octets == 0 ? head : 0;
        for (int i = 1; i <= octets; i++) value = (value << 8) | _source[_offset + i];
        if (value > _source.Length - _offset - 1 - octets) return false; // each row, column and octet takes one at least
        _offset += 1 + octets;
        length = value;
        return true;
    }
}
