using Praman.Testing;

namespace Praman.Cli.Tests;

/// <summary><c>praman serve</c> of data folders that cannot be served, as the executable.</summary>
public sealed class ServeCommandTests
{
    [Fact]
    public void ADamagedDatabaseIsToldBeforeAFileThatIsMissing()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("praman-serve-");
        try
        {
            string database = Path.Combine(folder.FullName, Praman.Storage.PramanStore.DatabaseName);
            File.WriteAllText(database, "no database at all, and longer than the header of one would have to be: 0123456789 0123456789 0123456789");
            (int exit, string output, string errors) = DotnetProgram.RunPraman(["serve", "--data", folder.FullName, "--port", "0"]);
            Assert.Equal((2, ""), (exit, output));
            Assert.Contains(database, errors, StringComparison.Ordinal);
            Assert.DoesNotContain("people.json", errors, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
