using System.Diagnostics.CodeAnalysis;
using NodaTime;
using Praman.Dlms.Cosem;
using Praman.Metering;

namespace Praman.HeadEnd.Collection;

/// <summary>Where the registers stand in the rows of a model's daily load.</summary>
public sealed class DailyLoadLayout
{
    private static readonly Dictionary<ObisCode, ReadingType> Known = new()
    {
        [new(1, 0, 1, 8, 0)] = ReadingType.ImportRegister,
        [new(1, 0, 2, 8, 0)] = ReadingType.ExportRegister,
        [new(1, 0, 9, 8, 0)] = ReadingType.ImportApparentRegister,
        [new(1, 0, 10, 8, 0)] = ReadingType.ExportApparentRegister,
    };

    private static readonly long[] PowersOfTen = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];

    private readonly BlockLoadChannel[] _channels;
    private readonly int _columnCount;

    private DailyLoadLayout(BlockLoadChannel[] channels, int columnCount)
    {
        _channels = channels;
        _columnCount = columnCount;
    }

    public IReadOnlyList<BlockLoadChannel> Channels => _channels;

    /// <inheritdoc cref="BlockLoadLayout.TryCreate"/>
    public static bool TryCreate(
        IReadOnlyList<CaptureObject> captureObjects, IReadOnlyDictionary<ObisCode, ScalerUnit> scalers,
        [NotNullWhen(true)] out DailyLoadLayout? layout, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(captureObjects);
        ArgumentNullException.ThrowIfNull(scalers);
        layout = null;
        error = null;
        if (captureObjects.Count is 0 or > ProfileRowReader.ColumnCountMax || captureObjects[0].LogicalName != IndianObjects.Clock)
        {
            error = "the daily load does not begin with the clock";
            return false;
        }
        var channels = new List<BlockLoadChannel>();
        for (int column = 1; column < captureObjects.Count; column++)
        {
            CaptureObject capture = captureObjects[column];
            if (capture.AttributeId != 2 || !Known.TryGetValue(capture.LogicalName, out ReadingType type)) continue;
            if (!scalers.TryGetValue(capture.LogicalName, out ScalerUnit scaler) || scaler.Unit != type.Unit() || scaler.Scaler is < -6 or > 6)
            {
                error = $"{capture.LogicalName} of the daily load has no scaler of -6 to 6 in {type.Unit()}";
                return false;
            }
            channels.Add(new BlockLoadChannel(type, column, scaler.Scaler));
        }
        layout = new DailyLoadLayout([.. channels], captureObjects.Count);
        return true;
    }

    /// <summary>
    /// Register readings at local midnights at which the meter was installed; rows of other times are passed over, and so is a value of 48 bits or
    /// more, as in a block load: no register stands there.
    /// </summary>
    /// <param name="lastMidnight">The latest midnight found; unchanged where none was.</param>
    public bool TryRead(
        ReadOnlySpan<byte> buffer, TimestampRule rule, Installation installation, DateTimeZone zone, List<RegisterReading> registers,
        ref Instant lastMidnight, out DecodeError error)
    {
        ArgumentNullException.ThrowIfNull(installation);
        ArgumentNullException.ThrowIfNull(registers);
        if (!ProfileRowReader.TryOpen(buffer, rule, NodaConstants.SecondsPerDay, out ProfileRowReader reader, out error)) return false;
        Span<long> row = stackalloc long[ProfileRowReader.ColumnCountMax];
        while (reader.TryReadRow(row, out error))
        {
            if (reader.ColumnCount != _columnCount)
            {
                error = new DecodeError(reader.Offset, $"a row of {reader.ColumnCount} columns, where the model has {_columnCount}", "IEC 62056-6-2, class 7, buffer");
                return false;
            }
            if (row[0] == ProfileRowReader.Absent) continue;
            Instant at = Instant.FromUnixTimeSeconds(row[0]);
            if (at < installation.From || (installation.Until is { } until && at > until) || zone.AtStartOfDay(LocalDays.DayOf(at, zone)).ToInstant() != at) continue;
            foreach (BlockLoadChannel channel in _channels)
            {
                if (row[channel.Column] is ProfileRowReader.Absent || !TryScale(row[channel.Column], channel.Scaler, out long value)) continue;
                registers.Add(new RegisterReading(
                    installation.UsagePoint, installation.EndDevice, channel.Type, at, value, Resolution(channel.Scaler)));
            }
            if (at > lastMidnight) lastMidnight = at;
        }
        return error.Reason is null;
    }

    /// <summary>A raw register in whole Wh, VAh or varh; what is below one is dropped. False where it reaches <see cref="IntervalBlockCodec.ValueLimit"/>.</summary>
    internal static bool TryScale(long raw, sbyte scaler, out long value)
    {
        long factor = PowersOfTen[Math.Abs(scaler)];
        // Bounded before it is multiplied, so that nothing wraps: the product is below the limit.
        long limit = IntervalBlockCodec.ValueLimit / factor;
        value = 0;
        if (scaler >= 0 && (raw <= -limit || raw >= limit)) return false;
        value = scaler >= 0 ? raw * factor : raw / factor;
        return value is > -IntervalBlockCodec.ValueLimit and < IntervalBlockCodec.ValueLimit;
    }

    internal static int Resolution(sbyte scaler) => scaler <= 0 ? 1 : (int)PowersOfTen[scaler];
}
