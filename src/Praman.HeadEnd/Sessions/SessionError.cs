using Praman.Metering;

namespace Praman.HeadEnd.Sessions;

/// <summary>Why a session with a meter ended without what was asked. The codes are stored: they never change.</summary>
public enum SessionFault : byte
{
    /// <summary>Nobody answers at the address.</summary>
    Unreachable = 1,

    /// <summary>The link stands, or stood, and the meter was silent too long.</summary>
    Timeout = 2,

    /// <summary>The link broke.</summary>
    LinkLost = 3,

    /// <summary>The meter does not accept our keys or secret, or we do not accept its tag.</summary>
    WrongKey = 4,

    /// <summary>The invocation counter was refused, and still after it was read from the meter.</summary>
    WrongCounter = 5,

    /// <summary>The application context or the client is not one that the meter offers.</summary>
    WrongContext = 6,

    /// <summary>The meter understood and said no.</summary>
    Refused = 7,

    /// <summary>The meter sent what is not DLMS, more than allowed, or not what was asked for.</summary>
    Malformed = 8,

    /// <summary>Another meter answers at the address.</summary>
    WrongMeter = 9,

    /// <summary>The key store has no keys for this meter, or they do not unwrap.</summary>
    NoKeys = 10,

    /// <summary>The answer carries an invocation counter that this meter's answers carried before: a recorded session is played back.</summary>
    Replayed = 11,

    /// <summary>Nothing proves the counter that the public client was told, and it is lower than what was refused or higher than is believed.</summary>
    UnprovenCounter = 12,

    /// <summary>A certificate of the meter that is kept is another's, not valid now, of another suite, or not signed by the authority.</summary>
    WrongCertificate = 13,

    /// <summary>The meter shows no invocation counter for the client: it has no such client, or tells nobody its counter.</summary>
    NoCounter = 14,
}

/// <summary>A session's fault, with the meter and the words for people. Never holds a key.</summary>
public sealed record SessionError(SessionFault Fault, EndDeviceId EndDevice, string Detail)
{
    /// <summary>True where the link stood and not one octet came over it.</summary>
    public bool IsSilent { get; init; }

    public override string ToString() => $"meter {EndDevice}: {Fault.InWords()}: {Detail}";
}

/// <summary>Faults in words.</summary>
public static class SessionFaults
{
    public static string InWords(this SessionFault fault) => fault switch
    {
        SessionFault.Unreachable => "not reachable",
        SessionFault.Timeout => "timed out",
        SessionFault.LinkLost => "link lost",
        SessionFault.WrongKey => "wrong key",
        SessionFault.WrongCounter => "wrong invocation counter",
        SessionFault.WrongContext => "wrong application context",
        SessionFault.Refused => "refused",
        SessionFault.Malformed => "malformed answer",
        SessionFault.WrongMeter => "another meter",
        SessionFault.NoKeys => "no keys",
        SessionFault.Replayed => "replayed answer",
        SessionFault.UnprovenCounter => "unproved invocation counter",
        SessionFault.WrongCertificate => "wrong certificate",
        SessionFault.NoCounter => "no invocation counter",
        _ => $"fault {(byte)fault}",
    };

    /// <summary>True where trying again soon may help: the link's faults, not the meter's answers.</summary>
    public static bool IsTransient(this SessionFault fault) =>
        fault is SessionFault.Unreachable or SessionFault.Timeout or SessionFault.LinkLost or SessionFault.Malformed;
}
