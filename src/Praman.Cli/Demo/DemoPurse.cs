using Praman.Metering;

namespace Praman.Cli.Demo;

/// <summary>How a prepaid home pays.</summary>
internal enum DemoPurse
{
    /// <summary>Recharges when it is told that the balance is low.</summary>
    Watchful,

    /// <summary>Waits until supply is cut.</summary>
    Late,

    /// <summary>Came from postpaid with old dues, which are paid off in daily instalments.</summary>
    Indebted,

    /// <summary>Somebody in it needs supply to live: it is not cut, whatever it owes.</summary>
    Shielded,

    /// <summary>Watchful, and billed by a tariff whose rates for earlier units change at a limit, so that the warning of it is seen.</summary>
    Crossing,
}

/// <summary>
/// Which homes of the street are prepaid: half of them, by the seed; never the first, whose bill is the example of a postpaid one. The home with
/// the silent modem is one of them, so that a day without a reading befalls a wallet.
/// </summary>
internal sealed class DemoPurses
{
    private static readonly DemoPurse[] First = [DemoPurse.Late, DemoPurse.Indebted, DemoPurse.Shielded, DemoPurse.Crossing];
    private readonly SortedDictionary<UsagePointId, (DemoHome Home, DemoPurse Purse)> _homes = [];

    public DemoPurses(DemoStreet street)
    {
        int? silent = street.Plan.Of(DemoTrouble.SilentModem);
        int[] order = [.. Enumerable.Range(1, Math.Max(0, street.Homes.Count - 1)).OrderBy(index => index == silent ? 0 : 1).ThenBy(index => street.Derive("prepaid", index))];
        int given = 0;
        foreach (int index in order.Take(street.PrepaidCount))
        {
            DemoPurse purse = index == silent || given >= First.Length ? DemoPurse.Watchful : First[given++];
            _homes.Add(street.Homes[index].UsagePoint.Id, (street.Homes[index], purse));
        }
    }

    /// <summary>By usage point.</summary>
    public IReadOnlyCollection<(DemoHome Home, DemoPurse Purse)> Homes => _homes.Values;

    public (DemoHome Home, DemoPurse Purse) Of(UsagePointId usagePoint) => _homes[usagePoint];

    /// <summary>The first home that pays in a way; null where the street has none.</summary>
    public DemoHome? FirstOf(DemoPurse purse) => _homes.Values.Where(one => one.Purse == purse).Select(one => one.Home).FirstOrDefault();
}
