using System.Diagnostics.CodeAnalysis;
using Praman.Dlms.Explain;
using Praman.Meter.Definitions;
using Praman.Metering;

namespace Praman.Cli.Meters;

/// <summary>How objects are called: as a profile file of such meters calls them, else by what their logical names mean.</summary>
internal sealed class ObjectNames(IReadOnlyDictionary<ObisCode, string> own)
{
    /// <summary>By the meaning of logical names alone.</summary>
    public static ObjectNames Usual { get; } = new(new Dictionary<ObisCode, string>());

    /// <summary>The object in words; null where nobody names it.</summary>
    public string? Of(ObisCode logicalName) => own.TryGetValue(logicalName, out string? name) ? name : ObisNames.Describe(logicalName);

    /// <summary>Names from a profile file, or from one that comes along.</summary>
    public static bool TryLoad(string? profile, [NotNullWhen(true)] out ObjectNames? names, [NotNullWhen(false)] out string? fault)
    {
        names = Usual;
        fault = null;
        if (profile is null) return true;
        names = MeterProfiles.TryRead(profile, out MeterDefinition? definition, out fault) ? new ObjectNames(definition.Names) : null;
        return names is not null;
    }
}
