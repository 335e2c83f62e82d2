namespace Praman.Storage.Meters;

/// <summary>
/// Counts the changes of usage points and installations, so that what was read before one is not taken for true after it. A change is counted
/// when its write has ended, before its writer is told; a reader takes the number first and the rows after.
/// </summary>
internal sealed class InstallationRevision
{
    private long _number;

    public long Number => Volatile.Read(ref _number);

    /// <summary>Something was written, or may have been.</summary>
    public void Advance() => Interlocked.Increment(ref _number);
}
