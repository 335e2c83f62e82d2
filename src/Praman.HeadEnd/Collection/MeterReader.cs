using System.Collections.Concurrent;
using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.HeadEnd.Inventory;
using Praman.HeadEnd.Sessions;
using Praman.HeadEnd.Stores;
using Praman.Metering;

namespace Praman.HeadEnd.Collection;

/// <summary>What a meter is read for.</summary>
/// <param name="Meter">Which.</param>
/// <param name="Progress">How far it was read; null where never.</param>
/// <param name="Until">Up to here, and no further than its own clock has come: whole local days as a rule.</param>
/// <param name="Zone">Whose local days.</param>
/// <param name="Moment">Registers to read besides, at an installation or a removal; null for none.</param>
public sealed record ReadOrder(InventoryMeter Meter, CollectionProgress? Progress, Instant Until, DateTimeZone Zone, ExchangeMoment? Moment = null);

/// <summary>A moment at which a meter's registers are read because it comes or goes.</summary>
public enum ExchangeMoment
{
    Installation,
    Removal,
}

/// <summary>
/// Reads one meter over an open session in the order of IS 15959: clock, serial, device name and event counters at once, and nothing of a meter that is
/// another than the inventory's or does not say which it is (V01); the clock set where it is off;
/// layouts where the model is new; block and daily load by range since the last good time; events by entry since the last number; and at last once
/// more what earlier sessions got in part.
/// </summary>
public sealed partial class MeterReader(ModelLayouts layouts, CollectionOptions options, TimeProvider clock)
{
    private const int DeviceNameLengthMax = 64; // 16 octets as a rule

    private readonly ConcurrentBag<DayBlockAssembler> _assemblers = [];

    /// <summary>Reads what is new.</summary>
    /// <returns>What was read, or the fault; also the meter as it is now known, where something of it was learned.</returns>
    public async ValueTask<(CollectedReading? Reading, InventoryMeter? Learned, SessionError? Error)> ReadAsync(
        ReadOrder order, MeterSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(order);
        ArgumentNullException.ThrowIfNull(session);
        var work = new Work(order, StartOf(order));
        SessionError? error = await ReadHeadAsync(work, session, cancellationToken).ConfigureAwait(false)
            ?? await LearnModelAsync(work, session, cancellationToken).ConfigureAwait(false) // only of the meter that it is
            ?? await CheckClockAsync(work, session, cancellationToken).ConfigureAwait(false);
        if (error is not null) return (null, work.Learned, error);
        (work.Layouts, error) = await layouts.FindAsync(work.Meter.Model!.Value, session, cancellationToken).ConfigureAwait(false);
        if (work.Layouts is null) return (null, work.Learned, error);
        foreach (Installation installation in work.Meter.Installations)
        {
            error = await ReadInstallationAsync(work, installation, session, cancellationToken).ConfigureAwait(false);
            if (error is not null) return (null, work.Learned, error);
        }
        error = await ReadEventsAsync(work, session, cancellationToken).ConfigureAwait(false)
            ?? await ReadMomentAsync(work, session, cancellationToken).ConfigureAwait(false)
            ?? await RereadAsync(work, session, cancellationToken).ConfigureAwait(false);
        return error is null ? (Finish(work), work.Learned, null) : (null, work.Learned, error);
    }

    /// <summary>Where reading starts: after what was read, at the installation, or as far back as meters keep.</summary>
    private Instant StartOf(ReadOrder order)
    {
        Instant start = LocalDays.Bounds(LocalDays.DayOf(order.Until, order.Zone).PlusDays(-options.CatchUpDaysMax), order.Zone).Start;
        if (order.Progress is { } progress && progress.BlockLoadUntil > start) start = progress.BlockLoadUntil;
        return start;
    }

    private static async ValueTask<SessionError?> LearnModelAsync(Work work, MeterSession session, CancellationToken cancellationToken)
    {
        string title = Convert.ToHexString(session.ServerTitle.Span);
        if (title.Length == 16 && work.Meter.SystemTitle.Length == 0) work.Learn(work.Meter with { SystemTitle = title });
        if (work.Meter.Model is not null) return null;
        SessionError? error = await session.GetListAsync([IndianObjects.Maker, IndianObjects.MeterType, IndianObjects.Firmware], cancellationToken).ConfigureAwait(false);
        if (error is not null) return error;
        work.Learn(work.Meter with { Model = new MeterModel(TextOf(session.Results[0]), TextOf(session.Results[1]), TextOf(session.Results[2])) });
        return null;
    }

    private async ValueTask<SessionError?> ReadHeadAsync(Work work, MeterSession session, CancellationToken cancellationToken)
    {
        var asked = new AttributeDescriptor[3 + CollectionProgress.EventProfileCount];
        asked[0] = IndianObjects.ClockTime;
        asked[1] = IndianObjects.SerialNumber;
        for (int log = 0; log < CollectionProgress.EventProfileCount; log++) asked[2 + log] = new AttributeDescriptor(IndianObjects.DataClass, IndianObjects.EventSequence(log), 2);
        asked[^1] = IndianObjects.LogicalDeviceName;
        Instant before = Now();
        SessionError? error = await session.GetListAsync(asked, cancellationToken).ConfigureAwait(false);
        if (error is not null) return error;
        Instant after = Now();
        if (Identify(work, session, session.Results[1], session.Results[asked.Length - 1]) is { } stranger) return stranger;
        if (!session.Results[0].IsSuccess || !session.Results[0].Data.TryGetDateTime(out CosemDateTime time)) return session.Fault(SessionFault.Malformed, "the clock is not a date-time");
        work.ClockTime = time;
        work.Offset = work.Order.Zone.GetUtcOffset(after);
        if (time.TryToInstant(work.Offset, out Instant shown)) work.Drift = shown - (before + ((after - before) / 2));
        for (int log = 0; log < CollectionProgress.EventProfileCount; log++)
        {
            GetDataResult result = session.Results[2 + log];
            work.Sequences[log] = result.IsSuccess && result.Data.TryGetInt64(out long sequence) && sequence >= 0 ? sequence : -1;
        }
        return null;
    }

    /// <summary>Serial, device name and system title are those of the inventory's meter; what was not known of it is learned once. A change needs a person.</summary>
    private static SessionError? Identify(Work work, MeterSession session, GetDataResult serialRead, GetDataResult nameRead)
    {
        if (!serialRead.IsSuccess) return session.Fault(SessionFault.WrongMeter, "the meter there does not give its serial number, so nothing says which it is");
        string serial = TextOf(serialRead), name = NameOf(nameRead), title = Convert.ToHexString(session.ServerTitle.Span);
        if (serial != work.Meter.EndDevice.Serial) return session.Fault(SessionFault.WrongMeter, $"the meter there says that it is {Shown(serial)}");
        string knownTitle = work.Meter.SystemTitle, knownName = work.Meter.DeviceName;
        if (title.Length > 0 && knownTitle.Length > 0 && !title.Equals(knownTitle, StringComparison.OrdinalIgnoreCase))
            return session.Fault(SessionFault.WrongMeter, $"its system title is {Shown(title)}, where {Shown(knownTitle)} is known: a person must look, and change the inventory where the new one is right");
        if (knownName.Length > 0 && name != knownName)
            return session.Fault(SessionFault.WrongMeter, $"its logical device name is {(name.Length == 0 ? "not given" : Shown(name))}, where {Shown(knownName)} is known: a person must look, and change the inventory where the new one is right");
        if (knownName.Length == 0 && name.Length > 0) work.Learn(work.Meter with { DeviceName = name });
        return null;
    }

    private async ValueTask<SessionError?> CheckClockAsync(Work work, MeterSession session, CancellationToken cancellationToken)
    {
        Instant meterNow = Now() + (work.Drift ?? Duration.Zero);
        bool isOff = work.Drift is not { } drift || Math.Abs(drift.TotalSeconds) >= options.ClockSetThreshold.TotalSeconds;
        if (isOff && options.SetClocks)
        {
            SessionError? error = await SetClockAsync(work, session, cancellationToken).ConfigureAwait(false);
            if (error is not null && session.ClientError?.Access is null) return error;
            if (error is null) meterNow = Now();
            work.ClockWasSet = error is null;
        }
        // What the meter's own clock has not come to, it has not closed.
        work.Until = Instant.Min(work.Order.Until, work.Order.Moment is null ? StartOfDay(meterNow, work.Order.Zone) : meterNow);
        return null;
    }

    private ValueTask<SessionError?> SetClockAsync(Work work, MeterSession session, CancellationToken cancellationToken)
    {
        // The sign of the deviation as this meter writes it.
        bool indianSign = work.ClockTime.Deviation == CosemDateTime.IndianDeviation || work.ClockTime.Deviation == CosemDateTime.DeviationNotSpecified;
        var time = CosemDateTime.From(Now(), work.Offset, clockStatus: 0, indianSign && work.Offset.Seconds / 60 == CosemDateTime.IndianDeviation);
        return session.SetAsync(IndianObjects.ClockTime, CosemData.DateTimeOctets(time), cancellationToken);
    }

    private async ValueTask<SessionError?> ReadInstallationAsync(Work work, Installation installation, MeterSession session, CancellationToken cancellationToken)
    {
        DateTimeZone zone = work.Order.Zone;
        Instant from = Instant.Max(work.Start, installation.From);
        Instant until = Instant.Min(work.Until, installation.Until ?? work.Until);
        if (from >= until) return null;
        var reading = new OneReading(installation);
        LocalDate first = LocalDays.DayOf(from, zone), last = LocalDays.DayOf(until - Duration.Epsilon, zone);
        for (LocalDate day = first; day <= last; day = day.PlusDays(options.DaysPerRequestMax))
        {
            LocalDate end = LocalDate.Min(last, day.PlusDays(options.DaysPerRequestMax - 1));
            SessionError? error = await ReadBlockLoadAsync(work, reading, day, end, session, cancellationToken).ConfigureAwait(false);
            if (error is not null) return error;
        }
        work.BlockLoadUntil = Instant.Max(work.BlockLoadUntil, until);
        work.Readings.Add(reading);
        return await ReadDailyLoadAsync(work, reading, first, until, session, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<SessionError?> ReadBlockLoadAsync(
        Work work, OneReading reading, LocalDate first, LocalDate last, MeterSession session, CancellationToken cancellationToken)
    {
        DateTimeZone zone = work.Order.Zone;
        // Rows are stamped at the end of their interval: the one at the first midnight is the day before's, the one at the last is ours.
        SelectiveAccess range = Range(work, LocalDays.Bounds(first, zone).Start + Duration.FromSeconds(1), LocalDays.Bounds(last, zone).End);
        SessionError? error = await session.GetAsync(IndianObjects.Buffer(IndianObjects.BlockLoad), range, cancellationToken).ConfigureAwait(false);
        if (error is not null) return error;
        if (!_assemblers.TryTake(out DayBlockAssembler? assembler)) assembler = new DayBlockAssembler();
        bool assembled = assembler.TryAssemble(
            session.Data, work.Layouts!.Block, work.Rule, reading.Installation, zone, first, last, reading.Blocks, reading.Days, out DecodeError decode);
        _assemblers.Add(assembler);
        if (assembled) return null;
        layouts.Forget(work.Meter.Model!.Value);
        return session.Fault(SessionFault.Malformed, $"block load: {decode}");
    }

    private async ValueTask<SessionError?> ReadDailyLoadAsync(
        Work work, OneReading reading, LocalDate first, Instant until, MeterSession session, CancellationToken cancellationToken)
    {
        Instant from = LocalDays.Bounds(first, work.Order.Zone).Start;
        if (work.Order.Progress is { } progress && progress.DailyUntil < from && progress.DailyUntil > from - Duration.FromDays(options.CatchUpDaysMax)) from = progress.DailyUntil;
        return await ReadRegistersAsync(work, reading, from, until, session, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<SessionError?> ReadRegistersAsync(Work work, OneReading reading, Instant from, Instant until, MeterSession session, CancellationToken cancellationToken)
    {
        SessionError? error = await session.GetAsync(IndianObjects.Buffer(IndianObjects.DailyLoad), Range(work, from, until), cancellationToken).ConfigureAwait(false);
        if (error is not null) return error;
        if (work.Layouts!.Daily.TryRead(session.Data, work.Rule, reading.Installation, work.Order.Zone, reading.Registers, ref work.DailyUntil, out DecodeError decode)) return null;
        layouts.Forget(work.Meter.Model!.Value);
        return session.Fault(SessionFault.Malformed, $"daily load: {decode}");
    }

    private async ValueTask<SessionError?> ReadEventsAsync(Work work, MeterSession session, CancellationToken cancellationToken)
    {
        Installation? installation = work.Meter.At(work.Order.Until) ?? work.Meter.Last;
        if (installation is null) return null;
        for (int log = 0; log < CollectionProgress.EventProfileCount; log++)
        {
            if (work.Layouts!.Events[log] is not { } layout || work.Sequences[log] < 0) continue;
            if (work.Sequences[log] < work.EventsRead[log]) work.EventsRead[log] = 0; // a new log
            long known = work.EventsRead[log];
            if (work.Sequences[log] == known) continue;
            SessionError? error = await session.GetAsync(IndianObjects.EntriesInUse(IndianObjects.Events(log)), null, cancellationToken).ConfigureAwait(false) ?? session.Read(out _);
            if (error is not null) return error;
            _ = session.Read(out CosemData value);
            if (!value.TryGetInt64(out long inUse) || inUse is < 0 or > uint.MaxValue) return session.Fault(SessionFault.Malformed, "the entries in use of an event profile are no number");
            // The oldest first, and no more than is allowed at once: the rest comes with the next session. Entry n of those in use is the nth oldest.
            long first = inUse - Math.Min(work.Sequences[log] - known, inUse) + 1, last = Math.Min(inUse, first + options.EventCountMax - 1);
            if (last < first) continue;
            error = await session.GetAsync(
                IndianObjects.Buffer(IndianObjects.Events(log)), SelectiveAccess.Entry((uint)first, (uint)last), cancellationToken).ConfigureAwait(false);
            if (error is not null) return error;
            long firstSequence = work.Sequences[log] - (inUse - first);
            if (!layout.TryRead(session.Data, work.Rule, work.Meter.EndDevice, installation.UsagePoint, known, firstSequence, work.Events, out int read, out DecodeError decode))
            {
                return session.Fault(SessionFault.Malformed, $"event profile {log}: {decode}");
            }
            if (read > 0) work.EventsRead[log] = firstSequence + Math.Min(read, last - first + 1) - 1;
        }
        return null;
    }

    private async ValueTask<SessionError?> ReadMomentAsync(Work work, MeterSession session, CancellationToken cancellationToken)
    {
        if (work.Order.Moment is not { } moment) return null;
        Installation? installation = work.Meter.At(work.Order.Until - Duration.Epsilon) ?? work.Meter.At(work.Order.Until) ?? work.Meter.Last;
        if (installation is null) return null;
        OneReading reading = work.Readings.Find(r => r.Installation == installation) ?? new OneReading(installation);
        if (!work.Readings.Contains(reading)) work.Readings.Add(reading);
        foreach (BlockLoadChannel channel in work.Layouts!.Daily.Channels)
        {
            ReadingType? type = (channel.Type, moment) switch
            {
                (ReadingType.ImportRegister, ExchangeMoment.Installation) => ReadingType.ImportRegisterAtInstallation,
                (ReadingType.ImportRegister, ExchangeMoment.Removal) => ReadingType.ImportRegisterAtRemoval,
                (ReadingType.ExportRegister, ExchangeMoment.Installation) => ReadingType.ExportRegisterAtInstallation,
                (ReadingType.ExportRegister, ExchangeMoment.Removal) => ReadingType.ExportRegisterAtRemoval,
                _ => null,
            };
            if (type is not { } wanted) continue;
            SessionError? error = await session.GetAsync(new AttributeDescriptor(IndianObjects.RegisterClass, channel.Type.Obis(), 2), null, cancellationToken).ConfigureAwait(false)
                ?? session.Read(out _);
            if (error is not null) return error;
            _ = session.Read(out CosemData value);
            if (!value.TryGetInt64(out long raw)) return session.Fault(SessionFault.Malformed, $"the register {channel.Type.Obis()} is no number");
            Instant at = moment == ExchangeMoment.Installation ? installation.From : installation.Until ?? work.Order.Until;
            if (!DailyLoadLayout.TryScale(raw, channel.Scaler, out long scaled)) return session.Fault(SessionFault.Malformed, $"the register {channel.Type.Obis()} is {raw}: expected below 2^47 when scaled by 10^{channel.Scaler}");
            reading.Registers.Add(new RegisterReading(
                installation.UsagePoint, work.Meter.EndDevice, wanted, at, scaled, DailyLoadLayout.Resolution(channel.Scaler)));
        }
        return null;
    }

    private CollectedReading Finish(Work work)
    {
        Instant now = Now();
        var readings = new List<MeterReading>(work.Readings.Count);
        var days = new List<(UsagePointId, DayCount)>();
        for (int i = 0; i < work.Readings.Count; i++)
        {
            OneReading one = work.Readings[i];
            bool isLast = i == work.Readings.Count - 1;
            readings.Add(new MeterReading(work.Meter.EndDevice, one.Installation.UsagePoint, now, work.Drift, one.Blocks, one.Registers, isLast ? work.Events : []));
            foreach (DayCount day in one.Days) days.Add((one.Installation.UsagePoint, day));
        }
        if (readings.Count == 0 && work.Events.Count > 0)
        {
            readings.Add(new MeterReading(work.Meter.EndDevice, work.Events[0].UsagePoint, now, work.Drift, [], [], work.Events));
        }
        Instant blockLoadUntil = Instant.Max(work.BlockLoadUntil, work.Order.Progress?.BlockLoadUntil ?? work.Start);
        Instant dailyUntil = Instant.Max(work.DailyUntil, work.Order.Progress?.DailyUntil ?? Instant.FromUnixTimeSeconds(0));
        var progress = new CollectionProgress(work.Meter.EndDevice, blockLoadUntil, dailyUntil, work.EventsRead, now, work.Drift);
        return new CollectedReading(readings, progress with { PartialDays = PartialDays(work, days, progress) }, days, work.ClockWasSet);
    }

    private static SelectiveAccess Range(Work work, Instant from, Instant to)
    {
        bool indianSign = work.ClockTime.Deviation == CosemDateTime.IndianDeviation;
        return SelectiveAccess.Range(CosemDateTime.From(from, work.OffsetAt(from), 0, indianSign), CosemDateTime.From(to, work.OffsetAt(to), 0, indianSign));
    }

    private Instant Now() => Instant.FromDateTimeOffset(clock.GetUtcNow());

    private static Instant StartOfDay(Instant at, DateTimeZone zone) => zone.AtStartOfDay(LocalDays.DayOf(at, zone)).ToInstant();

    private static string TextOf(GetDataResult result) => result.IsSuccess
        ? result.Data.Text ?? (result.Data.TryGetInt64(out long number) ? number.ToString(System.Globalization.CultureInfo.InvariantCulture) : "")
        : "";

    private static string NameOf(GetDataResult result)
    {
        string name = TextOf(result);
        if (result.IsSuccess && result.Data.Type is (CosemDataType.OctetString or CosemDataType.VisibleString) && name.Any(letter => letter is < ' ' or > '~')) name = Convert.ToHexString(result.Data.OctetSpan);
        return name.Length <= DeviceNameLengthMax ? name : name[..DeviceNameLengthMax];
    }

    private static string Shown(string text) => text.Length <= 24 ? text : text[..24] + "…";
}
