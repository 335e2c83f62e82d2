using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Praman.Server.Access;
using Praman.Server.Hosting;
using Praman.Server.Pages;
using Praman.Server.People;
using Praman.Server.Words;

namespace Praman.Server.Endpoints;

/// <summary>Front door: sign in, sign out, language, theme.</summary>
internal static class SignInEndpoints
{
    public static void MapSignIn(this IEndpointRouteBuilder app, bool isDemo)
    {
        app.MapGet("/", async (Viewer viewer, CancellationToken cancellationToken) =>
            Results.Redirect(StartOf(await viewer.PersonAsync(cancellationToken)))).AllowAnonymous().ExcludeFromDescription();
        app.MapGet("/sign-in", (string? back, HttpContext http, PageRenderer pages) =>
            pages.PageAsync<SignInPage>(http, new() { ["Back"] = LocalPath.Or(back, "/"), ["IsDemo"] = isDemo })).AllowAnonymous().ExcludeFromDescription();
        app.MapPost("/sign-in", async ([FromForm] string? name, [FromForm] string? password, [FromForm] string? back, HttpContext http, SignInService signIn, PageRenderer pages) =>
        {
            SignInOutcome outcome = await signIn.TryAsync(http, name?.Trim(), password);
            if (outcome.Result == SignInState.Done) return Results.Redirect(LocalPath.Or(back, "/"));
            string error = outcome.Result == SignInState.Locked
                ? Format.Current.Text(W.SignInLocked, Math.Max(1, (int)Math.Ceiling(outcome.Wait.TotalMinutes))) : W.SignInWrong;
            return await pages.PageAsync<SignInPage>(http, new()
            {
                ["Back"] = LocalPath.Or(back, "/"), ["Error"] = error, ["GivenName"] = name, ["IsDemo"] = isDemo,
            }, StatusCodes.Status401Unauthorized, QueryHelpers.AddQueryString("/sign-in", "back", LocalPath.Or(back, "/")));
        }).AllowAnonymous().RequireRateLimiting(RateLimits.SignIn).ExcludeFromDescription();
        app.MapPost("/sign-out", async ([FromForm] string? back, HttpContext http, SignInService signIn) =>
        {
            await signIn.EndAsync(http);
            return Results.Redirect(LocalPath.Or(back, "/sign-in"));
        }).AllowAnonymous().ExcludeFromDescription();
        app.MapPost("/language", ([FromForm] string? language, [FromForm] string? back, HttpResponse response) =>
        {
            if (Language.Find(language) is { } culture) response.Cookies.Append(RequestLanguage.Cookie, Language.CodeOf(culture), ChoiceCookie());
            // The address that is gone back to may name the language before.
            return Results.Redirect(LocalPath.Without(LocalPath.Or(back, "/"), RequestLanguage.Parameter));
        }).AllowAnonymous().ExcludeFromDescription();
        app.MapPost("/theme", ([FromForm] string? theme, [FromForm] string? back, HttpResponse response) =>
        {
            if (theme is "light" or "dark") response.Cookies.Append(PageRenderer.ThemeCookie, theme, ChoiceCookie());
            else response.Cookies.Delete(PageRenderer.ThemeCookie);
            return Results.Redirect(LocalPath.Or(back, "/"));
        }).AllowAnonymous().ExcludeFromDescription();
    }

    /// <summary>A cookie that remembers how somebody wants the pages; it says nothing of who they are.</summary>
    private static CookieOptions ChoiceCookie() => new() { HttpOnly = true, SameSite = SameSiteMode.Lax, MaxAge = TimeSpan.FromDays(365), IsEssential = true };

    private static string StartOf(Person? person) => person?.Role switch
    {
        Role.Consumer => "/home",
        Role.Operator or Role.Supervisor => "/operator",
        Role.Auditor => "/audit",
        _ => "/sign-in",
    };
}
