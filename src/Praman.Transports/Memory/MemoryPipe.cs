using System.IO.Pipelines;

namespace Praman.Transports.Memory;

/// <summary>
/// A link within the process, with faults from a seed. It runs on the thread that writes, or that moves its <see cref="TimeProvider"/>:
/// with a faked clock a whole network of them is one thread, and repeats.
/// </summary>
public sealed class MemoryPipe : IBytePipe
{
    /// <summary>Octets a direction holds before its writer waits.</summary>
    public const int BufferBytesDefault = 64 * 1024;

    private MemoryPipe(PipeReader input, PipeWriter output, string remote)
    {
        Input = input;
        Output = output;
        Remote = remote;
    }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    public string Remote { get; }

    /// <summary>Two ends of one link without faults.</summary>
    public static (MemoryPipe Near, MemoryPipe Far) CreatePair(int bufferBytes = BufferBytesDefault) =>
        CreatePair(LinkFaults.None, 0, TimeProvider.System, bufferBytes);

    /// <summary>Two ends of one link.</summary>
    /// <param name="faults">What goes wrong, in both directions alike.</param>
    /// <param name="seed">From which the faults follow.</param>
    /// <param name="timeProvider">Moves what is delayed.</param>
    /// <param name="bufferBytes">Octets a direction holds before its writer waits.</param>
    public static (MemoryPipe Near, MemoryPipe Far) CreatePair(
        LinkFaults faults, ulong seed, TimeProvider timeProvider, int bufferBytes = BufferBytesDefault)
    {
        ArgumentNullException.ThrowIfNull(faults);
        Pipe toFar = NewPipe(bufferBytes), toNear = NewPipe(bufferBytes);
        PipeWriter nearOutput = toFar.Writer, farOutput = toNear.Writer;
        if (!faults.IsNone)
        {
            var seeds = new SeededSequence(seed);
            FaultyPipeWriter? near = null, far = null;
            void Cut()
            {
                var lost = new LinkException(LinkFault.Lost, "the link broke");
                near!.Break(lost);
                far!.Break(lost);
            }
            nearOutput = near = new FaultyPipeWriter(toFar.Writer, faults, seeds.Next(), timeProvider, bufferBytes, Cut);
            farOutput = far = new FaultyPipeWriter(toNear.Writer, faults, seeds.Next(), timeProvider, bufferBytes, Cut);
        }
        return (new MemoryPipe(toNear.Reader, nearOutput, "memory:far"), new MemoryPipe(toFar.Reader, farOutput, "memory:near"));
    }

    public async ValueTask DisposeAsync()
    {
        await Output.CompleteAsync().ConfigureAwait(false);
        await Input.CompleteAsync().ConfigureAwait(false);
    }

    private static Pipe NewPipe(int bufferBytes) => new(new PipeOptions(
        readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline,
        pauseWriterThreshold: bufferBytes, resumeWriterThreshold: bufferBytes / 2, minimumSegmentSize: 512, useSynchronizationContext: false));
}
