namespace Praman.Testing;

/// <summary>Finds the repository and the shared data beside it; a test whose data is absent is skipped with the reason.</summary>
internal static class TestFiles
{
    /// <summary>The root of the repository: the folder that holds <c>Praman.slnx</c>.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A path inside the repository.</summary>
    public static string InRepository(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>A path below the shared folder beside the repository, or null where it is absent.</summary>
    public static string? Shared(string relative)
    {
        string path = Path.GetFullPath(Path.Combine(Root, "..", "shared", relative));
        return File.Exists(path) || Directory.Exists(path) ? path : null;
    }

    /// <summary>A path below the shared folder; the running test is skipped, saying why, where it is absent.</summary>
    public static string SharedOrSkip(string relative)
    {
        string? path = Shared(relative);
        Assert.SkipWhen(path is null, $"shared data '{relative}' is not beside this checkout");
        return path!;
    }

    private static string FindRoot()
    {
        foreach (string start in (string[])[AppContext.BaseDirectory, Environment.CurrentDirectory])
        {
            for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "Praman.slnx"))) return folder.FullName;
            }
        }
        string? given = Environment.GetEnvironmentVariable("PRAMAN_ROOT");
        return given ?? throw new InvalidOperationException("Praman.slnx was not found above the test's folder or the current one; set PRAMAN_ROOT.");
    }
}
