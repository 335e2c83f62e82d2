using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using NodaTime;
using NodaTime.Text;
using Praman.Billing.Rating;

namespace Praman.Cli.Tariffs;

/// <summary>The connection for which a tariff is tried out, as options of a command.</summary>
internal sealed class ConnectionOptions
{
    private readonly Option<string> _load = new("--load") { Description = "Sanctioned load in kW.", DefaultValueFactory = _ => "2" };
    private readonly Option<string?> _demand = new("--demand") { Description = "Recorded maximum demand in kW." };
    private readonly Option<string> _phase = new("--phase") { Description = "single or three.", DefaultValueFactory = _ => "single" };
    private readonly Option<string[]> _flags = new("--flag") { Description = "A fact that the tariff asks for, such as prepaid. May stand several times." };
    private readonly Option<string?> _season = new("--season") { Description = "The season, for a tariff that has them." };
    private readonly Option<string[]> _external = new("--external") { Description = "NAME=VALUE: a value that comes with the bill. May stand several times." };
    private readonly Option<string?> _period = new("--period") { Description = "FROM..TO, both days included; default: a whole cycle of the tariff's own time." };
    private readonly Option<int> _units = new("--units") { Description = $"Units in a bill up to which it is tried, 1 to {CostCurve.UnitsMax}.", DefaultValueFactory = _ => 1_000 };

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_load, _demand, _phase, _flags, _season, _external, _period, _units]) command.Options.Add(option);
    }

    public int UnitsMax(ParseResult parsed) => parsed.GetValue(_units);

    public bool TryRead(ParseResult parsed, [NotNullWhen(true)] out BillingDeterminants? inputs, [NotNullWhen(false)] out string? problem)
    {
        inputs = null;
        problem = null;
        Dictionary<string, decimal> external = new(StringComparer.Ordinal);
        foreach (string given in parsed.GetValue(_external) ?? [])
        {
            int equals = given.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1 || !DecimalText.TryParse(given.AsSpan(equals + 1), out decimal value)) problem = $"--external \"{given}\": expected NAME=VALUE, the value {DecimalText.Expectation}";
            else external[given[..equals]] = value;
        }
        string load = parsed.GetValue(_load)!;
        string? demand = parsed.GetValue(_demand), period = parsed.GetValue(_period);
        decimal demandKw = 0;
        if (!DecimalText.TryParse(load, out decimal loadKw)) problem ??= $"--load \"{load}\": expected {DecimalText.Expectation}";
        if (demand is not null && !DecimalText.TryParse(demand, out demandKw)) problem ??= $"--demand \"{demand}\": expected {DecimalText.Expectation}";
        string phase = parsed.GetValue(_phase)!;
        if (phase is not ("single" or "three")) problem ??= $"--phase \"{phase}\": expected single or three";
        int units = parsed.GetValue(_units);
        if (units is < 1 or > CostCurve.UnitsMax) problem ??= $"--units {units}: expected 1 to {CostCurve.UnitsMax}";
        BillingPeriod? dates = null;
        if (period is not null && !TryPeriod(period, out dates)) problem ??= $"--period \"{period}\": expected two dates such as 2025-09-01..2025-09-30";
        if (problem is not null) return false;
        inputs = new BillingDeterminants
        {
            Period = dates,
            BillDate = dates?.To,
            SanctionedLoadKw = loadKw,
            MaxDemandKw = demand is null ? null : demandKw,
            Phase = phase == "three" ? SupplyPhase.Three : SupplyPhase.Single,
            Flags = parsed.GetValue(_flags) ?? [],
            Season = parsed.GetValue(_season),
            External = external,
            Holidays = [],
        };
        return true;
    }

    private static bool TryPeriod(string text, out BillingPeriod? period)
    {
        period = null;
        string[] ends = text.Split("..");
        if (ends.Length != 2 || !LocalDatePattern.Iso.Parse(ends[0]).TryGetValue(default, out LocalDate from) || !LocalDatePattern.Iso.Parse(ends[1]).TryGetValue(default, out LocalDate to)) return false;
        period = new(from, to);
        return to >= from && period.Value.Days <= BillingPeriod.DaysMax;
    }
}
