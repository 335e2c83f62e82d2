using System.Diagnostics;
using System.Text;

namespace Praman.Server.Bills;

/// <summary>
/// Prints a page as PDF by the system's Chromium, which shapes Indian scripts and keeps the text searchable. Each print is a process of its own in a
/// folder of its own; how many run at once and how long one may take are bounded.
/// </summary>
internal sealed class ChromiumPrinter(string? path) : IDisposable
{
    private const int AtOnceMax = 2;
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(20), PrintMax = TimeSpan.FromSeconds(60);
    private static readonly string[] UsualPaths = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
    private static readonly string[] Arguments =
    [
        "--headless", "--disable-gpu", "--no-first-run", "--disable-extensions", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--disable-dev-shm-usage", "--no-pdf-header-footer",
    ];

    private readonly SemaphoreSlim _slots = new(AtOnceMax, AtOnceMax);
    private readonly string? _chromium = path ?? new[] { Environment.GetEnvironmentVariable("CHROMIUM") }.Concat(UsualPaths).FirstOrDefault(File.Exists);

    public void Dispose() => _slots.Dispose();

    /// <param name="html">A page that holds all that it shows.</param>
    public async Task<PrintedPage> PrintAsync(string html, CancellationToken cancellationToken)
    {
        if (_chromium is null || !File.Exists(_chromium)) return new(PrintState.NoChromium, null);
        if (!await _slots.WaitAsync(WaitMax, cancellationToken)) return new(PrintState.Busy, null);
        try
        {
            // Only this user may look into it: a bill is personal.
            DirectoryInfo folder = Directory.CreateTempSubdirectory("praman-print-");
            try
            {
                return await PrintAsync(_chromium, folder.FullName, html, cancellationToken);
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        }
        finally
        {
            _slots.Release();
        }
    }

    private static async Task<PrintedPage> PrintAsync(string chromium, string folder, string html, CancellationToken cancellationToken)
    {
        string page = Path.Combine(folder, "page.html"), pdf = Path.Combine(folder, "page.pdf");
        await File.WriteAllTextAsync(page, html, new UTF8Encoding(false), cancellationToken);
        var start = new ProcessStartInfo(chromium, [.. Arguments, $"--user-data-dir={Path.Combine(folder, "profile")}", $"--print-to-pdf={pdf}"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        // Chromium's sandbox does not start for the superuser; the page is ours, and its policy lets no script run and nothing load.
        if (Environment.IsPrivilegedProcess) start.ArgumentList.Add("--no-sandbox");
        start.ArgumentList.Add(new Uri(page).AbsoluteUri);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(PrintMax);
        using Process process = Process.Start(start)!;
        try
        {
            Task<string> said = process.StandardError.ReadToEndAsync(limit.Token), told = process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            await Task.WhenAll(said, told);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(PrintState.TooSlow, null);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                process.WaitForExit();
            }
        }
        return process.ExitCode == 0 && File.Exists(pdf) ? new(PrintState.Done, await File.ReadAllBytesAsync(pdf, cancellationToken)) : new(PrintState.Failed, null);
    }
}

/// <summary>A print, or why there is none.</summary>
internal sealed record PrintedPage(PrintState State, byte[]? Pdf);

internal enum PrintState
{
    Done,
    NoChromium,
    Busy,
    TooSlow,
    Failed,
}
