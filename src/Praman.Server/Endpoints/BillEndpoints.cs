using Praman.Server.Access;
using Praman.Server.Bills;
using Praman.Server.Hosting;
using Praman.Server.Pages;
using Praman.Server.People;
using Praman.Server.Queries;
using ErasedFiles = Praman.Billing.Verification.ErasedFiles;

namespace Praman.Server.Endpoints;

/// <summary>Bills, their files, and the check.</summary>
internal static class BillEndpoints
{
    public static void MapBills(this IEndpointRouteBuilder app)
    {
        app.MapGet("/bills", ListAsync).RequireAuthorization(Policies.Consumer).ExcludeFromDescription();
        app.MapGet("/bill/{billNo}", BillAsync).ExcludeFromDescription();
        app.MapGet("/bill/{billNo}/bill.json", (string billNo, Viewer viewer, IConsumerQueries queries, CancellationToken cancellationToken) =>
            FileAsync(billNo, BillFile.Bill, viewer, queries, cancellationToken)).ExcludeFromDescription();
        app.MapGet("/bill/{billNo}/bill.tlog-proof", (string billNo, Viewer viewer, IConsumerQueries queries, CancellationToken cancellationToken) =>
            FileAsync(billNo, BillFile.Proof, viewer, queries, cancellationToken)).ExcludeFromDescription();
        app.MapGet("/bill/{billNo}/bill.evidence.json", (string billNo, Viewer viewer, IConsumerQueries queries, CancellationToken cancellationToken) =>
            FileAsync(billNo, BillFile.Evidence, viewer, queries, cancellationToken)).ExcludeFromDescription();
        app.MapGet("/check", (HttpContext http, ILogFiles log, PageRenderer pages) =>
            pages.PageAsync<CheckPage>(http, new() { ["LogKey"] = log.LogKey, ["WitnessKeys"] = log.WitnessKeys })).AllowAnonymous().ExcludeFromDescription();
    }

    /// <summary>A file of a bill; a look at the evidence that is not the owner's is recorded.</summary>
    public static async Task<IResult> FileAsync(string billNo, BillFile file, Viewer viewer, IConsumerQueries queries, CancellationToken cancellationToken)
    {
        if (await FindAsync(billNo, viewer, queries, cancellationToken) is not { } files) return Results.NotFound();
        if (file == BillFile.Bill) return Results.Bytes(files.Bill, "application/json", "bill.json");
        if (file == BillFile.Proof) return Results.Bytes(files.Proof, "text/plain; charset=utf-8", "bill.tlog-proof");
        // An auditor's purpose is the audit itself; an operator states one first.
        string? purpose = (await viewer.PersonAsync(cancellationToken))?.Role == Role.Auditor ? $"audit of bill {billNo}" : null;
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
        string billNo, HttpContext http, Viewer viewer, IConsumerQueries queries, ILogFiles log, PageRenderer pages, ILogger<BillFiles> logger, CancellationToken cancellationToken)
    {
        if (await FindAsync(billNo, viewer, queries, cancellationToken) is not { } files) return Results.NotFound();
        if (!BillDocument.TryRead(files.Bill, out BillDocument? bill, out string? reason))
        {
            logger.BillUnreadable(billNo, reason);
            return await pages.PageAsync<MessagePage>(http, new()
            {
                ["Title"] = Words.W.BillUnreadableTitle, ["Text"] = Words.Format.Current.Text(Words.W.BillUnreadableText, billNo),
            }, StatusCodes.Status500InternalServerError);
        }
        var sources = new Dictionary<string, TariffSource>(StringComparer.Ordinal);
        foreach (string id in bill.Lines.SelectMany(l => l.Sources).Distinct(StringComparer.Ordinal))
        {
            if (await queries.FindSourceAsync(id, cancellationToken) is { } source) sources[id] = source;
        }
        var view = new BillView(bill, sources, files.UsagePoint, log.LogKey, log.WitnessKeys) { ErasedOn = ErasedFiles.ErasedOn(files.Evidence.Span) };
        return await pages.PageAsync<BillPage>(http, new() { ["View"] = view });
    }
}

/// <summary>One of the three files of a bill.</summary>
internal enum BillFile
{
    Bill,
    Proof,
    Evidence,
}
