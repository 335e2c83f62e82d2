namespace Praman.Storage;

/// <summary>
/// Readings, bills and the salts that hide them are for the owner of the data folder alone: whoever else has a name on the machine would
/// pass by the sign-in and the record of looks. On Windows the folder's own access list says who may.
/// </summary>
public static class OwnerOnly
{
    private const UnixFileMode OwnFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnFolder = OwnFile | UnixFileMode.UserExecute;

    /// <summary>Makes a folder that only its owner may enter; one that is there stays as it is.</summary>
    public static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, OwnFolder);
    }

    /// <summary>Takes from others what they may do with a file; makes an empty one, closed from its first moment, where a database is about to be made.</summary>
    /// <exception cref="StoreException">The file is another's, who has left it open.</exception>
    internal static void CloseToOthers(string path, bool create = false)
    {
        try
        {
            if (create && !File.Exists(path))
            {
                var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
                if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnFile;
                using var made = new FileStream(path, options);
                return;
            }
            if (OperatingSystem.IsWindows() || !File.Exists(path)) return;
            UnixFileMode mode = File.GetUnixFileMode(path);
            if ((mode & ~OwnFile) != 0) File.SetUnixFileMode(path, mode & OwnFile);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreFault.InputOutput, $"'{path}' cannot be closed to others: {fault.Message.TrimEnd('.')}; expected a file of the user that runs this program", fault);
        }
    }
}
