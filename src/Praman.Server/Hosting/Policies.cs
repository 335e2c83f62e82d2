namespace Praman.Server.Hosting;

/// <summary>Names of authorization policies: one a role, of which a supervisor has the operator's too, and one for all staff.</summary>
internal static class Policies
{
    public const string Consumer = "consumer", Operator = "operator", Supervisor = "supervisor", Auditor = "auditor", Staff = "staff";
}

/// <summary>Names of rate limits.</summary>
internal static class RateLimits
{
    public const string SignIn = "sign-in";
}
