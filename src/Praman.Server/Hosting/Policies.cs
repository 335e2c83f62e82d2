namespace Praman.Server.Hosting;

/// <summary>Names of authorization policies, one a role and one for both staff roles.</summary>
internal static class Policies
{
    public const string Consumer = "consumer", Operator = "operator", Auditor = "auditor", Staff = "staff";
}

/// <summary>Names of rate limits.</summary>
internal static class RateLimits
{
    public const string SignIn = "sign-in";
}
