using Praman.Server.Access;
using Praman.Server.Bills;
using Praman.Server.Hosting;
using Praman.Server.Pages;
using Praman.Server.People;
using Praman.Server.Queries;
using Praman.Server.Words;
using BillFiles = Praman.Server.Queries.BillFiles;

namespace Praman.Server.Endpoints;

/// <summary>Bills, their files, and the check.</summary>
internal static class BillEndpoints
{
    public static void MapBills(this IEndpointRouteBuilder app)
    {
        app.MapGet("/bills", ListAsync).RequireAuthorization(Policies.Consumer).ExcludeFromDescription();
        app.MapGet("/bill/{billNo}", BillAsync).ExcludeFromDescription();
        app.MapGet("/bill/{billNo}/bill.pdf", PdfAsync).ExcludeFromDescription();
        app.MapGet("/bill/{billNo}/bill.json", (string billNo, Viewer viewer, IConsumerQueries queries, CancellationToken cancellationToken) =>
            FileAsync(billNo, BillFile.Bill, viewer, queries, cancellationToken)).ExcludeFromDescription();
        app.MapGet("/bill/{billNo}/bill.tlog-proof", (string billNo, Viewer viewer, IConsumerQueries queries, CancellationToken cancellationToken) =>
            FileAsync(billNo, BillFile.Proof, viewer, queries, cancellationToken)).ExcludeFromDescription();
        app.MapGet("/bill/{billNo}/bill.evidence.json", (string billNo, Viewer viewer, IConsumerQueries queries, CancellationToken cancellationToken) =>
            FileAsync(billNo, BillFile.Evidence, viewer, queries, cancellationToken)).ExcludeFromDescription();
        app.MapGet("/check", CheckAsync).AllowAnonymous().ExcludeFromDescription();
    }

    /// <summary>A file of a bill; a look at the evidence that is not the owner's is recorded.</summary>
    /// <param name="statedPurpose">The purpose of a look at the evidence, where it comes with the request.</param>
    public static async Task<IResult> FileAsync(
        string billNo, BillFile file, Viewer viewer, IConsumerQueries queries, CancellationToken cancellationToken, string? statedPurpose = null)
    {
        if (await FindAsync(billNo, viewer, queries, cancellationToken) is not { } files) return Results.NotFound();
        if (file == BillFile.Bill) return Results.Bytes(files.Bill, "application/json", "bill.json");
        if (file == BillFile.Proof) return Results.Bytes(files.Proof, "text/plain; charset=utf-8", "bill.tlog-proof");
        // An auditor's purpose is the audit itself; an operator states one first.
        string? purpose = (await viewer.PersonAsync(cancellationToken))?.Role == Role.Auditor ? $"audit of bill {billNo}" : statedPurpose;
        return await viewer.ReadingsAsync(files.UsagePoint, AccessKinds.Evidence, purpose, cancellationToken) switch
        {
            ReadingsAccess.Open => Results.Bytes(files.Evidence, "application/json", "bill.evidence.json"),
            ReadingsAccess.NeedsPurpose => Results.StatusCode(StatusCodes.Status403Forbidden),
            _ => Results.NotFound(),
        };
    }

    /// <summary>The bill if it exists for this person.</summary>
    public static async ValueTask<BillFiles?> FindAsync(string billNo, Viewer viewer, IConsumerQueries queries, CancellationToken cancellationToken) =>
        await queries.FindBillAsync(billNo, cancellationToken) is { } files
            && await viewer.MaySeeAsync(files.UsagePoint, cancellationToken) ? files : null;

    private static async Task<IResult> ListAsync(string? up, HttpContext http, Viewer viewer, IConsumerQueries queries, PageRenderer pages, CancellationToken cancellationToken)
    {
        var (all, facts) = await HomeEndpoints.PointsAsync(viewer, queries, up, cancellationToken);
        if (facts is null) return Results.NotFound();
        IReadOnlyList<BillSummary> bills = await queries.BillsAsync(facts.UsagePoint.Id, cancellationToken);
        return await pages.PageAsync<BillsPage>(http, new()
        {
            ["Bills"] = bills, ["Points"] = all, ["Current"] = facts.UsagePoint.Id, ["IsOwner"] = true, ["Total"] = bills.Count,
        });
    }

    private static async Task<IResult> BillAsync(
        string billNo, HttpContext http, Viewer viewer, IConsumerQueries queries, BillViews views, PageRenderer pages, CancellationToken cancellationToken)
    {
        if (await FindAsync(billNo, viewer, queries, cancellationToken) is not { } files) return Results.NotFound();
        return await views.ReadAsync(files, PageRenderer.ServerOf(http), cancellationToken) is { } view
            ? await pages.PageAsync<BillPage>(http, new() { ["View"] = view }) : await UnreadableAsync(billNo, http, pages);
    }

    private static async Task<IResult> PdfAsync(
        string billNo, HttpContext http, Viewer viewer, IConsumerQueries queries, BillViews views, PageRenderer pages, ChromiumPrinter printer, ILogger<ChromiumPrinter> logger,
        CancellationToken cancellationToken)
    {
        if (await FindAsync(billNo, viewer, queries, cancellationToken) is not { } files) return Results.NotFound();
        if (await views.ReadAsync(files, PageRenderer.ServerOf(http), cancellationToken) is not { } view) return await UnreadableAsync(billNo, http, pages);
        PrintedPage printed = await printer.PrintAsync(await pages.TextAsync<BillPage>(http, new() { ["View"] = view }), cancellationToken);
        if (printed.Pdf is { } pdf) return Results.Bytes(pdf, "application/pdf", $"bill-{billNo}.pdf");
        logger.BillNotPrinted(billNo, printed.State);
        return await pages.PageAsync<MessagePage>(http, new()
        {
            ["Title"] = W.NotPrintedTitle, ["Text"] = printed.State == PrintState.NoChromium ? W.NotPrintedNoChromium : W.NotPrintedBusy,
        }, StatusCodes.Status503ServiceUnavailable);
    }

    /// <summary>The check; with what the code of a bill on paper says, that is held against the log.</summary>
    private static async Task<IResult> CheckAsync(
        string? bill, string? entry, string? commitment, HttpContext http, ILogFiles log, PageRenderer pages, CancellationToken cancellationToken) => await pages.PageAsync<CheckPage>(http, new()
        {
            ["LogKey"] = log.LogKey, ["WitnessKeys"] = log.WitnessKeys, ["Coded"] = await CodedEntry.FindAsync(bill, entry, commitment, log, cancellationToken),
        });

    private static async Task<IResult> UnreadableAsync(string billNo, HttpContext http, PageRenderer pages) => await pages.PageAsync<MessagePage>(http, new()
    {
        ["Title"] = W.BillUnreadableTitle, ["Text"] = Format.Current.Text(W.BillUnreadableText, billNo),
    }, StatusCodes.Status500InternalServerError);
}

/// <summary>One of the three files of a bill.</summary>
internal enum BillFile
{
    Bill,
    Proof,
    Evidence,
}
