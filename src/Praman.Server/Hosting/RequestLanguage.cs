using System.Globalization;
using Praman.Server.Words;

namespace Praman.Server.Hosting;

/// <summary>
/// Sets the language of a request: that of its address (<c>?lang=gu</c>, for a link that is passed on), else the one that was chosen in the
/// header and remembered, else what the browser asks for. Only the pages' texts follow it: data and API stay invariant.
/// </summary>
internal sealed class RequestLanguage(RequestDelegate next)
{
    /// <summary>Cookie that holds the chosen language.</summary>
    public const string Cookie = "praman-language";

    /// <summary>Name in a query.</summary>
    public const string Parameter = "lang";

    public Task InvokeAsync(HttpContext context)
    {
        CultureInfo.CurrentUICulture = Of(context.Request);
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        return next(context);
    }

    private static CultureInfo Of(HttpRequest request)
    {
        // What a program reads does not change with the browser's settings.
        if (request.Path.StartsWithSegments("/api", StringComparison.Ordinal)) return Language.Supported[0];
        return Language.Find(request.Query[Parameter]) ?? Language.Find(request.Cookies[Cookie]) ?? Language.Choose(
            request.GetTypedHeaders().AcceptLanguage.Where(one => one.Quality != 0).OrderByDescending(one => one.Quality ?? 1).Select(one => one.Value.Value ?? ""));
    }
}
