using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Praman.Server.Api;

/// <summary>How the API speaks: snake-case JSON, and an OpenAPI document that says so.</summary>
internal static class ApiServices
{
    private const string Scheme = "session";

    public static void AddPramanApi(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
            json.SerializerOptions.RespectNullableAnnotations = true;
            json.SerializerOptions.RespectRequiredConstructorParameters = true;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
        // A parameter that cannot be read is thrown, so that the answer can say which: see ErrorPages.
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.AddOpenApi("v1", options =>
        {
            options.AddDocumentTransformer(Describe);
            options.AddOperationTransformer(DescribeSignIn);
        });
    }

    private static Task Describe(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Praman", Version = "v1",
            Description = "Readings, bills and proofs. A person sees what is theirs; what they may not see answers 404. Sign in with POST /api/v1/session "
                + "(a cookie) or on the pages, sign out with DELETE /api/v1/session. Errors are problem details (RFC 9457), whose detail says what was found and what was expected. Days are local to the usage point; instants are UTC. Energy is whole Wh, money whole hundredths.",
        };
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes[Scheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Cookie, Name = ApiProblems.SessionCookie };
        return Task.CompletedTask;
    }

    /// <summary>Says of an operation that it wants a session, unless it is open to anybody.</summary>
    private static Task DescribeSignIn(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (!context.Description.ActionDescriptor.EndpointMetadata.OfType<IAllowAnonymous>().Any())
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, context.Document)] = [] }];
        return Task.CompletedTask;
    }
}
