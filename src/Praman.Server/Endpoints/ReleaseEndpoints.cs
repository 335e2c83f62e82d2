using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Mvc;
using NodaTime;
using NodaTime.Text;
using Praman.MeterData.Gate;
using Praman.Metering;
using Praman.Server.Access;
using Praman.Server.Hosting;
using Praman.Server.Pages;
using Praman.Server.Queries;

namespace Praman.Server.Endpoints;

/// <summary>Bills that wait for a release of edited readings. Operators see them; supervisors release them.</summary>
internal static class ReleaseEndpoints
{
    private const string Path = "/operator/releases";
    private const int WaitingMax = 50, MadeMax = 20, Sha256Length = 64;

    /// <summary>Days of the longest period that is read for a form.</summary>
    private const int DaysMax = 400;

    /// <summary>Years that a block can hold.</summary>
    private const int YearMin = 2000, YearMax = 9000;

    public static void MapReleases(this IEndpointRouteBuilder app)
    {
        app.MapGet(Path, ListAsync).RequireAuthorization(Policies.Operator).ExcludeFromDescription();
        app.MapPost(Path, ReleaseAsync).RequireAuthorization(Policies.Supervisor).ExcludeFromDescription();
    }

    private static Task<IResult> ListAsync(HttpContext http, IReleases releases, IConsumerQueries consumers, PageRenderer pages, CancellationToken cancellationToken) =>
        PageAsync(http, releases, consumers, pages, null, StatusCodes.Status200OK, cancellationToken);

    private static async Task<IResult> ReleaseAsync(
        [FromForm] string? usagePoint, [FromForm] string? from, [FromForm] string? to, [FromForm] string? blocks, [FromForm] string? reason, HttpContext http, Viewer viewer,
        IReleases releases, IConsumerQueries consumers, IAccessLog log, TimeProvider time, PageRenderer pages, ILogger<IReleases> logger, CancellationToken cancellationToken)
    {
        if (await viewer.PersonAsync(cancellationToken) is not { } person || !UsagePointId.TryParse(usagePoint, null, out UsagePointId id)
            || !TryPeriod(from, to, out DateInterval? period) || blocks is not { Length: Sha256Length })
        {
            return Results.NotFound();
        }
        var release = new EditRelease(id, period, blocks, person.Name, reason?.Trim() ?? "", Instant.FromDateTimeOffset(time.GetUtcNow()));
        ReleaseState state = await releases.JudgeAsync(release, cancellationToken);
        if (state == ReleaseState.Released)
        {
            // The home's people read it first, then it holds.
            await log.AppendAsync(new AccessRecord(release.At, id, person.Name, person.Role.Word(), AccessKinds.EditsReleased, release.Reason), cancellationToken);
            state = await releases.ReleaseAsync(release, cancellationToken);
        }
        if (state != ReleaseState.Released)
        {
            int status = state == ReleaseState.NoReason ? StatusCodes.Status400BadRequest : StatusCodes.Status409Conflict;
            return await PageAsync(http, releases, consumers, pages, new ReleaseRefused(id, period, state, reason), status, cancellationToken);
        }
        logger.EditsReleased(person.Name, id.ToString());
        return Results.Redirect(Path);
    }

    private static async Task<IResult> PageAsync(
        HttpContext http, IReleases releases, IConsumerQueries consumers, PageRenderer pages, ReleaseRefused? refused, int status, CancellationToken cancellationToken)
    {
        IReadOnlyList<WaitingPeriod> waiting = await releases.WaitingAsync(WaitingMax + 1, cancellationToken);
        IReadOnlyList<EditRelease> made = await releases.NewestAsync(MadeMax, cancellationToken);
        var zones = new Dictionary<UsagePointId, DateTimeZone>();
        foreach (UsagePointId id in waiting.Select(one => one.Request.UsagePoint).Concat(made.Select(one => one.UsagePoint)).Distinct())
        {
            zones[id] = (await consumers.FindUsagePointAsync(id, cancellationToken))?.Zone ?? DateTimeZone.Utc;
        }
        return await pages.PageAsync<ReleasesPage>(http, new()
        {
            ["Waiting"] = waiting.Take(WaitingMax).ToList(), ["HasMore"] = waiting.Count > WaitingMax, ["Made"] = made, ["Zones"] = zones, ["Refused"] = refused,
        }, status, Path);
    }

    private static bool TryPeriod(string? from, string? to, [NotNullWhen(true)] out DateInterval? period)
    {
        period = null;
        if (LocalDatePattern.Iso.Parse(from ?? "") is not { Success: true } first || LocalDatePattern.Iso.Parse(to ?? "") is not { Success: true } last) return false;
        if (first.Value.Year < YearMin || last.Value.Year > YearMax || last.Value < first.Value || Period.DaysBetween(first.Value, last.Value) > DaysMax) return false;
        period = new DateInterval(first.Value, last.Value);
        return true;
    }
}
