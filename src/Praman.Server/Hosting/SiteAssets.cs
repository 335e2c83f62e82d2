using System.Collections.Frozen;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace Praman.Server.Hosting;

/// <summary>
/// Style sheet, modules and icon, carried inside the assembly so that the executable is whole. An asset's address holds its hash and may be
/// kept for ever; the second verifier has a plain address, because people compare its file with the published one.
/// </summary>
internal static class SiteAssets
{
    private static readonly FrozenDictionary<string, Asset> ByName = Load("assets/");
    private static readonly FrozenDictionary<string, Asset> Verifier = Load("verifier/");

    /// <summary>The address of an asset by its file name.</summary>
    /// <exception cref="KeyNotFoundException">There is no such asset: a fault of the page.</exception>
    public static string Href(string name) => $"/assets/{ByName[name].Hash}/{name}";

    /// <summary>The text of an asset, for a page that must hold it.</summary>
    public static string Text(string name) => System.Text.Encoding.UTF8.GetString(ByName[name].Octets);

    public static void MapSiteAssets(this IEndpointRouteBuilder app)
    {
        app.MapGet("/assets/{hash}/{name}", (string hash, string name, HttpResponse response) =>
        {
            if (!ByName.TryGetValue(name, out Asset? asset) || asset.Hash != hash) return Results.NotFound();
            response.Headers.CacheControl = "public, max-age=31536000, immutable";
            return Results.Bytes(asset.Octets, asset.ContentType);
        }).AllowAnonymous().ExcludeFromDescription();
        app.MapGet("/verifier/{name}", (string name, HttpResponse response) =>
        {
            if (!Verifier.TryGetValue(name, out Asset? asset)) return Results.NotFound();
            response.Headers.CacheControl = "no-cache";
            return Results.Bytes(asset.Octets, asset.ContentType, entityTag: new EntityTagHeaderValue($"\"{asset.Hash}\""));
        }).AllowAnonymous().ExcludeFromDescription();
    }

    private static FrozenDictionary<string, Asset> Load(string prefix)
    {
        Assembly assembly = typeof(SiteAssets).Assembly;
        var assets = new Dictionary<string, Asset>(StringComparer.Ordinal);
        foreach (string resource in assembly.GetManifestResourceNames().Where(n => n.StartsWith(prefix, StringComparison.Ordinal)))
        {
            using Stream stream = assembly.GetManifestResourceStream(resource)!;
            var octets = new byte[stream.Length];
            stream.ReadExactly(octets);
            string hash = Convert.ToHexStringLower(SHA256.HashData(octets))[..16];
            assets[resource[prefix.Length..]] = new Asset(octets, hash, ContentTypeOf(resource));
        }
        return assets.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static string ContentTypeOf(string name) => Path.GetExtension(name) switch
    {
        ".css" => "text/css; charset=utf-8",
        ".mjs" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "application/octet-stream",
    };

    private sealed record Asset(byte[] Octets, string Hash, string ContentType);
}
