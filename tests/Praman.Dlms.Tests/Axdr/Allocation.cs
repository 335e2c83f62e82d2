namespace Praman.Dlms.Tests.Axdr;

/// <summary>Counts what code allocates on this thread once the runtime has compiled it for good.</summary>
internal static class Allocation
{
    private const int BatchesMax = 2_000;

    /// <summary>The fewest octets that one batch allocated; batches go on until one allocates nothing, since the first runs of code are compiled in passing.</summary>
    public static long Least(Action batch)
    {
        long least = long.MaxValue;
        for (int round = 0; round < BatchesMax && least > 0; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            batch();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }
}
