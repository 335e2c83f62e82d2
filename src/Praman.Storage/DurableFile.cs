using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Praman.Storage;

/// <summary>Files that are there whole or not at all: written aside, flushed, renamed, and the folder flushed so that the name lasts too.</summary>
internal static partial class DurableFile
{
    /// <summary>Name of a file that is being written ends so; a leftover of a crash is written over.</summary>
    public const string PartialSuffix = ".partial";

    /// <summary>Writes a file in place of any before. Its name is durable after <see cref="FlushFolder"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="octets">All that it shall hold.</param>
    /// <param name="ownerOnly">Whether nobody else on the machine may read it, from its first octet on.</param>
    /// <exception cref="StoreException">The disk refuses; the file before, if any, is as it was.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> octets, bool ownerOnly = false)
    {
        string aside = path + PartialSuffix;
        try
        {
            using (SafeFileHandle file = File.OpenHandle(aside, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                if (ownerOnly && !OperatingSystem.IsWindows()) File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
                RandomAccess.Write(file, octets, 0);
                RandomAccess.FlushToDisk(file);
            }
            File.Move(aside, path, overwrite: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw Fault(path, fault);
        }
    }

    /// <summary>Makes the names in a folder durable. On Windows a rename is durable with the volume's journal, and there is nothing to do.</summary>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        int descriptor = Open(folder, 0); // O_RDONLY
        if (descriptor < 0) throw Fault(folder, new IOException($"open gave error {Marshal.GetLastPInvokeError()}"));
        int flushed = Fsync(descriptor);
        int error = Marshal.GetLastPInvokeError();
        _ = Close(descriptor);
        if (flushed != 0) throw Fault(folder, new IOException($"fsync gave error {error}"));
    }

    private static StoreException Fault(string path, Exception fault)
    {
        bool full = (fault.HResult & 0xFFFF) is 28 or 0x70 or 0x27; // ENOSPC, ERROR_DISK_FULL, ERROR_HANDLE_DISK_FULL
        return new StoreException(full ? StoreFault.Full : StoreFault.InputOutput, $"'{path}' could not be written: {fault.Message}", fault);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
