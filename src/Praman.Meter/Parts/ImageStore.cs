using Praman.Dlms.Cosem;
using Praman.Meter.Events;
using Praman.Meter.Firmware;

namespace Praman.Meter.Parts;

/// <summary>
/// Where a meter's firmware image goes, class 18: one image at a time; only one that the maker signed is found right, and it is the firmware from its
/// activation on (event 157).
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
        if (!FirmwareImage.TryRead(_octets, meter.Model.FirmwareKey.Span, out _verified)) return ImageOutcome.Failure;
        images = [new((uint)_octets.Length, _identifier, _verified.Signature)];
        return ImageOutcome.Success;
    }

    public ImageOutcome Activate()
    {
        if (_verified is null) return ImageOutcome.Failure;
        parts.FirmwareVersion = _verified.Version;
        (_octets, _verified) = ([], null);
        meter.Record(MeterEventCode.FirmwareActivated, parts.Now);
        return ImageOutcome.Success;
    }
}
