using System.Text;
using NodaTime;
using NodaTime.Text;
using Praman.Billing.Tariffs;

namespace Praman.Cli.Tariffs;

/// <summary>One sentence, or a few, for each charge.</summary>
internal sealed partial class TariffWords
{
    private string Component(TariffComponent component)
    {
        string said = component switch
        {
            BlockCharge blocks => Blocks(blocks),
            UnitCharge unit => Unit(unit),
            FixedCharge charge => Fixed(charge),
            PercentCharge percent => Percent(percent),
            TimeOfDayCharge tod => TimeOfDay(tod),
            IntervalCharge interval => Interval(interval),
            _ => throw new InvalidOperationException($"No words for a {component.GetType().Name}."),
        };
        StringBuilder text = new();
        text.Append(component.Label).Append(" (").Append(component.Id).Append("): ").Append(said).Append('.');
        if (component.Season is { } season) text.Append(" In the season ").Append(season).Append(" only.");
        if (Condition(component.When) is { Length: > 0 } only) text.Append(" Only ").Append(only).Append('.');
        if (component.Note is { } note) text.Append(" Note: ").Append(note.TrimEnd('.')).Append('.');
        if (component.Sources.Count > 0) text.Append(" [").AppendJoin(", ", component.Sources).Append(']');
        return text.ToString();
    }

    private string Blocks(BlockCharge charge)
    {
        string unit = Unit(charge.Quantity), per = Per(charge.Per);
        if (charge.Tables is [{ When: null } only]) return Bands(only, unit, per);
        List<string> tables = [];
        foreach (BlockTable table in charge.Tables) tables.Add($"{(Condition(table.When) is { Length: > 0 } when ? when : "otherwise")}, {Bands(table, unit, per)}");
        return string.Join("; ", tables);
    }

    private string Bands(BlockTable table, string unit, string per)
    {
        List<string> bands = [];
        string below = "0";
        foreach (Band band in table.Bands)
        {
            string rate = band.External is { } external ? $"the rate '{external}' that comes with the bill" : band.Rate is { } known ? $"{Number(known)} {_unit}" : "a rate that is not published";
            string? upto = band.UptoExternal is { } name ? $"'{name}' of the bill" : band.Upto is { } limit ? Number(limit) : null;
            string stretch = (below, upto) switch
            {
                ("0", null) => $"every {unit}",
                ("0", _) => $"up to {upto} {unit} {per}",
                (_, null) => $"above {below}",
                _ => $"above {below} to {upto}",
            };
            bands.Add($"{stretch} at {rate}{(bands.Count == 0 ? " each" : "")}");
            below = upto ?? below;
        }
        return table.IsWhole && table.Bands.Count > 1 ? $"ALL units at the rate of the slab that is reached: {string.Join("; ", bands)}" : string.Join("; ", bands);
    }

    private string Unit(UnitCharge charge)
    {
        string unit = Unit(charge.Quantity);
        if (charge.Series is { } series) return $"each {unit} at the value of the series '{series}' on its day";
        if (charge.External is { } external) return $"each {unit} at the value '{external}' that comes with the bill";
        if (charge.Tables.Count == 0) return charge.Rate is { } rate ? $"each {unit} at {Number(rate)} {_unit}" : $"each {unit} at a rate that is not published";
        return string.Join("; ", charge.Tables.Select(table => $"{(Condition(table.When) is { Length: > 0 } when ? when : "otherwise")}, each {unit} at {Number(table.Rate)} {_unit}"));
    }

    private string Fixed(FixedCharge charge)
    {
        string per = charge.Per == ChargePer.Day ? "a day" : "a month";
        string load = charge.Load switch
        {
            LoadBasis.BillingDemand => "the higher of sanctioned load and recorded demand",
            LoadBasis.MaxOfDemandAnd75PercentSanctioned => "the higher of recorded demand and 75 % of the sanctioned load",
            LoadBasis.DerivedFromKwh => Text($"a load that follows from the units: each {charge.Derive!.KwhPerStep} a month or part count as {charge.Derive.StepKw} kW"),
            _ => "the sanctioned load",
        };
        if (charge.LoadRounding is { } rounding) load += $", rounded {Way(rounding)} kW";
        string basis = charge.Basis switch { FixedBasis.Kw => $" for each kW of {load}", FixedBasis.Kva => $" for each kVA of {load}", _ => "" };
        if (charge.External is { } external) return $"'{external}' that comes with the bill, {per}{basis}";
        if (charge.BandsByLoad.Count > 0)
        {
            return $"by {load}, {per}{basis}: " + string.Join("; ", charge.BandsByLoad.Select(band => (band.UptoKw is { } limit ? $"up to {Number(limit)} kW " : "above that ") + $"{Number(band.Rate)} {_unit}" +
                (band.Basis is { } own ? own == FixedBasis.Connection ? " a connection" : own == FixedBasis.Kva ? " a kVA" : " a kW" : "")));
        }
        if (charge.BandsByKwh.Count > 0) return $"by the units a month, {per}{basis}: {KwhBands(charge.BandsByKwh)}";
        if (charge.IsByPhase)
        {
            List<string> phases = [];
            if (charge.SinglePhase is { } single) phases.Add("one phase: " + KwhBands(single));
            if (charge.ThreePhase is { } three) phases.Add("three phases: " + KwhBands(three));
            return $"{per}{basis}: {string.Join("; ", phases)}";
        }
        return charge.Rate is { } rate ? $"{Number(rate)} {_unit} {per}{basis}" : $"an amount that is not published, {per}{basis}";
    }

    private string KwhBands(IReadOnlyList<KwhBand> bands) => string.Join("; ", bands.Select(band =>
        (band.Upto is { } limit ? $"up to {Number(limit)} units " : bands.Count > 1 ? "above that " : "") + (band.Rate is { } rate ? $"{Number(rate)} {_unit}" : "not published")));

    private string Percent(PercentCharge charge)
    {
        string of = string.Join(" + ", charge.Of.Select(line => line.Weight == 1 ? line.Id : $"{Number(line.Weight)} × {line.Id}"));
        string rate = charge.Series is { } series ? $"the value of the series '{series}', in percent,"
            : charge.External is { } external ? $"'{external}' that comes with the bill, in percent," : charge.Rate is { } known ? $"{Number(known)} %" : "a percentage that is not published";
        string apart = charge.PerBand ? ", computed and rounded for each slab" : charge.PerSegment ? ", computed and rounded for each part" : "";
        return $"{rate} of {of}{apart}";
    }

    private string TimeOfDay(TimeOfDayCharge charge)
    {
        string unit = Unit(charge.Quantity);
        IEnumerable<string> periods = charge.Periods.Select(period => $"{period.Name} ({When(period)}) " + period.Pricing switch
        {
            TouPricing.Rate => $"{Number(period.Value)} {_unit} a {unit}",
            TouPricing.Adder => $"{(period.Value < 0 ? "" : "+")}{Number(period.Value)} {_unit} a {unit}",
            _ => $"× {Number(period.Value)} of the average rate of {string.Join(" + ", charge.Base)}",
        });
        return "by the time of use: " + string.Join("; ", periods);
    }

    private static string When(TouPeriod period)
    {
        List<string> when = [];
        if (period.Months.Count > 0) when.Add("months " + string.Join(", ", period.Months));
        when.Add(period.Days switch { DayKind.Weekday => "Monday to Friday", DayKind.Weekend => "Saturday and Sunday", DayKind.Holiday => "holidays", _ => "" });
        when.Add(period.From is { } from ? $"{Clock(from)} to {(period.To == LocalTime.Midnight ? "24:00" : Clock(period.To!.Value))}" : "the rest of the time");
        return string.Join(", ", when.Where(one => one.Length > 0));
    }

    private static string Clock(LocalTime time) => LocalTimePattern.CreateWithInvariantCulture("HH':'mm").Format(time);

    private static string Interval(IntervalCharge charge)
    {
        string name = charge.External ?? "w";
        IEnumerable<string> steps = charge.Steps.Select(step =>
            $"{(step.From is { } from ? $"{Clock(from)} to {Clock(step.To!.Value)}" : "else")} {Number(step.Multiply)} × {name}{(step.Add == 0 ? "" : step.Add < 0 ? $" − {Number(-step.Add)}" : $" + {Number(step.Add)}")}");
        string cap = charge.Cap is { } most ? $", at most {Number(most)}" : "", floor = charge.Floor is { } least ? $", at least {Number(least)}" : "";
        return Text($"a price for each {charge.IntervalMinutes} minutes from the price '{name}' that comes with the bill: {string.Join("; ", steps)}{cap}{floor}{(charge.PriceDivisor == 1 ? "" : Text($", in 1/{charge.PriceDivisor} of the currency"))}");
    }

    private string Minimum(MinimumCharge minimum) => $"The sum of the charges{(minimum.Exclude.Count > 0 ? " but " + string.Join(", ", minimum.Exclude) : "")} is at least {Number(minimum.Amount)} {_unit} {Per(minimum.Per)}.";

    private string Export(NetExport export) =>
        $"The bill is for import less export less what was carried in, never below 0; what is left is carried over{(export.Carry is { } carry ? $" ({carry})" : "")}.{(export.Note is { } note ? $" Note: {note}." : "")}";

    private string SubsidyText(Subsidy subsidy)
    {
        string said = subsidy switch
        {
            WaiveAll => "the whole bill",
            PercentCapped percent => $"{Number(percent.Percent)} % of the bill{(percent.CapPerMonth is { } cap ? $", at most {Number(cap)} {_unit} a month" : "")}",
            PerUnitBlocks blocks => Bands(new(null, false, blocks.Blocks), "units", "a month"),
            FreeUnits free => Free(free),
            ConsumerPaysTable table => "the energy charge, but for what the consumer pays by a table of its own: " + string.Join("; ", table.Tables.Select(one =>
                $"{(Condition(one.When) is { Length: > 0 } when ? when + ", " : "")}{Bands(one, "units", "a cycle")}")),
            _ => "a personal entitlement whose amount comes with the bill",
        };
        string since = subsidy.ValidFrom is { } from ? $" From {Iso(from)}." : "";
        string only = Condition(subsidy.When) is { Length: > 0 } when ? $" Only {when}." : "";
        return $"{subsidy.Id}: {said}.{since}{only}{(subsidy.Note is { } note ? $" Note: {note.TrimEnd('.')}." : "")}";
    }

    private static string Free(FreeUnits free)
    {
        string lines = free.WaivesWhenWithin is { } some ? string.Join(", ", some) : "all lines";
        string exceeded = free.Exceeded is { } rules
            ? string.Join("; ", rules.Select(rule => $"{rule.Key} {(rule.Value == WhenExceeded.ExcessOnly ? "on the excess alone" : "for the whole period")}"))
            : "not in the material: such a bill is refused";
        return $"within {Number(free.UnitsPerMonth)} units a month {lines}; above them: {exceeded}";
    }

    private string RebateText(Rebate rebate)
    {
        string said = rebate switch
        {
            PercentRebate { IsOfRecharge: true } percent => $"{Number(percent.Percent)} % of a recharge, given with it and not on the bill",
            PercentRebate percent => $"{Number(percent.Percent)} % of {string.Join(" + ", percent.Of)}",
            PerUnitRebate perUnit => $"{Number(perUnit.Rate)} {_unit} a unit",
            _ => $"{Number(((FlatRebate)rebate).Amount)} {_unit} a bill",
        };
        return $"{rebate.Id}: {said}.{(Condition(rebate.When) is { Length: > 0 } when ? $" Only {when}." : "")}{(rebate.Note is { } note ? $" Note: {note.TrimEnd('.')}." : "")}";
    }

    private static string Condition(TariffCondition? when)
    {
        if (when is null) return "";
        List<string> parts = [];
        Range(when.Kwh, "units of the bill");
        Range(when.KwhMonth, "units a month");
        Range(when.LoadKw, "kW of sanctioned load");
        if (when.Flags.Count > 0) parts.Add("with " + string.Join(" and ", when.Flags));
        return string.Join(", ", parts);

        void Range(NumberRange? range, string of)
        {
            if (range is { Above: { } over, UpTo: { } to }) parts.Add($"with more than {Number(over)} and up to {Number(to)} {of}");
            else if (range is { Above: { } above }) parts.Add($"with more than {Number(above)} {of}");
            else if (range is { UpTo: { } upTo }) parts.Add($"with up to {Number(upTo)} {of}");
        }
    }

    private static string Unit(BilledQuantity quantity) => quantity switch
    {
        BilledQuantity.Kvah => "kVAh",
        BilledQuantity.KwMax => "kW of maximum demand",
        BilledQuantity.KwhImport => "kWh taken from the grid",
        BilledQuantity.KwhExport => "kWh given to the grid",
        _ => "kWh",
    };

    private static string Per(ChargePer per) => per switch { ChargePer.Day => "a day", ChargePer.Cycle => "a cycle", _ => "a month" };
}
