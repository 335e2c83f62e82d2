using System.Text.Json;
using Praman.Testing;

namespace Praman.Cli.Tests;

/// <summary><c>praman bench</c>: what its figures say of the goals.</summary>
public sealed class BenchCommandTests
{
    [Fact]
    public void ASizeBelowThatOfTheGoalIsNotJudged()
    {
        string[] few = ["bench", "pipeline", "--meters", "100", "--only", "P9", "--runs", "1"];
        (int exit, string output, _) = DotnetProgram.RunPraman(few);
        Assert.Equal(0, exit);
        Assert.Contains("not judged at this size", output, StringComparison.Ordinal);
        Assert.DoesNotContain("not reached", output, StringComparison.Ordinal);
        JsonElement figure = Assert.Single(JsonElement.Parse(DotnetProgram.RunPraman([.. few, "--json"]).Output).GetProperty("figures").EnumerateArray());
        Assert.Equal(("P9", JsonValueKind.Null), (figure.GetProperty("goal").GetString(), figure.GetProperty("reached").ValueKind));
    }
}
