using Praman.Dlms;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.HeadEnd.Sessions;
using Praman.Metering;

namespace Praman.HeadEnd.Collection;

/// <summary>Reads what a profile is made of, over an open session.</summary>
public static class ProfileReading
{
    /// <summary>Columns of a profile: its attribute 3.</summary>
    public static async ValueTask<(CaptureObject[]? Columns, SessionError? Error)> ReadCaptureObjectsAsync(
        MeterSession session, ObisCode profile, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        SessionError? error = await session.GetAsync(IndianObjects.CaptureObjects(profile), null, cancellationToken).ConfigureAwait(false);
        if (error is not null) return (null, error);
        if (session.Read(out CosemData value) is { } unreadable) return (null, unreadable);
        return CaptureObject.TryFromArray(value, out CaptureObject[]? columns)
            ? (columns, null) : (null, session.Fault(SessionFault.Malformed, $"the capture objects of {profile} are not a list of definitions"));
    }

    /// <summary>
    /// Scalers of the columns: from the scaler profile, whose one row holds attribute 3 of the registers that its own columns name; from the
    /// registers themselves where the meter has no such profile.
    /// </summary>
    public static async ValueTask<SessionError?> ReadScalersAsync(
        MeterSession session, ObisCode scalerProfile, IReadOnlyList<CaptureObject> columns, Dictionary<ObisCode, ScalerUnit> scalers, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(scalers);
        (CaptureObject[]? named, SessionError? error) = await ReadCaptureObjectsAsync(session, scalerProfile, cancellationToken).ConfigureAwait(false);
        if (named is not null)
        {
            error = await session.GetAsync(IndianObjects.Buffer(scalerProfile), null, cancellationToken).ConfigureAwait(false) ?? session.Read(out _);
            if (error is not null) return error;
            _ = session.Read(out CosemData rows);
            if (rows.Count != 1 || rows[0].Count != named.Length) return session.Fault(SessionFault.Malformed, $"the scaler profile {scalerProfile} has no row of {named.Length} scalers");
            for (int i = 0; i < named.Length; i++) if (rows[0][i].TryGetScalerUnit(out ScalerUnit scaler)) scalers[named[i].LogicalName] = scaler;
        }
        else if (session.ClientError?.Access is null) return error;
        foreach (CaptureObject column in columns)
        {
            if (column is not { ClassId: 3 or 4, AttributeId: 2 } || scalers.ContainsKey(column.LogicalName)) continue;
            error = await session.GetAsync(new AttributeDescriptor(column.ClassId, column.LogicalName, 3), null, cancellationToken).ConfigureAwait(false);
            if (error is not null)
            {
                if (session.ClientError?.Access is not null) continue; // without a scaler the layout says so, where it matters
                return error;
            }
            if (session.Read(out CosemData value) is { } unreadable) return unreadable;
            if (value.TryGetScalerUnit(out ScalerUnit own)) scalers[column.LogicalName] = own;
        }
        return null;
    }

    /// <summary>Rows of a profile as trees; for people and tools, not for the collection.</summary>
    /// <returns>The rows, each a structure; or the fault.</returns>
    public static async ValueTask<(CosemData[]? Rows, SessionError? Error)> ReadRowsAsync(
        MeterSession session, ObisCode profile, SelectiveAccess? access, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        SessionError? error = await session.GetAsync(IndianObjects.Buffer(profile), access, cancellationToken).ConfigureAwait(false);
        if (error is not null) return (null, error);
        if (session.Read(out CosemData value) is { } unreadable) return (null, unreadable);
        return value.Type == CosemDataType.Array ? (value.Items.ToArray(), null) : (null, session.Fault(SessionFault.Malformed, $"the buffer of {profile} is no array"));
    }
}
