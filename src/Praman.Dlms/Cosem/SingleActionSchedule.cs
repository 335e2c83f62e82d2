using NodaTime;
using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Cosem;

/// <summary>SingleActionSchedule, class_id 22, version 0 (IEC 62056-6-2): when a script runs, with wildcards in time and date.</summary>
/// <param name="logicalName">Its name; 0.0.15.0.0.255 is the end of billing.</param>
/// <param name="scriptTable">The table of the script that it runs.</param>
/// <param name="selector">The number of the script.</param>
/// <param name="times">Pairs of four octets of time and five of date.</param>
/// <param name="set">Takes new pairs; read-write-denied where null.</param>
public sealed class SingleActionSchedule(
    ObisCode logicalName, ObisCode scriptTable, ushort selector, Func<CosemContext, IReadOnlyList<(byte[] Time, byte[] Date)>> times,
    Func<CosemContext, IReadOnlyList<(byte[] Time, byte[] Date)>, DataAccessResult>? set = null) : CosemObject(logicalName)
{
    private const int TimeCountMax = 12;

    private readonly ObisCode _scriptTable = scriptTable;
    private readonly ushort _selector = selector;
    private readonly Func<CosemContext, IReadOnlyList<(byte[] Time, byte[] Date)>> _times = times;
    private readonly Func<CosemContext, IReadOnlyList<(byte[] Time, byte[] Date)>, DataAccessResult>? _set = set;

    public static CosemClass<SingleActionSchedule> Table { get; } = new(22, 0, "SingleActionSchedule",
        [
            new(2, "executed_script", "script-reference",
                (s, _) => CosemData.Structure(CosemData.LogicalName(s._scriptTable), CosemData.LongUnsigned(s._selector)), IsStatic: true),
            new(3, "type", "enum[1..5]", (_, _) => CosemData.Enumeration(1), IsStatic: true),
            new(4, "execution_time", "array[12] of { time: time-octets, date: date-octets }", (s, c) => CosemData.Array([.. s._times(c).Select(
                t => CosemData.Structure(CosemData.OctetString(t.Time), CosemData.OctetString(t.Date)))]), (s, c, v) => s.Set(c, v)),
        ],
        []);

    public override CosemClass Class => Table;

    /// <summary>The first moment in (<paramref name="after"/>, <paramref name="until"/>] that a pair of time and date names; null where none does.</summary>
    public static LocalDateTime? FirstAfter(IReadOnlyList<(byte[] Time, byte[] Date)> times, LocalDateTime after, LocalDateTime until)
    {
        ArgumentNullException.ThrowIfNull(times);
        LocalDateTime? first = null;
        for (LocalDate day = after.Date; first is null && day <= until.Date; day = day.PlusDays(1))
        {
            foreach ((byte[] time, byte[] date) in times)
            {
                if (!DatePattern.Matches(date, day)) continue;
                if (DatePattern.TimeAfter(time, day == after.Date ? after.TimeOfDay : null) is not { } at) continue;
                LocalDateTime candidate = day.At(at);
                if (candidate <= until && (first is null || candidate < first)) first = candidate;
            }
        }
        return first;
    }

    private DataAccessResult Set(CosemContext context, in CosemData value)
    {
        if (_set is null) return DataAccessResult.ReadWriteDenied;
        if (value.Count is 0 or > TimeCountMax) return DataAccessResult.OtherReason;
        var times = new List<(byte[], byte[])>(value.Count);
        foreach (CosemData pair in value.Items)
        {
            if (pair.Count != 2 || pair[0].OctetSpan.Length != 4 || pair[1].OctetSpan.Length != 5) return DataAccessResult.TypeUnmatched;
            times.Add((pair[0].OctetSpan.ToArray(), pair[1].OctetSpan.ToArray()));
        }
        return _set(context, times);
    }
}
