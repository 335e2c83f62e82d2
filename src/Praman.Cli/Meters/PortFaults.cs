using System.Globalization;

namespace Praman.Cli.Meters;

/// <summary>What a port that serves meters does where it fails: it says so, waits a little longer each time, and goes on.</summary>
/// <param name="port">Whose, in words.</param>
/// <param name="errors">Where it is said.</param>
internal sealed class PortFaults(string port, TextWriter errors, TimeProvider clock)
{
    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(100), PauseMax = TimeSpan.FromSeconds(10);

    private TimeSpan _pause = PauseMin;

    /// <summary>The next link or datagram, however often it fails until then; null where no more come, or the server ends.</summary>
    public async Task<T?> NextAsync<T>(Func<CancellationToken, ValueTask<T?>> next, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                try
                {
                    T? came = await next(cancellationToken).ConfigureAwait(false);
                    _pause = PauseMin;
                    return came;
                }
                catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
                {
                    await PauseAsync(exception, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            return default; // the server ends
        }
    }

    /// <summary>Says that one link failed; the port goes on with others.</summary>
    public Task SayAsync(Exception exception) => errors.WriteLineAsync($"{port}: a link failed and was ended: {exception.Message}");

    private async Task PauseAsync(Exception exception, CancellationToken cancellationToken)
    {
        TimeSpan pause = _pause;
        _pause = pause * 2 < PauseMax ? pause * 2 : PauseMax;
        await errors.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{port} failed: {exception.Message}; it is tried again in {pause.TotalSeconds:0.#} s")).ConfigureAwait(false);
        await Task.Delay(pause, clock, cancellationToken).ConfigureAwait(false);
    }
}
