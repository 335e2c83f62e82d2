using CsCheck;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Blocks;
using Praman.Dlms.Client;
using Praman.Dlms.Framing;
using Praman.Dlms.Server;
using Praman.Dlms.Tests.Association;
using Praman.Metering;
using static Praman.Dlms.Tests.Association.ServiceDevice;
using static Praman.Dlms.Tests.Association.Wire;

namespace Praman.Dlms.Tests.Blocks;

/// <summary>General block transfer between our client and our server: windows both ways, plain and ciphered, over a lossy line.</summary>
public class BlockTransferTests
{
    private static readonly byte[] Long = [.. Enumerable.Range(0, 5_000).Select(i => (byte)(i * 7))];

    [Theory]
    [InlineData(16, 1, 100), InlineData(16, 5, 100), InlineData(16, 63, 100), InlineData(48, 1, 128), InlineData(48, 9, 128), InlineData(48, 63, 1_024)]
    [InlineData(17, 5, 100), InlineData(49, 5, 128)]
    public void LongRequestsAndAnswersGoInBlocks(ushort sap, int window, ushort pduSize)
    {
        var device = new ServiceDevice(pduSize);
        var (client, server) = device.Connect(ClientOf(sap, window, pduSize));
        Run(client, server, client.Set(TextValue, CosemData.OctetString(Long)));
        Assert.Equal(Long, device.Written.OctetSpan.ToArray());
        Run(client, server, client.Get(TextValue));
        Assert.True(client.TryGetValue(out CosemData value, out _));
        Assert.Equal(Long, value.OctetSpan.ToArray());
        Run(client, server, client.Get(Rows));
        Run(client, server, client.GetWithList([new(TextValue), new(ImportValue)]));
        Assert.Equal(Long, client.Results[0].Data.OctetSpan.ToArray());
        Assert.Equal(DataAccessResult.ReadWriteDenied, Refused(client, server, client.Set(ImportValue, CosemData.Null)).Access);
        if (client.ShortNames is not null) return;
        Run(client, server, client.Action(EchoMethod, CosemData.OctetString(Long)));
        Assert.Equal(Long, client.Returned.OctetSpan.ToArray());
    }

    [Fact]
    public void TheWindowIsFilledAndNoBlockIsLongerThanAgreed()
    {
        var device = new ServiceDevice(100);
        var (client, server) = device.Connect(ClientOf(16, window: 6, pduSize: 100));
        Run(client, server, client.Set(TextValue, CosemData.OctetString(Long)));
        ClientStep step = client.Get(TextValue);
        var counts = new List<int>();
        while (step.Status == ClientStatus.Pending)
        {
            byte[] answer = server.Receive(step.Send.Span, Now).ToArray();
            List<GeneralBlockTransfer> blocks = Blocks(answer);
            counts.Add(blocks.Count);
            Assert.All(blocks, b => Assert.InRange(b.Encode().Length, 1, 100));
            Assert.Equal(blocks.Select((_, i) => i < blocks.Count - 1), blocks.Select(b => b.IsStreaming));
            step = client.Received(answer);
        }
        Assert.True(step.IsDone);
        Assert.All(counts.SkipLast(1), c => Assert.Equal(6, c));
        Assert.Equal(9, counts.Count); // 5,004 octets of 93 a block: 54 blocks
    }

    [Fact]
    public void OnlyWhatLacksIsSentAgain()
    {
        var device = new ServiceDevice(100);
        var (client, server) = device.Connect(ClientOf(16, window: 8, pduSize: 100));
        Run(client, server, client.Set(TextValue, CosemData.OctetString(Long)));
        ClientStep step = client.Get(TextValue);
        byte[][] frames = Frames(server.Receive(step.Send.Span, Now));
        Assert.Equal(8, frames.Length);
        foreach (int index in (int[])[0, 1, 4, 5, 6]) Assert.True(client.Received(frames[index]).Send.IsEmpty); // 3 and 4 are lost
        step = client.Received(frames[7]);
        GeneralBlockTransfer asked = Assert.Single(Blocks(step.Send.ToArray()));
        Assert.Equal((2, 2), (asked.Window, asked.BlockNumberAcknowledged));
        byte[] again = server.Receive(step.Send.Span, Now).ToArray();
        Assert.Equal([3, 4], Blocks(again).Select(b => (int)b.BlockNumber));
        step = client.Received(again);
        asked = Assert.Single(Blocks(step.Send.ToArray()));
        Assert.Equal((8, 8), (asked.Window, asked.BlockNumberAcknowledged));
        Run(client, server, step);
        Assert.True(client.TryGetValue(out CosemData value, out _));
        Assert.Equal(Long, value.OctetSpan.ToArray());
    }

    [Fact]
    public void WithoutTheServiceGrantedBlocksAreRefused()
    {
        var (client, server) = new ServiceDevice(100, conformance: DlmsServerAssociation.Supported & ~Conformance.GeneralBlockTransfer).Connect(ClientOf(16, window: 5, pduSize: 100));
        Run(client, server, client.Get(Rows)); // by the blocks of GET itself
        Apdu answer = Decode(server.Receive(ToServer(16, new GeneralBlockTransfer(0x81, 1, 0, new byte[] { 1 }).Encode()), Now));
        Assert.Equal(new ExceptionResponse(StateError.ServiceNotAllowed, ServiceError.ServiceNotSupported), answer);
    }

    [Fact]
    public void TheServerBeginsByItselfWhereAnAnswerHasNoOtherWay()
    {
        Conformance granted = DlmsServerAssociation.Supported & ~Conformance.BlockTransferWithGetOrRead;
        var (client, server) = new ServiceDevice(100, conformance: granted).Connect(ClientOf(16, pduSize: 100));
        ClientStep step = client.Get(Rows);
        Assert.Equal(GetRequest.Tag, step.Send.Span[WrapperHeader.Length]);
        Run(client, server, step);
        Assert.True(client.TryGetValue(out CosemData rows, out _));
        Assert.Equal(96, rows.Count);
    }

    [Fact]
    public void ARequestWithoutEndIsStoppedAndWhatIsHeldIsBounded()
    {
        var device = new ServiceDevice();
        var (client, server) = device.Connect(ClientOf(16));
        int sent = 0;
        Apdu answer;
        do
        {
            var block = new GeneralBlockTransfer(0x40, (ushort)++sent, 0, new byte[1_000]);
            answer = server.Receive(ToServer(16, block.Encode()), Now) is { IsEmpty: false } frame ? Decode(frame) : block;
        }
        while (answer is not ExceptionResponse && sent < 1_000);
        Assert.Equal(new ExceptionResponse(StateError.ServiceNotAllowed, ServiceError.PduTooLong), answer);
        Assert.Equal((DlmsServerAssociation.RequestLengthMax / 1_000) + 1, sent);
        // Blocks that are never the first are held by no one.
        Assert.IsType<ExceptionResponse>(Decode(server.Receive(ToServer(16, new GeneralBlockTransfer(0x40, 9, 0, new byte[1_000]).Encode()), Now)));
        Run(client, server, client.Get(ImportValue));
    }

    [Fact]
    public void ACipheredRequestThatComesTwiceIsServedOnce()
    {
        var device = new ServiceDevice(128);
        var (client, server) = device.Connect(ClientOf(48, window: 4, pduSize: 128));
        ClientStep step = client.Action(EchoMethod, CosemData.Unsigned(1));
        byte[] request = step.Send.ToArray();
        byte[] first = server.Receive(request, Now).ToArray();
        Assert.Equal(first, server.Receive(request, Now).ToArray()); // the answer is lost: the same again
        Assert.True(client.Received(first).IsDone);
        Assert.Equal(1, device.Served);
    }

    [Fact]
    public void AnswersInBlocksWithoutEndAreStopped()
    {
        var (client, _) = new ServiceDevice().Connect(ClientOf(16, window: 4) with { ResponseLengthMax = 10_000 });
        ClientStep step = client.Get(ImportValue);
        ushort number = 0;
        while (step.Status == ClientStatus.Pending && number < 1_000)
            step = client.Received(ToClient(16, new GeneralBlockTransfer(0x04, ++number, 1, new byte[900]).Encode()));
        Assert.Equal((ClientErrorKind.TooLong, (ushort)12), (step.Error!.Kind, number));
        step = client.Get(ImportValue);
        Assert.Equal(ClientErrorKind.Malformed, client.Received(ToClient(16, [0xE0, 0x80, 0, 1])).Error!.Kind);
        // A block within a block is no answer.
        client.Get(ImportValue);
        byte[] nested = new GeneralBlockTransfer(0x80, 1, 1, new GeneralBlockTransfer(0x80, 1, 1, new byte[] { 1 }).Encode()).Encode();
        Assert.Equal(ClientErrorKind.Unexpected, client.Received(ToClient(16, nested)).Error!.Kind);
    }

    [Theory]
    [InlineData(16), InlineData(48), InlineData(17)]
    public void OverALineThatLosesRepeatsAndReordersTheSameOctetsArriveOrTheFailureIsClean(ushort sap)
    {
        int done = 0, failed = 0;
        Gen.Select(Gen.Int[0, 35], Gen.Int[0, 30], Gen.Int[0, 30], Gen.Int[1, 20], Gen.Int[100, 300], Gen.Int[0, 3_000], Gen.Int[0, int.MaxValue]).Sample((loss, twice, late, window, size, length, seed) =>
        {
            var device = new ServiceDevice((ushort)size);
            var (client, server) = device.Connect(ClientOf(sap, window, (ushort)size));
            var line = new LossyLine(new Random(seed), loss, twice, late);
            byte[] octets = new byte[length];
            new Random(seed).NextBytes(octets);
            ClientStep set = line.Walk(client, server, client.Set(TextValue, CosemData.OctetString(octets)));
            Count(set);
            if (set.IsDone) Assert.Equal(octets, device.Written.OctetSpan.ToArray());
            if (!set.IsDone) Run(client, server, client.Set(TextValue, CosemData.OctetString(octets)));
            line.Settle();
            ClientStep get = line.Walk(client, server, client.Get(TextValue));
            Count(get);
            if (!get.IsDone) return;
            Assert.True(client.TryGetValue(out CosemData read, out DecodeError error), error.ToString());
            Assert.Equal(octets, read.OctetSpan.ToArray());
        }, iter: 300, seed: "0N0XIzNsQ0O2", threads: 1);
        Assert.True(done > 550, $"{done} done, {failed} failed");

        void Count(ClientStep step)
        {
            if (step.IsDone) done++;
            else failed++;
            Assert.True(step.IsDone || step.Error is { Text.Length: > 0 });
        }
    }

    [Fact]
    public void OnceGrownTheClientReadsBlocksWithoutAllocating()
    {
        byte[] whole = new GetResponseNormal(new(1), CosemData.OctetString(new byte[20_000])).Encode();
        var sender = new BlockSender();
        Assert.True(sender.TryBegin(whole, 500));
        byte[][] frames = [.. Enumerable.Range(1, sender.Last).Select(n =>
            ToClient(16, new GeneralBlockTransfer((byte)((n == sender.Last ? 0x80 : 0) | (n % 8 == 0 || n == sender.Last ? 0 : 0x40)), (ushort)n, 1, sender.Data(n).ToArray()).Encode()))];
        var (client, _) = new ServiceDevice().Connect(ClientOf(16, window: 8) with { InvokeIdMax = 1 });
        long least = long.MaxValue;
        for (int round = 0; round < 500 && least > 0; round++)
        {
            client.Get(ImportValue);
            long before = GC.GetAllocatedBytesForCurrentThread();
            ClientStep step = default;
            foreach (byte[] frame in frames) step = client.Received(frame);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.True(step.IsDone, step.Error?.ToString());
        }
        Assert.Equal(0, least);
    }

    private static byte[][] Frames(ReadOnlyMemory<byte> octets)
    {
        var frames = new List<byte[]>();
        while (WrapperHeader.TryRead(octets.Span, ushort.MaxValue, out _, out ReadOnlySpan<byte> apdu, out _) == FrameStatus.Complete)
        {
            int length = WrapperHeader.Length + apdu.Length;
            frames.Add(octets[..length].ToArray());
            octets = octets[length..];
        }
        return [.. frames];
    }

    private static List<GeneralBlockTransfer> Blocks(byte[] octets) => [.. Frames(octets).Select(f => Assert.IsType<GeneralBlockTransfer>(Decode(f)))];

    /// <summary>Datagrams that are lost, come twice, or come after later ones; after silence the client recovers.</summary>
    private sealed class LossyLine(Random random, int lossPercent, int twicePercent, int latePercent)
    {
        private const int SilencesMax = 200;

        private readonly List<byte[]> _toServer = [], _toClient = [];

        public void Settle()
        {
            _toServer.Clear();
            _toClient.Clear();
        }

        public ClientStep Walk(DlmsClient client, DlmsServerAssociation server, ClientStep step)
        {
            int silences = 0;
            while (step.Status == ClientStatus.Pending)
            {
                Put(_toServer, step.Send);
                step = new(ClientStatus.Pending, default, null);
                while (_toServer.Count > 0) Put(_toClient, server.Receive(Take(_toServer), Now));
                while (_toClient.Count > 0 && step.Status == ClientStatus.Pending && step.Send.IsEmpty) step = client.Received(Take(_toClient));
                if (step.Status != ClientStatus.Pending || !step.Send.IsEmpty) continue;
                if (++silences > SilencesMax) return new(ClientStatus.Failed, default, new(ClientErrorKind.Unexpected, "the line is dead"));
                step = client.Recover();
            }
            return step;
        }

        private void Put(List<byte[]> line, ReadOnlyMemory<byte> octets)
        {
            foreach (byte[] frame in Frames(octets))
            {
                if (random.Next(100) < lossPercent) continue;
                line.Add(frame);
                if (random.Next(100) < twicePercent) line.Add(frame);
            }
        }

        private byte[] Take(List<byte[]> line)
        {
            int index = line.Count > 1 && random.Next(100) < latePercent ? random.Next(line.Count) : 0;
            byte[] frame = line[index];
            line.RemoveAt(index);
            return frame;
        }
    }
}
