using System.Globalization;
using NodaTime;

namespace Praman.Billing.Tariffs.Urdb;

/// <summary>A step of a charge: up to <paramref name="Max"/> units (null: all that is left) at a price.</summary>
/// <param name="Rate">With the database's adjustment added.</param>
/// <param name="Sell">What is paid for what is fed in; 0: nothing.</param>
internal readonly record struct UrdbTier(decimal? Max, decimal Rate, string? Unit, decimal Sell);

/// <summary>Which period of a charge holds in each hour of each month: twelve rows of 24, for weekdays and for weekends.</summary>
internal sealed record UrdbSchedule(int[][] Weekday, int[][] Weekend)
{
    /// <summary>The only period of a month; −1 where it has more.</summary>
    public int OnlyPeriodOf(int month)
    {
        int first = Weekday[month][0];
        return Weekday[month].All(p => p == first) && Weekend[month].All(p => p == first) ? first : -1;
    }

    public IEnumerable<int> Periods => Weekday.Concat(Weekend).SelectMany(row => row).Distinct();
}

/// <summary>What a rate is, and when it holds.</summary>
internal sealed record UrdbHead(string Id, string Name, string Utility, string Country, string Currency, string Sector, LocalDate From, LocalDate? To, string Uri, string? Source);

/// <summary>Months that have the same steps.</summary>
internal sealed record UrdbSeason(string Name, int EnergyPeriod, int DemandPeriod, List<int> Months)
{
    private const int MonthsAYear = 12;

    /// <summary>In the order of the first month that each has.</summary>
    public static List<UrdbSeason> Of(Func<int, (int Energy, int Demand)> periodsOf)
    {
        List<UrdbSeason> seasons = [];
        for (int month = 0; month < MonthsAYear; month++)
        {
            (int energy, int demand) = periodsOf(month);
            UrdbSeason? season = seasons.Find(one => one.EnergyPeriod == energy && one.DemandPeriod == demand);
            if (season is null) seasons.Add(season = new(string.Create(CultureInfo.InvariantCulture, $"season-{seasons.Count + 1}"), energy, demand, []));
            season.Months.Add(month);
        }
        return seasons;
    }
}
