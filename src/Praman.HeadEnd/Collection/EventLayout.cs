using NodaTime;
using Praman.Dlms.Cosem;
using Praman.Metering;

namespace Praman.HeadEnd.Collection;

/// <summary>Where code and sequence number stand in the rows of an event profile.</summary>
public sealed record EventLayout(int CodeColumn, int SequenceColumn, int ColumnCount)
{
    /// <summary>Null where the columns hold no time first or no code of this profile.</summary>
    public static EventLayout? Find(IReadOnlyList<CaptureObject> columns, int log)
    {
        ArgumentNullException.ThrowIfNull(columns);
        if (columns.Count is 0 or > ProfileRowReader.ColumnCountMax || columns[0].LogicalName != IndianObjects.Clock) return null;
        int code = -1, sequence = -1;
        for (int i = 1; i < columns.Count; i++)
        {
            if (columns[i].LogicalName == IndianObjects.EventCode(log)) code = i;
            if (columns[i].LogicalName == IndianObjects.EventSequence(log)) sequence = i;
        }
        return code < 0 ? null : new EventLayout(code, sequence, columns.Count);
    }

    /// <summary>Events with a sequence number above <paramref name="after"/>.</summary>
    /// <param name="firstSequence">Number of the first row, for rows that do not carry theirs.</param>
    /// <param name="read">How many rows there were, events or not.</param>
    public bool TryRead(
        ReadOnlySpan<byte> buffer, TimestampRule rule, EndDeviceId endDevice, UsagePointId usagePoint, long after, long firstSequence,
        List<EndDeviceEvent> events, out int read, out DecodeError error)
    {
        ArgumentNullException.ThrowIfNull(events);
        read = 0;
        if (!ProfileRowReader.TryOpen(buffer, rule, 0, out ProfileRowReader reader, out error)) return false;
        Span<long> row = stackalloc long[ProfileRowReader.ColumnCountMax];
        for (long number = firstSequence; reader.TryReadRow(row, out error); number++)
        {
            read++;
            if (reader.ColumnCount != ColumnCount)
            {
                error = new DecodeError(reader.Offset, $"a row of {reader.ColumnCount} columns, where the model has {ColumnCount}", "IEC 62056-6-2, class 7, buffer");
                return false;
            }
            long sequence = SequenceColumn > 0 && row[SequenceColumn] is not ProfileRowReader.Absent ? row[SequenceColumn] : number;
            if (sequence <= after || row[0] == ProfileRowReader.Absent || row[CodeColumn] is < 0 or > ushort.MaxValue) continue;
            events.Add(new EndDeviceEvent(endDevice, usagePoint, Instant.FromUnixTimeSeconds(row[0]), (int)row[CodeColumn], sequence));
        }
        return error.Reason is null;
    }
}
