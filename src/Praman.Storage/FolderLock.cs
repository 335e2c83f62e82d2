using System.Globalization;
using System.Text;

namespace Praman.Storage;

/// <summary>
/// Holds a data folder for one process by an exclusive lock on the file <c>praman.lock</c>. The operating system drops the lock when the
/// process ends, however it ends, so a leftover file means nothing.
/// </summary>
public sealed class FolderLock : IDisposable
{
    /// <summary>Name of the lock file.</summary>
    public const string FileName = "praman.lock";

    private readonly FileStream _file;

    private FolderLock(FileStream file) => _file = file;

    /// <summary>Takes the folder, creating it where it does not exist.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.InUse"/> where another process, or this one, holds it; else <see cref="StoreFault.InputOutput"/>.</exception>
    public static FolderLock Take(string folder)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            OwnerOnly.CreateFolder(folder);
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            file.SetLength(0);
            file.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n")));
            file.Flush();
            return new FolderLock(file);
        }
        catch (IOException fault) when (IsSharingViolation(fault))
        {
            throw new StoreException(
                StoreFault.InUse, $"data folder '{folder}' is in use: another process holds {FileName} (its number stands in that file); expected a folder of its own", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreFault.InputOutput, $"data folder '{folder}' cannot be made or written ({fault.Message.TrimEnd('.')}); expected a folder that can be", fault);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    /// <summary>EWOULDBLOCK as .NET reports it on Unix (11 on Linux, 35 on macOS), ERROR_SHARING_VIOLATION on Windows.</summary>
    private static bool IsSharingViolation(IOException fault) =>
        fault.HResult is 11 or 35 or unchecked((int)0x80070020);
}
