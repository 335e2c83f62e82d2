using Praman.Billing.Suppliers;
using Praman.Billing.Tariffs;

namespace Praman.Cli.Demo;

/// <summary>Finds what the repository ships beside the program: tariffs, suppliers.</summary>
internal static class RepositoryFiles
{
    /// <summary>A folder of this name above the program or the current folder.</summary>
    /// <exception cref="DirectoryNotFoundException">There is none.</exception>
    public static string Find(string name)
    {
        foreach (string start in (string[])[AppContext.BaseDirectory, Environment.CurrentDirectory])
        {
            for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
            {
                string path = Path.Combine(folder.FullName, name);
                if (Directory.Exists(path) && (name != "tariffs" || Directory.EnumerateFiles(path, "*.json").Any())) return path;
            }
        }
        throw new DirectoryNotFoundException($"the folder '{name}' was not found above the program or the current folder");
    }

    /// <summary>What suppliers state of themselves.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">A file of it is not what it should be.</exception>
    public static SupplierSet Suppliers() =>
        SupplierSet.TryLoad(Find("suppliers"), out SupplierSet? set, out IReadOnlyList<TariffFault> faults) ? set : throw new InvalidDataException(faults[0].ToString());
}
