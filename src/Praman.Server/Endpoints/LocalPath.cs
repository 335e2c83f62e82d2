namespace Praman.Server.Endpoints;

/// <summary>Paths to come back to: of this server only, so that a form cannot send a person elsewhere.</summary>
internal static class LocalPath
{
    /// <summary>The path itself where it is one of this server, else the fallback.</summary>
    public static string Or(string? path, string fallback) =>
        path is { Length: > 0 and <= 512 } && path[0] == '/' && (path.Length == 1 || path[1] is not ('/' or '\\')) && !path.Any(char.IsControl) ? path : fallback;

    /// <summary>A path without one parameter of its query.</summary>
    public static string Without(string path, string parameter)
    {
        if (path.Split('?', 2) is not [string way, string query]) return path;
        string kept = string.Join('&', query.Split('&').Where(pair => pair.Split('=')[0] != parameter));
        return kept.Length == 0 ? way : $"{way}?{kept}";
    }
}
