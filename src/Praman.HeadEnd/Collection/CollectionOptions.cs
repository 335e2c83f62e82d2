using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.DependencyInjection;

namespace Praman.HeadEnd.Collection;

/// <summary>Collection from meters. Section <c>HeadEnd:Collection</c>; a value out of range stops the start, by name.</summary>
public sealed class CollectionOptions
{
    /// <summary>Meter sessions open at once, over all links.</summary>
    [Range(1, 100_000)] public int SessionCountMax { get; init; } = 256;

    /// <summary>Longest silence before a session is given up.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")] public TimeSpan ReplyTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest a whole session may take.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "06:00:00")] public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Wait for a connection.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")] public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Octets of one answer, all its blocks together; a meter that sends more is malformed.</summary>
    [Range(4_096, 64 * 1024 * 1024)] public int ResponseBytesMax { get; init; } = 1024 * 1024;

    /// <summary>After local midnight, so that meters with slow clocks have closed their day.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "06:00:00")] public TimeSpan StartAfterMidnight { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Sessions tried with a meter in a day's round before it is left to the next round.</summary>
    [Range(1, 100)] public int AttemptCountMax { get; init; } = 6;

    /// <summary>Wait before the second attempt; each further wait doubles.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")] public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest wait between attempts.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "12:00:00")] public TimeSpan RetryDelayMax { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Days asked for at once; a longer gap is caught up in parts.</summary>
    [Range(1, 400)] public int DaysPerRequestMax { get; init; } = 10;

    /// <summary>Days back that a meter is asked for when nothing was ever read; meters keep 35 and more.</summary>
    [Range(1, 400)] public int CatchUpDaysMax { get; init; } = 45;

    /// <summary>Sessions that ask again for a day that was read in part, while the meter may still hold it.</summary>
    [Range(0, 60)] public int RereadCountMax { get; init; } = 3;

    /// <summary>Clock error from which a meter's clock is set.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")] public TimeSpan ClockSetThreshold { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>False leaves meters' clocks alone and only measures them.</summary>
    public bool SetClocks { get; init; } = true;

    /// <summary>Entries asked of one event profile in a session.</summary>
    [Range(1, 1_000)] public int EventCountMax { get; init; } = 100;

    /// <summary>Readings handed on at once.</summary>
    [Range(1, 10_000)] public int BatchSizeMax { get; init; } = 256;

    /// <summary>Zone whose local days are collected, by its TZDB id.</summary>
    [Required, MinLength(1)] public string TimeZone { get; init; } = "Asia/Kolkata";

    /// <summary>System title of a head-end that was given none; no other program may use it, as a nonce is title and counter.</summary>
    public const string ClientTitleDefault = "50524D4845000001";

    /// <summary>System title of the head-end, 16 hex digits; meters tie counters to it.</summary>
    [RegularExpression("^[0-9A-Fa-f]{16}$")] public string ClientTitle { get; init; } = ClientTitleDefault;

    /// <summary>From which the jitter of retries follows.</summary>
    public ulong Seed { get; init; }

    /// <summary>The zone of <see cref="TimeZone"/>.</summary>
    /// <exception cref="InvalidDataException">There is no such zone.</exception>
    public NodaTime.DateTimeZone Zone() => NodaTime.DateTimeZoneProviders.Tzdb.GetZoneOrNull(TimeZone)
        ?? throw new InvalidDataException($"HeadEnd:Collection:TimeZone is '{TimeZone}': expected a TZDB id such as Asia/Kolkata");

    public static void Register(IServiceCollection services) => services.AddOptions<CollectionOptions>()
        .BindConfiguration("HeadEnd:Collection").ValidateDataAnnotations().ValidateOnStart();
}
