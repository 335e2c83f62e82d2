using Praman.Metering;

namespace Praman.MeterData.Gate;

/// <summary>What the billing gate objects to (docs/reference/vee.md). The codes stand in <c>BillableUsage.Reasons</c>, first the heaviest.</summary>
public static class GateReason
{
    /// <summary>The usage point is not known. Blocks.</summary>
    public const string UsagePoint = "GATE-USAGE-POINT";

    /// <summary>Days or intervals without a value. Blocks.</summary>
    public const string Missing = "GATE-MISSING";

    /// <summary>Intervals refused or not validated. Blocks.</summary>
    public const string Failed = "GATE-FAILED";

    /// <summary>A register at an end of the period, or of an exchange within it, is missing or disputed; or all of the period are, where the usage point has some in another. Blocks.</summary>
    public const string Register = "GATE-REGISTER";

    /// <summary>Registers go back and no rollover explains it. Blocks.</summary>
    public const string RegisterOrder = "GATE-REGISTER-ORDER";

    /// <summary>All values are there, and their sum is further from the registers than the verification of a bill lets pass (<c>RegisterSegment.UnassignedWhMax</c>). Blocks.</summary>
    public const string Unassigned = "GATE-UNASSIGNED";

    /// <summary>Estimates not scaled although registers exist. Blocks.</summary>
    public const string Unscaled = "GATE-UNSCALED";

    /// <summary>More is entered or accepted by persons than may be billed without a release, and none stands for these versions. Blocks until released.</summary>
    public const string Edited = "GATE-EDITED";

    /// <summary>Too much energy is estimated. Provisional.</summary>
    public const string EstimatedEnergy = "GATE-ESTIMATED-ENERGY";

    /// <summary>Too many intervals are estimated. Provisional.</summary>
    public const string EstimatedIntervals = "GATE-ESTIMATED-INTERVALS";

    /// <summary>Whether a release is all that the period waits for: what blocks stands first in the reasons, and of it the release last.</summary>
    public static bool IsWaitingForRelease(BillableUsage usage)
    {
        ArgumentNullException.ThrowIfNull(usage);
        return usage.Gate == BillingGate.Blocked && usage.Reasons[0] == Edited;
    }
}
