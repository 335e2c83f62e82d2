namespace Praman.Cli.Demo;

/// <summary>What befalls a home of the street.</summary>
internal enum DemoTrouble
{
    LostEvening,
    PowerFailure,
    Exchange,
    FastClock,
    SilentModem,
    LostNight,
}

/// <summary>
/// Which home each trouble befalls. Never two at one home: a meter that is exchanged while its rows are lost leaves nothing to bill by. A street
/// with fewer homes than troubles has the first of them.
/// </summary>
internal sealed class DemoPlan
{
    private readonly Dictionary<DemoTrouble, int> _homes = [];

    public DemoPlan(int homes)
    {
        foreach (DemoTrouble trouble in Enum.GetValues<DemoTrouble>())
        {
            if (_homes.Count == homes) return;
            int home = Preferred(trouble, homes);
            while (_homes.ContainsValue(home)) home = (home + 1) % homes;
            _homes.Add(trouble, home);
        }
    }

    /// <summary>Index of the home; null where the street is too small for it.</summary>
    public int? Of(DemoTrouble trouble) => _homes.TryGetValue(trouble, out int home) ? home : null;

    /// <summary>Spread over a long street.</summary>
    private static int Preferred(DemoTrouble trouble, int homes) => trouble switch
    {
        DemoTrouble.LostEvening => homes * 2 / 3,
        DemoTrouble.PowerFailure => homes / 5,
        DemoTrouble.Exchange => homes / 2,
        DemoTrouble.FastClock => homes / 3,
        DemoTrouble.SilentModem => homes / 4,
        DemoTrouble.LostNight => homes * 3 / 4,
        _ => throw new ArgumentOutOfRangeException(nameof(trouble)),
    };
}
