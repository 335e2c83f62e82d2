using NodaTime;
using Praman.Billing.Tariffs;

namespace Praman.Billing.Rating;

/// <summary>A tariff with its references resolved, ready to rate any number of bills on any number of threads. Never changes.</summary>
public sealed class CompiledTariff
{
    private CompiledTariff(Tariff tariff, CompiledComponent[] components, TariffSeries[] series)
    {
        (Tariff, Components, Series) = (tariff, components, series);
        PartialWarning = new("TARIFF-PARTIAL", $"Tariff '{tariff.Id}' is marked partial: lines of the real bill may be missing.");
    }

    public Tariff Tariff { get; }

    /// <summary>The series that it refers to.</summary>
    public IReadOnlyList<TariffSeries> Series { get; }

    internal CompiledComponent[] Components { get; }

    /// <summary>What every bill of a partial tariff carries.</summary>
    internal RatingWarning PartialWarning { get; }

    /// <summary>Resolves the references of a tariff of a set.</summary>
    /// <exception cref="ArgumentException">The tariff refers to a series that the set lacks: it is not of this set.</exception>
    public static CompiledTariff Compile(Tariff tariff, TariffSet set)
    {
        ArgumentNullException.ThrowIfNull(tariff);
        ArgumentNullException.ThrowIfNull(set);
        Dictionary<string, int> index = new(StringComparer.Ordinal);
        CompiledComponent[] components = new CompiledComponent[tariff.Components.Count];
        List<TariffSeries> all = [];
        for (int i = 0; i < components.Length; i++)
        {
            TariffComponent source = tariff.Components[i];
            string? name = source is UnitCharge unit ? unit.Series : (source as PercentCharge)?.Series;
            TariffSeries? series = null;
            if (name is not null && !set.Series.TryGetValue(name, out series)) throw new ArgumentException($"The set has no series '{name}'.", nameof(set));
            if (series is not null && !all.Contains(series)) all.Add(series);
            int[] of = source switch
            {
                PercentCharge percent => [.. percent.Of.Select(o => index[o.Id])],
                TimeOfDayCharge tod => [.. tod.Base.Select(id => index[id])],
                _ => [],
            };
            string[][] sources = series is null ? [] : [.. series.Points.Select(p => source.Sources.Append(p.Source).Distinct(StringComparer.Ordinal).ToArray())];
            components[i] = new(source, i, series, of, sources);
            index[source.Id] = i;
        }
        return new(tariff, components, [.. all]);
    }

    /// <summary>
    /// The same tariff in which later days have the dated values of an earlier period: to see what a bill would have been without new rates. What
    /// came after the period's last day is left out; its last value stays.
    /// </summary>
    /// <param name="billDate">Date of the earlier bill, for series that go by it; <paramref name="laterBillDate"/> takes its place.</param>
    /// <param name="last">Last day of the earlier period.</param>
    /// <param name="days">Days from the start of the earlier period to the start of the later one.</param>
    internal CompiledTariff WithSeriesOf(LocalDate billDate, LocalDate last, LocalDate laterBillDate, int days)
    {
        if (Series.Count == 0) return this;
        Dictionary<string, TariffSeries> moved = new(StringComparer.Ordinal);
        foreach (TariffSeries series in Series)
        {
            LocalDate end = series.IsByBillDate ? billDate : last;
            int by = series.IsByBillDate ? Period.DaysBetween(billDate, laterBillDate) : days;
            SeriesPoint[] points = [.. series.Points.Where(point => point.From <= end).Select(point => point with { From = point.From.PlusDays(by), To = point.To < end ? point.To.Value.PlusDays(by) : null })];
            moved[series.Id] = series with { Points = points };
        }
        CompiledComponent[] components = [.. Components.Select(one => one.Series is { } series ? one with { Series = moved[series.Id] } : one)];
        return new(Tariff, components, [.. Series.Select(series => moved[series.Id])]);
    }
}

/// <summary>A component with what it refers to.</summary>
/// <param name="Of">Indexes of the components that a percentage or a multiplier works on.</param>
/// <param name="SourcesByPoint">For each point of the series, the sources of a line that uses it alone.</param>
internal sealed record CompiledComponent(TariffComponent Source, int Index, TariffSeries? Series, int[] Of, string[][] SourcesByPoint)
{
    /// <summary>The sources of a line: those of the component, and of the points of its series that it used.</summary>
    public IReadOnlyList<string> SourcesOf(List<SeriesPoint> used)
    {
        if (Series is null || used.Count == 0) return Source.Sources;
        if (used.Count > 1) return [.. Source.Sources.Concat(used.Select(p => p.Source)).Distinct(StringComparer.Ordinal)];
        int index = 0;
        while (!ReferenceEquals(Series.Points[index], used[0])) index++;
        return SourcesByPoint[index];
    }
}
