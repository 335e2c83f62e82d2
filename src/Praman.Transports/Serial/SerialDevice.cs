using System.Globalization;

namespace Praman.Transports.Serial;

/// <summary>
/// Why a serial device cannot be used, told before it is opened where the system shows it. The port's own exception says only that access was
/// denied, and a program with all rights may open a device that another one reads: each would then take octets from the other.
/// </summary>
internal static class SerialDevice
{
    private const string Processes = "/proc";

    /// <summary>Null where nothing speaks against opening it.</summary>
    public static string? Fault(string device)
    {
        if (!device.StartsWith('/')) return null; // COM3: the system itself says what is wrong
        if (Directory.Exists(device)) return "it is a folder";
        if (!File.Exists(device)) return "there is no such device";
        return HolderOf(device) is { } holder ? $"{holder} has it open; one program at a time can" : null;
    }

    /// <summary>What opening it came to, in words.</summary>
    public static string Words(Exception exception) => exception is UnauthorizedAccessException
        ? "access is denied: another program has it, this user may not use it (on Linux its group, as a rule dialout, may), or it is no serial device"
        : exception.Message;

    // Another process with the device open, as far as this user may look; Linux alone tells.
    private static string? HolderOf(string device)
    {
        if (!OperatingSystem.IsLinux() || !Directory.Exists(Processes)) return null;
        string path = Final(device);
        foreach (string process in Directory.EnumerateDirectories(Processes))
        {
            if (!int.TryParse(Path.GetFileName(process), NumberStyles.None, CultureInfo.InvariantCulture, out int id) || id == Environment.ProcessId) continue;
            try
            {
                if (!Directory.EnumerateFiles(Path.Combine(process, "fd")).Any(open => new FileInfo(open).LinkTarget == path)) continue;
                return string.Create(CultureInfo.InvariantCulture, $"process {id} ({File.ReadAllText(Path.Combine(process, "comm")).Trim()})");
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It ended meanwhile, or belongs to another user.
            }
        }
        return null;
    }

    // /dev/serial/by-id/… names a device by a link.
    private static string Final(string device)
    {
        try
        {
            return File.ResolveLinkTarget(device, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(device);
        }
        catch (IOException)
        {
            return device;
        }
    }
}
