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
        int start = _output.Length;
        _output.GetSpan(WrapperHeader.Length);
        _output.Advance(WrapperHeader.Length);
        if (!_protectAnswer) _output.Append(_plain.WrittenSpan);
        else
        {
            var writer = new AxdrWriter(_output);
            SecurityOutcome outcome = Protect(_protection, _plain.WrittenSpan, ref writer);
            writer.Flush();
            if (outcome != SecurityOutcome.Success)
            {
                _output.Truncate(start);
                Close(); // no counter is left: nothing more can be said under this key
                return;
            }
        }
        int length = _output.Length - start - WrapperHeader.Length;
        new WrapperHeader(_device.ServerSap, clientSap, (ushort)length).Write(_output.Span[start..]);
    }
}
