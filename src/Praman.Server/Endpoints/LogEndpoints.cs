using System.Text;
using Praman.Proof.Tiles;
using Praman.Server.Hosting;
using Praman.Server.Pages;
using Praman.Server.Queries;

namespace Praman.Server.Endpoints;

/// <summary>The public log: a page in words, and its files as C2SP tlog-tiles serves them, for anybody and with no sign-in.</summary>
internal static class LogEndpoints
{
    private const string Forever = "public, max-age=31536000, immutable";

    public static void MapLog(this IEndpointRouteBuilder app)
    {
        app.MapGet("/log", (HttpContext http, ILogFiles log, PageRenderer pages, CancellationToken cancellationToken) =>
            LogAsync(http, log, pages, null, 0, cancellationToken)).AllowAnonymous().ExcludeFromDescription();
        app.MapGet("/audit", async (int? skip, HttpContext http, ILogFiles log, IOperatorQueries queries, PageRenderer pages, CancellationToken cancellationToken) =>
        {
            int from = Math.Max(0, skip ?? 0);
            return await LogAsync(http, log, pages, await queries.BillsAsync(from, Pager.Size, cancellationToken), from, cancellationToken);
        }).RequireAuthorization(Policies.Auditor).ExcludeFromDescription();
        RouteGroupBuilder files = app.MapGroup("/log").AllowAnonymous().WithTags("Public log").ProducesProblem(StatusCodes.Status500InternalServerError);
        files.MapGet("/checkpoint", CheckpointAsync).WithSummary("The newest signed checkpoint (C2SP tlog-checkpoint)").Produces<string>(200, "text/plain").ProducesProblem(StatusCodes.Status404NotFound);
        files.MapGet("/tile/{**path}", TileAsync).WithSummary("A tile of hashes or entries (C2SP tlog-tiles)").Produces<Stream>(200, "application/octet-stream").ProducesProblem(StatusCodes.Status404NotFound);
        files.MapGet("/keys", KeysAsync).WithSummary("Verifier keys of the log and its witnesses, one a line").Produces<string>(200, "text/plain");
    }

    private static async Task<IResult> LogAsync(
        HttpContext http, ILogFiles log, PageRenderer pages, IssuedBills? bills, int skip, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte>? checkpoint = await log.CheckpointAsync(cancellationToken);
        return await pages.PageAsync<LogPage>(http, new()
        {
            ["Summary"] = await log.SummaryAsync(cancellationToken), ["Checkpoint"] = checkpoint is { } octets ? Encoding.UTF8.GetString(octets.Span) : "",
            ["LogKey"] = log.LogKey, ["WitnessKeys"] = log.WitnessKeys, ["Bills"] = bills, ["Skip"] = skip,
        });
    }

    private static async Task<IResult> CheckpointAsync(ILogFiles log, HttpResponse response, CancellationToken cancellationToken)
    {
        if (await log.CheckpointAsync(cancellationToken) is not { } octets) return Results.NotFound();
        response.Headers.CacheControl = "no-cache";
        AllowAll(response);
        return Results.Bytes(octets, "text/plain; charset=utf-8");
    }

    private static async Task<IResult> TileAsync(string? path, ILogFiles log, HttpResponse response, CancellationToken cancellationToken)
    {
        if (path is null || !TilePath.TryParse("tile/" + path, out _) || await log.FindTileAsync(path, cancellationToken) is not { } octets) return Results.NotFound();
        response.Headers.CacheControl = Forever; // a tile, full or partial, never changes
        AllowAll(response);
        return Results.Bytes(octets, "application/octet-stream");
    }

    private static IResult KeysAsync(ILogFiles log, HttpResponse response)
    {
        response.Headers.CacheControl = "no-cache";
        AllowAll(response);
        return Results.Text(string.Concat(new[] { log.LogKey }.Concat(log.WitnessKeys).Select(key => key + "\n")), "text/plain", Encoding.UTF8);
    }

    /// <summary>Public files may be read by any page: a monitor in a browser, too.</summary>
    private static void AllowAll(HttpResponse response)
    {
        response.Headers.AccessControlAllowOrigin = "*";
        response.Headers["Cross-Origin-Resource-Policy"] = "cross-origin";
    }
}
