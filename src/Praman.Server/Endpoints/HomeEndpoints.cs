using System.Globalization;
using NodaTime;
using Praman.Metering;
using Praman.Server.Access;
using Praman.Server.Hosting;
using Praman.Server.Pages;
using Praman.Server.People;
using Praman.Server.Queries;
using Praman.Server.Usage;

namespace Praman.Server.Endpoints;

/// <summary>The consumer's first page, and who looked at their readings.</summary>
internal static class HomeEndpoints
{
    private const int UsualDays = 28, UsualDaysMin = 7, LooksOfPage = 100;

    public static void MapHome(this IEndpointRouteBuilder app)
    {
        app.MapGet("/home", HomeAsync).RequireAuthorization(Policies.Consumer).ExcludeFromDescription();
        app.MapGet("/who-looked", WhoLookedAsync).RequireAuthorization(Policies.Consumer).ExcludeFromDescription();
    }

    /// <summary>The person's usage points, and the one that is meant: the given one if it is theirs, the first if none is given.</summary>
    public static async ValueTask<(IReadOnlyList<UsagePointFacts> All, UsagePointFacts? Current)> PointsAsync(
        Viewer viewer, IConsumerQueries queries, string? given, CancellationToken cancellationToken)
    {
        Person? person = await viewer.PersonAsync(cancellationToken);
        var all = new List<UsagePointFacts>();
        foreach (UsagePointId id in person?.UsagePoints ?? [])
        {
            if (await queries.FindUsagePointAsync(id, cancellationToken) is { } facts) all.Add(facts);
        }
        if (given is null) return (all, all.FirstOrDefault());
        return (all, UsagePointId.TryParse(given, null, out UsagePointId wanted) ? all.FirstOrDefault(f => f.UsagePoint.Id == wanted) : null);
    }

    private static async Task<IResult> HomeAsync(
        string? up, HttpContext http, Viewer viewer, IConsumerQueries queries, IWalletQueries wallets, IAccessLog log, DataClock clock, PageRenderer pages, CancellationToken cancellationToken)
    {
        var (all, facts) = await PointsAsync(viewer, queries, up, cancellationToken);
        if (facts is null) return Results.NotFound();
        UsagePointId id = facts.UsagePoint.Id;
        LocalDate last = facts.LastDay ?? clock.Today(facts.Zone);
        LocalDate monthStart = new(last.Year, last.Month, 1);
        LocalDate from = LocalDate.Min(monthStart, last.PlusDays(-UsualDays));
        var blocks = await queries.BlocksAsync(new ChannelId(id, ReadingType.ImportEnergy), from, last, cancellationToken);
        IReadOnlyList<DayUse> days = DayUse.Days(blocks, from, last, facts.Zone);
        List<DayUse> before = [.. days.Where(d => d.Day >= last.PlusDays(-UsualDays) && d.Day < last && d.Slots.Count > 0 && d.MissingCount == 0)];
        var model = new HomeModel(
            all, facts, clock.Today(facts.Zone), days[^1].Slots.Count == 0 ? null : days[^1],
            before.Count < UsualDaysMin ? null : before.Sum(d => d.TotalWh) / before.Count, monthStart, [.. days.Where(d => d.Day >= monthStart)],
            await queries.CostAsync(id, monthStart, last, cancellationToken), await queries.BillsAsync(id, cancellationToken) is [var newest, ..] ? newest : null,
            await log.CountLooksAsync(id, cancellationToken));
        return await pages.PageAsync<HomePage>(http, new() { ["Model"] = model, ["Wallet"] = await wallets.FindAsync(id, cancellationToken) });
    }

    private static async Task<IResult> WhoLookedAsync(
        string? up, string? page, HttpContext http, Viewer viewer, IConsumerQueries queries, IAccessLog log, PageRenderer pages, CancellationToken cancellationToken)
    {
        var (_, facts) = await PointsAsync(viewer, queries, up, cancellationToken);
        if (facts is null) return Results.NotFound();
        // All looks can be turned to: one that is not to be found would be a look that was hidden by later ones.
        int count = await log.CountAsync(facts.UsagePoint.Id, cancellationToken), last = Math.Max(1, (count + LooksOfPage - 1) / LooksOfPage), number = 1;
        if (page is not null && (!int.TryParse(page, NumberStyles.None, CultureInfo.InvariantCulture, out number) || number < 1 || number > last)) return Results.NotFound();
        var records = await log.ReadAsync(facts.UsagePoint.Id, (number - 1) * LooksOfPage, LooksOfPage, cancellationToken);
        return await pages.PageAsync<WhoLookedPage>(http, new() { ["Facts"] = facts, ["Records"] = records, ["Number"] = number, ["Last"] = last });
    }
}
