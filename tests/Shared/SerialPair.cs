using System.Diagnostics;

namespace Praman.Testing;

/// <summary>Two pseudo-terminals joined by <c>socat</c>: what one end writes the other reads, as over a serial cable. The test is skipped where there is no socat.</summary>
internal sealed class SerialPair : IAsyncDisposable
{
    private readonly Process _socat;

    private SerialPair(Process socat, string near, string far) => (_socat, Near, Far) = (socat, near, far);

    /// <summary>The device of one end.</summary>
    public string Near { get; }

    /// <summary>The device of the other.</summary>
    public string Far { get; }

    public static async Task<SerialPair> OpenOrSkipAsync(CancellationToken cancellationToken)
    {
        string? program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "socat")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, "no socat here: install the package socat, which joins two pseudo-terminals to a serial line");
        Process socat = Process.Start(new ProcessStartInfo(program!, ["-d", "-d", "pty,raw,echo=0", "pty,raw,echo=0"]) { RedirectStandardError = true, UseShellExecute = false })!;
        var devices = new List<string>();
        // It names both devices, then says that it carries.
        while (await socat.StandardError.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            int at = line.IndexOf("PTY is ", StringComparison.Ordinal);
            if (at >= 0) devices.Add(line[(at + "PTY is ".Length)..].Trim());
            if (line.Contains("starting data transfer loop", StringComparison.Ordinal)) return new SerialPair(socat, devices[0], devices[1]);
        }
        socat.Dispose();
        throw new InvalidOperationException("socat ended before it joined two pseudo-terminals");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_socat.HasExited) _socat.Kill();
        await _socat.WaitForExitAsync().ConfigureAwait(false);
        _socat.Dispose();
    }
}
