using Praman.Dlms.Axdr;
using Praman.Dlms.Server;

namespace Praman.Dlms.Cosem;

/// <summary>
/// Packs the rows of a profile as they are written (IEC 62056-6-2, class 7, buffer; compact-array; delta types). What it needs is two rows, or one
/// buffer for a compact-array: nothing is allocated a row.
/// </summary>
public sealed class ProfilePacking
{
    private readonly GrowingBuffer _contents = new();
    private GrowingBuffer _row = new(), _before = new();

    /// <summary>Writes the rows asked for as one array or compact-array.</summary>
    public void Write(ProfileRows rows, CosemContext context, RowNumbers numbers, ProfileColumns columns, ProfileEncoding encoding, ref AxdrWriter writer)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(context);
        if (encoding == ProfileEncoding.CompactArray && TryWriteCompact(rows, context, numbers, columns, ref writer)) return;
        bool plain = encoding is ProfileEncoding.Plain or ProfileEncoding.CompactArray;
        bool deltas = encoding == ProfileEncoding.Delta && (context.Conformance & Conformance.DeltaValueEncoding) != 0;
        int count = 0;
        for (long number = numbers.First; number <= numbers.Last; number++) count += rows.Exists(context, number) ? 1 : 0;
        writer.WriteArrayHeader(count);
        uint period = columns.Includes(0) ? rows.PeriodSeconds(context) : 0; // without the time no column follows by the period
        bool isFirst = true;
        for (long number = numbers.First; number <= numbers.Last; number++)
        {
            if (!rows.Exists(context, number)) continue;
            if (plain)
            {
                rows.WriteRow(context, number, columns, ref writer);
                continue;
            }
            (_row, _before) = (_before, _row);
            ReadRow(rows, context, number, columns);
            WriteRow(isFirst, columns.Includes(0), period, deltas, ref writer);
            isFirst = false;
        }
    }

    private void ReadRow(ProfileRows rows, CosemContext context, long number, ProfileColumns columns)
    {
        _row.Clear();
        var writer = new AxdrWriter(_row);
        rows.WriteRow(context, number, columns, ref writer);
        writer.Flush();
    }

    private void WriteRow(bool isFirst, bool hasTime, uint period, bool deltas, ref AxdrWriter writer)
    {
        var row = new AxdrReader(_row.Span);
        var before = new AxdrReader(_before.Span);
        row.TryReadStructureHeader(out int columns);
        if (!isFirst) before.TryReadStructureHeader(out _);
        writer.WriteStructureHeader(columns);
        for (int column = 0; column < columns; column++)
        {
            ReadOnlySpan<byte> value = Next(ref row), last = isFirst ? default : Next(ref before);
            bool isTime = hasTime && column == 0;
            if (!isTime && value.Length == 1 && value[0] == (byte)CosemDataType.NullData) writer.WriteByte((byte)CosemDataType.DontCare);
            else if (!isFirst && (isTime ? period > 0 && Follows(last, value, period) : value.SequenceEqual(last))) writer.WriteNullData();
            else if (isFirst || isTime || !deltas || !TryWriteDelta(last, value, ref writer)) writer.WriteBytes(value);
        }
    }

    private static ReadOnlySpan<byte> Next(ref AxdrReader reader)
    {
        int start = reader.Position;
        reader.TrySkipData();
        return reader.ConsumedSince(start);
    }

    // The same clock, a period later: then the time need not be sent.
    private static bool Follows(ReadOnlySpan<byte> last, ReadOnlySpan<byte> value, uint period)
    {
        var one = new AxdrReader(last);
        var two = new AxdrReader(value);
        if (!one.TryReadDateTime(out CosemDateTime from) || !two.TryReadDateTime(out CosemDateTime to)) return false;
        if (last[0] != value[0] || from.Deviation != to.Deviation || to.ClockStatus != 0 || from.Hundredths != to.Hundredths) return false;
        return from.TryToLocal(out NodaTime.LocalDateTime before) && to.TryToLocal(out NodaTime.LocalDateTime now)
            && before.PlusSeconds(period) == now;
    }

    // The shortest delta type that holds the change, where it is shorter than the value.
    private static bool TryWriteDelta(scoped ReadOnlySpan<byte> last, scoped ReadOnlySpan<byte> value, ref AxdrWriter writer)
    {
        if (last.IsEmpty || last[0] != value[0] || value[0] is (byte)CosemDataType.Boolean or (byte)CosemDataType.Enum or (byte)CosemDataType.Bcd) return false;
        var one = new AxdrReader(last);
        var two = new AxdrReader(value);
        if (!one.TryReadInteger(out long from) || !two.TryReadInteger(out long to)) return false;
        long change = unchecked(to - from);
        if (change is > uint.MaxValue or < int.MinValue || (change > 0) != (to > from)) return false;
        (CosemDataType type, int size) = change switch
        {
            >= 0 and <= byte.MaxValue => (CosemDataType.DeltaUnsigned, 1),
            >= sbyte.MinValue and < 0 => (CosemDataType.DeltaInteger, 1),
            > 0 and <= ushort.MaxValue => (CosemDataType.DeltaLongUnsigned, 2),
            >= short.MinValue and < 0 => (CosemDataType.DeltaLong, 2),
            > 0 => (CosemDataType.DeltaDoubleLongUnsigned, 4),
            _ => (CosemDataType.DeltaDoubleLong, 4),
        };
        if (1 + size >= value.Length) return false;
        writer.WriteByte((byte)type);
        for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) writer.WriteByte((byte)(change >> shift));
        return true;
    }

    // False, with nothing written, where the rows are not all of one shape.
    private bool TryWriteCompact(ProfileRows rows, CosemContext context, RowNumbers numbers, ProfileColumns columns, ref AxdrWriter writer)
    {
        _contents.Clear();
        _before.Clear(); // the types of the columns
        var contents = new AxdrWriter(_contents);
        bool isFirst = true;
        for (long number = numbers.First; number <= numbers.Last; number++)
        {
            if (!rows.Exists(context, number)) continue;
            ReadRow(rows, context, number, columns);
            if (!TryWriteUntagged(isFirst, ref contents)) return false;
            isFirst = false;
        }
        contents.Flush();
        if (isFirst || _contents.Length == 0) return false; // no rows: their types are not known
        writer.WriteByte((byte)CosemDataType.CompactArray);
        writer.WriteByte((byte)CosemDataType.Structure);
        writer.WriteLength(_before.Length);
        writer.WriteBytes(_before.Span);
        writer.WriteOctets(_contents.Span);
        return true;
    }

    private bool TryWriteUntagged(bool isFirst, ref AxdrWriter contents)
    {
        var row = new AxdrReader(_row.Span);
        if (!row.TryReadStructureHeader(out int columns) || (!isFirst && columns != _before.Length)) return false;
        for (int column = 0; column < columns; column++)
        {
            ReadOnlySpan<byte> value = Next(ref row);
            byte tag = value[0];
            bool isSimple = ((CosemDataType)tag).FixedSize() >= 0 || (CosemDataType)tag is CosemDataType.OctetString or CosemDataType.VisibleString or CosemDataType.Utf8String;
            if (!isSimple || (!isFirst && _before.Span[column] != tag)) return false;
            if (isFirst) _before.Append([tag]);
            contents.WriteBytes(value[1..]);
        }
        return true;
    }
}
