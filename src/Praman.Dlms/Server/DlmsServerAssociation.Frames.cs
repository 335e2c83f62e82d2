using NodaTime;
using Praman.Dlms.Axdr;
using Praman.Dlms.Framing;
using Praman.Dlms.Security;

namespace Praman.Dlms.Server;

// Frames in and out.
public sealed partial class DlmsServerAssociation
{
    /// <summary>Most answers that wait in one reply; a client that asks for more without reading is cut off.</summary>
    public const int ReplyLengthMax = 1 << 22;

    private void ReceiveFrames(ReadOnlySpan<byte> octets, Instant now)
    {
        _framing.Append(octets, now);
        while (_framing.Read(_output, out ushort clientSap, out ReadOnlySpan<byte> apdu) is var what && what != FramingEvent.NeedMore)
        {
            if (what == FramingEvent.Faulty || _output.Length + _framing.PendingLength > ReplyLengthMax)
            {
                Drop();
                return;
            }
            if (what == FramingEvent.Apdu) Handle(apdu, clientSap);
            else CloseAssociation(); // a link that was opened anew, or closed, takes with it what stood on it
            if (IsClosed) return;
        }
    }

    // A connection is closed by the host and made anew; a serial line stays, and with it this side's ear.
    private void Drop()
    {
        if (_framing.TryReset()) CloseAssociation();
        else Close();
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

    // Where the APDU is to be written, behind what stands there.
    private GrowingBuffer BeginFrame() => _framing.Begin(_output);

    private void EndFrame(ushort clientSap) => _framing.End(_output, clientSap);

    private void CancelFrame() => _framing.Cancel(_output);

    private bool TryProtectAnswer(GrowingBuffer target)
    {
        var writer = new AxdrWriter(target);
        SecurityOutcome outcome = Protect(_protection, _plain.WrittenSpan, ref writer);
        writer.Flush();
        return outcome == SecurityOutcome.Success;
    }
}
