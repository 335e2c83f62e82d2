using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace Praman.Server.Api;

/// <summary>Reads the small JSON object of a request's body, and says of a wrong one what was found and what was expected.</summary>
internal static class ApiBody
{
    /// <param name="members">Members of the object, each a text.</param>
    public static async ValueTask<(T? Body, string Problem)> ReadAsync<T>(HttpRequest request, string[] members, CancellationToken cancellationToken) where T : class
    {
        string expected = $"a JSON object with {string.Join(" and ", members.Select(name => $"\"{name}\""))}, each a text, was expected";
        if (!request.HasJsonContentType()) return (null, $"the content type is '{request.ContentType}': application/json was expected");
        JsonSerializerOptions options = request.HttpContext.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        try
        {
            using JsonDocument document = await JsonDocument.ParseAsync(request.Body, new JsonDocumentOptions { MaxDepth = 4 }, cancellationToken);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) return (null, $"the body is a JSON {Word(root.ValueKind)}: {expected}");
            foreach (string name in members)
            {
                if (!root.TryGetProperty(name, out JsonElement member)) return (null, $"{name} is missing: {expected}");
                if (member.ValueKind != JsonValueKind.String) return (null, $"{name} is a JSON {Word(member.ValueKind)}: {expected}");
            }
            foreach (JsonProperty member in root.EnumerateObject())
            {
                if (!members.Contains(member.Name, StringComparer.Ordinal)) return (null, $"the member '{member.Name}' is not known: {expected}");
            }
            return (root.Deserialize<T>(options), "");
        }
        catch (JsonException fault)
        {
            return (null, $"the body is no JSON from line {fault.LineNumber + 1}, octet {fault.BytePositionInLine + 1} on: {expected}");
        }
    }

    /// <summary>Says the body in the description of the API: what is read by hand is not found there by itself.</summary>
    public static async Task DescribeAsync<T>(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken) =>
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["application/json"] = new() { Schema = await context.GetOrCreateSchemaAsync(typeof(T), cancellationToken: cancellationToken) },
            },
        };

    private static string Word(JsonValueKind kind) => kind is JsonValueKind.True or JsonValueKind.False ? "boolean" : kind.ToString().ToLowerInvariant();
}
