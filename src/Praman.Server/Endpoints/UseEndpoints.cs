using Microsoft.AspNetCore.Mvc;
using NodaTime;
using NodaTime.Text;
using Praman.Metering;
using Praman.Server.Access;
using Praman.Server.Hosting;
using Praman.Server.Pages;
using Praman.Server.People;
using Praman.Server.Queries;
using Praman.Server.Usage;
using Praman.Server.Words;

namespace Praman.Server.Endpoints;

/// <summary>Use by half hour and by day. For its consumer at once; for staff after a purpose, which is recorded.</summary>
internal static class UseEndpoints
{
    /// <summary>Years that a page can be asked for: those that a block can hold.</summary>
    internal const int YearMin = 2000, YearMax = 9000;

    /// <summary>A day or month without readings is a page, which says so, as long as readings or today are not further away than this.</summary>
    private const int NearDays = 366;

    public static void MapUse(this IEndpointRouteBuilder app)
    {
        app.MapGet("/use", StartAsync).ExcludeFromDescription();
        app.MapGet("/use/{id}/month/{month}", MonthAsync).ExcludeFromDescription();
        app.MapGet("/use/{id}/day/{day}", DayAsync).ExcludeFromDescription();
        app.MapPost("/purpose", PurposeAsync).RequireAuthorization(Policies.Staff).ExcludeFromDescription();
    }

    /// <summary>Leads to the newest month of a usage point.</summary>
    private static async Task<IResult> StartAsync(string? up, Viewer viewer, IConsumerQueries queries, DataClock clock, CancellationToken cancellationToken)
    {
        UsagePointFacts? facts;
        if ((await viewer.PersonAsync(cancellationToken))?.Role == Role.Consumer)
        {
            (_, facts) = await HomeEndpoints.PointsAsync(viewer, queries, up, cancellationToken);
        }
        else
        {
            facts = UsagePointId.TryParse(up, null, out UsagePointId id) ? await queries.FindUsagePointAsync(id, cancellationToken) : null;
        }
        if (facts is null) return Results.NotFound();
        return Results.Redirect(UseLinks.Month(facts.UsagePoint.Id, facts.LastDay ?? clock.Today(facts.Zone)));
    }

    private static async Task<IResult> MonthAsync(
        string id, string month, HttpContext http, Viewer viewer, IConsumerQueries queries, DataClock clock, PageRenderer pages, CancellationToken cancellationToken)
    {
        if (UseLinks.MonthPattern.Parse(month) is not { Success: true, Value: { Year: >= YearMin and <= YearMax } first }) return Results.NotFound();
        var (facts, refusal) = await OpenAsync(id, http, viewer, queries, pages, cancellationToken);
        if (facts is null) return refusal!;
        first = new LocalDate(first.Year, first.Month, 1);
        LocalDate end = first.PlusMonths(1).PlusDays(-1);
        LocalDate last = facts.LastDay is { } held && held >= first && held < end ? held : end;
        var blocks = await queries.BlocksAsync(Channel(facts), first, last, cancellationToken);
        if (blocks.Count == 0 && await IsFarAsync(queries, facts, first, end, clock, cancellationToken)) return await FarAsync(http, pages, facts, W.MonthUnknown);
        IReadOnlyList<UsagePointFacts> points = await IsOwnerAsync(viewer, cancellationToken) ? (await HomeEndpoints.PointsAsync(viewer, queries, null, cancellationToken)).All : [];
        return await pages.PageAsync<UseMonthPage>(http, new()
        {
            ["Facts"] = facts, ["Points"] = points, ["Days"] = DayUse.Days(blocks, first, last, facts.Zone), ["Month"] = first, ["IsOwner"] = await IsOwnerAsync(viewer, cancellationToken),
            ["HasPrevious"] = await HasAsync(queries, facts, first.PlusMonths(-1), first.PlusDays(-1), cancellationToken), ["HasNext"] = facts.LastDay > end,
        });
    }

    private static async Task<IResult> DayAsync(
        string id, string day, HttpContext http, Viewer viewer, IConsumerQueries queries, IEdits edits, DataClock clock, PageRenderer pages, CancellationToken cancellationToken)
    {
        if (LocalDatePattern.Iso.Parse(day) is not { Success: true, Value: { Year: >= YearMin and <= YearMax } date }) return Results.NotFound();
        var (facts, refusal) = await OpenAsync(id, http, viewer, queries, pages, cancellationToken);
        if (facts is null) return refusal!;
        var blocks = await queries.BlocksAsync(Channel(facts), date, date, cancellationToken);
        if (blocks.Count == 0 && await IsFarAsync(queries, facts, date, date, clock, cancellationToken)) return await FarAsync(http, pages, facts, W.DayUnknown);
        return await pages.PageAsync<UseDayPage>(http, new()
        {
            ["Facts"] = facts, ["Day"] = DayUse.Days(blocks, date, date, facts.Zone)[0], ["IsOwner"] = await IsOwnerAsync(viewer, cancellationToken),
            ["Edits"] = blocks is [{ Version: > 0 }, ..] ? await edits.ReadAsync(Channel(facts), date, cancellationToken) : [],
            ["MayEdit"] = blocks.Count > 0 && (await viewer.PersonAsync(cancellationToken))?.Role is Role.Operator or Role.Supervisor,
            ["Previous"] = await HasAsync(queries, facts, date.PlusDays(-1), date.PlusDays(-1), cancellationToken) ? date.PlusDays(-1) : null,
            ["Next"] = facts.LastDay > date ? date.PlusDays(1) : null,
        });
    }

    private static async Task<IResult> PurposeAsync(
        [FromForm] string? usagePoint, [FromForm] string? purpose, [FromForm] string? back, HttpContext http, Viewer viewer, PurposeGrants grants,
        PageRenderer pages, ILogger<PurposeGrants> logger, CancellationToken cancellationToken)
    {
        if (!UsagePointId.TryParse(usagePoint, null, out UsagePointId id) || await viewer.PersonAsync(cancellationToken) is not { } person) return Results.NotFound();
        if (!Viewer.IsPurpose(purpose))
        {
            return await pages.PageAsync<PurposePage>(
                http, new() { ["UsagePoint"] = id, ["Error"] = W.PurposeTooShort, ["Given"] = purpose }, StatusCodes.Status400BadRequest, LocalPath.Or(back, "/operator"));
        }
        grants.Grant(person.Name, id, purpose!.Trim());
        logger.PurposeStated(person.Name, id.ToString());
        return Results.Redirect(LocalPath.Or(back, "/operator"));
    }

    /// <summary>The usage point if its half-hours may be shown; else what to answer instead.</summary>
    /// <param name="at">Path to come to when a purpose was stated; null: the one that was asked for.</param>
    internal static async ValueTask<(UsagePointFacts? Facts, IResult? Refusal)> OpenAsync(
        string id, HttpContext http, Viewer viewer, IConsumerQueries queries, PageRenderer pages, CancellationToken cancellationToken, string? at = null)
    {
        if (!UsagePointId.TryParse(id, null, out UsagePointId usagePoint) || !await viewer.MaySeeAsync(usagePoint, cancellationToken)) return (null, Results.NotFound());
        if (await queries.FindUsagePointAsync(usagePoint, cancellationToken) is not { } facts) return (null, Results.NotFound());
        return await viewer.ReadingsAsync(usagePoint, AccessKinds.HalfHours, null, cancellationToken) switch
        {
            ReadingsAccess.Open => (facts, null),
            ReadingsAccess.NeedsPurpose => (null, await pages.PageAsync<PurposePage>(http, new() { ["UsagePoint"] = usagePoint }, StatusCodes.Status403Forbidden, at)),
            _ => (null, Results.NotFound()),
        };
    }

    private static async ValueTask<bool> IsOwnerAsync(Viewer viewer, CancellationToken cancellationToken) =>
        (await viewer.PersonAsync(cancellationToken))?.Role == Role.Consumer;

    private static async ValueTask<bool> HasAsync(IConsumerQueries queries, UsagePointFacts facts, LocalDate from, LocalDate to, CancellationToken cancellationToken) =>
        (await queries.BlocksAsync(Channel(facts), from, to, cancellationToken)).Count > 0;

    private static async ValueTask<bool> IsFarAsync(
        IConsumerQueries queries, UsagePointFacts facts, LocalDate from, LocalDate to, DataClock clock, CancellationToken cancellationToken)
    {
        (LocalDate near, LocalDate until) = (from.PlusDays(-NearDays), to.PlusDays(NearDays));
        LocalDate today = clock.Today(facts.Zone);
        return (today < near || today > until) && !await HasAsync(queries, facts, near, until, cancellationToken);
    }

    private static async Task<IResult> FarAsync(HttpContext http, PageRenderer pages, UsagePointFacts facts, string text) => await pages.PageAsync<MessagePage>(http, new()
    {
        ["Title"] = W.NotFoundTitle, ["Text"] = text, ["Way"] = $"/use?up={facts.UsagePoint.Id}", ["WayText"] = W.ToNewestReadings,
    }, StatusCodes.Status404NotFound);

    private static ChannelId Channel(UsagePointFacts facts) => new(facts.UsagePoint.Id, ReadingType.ImportEnergy);
}
