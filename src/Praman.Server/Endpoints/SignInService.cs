using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Praman.Server.Access;
using Praman.Server.Api;
using Praman.Server.Hosting;
using Praman.Server.People;

namespace Praman.Server.Endpoints;

/// <summary>Checks a name and password, and makes or ends a session.</summary>
internal sealed class SignInService(IPeople people, SignInGuard guard, EndedSessions ended, ILogger<SignInService> logger)
{
    private const int NameMax = 64, SessionLength = 16;

    /// <summary>Claim that names the session, so that it can be ended.</summary>
    private const string SessionClaim = "praman-session";

    /// <summary>Signs in, or says why not.</summary>
    public async ValueTask<SignInOutcome> TryAsync(HttpContext http, string? name, string? password)
    {
        if (name is not { Length: > 0 and <= NameMax } || password is not { Length: > 0 and <= Passwords.LengthMax }) return new(SignInState.Wrong, TimeSpan.Zero);
        string remote = http.Connection.RemoteIpAddress?.ToString() ?? "";
        TimeSpan wait = guard.WaitOf(name);
        if (wait > TimeSpan.Zero) return new(SignInState.Locked, wait);
        Person? person = await people.FindAsync(name, http.RequestAborted);
        if (!Passwords.Verify(password, person?.PasswordHash ?? Passwords.Nobody) || person is null)
        {
            if (guard.Failed(name))
            {
                logger.SignInLocked(remote);
                return new(SignInState.Locked, guard.WaitOf(name));
            }
            logger.SignInRefused(remote);
            return new(SignInState.Wrong, TimeSpan.Zero);
        }
        guard.Succeeded(name);
        var identity = new ClaimsIdentity(
            [
                new Claim(ClaimTypes.Name, person.Name), new Claim(ClaimTypes.Role, person.Role.Word()),
                new Claim(SessionClaim, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SessionLength))),
            ], CookieAuthenticationDefaults.AuthenticationScheme);
        await http.SignInAsync(new ClaimsPrincipal(identity));
        logger.SignedIn(person.Role.Word());
        return new(SignInState.Done, TimeSpan.Zero);
    }

    /// <summary>Signs out: the session is over, whoever holds a copy of its cookie.</summary>
    public async ValueTask EndAsync(HttpContext http)
    {
        if (http.User.FindFirst(SessionClaim)?.Value is { } session) ended.End(session);
        await http.SignOutAsync();
    }

    /// <summary>Ends a session that was signed out of, or whose person is gone or has another role now.</summary>
    public static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        IPeople people = context.HttpContext.RequestServices.GetRequiredService<IPeople>();
        string? name = context.Principal?.Identity?.Name;
        Person? person = name is null ? null : await people.FindAsync(name, context.HttpContext.RequestAborted);
        bool isOpen = context.Principal?.FindFirst(SessionClaim)?.Value is { } session
            && !context.HttpContext.RequestServices.GetRequiredService<EndedSessions>().Contains(session);
        if (isOpen && person is not null && context.Principal!.IsInRole(person.Role.Word())) return;
        context.RejectPrincipal();
        await context.HttpContext.SignOutAsync();
    }

    /// <summary>Sends a stranger to the sign-in page; the API answers 401 instead, and says how to sign in.</summary>
    public static Task AskToSignIn(RedirectContext<CookieAuthenticationOptions> context)
    {
        if (context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal)) return ApiProblems.SignInWanted(context.Response).ExecuteAsync(context.HttpContext);
        context.Response.Redirect(context.RedirectUri);
        return Task.CompletedTask;
    }
}

/// <summary>What came of a sign-in.</summary>
internal readonly record struct SignInOutcome(SignInState Result, TimeSpan Wait);

internal enum SignInState
{
    Done,

    /// <summary>Name or password; which one is not said.</summary>
    Wrong,

    /// <summary>Too many tries for this name.</summary>
    Locked,
}
