using System.Buffers;
using System.Net;
using System.Net.Sockets;
using CsCheck;
using Praman.Dlms;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Blocks;
using Praman.Dlms.Framing;
using Praman.Dlms.Security;
using Praman.HeadEnd.Push;
using Praman.HeadEnd.Stores;
using Praman.HeadEnd.Tests.Simulation;
using Praman.Meter;

namespace Praman.HeadEnd.Tests;

/// <summary>Pushes over TCP on loopback, under the keys of the inventory: what is kept, what is not, and what it costs.</summary>
public sealed class PushListenerTests : IDisposable
{
    private readonly Street _street = new(2);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private VirtualMeter First => _street.Meters[0];

    private VirtualMeter Second => _street.Meters[1];

    [Fact]
    public async Task APushIsKeptOnceInWhateverOrderItComesAndOverRestarts()
    {
        await using (PushListener listener = Listen())
        {
            await SendAsync(listener, Frame(First, 5), Frame(First, 6), Frame(First, 6));
            await SendAsync(listener, Frame(First, 9));
            await SendAsync(listener, Frame(First, 7), Frame(Second, 7)); // overtaken on its way, and another meter over the same link
            await SendAsync(listener, Frame(First, 5), Frame(First, 9), Frame(First, 7));
            Assert.Equal((5, 4, 0, 0, 0), Told(listener.Counts));
        }
        Assert.Equal([5u, 6, 9, 7], Kept(First));
        Assert.Equal([7u], Kept(Second));
        Assert.Equal(Notification(1), _street.Stores.Pushes[0].Apdu.ToArray());
        _street.StartHeadEnd();
        await using PushListener again = Listen();
        await SendAsync(again, Frame(First, 9), Frame(First, 8), Frame(First, 10)); // of 8 nobody knows any more whether it came
        Assert.Equal((1, 2, 0, 0, 0), Told(again.Counts));
        Assert.Equal([5u, 6, 9, 7, 10], Kept(First));
    }

    [Fact]
    public async Task WhatIsFarBehindIsNotTakenAndAnswersOfSessionsHoldNothingBack()
    {
        await using PushListener listener = Listen();
        await SendAsync(listener, Frame(First, 3));
        Assert.Null(_street.Run(() => _street.Collector.ReadNowAsync(Street.IdOf(First), null, CancellationToken.None)).Error); // its answers count on from 0
        await SendAsync(listener, Frame(First, 4), Frame(First, 100), Frame(First, 37), Frame(First, 36));
        Assert.Equal([3u, 4, 100, 37], Kept(First)); // 64 below the highest, no more
        Assert.Equal((4, 1, 0, 0, 0), Told(listener.Counts));
    }

    [Fact]
    public async Task WhatDoesNotVerifyIsCountedAndGoesNowhere()
    {
        await using PushListener listener = Listen();
        byte[] altered = Frame(First, 20);
        altered[^1] ^= 1;
        await SendAsync(listener, altered);
        await SendAsync(listener, Frame(First, 20, key: new byte[16]));
        await SendAsync(listener, Frame(First, 20, control: SecurityControl.EncryptionOnly)); // anybody could change it
        await SendAsync(listener, Frame(First, 20, control: SecurityControl.AuthenticationOnly)); // less than the meter's access asks
        await SendAsync(listener, Wrapped(Notification(1)));
        await SendAsync(listener, Wrapped([0xDB, 8, .. First.Security.SystemTitle.Span]));
        await SendAsync(listener, Frame(First, 20, apdu: [0xC4, 1, 0xC1, 0, 0]), Frame(First, 20, apdu: [0x0F, 0, 0])); // no push; a cut one
        await SendAsync(listener, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        Assert.Equal((0, 0, 0, 9, 0), Told(listener.Counts));
        await SendAsync(listener, Frame(First, 20, title: "PRMXXXXX"u8.ToArray()), Frame(First, 20, title: "PRMXXXXX"u8.ToArray()));
        Assert.Equal(1, listener.Counts.Unknown);
        await SendAsync(listener, Frame(First, 20)); // and none of it cost the meter its counter
        Assert.Equal([20u], Kept(First));
    }

    [Fact]
    public async Task WhatOneMeterWrapsOfAnothersIsNotTheOthers()
    {
        await using PushListener listener = Listen();
        byte[] of = Frame(Second, 4)[WrapperHeader.Length..];
        await SendAsync(listener, Frame(Second, 3), Frame(First, 8, apdu: of));
        Assert.Equal([3u], Kept(Second));
        Assert.Empty(Kept(First));
        await SendAsync(listener, Frame(Second, 4));
        Assert.Equal([3u, 4], Kept(Second));
    }

    [Fact]
    public async Task APushComesInBlocksAndFromBehindAGateway()
    {
        await using PushListener listener = Listen();
        byte[] whole = Frame(First, 30)[WrapperHeader.Length..];
        byte[] head = new byte[GatewayHeader.LengthOf(new GatewayAddress(1, "M1"u8.ToArray()))];
        GatewayHeader.Write(head, new GatewayAddress(1, "M1"u8.ToArray()), isResponse: false);
        byte[][] blocks = [Block(1, false, whole.AsSpan(0, 20)), Block(2, true, whole.AsSpan(20))];
        await SendAsync(listener, [.. blocks.Select(block => Wrapped(block))]);
        await SendAsync(listener, Wrapped([.. head, .. Frame(First, 31)[WrapperHeader.Length..]]));
        await SendAsync(listener, Wrapped(blocks[1])); // a block whose beginning was not seen
        Assert.Equal([30u, 31], Kept(First));
        Assert.Equal(1, listener.Counts.Refused);

        static byte[] Block(ushort number, bool isLast, ReadOnlySpan<byte> data)
        {
            var buffer = new ArrayBufferWriter<byte>();
            var writer = new AxdrWriter(buffer);
            new GeneralBlock(isLast, !isLast, 0, number, 0, data).Write(ref writer);
            writer.Flush();
            return buffer.WrittenSpan.ToArray();
        }
    }

    [Fact]
    public async Task APushThatTheStoreDidNotTakeIsNotTakenAsHeard()
    {
        await using PushListener listener = Listen();
        _street.Stores.PushesFail = new InvalidOperationException("the disk is full");
        await SendAsync(listener, Frame(First, 2));
        _street.Stores.PushesFail = null;
        await SendAsync(listener, Frame(First, 2));
        Assert.Equal((1, 0, 0, 0, 1), Told(listener.Counts));
        Assert.Equal([2u], Kept(First));
    }

    private static byte[] Confirmed(uint invoke) => new DataNotification(new LongInvokeId(invoke, confirmed: true).Octets, null, CosemData.Unsigned(1)).Encode();

    // What the meter makes of an answer: the number that is confirmed, and under which counter.
    private static (uint Invoke, uint Counter) Opened(VirtualMeter meter, byte[] frame)
    {
        Assert.Equal(FrameStatus.Complete, WrapperHeader.TryRead(frame, WrapperHeader.ApduLengthMax, out WrapperHeader header, out _, out _));
        Assert.Equal((64, 1, frame.Length - WrapperHeader.Length), (header.Source, header.Destination, header.ApduLength));
        using var security = new SecurityContext(SecurityControl.AuthenticatedEncryption, meter.Security.SystemTitle.Span, meter.Security.Keys.Guek.Span, meter.Security.Keys.Gak.Span);
        byte[] plain = new byte[frame.Length];
        Assert.Equal(SecurityOutcome.Success, security.Unprotect(frame.AsSpan(WrapperHeader.Length), plain, out int written));
        Assert.True(Apdu.TryDecode(plain.AsSpan(0, written), out Apdu? apdu, out _));
        return (new LongInvokeId(Assert.IsType<DataNotificationConfirm>(apdu).LongInvokeIdAndPriority).InvokeId, (uint)(security.ReceiveCounterMin - 1));
    }

    [Fact]
    public async Task APushThatAsksForItIsConfirmedOnceItIsStoredAndAgainWhenItComesAgain()
    {
        await using PushListener listener = Listen();
        using Socket socket = await ConnectAsync(listener);
        byte[] answer = new byte[1_000];
        // A meter that was never met: nobody knows yet which counters are free.
        await socket.SendAsync(Frame(First, 5, apdu: Confirmed(7)), Cancellation);
        while (listener.Counts.Taken < 1) await Task.Yield();
        Assert.Null(_street.Run(() => _street.Collector.ReadNowAsync(Street.IdOf(First), null, CancellationToken.None)).Error);
        uint free = (await ((IInvocationCounters)_street.Stores).FindNextAsync(Street.IdOf(First), Cancellation))!.Value;
        var heard = new List<(uint Invoke, uint Counter)>();
        foreach ((uint invoke, uint counter) in ((uint, uint)[])[(8, 6), (8, 6), (9, 7)])
        {
            await socket.SendAsync(Frame(First, counter, apdu: Confirmed(invoke)), Cancellation);
            int length = await socket.ReceiveAsync(answer, Cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
            heard.Add(Opened(First, answer[..length]));
        }
        Assert.Equal([8u, 8, 9], heard.Select(h => h.Invoke));
        Assert.Equal([free, free + 1, free + 2], heard.Select(h => h.Counter)); // of the one row that sessions use
        Assert.True(await ((IInvocationCounters)_street.Stores).FindNextAsync(Street.IdOf(First), Cancellation) > free + 2);
        Assert.Equal([5u, 6, 7], Kept(First));
        Assert.Equal(3, listener.Counts.Confirmed);
        // What the store did not take is not confirmed.
        _street.Stores.PushesFail = new InvalidOperationException("the disk is full");
        await socket.SendAsync(Frame(First, 8, apdu: Confirmed(10)), Cancellation);
        await ClosedAsync(socket);
        Assert.Equal(3, listener.Counts.Confirmed);
    }

    [Fact]
    public async Task APushInADatagramIsKeptAndConfirmedAndOthersCostNothing()
    {
        await using PushListener listener = Listen();
        Assert.Null(_street.Run(() => _street.Collector.ReadNowAsync(Street.IdOf(First), null, CancellationToken.None)).Error);
        using var socket = new Socket(SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(listener.EndPoint, Cancellation);
        byte[] wrong = Frame(First, 3, key: new byte[16]);
        byte[][] refused = [[1, 2, 3], [.. Frame(First, 3), 0], Wrapped(Notification(1)), wrong, Frame(First, 3, title: "PRMXXXXX"u8.ToArray()), wrong[..20]];
        foreach (byte[] datagram in refused) await socket.SendAsync(datagram, Cancellation);
        while (listener.Counts.Refused < refused.Length) await Task.Yield();
        Assert.Equal((0, 1, 0), (listener.Counts.Taken, listener.Counts.Unknown, listener.Counts.Failed));
        await socket.SendAsync(Frame(First, 3), Cancellation);
        while (listener.Counts.Taken < 1) await Task.Yield();
        await socket.SendAsync(Frame(First, 3), Cancellation);
        while (listener.Counts.Repeated < 1) await Task.Yield();
        await socket.SendAsync(Frame(First, 4, apdu: Confirmed(11)), Cancellation);
        byte[] answer = new byte[1_000];
        int length = await socket.ReceiveAsync(answer, Cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
        Assert.Equal(11u, Opened(First, answer[..length]).Invoke);
        Assert.Equal([3u, 4], Kept(First));
        _street.Stores.PushesFail = new InvalidOperationException("the disk is full");
        await socket.SendAsync(Frame(First, 5), Cancellation);
        while (listener.Counts.Failed < 1) await Task.Yield();
        _street.Stores.PushesFail = null;
        await socket.SendAsync(Frame(First, 5), Cancellation);
        while (listener.Counts.Taken < 3) await Task.Yield();
        Assert.Equal([3u, 4, 5], Kept(First));
    }

    [Fact]
    public async Task EverythingHasALimit()
    {
        await using (PushListener narrow = Listen(new PushOptions { ConnectionCountMax = 2 }))
        {
            using Socket one = await ConnectAsync(narrow), two = await ConnectAsync(narrow);
            while (narrow.Counts.Connections < 2) await Task.Yield();
            await SendAsync(narrow, Frame(First, 1)); // one too many
            Assert.Equal((1, 0), (narrow.Counts.TurnedAway, narrow.Counts.Taken));
        }
        await using (PushListener impatient = Listen(new PushOptions { IdleTimeout = TimeSpan.FromSeconds(1) }))
        {
            using Socket silent = await ConnectAsync(impatient);
            await ClosedAsync(silent); // who says nothing is closed
        }
        await using PushListener listener = Listen(new PushOptions { FaultCountMax = 3, PushCountPerHourMax = 4, LengthMax = 4096, MeterCountMax = 1 });
        byte[] wrong = Frame(First, 1, key: new byte[16]);
        await SendAsync(listener, wrong, wrong, wrong, Frame(First, 1)); // the fourth is not read any more
        Assert.Equal((0, 0, 0, 3, 0), Told(listener.Counts));
        await SendAsync(listener, [.. Enumerable.Range(1, 6).Select(counter => Frame(First, (uint)counter))]);
        Assert.Equal((4, 0, 0, 5, 0), Told(listener.Counts)); // four an hour
        byte[] longest = new byte[WrapperHeader.Length];
        new WrapperHeader(1, 64, 4097).Write(longest);
        await SendAsync(listener, longest);
        await SendAsync(listener, Frame(First, 40), Frame(Second, 1)); // one meter a link here
        Assert.Equal([1u, 2, 3, 4], Kept(First));
        Assert.Empty(Kept(Second));
    }

    [Fact]
    public async Task AnyOctetsAreRefusedAndTheNextPushIsTaken()
    {
        await using PushListener listener = Listen();
        byte[] good = Frame(First, 50);
        var any = Gen.OneOf(Gen.Byte.Array[0, 400], Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte).Select((at, octet) =>
        {
            byte[] changed = [.. good];
            changed[at] = octet == good[at] ? (byte)~octet : octet;
            return changed;
        }));
        await any.SampleAsync(octets => SendAsync(listener, octets), iter: 150, threads: 1);
        long before = listener.Counts.Taken;
        Assert.InRange(before, 0, 1); // the wrapper's ports prove nothing and change nothing
        await SendAsync(listener, Frame(First, 90));
        Assert.Equal(before + 1, listener.Counts.Taken);
        Assert.Equal(0, listener.Counts.Failed);
    }

    public void Dispose() => _street.Dispose();

    private PushListener Listen(PushOptions? options = null) => PushListener.Start(
        new IPEndPoint(IPAddress.Loopback, 0), _street.Stores, _street.Stores, _street.Stores, _street.Keys, "PRMHOST1"u8.ToArray(), options ?? new PushOptions(), TimeProvider.System);

    private uint[] Kept(VirtualMeter meter) => [.. _street.Stores.Pushes.Where(push => push.EndDevice == Street.IdOf(meter)).Select(push => push.Counter)];

    private static (long Taken, long Repeated, long Unknown, long Refused, long Failed) Told(PushCounts counts) => (counts.Taken, counts.Repeated, counts.Unknown, counts.Refused, counts.Failed);

    private static byte[] Notification(uint invoke) =>
        new DataNotification(new LongInvokeId(invoke, confirmed: false).Octets, null, CosemData.Structure(CosemData.OctetString("M1"u8), CosemData.DoubleLongUnsigned(invoke))).Encode();

    private static byte[] Frame(VirtualMeter meter, uint counter, byte[]? key = null, SecurityControl? control = null, byte[]? apdu = null, byte[]? title = null)
    {
        SecurityControl used = control ?? SecurityControl.AuthenticatedEncryption;
        using var security = new SecurityContext(used, title ?? meter.Security.SystemTitle.Span, key ?? meter.Security.Keys.Guek.Span, meter.Security.Keys.Gak.Span) { SendCounter = counter };
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new AxdrWriter(buffer);
        Assert.Equal(SecurityOutcome.Success, security.Protect(Protection.GeneralGlobal, used, apdu ?? Notification(1), ref writer));
        writer.Flush();
        return Wrapped(buffer.WrittenSpan.ToArray());
    }

    private static byte[] Wrapped(byte[] apdu)
    {
        byte[] frame = new byte[WrapperHeader.Length + apdu.Length];
        new WrapperHeader(1, 64, (ushort)apdu.Length).Write(frame);
        apdu.CopyTo(frame, WrapperHeader.Length);
        return frame;
    }

    private static async Task<Socket> ConnectAsync(PushListener listener)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(listener.EndPoint, Cancellation);
        return socket;
    }

    // Sends, and waits until the listener has read all and closed.
    private static async Task SendAsync(PushListener listener, params byte[][] frames)
    {
        using Socket socket = await ConnectAsync(listener);
        try
        {
            await socket.SendAsync(frames.SelectMany(frame => frame).ToArray(), Cancellation);
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            return; // closed at once
        }
        await ClosedAsync(socket);
    }

    private static async Task ClosedAsync(Socket socket)
    {
        try
        {
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1], Cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Cancellation));
        }
        catch (SocketException)
        {
            // Closed while something was still unread.
        }
    }
}
