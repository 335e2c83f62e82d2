using System.Diagnostics.CodeAnalysis;
using Praman.Metering;

namespace Praman.Dlms.Framing;

/// <summary>
/// Cuts a TCP stream into wrapper frames: several in one segment, one over many. Holds one growing buffer, never longer than what is appended
/// beyond one frame; allocates nothing once it has grown.
/// </summary>
public sealed class WrapperFramer
{
    private const int CapacityMin = 512;

    private readonly int _apduLengthMax;
    private byte[] _buffer = new byte[CapacityMin];
    private int _start;
    private int _end;

    /// <param name="apduLengthMax">Longest APDU that is taken; a longer one is a fault.</param>
    public WrapperFramer(int apduLengthMax = WrapperHeader.ApduLengthMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(apduLengthMax, 1);
        _apduLengthMax = apduLengthMax;
    }

    /// <summary>Octets held that no frame has taken.</summary>
    public int BufferedCount => _end - _start;

    /// <summary>Adds what was received. Frames read before are no longer valid.</summary>
    public void Append(ReadOnlySpan<byte> octets)
    {
        int held = BufferedCount;
        if (_buffer.Length - _end < octets.Length)
        {
            byte[] target = held + octets.Length > _buffer.Length ? new byte[Math.Max(2 * _buffer.Length, held + octets.Length)] : _buffer;
            _buffer.AsSpan(_start, held).CopyTo(target);
            _buffer = target;
            (_start, _end) = (0, held);
        }
        octets.CopyTo(_buffer.AsSpan(_end));
        _end += octets.Length;
    }

    /// <summary>Takes the next frame. The APDU points into the buffer: it is valid until the next <see cref="Append"/>.</summary>
    public FrameStatus TryRead(out WrapperHeader header, out ReadOnlySpan<byte> apdu, out DecodeError error)
    {
        FrameStatus status = WrapperHeader.TryRead(_buffer.AsSpan(_start, BufferedCount), _apduLengthMax, out header, out apdu, out error);
        if (status == FrameStatus.Complete) _start += WrapperHeader.Length + apdu.Length;
        return status;
    }

    /// <summary>Forgets all that is held.</summary>
    [SuppressMessage("Performance", "CA1822:Mark members as static", Justification = "It clears this framer.")]
    public void Reset() => (_start, _end) = (0, 0);
}
