using System.Globalization;
using Praman.Billing.Tariffs;

namespace Praman.Billing.Rating;

/// <summary>
/// The state of one bill in the making. Methods named <c>Try…</c> give false after a refusal, which ends the run. A thread has one and rates all its
/// bills with it: its lists keep their room, so that a bill allocates what it is and nothing for the making of it.
/// </summary>
internal sealed partial class RatingRun
{
    [ThreadStatic]
    private static RatingRun? _ofThread;

    private CompiledTariff _compiled = null!;
    private BillingDeterminants _inputs = null!;
    private Tariff _tariff = null!;
    private BillingRules _rules = null!;
    private List<TraceStep>? _trace;
    private List<RatingWarning>? _warnings;
    private RatingRefusal? _refusal;

    /// <summary>Points of the series that the line in the making used.</summary>
    private readonly List<SeriesPoint> _points = [];
    private ExactFraction? _derivedLoadKw;

    /// <summary>Where charges end and subsidies begin, and where these end.</summary>
    private int _chargeCount, _subsidyEnd;

    private RatingRun()
    {
    }

    /// <summary>Why there is no bill, after a refusal.</summary>
    public RatingRefusal Refusal => _refusal!;

    /// <summary>Only the amounts of the lines are asked for: no warning is worded.</summary>
    public bool IsForAmounts { get; set; }

    public IReadOnlyList<TraceStep> Trace => _trace ?? (IReadOnlyList<TraceStep>)[];

    /// <summary>This thread's run, taken until <see cref="End"/>.</summary>
    public static RatingRun Begin(CompiledTariff compiled, BillingDeterminants inputs, TraceDetail detail)
    {
        RatingRun run = _ofThread ?? new();
        _ofThread = null;
        run.Reset(compiled, inputs, detail);
        return run;
    }

    /// <summary>Gives the run back; nothing of a bill stays with it.</summary>
    public void End()
    {
        (_compiled, _inputs, _intervals, _kwhByDay, _trace, _limits, _warnings, _refusal) = (null!, null!, null, default, null, null, null, null);
        _ofThread = this;
    }

    private void Reset(CompiledTariff compiled, BillingDeterminants inputs, TraceDetail detail)
    {
        (_compiled, _inputs, _tariff, _rules) = (compiled, inputs, compiled.Tariff, compiled.Tariff.Billing);
        (_givenKwh, _kwhImport, _intervals) = (inputs.Kwh, inputs.KwhImport, inputs.Intervals);
        bool isTraced = detail == TraceDetail.Full;
        (_trace, _limits) = (isTraced ? [] : null, isTraced ? [] : null);
        (_warnings, _refusal, _derivedLoadKw, _held) = (null, null, null, default);
        IsForAmounts = false;
        (_isToDate, _judgedKwh, _sameUpTo) = (false, null, decimal.MaxValue);
        (_kwh, _kwhCarriedOut, _hasRateSegments, _leftOfBill, _openIsWaived) = (null, null, false, 0, false);
        (_lineCount, _openParts, _chargeCount, _subsidyEnd) = (0, 0, 0, 0);
        _parts.Clear();
        _points.Clear();
        if (_components.Length < compiled.Components.Length) _components = new int[compiled.Components.Length];
        _components.AsSpan().Fill(None);
    }

    /// <summary>Rates; false after a refusal.</summary>
    public bool TryRate()
    {
        if (!TryPrepare()) return false;
        foreach (CompiledComponent component in _compiled.Components)
        {
            if (!TryApplies(component.Source.When, component.Source.Id, out bool applies)) return false;
            if (!applies || (component.Source.Season is not null && !TryInSeason(component.Source.Season, out applies))) continue;
            if (_refusal is not null) return false;
            if (applies && !TryRate(component)) return false;
        }
        if (_refusal is not null || !TryMinimum()) return false;
        _chargeCount = _lineCount;
        if (!TrySubsidies()) return false;
        _subsidyEnd = _lineCount;
        return TryRebates();
    }

    /// <summary>The whole bill, or why there is none.</summary>
    public RatingResult Rate() => TryRate() ? RatingResult.Of(Close()) : RatingResult.Of(_refusal!, _trace, _derivedLoadKw);

    private bool TryRate(CompiledComponent component) => component.Source switch
    {
        BlockCharge blocks => TryBlocks(component, blocks),
        UnitCharge unit => TryUnit(component, unit),
        FixedCharge fixedCharge => TryFixed(component, fixedCharge),
        PercentCharge percent => TryPercent(component, percent),
        TimeOfDayCharge tod => TryTimeOfDay(component, tod),
        IntervalCharge interval => TryInterval(component, interval),
        _ => throw new InvalidOperationException($"No rule rates a {component.Source.GetType().Name}."),
    };

    private RatedBill Close()
    {
        decimal gross = 0, subsidies = 0, rebates = 0;
        bool open = false;
        for (int i = 0; i < _lineCount; i++)
        {
            open |= _lines[i].IsOpen;
            if (i < _chargeCount) gross += _lines[i].Amount;
            else if (i < _subsidyEnd) subsidies += _lines[i].Amount;
            else rebates += _lines[i].Amount;
        }
        bool netOpen = open && !_openIsWaived;
        decimal net = gross + subsidies + rebates;
        decimal total = _rules.TotalRounding.Apply(net);
        if (_trace is not null) TraceTotals(open ? null : gross, netOpen ? null : net, netOpen ? null : total);
        return new RatedBill
        {
            TariffId = _tariff.Id,
            TariffHash = _tariff.Hash,
            Currency = _tariff.Currency,
            Series = _compiled.Series,
            Months = _months,
            Lines = MakeLines(),
            Gross = open ? null : gross,
            SubsidyTotal = subsidies,
            RebateTotal = rebates,
            Net = netOpen ? null : net,
            Rounding = netOpen ? null : total - net,
            Total = netOpen ? null : total,
            KwhCarriedOut = _kwhCarriedOut,
            DerivedLoadKw = _derivedLoadKw,
            Warnings = _warnings ?? (IReadOnlyList<RatingWarning>)[],
            Trace = Trace,
        };
    }

    private bool Refuse(string code, string missing, string message)
    {
        _refusal ??= new(code, message, missing);
        return false;
    }

    private bool RefuseInput(string name, string reason) => Refuse(RefusalCodes.InputInvalid, name, $"Input '{name}': {reason}.");

    private void Warn(string code, string message) => Warn(new(code, message));

    private void Warn(RatingWarning warning)
    {
        if (!IsForAmounts) (_warnings ??= []).Add(warning);
    }

    /// <param name="component">What needs it; worded only where it is missing.</param>
    private bool TryExternal<TOwner>(string name, TOwner component, out decimal value)
    {
        if (_inputs.External is { } external && external.TryGetValue(name, out value))
        {
            if (_trace is not null) Note($"external.{name}", value, [], "given with the bill's inputs");
            return true;
        }
        value = 0;
        return Refuse(RefusalCodes.ExternalMissing, name, $"'{component}' needs the external value '{name}', which must come with the bill's _inputs.");
    }

    private bool TryApplies(TariffCondition? when, string owner, out bool applies)
    {
        applies = true;
        if (when is null) return true;
        for (int i = 0; i < when.Flags.Count; i++) applies &= HasFlag(when.Flags[i]);
        if (!applies) return true; // a condition that fails anyway asks for no input
        if (when.Kwh is { } kwhRange)
        {
            if (!TryJudgedKwh(owner, out ExactFraction kwh)) return false;
            applies &= IsWithin(kwhRange, kwh);
            Until(kwh, kwhRange.Above, ExactFraction.One);
            Until(kwh, kwhRange.UpTo, ExactFraction.One);
        }
        if (when.KwhMonth is { } monthRange)
        {
            if (!TryKwhMonth(owner, out ExactFraction kwhMonth)) return false;
            applies &= IsWithin(monthRange, kwhMonth);
            Until(kwhMonth, monthRange.Above, _months);
            Until(kwhMonth, monthRange.UpTo, _months);
        }
        if (applies && when.LoadKw is { } loadRange)
        {
            if (_inputs.SanctionedLoadKw is not { } load) return RefuseInput("sanctioned_load_kw", $"not given, and a condition of '{owner}' asks for it");
            applies &= IsWithin(loadRange, load);
        }
        return true;
    }

    private static bool IsWithin(NumberRange range, ExactFraction value) =>
        (range.Above is not { } above || value > above) && (range.UpTo is not { } upTo || value <= upTo);

    private bool HasFlag(string flag)
    {
        if (_inputs.Flags.Count == 0) return false;
        foreach (string given in _inputs.Flags)
        {
            if (string.Equals(given, flag, StringComparison.Ordinal)) return true;
        }
        return false;
    }

    private bool TryInSeason(string season, out bool applies)
    {
        applies = false;
        if (_inputs.Season is null) return RefuseInput("season", "not given, and the tariff has charges by season");
        applies = string.Equals(_inputs.Season, season, StringComparison.Ordinal);
        return true;
    }

    private void Note(string name, ExactFraction value, string[] from, string rule) => _trace?.Add(new(name, value.ToString(), from, rule));

    private void TraceTotals(decimal? gross, decimal? net, decimal? total)
    {
        List<string> charges = [], others = ["gross"];
        for (int i = 0; i < _lineCount; i++) (i < _chargeCount ? charges : others).Add(_lines[i].Id);
        _trace!.Add(new("gross", Text(gross), charges, "sum of the charges"));
        _trace.Add(new("net", Text(net), others, "gross, less subsidies, less rebates"));
        Rounding rounding = _rules.TotalRounding;
        _trace.Add(new("total", Text(total), ["net"], string.Create(CultureInfo.InvariantCulture, $"rounded {Word(rounding.Mode)} to {rounding.Step}")));
        _trace.Add(new("rounding", Text(total - net), ["total", "net"], "total less net"));
    }

    private const string Unknown = "unknown";

    private static string Text(decimal? amount) => amount is { } known ? DecimalText.Money(known) : Unknown;

    private static string Word(RoundingMode mode) => mode switch { RoundingMode.Up => "up", RoundingMode.Down => "down", _ => "half up" };
}
