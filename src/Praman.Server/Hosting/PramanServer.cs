using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Logging.Console;
using Praman.Server.Access;
using Praman.Server.Api;
using Praman.Server.Bills;
using Praman.Server.Endpoints;
using Praman.Server.Pages;
using Praman.Server.Payments;
using Praman.Server.People;
using Praman.Server.Prepaid;
using Praman.Server.Queries;

namespace Praman.Server.Hosting;

/// <summary>
/// The pages and the API of one data folder, as one ASP.NET Core application. <see cref="StartAsync"/> is what a command calls; a test may
/// build its own with <see cref="Create"/>.
/// </summary>
public static class PramanServer
{
    /// <summary>Octets of the largest request body: forms and a sign-in are small.</summary>
    private const int RequestBodyMax = 64 * 1024;

    /// <summary>Builds the application; nothing listens yet.</summary>
    /// <exception cref="InvalidDataException">The access log in the data folder, or the file of ended sessions, is damaged.</exception>
    public static WebApplication Create(PramanServerOptions options)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(options.Address, options.Port);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = RequestBodyMax;
        });
        AddLogging(builder.Logging, options.LogLevel);
        AddServices(builder.Services, options);
        WebApplication app = builder.Build();
        Use(app, options);
        return app;
    }

    /// <summary>Builds, starts to listen and returns; the caller stops and disposes the application.</summary>
    /// <exception cref="PortInUseException">Another program has the port.</exception>
    public static async Task<WebApplication> StartAsync(PramanServerOptions options, CancellationToken cancellationToken)
    {
        WebApplication app = Create(options);
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            await app.DisposeAsync();
            throw new PortInUseException(new IPEndPoint(options.Address, options.Port).ToString(), options.Port, exception);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
        app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Praman.Server").Listening(app.Urls.First());
        return app;
    }

    private static void AddLogging(ILoggingBuilder logging, LogLevel least)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(least > LogLevel.Warning ? least : LogLevel.Warning);
        logging.AddFilter("Praman", least);
        // A start that fails is thrown to the caller, who says it once.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        // That the cookie keys lie in the data folder in clear is said in docs/guide/pages.md, not at each start.
        logging.AddFilter("Microsoft.AspNetCore.DataProtection.KeyManagement", LogLevel.Error);
        // A command's standard output is its answer: what the server says goes to standard error.
        logging.AddSimpleConsole(console => console.SingleLine = true);
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }

    private static void AddServices(IServiceCollection services, PramanServerOptions options)
    {
        string? folder = options.DataFolder;
        if (folder is not null) Directory.CreateDirectory(folder);
        services.AddSingleton(options).AddSingleton(options.Consumers).AddSingleton(options.Operators).AddSingleton(options.Log).AddSingleton(options.People).AddSingleton(options.Suppliers);
        services.AddSingleton(options.Releases ?? new NoReleases()).AddSingleton(options.Edits ?? new NoEdits()).AddSingleton(options.Rebills ?? new NoRebills());
        services.AddSingleton(options.Wallets ?? new NoWallets());
        services.AddSingleton(options.Time).AddSingleton(new DataClock(options.DataTime ?? options.Time));
        services.AddSingleton(options.AccessLog ?? new AccessLogFile(folder is null ? null : Path.Combine(folder, AccessLogFile.Name)));
        services.AddSingleton(_ => new ChromiumPrinter(options.Chromium)).AddSingleton<SignInGuard>().AddSingleton(new EndedSessions(folder is null ? null : Path.Combine(folder, EndedSessions.Name), options.Time)).AddSingleton<PurposeGrants>().AddScoped<Viewer>().AddScoped<BillViews>().AddScoped<PageRenderer>().AddScoped<SignInService>();
        services.AddHttpContextAccessor();
        services.AddRazorComponents();
        services.AddAntiforgery(antiforgery =>
        {
            antiforgery.Cookie.Name = "praman-form";
            antiforgery.FormFieldName = "form-token";
            antiforgery.SuppressXFrameOptionsHeader = true; // said once, by SecurityHeaders
        });
        services.AddProblemDetails();
        services.AddResponseCompression();
        services.AddPramanApi();
        services.Configure<HostFilteringOptions>(filter => filter.AllowedHosts = [.. options.HostNames, .. HostOf(options.Address)]);
        // After whatever the environment says: a variable of the framework that makes it believe any sender has no say here.
        services.PostConfigure<ForwardedHeadersOptions>(forwarded =>
        {
            forwarded.ForwardedHeaders = options.TrustedProxies.Count == 0 ? ForwardedHeaders.None : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            forwarded.ForwardLimit = 1;
            forwarded.KnownIPNetworks.Clear();
            forwarded.KnownProxies.Clear();
            foreach (IPAddress proxy in options.TrustedProxies) forwarded.KnownProxies.Add(proxy);
        });
        AddDataProtection(services, folder);
        AddSignIn(services, options.TrustedProxies.Count > 0);
        services.AddRateLimiter(limiter =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limiter.AddPolicy(RateLimits.SignIn, context => RateLimitPartition.GetFixedWindowLimiter(
                context.Connection.RemoteIpAddress?.ToString() ?? "", _ => new() { PermitLimit = 60, Window = TimeSpan.FromMinutes(1) }));
        });
    }

    private static string[] HostOf(IPAddress address) =>
        IPAddress.Any.Equals(address) || IPAddress.IPv6Any.Equals(address) || IPAddress.IsLoopback(address) ? [] : [address.ToString()];

    private static void AddDataProtection(IServiceCollection services, string? folder)
    {
        IDataProtectionBuilder protection = services.AddDataProtection().SetApplicationName("praman");
        if (folder is null) protection.UseEphemeralDataProtectionProvider();
        else protection.PersistKeysToFileSystem(Directory.CreateDirectory(Path.Combine(folder, "cookie-keys")));
    }

    private static void AddSignIn(IServiceCollection services, bool isBehindTls)
    {
        services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(cookie =>
        {
            cookie.Cookie.Name = ApiProblems.SessionCookie;
            cookie.Cookie.HttpOnly = true;
            cookie.Cookie.SameSite = SameSiteMode.Lax;
            cookie.Cookie.SecurePolicy = isBehindTls ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
            cookie.ExpireTimeSpan = EndedSessions.CookieLength;
            cookie.SlidingExpiration = true;
            cookie.LoginPath = ApiProblems.SignInPath;
            cookie.ReturnUrlParameter = "back";
            cookie.Events.OnValidatePrincipal = SignInService.ValidateAsync;
            cookie.Events.OnRedirectToLogin = SignInService.AskToSignIn;
            // What a role may not open does not exist for it.
            cookie.Events.OnRedirectToAccessDenied = context =>
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            };
        });
        services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new Microsoft.AspNetCore.Authorization.AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build())
            .AddPolicy(Policies.Consumer, policy => policy.RequireRole(Roles.Consumer))
            .AddPolicy(Policies.Operator, policy => policy.RequireRole(Roles.Operator, Roles.Supervisor))
            .AddPolicy(Policies.Supervisor, policy => policy.RequireRole(Roles.Supervisor))
            .AddPolicy(Policies.Auditor, policy => policy.RequireRole(Roles.Auditor))
            .AddPolicy(Policies.Staff, policy => policy.RequireRole(Roles.Operator, Roles.Supervisor, Roles.Auditor));
    }

    private static void Use(WebApplication app, PramanServerOptions options)
    {
        app.UseForwardedHeaders();
        app.UseResponseCompression();
        app.UseMiddleware<SecurityHeaders>();
        app.UseMiddleware<RequestLanguage>();
        app.UseExceptionHandler(failed => failed.Run(ErrorPages.FailedAsync));
        app.UseStatusCodePages(ErrorPages.StatusAsync);
        app.UseRouting();
        app.UseRateLimiter();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.MapGet("/health", () => TypedResults.Text("ok")).AllowAnonymous().ExcludeFromDescription();
        app.MapSiteAssets();
        app.MapSignIn(options.IsDemo);
        app.MapHome();
        app.MapUse();
        app.MapBills();
        app.MapWallets();
        app.MapOperator();
        app.MapReleases();
        app.MapEdits();
        app.MapLog();
        app.MapPramanApi();
        app.MapPayments();
    }
}
