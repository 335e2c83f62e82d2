using NodaTime;
using Praman.Metering;
using Praman.Server.Hosting;
using Praman.Server.Pages;
using Praman.Server.Queries;

namespace Praman.Server.Endpoints;

/// <summary>The operator's pages: counts and meters, no half-hours.</summary>
internal static class OperatorEndpoints
{
    private const int CoverageDays = 35, UsagePointsMax = 50, WaitingMax = 100;

    public static void MapOperator(this IEndpointRouteBuilder app)
    {
        RouteGroupBuilder group = app.MapGroup("/operator").RequireAuthorization(Policies.Operator).ExcludeFromDescription();
        group.MapGet("", OverviewAsync);
        group.MapGet("/usage-points", UsagePointsAsync);
        group.MapGet("/bills", BillsAsync);
        group.MapGet("/rebill", RebillAsync);
    }

    private static async Task<IResult> OverviewAsync(HttpContext http, IOperatorQueries queries, IReleases releases, IRebills rebills, PageRenderer pages, CancellationToken cancellationToken)
    {
        LocalDate? last = await queries.LastDayAsync(cancellationToken);
        var model = new OperatorModel(
            last is { } day ? await queries.CoverageAsync(day.PlusDays(1 - CoverageDays), day, cancellationToken) : [],
            await queries.FailingMetersAsync(cancellationToken),
            last is { } to ? await queries.FindingsAsync(to.PlusDays(1 - CoverageDays), to, cancellationToken) : [],
            await ZoneAsync(queries, http, cancellationToken), (await releases.WaitingAsync(WaitingMax, cancellationToken)).Count,
            (await rebills.ReadAsync(0, 0, cancellationToken)).Total);
        return await pages.PageAsync<OperatorPage>(http, new() { ["Model"] = model });
    }

    private static async Task<IResult> UsagePointsAsync(string? from, HttpContext http, IOperatorQueries queries, PageRenderer pages, CancellationToken cancellationToken)
    {
        UsagePointId? after = UsagePointId.TryParse(from, null, out UsagePointId start) && start.Number > 0 ? new UsagePointId(start.Number - 1) : null;
        IReadOnlyList<UsagePointRow> rows = await queries.UsagePointsAsync(after, UsagePointsMax + 1, cancellationToken);
        return await pages.PageAsync<UsagePointsPage>(http, new()
        {
            ["Rows"] = rows.Take(UsagePointsMax).ToList(), ["From"] = from, ["NextFrom"] = rows.Count > UsagePointsMax ? rows[UsagePointsMax].Id.ToString() : null,
            ["Zone"] = await ZoneAsync(queries, http, cancellationToken),
        });
    }

    private static async Task<IResult> BillsAsync(int? skip, HttpContext http, IOperatorQueries queries, PageRenderer pages, CancellationToken cancellationToken)
    {
        int from = Math.Max(0, skip ?? 0);
        IssuedBills page = await queries.BillsAsync(from, Pager.Size, cancellationToken);
        return await pages.PageAsync<BillsPage>(http, new() { ["Bills"] = page.Bills, ["Skip"] = from, ["Total"] = page.Total });
    }

    private static async Task<IResult> RebillAsync(int? skip, HttpContext http, IOperatorQueries queries, IRebills rebills, PageRenderer pages, CancellationToken cancellationToken)
    {
        int from = Math.Max(0, skip ?? 0);
        RebillPage page = await rebills.ReadAsync(from, Pager.Size, cancellationToken);
        return await pages.PageAsync<RebillsPage>(http, new() { ["Model"] = page, ["Skip"] = from, ["Zone"] = await ZoneAsync(queries, http, cancellationToken) });
    }

    /// <summary>The zone of the first usage point: a utility lives in one.</summary>
    private static async ValueTask<DateTimeZone> ZoneAsync(IOperatorQueries queries, HttpContext http, CancellationToken cancellationToken)
    {
        IReadOnlyList<UsagePointRow> first = await queries.UsagePointsAsync(null, 1, cancellationToken);
        if (first.Count == 0) return DateTimeZone.Utc;
        IConsumerQueries consumers = http.RequestServices.GetRequiredService<IConsumerQueries>();
        return (await consumers.FindUsagePointAsync(first[0].Id, cancellationToken))?.Zone ?? DateTimeZone.Utc;
    }
}
