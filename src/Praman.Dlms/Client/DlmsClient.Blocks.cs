using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Blocks;
using Praman.Dlms.Server;
using Praman.Metering;

namespace Praman.Dlms.Client;

// General block transfer (IEC 62056-5-3): a request, ciphered or not, cut into blocks, and an answer put together from them. Only a block that is
// new moves anything: one that comes twice cannot set off a second stream.
public sealed partial class DlmsClient
{
    private readonly GrowingBuffer _whole = new(), _stream = new();
    private readonly BlockSender _blocksOut = new();
    private BlockReceiver? _blocksIn;
    private int _peerWindow;

    /// <summary>True where requests go by general block transfer: the host wants it and the server granted it, or the request has no other way.</summary>
    private bool SendsInBlocks => (Conformance & Conformance.GeneralBlockTransfer) != 0 && _pending is not (Pending.Opening or Pending.Proof or Pending.Release)
        && (_settings.BlockWindow > 0 || (_pending == Pending.Access && _plain.WrittenCount > PlainLimit(AccessRequest.Tag)));

    private BlockReceiver BlocksIn => _blocksIn ??= new(_settings.ResponseLengthMax, Math.Clamp(_settings.BlockWindow, 1, GeneralBlock.WindowMax));

    /// <summary>
    /// What to send when no answer came in time: of a general block transfer, what is needed to go on from where it stands. Where none is under way
    /// there is nothing to send: whether a request is asked once more is the host's matter.
    /// </summary>
    public ClientStep Recover()
    {
        if (_blocksOut.Last > _blocksOut.Acknowledged && BlocksIn.Joined.IsEmpty) return SendStream(_blocksOut.Acknowledged + 1);
        return _blocksIn is { Received: > 0 } or { Missing: > 0 } ? Acknowledge() : ClientStep.Wait;
    }

    private void EndBlocks()
    {
        _blocksOut.Reset();
        _blocksIn?.Reset();
        _peerWindow = 1; // until the server says more
    }

    private ClientStep TransmitInBlocks(bool ciphers)
    {
        ReadOnlySpan<byte> whole = _plain.WrittenSpan;
        if (ciphers)
        {
            _whole.Clear();
            if (!TryProtect(EnvelopeOf(whole[0]), whole, _whole, out ClientError? error)) return Fail(error);
            whole = _whole.Span;
        }
        EndBlocks();
        if (!_blocksOut.TryBegin(whole, _serverPduSize)) return Fail(ClientErrorKind.TooLong, $"a request of {whole.Length} octets needs more blocks than there are numbers");
        return SendStream(1);
    }

    // Sends the blocks from one on that the server's window lets through.
    private ClientStep SendStream(int from)
    {
        int window = _settings.HasLink ? 1 : Math.Max(1, _peerWindow); // a link sends one APDU and waits for its answer
        int to = Math.Min(_blocksOut.Last, from + window - 1);
        _stream.Clear();
        for (int number = from; number <= to; number++)
        {
            if (AppendBlock(new(number == _blocksOut.Last, number < to, BlocksIn.Window, (ushort)number, BlocksIn.Received, _blocksOut.Data(number))) is { } failure) return failure;
        }
        return new(ClientStatus.Pending, _stream.Memory, null);
    }

    // Says what is in; where there is a gap, asks for just that.
    private ClientStep Acknowledge()
    {
        int number = Math.Max(_blocksOut.Acknowledged, _blocksOut.Last) + 1;
        if (number > ushort.MaxValue) return Fail(ClientErrorKind.TooLong, "the block transfer needs more blocks than there are numbers");
        _stream.Clear();
        int window = BlocksIn.Missing > 0 ? BlocksIn.Missing : BlocksIn.Window;
        return AppendBlock(new(true, false, window, (ushort)number, BlocksIn.Received, default)) ?? new(ClientStatus.Pending, _stream.Memory, null);
    }

    private ClientStep? AppendBlock(in GeneralBlock block)
    {
        BeginFrame();
        var writer = new AxdrWriter(_frame);
        block.Write(ref writer);
        writer.Flush();
        ClientStep step = EndFrame();
        if (step.IsFailed) return step;
        _stream.Append(step.Send.Span);
        return null;
    }

    private ClientStep? HandleBlocks(ReadOnlySpan<byte> apdu)
    {
        if (!GeneralBlock.TryRead(apdu, out GeneralBlock block, out DecodeError error)) return FailMalformed(error);
        if (_pending == Pending.Proof || _pending == Pending.Release) return Fail(ClientErrorKind.Unexpected, "a block, where no block transfer is possible");
        if (block.Window == 0 && !block.Data.IsEmpty) return TakeNoticeBlock(block);
        BlockReceiver incoming = BlocksIn;
        if (_blocksOut.Acknowledged < _blocksOut.Last && block.Data.IsEmpty && !block.IsLast) return HandleAcknowledgement(incoming, block);
        switch (incoming.Take(block))
        {
            case BlockOutcome.TooLong:
                return Fail(ClientErrorKind.TooLong, $"the answer is longer than {_settings.ResponseLengthMax} octets");
            case BlockOutcome.Repeated or BlockOutcome.BeyondWindow:
                return null;
        }
        _blocksOut.Acknowledge(block.Acknowledged);
        if (block.Window > 0) _peerWindow = block.Window;
        if (!incoming.IsComplete) return incoming.IsAnswerDue ? Acknowledge() : null;
        ClientStep? step = HandleWhole(incoming.Joined);
        // What was put together was no answer to this request: wait for the one that is.
        if (step is null) incoming.Reset();
        return step;
    }

    private ClientStep? HandleAcknowledgement(BlockReceiver incoming, in GeneralBlock block)
    {
        if (block.Acknowledged > _blocksOut.Last) return Fail(ClientErrorKind.Unexpected, $"block {block.Acknowledged} acknowledged, where {_blocksOut.Last} are all");
        if (!incoming.Skip(block.Number)) return null;
        _blocksOut.Acknowledge(block.Acknowledged);
        if (block.Window > 0) _peerWindow = block.Window;
        // All is there: the answer is still to come. Else go on, or send again what is missing.
        return block.Acknowledged >= _blocksOut.Last ? null : SendStream(block.Acknowledged + 1);
    }
}
