using System.Buffers;
using System.IO.Pipelines;

namespace Praman.Transports.Tests;

/// <summary>What the tests do with pipes again and again.</summary>
internal static class Pipes
{
    /// <summary>Everything that has arrived and can be read without waiting.</summary>
    public static byte[] TakeArrived(this PipeReader reader)
    {
        var all = new List<byte>();
        while (reader.TryRead(out ReadResult result))
        {
            all.AddRange(result.Buffer.ToArray());
            reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted || result.IsCanceled) break;
        }
        return [.. all];
    }

    /// <summary>Reads exactly so many octets.</summary>
    public static async Task<byte[]> ReadExactlyAsync(this PipeReader reader, int count, CancellationToken cancellationToken)
    {
        ReadResult result = await reader.ReadAtLeastAsync(count, cancellationToken);
        byte[] octets = result.Buffer.Slice(0, count).ToArray();
        reader.AdvanceTo(result.Buffer.GetPosition(count));
        return octets;
    }

    public static byte[] Frame(int number, int length)
    {
        byte[] frame = new byte[length];
        for (int i = 0; i < length; i++) frame[i] = (byte)((number * 31) + i);
        frame[0] = (byte)number;
        return frame;
    }
}
