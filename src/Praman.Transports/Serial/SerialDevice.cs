using System.Globalization;

namespace Praman.Transports.Serial;

/// <summary>What the system tells of a serial device, where it could not be used.</summary>
public static class SerialDevice
{
    private const int HoldersMax = 4;

    /// <summary>
    /// The other programs that have a device open: <c>minicom (1234)</c>, at most four. Such a program takes octets that were meant
    /// for this one. What made a pseudo-terminal holds it as well, to carry its octets, and is not told.
    /// Told on Linux, of the programs that this user may look into; empty elsewhere.
    /// </summary>
    /// <param name="device">Its path, or a link to it.</param>
    public static IReadOnlyList<string> OtherHolders(string device)
    {
        ArgumentNullException.ThrowIfNull(device);
        var holders = new List<string>();
        if (!OperatingSystem.IsLinux() || !device.StartsWith('/')) return holders;
        string path = Resolved(device);
        bool isMade = path.StartsWith("/dev/pts/", StringComparison.Ordinal);
        foreach (string process in Listed("/proc"))
        {
            string name = Path.GetFileName(process);
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int id) || id == Environment.ProcessId) continue;
            string?[] open = [.. Listed($"{process}/fd").Select(LinkOf)];
            if (!open.Contains(path) || (isMade && open.Any(one => one is "/dev/ptmx" or "/dev/pts/ptmx"))) continue;
            holders.Add($"{NameOf(process)} ({name})");
            if (holders.Count == HoldersMax) break;
        }
        return holders;
    }

    // The platform says "access denied" of each of these.
    internal static string WhyNot(string device, SerialLine line, Exception fault)
    {
        if (!OperatingSystem.IsWindows())
        {
            device = Path.GetFullPath(device);
            if (!File.Exists(Resolved(device))) return $"the serial device {device}: there is no such device";
            IReadOnlyList<string> holders = OtherHolders(device);
            if (holders.Count > 0) return $"the serial device {device} is in use by {string.Join(", ", holders)}";
        }
        return $"the serial device {device} cannot be opened at {line}: {fault.Message}";
    }

    private static string Resolved(string device)
    {
        try
        {
            return File.ResolveLinkTarget(device, returnFinalTarget: true)?.FullName ?? device;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return device;
        }
    }

    private static string[] Listed(string folder)
    {
        try
        {
            return Directory.GetFileSystemEntries(folder);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return []; // another user's, or gone meanwhile
        }
    }

    private static string? LinkOf(string open)
    {
        try
        {
            return File.ResolveLinkTarget(open, returnFinalTarget: false)?.FullName;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null; // closed meanwhile
        }
    }

    private static string NameOf(string process)
    {
        try
        {
            return File.ReadAllText($"{process}/comm").Trim();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return "a program";
        }
    }
}
