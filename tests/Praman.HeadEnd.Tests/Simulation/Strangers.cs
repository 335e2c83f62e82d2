using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Apdus;
using Praman.Dlms.Framing;
using Praman.Dlms.Server;
using Praman.Meter;
using Praman.Transports;

namespace Praman.HeadEnd.Tests.Simulation;

/// <summary>What answers where a meter should: silent, talkative, or a meter with one fault.</summary>
internal static class Strangers
{
    private const ushort PublicClient = 16, UtilityClient = 48;

    /// <summary>Takes the link and says nothing.</summary>
    public static Func<IBytePipe, Task> Silent { get; } = static async pipe =>
    {
        while (true)
        {
            ReadResult request = await pipe.Input.ReadAsync();
            pipe.Input.AdvanceTo(request.Buffer.End);
            if (request.IsCompleted) break;
        }
        await pipe.DisposeAsync();
    };

    /// <summary>Answers the first request with these octets and hangs up.</summary>
    public static Func<IBytePipe, Task> Saying(byte[] octets) => async pipe =>
    {
        ReadResult request = await pipe.Input.ReadAsync();
        pipe.Input.AdvanceTo(request.Buffer.End);
        await pipe.Output.WriteAsync(octets);
        await pipe.DisposeAsync();
    };

    /// <summary>Answers request after request with what was recorded.</summary>
    public static Func<IBytePipe, Task> Playing(IReadOnlyList<byte[]> answers) => async pipe =>
    {
        foreach (byte[] answer in answers)
        {
            ReadResult request = await pipe.Input.ReadAsync();
            pipe.Input.AdvanceTo(request.Buffer.End);
            if (request.Buffer.IsEmpty) break;
            await pipe.Output.WriteAsync(answer);
        }
        await pipe.DisposeAsync();
    };

    /// <summary>Sends whole frames that answer nothing, without end; <paramref name="sent"/> counts octets.</summary>
    public static Func<IBytePipe, Task> Endless(Action<long> sent) => async pipe =>
    {
        byte[] frame = Frame(UtilityClient, new byte[] { DataNotification.Tag, 0, 0, 0, 1, 0, 0 });
        byte[] many = [.. Enumerable.Repeat(frame, 200).SelectMany(f => f)];
        long total = 0;
        while (!(await pipe.Output.WriteAsync(many)).IsCompleted) sent(total += many.Length);
        await pipe.DisposeAsync();
    };

    /// <summary>One octet of a long frame now and then: never silent, never done.</summary>
    public static Func<IBytePipe, Task> Trickling(TimeProvider time, TimeSpan gap) => async pipe =>
    {
        byte[] frame = Frame(UtilityClient, new byte[60_000]);
        foreach (byte octet in frame)
        {
            if ((await pipe.Output.WriteAsync(new[] { octet })).IsCompleted) break;
            await Task.Delay(gap, time);
        }
        await pipe.DisposeAsync();
    };

    /// <summary>A meter whose answers to GETs are blocks of which none is the last.</summary>
    public static Func<IBytePipe, Task> EndlessBlocks(VirtualMeter meter, TimeProvider time, Action<long> sent) => Proxy(meter, time, (client, apdu) =>
    {
        if (apdu[0] != GetRequest.Tag) return null;
        uint number = apdu[1] == GetRequestNext.Choice ? BinaryPrimitives.ReadUInt32BigEndian(apdu.AsSpan(3)) + 1 : 1;
        sent(number * 1000L);
        return new GetResponseWithDatablock(new InvokeIdAndPriority(apdu[2]), false, number, new byte[1000], default).Encode();
    });

    /// <summary>A meter that refuses every counter of the utility's client, its own too.</summary>
    public static Func<IBytePipe, Task> RefusingCounters(VirtualMeter meter, TimeProvider time) => Proxy(meter, time, (client, _) =>
        client == UtilityClient ? new ExceptionResponse(StateError.ServiceNotAllowed, ServiceError.InvocationCounterError, 1_000_000).Encode() : null);

    private static Func<IBytePipe, Task> Proxy(VirtualMeter meter, TimeProvider time, Func<int, byte[], byte[]?> instead) => async pipe =>
    {
        using DlmsServerAssociation association = meter.OpenAssociation();
        while (true)
        {
            ReadResult result = await pipe.Input.ReadAsync();
            byte[] request = result.Buffer.ToArray();
            pipe.Input.AdvanceTo(result.Buffer.End);
            if (request.Length == 0) break;
            int client = BinaryPrimitives.ReadUInt16BigEndian(request.AsSpan(2));
            byte[]? answer = instead(client, request[WrapperHeader.Length..]);
            ReadOnlyMemory<byte> send = answer is null ? association.Receive(request, Instant.FromDateTimeOffset(time.GetUtcNow())) : Frame((ushort)client, answer);
            if (!send.IsEmpty && (await pipe.Output.WriteAsync(send)).IsCompleted) break;
        }
        await pipe.DisposeAsync();
    };

    private static byte[] Frame(ushort client, byte[] apdu)
    {
        byte[] frame = new byte[WrapperHeader.Length + apdu.Length];
        new WrapperHeader(1, client, (ushort)apdu.Length).Write(frame);
        apdu.CopyTo(frame, WrapperHeader.Length);
        return frame;
    }
}
