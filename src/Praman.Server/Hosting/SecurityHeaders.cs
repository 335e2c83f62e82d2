
namespace Praman.Server.Hosting;

/// <summary>
/// Headers that hold a page to itself: own style and modules only, no frame around it, no address leaked to links; and no copy of it kept,
/// except where an endpoint says otherwise: assets, the verifier and the public log's files.
/// </summary>
internal sealed class SecurityHeaders(RequestDelegate next)
{
    /// <summary>Own files only; nothing inline runs.</summary>
    public const string ContentSecurityPolicy =
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    public Task InvokeAsync(HttpContext context)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
        if (context.Request.IsHttps) headers.StrictTransportSecurity = "max-age=31536000";
        context.Response.OnStarting(KeepNoCopy, context.Response);
        return next(context);
    }

    private static Task KeepNoCopy(object response)
    {
        IHeaderDictionary headers = ((HttpResponse)response).Headers;
        if (headers.CacheControl.Count == 0) headers.CacheControl = "no-store";
        return Task.CompletedTask;
    }
}
