using Microsoft.AspNetCore.Diagnostics;
using Praman.Server.Pages;
using Praman.Server.Words;
using Praman.Storage;

namespace Praman.Server.Hosting;

/// <summary>What stands where a page would: problem details for the API, a page in words for people.</summary>
internal static class ErrorPages
{
    public static async Task FailedAsync(HttpContext context)
    {
        Exception? error = context.Features.Get<IExceptionHandlerFeature>()?.Error;
        if (error is BadHttpRequestException wrong)
        {
            // Not a fault of ours. What was wrong is for a program to read; a person reads the page's words.
            if (IsForPrograms(context.Request.Path)) await TypedResults.Problem(wrong.Message, statusCode: wrong.StatusCode).ExecuteAsync(context);
            else await WriteAsync(context, wrong.StatusCode);
            return;
        }
        if (error is not null)
        {
            ILogger logger = context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Praman.Server");
            logger.RequestFailed(context.Request.Method, context.GetEndpoint()?.DisplayName ?? "", error);
        }
        if (error is StoreException { Fault: StoreFault.Damaged or StoreFault.Foreign }) await WriteAsync(context, StatusCodes.Status500InternalServerError, W.DamagedTitle, W.DamagedText);
        else await WriteAsync(context, StatusCodes.Status500InternalServerError);
    }

    public static Task StatusAsync(StatusCodeContext context) => WriteAsync(context.HttpContext, context.HttpContext.Response.StatusCode);

    /// <summary>The API, and the public log's files below its page.</summary>
    private static bool IsForPrograms(PathString path) =>
        path.StartsWithSegments("/api", StringComparison.Ordinal) || (path.StartsWithSegments("/log", StringComparison.Ordinal, out PathString file) && file.Value is { Length: > 1 });

    private static Task WriteAsync(HttpContext context, int status)
    {
        (string title, string text) = status switch
        {
            StatusCodes.Status404NotFound => (W.NotFoundTitle, W.NotFoundText),
            StatusCodes.Status400BadRequest => (W.BadRequestTitle, W.BadRequestText),
            StatusCodes.Status429TooManyRequests => (W.TooManyTitle, W.TooManyText),
            >= 500 => (W.FailedTitle, W.FailedText),
            _ => (W.RefusedTitle, W.RefusedText),
        };
        return WriteAsync(context, status, title, text);
    }

    private static async Task WriteAsync(HttpContext context, int status, string title, string text)
    {
        if (IsForPrograms(context.Request.Path))
        {
            await TypedResults.Problem(statusCode: status, title: title, detail: text).ExecuteAsync(context);
            return;
        }
        PageRenderer pages = context.RequestServices.GetRequiredService<PageRenderer>();
        IResult page = await pages.PageAsync<MessagePage>(context, new() { ["Title"] = title, ["Text"] = text }, status);
        await page.ExecuteAsync(context);
    }
}
