using NodaTime;
using Praman.Billing.Prepayment;
using Praman.Billing.Tariffs;
using Praman.Billing.Wallets;
using Praman.Metering;

namespace Praman.Server.Prepaid;

/// <summary>By which rules the wallet of a place is kept: ids of tariffs and of rule packs begin alike with country and State, such as <c>in-gj-</c>.</summary>
public sealed class WalletPlaces(TariffSet tariffs, RulePackSet? rules)
{
    /// <summary>Country of the pack that holds where no State has one.</summary>
    private const string Country = "IN";

    /// <summary>Reads the rule packs and holidays below a folder.</summary>
    /// <exception cref="InvalidDataException">A file is not what it should be; says which.</exception>
    public static WalletPlaces Load(string folder, TariffSet tariffs)
    {
        RulePackSet? rules = null;
        foreach (string file in Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            if (!RulePackSet.TryParse(File.ReadAllBytes(file), out RulePackSet? read, out IReadOnlyList<TariffFault> faults)) throw new InvalidDataException($"{file}: {faults[0]}");
            rules = rules?.With(read) ?? read;
        }
        return new WalletPlaces(tariffs, rules);
    }

    /// <summary>The terms of a usage point; null where its tariff is not known, or no pack holds in its country.</summary>
    public WalletTerms? TermsOf(UsagePoint point)
    {
        ArgumentNullException.ThrowIfNull(point);
        if (!tariffs.Tariffs.TryGetValue(point.TariffId, out Tariff? tariff) || tariff.Country != Country) return null;
        RulePack pack = PackOf(tariff);
        HolidayCalendar holidays = pack.Calendar is { } id && rules?.Calendars.TryGetValue(id, out HolidayCalendar? found) == true ? found : HolidayCalendar.None;
        return new WalletTerms(point.Id, tariff.Currency, pack, holidays, DateTimeZoneProviders.Tzdb[point.TimeZone]);
    }

    private RulePack PackOf(Tariff tariff)
    {
        string[] words = tariff.Id.Split('-');
        if (words.Length < 2 || rules is null) return RulePackSet.Default;
        string place = $"{words[0]}-{words[1]}", jurisdiction = place.ToUpperInvariant();
        return rules.Packs.Values.Where(pack => pack.Jurisdiction == jurisdiction).OrderByDescending(pack => pack.Id, StringComparer.Ordinal).FirstOrDefault() ?? RulePackSet.Default;
    }
}
