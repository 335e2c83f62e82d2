using NodaTime;
using Praman.Metering;

namespace Praman.Server.Access;

/// <summary>One look at a person's half-hours by somebody else, or what somebody else did with them.</summary>
/// <param name="By">Sign-in name of who looked.</param>
/// <param name="Role">Their role, in the word of the people file.</param>
/// <param name="What">What was opened: <c>half-hours</c>, <c>evidence</c>; or what was done: <see cref="AccessKinds"/>.</param>
/// <param name="Purpose">Why, in their own words.</param>
public sealed record AccessRecord(Instant At, UsagePointId UsagePoint, string By, string Role, string What, string Purpose);
