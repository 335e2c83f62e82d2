using Praman.Metering;

namespace Praman.Server.People;

/// <summary>Someone who may sign in.</summary>
/// <param name="Name">What is typed at sign-in; compared without regard to case.</param>
/// <param name="FullName">How the pages address them.</param>
/// <param name="PasswordHash">As <see cref="Passwords.Hash"/> makes it; never a password.</param>
/// <param name="UsagePoints">A consumer's own usage points; empty for other roles.</param>
public sealed record Person(string Name, string FullName, Role Role, string PasswordHash, IReadOnlyList<UsagePointId> UsagePoints)
{
    /// <summary>Makes a person of a password given in clear, which is hashed and forgotten.</summary>
    public static Person Create(string name, string fullName, Role role, string password, params IReadOnlyList<UsagePointId> usagePoints) =>
        new(name, fullName, role, Passwords.Hash(password), usagePoints);
}
