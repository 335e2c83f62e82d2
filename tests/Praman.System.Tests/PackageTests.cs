using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using Praman.Testing;

namespace Praman.System.Tests;

/// <summary>The packages, as a stranger uses them: packed, put in a folder, referenced by a new project that knows nothing of this repository.</summary>
public sealed class PackageTests
{
    private static readonly string[] Names = ["Praman.Metering", "Praman.Dlms", "Praman.Transports"];

    private const string Program = """
        using Praman.Dlms.Explain;
        using Praman.Metering;
        using Praman.Transports.Tcp;

        var decoder = new DlmsDecoder(new DlmsKeys());
        if (!decoder.TryDecode(Convert.FromHexString(args[0]), out DlmsDocument? document, out DecodeError error))
        {
            Console.WriteLine(error);
            return 1;
        }
        Console.WriteLine(document.Summary);
        Console.WriteLine($"{ObisCode.Parse("1-0:1.8.0.255")} {TcpOptions.Default.Backlog}");
        return 0;
        """;

    [Fact]
    public async Task AFreshProjectDecodesAFrameWithThePackagesOfAFolder()
    {
        string folder = Directory.CreateTempSubdirectory("praman-packages-").FullName;
        try
        {
            string packages = Path.Combine(folder, "feed"), app = Path.Combine(folder, "app");
            foreach (string name in Names)
            {
                // Built apart, so that nothing of a build under way is touched.
                await DotnetAsync(TestFiles.Root, folder, "pack", $"src/{name}", "-c", "Release", "-o", packages, "--artifacts-path", Path.Combine(folder, "build"), "-v", "quiet");
            }
            string[] versions = [.. Names.Select(name => CheckPackage(packages, name))];
            Assert.Equal(2 * Names.Length, Directory.GetFiles(packages).Length); // symbols beside each, and nothing else

            Directory.CreateDirectory(app);
            await File.WriteAllTextAsync(Path.Combine(app, "nuget.config"), Config(packages));
            await File.WriteAllTextAsync(Path.Combine(app, "Program.cs"), Program);
            await File.WriteAllTextAsync(Path.Combine(app, "Reader.csproj"), Project(versions));
            string output = await DotnetAsync(app, folder, "run", "-c", "Release", "--", "C001C100030100010800FF0200");
            Assert.Contains("Asks for attribute 2 (value) of register 1-0:1.8.0.255", output, StringComparison.Ordinal);
            Assert.Contains("1-0:1.8.0.255 512", output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <returns>Its version.</returns>
    private static string CheckPackage(string folder, string name)
    {
        string path = Assert.Single(Directory.GetFiles(folder, $"{name}.*.nupkg"));
        Assert.True(File.Exists(Path.ChangeExtension(path, ".snupkg")), $"{name} has no symbols");
        using ZipArchive zip = ZipFile.OpenRead(path);
        string[] entries = [.. zip.Entries.Select(entry => entry.FullName)];
        Assert.Contains($"lib/net10.0/{name}.dll", entries);
        Assert.Contains($"lib/net10.0/{name}.xml", entries);
        Assert.Contains("README.md", entries);
        using var reader = new StreamReader(zip.GetEntry($"{name}.nuspec")!.Open());
        string nuspec = reader.ReadToEnd();
        Assert.Contains("""<license type="expression">Apache-2.0</license>""", nuspec, StringComparison.Ordinal);
        Assert.Contains("<readme>README.md</readme>", nuspec, StringComparison.Ordinal);
        Assert.DoesNotContain("BannedApiAnalyzers", nuspec, StringComparison.Ordinal); // what builds it is nobody else's dependency
        // No path of the machine that built it.
        using Stream assembly = zip.GetEntry($"lib/net10.0/{name}.dll")!.Open();
        using var octets = new MemoryStream();
        assembly.CopyTo(octets);
        Assert.Equal(-1, octets.ToArray().AsSpan().IndexOf(Encoding.UTF8.GetBytes(TestFiles.Root)));
        return Path.GetFileNameWithoutExtension(path)[(name.Length + 1)..];
    }

    // What the machine has already is taken from there; the new packages are unpacked beside the project, not among the machine's.
    private static string Config(string packages) => $"""
        <configuration>
          <config><add key="globalPackagesFolder" value="unpacked" /></config>
          <fallbackPackageFolders><add key="machine" value="{MachinePackages}" /></fallbackPackageFolders>
          <packageSources><add key="praman-folder" value="{packages}" /></packageSources>
        </configuration>
        """;

    private static string MachinePackages => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static string Project(string[] versions) => $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <NuGetAudit>false</NuGetAudit>
          </PropertyGroup>
          <ItemGroup>
            {string.Join("\n    ", Names.Zip(versions, (name, version) => $"""<PackageReference Include="{name}" Version="{version}" />"""))}
          </ItemGroup>
        </Project>
        """;

    private static async Task<string> DotnetAsync(string workingFolder, string temporary, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = workingFolder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false,
        };
        // What a build or a test run has set for itself is not for this one.
        bool IsOfABuild(string name) => name.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase) || name.StartsWith("TESTINGPLATFORM", StringComparison.Ordinal) || name == "NUGET_PACKAGES";
        foreach (string name in start.Environment.Keys.Where(IsOfABuild).ToArray()) start.Environment.Remove(name);
        // A server left running would hold the streams of this process open.
        start.Environment["PRAMAN_NO_COMPILER_SERVER"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["PRAMAN_ARTIFACTS"] = Path.Combine(temporary, "build");
        PramanProgram.Outcome outcome = await PramanProgram.RunAsync(start, null, 400);
        Assert.True(outcome.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}: {outcome.Output}{outcome.Error}");
        return outcome.Output;
    }
}
