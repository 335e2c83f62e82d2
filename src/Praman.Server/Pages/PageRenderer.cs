using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Praman.Server.Access;

namespace Praman.Server.Pages;

/// <summary>Turns a page component and what it shows into an answer.</summary>
internal sealed class PageRenderer(IAntiforgery antiforgery, Viewer viewer, IServiceProvider services, ILoggerFactory loggers)
{
    /// <summary>Cookie that holds the chosen theme.</summary>
    public const string ThemeCookie = "praman-theme";

    /// <param name="at">Path of this server that the page stands for, where it answers a form: its forms lead there again. Null: the path that was asked for.</param>
    public async ValueTask<IResult> PageAsync<TPage>(HttpContext http, Dictionary<string, object?> parameters, int status = StatusCodes.Status200OK, string? at = null)
        where TPage : IComponent
    {
        AntiforgeryTokenSet tokens = antiforgery.GetAndStoreTokens(http);
        string theme = http.Request.Cookies[ThemeCookie] is "light" or "dark" ? http.Request.Cookies[ThemeCookie]! : "";
        parameters["Context"] = new PageContext(
            await viewer.PersonAsync(http.RequestAborted), theme,
            at ?? (HttpMethods.IsGet(http.Request.Method) ? http.Request.Path + http.Request.QueryString : "/"), tokens.RequestToken!, tokens.FormFieldName);
        return new RazorComponentResult<TPage>(parameters) { StatusCode = status, PreventStreamingRendering = true };
    }

    /// <summary>Address of this server as the request named it, with a slash at its end. Hosts that are not its own were refused before.</summary>
    public static string ServerOf(HttpContext http) => $"{http.Request.Scheme}://{http.Request.Host}/";

    /// <summary>A page as one text that holds its style, to be printed: in light colours, and its links lead to this server.</summary>
    public async ValueTask<string> TextAsync<TPage>(HttpContext http, Dictionary<string, object?> parameters)
        where TPage : IComponent
    {
        parameters["Context"] = new PageContext(await viewer.PersonAsync(http.RequestAborted), "light", "/", "", "", ServerOf(http));
        await using var renderer = new HtmlRenderer(services, loggers);
        return await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<TPage>(ParameterView.FromDictionary(parameters))).ToHtmlString());
    }
}
