using CsCheck;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Blocks;
using Praman.Dlms.Tests.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Tests.Blocks;

/// <summary>Cutting an APDU into general blocks and putting it together again.</summary>
public class BlockReceiverTests
{
    [Fact]
    public void ABlockIsReadAsItsRecordIsAndEveryTruncationIsRefused()
    {
        byte[] octets = new GeneralBlockTransfer(0xC5, 0x1234, 7, new byte[] { 1, 2, 3 }).Encode();
        Assert.True(GeneralBlock.TryRead(octets, out GeneralBlock block, out _));
        Assert.Equal((true, true, 5, (ushort)0x1234, (ushort)7), (block.IsLast, block.IsStreaming, block.Window, block.Number, block.Acknowledged));
        Assert.Equal([1, 2, 3], block.Data.ToArray());
        var writer = new AxdrWriter(new byte[32]);
        new GeneralBlock(true, true, 5, 0x1234, 7, [1, 2, 3]).Write(ref writer);
        Assert.Equal(octets, writer.Written.ToArray());
        for (int length = 0; length < octets.Length; length++) Assert.False(GeneralBlock.TryRead(octets.AsSpan(0, length), out _, out _));
        Assert.False(GeneralBlock.TryRead([.. octets, 0], out _, out DecodeError error));
        Assert.Equal(octets.Length, error.Offset);
    }

    [Fact]
    public void BlocksAreAsLongAsTheirApduMayBe()
    {
        for (int size = GeneralBlock.HeadLength + 2; size < 600; size++)
        {
            int data = GeneralBlock.DataLengthMax(size);
            int length = new GeneralBlockTransfer(0, 1, 0, new byte[data]).Encode().Length;
            Assert.InRange(length, size - 2, size); // a length octet more costs one octet of room
            Assert.True(new GeneralBlockTransfer(0, 1, 0, new byte[data + 1]).Encode().Length > size);
        }
    }

    [Fact]
    public void WithinTheWindowAnyOrderGivesTheSameOctets() =>
        Gen.Select(Gen.Byte.Array[0, 2_000], Gen.Int[10, 200], Gen.Int[1, 63], Gen.Int[0, int.MaxValue]).Sample((octets, size, window, seed) =>
        {
            var sender = new BlockSender();
            Assert.True(sender.TryBegin(octets, size));
            if (sender.Last == 0) return;
            var receiver = new BlockReceiver(4_000, window);
            var random = new Random(seed);
            while (!receiver.IsComplete)
            {
                int number = random.Next(receiver.Received + 1, Math.Min(sender.Last, receiver.Received + window) + 1);
                ushort before = receiver.Received;
                BlockOutcome outcome = receiver.Take(new(number == sender.Last, false, 1, (ushort)number, 0, sender.Data(number)));
                Assert.True(outcome is BlockOutcome.Taken or BlockOutcome.Repeated);
                Assert.True(outcome == BlockOutcome.Taken || receiver.Received == before);
                Assert.InRange(receiver.Missing, 0, window);
            }
            Assert.Equal(octets, receiver.Joined.ToArray());
        }, iter: 2_000, seed: "0N0XIzNsQ0O2");

    [Fact]
    public void WhatIsTooFarOrTooLongIsNotHeld()
    {
        var receiver = new BlockReceiver(100, 4);
        Assert.Equal(BlockOutcome.BeyondWindow, receiver.Take(new(false, true, 1, 5, 0, new byte[10])));
        Assert.Equal(BlockOutcome.Taken, receiver.Take(new(false, true, 1, 4, 0, new byte[60])));
        Assert.Equal(BlockOutcome.Repeated, receiver.Take(new(false, true, 1, 4, 0, new byte[60])));
        Assert.Equal(3, receiver.Missing);
        Assert.Equal(BlockOutcome.TooLong, receiver.Take(new(false, true, 1, 1, 0, new byte[41])));
        Assert.Equal(BlockOutcome.Taken, receiver.Take(new(false, true, 1, 1, 0, new byte[40])));
        Assert.Equal(BlockOutcome.Repeated, receiver.Take(new(false, true, 1, 1, 0, new byte[40])));
        receiver.Reset();
        Assert.Equal((0, 0, false), (receiver.Received, receiver.Joined.Length, receiver.IsComplete));
        Assert.False(new BlockSender().TryBegin(new byte[ushort.MaxValue + 1], GeneralBlock.HeadLength + 2)); // an octet a block: too many
        Assert.False(new BlockSender().TryBegin(new byte[1], GeneralBlock.HeadLength));
    }

    [Fact]
    public void BlocksInOrderCostNoMemory()
    {
        byte[] data = new byte[500];
        var receiver = new BlockReceiver(1 << 20, 8);
        Assert.Equal(0, Allocation.Least(() =>
        {
            receiver.Reset();
            for (ushort number = 1; number <= 200; number++) receiver.Take(new(number == 200, true, 8, number, 0, data));
        }));
        Assert.True(receiver.IsComplete);
        Assert.Equal(100_000, receiver.Joined.Length);
    }
}
