using Praman.Dlms.Cosem;
using Praman.Meter.Events;
using Praman.Meter.Firmware;

namespace Praman.Meter.Parts;

/// <summary>
/// Where a meter's firmware image goes, class 18: one image at a time; only one that the maker signed, and that is not older than
/// what is in force, is found right, and it is the firmware from its activation on (event 157).
/// </summary>
internal sealed class ImageStore(VirtualMeter meter, MeterParts parts) : IImageStore
{
    /// <summary>Octets of a block, and of the longest image.</summary>
    public const int BlockSize = 512, SizeMax = 1 << 20;

    private byte[] _identifier = [];
    private byte[] _octets = [];
    private FirmwareImage? _verified;

    public bool TryBegin(ReadOnlySpan<byte> identifier, uint size)
    {
        if (meter.Model.FirmwareKey.IsEmpty) return false; // nobody could sign for it
        (_identifier, _octets, _verified) = (identifier.ToArray(), new byte[size], null);
        return true;
    }

    public void Write(uint offset, ReadOnlySpan<byte> part) => part.CopyTo(_octets.AsSpan((int)offset));

    public ImageOutcome Verify(out IReadOnlyList<ImageToActivate> images)
    {
        images = [];
        if (!FirmwareImage.TryRead(_octets, meter.Model.FirmwareKey.Span, out FirmwareImage? image) || IsOlder(image)) return ImageOutcome.Failure;
        _verified = image;
        images = [new((uint)_octets.Length, _identifier, _verified.Signature)];
        return ImageOutcome.Success;
    }

    public ImageOutcome Activate()
    {
        // A newer one may have come into force between check and activation, through another object of the class.
        if (_verified is null || IsOlder(_verified)) return ImageOutcome.Failure;
        parts.Firmware = _verified with { Program = default, Signature = default };
        (_octets, _verified) = ([], null);
        meter.Record(MeterEventCode.FirmwareActivated, parts.Now);
        return ImageOutcome.Success;
    }

    // One that the maker signed may have a hole that a later one closed. The same number again is no step back: a repair.
    private bool IsOlder(FirmwareImage image) => image.Number < (parts.Firmware?.Number ?? meter.Model.FirmwareNumber);
}
