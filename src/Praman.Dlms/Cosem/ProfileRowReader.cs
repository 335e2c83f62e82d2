using System.Buffers.Binary;
using Praman.Metering;

namespace Praman.Dlms.Cosem;

/// <summary>
/// The fast way through the buffer of a ProfileGeneric (IEC 62056-6-2, class 7, attribute 2): one row after another out of the
/// decrypted octets, times as seconds of UTC, numbers as they were sent, nothing allocated.
/// </summary>
/// <remarks>
/// The buffer is an array of rows or a compact-array of them. A date-time (twelve octets) in any column comes out as seconds since 1970. A time left out (null-data) in the first column is
/// the previous one plus the capture period, as meters that compress send it. A column without a whole number (null, text, float)
/// is <see cref="Absent"/>. Where the caller gives room for the row before, null-data in other columns repeats its value and a delta type adds to it;
/// dont-care then stands for a value that is missing.
/// </remarks>
public ref partial struct ProfileRowReader
{
    /// <summary>Stands for a value that the row does not carry as a whole number.</summary>
    public const long Absent = long.MinValue;

    /// <summary>Most columns read from a row; wider rows are refused.</summary>
    public const int ColumnCountMax = 256;

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

    /// <summary>Rows that the array announces.</summary>
    public int RowCount { get; private set; }

    /// <summary>Columns of the row last read.</summary>
    public int ColumnCount { get; private set; }

    /// <summary>Clock status octet of the first column of the row last read; 0 where its time was left out.</summary>
    public byte ClockStatus { get; private set; }

    /// <summary>Octets read so far.</summary>
    public readonly int Offset => _offset;

    private ProfileRowReader(ReadOnlySpan<byte> source, TimestampRule rule, uint periodSeconds)
    {
        _source = source;
        _rule = rule;
        _periodSeconds = periodSeconds;
        _previous = Absent;
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
        if (_offset + 2 > _source.Length || _source[_offset] != 0x02)
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
        for (int column = 0; column < columns; column++)
        {
            int at = _offset;
            if (!TryReadValue(column == 0, out long value) || (!_carry.IsEmpty && !TryCarry(_source[at], column, ref value)))
            {
                error = new(at, $"column {column}: not a value that a profile row carries, or cut short", Clause);
                return false;
            }
            if (column < values.Length) values[column] = value;
        }
        ColumnCount = columns;
        _rowsLeft--;
        return true;
    }

    private bool TryReadValue(bool first, out long value)
    {
        value = Absent;
        return _offset < _source.Length && TryReadValue(_source[_offset], first, out value);
    }

    // The value begins an octet after the offset, where its tag stands or would stand.
    private bool TryReadValue(byte tag, bool first, out long value)
    {
        value = Absent;
        ReadOnlySpan<byte> rest = _source[(_offset + 1)..];
        switch (tag)
        {
            case 0x06 when rest.Length >= 4: // double-long-unsigned
                value = BinaryPrimitives.ReadUInt32BigEndian(rest);
                _offset += 5;
                return true;
            case 0x12 when rest.Length >= 2: // long-unsigned
                value = BinaryPrimitives.ReadUInt16BigEndian(rest);
                _offset += 3;
                return true;
            case 0x11 or 0x16 or 0x03 when rest.Length >= 1: // unsigned, enum, boolean
                value = rest[0];
                _offset += 2;
                return true;
            case 0x09:
                return TryReadOctets(first, out value);
            case 0x19 when rest.Length >= TimestampRule.Length: // date-time
                value = ToSeconds(rest[..TimestampRule.Length], first);
                _offset += 1 + TimestampRule.Length;
                return true;
            case 0x00: // null-data
                _offset++;
                if (first && _previous != Absent && _periodSeconds != 0) value = _previous += _periodSeconds;
                return true;
            case 0x05 when rest.Length >= 4: // double-long
                value = BinaryPrimitives.ReadInt32BigEndian(rest);
                _offset += 5;
                return true;
            case 0x10 when rest.Length >= 2: // long
                value = BinaryPrimitives.ReadInt16BigEndian(rest);
                _offset += 3;
                return true;
            case 0x0F when rest.Length >= 1: // integer
                value = (sbyte)rest[0];
                _offset += 2;
                return true;
            case 0x14 when rest.Length >= 8: // long64
                value = BinaryPrimitives.ReadInt64BigEndian(rest);
                _offset += 9;
                return true;
            case 0x15 when rest.Length >= 8: // long64-unsigned
                ulong wide = BinaryPrimitives.ReadUInt64BigEndian(rest);
                if (wide > long.MaxValue) return false;
                value = (long)wide;
                _offset += 9;
                return true;
            default:
                return TryReadDelta(tag, rest, out value) || TrySkip(tag, rest.Length);
        }
    }

    private bool TryReadOctets(bool first, out long value)
    {
        value = Absent;
        _offset++;
        if (!TryReadLength(out int length)) return false;
        if (length == TimestampRule.Length) value = ToSeconds(_source.Slice(_offset, length), first);
        _offset += length;
        return true;
    }

    private long ToSeconds(ReadOnlySpan<byte> octets, bool first)
    {
        bool known = _rule.TryToUnixSeconds(octets, out long seconds, out byte status);
        if (!first) return known ? seconds : Absent;
        ClockStatus = status;
        return _previous = known ? seconds : Absent;
    }

    // Values of a row that are not whole numbers: text, bits, floats, dates and times alone.
    private bool TrySkip(byte tag, int rest)
    {
        if (tag is 0x0A or 0x0C or 0x04)
        {
            _offset++;
            int mark = _offset;
            if (tag != 0x04)
            {
                if (!TryReadLength(out int length)) return false;
                _offset += length;
                return true;
            }
            if (mark >= _source.Length || _source[mark] >= 0x80) return false; // longer bit-strings do not occur in rows
            int octets = (_source[mark] + 7) / 8;
            if (_source.Length - mark - 1 < octets) return false;
            _offset = mark + 1 + octets;
            return true;
        }
        int size = tag switch { 0x17 => 4, 0x18 => 8, 0x1A => 5, 0x1B => 4, 0x0D => 1, 0xFF => 0, _ => -1 };
        if (size < 0 || rest < size) return false;
        _offset += 1 + size;
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
