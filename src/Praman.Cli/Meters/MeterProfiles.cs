using System.Diagnostics.CodeAnalysis;
using Praman.Cli.Demo;
using Praman.Meter;
using Praman.Meter.Definitions;

namespace Praman.Cli.Meters;

/// <summary>Profile files of virtual meters: by path, or by the name of one that comes with the program in <c>meters/</c>.</summary>
internal static class MeterProfiles
{
    private const string Folder = "meters";

    /// <summary>The meter type of a profile; the built-in single-phase meter where none is named.</summary>
    public static bool TryLoad(string? profile, [NotNullWhen(true)] out MeterType? type, [NotNullWhen(false)] out string? fault)
    {
        type = null;
        fault = null;
        if (profile is null)
        {
            type = new MeterType(new MeterModel());
            return true;
        }
        string? path = File.Exists(profile) ? profile : Shipped(profile);
        if (path is null) fault = $"--profile {profile}: no such file, and none of that name comes along";
        else if (new FileInfo(path).Length > MeterDefinition.LengthMax) fault = $"--profile {path}: longer than {MeterDefinition.LengthMax} octets";
        else if (!MeterDefinition.TryParse(File.ReadAllBytes(path), out MeterDefinition? definition, out string? reason)) fault = $"--profile {path}: {reason}";
        else type = definition.CreateType();
        return fault is null;
    }

    private static string? Shipped(string name)
    {
        if (name.Length == 0 || !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_')) return null;
        try
        {
            string path = Path.Combine(RepositoryFiles.Find(Folder), name + ".json");
            return File.Exists(path) ? path : null;
        }
        catch (DirectoryNotFoundException)
        {
            return null;
        }
    }
}
