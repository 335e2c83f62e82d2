using Praman.Dlms.Axdr;
using Praman.Dlms.Framing;
using Praman.Dlms.Security;
using Praman.Metering;

namespace Praman.Dlms.Server;

// Wrapper frames in and out.
public sealed partial class DlmsServerAssociation
{
    /// <summary>Most answers that wait in one reply; a client that asks for more without reading is cut off.</summary>
    public const int ReplyLengthMax = 1 << 22;

    private void ReceiveFrames(ReadOnlySpan<byte> octets)
    {
        _framer.Append(octets);
        while (_framer.TryRead(out WrapperHeader header, out ReadOnlySpan<byte> apdu, out DecodeError _) is var status && status != FrameStatus.Incomplete)
        {
            if (status == FrameStatus.Faulty || _output.Length > ReplyLengthMax)
            {
                Close();
                return;
            }
            if (header.Destination == _device.ServerSap) Handle(apdu, header.Source); // else not for this device
        }
    }

    private void Send(ushort clientSap)
    {
        if (_plain.WrittenCount == 0) return;
        if (_answersInBlocks)
        {
            SendInBlocks(clientSap);
            return;
        }
        GrowingBuffer target = BeginFrame();
        if (!_protectAnswer) target.Append(_plain.WrittenSpan);
        else if (!TryProtectAnswer(target))
        {
            CancelFrame();
            Close(); // no counter is left: nothing more can be said under this key
            return;
        }
        EndFrame(clientSap);
    }

    private int _frameStart;

    // Where the APDU is to be written, behind what stands there.
    private GrowingBuffer BeginFrame()
    {
        _frameStart = _output.Length;
        _output.GetSpan(WrapperHeader.Length);
        _output.Advance(WrapperHeader.Length);
        return _output;
    }

    private void EndFrame(ushort clientSap)
    {
        int length = _output.Length - _frameStart - WrapperHeader.Length;
        new WrapperHeader(_device.ServerSap, clientSap, (ushort)length).Write(_output.Span[_frameStart..]);
    }

    private void CancelFrame() => _output.Truncate(_frameStart);

    private bool TryProtectAnswer(GrowingBuffer target)
    {
        var writer = new AxdrWriter(target);
        SecurityOutcome outcome = Protect(_protection, _plain.WrittenSpan, ref writer);
        writer.Flush();
        return outcome == SecurityOutcome.Success;
    }
}
