using System.Globalization;
using Praman.Server.Words;

namespace Praman.Server.Hosting;

/// <summary>Sets the language of a request. Only the pages' texts follow it: data and API stay invariant.</summary>
internal sealed class RequestLanguage(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        IList<string> accepted = [.. context.Request.GetTypedHeaders().AcceptLanguage.OrderByDescending(l => l.Quality ?? 1).Select(l => l.Value.Value ?? "")];
        CultureInfo.CurrentUICulture = Language.Choose(accepted);
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        return next(context);
    }
}
