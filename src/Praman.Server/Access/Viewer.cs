using System.Security.Claims;
using Praman.Metering;
using Praman.Server.People;

namespace Praman.Server.Access;

/// <summary>Who is asking, and what they may see. One rule for pages and API: what a person may not see does not exist for them.</summary>
public sealed class Viewer(IHttpContextAccessor http, IPeople people, PurposeGrants grants, IAccessLog log, TimeProvider time)
{
    private Person? _person;
    private bool _isLoaded;

    /// <summary>The person who signed in; null for a stranger.</summary>
    public async ValueTask<Person?> PersonAsync(CancellationToken cancellationToken)
    {
        if (_isLoaded) return _person;
        ClaimsPrincipal? user = http.HttpContext?.User;
        if (user?.Identity is { IsAuthenticated: true, Name: { } name }) _person = await people.FindAsync(name, cancellationToken);
        _isLoaded = true;
        return _person;
    }

    /// <summary>Whether the usage point, and its bills, exist for this person: a consumer's own, all for the utility's people and auditors.</summary>
    public async ValueTask<bool> MaySeeAsync(UsagePointId usagePoint, CancellationToken cancellationToken) =>
        await PersonAsync(cancellationToken) is { } person && (person.Role != Role.Consumer || person.UsagePoints.Contains(usagePoint));

    /// <summary>Whether interval readings may be shown, and under which purpose. A look that is not the owner's is recorded before this returns.</summary>
    /// <param name="what">What will be opened, for the record.</param>
    /// <param name="statedPurpose">A purpose given with the request itself; else one stated before is looked for.</param>
    public async ValueTask<ReadingsAccess> ReadingsAsync(UsagePointId usagePoint, string what, string? statedPurpose, CancellationToken cancellationToken)
    {
        if (await PersonAsync(cancellationToken) is not { } person) return ReadingsAccess.Hidden;
        if (person.Role == Role.Consumer) return person.UsagePoints.Contains(usagePoint) ? ReadingsAccess.Open : ReadingsAccess.Hidden;
        string? purpose = IsPurpose(statedPurpose) ? statedPurpose!.Trim() : grants.Find(person.Name, usagePoint);
        if (purpose is null) return ReadingsAccess.NeedsPurpose;
        var at = NodaTime.Instant.FromDateTimeOffset(time.GetUtcNow());
        await log.AppendAsync(new AccessRecord(at, usagePoint, person.Name, person.Role.Word(), what, purpose), cancellationToken);
        return ReadingsAccess.Open;
    }

    /// <summary>Whether a text will do as a purpose: a few words, on one line.</summary>
    public static bool IsPurpose(string? text) =>
        text?.Trim() is { Length: >= PurposeGrants.LengthMin and <= PurposeGrants.LengthMax } purpose && !purpose.Any(char.IsControl);
}

/// <summary>What <see cref="Viewer.ReadingsAsync"/> decided.</summary>
public enum ReadingsAccess
{
    /// <summary>Answer as if there were nothing.</summary>
    Hidden,

    /// <summary>Ask for a purpose first.</summary>
    NeedsPurpose,

    /// <summary>Show.</summary>
    Open,
}

/// <summary>Words of roles in files, claims and policies.</summary>
public static class Roles
{
    public const string Consumer = "consumer", Operator = "operator", Supervisor = "supervisor", Auditor = "auditor";

    public static string Word(this Role role) => role switch { Role.Consumer => Consumer, Role.Operator => Operator, Role.Supervisor => Supervisor, _ => Auditor };
}
