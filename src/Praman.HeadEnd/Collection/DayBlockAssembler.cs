using NodaTime;
using Praman.Dlms.Cosem;
using Praman.Metering;

namespace Praman.HeadEnd.Collection;

/// <summary>How much of a day was there.</summary>
/// <param name="Intervals">Intervals read.</param>
/// <param name="IntervalsExpected">Intervals of the day while the meter was installed.</param>
public readonly record struct DayCount(LocalDate Day, int Intervals, int IntervalsExpected);

/// <summary>
/// Rows of a block load, stamped at the end of their interval, to whole local days: straight out of the decrypted octets, with nothing allocated
/// a row. One assembler serves one session at a time and keeps its memory for the next.
/// </summary>
public sealed class DayBlockAssembler
{
    private const int IntervalCountMax = 400 * 1_440;
    private static readonly long[] PowersOfTen = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];

    private readonly long[] _row = new long[ProfileRowReader.ColumnCountMax];
    private readonly List<Repeated> _repeated = [];
    private long[] _values = [];
    private IntervalQuality[] _qualities = [];

    /// <summary>
    /// Makes one block a channel and day of [<paramref name="first"/>, <paramref name="last"/>]. Where a meter gives a second value for an interval, as
    /// when its clock was set back over the end of one, that value follows in a block of its own: both are handed on, and neither is chosen here (V04).
    /// </summary>
    /// <param name="buffer">The profile's buffer: an A-XDR array, as it came.</param>
    /// <param name="layout">What the columns are.</param>
    /// <param name="rule">How the meter writes times.</param>
    /// <param name="installation">Where the meter stands and since when: intervals that end before, or after its removal, are not its own.</param>
    /// <param name="zone">Whose local days are meant.</param>
    /// <param name="first">First local day.</param>
    /// <param name="last">Last local day.</param>
    /// <param name="blocks">Where the blocks go, by day and channel.</param>
    /// <param name="days">Where the counts go, by day.</param>
    /// <param name="error">Where the octets are not rows.</param>
    public bool TryAssemble(
        ReadOnlySpan<byte> buffer, BlockLoadLayout layout, TimestampRule rule, Installation installation, DateTimeZone zone,
        LocalDate first, LocalDate last, List<IntervalBlock> blocks, List<DayCount> days, out DecodeError error)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(installation);
        ArgumentNullException.ThrowIfNull(zone);
        ArgumentNullException.ThrowIfNull(blocks);
        ArgumentNullException.ThrowIfNull(days);
        Instant start = LocalDays.Bounds(first, zone).Start, end = LocalDays.Bounds(last, zone).End;
        int count = (int)((end - start).TotalSeconds / layout.PeriodSeconds);
        if (count is < 1 or > IntervalCountMax) throw new ArgumentException($"{first} to {last} is not a range of days that can be read at once", nameof(last));
        Clear(count * layout.Channels.Count);
        _repeated.Clear();
        if (!TryFill(buffer, layout, rule, installation, start, count, out error)) return false;
        for (LocalDate day = first; day <= last; day = day.PlusDays(1)) Pack(layout, installation, zone, start, count, day, blocks, days);
        foreach (Repeated one in _repeated) blocks.Add(Pack(layout, installation, start, one));
        return true;
    }

    private bool TryFill(
        ReadOnlySpan<byte> buffer, BlockLoadLayout layout, TimestampRule rule, Installation installation, Instant start, int count, out DecodeError error)
    {
        if (!ProfileRowReader.TryOpen(buffer, rule, (uint)layout.PeriodSeconds, out ProfileRowReader reader, out error)) return false;
        long startSeconds = start.ToUnixTimeSeconds(), period = layout.PeriodSeconds;
        (long ownFrom, long ownUntil) = OwnSeconds(installation);
        Span<long> row = _row.AsSpan(0, layout.ColumnCount);
        while (reader.TryReadRow(row, out error))
        {
            if (reader.ColumnCount != layout.ColumnCount)
            {
                error = new DecodeError(reader.Offset, $"a row of {reader.ColumnCount} columns, where the model has {layout.ColumnCount}", "IEC 62056-6-2, class 7, buffer");
                return false;
            }
            long stamp = row[0];
            long index = stamp == ProfileRowReader.Absent ? -1 : FloorDivide(stamp - startSeconds - 1, period);
            // Without a time, of another day, or of a time in which the meter stood elsewhere.
            if (index < 0 || index >= count || !IsOwn(startSeconds + ((index + 1) * period), ownFrom, ownUntil)) continue;
            byte status = layout.StatusColumn > 0 && row[layout.StatusColumn] is var octet and >= 0 and <= 255 ? (byte)octet : (byte)0;
            IntervalQuality quality = IntervalStatus.ToQuality(status, reader.ClockStatus);
            if ((stamp - startSeconds) % period != 0) quality = quality with { Flags = quality.Flags | IntervalFlags.Clock };
            Store(layout, row, count, (int)index, quality);
            if (_repeated.Count <= count * layout.Channels.Count) continue;
            error = new DecodeError(reader.Offset, $"more rows that repeat an interval than there are intervals, {count}", "IEC 62056-6-2, class 7, buffer");
            return false;
        }
        return error.Reason is null;
    }

    private void Store(BlockLoadLayout layout, ReadOnlySpan<long> row, int count, int index, IntervalQuality quality)
    {
        for (int channel = 0; channel < layout.Channels.Count; channel++)
        {
            BlockLoadChannel what = layout.Channels[channel];
            long value = row[what.Column], limit = LimitOf(what);
            if (value == ProfileRowReader.Absent || value <= -limit || value >= limit) continue;
            ref IntervalQuality known = ref _qualities[(channel * count) + index];
            if (known.HasValue)
            {
                // The clock was set back over the interval: both rows say so.
                known = known with { Flags = known.Flags | IntervalFlags.Clock };
                if (_values[(channel * count) + index] != value) _repeated.Add(new Repeated(channel, index, value, quality with { Flags = quality.Flags | IntervalFlags.Clock }));
                continue;
            }
            _values[(channel * count) + index] = value;
            known = quality;
        }
    }

    // A value that would not fit its block, or wrap, when it is multiplied to whole Wh is no value: the interval is missing.
    private static long LimitOf(BlockLoadChannel channel) =>
        channel.Scaler > 0 && channel.Type.IsIntervalEnergy() ? IntervalBlockCodec.ValueLimit / PowersOfTen[channel.Scaler] : IntervalBlockCodec.ValueLimit;

    private static IntervalBlock Pack(BlockLoadLayout layout, Installation installation, Instant start, in Repeated one)
    {
        BlockLoadChannel what = layout.Channels[one.Channel];
        Span<long> values = [one.Value];
        ReadOnlySpan<IntervalQuality> qualities = [one.Quality];
        bool isEnergy = what.Type.IsIntervalEnergy();
        if (isEnergy) Scale(values, qualities, what.Scaler);
        var header = new IntervalBlockHeader(
            installation.UsagePoint, what.Type, start + Duration.FromSeconds((long)one.Index * layout.PeriodSeconds), layout.PeriodSeconds / 60, 1, Version: 0,
            BlockCause.Received);
        return IntervalBlock.Create(header, values, qualities, isEnergy ? (sbyte)0 : what.Scaler);
    }

    private void Pack(
        BlockLoadLayout layout, Installation installation, DateTimeZone zone, Instant start, int count, LocalDate day, List<IntervalBlock> blocks, List<DayCount> days)
    {
        Interval bounds = LocalDays.Bounds(day, zone);
        int offset = (int)((bounds.Start - start).TotalSeconds / layout.PeriodSeconds);
        int length = (int)(bounds.Duration.TotalSeconds / layout.PeriodSeconds);
        int expected = Expected(layout, installation, bounds, length);
        if (expected == 0) return; // the meter stood elsewhere
        int read = 0;
        for (int channel = 0; channel < layout.Channels.Count; channel++)
        {
            BlockLoadChannel what = layout.Channels[channel];
            Span<long> values = _values.AsSpan((channel * count) + offset, length);
            ReadOnlySpan<IntervalQuality> qualities = _qualities.AsSpan((channel * count) + offset, length);
            if (channel == 0) read = Present(qualities);
            bool isEnergy = what.Type.IsIntervalEnergy();
            if (isEnergy) Scale(values, qualities, what.Scaler);
            var header = new IntervalBlockHeader(
                installation.UsagePoint, what.Type, bounds.Start, layout.PeriodSeconds / 60, length, Version: 0, BlockCause.Received);
            blocks.Add(IntervalBlock.Create(header, values, qualities, isEnergy ? (sbyte)0 : what.Scaler));
        }
        days.Add(new DayCount(day, read, expected));
    }

    private static int Expected(BlockLoadLayout layout, Installation installation, Interval bounds, int length)
    {
        (long ownFrom, long ownUntil) = OwnSeconds(installation);
        long first = bounds.Start.ToUnixTimeSeconds();
        int expected = 0;
        for (int i = 1; i <= length; i++) expected += IsOwn(first + ((long)i * layout.PeriodSeconds), ownFrom, ownUntil) ? 1 : 0;
        return expected;
    }

    private static (long From, long Until) OwnSeconds(Installation installation) =>
        (installation.From.ToUnixTimeSeconds(), installation.Until?.ToUnixTimeSeconds() ?? long.MaxValue);

    // The interval in which a meter was exchanged is the new one's: it has its own, shorter row of it, and the old one never wrote its.
    private static bool IsOwn(long endSeconds, long ownFrom, long ownUntil) => endSeconds > ownFrom && endSeconds <= ownUntil;

    private static int Present(ReadOnlySpan<IntervalQuality> qualities)
    {
        int present = 0;
        foreach (IntervalQuality quality in qualities) present += quality.HasValue ? 1 : 0;
        return present;
    }

    /// <summary>To whole Wh. Below a Wh the rest is carried on, so that a day loses less than one.</summary>
    private static void Scale(Span<long> values, ReadOnlySpan<IntervalQuality> qualities, sbyte scaler)
    {
        if (scaler == 0) return;
        long factor = PowersOfTen[Math.Abs(scaler)], rest = 0;
        for (int i = 0; i < values.Length; i++)
        {
            if (!qualities[i].HasValue) continue;
            if (scaler > 0)
            {
                values[i] *= factor;
                continue;
            }
            (values[i], rest) = Math.DivRem(values[i] + rest, factor);
        }
    }

    /// <summary>A second value of an interval of a channel, as sent.</summary>
    private readonly record struct Repeated(int Channel, int Index, long Value, IntervalQuality Quality);

    private static long FloorDivide(long value, long divisor) => value >= 0 ? value / divisor : ((value + 1) / divisor) - 1;

    private void Clear(int length)
    {
        if (_values.Length < length)
        {
            _values = new long[length];
            _qualities = new IntervalQuality[length];
        }
        _values.AsSpan(0, length).Clear();
        _qualities.AsSpan(0, length).Fill(IntervalQuality.Missing);
    }
}
