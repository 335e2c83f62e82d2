using System.Globalization;
using NodaTime;
using NodaTime.Text;
using Praman.Billing.Rating;

namespace Praman.Billing.Tariffs;

/// <summary>Looks over tariffs that the reader accepts, for what a person who wrote the file would want to know before a bill is made of it.</summary>
public static class TariffLint
{
    /// <summary>What is found in a set, tariff by tariff, in the order of their ids.</summary>
    /// <param name="inputs">The connection for which a curve of cost is made; its period is replaced by one of the tariff's own.</param>
    /// <param name="unitsMax">Units a cycle up to which bills are tried.</param>
    public static IReadOnlyList<TariffFinding> Check(TariffSet set, BillingDeterminants inputs, int unitsMax)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(inputs);
        List<TariffFinding> findings = [];
        HashSet<string> sources = new(StringComparer.Ordinal), series = new(StringComparer.Ordinal);
        foreach (Tariff tariff in set.Tariffs.Values.OrderBy(t => t.Id, StringComparer.Ordinal))
        {
            CompiledTariff compiled = CompiledTariff.Compile(tariff, set);
            CollectSources(tariff, compiled, sources);
            series.UnionWith(compiled.Series.Select(s => s.Id));
            Run run = new(tariff, findings);
            run.CheckStatus();
            run.CheckSources(set);
            run.CheckBands();
            foreach (TariffSeries one in compiled.Series) run.CheckSeries(one);
            if (tariff.Components.Count > 0) run.CheckCost(CostCurve.Of(compiled, inputs with { Period = SamplePeriod.Of(compiled), BillDate = SamplePeriod.Of(compiled).To }, unitsMax));
        }
        foreach (string id in set.Series.Keys.Where(id => !series.Contains(id)).Order(StringComparer.Ordinal))
        {
            findings.Add(new(FindingLevel.Warning, "SERIES-UNUSED", null, $"series.{id}", "no component refers to this series"));
        }
        foreach (TariffSeries one in set.Series.Values) sources.UnionWith(one.Points.Select(p => p.Source));
        foreach (string id in set.Sources.Keys.Where(id => !sources.Contains(id)).Order(StringComparer.Ordinal))
        {
            findings.Add(new(FindingLevel.Warning, "SOURCE-UNUSED", null, $"sources.{id}", "no number refers to this source"));
        }
        return findings;
    }

    private static void CollectSources(Tariff tariff, CompiledTariff compiled, HashSet<string> sources)
    {
        sources.UnionWith(tariff.Sources);
        foreach (TariffComponent component in compiled.Tariff.Components) sources.UnionWith(component.Sources);
        foreach (Subsidy subsidy in tariff.Subsidies) sources.UnionWith(subsidy.Sources);
        foreach (Rebate rebate in tariff.Rebates) sources.UnionWith(rebate.Sources);
        if (tariff.Export is { } export) sources.UnionWith(export.Sources);
    }

    private static string Iso(LocalDate date) => LocalDatePattern.Iso.Format(date);

    private sealed class Run(Tariff tariff, List<TariffFinding> findings)
    {
        private void Add(FindingLevel level, string code, string path, string message) => findings.Add(new(level, code, tariff.Id, path, message));

        public void CheckStatus()
        {
            if (tariff.Status == TariffStatus.Partial) Add(FindingLevel.Warning, "PARTIAL", "status", "lines of the real bill are missing: no bill may be issued with this tariff");
            foreach (string place in MissingRates.Of(tariff)) Add(FindingLevel.Warning, "RATE-NULL", place, "not published in the material: a bill that needs it is refused");
            if (tariff.Components.Count == 0) Add(FindingLevel.Warning, "NO-COMPONENTS", "components", "no charge: there is nothing to bill");
        }

        public void CheckSources(TariffSet set)
        {
            foreach (TariffComponent component in tariff.Components)
            {
                bool series = component is UnitCharge { Series: not null } or PercentCharge { Series: not null };
                if (component.Sources.Count == 0 && !series) Add(FindingLevel.Warning, "NO-SOURCE", component.Id, "names no source: nobody can look the number up");
            }
            if (!tariff.Sources.Any(id => set.Sources[id].IsPrimary)) Add(FindingLevel.Note, "SECONDARY", "sources", "no order, licensee's text or real bill among the sources of the tariff");
        }

        public void CheckBands()
        {
            foreach (TariffComponent component in tariff.Components)
            {
                if (component is not BlockCharge blocks) continue;
                foreach (BlockTable table in blocks.Tables)
                {
                    // A table for some consumptions only may end where its condition does.
                    if (table.When is { Kwh.UpTo: not null } or { KwhMonth.UpTo: not null } || table.Bands[^1] is { Upto: null, UptoExternal: null }) continue;
                    Add(FindingLevel.Warning, "LAST-BAND", component.Id, string.Create(CultureInfo.InvariantCulture, $"the last band ends at {table.Bands[^1].Upto} units: a bill above it is refused"));
                }
            }
        }

        public void CheckSeries(TariffSeries series)
        {
            string path = "series." + series.Id;
            SeriesPoint first = series.Points[0], last = series.Points[^1];
            if (first.From > tariff.ValidFrom) Add(FindingLevel.Note, "SERIES-GAP", path, $"no value from {Iso(tariff.ValidFrom)} to {Iso(first.From.PlusDays(-1))}, while the tariff is in force");
            for (int i = 1; i < series.Points.Count; i++)
            {
                LocalDate? ended = series.Points[i - 1].To;
                if (ended is { } end && end.PlusDays(1) < series.Points[i].From && series.Points[i].From > tariff.ValidFrom)
                {
                    Add(FindingLevel.Note, "SERIES-GAP", path, $"no value from {Iso(end.PlusDays(1))} to {Iso(series.Points[i].From.PlusDays(-1))}");
                }
            }
            if (last.To is { } stop && (tariff.ValidTo is not { } until || stop < until)) Add(FindingLevel.Note, "SERIES-GAP", path, $"no value after {Iso(stop)}");
        }

        public void CheckCost(CostCurve curve)
        {
            foreach (UnratedUnits unrated in curve.Unrated)
            {
                bool published = unrated.Refusal.Code is RefusalCodes.ExternalMissing or RefusalCodes.InputInvalid;
                Add(published ? FindingLevel.Note : FindingLevel.Warning, "UNRATED", unrated.Refusal.Missing,
                    string.Create(CultureInfo.InvariantCulture, $"no bill from {unrated.From} to {unrated.To} units: {unrated.Refusal.Code}, {unrated.Refusal.Message}"));
            }
            foreach (CostCliff cliff in curve.Cliffs)
            {
                Add(FindingLevel.Note, "CLIFF", "components", string.Create(CultureInfo.InvariantCulture,
                    $"from {cliff.Units} to {cliff.Units + 1} units the bill goes from {DecimalText.Money(cliff.Before)} to {DecimalText.Money(cliff.After)} {tariff.Currency}"));
            }
        }
    }
}

/// <summary>Something about a tariff.</summary>
/// <param name="Code">Stable.</param>
/// <param name="Tariff">Id of the tariff; null: of the file.</param>
/// <param name="Path">The component, number or member that it is about.</param>
public sealed record TariffFinding(FindingLevel Level, string Code, string? Tariff, string Path, string Message);

/// <summary>How much a finding matters.</summary>
public enum FindingLevel
{
    /// <summary>Good to know.</summary>
    Note,

    /// <summary>A bill may be refused or cannot be looked up.</summary>
    Warning,

    /// <summary>The file is no tariff.</summary>
    Error,
}
