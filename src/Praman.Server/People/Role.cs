namespace Praman.Server.People;

/// <summary>What a person is here for. One person, one role.</summary>
public enum Role
{
    /// <summary>Sees the usage points and bills that are their own.</summary>
    Consumer,

    /// <summary>Sees coverage, meters and findings; half-hours of a person only with a purpose, which is recorded.</summary>
    Operator,

    /// <summary>Sees what an operator sees, and releases for billing what others entered or accepted.</summary>
    Supervisor,

    /// <summary>Sees every bill with its proof, and the log; each look at readings is recorded.</summary>
    Auditor,
}
