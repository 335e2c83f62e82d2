using NodaTime;

namespace Praman.Cli.Demo;

/// <summary>What <c>praman demo</c> was asked for.</summary>
internal sealed record DemoOptions
{
    /// <summary>Homes on the street, 1 to <see cref="MetersMax"/>.</summary>
    public int Meters { get; init; } = 100;

    /// <summary>Days that are lived through; a bill needs a whole calendar month among them.</summary>
    public int Days { get; init; } = 35;

    public string Tariff { get; init; } = "in-gj-rgp-urban";

    public ulong Seed { get; init; } = 1;

    /// <summary>Port of the pages; 0 takes any that is free.</summary>
    public int Port { get; init; } = 5080;

    /// <summary>Data folder; null takes a new one below the system's temporary folder and removes it at the end.</summary>
    public string? Data { get; init; }

    /// <summary>Interval data to replay; null for the built-in load model.</summary>
    public string? Readings { get; init; }

    /// <summary>With <see cref="Readings"/>: let the demonstration's incidents and prepaid homes befall the real homes too.</summary>
    public bool Incidents { get; init; }

    /// <summary>
    /// Whether anything befalls the homes that their load does not tell: real homes live their own gaps and spikes and nothing else, for a failure,
    /// an exchange or a cut that was made up would stand in their readings and bills as if it had been found there.
    /// </summary>
    public bool AreIncidentsMade => Readings is null || Incidents;

    /// <summary>Column map of the interval data; null for <c>meter,ts,wh</c>.</summary>
    public string? Map { get; init; }

    /// <summary>Witnesses that others run, each <c>URL#KEY</c>: all of them cosign every head.</summary>
    public IReadOnlyList<string> Witnesses { get; init; } = [];

    public bool Json { get; init; }

    public bool ExitWhenDone { get; init; }

    public const int MetersMax = 2_000;

    /// <summary>Days from <see cref="FirstDay"/> to the end of the first whole calendar month.</summary>
    public const int DaysMin = 32;
    public const int DaysMax = 400;

    /// <summary>Zone of the street, where its tariff is in force; its local days are billed.</summary>
    public DateTimeZone Zone { get; init; } = India;

    /// <summary>Zone of all tariffs of India.</summary>
    public static DateTimeZone India { get; } = DateTimeZoneProviders.Tzdb["Asia/Kolkata"];

    /// <summary>First local day of the demonstration.</summary>
    public static LocalDate FirstDay { get; } = new(2026, 3, 30);

    /// <summary>First day of the first whole calendar month: the first that is billed, and the first of prepayment.</summary>
    public static LocalDate FirstWholeMonth { get; } = FirstDay.With(DateAdjusters.StartOfMonth).PlusMonths(FirstDay.Day == 1 ? 0 : 1);
}
