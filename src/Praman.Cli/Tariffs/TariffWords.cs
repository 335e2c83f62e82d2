using System.Globalization;
using NodaTime;
using NodaTime.Text;
using Praman.Billing.Rating;
using Praman.Billing.Tariffs;

namespace Praman.Cli.Tariffs;

/// <summary>A stretch of an explanation.</summary>
internal sealed record TariffSection(string Heading, IReadOnlyList<string> Sentences);

/// <summary>A tariff in plain words: every number of it, and the rule that it stands in.</summary>
internal sealed partial class TariffWords
{
    private readonly Tariff _tariff;
    private readonly string _unit;

    private TariffWords(Tariff tariff) => (_tariff, _unit) = (tariff, tariff.Currency);

    public static IReadOnlyList<TariffSection> Of(Tariff tariff, TariffSet set)
    {
        TariffWords words = new(tariff);
        List<TariffSection> sections =
        [
            new("Tariff", words.About()),
            new("How a bill is counted", words.Billing()),
            new("What is charged", [.. tariff.Components.Select(words.Component)]),
        ];
        if (tariff.Minimum is { } minimum) sections.Add(new("At least", [words.Minimum(minimum)]));
        if (tariff.Export is { } export) sections.Add(new("Own generation", [words.Export(export)]));
        if (tariff.Subsidies.Count > 0) sections.Add(new("What the State pays", [.. tariff.Subsidies.Select(words.SubsidyText)]));
        if (tariff.Rebates.Count > 0) sections.Add(new("What is given back", [.. tariff.Rebates.Select(words.RebateText)]));
        IReadOnlyList<string> missing = MissingRates.Of(tariff);
        if (missing.Count > 0) sections.Add(new("Not published", [.. missing.Select(place => $"{place}: a bill that needs this number is refused; it is never taken as 0.")]));
        if (tariff.Notes.Count > 0) sections.Add(new("Notes", tariff.Notes));
        sections.Add(new("Where the numbers come from", [.. words.SourcesOf(set)]));
        return sections;
    }

    private List<string> About()
    {
        string where = string.Join(", ", ((string?[])[_tariff.State, _tariff.Country]).OfType<string>());
        List<string> about = [$"{_tariff.Name} of {string.Join(", ", _tariff.Utilities)} ({where}), for {_tariff.Category} connections."];
        about.Add(_tariff.ValidTo is { } last ? $"In force from {Iso(_tariff.ValidFrom)} to {Iso(last)}." : $"In force from {Iso(_tariff.ValidFrom)}; the material names no end.");
        about.Add(_tariff.Status switch
        {
            TariffStatus.Partial => "Partial: lines of the real bill are missing, so no bill may be issued with it.",
            TariffStatus.Illustrative => "Illustrative: made to show a rule, not published by a utility.",
            TariffStatus.Historical => "Historical: of the past.",
            _ => "Complete: all lines of the bill are here.",
        });
        about.Add($"Known by the hash {_tariff.Hash}.");
        return about;
    }

    private List<string> Billing()
    {
        BillingRules rules = _tariff.Billing;
        List<string> said = [rules.CycleMonths == 1 ? "A bill covers one month." : $"A bill covers {rules.CycleMonths} months."];
        List<string> scaled = [];
        if (rules.ProratesSlabLimits) scaled.Add("slab limits");
        if (rules.ProratesFixed) scaled.Add("fixed charges");
        if (rules.ProratesFreeUnits) scaled.Add("free units");
        string months = rules.MonthFraction switch
        {
            MonthFraction.DaysOver30 => "The months of a bill are its days / 30",
            MonthFraction.CalendarSum => "The months of a bill are counted by the calendar: 6 days of June and 24 of July are 6/30 + 24/31",
            _ => "The days of a bill do not matter: it counts as a whole cycle",
        };
        said.Add(scaled.Count > 0 ? $"{months}; {string.Join(", ", scaled)} are multiplied with them." : months + ".");
        if (rules.RoundsSlabLimits) said.Add("Each slab limit is then rounded to a whole unit.");
        if (rules.HasSegments) said.Add("Fixed charges are computed for each calendar month apart, and slabs for each stretch between two changes of a dated rate.");
        said.Add(rules.RateChangeSplit == RateChangeSplit.ByInterval
            ? "Where a rate changes inside the period, the units go to each side by their intervals."
            : "Where a rate changes inside the period, the units go to each side by days.");
        said.Add($"Energy is counted in steps of {DecimalText.Trimmed(rules.UnitStep)}; each line is rounded {Way(rules.LineRounding)}, the total {Way(rules.TotalRounding)}.");
        return said;
    }

    private IEnumerable<string> SourcesOf(TariffSet set)
    {
        foreach (string id in _tariff.Sources)
        {
            TariffSource source = set.Sources[id];
            string note = source.Note is null ? "" : $" Note: {source.Note}.";
            yield return $"[{id}] {source.Title}. {source.Publisher}, {source.Date} ({(source.IsPrimary ? "primary" : "secondary")}). {source.Url}{note}";
        }
    }

    private static string Way(Rounding rounding) => rounding.Mode switch
    {
        RoundingMode.Up => "up",
        RoundingMode.Down => "down",
        _ => "half up",
    } + " to " + DecimalText.Trimmed(rounding.Step);

    private static string Iso(LocalDate date) => LocalDatePattern.Iso.Format(date);

    private static string Number(decimal value) => DecimalText.AsGiven(value);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
