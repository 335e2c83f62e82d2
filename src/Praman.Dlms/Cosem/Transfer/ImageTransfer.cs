using Praman.Dlms.Axdr;

namespace Praman.Dlms.Cosem;

/// <summary>How far an image has come (IEC 62056-6-2, class 18, attribute 6).</summary>
public enum ImageTransferStatus : byte
{
    NotInitiated = 0,
    Initiated = 1,
    VerificationInitiated = 2,
    VerificationSuccessful = 3,
    VerificationFailed = 4,
    ActivationInitiated = 5,
    ActivationSuccessful = 6,
    ActivationFailed = 7,
}

/// <summary>What came of a check or an activation; one that goes on is ended by the host later.</summary>
public enum ImageOutcome
{
    Success,
    Failure,
    InProgress,
}

/// <summary>An image that may be activated.</summary>
public sealed record ImageToActivate(uint Size, ReadOnlyMemory<byte> Identification, ReadOnlyMemory<byte> Signature);

/// <summary>Where an image goes: the device's store and what it does with it.</summary>
public interface IImageStore
{
    /// <summary>Makes room for an image; false where the device will not have it.</summary>
    bool TryBegin(ReadOnlySpan<byte> identifier, uint size);

    /// <summary>Takes a part. The same part may come twice.</summary>
    void Write(uint offset, ReadOnlySpan<byte> part);

    /// <summary>Checks the whole image; <paramref name="images"/> is what it holds.</summary>
    ImageOutcome Verify(out IReadOnlyList<ImageToActivate> images);

    /// <summary>Puts the image into use.</summary>
    ImageOutcome Activate();
}

/// <summary>
/// ImageTransfer, class_id 18, version 0 (IEC 62056-6-2): a firmware image comes in blocks in any order, some twice, some lost on the way; a bitmap
/// knows which are there. It is checked, then activated. The image itself is the host's, as are its check and its activation.
/// </summary>
/// <param name="store">Takes the image.</param>
/// <param name="blockSize">Octets of a block; the last may be shorter.</param>
/// <param name="sizeMax">Longest image taken.</param>
public sealed class ImageTransfer(IImageStore store, int blockSize, uint sizeMax)
{
    /// <summary>Most blocks of an image: its bitmap has to fit into an answer.</summary>
    public const int BlockCountMax = 1 << 18;

    private const int IdentifierLengthMax = 64;

    private readonly IImageStore _store = store;
    private readonly int _blockSize = blockSize is > 0 and <= DataShape.OctetsMax
        ? blockSize : throw new ArgumentOutOfRangeException(nameof(blockSize), blockSize, "a block has 1 to 4096 octets");

    private byte[] _received = [];
    private IReadOnlyList<ImageToActivate> _images = [];
    private uint _size;

    public static CosemClass<ImageTransfer> Table { get; } = new(18, 0, "ImageTransfer",
        [
            new(2, "image_block_size", "double-long-unsigned", (t, _) => CosemData.DoubleLongUnsigned((uint)t._blockSize), IsStatic: true),
            new(3, "image_transferred_blocks_status", "bit-string[0..262144]", (t, _) => CosemData.BitString(t._received, t.BlockCount)),
            new(4, "image_first_not_transferred_block_number", "double-long-unsigned", (t, _) => CosemData.DoubleLongUnsigned((uint)t.FirstMissing)),
            new(5, "image_transfer_enabled", "boolean", (t, _) => CosemData.Boolean(t.IsEnabled), (t, _, v) => t.Enable(v.ToNumber() != 0), IsStatic: true),
            new(6, "image_transfer_status", "enum[0..7]", (t, _) => CosemData.Enumeration((byte)t.Status)),
            new(7, "image_to_activate_info", "array[16] of { image_to_activate_size: double-long-unsigned, image_to_activate_identification: octet-string[0..64], "
                + "image_to_activate_signature: octet-string[0..256] }", (t, _) => t.ImagesToActivate()),
        ],
        [
            new(1, "image_transfer_initiate", (ImageTransfer t, CosemContext _, CosemData p, out CosemData r) => t.Initiate(p, out r),
                $"{{ image_identifier: octet-string[0..{IdentifierLengthMax}], image_size: double-long-unsigned }}"),
            new(2, "image_block_transfer", (ImageTransfer t, CosemContext _, CosemData p, out CosemData r) => t.TakeBlock(p, out r),
                "{ image_block_number: double-long-unsigned, image_block_value: octet-string[0..4096] }"),
            new(3, "image_verify", (ImageTransfer t, CosemContext _, CosemData _, out CosemData r) => t.Verify(out r), "integer"),
            new(4, "image_activate", (ImageTransfer t, CosemContext _, CosemData _, out CosemData r) => t.Activate(out r), "integer"),
        ]);

    public ImageTransferStatus Status { get; private set; }

    /// <summary>Methods are refused while false.</summary>
    public bool IsEnabled { get; set; } = true;

    /// <summary>Blocks of the image that is on its way.</summary>
    public int BlockCount { get; private set; }

    /// <summary>The first block, counted from 0, that is not here; the count of blocks where all are.</summary>
    public int FirstMissing
    {
        get
        {
            for (int octet = 0; octet < _received.Length; octet++)
            {
                if (_received[octet] == 0xFF) continue;
                int bit = System.Numerics.BitOperations.LeadingZeroCount((uint)(byte)~_received[octet]) - 24;
                return Math.Min(BlockCount, (octet * 8) + bit);
            }
            return BlockCount;
        }
    }

    /// <summary>Ends a check that went on.</summary>
    public void CompleteVerification(bool success, IReadOnlyList<ImageToActivate>? images = null)
    {
        if (Status != ImageTransferStatus.VerificationInitiated) return;
        (Status, _images) = success ? (ImageTransferStatus.VerificationSuccessful, images ?? []) : (ImageTransferStatus.VerificationFailed, []);
    }

    /// <summary>Ends an activation that went on.</summary>
    public void CompleteActivation(bool success)
    {
        if (Status != ImageTransferStatus.ActivationInitiated) return;
        Status = success ? ImageTransferStatus.ActivationSuccessful : ImageTransferStatus.ActivationFailed;
    }

    // A new image takes the place of one that was on its way.
    private ActionResult Initiate(in CosemData parameters, out CosemData returned)
    {
        returned = default;
        if (!IsEnabled) return ActionResult.ReadWriteDenied;
        long size = parameters[1].ToNumber(), blocks = (size + _blockSize - 1) / _blockSize;
        if (size == 0 || size > sizeMax || blocks > BlockCountMax || !_store.TryBegin(parameters[0].OctetSpan, (uint)size)) return ActionResult.OtherReason;
        (_size, BlockCount, _received, _images) = ((uint)size, (int)blocks, new byte[(blocks + 7) / 8], []);
        Status = ImageTransferStatus.Initiated;
        return ActionResult.Success;
    }

    private ActionResult TakeBlock(in CosemData parameters, out CosemData returned)
    {
        returned = default;
        if (!IsEnabled) return ActionResult.ReadWriteDenied;
        if (Status != ImageTransferStatus.Initiated) return ActionResult.TemporaryFailure; // none was initiated, or it was complete and checked
        long number = parameters[0].ToNumber();
        ReadOnlySpan<byte> value = parameters[1].OctetSpan;
        if (number >= BlockCount) return ActionResult.OtherReason;
        long offset = number * _blockSize;
        if (value.Length != Math.Min(_blockSize, _size - offset)) return ActionResult.OtherReason;
        _store.Write((uint)offset, value);
        _received[number >> 3] |= (byte)(0x80 >> (int)(number & 7));
        return ActionResult.Success;
    }

    // Success now, failure now (other-reason), or a check that goes on (temporary-failure), as clients poll it.
    private ActionResult Verify(out CosemData returned)
    {
        returned = default;
        if (!IsEnabled) return ActionResult.ReadWriteDenied;
        switch (Status)
        {
            case ImageTransferStatus.VerificationInitiated: return ActionResult.TemporaryFailure;
            case ImageTransferStatus.VerificationSuccessful: return ActionResult.Success;
            case not (ImageTransferStatus.Initiated or ImageTransferStatus.VerificationFailed): return ActionResult.OtherReason;
        }
        if (FirstMissing < BlockCount) return ActionResult.OtherReason;
        ImageOutcome outcome = _store.Verify(out IReadOnlyList<ImageToActivate> images);
        Status = ImageTransferStatus.VerificationInitiated;
        if (outcome == ImageOutcome.InProgress) return ActionResult.TemporaryFailure;
        CompleteVerification(outcome == ImageOutcome.Success, images);
        return outcome == ImageOutcome.Success ? ActionResult.Success : ActionResult.OtherReason;
    }

    // An image that was not checked is checked first.
    private ActionResult Activate(out CosemData returned)
    {
        returned = default;
        if (!IsEnabled) return ActionResult.ReadWriteDenied;
        if (Status == ImageTransferStatus.ActivationInitiated) return ActionResult.TemporaryFailure;
        if (Status is not (ImageTransferStatus.VerificationSuccessful or ImageTransferStatus.ActivationFailed))
        {
            ActionResult verified = Verify(out returned);
            if (verified != ActionResult.Success) return verified;
        }
        ImageOutcome outcome = _store.Activate();
        Status = ImageTransferStatus.ActivationInitiated;
        if (outcome == ImageOutcome.InProgress) return ActionResult.TemporaryFailure;
        CompleteActivation(outcome == ImageOutcome.Success);
        return outcome == ImageOutcome.Success ? ActionResult.Success : ActionResult.OtherReason;
    }

    private CosemData ImagesToActivate() => CosemData.Array([.. _images.Take(16).Select(i => CosemData.Structure(
        CosemData.DoubleLongUnsigned(i.Size), CosemData.OctetString(i.Identification.Span), CosemData.OctetString(i.Signature.Span)))]);

    private DataAccessResult Enable(bool enabled)
    {
        IsEnabled = enabled;
        return DataAccessResult.Success;
    }
}
