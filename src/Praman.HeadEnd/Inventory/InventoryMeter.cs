using NodaTime;
using Praman.Metering;

namespace Praman.HeadEnd.Inventory;

/// <summary>A meter as the head-end knows it. Its keys are not here: they stand wrapped in the key store under the same serial.</summary>
/// <param name="EndDevice">Serial number, as the meter names itself in 0-0:96.1.0.</param>
/// <param name="Link">Where it is reached, without keys: <c>tcp://10.0.0.7:4059</c>.</param>
/// <param name="SystemTitle">Its system title, 16 hex digits; empty until it has said so itself.</param>
/// <param name="Model">Maker, type and firmware; null until they were read.</param>
/// <param name="Access">As whom it is read.</param>
/// <param name="Installations">Where it has stood, by time; a meter in a store room has none.</param>
public sealed record InventoryMeter(
    EndDeviceId EndDevice, string Link, string SystemTitle, MeterModel? Model, MeterAccess Access, IReadOnlyList<Installation> Installations)
{
    /// <summary>Its logical device name (0-0:42.0.0), hex digits where it is no text; empty until it has said so itself, under its serial.</summary>
    public string DeviceName { get; init; } = "";

    /// <summary>The feeder that supplies it, by the utility's name; empty where that is not known.</summary>
    public string Feeder { get; init; } = "";

    /// <summary>Where it stood at an instant; null where nowhere.</summary>
    public Installation? At(Instant instant)
    {
        foreach (Installation installation in Installations)
        {
            if (installation.From <= instant && (installation.Until is not { } until || instant < until)) return installation;
        }
        return null;
    }

    /// <summary>Where it stands now or stood last.</summary>
    public Installation? Last => Installations.Count == 0 ? null : Installations[^1];
}
