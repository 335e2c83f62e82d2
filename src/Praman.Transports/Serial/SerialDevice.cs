using System.Globalization;

namespace Praman.Transports.Serial;

/// <summary>What the system tells of a serial device, where it could not be used.</summary>
public static class SerialDevice
{
    private const int HoldersMax = 4;

    /// <summary>
    /// The other programs that have a device open: <c>minicom (1234)</c>, at most four. Such a program takes octets that were meant
    /// for this one, but not each must: what links two virtual lines holds them as well. So this explains a fault, and refuses nothing.
    /// Told on Linux, of the programs that this user may look into; empty elsewhere.
    /// </summary>
    /// <param name="device">Its path, or a link to it.</param>
    public static IReadOnlyList<string> OtherHolders(string device)
    {
        ArgumentNullException.ThrowIfNull(device);
        var holders = new List<string>();
        if (!OperatingSystem.IsLinux() || !device.StartsWith('/')) return holders;
        string path = Resolved(device);
        foreach (string process in Listed("/proc"))
        {
            string name = Path.GetFileName(process);
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int id) || id == Environment.ProcessId) continue;
            if (!Listed($"{process}/fd").Any(open => LinkOf(open) == path)) continue;
            holders.Add($"{NameOf(process)} ({name})");
            if (holders.Count == HoldersMax) break;
        }
        return holders;
    }

    // The platform says "access denied" of each of these.
    internal static string WhyNot(string device, SerialLine line, Exception fault)
    {
        if (device.StartsWith('/'))
        {
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
