using System.Globalization;
using NodaTime;
using NodaTime.Text;
using Praman.Dlms;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Dlms.Explain;
using Praman.HeadEnd.Collection;
using Praman.HeadEnd.Sessions;
using Praman.Metering;

namespace Praman.Cli.Meters;

/// <summary>Reads what a person at a desk wants to know of a meter. What the meter refuses this client is left out, not an error.</summary>
internal sealed class MeterSurveyor(MeterSurvey survey, TimeProvider timeProvider)
{
    private const int EventsPerLog = 5;
    private const int PublicClient = 16;

    private static readonly AttributeDescriptor[] PublicAttributes =
        [IndianObjects.LogicalDeviceName, IndianObjects.SerialNumber, IndianObjects.InvocationCounter(32), IndianObjects.InvocationCounter(48)];

    public async ValueTask<SessionError?> ReadAsync(MeterSession session, int client, CancellationToken cancellationToken)
    {
        SessionError? error = await ReadClockAsync(session, cancellationToken).ConfigureAwait(false)
            ?? await ReadPublicAsync(session, cancellationToken).ConfigureAwait(false);
        if (error is not null || client == PublicClient) return error;
        if (!session.ServerTitle.IsEmpty) survey.SystemTitle = Convert.ToHexString(session.ServerTitle.Span);
        return await ReadProfileAsync(session, IndianObjects.NamePlate, null, survey.Identity, cancellationToken).ConfigureAwait(false)
            ?? await ReadProfileAsync(session, IndianObjects.Instantaneous, IndianObjects.InstantaneousScalers, survey.Instantaneous, cancellationToken).ConfigureAwait(false)
            ?? await ReadRegistersAsync(session, cancellationToken).ConfigureAwait(false)
            ?? await ReadBlockLoadAsync(session, cancellationToken).ConfigureAwait(false)
            ?? await ReadEventsAsync(session, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<SessionError?> ReadClockAsync(MeterSession session, CancellationToken cancellationToken)
    {
        Instant before = Now();
        if (await session.GetAsync(IndianObjects.ClockTime, null, cancellationToken).ConfigureAwait(false) is { } error) return PassOver(session, error);
        Instant after = Now();
        if (session.Read(out CosemData value) is { } unreadable) return unreadable;
        if (!value.TryGetDateTime(out CosemDateTime time) || !time.TryToLocal(out LocalDateTime local) || time.UtcOffset is not { } offset) return null;
        survey.Clock = local.WithOffset(offset);
        survey.ClockDrift = survey.Clock.Value.ToInstant() - (before + ((after - before) / 2));
        return null;
    }

    private async ValueTask<SessionError?> ReadPublicAsync(MeterSession session, CancellationToken cancellationToken)
    {
        if (await session.GetListAsync(PublicAttributes, cancellationToken).ConfigureAwait(false) is { } error) return PassOver(session, error);
        for (int i = 0; i < PublicAttributes.Length; i++)
        {
            if (session.Results[i].IsSuccess) survey.Identity.Add(ValueOf(PublicAttributes[i].LogicalName, PublicAttributes[i].AttributeId, session.Results[i].Data, null));
        }
        return null;
    }

    private static async ValueTask<SessionError?> ReadProfileAsync(
        MeterSession session, ObisCode profile, ObisCode? scalerProfile, List<MeterValue> values, CancellationToken cancellationToken)
    {
        (CaptureObject[]? columns, SessionError? error) = await ProfileReading.ReadCaptureObjectsAsync(session, profile, cancellationToken).ConfigureAwait(false);
        if (columns is null) return PassOver(session, error!);
        var scalers = new Dictionary<ObisCode, ScalerUnit>();
        if (scalerProfile is { } named && await ProfileReading.ReadScalersAsync(session, named, columns, scalers, cancellationToken).ConfigureAwait(false) is { } fault) return PassOver(session, fault);
        (CosemData[]? rows, error) = await ProfileReading.ReadRowsAsync(session, profile, null, cancellationToken).ConfigureAwait(false);
        if (rows is null) return PassOver(session, error!);
        if (rows.Length == 0) return null;
        CosemData row = rows[^1];
        for (int i = 0; i < Math.Min(columns.Length, row.Count); i++)
        {
            ObisCode code = columns[i].LogicalName;
            if (code == IndianObjects.Clock || values.Exists(v => v.Obis == code.ToString() && v.Attribute == columns[i].AttributeId)) continue;
            values.Add(ValueOf(code, columns[i].AttributeId, row[i], scalers.TryGetValue(code, out ScalerUnit scaler) ? scaler : null));
        }
        return null;
    }

    // A meter of another country has no profile of its present values: its registers hold them.
    private async ValueTask<SessionError?> ReadRegistersAsync(MeterSession session, CancellationToken cancellationToken)
    {
        if (survey.Instantaneous.Count > 0) return null;
        var registers = new RegisterReader(survey.Instantaneous);
        SessionError? error = await registers.ReadAsync(session, cancellationToken).ConfigureAwait(false);
        survey.RegistersLeftOut = registers.LeftOut;
        return error;
    }

    private async ValueTask<SessionError?> ReadBlockLoadAsync(MeterSession session, CancellationToken cancellationToken)
    {
        if (survey.Clock is not { } clock) return null;
        (CaptureObject[]? columns, SessionError? error) = await ProfileReading.ReadCaptureObjectsAsync(session, IndianObjects.BlockLoad, cancellationToken).ConfigureAwait(false);
        if (columns is null) return PassOver(session, error!);
        var scalers = new Dictionary<ObisCode, ScalerUnit>();
        error = await ProfileReading.ReadScalersAsync(session, IndianObjects.BlockLoadScalers, columns, scalers, cancellationToken).ConfigureAwait(false)
            ?? await session.GetAsync(IndianObjects.CapturePeriod(IndianObjects.BlockLoad), null, cancellationToken).ConfigureAwait(false);
        if (error is not null) return PassOver(session, error);
        if (session.Read(out CosemData period) is { } unreadable) return unreadable;
        _ = period.TryGetInt64(out long seconds);
        // The last whole day of the meter's own clock; rows are stamped at the end of their interval.
        LocalDate day = clock.Date.PlusDays(-1);
        SelectiveAccess range = SelectiveAccess.Range(Stamp(day.AtMidnight().PlusSeconds(1), clock.Offset), Stamp(day.PlusDays(1).AtMidnight(), clock.Offset));
        (CosemData[]? rows, error) = await ProfileReading.ReadRowsAsync(session, IndianObjects.BlockLoad, range, cancellationToken).ConfigureAwait(false);
        if (rows is null) return PassOver(session, error!);
        MeterValue[] heads = [.. columns.Skip(1).Select(c => ValueOf(c.LogicalName, c.AttributeId, CosemData.Null, scalers.TryGetValue(c.LogicalName, out ScalerUnit s) ? s : null))];
        var entries = new List<BlockLoadEntry>(rows.Length);
        foreach (CosemData row in rows)
        {
            if (row.Count != columns.Length || TimeOf(row[0], clock.Offset) is not { } end) continue;
            entries.Add(new BlockLoadEntry(end, [.. Enumerable.Range(1, columns.Length - 1).Select(i =>
                ValueOf(columns[i].LogicalName, columns[i].AttributeId, row[i], scalers.TryGetValue(columns[i].LogicalName, out ScalerUnit s) ? s : null).Value)]));
        }
        survey.BlockLoad = new BlockLoadDay(day, (int)(seconds / 60), Expected(day, seconds, clock.Offset, entries), heads, entries);
        return null;
    }

    // The meter's offset may change within the day: the first and the last row tell.
    private static int? Expected(LocalDate day, long seconds, Offset clock, List<BlockLoadEntry> rows)
    {
        if (seconds <= 0) return null;
        Offset first = rows.Count == 0 ? clock : rows[0].End.Offset, last = rows.Count == 0 ? clock : rows[^1].End.Offset;
        Duration whole = day.PlusDays(1).AtMidnight().WithOffset(last).ToInstant() - day.AtMidnight().WithOffset(first).ToInstant();
        return (int)(whole.TotalSeconds / seconds);
    }

    private async ValueTask<SessionError?> ReadEventsAsync(MeterSession session, CancellationToken cancellationToken)
    {
        for (int log = 0; log < 7; log++)
        {
            ObisCode profile = IndianObjects.Events(log);
            (CaptureObject[]? columns, SessionError? error) = await ProfileReading.ReadCaptureObjectsAsync(session, profile, cancellationToken).ConfigureAwait(false);
            if (columns is null)
            {
                if (PassOver(session, error!) is { } fault) return fault;
                continue;
            }
            if (EventLayout.Find(columns, log) is not { } layout) continue;
            if (await session.GetAsync(IndianObjects.EntriesInUse(profile), null, cancellationToken).ConfigureAwait(false) is { } refused)
            {
                if (PassOver(session, refused) is { } fault) return fault;
                continue;
            }
            if (session.Read(out CosemData value) is { } unreadable) return unreadable;
            if (!value.TryGetInt64(out long inUse) || inUse is < 1 or > uint.MaxValue) continue;
            var access = SelectiveAccess.Entry((uint)Math.Max(1, inUse - EventsPerLog + 1), (uint)inUse);
            (CosemData[]? rows, error) = await ProfileReading.ReadRowsAsync(session, profile, access, cancellationToken).ConfigureAwait(false);
            if (rows is null) return error;
            foreach (CosemData row in rows) if (row.Count == layout.ColumnCount) AddEvent(row, layout);
        }
        survey.Events.Sort((a, b) => (b.At?.ToInstant() ?? Instant.MinValue).CompareTo(a.At?.ToInstant() ?? Instant.MinValue));
        return null;
    }

    private void AddEvent(CosemData row, EventLayout layout)
    {
        if (!row[layout.CodeColumn].TryGetInt64(out long code)) return;
        long? sequence = layout.SequenceColumn > 0 && row[layout.SequenceColumn].TryGetInt64(out long number) ? number : null;
        survey.Events.Add(new MeterEventEntry(TimeOf(row[0], survey.Clock?.Offset ?? Offset.Zero), (int)code, EventWords.Of((int)code), sequence));
    }

    // A refusal of one object leaves the rest; anything else ends the survey.
    private static SessionError? PassOver(MeterSession session, SessionError error) => session.ClientError?.Access is null ? error : null;

    private static OffsetDateTime? TimeOf(in CosemData data, Offset fallback) =>
        data.TryGetDateTime(out CosemDateTime time) && time.TryToLocal(out LocalDateTime local) ? local.WithOffset(time.UtcOffset ?? fallback) : null;

    private static CosemDateTime Stamp(LocalDateTime local, Offset offset) =>
        CosemDateTime.From(local, offset, indianSign: offset.Seconds / 60 == CosemDateTime.IndianDeviation);

    private static MeterValue ValueOf(ObisCode code, int attribute, in CosemData data, ScalerUnit? scaler)
    {
        string name = ObisNames.Describe(code) ?? code.ToString();
        if (attribute == 5) name += ", time";
        string? text = data switch
        {
            { IsNull: true } => null,
            _ when data.TryGetDateTime(out CosemDateTime time) && (attribute == 5 || code.C == 1 || data.OctetSpan.Length == CosemDateTime.Length) => time.ToString(),
            _ when data.TryGetNumber(out decimal number) => Scale(number, scaler?.Scaler ?? 0),
            _ => data.Text ?? data.ToString(),
        };
        return new MeterValue(code.ToString(), attribute, name, text, attribute == 2 && scaler is { } unit ? unit.Unit.Symbol() : "");
    }

    private static string Scale(decimal number, int scaler)
    {
        decimal power = 1;
        for (int i = 0; i < Math.Min(Math.Abs(scaler), 12); i++) power *= 10;
        return (scaler < 0 ? number / power : number * power).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>A value as text; null where there is none.</summary>
    public static string? Text(object? value) => value switch
    {
        null => null,
        bool truth => truth ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    private Instant Now() => Instant.FromDateTimeOffset(timeProvider.GetUtcNow());

    /// <summary>A time as people and programs read it.</summary>
    public static string Text(OffsetDateTime time) => OffsetDateTimePattern.Rfc3339.Format(time);
}
