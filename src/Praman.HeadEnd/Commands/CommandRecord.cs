using NodaTime;
using Praman.Metering;

namespace Praman.HeadEnd.Commands;

/// <summary>What a meter is told. The codes are stored: they never change.</summary>
public enum CommandKind : byte
{
    Disconnect = 1,
    Connect = 2,
    SetClock = 3,
    OnDemandRead = 4,
}

/// <summary>What became of a command. The codes are stored: they never change.</summary>
public enum CommandState : byte
{
    /// <summary>Asked for and let through by the guards; not yet answered.</summary>
    Sent = 1,

    /// <summary>Done, and read back from the meter.</summary>
    Confirmed = 2,

    /// <summary>Held by a guard: not sent.</summary>
    Held = 3,

    /// <summary>The meter could not be told, or said no.</summary>
    Failed = 4,

    /// <summary>The meter said yes, and its relay reads otherwise.</summary>
    NotOperated = 5,

    /// <summary>The meter was told, and may have done it: its answer was lost, or its relay could not be read back.</summary>
    Unconfirmed = 6,
}

/// <summary>One step in the life of a command.</summary>
/// <param name="Id">Ties the steps of one command together.</param>
/// <param name="By">Who asked: a person's name or a module's.</param>
/// <param name="Reason">Why it was asked.</param>
/// <param name="Detail">What the guard or the meter said; null where nothing.</param>
public sealed record CommandRecord(
    Guid Id, EndDeviceId EndDevice, CommandKind Kind, CommandState State, Instant At, string By, string Reason, string? Detail)
{
    /// <summary>The feeder that supplied the meter when it was asked; empty where that was not known.</summary>
    public string Feeder { get; init; } = "";
}
