using System.Collections.Frozen;
using NodaTime;
using Praman.Dlms.Axdr;
using Praman.Meter.Events;
using Praman.Meter.Load;
using Praman.Metering;

namespace Praman.Meter.Definitions;

/// <summary>
/// What an object of a definition can show, by name. Numbers are whole, in a unit with a scaler of their own, and put into the scaler that the
/// definition asks for; interval energies are differences of scaled registers, so that rows sum to them.
/// </summary>
internal sealed record MeterQuantity(string Name, Unit Unit, sbyte Scaler, Func<ReadingPoint, long> Value)
{
    private static readonly string[] Phases = ["R", "Y", "B"];

    /// <summary>A register's total at an instant; null where it is none.</summary>
    public Func<ReadingPoint, Instant, long>? Total { get; init; }

    /// <summary>True where the difference of the total over the interval is shown.</summary>
    public bool IsInterval { get; private init; }

    /// <summary>What a maximum demand is one of; null where it is none.</summary>
    public DemandMaximum? Maximum { get; private init; }

    /// <summary>When a maximum was; null where it is none.</summary>
    public Func<ReadingPoint, Instant>? CapturedAt => Maximum is { } maximum ? p => maximum.At(p).At : null;

    /// <summary>Text or a time instead of a number.</summary>
    public Func<ReadingPoint, CosemData>? Data { get; private init; }

    /// <summary>All, by name.</summary>
    public static FrozenDictionary<string, MeterQuantity> All { get; } = Make().ToFrozenDictionary(q => q.Name, StringComparer.Ordinal);

    /// <summary>The number in units of 10^<paramref name="scaler"/>.</summary>
    public long In(in ReadingPoint point, sbyte scaler)
    {
        if (Total is null) return Scale(Value(point), scaler);
        return IsInterval ? Scale(Total(point, point.To), scaler) - Scale(Total(point, point.From), scaler) : Scale(Total(point, point.At), scaler);
    }

    private long Scale(long value, sbyte scaler)
    {
        for (int steps = Scaler - scaler; steps > 0; steps--) value *= 10;
        for (int steps = scaler - Scaler; steps > 0; steps--) value /= 10;
        return value;
    }

    private static IEnumerable<MeterQuantity> Make() => [.. Instantaneous(), .. Energies(), .. Demands(), .. Counters(), .. Texts()];

    private static IEnumerable<MeterQuantity> Instantaneous()
    {
        yield return new("voltage", Unit.Volt, -2, p => p.PhaseCentivolts(p.Values.VoltageCentivolts, 0));
        yield return new("current", Unit.Ampere, -2, p => p.Values.CurrentCentiamperes);
        yield return new("neutral current", Unit.Ampere, -2, p => p.Meter.Model.PhaseCount == 1 ? p.Values.CurrentCentiamperes
            : Math.Abs(p.PartOf(p.Values.CurrentCentiamperes, 0) - p.PartOf(p.Values.CurrentCentiamperes, 1)));
        yield return new("power factor", Unit.Count, -2, p => Math.Sign(p.Values.Watts) * p.Values.PowerFactorPercent);
        yield return new("frequency", Unit.Hertz, -1, p => p.Values.FrequencyDecihertz);
        yield return new("apparent power", Unit.VoltAmpere, 0, p => p.Values.VoltAmperes);
        yield return new("active power", Unit.Watt, 0, p => p.Values.Watts);
        yield return new("reactive power", Unit.Var, 0, p => p.ToVarh(Math.Abs((long)p.Values.Watts)));
        yield return new("average voltage", Unit.Volt, -2, p => p.PhaseCentivolts(p.MeanCentivolts, 0));
        yield return new("average current", Unit.Ampere, -2, p => ReadingPoint.Centiamperes(p.MeanVoltAmperes, p.PhaseCentivolts(p.MeanCentivolts, 0)));
        foreach ((int phase, string name) in Phases.Index())
        {
            yield return new($"voltage {name}", Unit.Volt, -2, p => p.PhaseCentivolts(p.Values.VoltageCentivolts, phase));
            yield return new($"current {name}", Unit.Ampere, -2,
                p => ReadingPoint.Centiamperes(p.PartOf(p.Values.VoltAmperes, phase), p.PhaseCentivolts(p.Values.VoltageCentivolts, phase)));
            yield return new($"power factor {name}", Unit.Count, -2, p => Math.Sign(p.Values.Watts) * p.Values.PowerFactorPercent);
            yield return new($"active power {name}", Unit.Watt, 0, p => p.PartOf(p.Values.Watts, phase));
            yield return new($"average voltage {name}", Unit.Volt, -2, p => p.PhaseCentivolts(p.MeanCentivolts, phase));
            yield return new($"average current {name}", Unit.Ampere, -2,
                p => ReadingPoint.Centiamperes(p.PartOf(p.MeanVoltAmperes, phase), p.PhaseCentivolts(p.MeanCentivolts, phase)));
        }
    }

    private static IEnumerable<MeterQuantity> Energies()
    {
        (string Name, Unit Unit, Func<ReadingPoint, LoadTotals, long> Of)[] energies =
        [
            ("active energy import", Unit.WattHour, (_, t) => t.ImportWh),
            ("active energy export", Unit.WattHour, (_, t) => t.ExportWh),
            ("active energy net", Unit.WattHour, (_, t) => t.ImportWh - t.ExportWh),
            ("apparent energy import", Unit.VoltAmpereHour, (p, t) => p.ToVah(t.ImportWh)),
            ("apparent energy export", Unit.VoltAmpereHour, (p, t) => p.ToVah(t.ExportWh)),
            // A load that lags takes reactive energy whichever way the active one flows: quadrants I and II.
            ("reactive energy Q1", Unit.VarHour, (p, t) => p.ToVarh(t.ImportWh)),
            ("reactive energy Q2", Unit.VarHour, (p, t) => p.ToVarh(t.ExportWh)),
            ("reactive energy Q3", Unit.VarHour, (_, _) => 0),
            ("reactive energy Q4", Unit.VarHour, (_, _) => 0),
        ];
        foreach ((string name, Unit unit, Func<ReadingPoint, LoadTotals, long> of) in energies)
        {
            long Total(ReadingPoint point, Instant at) => of(point, point.TotalsAt(at));
            yield return new(name, unit, 0, p => Total(p, p.At)) { Total = Total };
            yield return new("interval " + name, unit, 0, p => Total(p, p.To) - Total(p, p.From)) { Total = Total, IsInterval = true };
        }
    }

    private static IEnumerable<MeterQuantity> Demands()
    {
        foreach ((bool export, string way) in ((bool, string)[])[(false, "import"), (true, "export")])
        {
            yield return OfMaximum($"maximum active demand {way}", Unit.Watt, new(export, d => d.Watts));
            yield return OfMaximum($"maximum apparent demand {way}", Unit.VoltAmpere, new(export, d => d.VoltAmperes));
        }
    }

    private static MeterQuantity OfMaximum(string name, Unit unit, DemandMaximum maximum) => new(name, unit, 0, p => maximum.Of(maximum.At(p))) { Maximum = maximum };

    /// <summary>The same maximum of the intervals in which a rate register counted.</summary>
    public MeterQuantity OfRate(ObisCode register) => OfMaximum(Name, Unit, Maximum! with { Rate = register });

    private static IEnumerable<MeterQuantity> Counters()
    {
        yield return new("power-on minutes", Unit.Minute, 0, p => p.Meter.PowerOnMinutes(p.Meter.Clock.Read(p.Meter.InstalledAt), p.Stamp));
        yield return new("billing power-on minutes", Unit.Minute, 0, p => p.Meter.PowerOnMinutes(p.DemandFrom, p.DemandTo));
        yield return new("power failure minutes", Unit.Minute, 0, p => (long)p.Meter.Supply.PowerOff(p.Meter.InstalledAt, p.At).TotalMinutes);
        yield return new("power failures", Unit.Count, 0, p => p.Meter.Events.PowerFailureCount);
        yield return new("average power factor", Unit.Count, -2, p => p.Meter.Source.PowerFactorPermille / 10);
        yield return new("tampers", Unit.Count, 0, p => p.Meter.Events.TamperCount);
        yield return new("billing tampers", Unit.Count, 0, p => p.Meter.Events.TampersWithin(p.DemandFrom, p.DemandTo));
        yield return new("billing periods", Unit.Count, 0, p =>
            VirtualMeter.MonthNumberOf(p.Meter.LocalDateOf(p.Stamp)) - VirtualMeter.MonthNumberOf(p.Meter.LocalDateOf(p.Meter.InstalledAt)));
        yield return new("programmings", Unit.Count, 0, p => p.Meter.Events.ProgrammingCount);
        yield return new("error register", Unit.Count, 0, p => (byte)p.Meter.ErrorsAt(p.At));
        yield return new("interval status", Unit.Count, 0, p => (byte)p.Meter.StatusWithin(p.From, p.To, p.Stamp));
        for (int log = 0; log < EventLog.LogCount; log++)
        {
            int of = log;
            yield return new($"event code {log}", Unit.Count, 0, p => (long)(p.Event?.Code ?? (p.Meter.Events.Of(of) is { Count: > 0 } events ? events[^1].Code : 0)));
            yield return new($"event sequence {log}", Unit.Count, 0, p => p.Event?.Sequence ?? p.Meter.Events.SequenceOf(of));
        }
    }

    private static IEnumerable<MeterQuantity> Texts()
    {
        static long None(ReadingPoint point) => 0;
        yield return new("serial number", Unit.Unknown, 0, None) { Data = p => CosemData.OctetString(System.Text.Encoding.ASCII.GetBytes(p.Meter.Serial)) };
        yield return new("device id", Unit.Unknown, 0, None) { Data = p => CosemData.OctetString(System.Text.Encoding.ASCII.GetBytes(p.Meter.Model.FlagId + p.Meter.Serial)) };
        yield return new("firmware version", Unit.Unknown, 0, None)
        {
            Data = p => CosemData.OctetString(System.Text.Encoding.ASCII.GetBytes(p.Meter.Parts?.Firmware?.Version ?? p.Meter.Model.Firmware)),
        };
        yield return new("active mask", Unit.Unknown, 0, None) { Data = p => CosemData.OctetString(p.Meter.Parts is { } parts ? parts.ActiveMask : []) };
        yield return new("billing date", Unit.Unknown, 0, None) { Data = p => CosemData.DateTimeOctets(p.Meter.Stamp(p.BillingDate)) };
    }
}
