using Praman.Server.Access;
using Praman.Server.Hosting;
using Praman.Server.Pages;
using Praman.Server.Queries;

namespace Praman.Server.Endpoints;

/// <summary>The wallet of a prepaid home and its monthly statement, for its consumer alone.</summary>
internal static class WalletEndpoints
{
    public static void MapWallets(this IEndpointRouteBuilder app)
    {
        app.MapGet("/wallet", WalletAsync).RequireAuthorization(Policies.Consumer).ExcludeFromDescription();
        app.MapGet("/wallet/{id}/month/{month}", MonthAsync).RequireAuthorization(Policies.Consumer).ExcludeFromDescription();
    }

    private static async Task<IResult> WalletAsync(
        string? up, HttpContext http, Viewer viewer, IConsumerQueries queries, IWalletQueries wallets, PageRenderer pages, CancellationToken cancellationToken)
    {
        var (all, facts) = await HomeEndpoints.PointsAsync(viewer, queries, up, cancellationToken);
        if (facts is null || await wallets.FindAsync(facts.UsagePoint.Id, cancellationToken) is not { } wallet) return Results.NotFound();
        return await pages.PageAsync<WalletPage>(http, new() { ["Points"] = all, ["Facts"] = facts, ["Wallet"] = wallet });
    }

    private static async Task<IResult> MonthAsync(
        string id, string month, HttpContext http, Viewer viewer, IConsumerQueries queries, IWalletQueries wallets, PageRenderer pages, CancellationToken cancellationToken)
    {
        if (UseLinks.MonthPattern.Parse(month) is not { Success: true, Value: { Year: >= UseEndpoints.YearMin and <= UseEndpoints.YearMax } first }) return Results.NotFound();
        var (_, facts) = await HomeEndpoints.PointsAsync(viewer, queries, id, cancellationToken);
        if (facts is null || await wallets.MonthAsync(facts.UsagePoint.Id, first, cancellationToken) is not { } found) return Results.NotFound();
        BillSummary? bill = (await queries.BillsAsync(facts.UsagePoint.Id, cancellationToken)).FirstOrDefault(one => one.IsInForce && one.Period == found.Period);
        return await pages.PageAsync<WalletMonthPage>(http, new()
        {
            ["Facts"] = facts, ["Month"] = found, ["Bill"] = bill,
        });
    }
}
