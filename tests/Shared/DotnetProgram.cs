using System.Diagnostics;
using System.Text;

namespace Praman.Testing;

/// <summary>A built program as a process of its own, whichever way the tests themselves were started.</summary>
internal static class DotnetProgram
{
    /// <summary>How to start it, with all three streams redirected and in UTF-8.</summary>
    /// <param name="assembly">File name of the program beside the tests, such as <c>praman.dll</c>.</param>
    public static ProcessStartInfo Of(string assembly, params IEnumerable<string> arguments) =>
        new(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet",
            [Path.Combine(AppContext.BaseDirectory, assembly), .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false,
            StandardOutputEncoding = Encoding.UTF8, StandardErrorEncoding = Encoding.UTF8,
        };
}
