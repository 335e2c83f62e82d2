using System.Buffers;

namespace Praman.Dlms.Framing;

/// <summary>Joins the information fields of segmented frames of one link into an APDU, LLC header(s) taken off (IEC 62056-46, segmentation).</summary>
/// <param name="lengthMax">Octets of the longest APDU that is joined; a longer one is dropped.</param>
public sealed class HdlcReassembler(int lengthMax = HdlcReassembler.LengthMaxDefault)
{
    public const int LengthMaxDefault = 1 << 20;

    private readonly ArrayBufferWriter<byte> _joined = new();

    /// <summary>True while segments wait for their last.</summary>
    public bool IsPending => Length > 0;

    /// <summary>Octets that wait for their last segment.</summary>
    public int Length => _completed ? 0 : _joined.WrittenCount;

    /// <summary>Adds a frame's information.</summary>
    /// <returns>True with the whole, LLC header included, when the last segment is in. It is valid until the next call.</returns>
    public bool TryAdd(scoped in HdlcFrame frame, out ReadOnlySpan<byte> information)
    {
        information = default;
        if (_completed) Reset();
        if (_joined.WrittenCount + frame.Information.Length > lengthMax)
        {
            Reset();
            return false;
        }
        _joined.Write(frame.Information);
        if (frame.IsSegmented) return false;
        _completed = true;
        information = _joined.WrittenSpan;
        return !information.IsEmpty;
    }

    /// <summary>Drops what waits.</summary>
    public void Reset()
    {
        _joined.ResetWrittenCount();
        _completed = false;
    }

    private bool _completed;
}
