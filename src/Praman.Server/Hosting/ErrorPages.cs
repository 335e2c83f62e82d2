using Microsoft.AspNetCore.Diagnostics;
using Praman.Server.Pages;
using Praman.Server.Words;

namespace Praman.Server.Hosting;

/// <summary>What stands where a page would: problem details for the API, a page in words for people.</summary>
internal static class ErrorPages
{
    public static async Task FailedAsync(HttpContext context)
    {
        if (context.Features.Get<IExceptionHandlerFeature>() is { } failure)
        {
            ILogger logger = context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Praman.Server");
            logger.RequestFailed(context.Request.Method, context.GetEndpoint()?.DisplayName ?? "", failure.Error);
        }
        await WriteAsync(context, StatusCodes.Status500InternalServerError);
    }

    public static Task StatusAsync(StatusCodeContext context) => WriteAsync(context.HttpContext, context.HttpContext.Response.StatusCode);

    private static async Task WriteAsync(HttpContext context, int status)
    {
        if (context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal))
        {
            await TypedResults.Problem(statusCode: status).ExecuteAsync(context);
            return;
        }
        (string title, string text) = status switch
        {
            StatusCodes.Status404NotFound => (W.NotFoundTitle, W.NotFoundText),
            StatusCodes.Status400BadRequest => (W.BadRequestTitle, W.BadRequestText),
            StatusCodes.Status429TooManyRequests => (W.TooManyTitle, W.TooManyText),
            >= 500 => (W.FailedTitle, W.FailedText),
            _ => (W.RefusedTitle, W.RefusedText),
        };
        PageRenderer pages = context.RequestServices.GetRequiredService<PageRenderer>();
        IResult page = await pages.PageAsync<MessagePage>(context, new() { ["Title"] = title, ["Text"] = text }, status);
        await page.ExecuteAsync(context);
    }
}
