using System.Text.Json;

namespace Praman.System.Tests;

/// <summary>One demonstration, run once for the tests that look at it: twelve homes, its data kept.</summary>
public sealed class DemoFixture : IAsyncLifetime
{
    internal string Folder { get; } = Path.Combine(Path.GetTempPath(), $"praman-system-{Guid.NewGuid():N}");

    internal PramanProgram.Outcome Outcome { get; private set; } = null!;

    internal JsonElement Result { get; private set; }

    internal string Sample(string name) => Path.Combine(Folder, "sample", name);

    public async ValueTask InitializeAsync()
    {
        Outcome = await PramanProgram.RunAsync(["demo", "--meters", "12", "--exit-when-done", "--json", "--data", Folder, "--seed", "7"]);
        if (Outcome.ExitCode == 0) Result = JsonDocument.Parse(Outcome.Output).RootElement;
    }

    public ValueTask DisposeAsync()
    {
        if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}

[CollectionDefinition(Name)]
public sealed class DemoCollection : ICollectionFixture<DemoFixture>
{
    public const string Name = "one demonstration";
}
