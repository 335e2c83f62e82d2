using NodaTime;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;

namespace Praman.Dlms.Tests.Cosem;

/// <summary>An image on its way over a bad line: lost and repeated blocks, its check, its activation, and what a hostile client may try.</summary>
public class ImageTransferTests
{
    private const int Block = 100;
    private static readonly Instant Now = Instant.FromUtc(2026, 3, 3, 6, 0);
    private static readonly byte[] Image = [.. Enumerable.Range(0, 1234).Select(i => (byte)(i * 7))];

    private readonly Store _store = new();
    private readonly ImageTransfer _transfer;
    private readonly CosemObject<ImageTransfer> _object;

    public ImageTransferTests()
    {
        _transfer = new(_store, Block, 1 << 20);
        _object = new(new(0, 0, 44, 0, 0), ImageTransfer.Table, _transfer);
    }

    [Fact]
    public void AnImageArrivesOverALineThatLosesAndRepeats()
    {
        using var session = new Session(new ObjectsDevice(_object), Now);
        Assert.Equal(CosemData.DoubleLongUnsigned(Block), session.Get(_object, 2));
        Assert.Equal(ActionResult.TemporaryFailure, Send(session, 0)); // not initiated
        Assert.Equal(ActionResult.Success, Initiate(session, (uint)Image.Length));
        Assert.Equal(13, session.Get(_object, 3).BitCount);
        int[] lost = [0, 5, 6, 12];
        for (int number = 12; number >= 0; number--) // any order
        {
            if (lost.Contains(number)) continue;
            Assert.Equal(ActionResult.Success, Send(session, number));
            if (number % 3 == 0) Assert.Equal(ActionResult.Success, Send(session, number)); // again
        }
        Assert.Equal(ActionResult.OtherReason, session.Invoke(_object, 3)); // not whole
        Assert.Equal("0111100111110", Bits(session.Get(_object, 3)));
        // The client asks for the first that is missing, until none is.
        var asked = new List<int>();
        while (session.Get(_object, 4).TryGetInt64(out long first) && first < 13)
        {
            asked.Add((int)first);
            Assert.Equal(ActionResult.Success, Send(session, (int)first));
        }
        Assert.Equal(lost, asked);
        Assert.Equal(CosemData.DoubleLongUnsigned(13), session.Get(_object, 4));
        Assert.Equal(Image, _store.Octets);

        Assert.Equal(ActionResult.Success, session.Invoke(_object, 3));
        Assert.Equal(CosemData.Enumeration((byte)ImageTransferStatus.VerificationSuccessful), session.Get(_object, 6));
        CosemData info = Assert.Single(session.Get(_object, 7).Items.ToArray());
        Assert.Equal(CosemData.DoubleLongUnsigned((uint)Image.Length), info[0]);
        Assert.Equal("FW2", info[1].Text);
        Assert.Equal(ActionResult.TemporaryFailure, Send(session, 0)); // the image is whole and checked
        Assert.Equal(ActionResult.Success, session.Invoke(_object, 4));
        Assert.Equal(ImageTransferStatus.ActivationSuccessful, _transfer.Status);
        Assert.Equal(1, _store.Activations);
    }

    [Fact]
    public void ACheckAndAnActivationMayGoOn()
    {
        using var session = new Session(new ObjectsDevice(_object), Now);
        SendAll(session);
        _store.Outcome = ImageOutcome.InProgress;
        Assert.Equal(ActionResult.TemporaryFailure, session.Invoke(_object, 3));
        Assert.Equal(ActionResult.TemporaryFailure, session.Invoke(_object, 3));
        Assert.Equal(CosemData.Enumeration((byte)ImageTransferStatus.VerificationInitiated), session.Get(_object, 6));
        _transfer.CompleteVerification(true);
        Assert.Equal(ActionResult.Success, session.Invoke(_object, 3));
        Assert.Equal(ActionResult.TemporaryFailure, session.Invoke(_object, 4));
        Assert.Equal(ActionResult.TemporaryFailure, session.Invoke(_object, 4));
        Assert.Equal(1, _store.Activations);
        _transfer.CompleteActivation(false);
        Assert.Equal(CosemData.Enumeration((byte)ImageTransferStatus.ActivationFailed), session.Get(_object, 6));
        _store.Outcome = ImageOutcome.Success;
        Assert.Equal(ActionResult.Success, session.Invoke(_object, 4)); // tried again
    }

    [Fact]
    public void AnImageThatFailsItsCheckIsNotActivated()
    {
        using var session = new Session(new ObjectsDevice(_object), Now);
        SendAll(session);
        _store.Outcome = ImageOutcome.Failure;
        Assert.Equal(ActionResult.OtherReason, session.Invoke(_object, 4)); // activation checks first
        Assert.Equal(ImageTransferStatus.VerificationFailed, _transfer.Status);
        Assert.Equal(0, _store.Activations);
        Assert.Empty(session.Get(_object, 7).Items.ToArray());
    }

    [Fact]
    public void WhatDoesNotFitIsRefused()
    {
        using var session = new Session(new ObjectsDevice(_object), Now);
        Assert.Equal(ActionResult.OtherReason, Initiate(session, 0));
        Assert.Equal(ActionResult.OtherReason, Initiate(session, (1 << 20) + 1));
        Assert.Equal(ActionResult.OtherReason, Initiate(session, uint.MaxValue));
        Assert.Equal(ActionResult.OtherReason, session.Invoke(_object, 3));
        Assert.Equal(ActionResult.OtherReason, session.Invoke(_object, 4));
        Assert.Equal(ActionResult.Success, Initiate(session, (uint)Image.Length));
        Assert.Equal(ActionResult.OtherReason, session.Invoke(_object, 2, Part(13, new byte[Block])));
        Assert.Equal(ActionResult.OtherReason, session.Invoke(_object, 2, Part(uint.MaxValue, new byte[Block])));
        Assert.Equal(ActionResult.OtherReason, session.Invoke(_object, 2, Part(0, new byte[Block - 1])));
        Assert.Equal(ActionResult.OtherReason, session.Invoke(_object, 2, Part(0, new byte[Block + 1])));
        Assert.Equal(ActionResult.OtherReason, session.Invoke(_object, 2, Part(12, new byte[Block]))); // the last has 34
        Assert.Equal(ActionResult.TypeUnmatched, session.Invoke(_object, 2, CosemData.Unsigned(1)));
        Assert.Equal(CosemData.DoubleLongUnsigned(0), session.Get(_object, 4));
        Assert.Equal(DataAccessResult.Success, session.Set(_object, 5, CosemData.Boolean(false)));
        Assert.Equal(ActionResult.ReadWriteDenied, Send(session, 0));
        Assert.Equal(ActionResult.ReadWriteDenied, Initiate(session, 100));
    }

    [Fact]
    public void ANewImageTakesThePlaceOfOneOnItsWay()
    {
        using var session = new Session(new ObjectsDevice(_object), Now);
        Assert.Equal(ActionResult.Success, Initiate(session, (uint)Image.Length));
        Assert.Equal(ActionResult.Success, Send(session, 0));
        Assert.Equal(ActionResult.Success, Initiate(session, 150));
        Assert.Equal("00", Bits(session.Get(_object, 3)));
    }

    private ActionResult Initiate(Session session, uint size) =>
        session.Invoke(_object, 1, CosemData.Structure(CosemData.OctetString("FW2"u8), CosemData.DoubleLongUnsigned(size)));

    private ActionResult Send(Session session, int number) =>
        session.Invoke(_object, 2, Part((uint)number, Image.AsSpan(number * Block, Math.Min(Block, Image.Length - (number * Block)))));

    private void SendAll(Session session)
    {
        Assert.Equal(ActionResult.Success, Initiate(session, (uint)Image.Length));
        for (int number = 0; number < 13; number++) Assert.Equal(ActionResult.Success, Send(session, number));
    }

    private static CosemData Part(uint number, ReadOnlySpan<byte> value) => CosemData.Structure(CosemData.DoubleLongUnsigned(number), CosemData.OctetString(value));

    private static string Bits(CosemData data) =>
        string.Concat(Enumerable.Range(0, data.BitCount).Select(i => (data.OctetSpan[i / 8] >> (7 - (i % 8)) & 1) == 1 ? '1' : '0'));

    private sealed class Store : IImageStore
    {
        private byte[] _identifier = [];

        public byte[] Octets { get; private set; } = [];

        public ImageOutcome Outcome { get; set; }

        public int Activations { get; private set; }

        public bool TryBegin(ReadOnlySpan<byte> identifier, uint size)
        {
            (_identifier, Octets) = (identifier.ToArray(), new byte[size]);
            return true;
        }

        public void Write(uint offset, ReadOnlySpan<byte> part) => part.CopyTo(Octets.AsSpan((int)offset));

        public ImageOutcome Verify(out IReadOnlyList<ImageToActivate> images)
        {
            images = [new((uint)Octets.Length, _identifier, default)];
            return Outcome;
        }

        public ImageOutcome Activate()
        {
            Activations++;
            return Outcome;
        }
    }
}
