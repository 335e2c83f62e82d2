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
        if (TryRead(profile, out MeterDefinition? definition, out fault)) type = definition.CreateType();
        return type is not null;
    }

    /// <summary>What a profile file says.</summary>
    public static bool TryRead(string profile, [NotNullWhen(true)] out MeterDefinition? definition, [NotNullWhen(false)] out string? fault)
    {
        definition = null;
        fault = null;
        string? path = File.Exists(profile) ? profile : Shipped(profile);
        if (path is null) fault = $"{profile}: no such file; expected one, or a name that comes along: {string.Join(", ", Names)}";
        else if (new FileInfo(path).Length > MeterDefinition.LengthMax) fault = $"{path}: longer than {MeterDefinition.LengthMax} octets";
        else if (!MeterDefinition.TryParse(File.ReadAllBytes(path), out definition, out string? reason)) fault = $"{path}: {reason}";
        return definition is not null;
    }

    /// <summary>Names of the profiles that come along, in order.</summary>
    public static IEnumerable<string> Names => Shipped().Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal);

    private static string? Shipped(string name) => Shipped().FirstOrDefault(path => Path.GetFileNameWithoutExtension(path) == name);

    private static string[] Shipped()
    {
        try
        {
            return Directory.GetFiles(RepositoryFiles.Find(Folder), "*.json");
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }
}
