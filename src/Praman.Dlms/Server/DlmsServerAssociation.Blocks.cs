using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Blocks;
using Praman.Metering;

namespace Praman.Dlms.Server;

// General block transfer (IEC 62056-5-3): requests that come in blocks, and their answers. The client sets the pace: the server only answers, and
// keeps one request of bounded length and one answer, until the next request.
public sealed partial class DlmsServerAssociation
{
    /// <summary>Blocks that are taken at once.</summary>
    public const int BlockWindow = 16;

    // A block's head and its frame's.
    private const int BlockOverhead = 32;

    private BlockReceiver? _blocksIn;
    private BlockSender? _blocksOut;
    private bool _answersInBlocks;
    private bool _exchanges, _isRequestWhole;
    private int _firstLength, _clientWindow, _highestSent;

    private BlockReceiver BlocksIn => _blocksIn ??= new(RequestLengthMax + CipheringOverhead, BlockWindow);

    private BlockSender BlocksOut => _blocksOut ??= new();

    private void HandleBlocks(ReadOnlySpan<byte> apdu, ushort clientSap)
    {
        if (_state != State.Associated || clientSap != _clientSap)
        {
            Refuse(StateError.ServiceNotAllowed, ServiceError.OperationNotPossible);
            return;
        }
        if (!Allows(Conformance.GeneralBlockTransfer))
        {
            Refuse(StateError.ServiceNotAllowed, ServiceError.ServiceNotSupported);
            return;
        }
        if (!GeneralBlock.TryRead(apdu, out GeneralBlock block, out DecodeError _))
        {
            Refuse(StateError.ServiceUnknown, ServiceError.OtherReason);
            return;
        }
        if (block.Number == 1 && !IsRepetition(block)) BeginExchange(block);
        if (!_exchanges)
        {
            if (block.Data.IsEmpty) return; // a late acknowledgement
            Refuse(StateError.ServiceNotAllowed, ServiceError.OperationNotPossible); // a block of what has ended
            return;
        }
        _clientWindow = Math.Max(1, block.Window);
        BlocksOut.Acknowledge(block.Acknowledged);
        if (_isRequestWhole) Continue(block, clientSap);
        else TakeBlock(block, clientSap);
    }

    // The first block of the exchange that is under way, once more? A ciphered request never comes twice on purpose; a plain one may, once it is answered.
    private bool IsRepetition(in GeneralBlock block)
    {
        if (!_exchanges || BlocksIn.Joined.Length < _firstLength || !BlocksIn.Joined[.._firstLength].SequenceEqual(block.Data)) return false;
        return !_isRequestWhole || _highestSent < BlocksOut.Last || (block.Data.Length > 0 && IsCiphered(block.Data[0]));
    }

    private void BeginExchange(in GeneralBlock block)
    {
        EndTransfers();
        (_exchanges, _isRequestWhole, _firstLength, _highestSent) = (true, false, block.Data.Length, 0);
    }

    private void TakeBlock(in GeneralBlock block, ushort clientSap)
    {
        if (BlocksIn.Take(block) == BlockOutcome.TooLong)
        {
            EndTransfers();
            Refuse(StateError.ServiceNotAllowed, ServiceError.PduTooLong);
            return;
        }
        if (BlocksIn.IsComplete) ServeWhole(clientSap);
        else if (!block.IsStreaming || block.IsLast) AcknowledgeBlocks(clientSap);
    }

    private void ServeWhole(ushort clientSap)
    {
        _isRequestWhole = true;
        ReadOnlySpan<byte> request = BlocksIn.Joined;
        _answersInBlocks = true;
        // A block within blocks, an opening or a release is no service.
        if (request.IsEmpty || request[0] == GeneralBlockTransfer.Tag) Refuse(StateError.ServiceUnknown, ServiceError.OtherReason);
        else HandleService(request, clientSap);
        if (_plain.WrittenCount > 0) return;
        _answersInBlocks = false;
        EndTransfers(); // an unconfirmed service: nothing is said
    }

    // An answer too long for one APDU of a request that did not come in blocks: it goes in blocks, one at a time until the client says what it takes.
    private void BeginBlocks()
    {
        if (_answersInBlocks) return;
        EndTransfers();
        (_answersInBlocks, _exchanges, _isRequestWhole, _firstLength, _highestSent, _clientWindow) = (true, true, true, 0, 0, 1);
    }

    // The answer stands in _plain: protect it, cut it, send what the client's window lets through.
    private void SendInBlocks(ushort clientSap)
    {
        _answersInBlocks = false;
        int acknowledged = BlocksOut.Acknowledged;
        GrowingBuffer answer = BlocksOut.Empty();
        if (_plain.IsOverfull) _plain.ResetWrittenCount(); // refused below, as an answer of nothing
        else if (!_protectAnswer) answer.Append(_plain.WrittenSpan);
        else if (!TryProtectAnswer(answer))
        {
            Close(); // no counter is left: nothing more can be said under this key
            return;
        }
        if (answer.Length is 0 or > ResponseLengthMax + HeadLengthMax + GeneralOverhead || !BlocksOut.TryBegin(_pduSize, _highestSent + 1))
        {
            EndTransfers();
            Refuse(StateError.ServiceNotAllowed, ServiceError.PduTooLong);
            Send(clientSap);
            return;
        }
        BlocksOut.Acknowledge((ushort)acknowledged);
        SendStream(acknowledged + 1, clientSap);
    }

    // The request is in and answered: the client acknowledges, asks for a gap, or repeats itself.
    private void Continue(in GeneralBlock block, ushort clientSap)
    {
        if (block.Acknowledged > BlocksOut.Last)
        {
            EndTransfers();
            Refuse(StateError.ServiceNotAllowed, ServiceError.OperationNotPossible);
        }
        else if (block.Acknowledged == BlocksOut.Last) EndTransfers(); // all is there
        else if (!block.IsStreaming) SendStream(block.Acknowledged + 1, clientSap);
    }

    private void SendStream(int from, ushort clientSap)
    {
        int to = Math.Min(BlocksOut.Last, from + _clientWindow - 1);
        ushort received = (ushort)BlocksIn.Received;
        int length = 0;
        for (int number = from; number <= to; number++) length += BlocksOut.Data(number).Length + BlockOverhead;
        _output.Reserve(length); // at once: what a buffer grew out of counts too
        for (int number = from; number <= to; number++)
            AppendBlock(new(number == BlocksOut.Last, number < to, BlockWindow, (ushort)number, received, BlocksOut.Data(number)), clientSap);
        _highestSent = Math.Max(_highestSent, to);
    }

    // An empty block that says what is in and, where there is a gap, asks for just that.
    private void AcknowledgeBlocks(ushort clientSap)
    {
        int number = BlocksOut.Acknowledged + 1;
        if (number > ushort.MaxValue) return;
        int window = BlocksIn.Missing > 0 ? BlocksIn.Missing : BlockWindow;
        AppendBlock(new(false, false, window, (ushort)number, BlocksIn.Received, default), clientSap);
        _highestSent = Math.Max(_highestSent, number);
    }

    private void AppendBlock(in GeneralBlock block, ushort clientSap)
    {
        var writer = new AxdrWriter(BeginFrame());
        block.Write(ref writer);
        writer.Flush();
        EndFrame(clientSap);
    }

    private void EndExchange()
    {
        _blocksIn?.Reset();
        _blocksOut?.Reset();
        (_exchanges, _isRequestWhole, _highestSent) = (false, false, 0);
    }
}
