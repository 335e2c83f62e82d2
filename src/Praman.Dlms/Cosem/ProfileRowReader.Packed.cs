using System.Buffers.Binary;
using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Cosem;

// Packed buffers (IEC 62056-6-2): a compact-array of rows, whose types stand once at its head; null-data for a value that stays, and delta types for
// one that changes little.
public ref partial struct ProfileRowReader
{
    private const byte CompactArrayTag = 0x13, StructureTag = 0x02, NullTag = 0x00, FirstDeltaTag = 0x1C, LastDeltaTag = 0x21;

    /// <summary>As <see cref="TryOpen(ReadOnlySpan{byte}, TimestampRule, uint, out ProfileRowReader, out DecodeError)"/>, for a meter that leaves out what stays.</summary>
    /// <param name="source">From the array's tag on.</param>
    /// <param name="rule">How to read the meter's times.</param>
    /// <param name="periodSeconds">Capture period, for times left out; 0 where none is known.</param>
    /// <param name="carry">Room for the row before, a place a column; columns beyond it cannot be left out.</param>
    /// <param name="reader">The reader, before the first row.</param>
    /// <param name="error">Why not.</param>
    public static bool TryOpen(
        ReadOnlySpan<byte> source, TimestampRule rule, uint periodSeconds, Span<long> carry, out ProfileRowReader reader, out DecodeError error)
    {
        if (!TryOpen(source, rule, periodSeconds, out reader, out error)) return false;
        carry.Fill(Absent);
        reader._carry = carry;
        return true;
    }

    private bool TryOpenCompact(out DecodeError error)
    {
        _offset = 1;
        int columns = 0;
        if (_source.Length < 2 || _source[1] != StructureTag) return Fail(1, "a compact-array of something else than rows: expected a structure (tag 2)", out error);
        _offset = 2;
        if (!TryReadLength(out columns) || columns is 0 or > ColumnCountMax) return Fail(2, "the count of columns is missing, none or above 256", out error);
        ReadOnlySpan<byte> types = _source.Slice(_offset, columns);
        int size = 0;
        for (int column = 0; column < columns; column++)
        {
            int one = ((CosemDataType)types[column]).FixedSize();
            if (one < 0 && types[column] is not (0x09 or 0x0A or 0x0C)) return Fail(_offset + column, $"column {column} of type {types[column]}: rows of nested values are not read", out error);
            size = one < 0 || size < 0 ? -1 : size + one;
        }
        _offset += columns;
        int at = _offset;
        if (!TryReadLength(out int length)) return Fail(at, "the length of the rows is missing or longer than what follows", out error);
        _types = types;
        _end = _offset + length;
        if (size == 0 && length > 0) return Fail(_offset, "rows of no octets in a compact-array that has some", out error);
        if (size > 0 && length % size != 0) return Fail(_offset, $"{length} octets are no whole rows of {size}", out error);
        RowCount = size > 0 ? length / size : CountRows();
        _rowsLeft = RowCount;
        error = default;
        return RowCount >= 0 || Fail(at, "the rows end within one", out error);
    }

    // Rows of strings differ in length: they are walked once to be counted.
    private readonly int CountRows()
    {
        int at = _offset, rows = 0;
        while (at < _end)
        {
            foreach (byte type in _types)
            {
                int size = ((CosemDataType)type).FixedSize();
                if (size >= 0) at += size;
                else
                {
                    if (at >= _end) return -1;
                    var reader = new AxdrReader(_source[at.._end]);
                    if (!reader.TryReadOctets(out _)) return -1;
                    at += reader.Position;
                }
                if (at > _end) return -1;
            }
            rows++;
        }
        return rows;
    }

    private bool TryReadCompactRow(scoped Span<long> values, out DecodeError error)
    {
        ClockStatus = 0;
        for (int column = 0; column < _types.Length; column++)
        {
            _offset--; // where the tag would stand
            byte tag = _types[column];
            if (!TryReadValue(tag, column == 0, out long value) || _offset > _end || (!_carry.IsEmpty && !TryCarry(tag, column, ref value)))
                return Fail(_offset + 1, $"column {column}: not a value that a profile row carries, or cut short", out error);
            if (column < values.Length) values[column] = value;
        }
        ColumnCount = _types.Length;
        _rowsLeft--;
        error = default;
        return true;
    }

    // A delta means nothing without the row before.
    private bool TryReadDelta(byte tag, ReadOnlySpan<byte> rest, out long value)
    {
        value = Absent;
        if (tag is < FirstDeltaTag or > LastDeltaTag || _carry.IsEmpty) return false;
        int size = ((CosemDataType)tag).FixedSize();
        if (rest.Length < size) return false;
        value = tag switch
        {
            0x1C => (sbyte)rest[0],
            0x1D => BinaryPrimitives.ReadInt16BigEndian(rest),
            0x1E => BinaryPrimitives.ReadInt32BigEndian(rest),
            0x1F => rest[0],
            0x20 => BinaryPrimitives.ReadUInt16BigEndian(rest),
            _ => BinaryPrimitives.ReadUInt32BigEndian(rest),
        };
        _offset += 1 + size;
        return true;
    }

    private readonly bool TryCarry(byte tag, int column, ref long value)
    {
        bool isDelta = tag is >= FirstDeltaTag and <= LastDeltaTag;
        if (column >= _carry.Length) return !isDelta;
        if (tag == NullTag && value == Absent) value = _carry[column];
        else if (isDelta)
        {
            if (_carry[column] == Absent) return false;
            value = unchecked(_carry[column] + value);
        }
        _carry[column] = value;
        return true;
    }

    private static bool Fail(int offset, string reason, out DecodeError error)
    {
        error = new(offset, reason, Clause);
        return false;
    }
}
