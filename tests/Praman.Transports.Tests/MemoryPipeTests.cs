using System.IO.Pipelines;
using Microsoft.Extensions.Time.Testing;
using Praman.Transports.Memory;

namespace Praman.Transports.Tests;

public class MemoryPipeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WhatOneEndWritesTheOtherReadsBothWays()
    {
        (MemoryPipe near, MemoryPipe far) = MemoryPipe.CreatePair();
        await near.Output.WriteAsync(new byte[] { 1, 2, 3 }, Cancellation);
        await far.Output.WriteAsync(new byte[] { 9 }, Cancellation);
        Assert.Equal([1, 2, 3], far.Input.TakeArrived());
        Assert.Equal([9], near.Input.TakeArrived());
    }

    [Fact]
    public async Task ClosingOneEndCompletesTheOther()
    {
        (MemoryPipe near, MemoryPipe far) = MemoryPipe.CreatePair();
        await near.DisposeAsync();
        ReadResult result = await far.Input.ReadAsync(Cancellation);
        Assert.True(result.IsCompleted);
        Assert.True((await far.Output.WriteAsync(new byte[] { 1 }, Cancellation)).IsCompleted);
    }

    [Fact]
    public async Task AWriterWaitsOnceTheBufferIsFull()
    {
        (MemoryPipe near, MemoryPipe far) = MemoryPipe.CreatePair(bufferBytes: 1024);
        ValueTask<FlushResult> write = near.Output.WriteAsync(new byte[2048], Cancellation);
        Assert.False(write.IsCompleted);
        Assert.Equal(2048, far.Input.TakeArrived().Length);
        Assert.False((await write).IsCompleted);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task LossDropsWholeWritesAndNothingElse(ulong seed)
    {
        (byte[] arrived, int lost) = await Send(new LinkFaults { Loss = 0.3 }, seed, frames: 200, length: 10);
        Assert.InRange(lost, 30, 90); // 60 expected
        Assert.Equal((200 - lost) * 10, arrived.Length);
        AssertWholeFrames(arrived, 10);
    }

    [Fact]
    public async Task DuplicationRepeatsWholeWrites()
    {
        (byte[] arrived, _) = await Send(new LinkFaults { Duplication = 0.5 }, seed: 7, frames: 200, length: 10);
        int extra = (arrived.Length / 10) - 200;
        Assert.InRange(extra, 60, 140);
        AssertWholeFrames(arrived, 10);
        Assert.Equal(Enumerable.Range(0, 200), arrived.Chunk(10).Select(frame => (int)frame[0]).Distinct()); // in order, all there
    }

    [Fact]
    public async Task FragmentationDeliversPiecesOneAfterAnotherAndLosesNothing()
    {
        var time = new FakeTimeProvider();
        (MemoryPipe near, MemoryPipe far) = MemoryPipe.CreatePair(new LinkFaults { Fragmentation = 1, FragmentGap = TimeSpan.FromMilliseconds(5) }, 3, time);
        byte[] frame = Pipes.Frame(1, 100);
        await near.Output.WriteAsync(frame, Cancellation);
        var pieces = new List<byte[]>();
        for (int i = 0; i < 200; i++)
        {
            byte[] piece = far.Input.TakeArrived();
            if (piece.Length > 0) pieces.Add(piece);
            time.Advance(TimeSpan.FromMilliseconds(5));
        }
        Assert.True(pieces.Count >= 3, $"{pieces.Count} pieces");
        Assert.Equal(frame, pieces.SelectMany(p => p));
    }

    [Fact]
    public async Task DelayHoldsAWriteUntilItsTimeAndKeepsTheOrder()
    {
        var time = new FakeTimeProvider();
        var faults = new LinkFaults { DelayMin = TimeSpan.FromMilliseconds(100), DelayMax = TimeSpan.FromMilliseconds(900) };
        (MemoryPipe near, MemoryPipe far) = MemoryPipe.CreatePair(faults, 11, time);
        for (int i = 0; i < 20; i++) await near.Output.WriteAsync(Pipes.Frame(i, 4), Cancellation);
        time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.Empty(far.Input.TakeArrived());
        var order = new List<int>();
        for (int i = 0; i < 1000; i++)
        {
            time.Advance(TimeSpan.FromMilliseconds(1));
            order.AddRange(far.Input.TakeArrived().Chunk(4).Select(frame => (int)frame[0]));
        }
        Assert.Equal(Enumerable.Range(0, 20), order);
    }

    [Fact]
    public async Task ACutEndsBothDirectionsForBothEnds()
    {
        (MemoryPipe near, MemoryPipe far) = MemoryPipe.CreatePair(new LinkFaults { Cut = 1 }, 5, new FakeTimeProvider());
        await Assert.ThrowsAsync<LinkException>(async () => await near.Output.WriteAsync(new byte[50], Cancellation));
        LinkException there = await Assert.ThrowsAsync<LinkException>(async () =>
        {
            while (true) far.Input.AdvanceTo((await far.Input.ReadAsync(Cancellation)).Buffer.End);
        });
        Assert.Equal(LinkFault.Lost, there.Fault);
        await Assert.ThrowsAsync<LinkException>(async () => await near.Input.ReadAsync(Cancellation));
        await Assert.ThrowsAsync<LinkException>(async () => await far.Output.WriteAsync(new byte[1], Cancellation));
    }

    [Fact]
    public async Task WhatIsOnItsWayArrivesBeforeTheEndDoes()
    {
        var time = new FakeTimeProvider();
        var faults = new LinkFaults { DelayMin = TimeSpan.FromSeconds(1), DelayMax = TimeSpan.FromSeconds(1) };
        (MemoryPipe near, MemoryPipe far) = MemoryPipe.CreatePair(faults, 1, time);
        await near.Output.WriteAsync(new byte[] { 4, 5 }, Cancellation);
        await near.Output.CompleteAsync();
        Task<ReadResult> waiting = far.Input.ReadAsync(Cancellation).AsTask();
        Assert.False(waiting.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(2, (await waiting).Buffer.Length);
        far.Input.AdvanceTo((await waiting).Buffer.End);
        Assert.True((await far.Input.ReadAsync(Cancellation)).IsCompleted);
    }

    [Fact]
    public async Task ADelayedLinkStillHoldsABoundedNumberOfOctets()
    {
        var time = new FakeTimeProvider();
        var faults = new LinkFaults { DelayMin = TimeSpan.FromSeconds(1), DelayMax = TimeSpan.FromSeconds(1) };
        (MemoryPipe near, MemoryPipe far) = MemoryPipe.CreatePair(faults, 1, time, bufferBytes: 1000);
        int written = 0;
        Task<FlushResult> write = Task.FromResult(default(FlushResult));
        for (; written < 100; written++)
        {
            write = near.Output.WriteAsync(new byte[100], Cancellation).AsTask();
            if (!write.IsCompleted) break;
        }
        Assert.InRange(written, 9, 11);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.False((await write).IsCompleted);
        Assert.NotEmpty(far.Input.TakeArrived());
    }

    [Fact]
    public async Task TheSameSeedGivesTheSameFaultsAndAnotherSeedOthers()
    {
        var faults = new LinkFaults
        {
            Loss = 0.2, Duplication = 0.2, Fragmentation = 0.5, DelayMin = TimeSpan.FromMilliseconds(1), DelayMax = TimeSpan.FromMilliseconds(50),
        };
        (byte[] first, _) = await Send(faults, 42, 100, 20);
        (byte[] again, _) = await Send(faults, 42, 100, 20);
        (byte[] other, _) = await Send(faults, 43, 100, 20);
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
    }

    [Fact]
    public async Task AFaultlessLinkAllocatesNothingPerFrame()
    {
        (MemoryPipe near, MemoryPipe far) = MemoryPipe.CreatePair();
        byte[] frame = new byte[200];
        for (int i = 0; i < 100; i++) Pass();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++) Pass();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);
        await near.DisposeAsync();

        void Pass()
        {
            frame.CopyTo(near.Output.GetSpan(frame.Length));
            near.Output.Advance(frame.Length);
            Assert.True(IsDone(near.Output.FlushAsync(CancellationToken.None)));
            Assert.True(far.Input.TryRead(out ReadResult result));
            far.Input.AdvanceTo(result.Buffer.End);
        }
    }

    private static async Task<(byte[] Arrived, int Lost)> Send(LinkFaults faults, ulong seed, int frames, int length)
    {
        var time = new FakeTimeProvider();
        (MemoryPipe near, MemoryPipe far) = MemoryPipe.CreatePair(faults, seed, time);
        var arrived = new List<byte>();
        for (int i = 0; i < frames; i++)
        {
            await near.Output.WriteAsync(Pipes.Frame(i, length), Cancellation);
            time.Advance(TimeSpan.FromMilliseconds(3));
            arrived.AddRange(far.Input.TakeArrived());
        }
        for (int i = 0; i < 2000; i++)
        {
            time.Advance(TimeSpan.FromMilliseconds(1));
            arrived.AddRange(far.Input.TakeArrived());
        }
        return ([.. arrived], frames - (arrived.Count / length));
    }

    private static bool IsDone(ValueTask<FlushResult> flush) => flush.IsCompletedSuccessfully;

    private static void AssertWholeFrames(byte[] arrived, int length)
    {
        foreach (byte[] frame in arrived.Chunk(length)) Assert.Equal(Pipes.Frame(frame[0], length), frame);
    }
}
