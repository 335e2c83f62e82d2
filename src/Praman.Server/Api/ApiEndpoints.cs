using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using NodaTime;
using NodaTime.Text;
using Praman.Metering;
using Praman.Server.Access;
using Praman.Server.Endpoints;
using Praman.Server.Hosting;
using Praman.Server.People;
using Praman.Server.Queries;

namespace Praman.Server.Api;

/// <summary>The HTTP API, version 1. Who may see what is decided by <see cref="Viewer"/>, as for the pages.</summary>
internal static class ApiEndpoints
{
    private const int DaysMax = 400, BillsMax = 500;

    public static void MapPramanApi(this IEndpointRouteBuilder app)
    {
        app.MapOpenApi().AllowAnonymous();
        RouteGroupBuilder open = app.MapGroup("/api/v1").AllowAnonymous().ProducesProblem(StatusCodes.Status500InternalServerError);
        RouteGroupBuilder api = app.MapGroup("/api/v1").ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status500InternalServerError);

        open.MapPost("/session", SignInAsync).WithTags("Session").WithSummary("Signs in and sets the session cookie")
            .RequireRateLimiting(RateLimits.SignIn).DisableAntiforgery().AddOpenApiOperationTransformer(ApiBody.DescribeAsync<SignInDto>).Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status429TooManyRequests);
        api.MapDelete("/session", SignOutAsync).WithTags("Session").WithSummary("Signs out: the session is over, and every copy of its cookie with it").Produces(StatusCodes.Status204NoContent);
        open.MapGet("/log", LogAsync).WithTags("Public log").WithSummary("Size and keys of the public log; its files are below /log");

        RouteGroupBuilder points = api.MapGroup("/usage-points").WithTags("Usage points");
        points.MapGet("", UsagePointsAsync).WithSummary("Usage points of the consumer who asks");
        RouteGroupBuilder point = points.MapGroup("/{id}").ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
        point.MapGet("/readings", ReadingsAsync).WithSummary("Readings by interval; local days from 'from' up to but without 'until'").ProducesProblem(StatusCodes.Status403Forbidden);
        point.MapGet("/bills", BillsOfPointAsync).WithSummary("Bills of a usage point, newest first");
        point.MapWallets();

        RouteGroupBuilder bills = api.MapGroup("/bills").WithTags("Bills").ProducesProblem(StatusCodes.Status404NotFound);
        bills.MapGet("", BillsAsync).WithSummary("All bills, newest first (auditors and operators)").RequireAuthorization(Policies.Staff).ProducesProblem(StatusCodes.Status400BadRequest);
        bills.MapGet("/{billNo}", (string billNo, Viewer viewer, IConsumerQueries queries, CancellationToken cancellationToken) =>
            BillEndpoints.FileAsync(billNo, BillFile.Bill, viewer, queries, cancellationToken))
            .WithSummary("bill.json, octet for octet").Produces<JsonElement>(200, "application/json");
        bills.MapGet("/{billNo}/proof", (string billNo, Viewer viewer, IConsumerQueries queries, CancellationToken cancellationToken) =>
            BillEndpoints.FileAsync(billNo, BillFile.Proof, viewer, queries, cancellationToken))
            .WithSummary("bill.tlog-proof (C2SP tlog-proof)").Produces<string>(200, "text/plain");
        bills.MapGet("/{billNo}/evidence", EvidenceAsync).WithSummary("bill.evidence.json: tariff and readings with their proofs").Produces<JsonElement>(200, "application/json").ProducesProblem(StatusCodes.Status403Forbidden);

        api.MapGet("/coverage", CoverageAsync).WithTags("Collection").WithSummary("Collection by local day, from 'from' up to but without 'until'")
            .RequireAuthorization(Policies.Operator).ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<NoContent> SignOutAsync(HttpContext http, SignInService signIn)
    {
        await signIn.EndAsync(http);
        return TypedResults.NoContent();
    }

    /// <summary>The evidence holds readings: staff may give their purpose with the request, as for readings.</summary>
    private static async Task<IResult> EvidenceAsync(
        string billNo, Viewer viewer, IConsumerQueries queries, CancellationToken cancellationToken, [FromHeader(Name = "X-Purpose")] string? purpose = null)
    {
        IResult answer = await BillEndpoints.FileAsync(billNo, BillFile.Evidence, viewer, queries, cancellationToken, purpose);
        return answer is StatusCodeHttpResult { StatusCode: StatusCodes.Status403Forbidden } ? ApiProblems.PurposeWanted() : answer;
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> SignInAsync(HttpContext http, SignInService signIn)
    {
        (SignInDto? body, string problem) = await ApiBody.ReadAsync<SignInDto>(http.Request, ["name", "password"], http.RequestAborted);
        if (body is not { } given) return TypedResults.Problem(problem, statusCode: 400);
        SignInOutcome outcome = await signIn.TryAsync(http, given.Name.Trim(), given.Password);
        return outcome.Result switch
        {
            SignInState.Done => TypedResults.NoContent(),
            SignInState.Locked => TypedResults.Problem($"too many wrong passwords for this name: try again in {Math.Ceiling(outcome.Wait.TotalSeconds):0} s", statusCode: 429),
            _ => ApiProblems.Unauthorized(http.Response, "name or password is wrong"),
        };
    }

    private static async Task<Ok<List<UsagePointDto>>> UsagePointsAsync(Viewer viewer, IConsumerQueries queries, CancellationToken cancellationToken)
    {
        Person? person = await viewer.PersonAsync(cancellationToken);
        var found = new List<UsagePointDto>();
        foreach (UsagePointId id in person?.UsagePoints ?? [])
        {
            if (await queries.FindUsagePointAsync(id, cancellationToken) is not { } facts) continue;
            UsagePoint point = facts.UsagePoint;
            found.Add(new UsagePointDto(point.Id.ToString(), point.ServicePoint, facts.Utility, point.TimeZone, point.TariffId, facts.Meter?.EndDevice.Serial,
                facts.LastDay is { } day ? LocalDatePattern.Iso.Format(day) : null, facts.LastReadAt is { } at ? InstantPattern.General.Format(at) : null));
        }
        return TypedResults.Ok(found);
    }

    private static async Task<Results<Ok<ReadingsDto>, ProblemHttpResult>> ReadingsAsync(
        UsagePointId id, string? from, string? until, Viewer viewer, IConsumerQueries queries, CancellationToken cancellationToken,
        string channel = "import-energy", [FromHeader(Name = "X-Purpose")] string? purpose = null)
    {
        if (!await viewer.MaySeeAsync(id, cancellationToken) || await queries.FindUsagePointAsync(id, cancellationToken) is not { } facts) return ApiProblems.NotFound();
        if (!TryPeriod(from, until, out LocalDate first, out LocalDate last, out string problem)) return TypedResults.Problem(problem, statusCode: 400);
        ReadingType? type = Enum.GetValues<ReadingType>().Cast<ReadingType?>().FirstOrDefault(t => t!.Value.Name() == channel);
        if (type is null) return TypedResults.Problem($"channel '{channel}' is not known: a reading type such as import-energy was expected", statusCode: 400);
        switch (await viewer.ReadingsAsync(id, AccessKinds.HalfHours, purpose, cancellationToken))
        {
            case ReadingsAccess.Hidden: return ApiProblems.NotFound();
            case ReadingsAccess.NeedsPurpose: return ApiProblems.PurposeWanted();
        }
        var blocks = await queries.BlocksAsync(new ChannelId(id, type.Value), first, last, cancellationToken);
        return TypedResults.Ok(new ReadingsDto(id.ToString(), channel, type.Value.Obis().ToString(), type.Value.Unit().Symbol(), facts.UsagePoint.TimeZone,
            [.. blocks.Select(b => Day(b, facts.Zone))]));
    }

    private static ReadingsDayDto Day(IntervalBlock block, DateTimeZone zone)
    {
        (long[] values, IntervalQuality[] qualities) = block.Decode();
        return new ReadingsDayDto(
            LocalDatePattern.Iso.Format(LocalDays.DayOf(block.Start, zone)), InstantPattern.General.Format(block.Start), block.Header.IntervalMinutes, block.Version,
            [.. values.Zip(qualities, (v, q) => q.HasValue ? v : (long?)null)], [.. qualities.Select(q => StateName(q.State))], block.Sum(),
            qualities.Count(q => q.IsEstimated), Convert.ToHexStringLower(SHA256.HashData(block.Bytes.Span)));
    }

    private static string StateName(IntervalState state) => JsonNamingPolicy.KebabCaseLower.ConvertName(state.ToString());

    private static async Task<Results<Ok<BillsDto>, ProblemHttpResult>> BillsOfPointAsync(UsagePointId id, Viewer viewer, IConsumerQueries queries, CancellationToken cancellationToken)
    {
        if (!await viewer.MaySeeAsync(id, cancellationToken)) return ApiProblems.NotFound();
        IReadOnlyList<BillSummary> bills = await queries.BillsAsync(id, cancellationToken);
        return TypedResults.Ok(new BillsDto([.. bills.Select(Bill)], bills.Count));
    }

    private static async Task<Results<Ok<BillsDto>, ProblemHttpResult>> BillsAsync(IOperatorQueries queries, CancellationToken cancellationToken, int skip = 0, int count = 50)
    {
        if (skip < 0 || count is < 1 or > BillsMax) return TypedResults.Problem($"skip is {skip} and count {count}: skip was expected from 0 on, count from 1 to {BillsMax}", statusCode: 400);
        IssuedBills page = await queries.BillsAsync(skip, count, cancellationToken);
        return TypedResults.Ok(new BillsDto([.. page.Bills.Select(Bill)], page.Total));
    }

    private static BillDto Bill(BillSummary bill) => new(
        bill.BillNo, bill.UsagePoint.ToString(), LocalDatePattern.Iso.Format(bill.Period.Start), LocalDatePattern.Iso.Format(bill.Period.End),
        LocalDatePattern.Iso.Format(bill.Issued), bill.Total.Currency, bill.Total.ToMinorUnits(), bill.EnergyWh, bill.EstimatedWh, bill.IsProvisional, bill.LogIndex);

    private static async Task<Results<Ok<List<CoverageDto>>, ProblemHttpResult>> CoverageAsync(
        string? from, string? until, IOperatorQueries queries, CancellationToken cancellationToken)
    {
        if (!TryPeriod(from, until, out LocalDate first, out LocalDate last, out string problem)) return TypedResults.Problem(problem, statusCode: 400);
        var days = await queries.CoverageAsync(first, last, cancellationToken);
        return TypedResults.Ok(days.Select(d => new CoverageDto(LocalDatePattern.Iso.Format(d.Day), d.Expected, d.Measured, d.Estimated, d.Missing, d.LateReceived)).ToList());
    }

    private static async Task<Ok<LogDto>> LogAsync(ILogFiles log, CancellationToken cancellationToken)
    {
        LogSummary summary = await log.SummaryAsync(cancellationToken);
        return TypedResults.Ok(new LogDto(summary.Origin, summary.TreeSize, log.LogKey, log.WitnessKeys));
    }

    private static bool TryPeriod(string? from, string? until, out LocalDate first, out LocalDate last, out string problem)
    {
        (first, last, problem) = (default, default, "");
        if (from is null) problem = "from is missing: a date such as 2026-04-01 was expected";
        else if (until is null) problem = "until is missing: a date such as 2026-05-01 was expected";
        else if (LocalDatePattern.Iso.Parse(from) is not { Success: true } start) problem = $"from is '{from}': a date such as 2026-04-01 was expected";
        else if (LocalDatePattern.Iso.Parse(until) is not { Success: true } end) problem = $"until is '{until}': a date such as 2026-05-01 was expected";
        else if (start.Value.Year < UseEndpoints.YearMin) problem = $"from is {from}: a date from {UseEndpoints.YearMin}-01-01 on was expected";
        else if (end.Value.Year > UseEndpoints.YearMax) problem = $"until is {until}: a date until {UseEndpoints.YearMax}-12-31 was expected";
        else if (end.Value <= start.Value) problem = $"until is {until}: a date after from, {from}, was expected";
        else if (Period.DaysBetween(start.Value, end.Value) > DaysMax) problem = $"from {from} until {until}: at most {DaysMax} days were expected";
        else (first, last) = (start.Value, end.Value.PlusDays(-1));
        return problem.Length == 0;
    }
}
