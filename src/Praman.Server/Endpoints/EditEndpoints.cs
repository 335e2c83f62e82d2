using Microsoft.AspNetCore.Mvc;
using NodaTime;
using NodaTime.Text;
using Praman.MeterData.Edits;
using Praman.Metering;
using Praman.Server.Access;
using Praman.Server.Hosting;
using Praman.Server.Pages;
using Praman.Server.Queries;
using Praman.Server.Usage;

namespace Praman.Server.Endpoints;

/// <summary>Readings entered by hand, a day at a time. Operators enter them; what is billed of them somebody else releases where it is much (decision 28).</summary>
internal static class EditEndpoints
{
    private const string Route = "/operator/edit/{id}/{day}";

    public static void MapEdits(this IEndpointRouteBuilder app)
    {
        app.MapGet(Route, FormAsync).RequireAuthorization(Policies.Operator).ExcludeFromDescription();
        app.MapPost(Route, EditAsync).RequireAuthorization(Policies.Operator).ExcludeFromDescription();
    }

    private static Task<IResult> FormAsync(string id, string day, HttpContext http, Viewer viewer, IConsumerQueries queries, PageRenderer pages, CancellationToken cancellationToken) =>
        ShowAsync(id, day, http, viewer, queries, pages, null, null, StatusCodes.Status200OK, cancellationToken);

    private static async Task<IResult> EditAsync(
        string id, string day, [FromForm] IFormCollection fields, HttpContext http, Viewer viewer, IConsumerQueries queries, IEdits edits, IAccessLog log, TimeProvider time, PageRenderer pages,
        ILogger<IEdits> logger, CancellationToken cancellationToken)
    {
        if (await viewer.PersonAsync(cancellationToken) is not { } person || !UsagePointId.TryParse(id, null, out UsagePointId usagePoint)
            || await queries.FindUsagePointAsync(usagePoint, cancellationToken) is not { } facts || await FindAsync(queries, facts, day, cancellationToken) is not { } block)
        {
            return Results.NotFound();
        }
        DayUse shown = DayUse.From(block, facts.Zone);
        EditForm form = EditForm.Read(fields, shown.Slots.Count);
        // What was typed stands beside another version's values: it says nothing about these.
        if (form.Version != block.Version) return await RefuseAsync(new(EditState.Changed));
        if (!form.TryChanges(shown, out IReadOnlyList<IntervalEdit> changes, out int wrong)) return await RefuseAsync(new(EditState.NoValue, wrong));
        var asked = new IntervalEdits(new ChannelId(usagePoint, block.Type), shown.Day, form.Version, changes, person.Name, form.Reason, form.Evidence);
        EditState state = await edits.JudgeAsync(asked, cancellationToken);
        if (state == EditState.Edited)
        {
            // The home's people read it first, then it holds.
            await log.AppendAsync(new AccessRecord(Instant.FromDateTimeOffset(time.GetUtcNow()), usagePoint, person.Name, person.Role.Word(), AccessKinds.ReadingsEdited, form.Reason), cancellationToken);
            state = await edits.EditAsync(asked, cancellationToken);
        }
        if (state == EditState.NotHeld) return Results.NotFound();
        if (state != EditState.Edited) return await RefuseAsync(new(state));
        logger.ReadingsEdited(person.Name, usagePoint.ToString());
        return Results.Redirect(UseLinks.Day(usagePoint, shown.Day));

        Task<IResult> RefuseAsync(EditRefused refused) => ShowAsync(
            id, day, http, viewer, queries, pages, refused.State == EditState.Changed ? form with { Values = [] } : form, refused,
            refused.State == EditState.Changed ? StatusCodes.Status409Conflict : StatusCodes.Status400BadRequest, cancellationToken);
    }

    /// <summary>The form: it shows a person's half-hours, so it wants a purpose as their page does.</summary>
    private static async Task<IResult> ShowAsync(
        string id, string day, HttpContext http, Viewer viewer, IConsumerQueries queries, PageRenderer pages, EditForm? given, EditRefused? refused, int status, CancellationToken cancellationToken)
    {
        string at = http.Request.Path;
        var (facts, refusal) = await UseEndpoints.OpenAsync(id, http, viewer, queries, pages, cancellationToken, at);
        if (facts is null) return refusal!;
        if (await FindAsync(queries, facts, day, cancellationToken) is not { } block) return Results.NotFound();
        DayUse shown = DayUse.From(block, facts.Zone);
        EditForm form = EditForm.Of(shown, block.Version);
        if (given is not null) form = given with { Version = block.Version, Values = given.Values.Count > 0 ? given.Values : form.Values };
        return await pages.PageAsync<EditPage>(http, new() { ["Facts"] = facts, ["Day"] = shown, ["Form"] = form, ["Refused"] = refused }, status, at);
    }

    private static async ValueTask<IntervalBlock?> FindAsync(IConsumerQueries queries, UsagePointFacts facts, string day, CancellationToken cancellationToken) =>
        LocalDatePattern.Iso.Parse(day) is { Success: true, Value: { Year: >= UseEndpoints.YearMin and <= UseEndpoints.YearMax } date }
            && await queries.BlocksAsync(new ChannelId(facts.UsagePoint.Id, ReadingType.ImportEnergy), date, date, cancellationToken) is [IntervalBlock block, ..] ? block : null;
}
