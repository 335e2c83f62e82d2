using NodaTime;
using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Cosem;

/// <summary>How a port is protected (IEC 62056-6-2, class 124, attribute 2).</summary>
public enum PortProtectionMode : byte
{
    Locked = 0,
    LockedOnFailedAttempts = 1,
    Unlocked = 2,
}

/// <summary>Whether a port answers (IEC 62056-6-2, class 124, attribute 8).</summary>
public enum PortProtectionStatus : byte
{
    Unlocked = 0,
    TemporarilyLocked = 1,
    Locked = 2,
}

/// <summary>
/// CommunicationPortProtection, class_id 124, version 0 (IEC 62056-6-2): a port that is guessed at is shut for a while, each time longer. The
/// first lock-out lasts initial_lockout_time; each further failure multiplies it by steepness_factor, up to max_lockout_time.
/// </summary>
public sealed class PortProtection(ObisCode port)
{
    private CosemData _port = CosemData.LogicalName(port);
    private Instant? _lockedUntil;

    public static CosemClass<PortProtection> Table { get; } = new(124, 0, "CommunicationPortProtection",
        [
            new(2, "protection_mode", "enum[0..2]", (p, _) => CosemData.Enumeration((byte)p.Mode), (p, _, v) => Changes.Set(() => p.Mode = (PortProtectionMode)v.ToNumber()), IsStatic: true),
            new(3, "allowed_failed_attempts", "long-unsigned", (p, _) => CosemData.LongUnsigned(p.AllowedFailedAttempts),
                (p, _, v) => Changes.Set(() => p.AllowedFailedAttempts = (ushort)v.ToNumber()), IsStatic: true),
            new(4, "initial_lockout_time", "double-long-unsigned", (p, _) => CosemData.DoubleLongUnsigned(p.InitialLockoutSeconds),
                (p, _, v) => Changes.Set(() => p.InitialLockoutSeconds = (uint)v.ToNumber()), IsStatic: true),
            new(5, "steepness_factor", "unsigned[1..255]", (p, _) => CosemData.Unsigned(p.SteepnessFactor), (p, _, v) => Changes.Set(() => p.SteepnessFactor = (byte)v.ToNumber()), IsStatic: true),
            new(6, "max_lockout_time", "double-long-unsigned", (p, _) => CosemData.DoubleLongUnsigned(p.MaxLockoutSeconds),
                (p, _, v) => Changes.Set(() => p.MaxLockoutSeconds = (uint)v.ToNumber()), IsStatic: true),
            new(7, "port_reference", "logical-name", (p, _) => p._port, (p, _, v) => Changes.Set(() => p._port = v), IsStatic: true),
            new(8, "protection_status", "enum[0..2]", (p, c) => CosemData.Enumeration((byte)p.StatusAt(c.Now))),
            new(9, "failed_attempts", "double-long-unsigned", (p, _) => CosemData.DoubleLongUnsigned(p.FailedAttempts)),
            new(10, "cumulative_failed_attempts", "double-long-unsigned", (p, _) => CosemData.DoubleLongUnsigned(p.CumulativeFailedAttempts)),
        ],
        [new(1, "reset", (PortProtection p, CosemContext _, CosemData _, out CosemData r) => p.Reset(out r), "integer")]);

    public PortProtectionMode Mode { get; set; } = PortProtectionMode.LockedOnFailedAttempts;

    public ushort AllowedFailedAttempts { get; set; } = 3;

    public uint InitialLockoutSeconds { get; set; } = 60;

    public byte SteepnessFactor { get; set; } = 2;

    public uint MaxLockoutSeconds { get; set; } = 3600;

    /// <summary>Failures since the last success.</summary>
    public uint FailedAttempts { get; private set; }

    /// <summary>Failures since the device was made.</summary>
    public uint CumulativeFailedAttempts { get; private set; }

    /// <summary>Whether the port answers at an instant.</summary>
    public PortProtectionStatus StatusAt(Instant now) => Mode switch
    {
        PortProtectionMode.Locked => PortProtectionStatus.Locked,
        PortProtectionMode.LockedOnFailedAttempts when now < _lockedUntil => PortProtectionStatus.TemporarilyLocked,
        _ => PortProtectionStatus.Unlocked,
    };

    /// <summary>Notes a client that could not prove itself. What comes while the port is shut was not heard and does not count.</summary>
    public void NoteFailure(Instant now)
    {
        if (StatusAt(now) != PortProtectionStatus.Unlocked) return;
        FailedAttempts = Math.Min(uint.MaxValue - 1, FailedAttempts) + 1;
        CumulativeFailedAttempts = Math.Min(uint.MaxValue - 1, CumulativeFailedAttempts) + 1;
        if (FailedAttempts <= AllowedFailedAttempts) return;
        double seconds = InitialLockoutSeconds * Math.Pow(SteepnessFactor, Math.Min(64, FailedAttempts - AllowedFailedAttempts - 1));
        _lockedUntil = now + Duration.FromSeconds(Math.Min(seconds, MaxLockoutSeconds));
    }

    /// <summary>Notes a client that proved itself.</summary>
    public void NoteSuccess() => (FailedAttempts, _lockedUntil) = (0, null);

    private ActionResult Reset(out CosemData returned)
    {
        returned = default;
        NoteSuccess();
        return ActionResult.Success;
    }
}
