using System.Globalization;
using Praman.Billing.Tariffs;

namespace Praman.Billing.Rating;

/// <summary>The state of one bill in the making. Methods named <c>Try…</c> give false after a refusal, which ends the run.</summary>
internal sealed partial class RatingRun(CompiledTariff compiled, BillingDeterminants inputs, TraceDetail detail, ToDate? toDate = null)
{
    private readonly Tariff _tariff = compiled.Tariff;
    private readonly BillingRules _rules = compiled.Tariff.Billing;
    private readonly RatedLine?[] _components = new RatedLine?[compiled.Components.Length];
    private readonly List<RatedLine> _lines = new(compiled.Components.Length + 2);
    private readonly List<RatedPart> _parts = [];
    private readonly List<TraceStep>? _trace = detail == TraceDetail.Full ? [] : null;
    private List<RatingWarning>? _warnings;
    private RatingRefusal? _refusal;

    /// <summary>Points of the series that the line in the making used.</summary>
    private readonly List<SeriesPoint> _points = [];
    private ExactFraction? _derivedLoadKw;

    public IReadOnlyList<TraceStep> Trace => _trace ?? (IReadOnlyList<TraceStep>)[];

    public RatingResult Rate()
    {
        if (!TryPrepare()) return Refused();
        foreach (CompiledComponent component in compiled.Components)
        {
            if (!TryApplies(component.Source.When, component.Source.Id, out bool applies)) return Refused();
            if (!applies || (component.Source.Season is not null && !TryInSeason(component.Source.Season, out applies))) continue;
            if (_refusal is not null) return Refused();
            if (applies && !TryRate(component)) return Refused();
        }
        if (_refusal is not null || !TryMinimum()) return Refused();
        int chargeCount = _lines.Count;
        if (!TrySubsidies()) return Refused();
        int subsidyEnd = _lines.Count;
        if (!TryRebates()) return Refused();
        return RatingResult.Of(Close(chargeCount, subsidyEnd));
    }

    private RatingResult Refused() => RatingResult.Of(_refusal!, _trace, _derivedLoadKw);

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

    private RatedBill Close(int chargeCount, int subsidyEnd)
    {
        decimal gross = 0, subsidies = 0, rebates = 0;
        for (int i = 0; i < _lines.Count; i++)
        {
            if (i < chargeCount) gross += _lines[i].Amount;
            else if (i < subsidyEnd) subsidies += _lines[i].Amount;
            else rebates += _lines[i].Amount;
        }
        bool open = false;
        foreach (RatedLine line in _lines) open |= line.IsOpen;
        bool netOpen = open && !_openIsWaived;
        decimal net = gross + subsidies + rebates;
        decimal total = _rules.TotalRounding.Apply(net);
        if (_trace is not null) TraceTotals(chargeCount, open ? null : gross, netOpen ? null : net, netOpen ? null : total);
        return new RatedBill
        {
            TariffId = _tariff.Id,
            TariffHash = _tariff.Hash,
            Currency = _tariff.Currency,
            Series = compiled.Series,
            Months = _months,
            Lines = _lines,
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

    private void Warn(RatingWarning warning) => (_warnings ??= []).Add(warning);

    private bool TryExternal(string name, string component, out decimal value)
    {
        if (inputs.External is { } external && external.TryGetValue(name, out value))
        {
            if (_trace is not null) Note($"external.{name}", value, [], "given with the bill's inputs");
            return true;
        }
        value = 0;
        return Refuse(RefusalCodes.ExternalMissing, name, $"'{component}' needs the external value '{name}', which must come with the bill's inputs.");
    }

    private bool TryApplies(TariffCondition? when, string owner, out bool applies)
    {
        applies = true;
        if (when is null) return true;
        foreach (string flag in when.Flags) applies &= HasFlag(flag);
        if (!applies) return true; // a condition that fails anyway asks for no input
        if (when.Kwh is { } kwhRange)
        {
            if (!TryJudgedKwh(owner, out ExactFraction kwh)) return false;
            applies &= IsWithin(kwhRange, kwh);
        }
        if (when.KwhMonth is { } monthRange)
        {
            if (!TryKwhMonth(owner, out ExactFraction kwhMonth)) return false;
            applies &= IsWithin(monthRange, kwhMonth);
        }
        if (applies && when.LoadKw is { } loadRange)
        {
            if (inputs.SanctionedLoadKw is not { } load) return RefuseInput("sanctioned_load_kw", $"not given, and a condition of '{owner}' asks for it");
            applies &= IsWithin(loadRange, load);
        }
        return true;
    }

    private static bool IsWithin(NumberRange range, ExactFraction value) =>
        (range.Above is not { } above || value > above) && (range.UpTo is not { } upTo || value <= upTo);

    private bool HasFlag(string flag)
    {
        foreach (string given in inputs.Flags)
        {
            if (string.Equals(given, flag, StringComparison.Ordinal)) return true;
        }
        return false;
    }

    private bool TryInSeason(string season, out bool applies)
    {
        applies = false;
        if (inputs.Season is null) return RefuseInput("season", "not given, and the tariff has charges by season");
        applies = string.Equals(inputs.Season, season, StringComparison.Ordinal);
        return true;
    }

    private RatedLine AddLine(CompiledComponent component, LineKind kind, ExactFraction quantity, string unit, Rounding? rounding = null, bool isOpen = false, ExactFraction? average = null)
    {
        TariffComponent source = component.Source;
        IReadOnlyList<string> sources = component.SourcesOf(_points);
        _points.Clear();
        RatedLine line = MakeLine(source.Id, source.Label, source.Group, kind, quantity, unit, sources, rounding, isOpen, average);
        _components[component.Index] = line;
        return line;
    }

    /// <summary>Closes the parts gathered so far into a line.</summary>
    private RatedLine MakeLine(string id, string label, ChargeGroup group, LineKind kind, ExactFraction quantity, string unit, IReadOnlyList<string> sources, Rounding? rounding = null, bool isOpen = false, ExactFraction? average = null)
    {
        decimal amount = 0;
        decimal? rate = _parts.Count > 0 ? _parts[0].Rate : null;
        foreach (RatedPart part in _parts)
        {
            amount += part.Amount;
            if (rate != part.Rate) rate = null;
        }
        RatedLine line = new()
        {
            Id = id,
            Label = label,
            Group = group,
            Kind = kind,
            Quantity = quantity,
            Unit = unit,
            Rate = rate,
            Amount = amount,
            Parts = [.. _parts],
            Sources = sources,
            Rounding = rounding ?? _rules.LineRounding,
            IsOpen = isOpen,
            Average = average,
        };
        _parts.Clear();
        _lines.Add(line);
        return line;
    }

    private void Note(string name, ExactFraction value, string[] from, string rule) => _trace?.Add(new(name, value.ToString(), from, rule));

    private void TraceTotals(int chargeCount, decimal? gross, decimal? net, decimal? total)
    {
        List<string> charges = [], others = ["gross"];
        for (int i = 0; i < _lines.Count; i++) (i < chargeCount ? charges : others).Add(_lines[i].Id);
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
