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

/// <summary>
/// Reads a profile: all of it, or the rows of a range in pieces of some days, so that no answer grows without bound and progress can be shown.
/// </summary>
internal sealed class ProfileReader(ObisCode profile, LocalDateTime? from, LocalDateTime? to, Action<double> progress)
{
    private const int RowsPerPiece = 200;
    private const int PiecesMax = 5_000;

    /// <summary>What was read; null until then.</summary>
    public MeterTable? Table { get; private set; }

    /// <summary>Where a range has no rows, what the meter has instead, in words.</summary>
    public string? Instead { get; private set; }

    public async ValueTask<SessionError?> ReadAsync(MeterSession session, CancellationToken cancellationToken)
    {
        (CaptureObject[]? columns, SessionError? error) = await ProfileReading.ReadCaptureObjectsAsync(session, profile, cancellationToken).ConfigureAwait(false);
        if (columns is null) return MeterOrders.Missing(session) ? error! with { Detail = $"this meter has no profile {profile} (see --objects)" } : Named(session, error!);
        var scalers = new Dictionary<ObisCode, ScalerUnit>();
        error = await ReadScalersAsync(session, columns, scalers, cancellationToken).ConfigureAwait(false);
        if (error is not null) return error;
        var rows = new List<MeterRow>();
        error = from is null && to is null
            ? await ReadPieceAsync(session, columns, scalers, null, rows, cancellationToken).ConfigureAwait(false)
            : await ReadRangeAsync(session, columns, scalers, rows, cancellationToken).ConfigureAwait(false);
        if (error is null && rows.Count == 0 && (from ?? to) is not null) error = await ReadInsteadAsync(session, columns, cancellationToken).ConfigureAwait(false);
        if (error is not null) return Named(session, error);
        progress(1);
        int skip = FirstIsTime(columns) ? 1 : 0;
        Table = new MeterTable(profile.ToString(), ObisNames.Describe(profile) ?? "profile",
            [.. columns.Skip(skip).Select(c => Column(c, scalers))], rows);
        return null;
    }

    private async ValueTask<SessionError?> ReadInsteadAsync(MeterSession session, CaptureObject[] columns, CancellationToken cancellationToken)
    {
        Instead = "no row in this range";
        SessionError? error = await session.GetAsync(IndianObjects.EntriesInUse(profile), null, cancellationToken).ConfigureAwait(false);
        if (error is not null) return session.ClientError?.Access is null ? error : null;
        if (session.Read(out CosemData value) is { } unreadable) return unreadable;
        if (!value.TryGetInt64(out long inUse)) return null;
        if (inUse == 0) Instead = "no row in this range: the profile is empty";
        if (inUse is < 1 or > uint.MaxValue || !FirstIsTime(columns)) return null;
        var ends = new List<string>();
        foreach (uint entry in (uint[])[1, (uint)inUse])
        {
            (CosemData[]? rows, error) = await ProfileReading.ReadRowsAsync(session, profile, SelectiveAccess.Entry(entry, entry), cancellationToken).ConfigureAwait(false);
            if (rows is null) return session.ClientError?.Access is null ? error : null;
            if (rows is not [{ Count: > 0 } row] || !row[0].TryGetDateTime(out CosemDateTime time) || !time.TryToLocal(out LocalDateTime local)) return null;
            ends.Add(LocalDateTimePattern.GeneralIso.Format(local));
        }
        ends.Sort(StringComparer.Ordinal); // a meter may keep the newest first
        Instead = $"no row in this range: the meter has {Counted.Of(inUse, "row")} from {ends[0]} to {ends[1]}";
        return null;
    }

    // A refusal says no name of its own.
    private SessionError Named(MeterSession session, SessionError error) =>
        session.ClientError?.Access is null ? error : error with { Detail = $"{error.Detail} (profile {profile})" };

    // From the scaler profile of IS 15959 where the profile has one, else from each register.
    private async ValueTask<SessionError?> ReadScalersAsync(MeterSession session, CaptureObject[] columns, Dictionary<ObisCode, ScalerUnit> scalers, CancellationToken cancellationToken)
    {
        ObisCode? known = profile == IndianObjects.BlockLoad ? IndianObjects.BlockLoadScalers
            : profile == IndianObjects.DailyLoad ? IndianObjects.DailyLoadScalers
            : profile == IndianObjects.Instantaneous ? IndianObjects.InstantaneousScalers : null;
        if (known is { } named)
        {
            SessionError? error = await ProfileReading.ReadScalersAsync(session, named, columns, scalers, cancellationToken).ConfigureAwait(false);
            if (error is not null && session.ClientError?.Access is null) return error;
        }
        foreach (CaptureObject column in columns)
        {
            if (column.ClassId is not (3 or 4) || column.AttributeId == 5 || scalers.ContainsKey(column.LogicalName)) continue;
            SessionError? error = await session.GetAsync(new AttributeDescriptor(column.ClassId, column.LogicalName, 3), null, cancellationToken).ConfigureAwait(false);
            if (error is not null && session.ClientError?.Access is null) return error;
            if (error is not null) continue; // refused: raw numbers then
            if (session.Read(out CosemData value) is { } unreadable) return unreadable;
            if (value.TryGetScalerUnit(out ScalerUnit own)) scalers[column.LogicalName] = own;
        }
        return null;
    }

    private async ValueTask<SessionError?> ReadRangeAsync(
        MeterSession session, CaptureObject[] columns, Dictionary<ObisCode, ScalerUnit> scalers, List<MeterRow> rows, CancellationToken cancellationToken)
    {
        // Times are local to the meter: its clock says at which offset and with which sign it writes them.
        SessionError? error = await session.GetAsync(IndianObjects.ClockTime, null, cancellationToken).ConfigureAwait(false);
        if (error is not null) return error;
        if (session.Read(out CosemData clock) is { } unreadable) return unreadable;
        if (!clock.TryGetDateTime(out CosemDateTime now) || !now.TryToLocal(out LocalDateTime shown)) return session.Fault(SessionFault.Malformed, "the clock shows no time");
        error = await session.GetAsync(IndianObjects.CapturePeriod(profile), null, cancellationToken).ConfigureAwait(false);
        long period = 0;
        if (error is null && session.Read(out CosemData seconds) is null) _ = seconds.TryGetInt64(out period);
        else if (error is not null && session.ClientError?.Access is null) return error;

        LocalDateTime start = from ?? new LocalDateTime(1970, 1, 1, 0, 0), end = to ?? shown.PlusDays(1);
        if (from is null || period <= 0) return await ReadPieceAsync(session, columns, scalers, Range(start, end, now), rows, cancellationToken).ConfigureAwait(false);
        long pieceSeconds = Math.Max(NodaConstants.SecondsPerDay, period * RowsPerPiece);
        long whole = Period.Between(start, end, PeriodUnits.Seconds).Seconds;
        if (whole / pieceSeconds > PiecesMax) return session.Fault(SessionFault.Refused, string.Create(CultureInfo.InvariantCulture, $"a range of {whole / NodaConstants.SecondsPerDay} days: name a shorter one"));
        for (LocalDateTime at = start; at <= end;)
        {
            LocalDateTime last = at.PlusSeconds(pieceSeconds - 1);
            if (last > end) last = end;
            error = await ReadPieceAsync(session, columns, scalers, Range(at, last, now), rows, cancellationToken).ConfigureAwait(false);
            if (error is not null) return error;
            progress(Math.Clamp((Period.Between(start, last, PeriodUnits.Seconds).Seconds + 1d) / (whole + 1d), 0, 1));
            at = last.PlusSeconds(1);
        }
        return null;
    }

    private async ValueTask<SessionError?> ReadPieceAsync(
        MeterSession session, CaptureObject[] columns, Dictionary<ObisCode, ScalerUnit> scalers, SelectiveAccess? access, List<MeterRow> rows, CancellationToken cancellationToken)
    {
        (CosemData[]? read, SessionError? error) = await ProfileReading.ReadRowsAsync(session, profile, access, cancellationToken).ConfigureAwait(false);
        if (read is null) return error;
        bool timed = FirstIsTime(columns);
        foreach (CosemData row in read)
        {
            if (row.Count != columns.Length) return session.Fault(SessionFault.Malformed, $"a row of {row.Count} values in a profile of {columns.Length} columns");
            OffsetDateTime? at = timed && row[0].TryGetDateTime(out CosemDateTime time) && time.TryToLocal(out LocalDateTime local) ? local.WithOffset(time.UtcOffset ?? Offset.Zero) : null;
            var values = new object?[columns.Length - (timed ? 1 : 0)];
            for (int i = 0; i < values.Length; i++)
            {
                CaptureObject column = columns[i + (timed ? 1 : 0)];
                values[i] = MeterValues.Of(row[i + (timed ? 1 : 0)], column.AttributeId, scalers.TryGetValue(column.LogicalName, out ScalerUnit scaler) ? scaler : null);
            }
            rows.Add(new MeterRow(at, values));
        }
        return null;
    }

    private static bool FirstIsTime(CaptureObject[] columns) => columns.Length > 0 && columns[0].LogicalName == IndianObjects.Clock;

    private static MeterColumn Column(CaptureObject column, Dictionary<ObisCode, ScalerUnit> scalers)
    {
        bool scaled = scalers.TryGetValue(column.LogicalName, out ScalerUnit scaler) && column.AttributeId is 2 or 3;
        string name = (ObisNames.Describe(column.LogicalName) ?? column.LogicalName.ToString()) + (column.AttributeId == 5 ? ", time" : "");
        return new(column.LogicalName.ToString(), column.AttributeId, name, scaled ? scaler.Unit.Symbol() : "", scaled ? Math.Max(0, -scaler.Scaler) : 0);
    }

    // As the meter writes its own times: its deviation, whichever its sign.
    private static SelectiveAccess Range(LocalDateTime start, LocalDateTime end, CosemDateTime clock)
    {
        CosemDateTime As(LocalDateTime time) => CosemDateTime.From(time, Offset.Zero) with { Deviation = clock.Deviation };
        return SelectiveAccess.Range(As(start), As(end));
    }
}
