using Microsoft.AspNetCore.Http.HttpResults;
using Praman.Server.Access;
using Praman.Server.Words;

namespace Praman.Server.Api;

/// <summary>What programs are told that ask for more than they may: problem details (RFC 9457) that say what to do.</summary>
internal static class ApiProblems
{
    /// <summary>Where a program signs in and out, where a person does, and the cookie that holds the session.</summary>
    public const string SessionPath = "/api/v1/session", SignInPath = "/sign-in", SessionCookie = "praman-sign-in";

    /// <summary>How to sign in, for the header that goes with every 401 (RFC 9110 section 11.6.1).</summary>
    private const string Challenge = $"Cookie realm=\"praman\", form-action=\"{SignInPath}\", cookie-name=\"{SessionCookie}\"";

    /// <summary>What staff are told who ask for readings of a person without saying why.</summary>
    public static ProblemHttpResult PurposeWanted() => TypedResults.Problem(
        $"readings of a person need a purpose: give it in the header X-Purpose, {PurposeGrants.LengthMin} to {PurposeGrants.LengthMax} characters; it is recorded", statusCode: StatusCodes.Status403Forbidden);

    /// <summary>There is nothing here, or it is not theirs: the two are not told apart.</summary>
    public static ProblemHttpResult NotFound() => TypedResults.Problem(W.NotFoundText, statusCode: StatusCodes.Status404NotFound, title: W.NotFoundTitle);

    /// <summary>Nobody is signed in, or not any more.</summary>
    public static ProblemHttpResult SignInWanted(HttpResponse response) => Unauthorized(
        response, $"nobody is signed in: POST {SessionPath} with {{\"name\":\"…\",\"password\":\"…\"}} as application/json, then send the cookie {SessionCookie} that it sets with each request; people sign in at {SignInPath}");

    /// <summary>A 401 that says where to sign in.</summary>
    public static ProblemHttpResult Unauthorized(HttpResponse response, string detail)
    {
        response.Headers.WWWAuthenticate = Challenge;
        return TypedResults.Problem(detail, statusCode: StatusCodes.Status401Unauthorized, extensions: new Dictionary<string, object?>
        {
            ["session"] = SessionPath, ["sign_in"] = SignInPath, ["cookie"] = SessionCookie,
        });
    }
}
