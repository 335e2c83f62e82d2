using System.Buffers;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;

namespace Praman.Dlms.Server;

// Block transfer, both ways: what is too long for one APDU goes out and comes in by numbered blocks.
public sealed partial class DlmsServerAssociation
{
    /// <summary>Longest value or parameters taken in by blocks, in octets.</summary>
    public const int RequestLengthMax = 1 << 16;

    // Tag, choice, invoke id, last block and number; for GET the choice of raw data besides.
    private const int BlockHead = 3 + 1 + 4;

    private enum TransferKind
    {
        None,
        Get,
        Action,
        Read,
    }

    private TransferKind _sending;
    private byte[] _outgoing = [];
    private int _outgoingLength, _outgoingSent;
    private uint _outgoingBlock;

    private IReadOnlyList<AttributeSelection>? _setTargets;
    private IReadOnlyList<MethodDescriptor>? _actionTargets;
    private bool _incomingIsList;
    private uint _incomingBlock;
    private readonly ArrayBufferWriter<byte> _incoming = new();

    private void EndTransfers()
    {
        if (!_answersInBlocks) EndExchange();
        _sending = TransferKind.None;
        if (_outgoing.Length > 0) ArrayPool<byte>.Shared.Return(_outgoing, clearArray: true);
        _outgoing = [];
        _setTargets = null;
        _actionTargets = null;
        _longRequest = LongRequest.None;
        _incoming.Clear();
    }

    // What stands in _plain from `from` on is too long for one APDU: keep it and send its first block.
    private void BeginTransfer(TransferKind kind, Conformance needed, InvokeIdAndPriority invoke, int from)
    {
        bool isTooLong = _plain.IsOverfull || _plain.WrittenCount - from > ResponseLengthMax;
        if (!Allows(needed) && Allows(Conformance.GeneralBlockTransfer) && !isTooLong)
        {
            BeginBlocks();
            return;
        }
        if (!Allows(needed) || isTooLong)
        {
            _plain.ResetWrittenCount();
            if (kind == TransferKind.Get) Answer(new GetResponseNormal(invoke, DataAccessResult.DataBlockUnavailable));
            else if (kind == TransferKind.Read) Answer(new ReadResponse([ReadResponseItem.Refusal(DataAccessResult.DataBlockUnavailable)]));
            else Answer(new ActionResponseNormal(invoke, ActionResult.DataBlockUnavailable));
            return;
        }
        ReadOnlySpan<byte> rest = _plain.WrittenSpan[from..];
        _outgoing = ArrayPool<byte>.Shared.Rent(rest.Length);
        rest.CopyTo(_outgoing);
        (_sending, _outgoingLength, _outgoingSent, _outgoingBlock) = (kind, rest.Length, 0, 0);
        _plain.ResetWrittenCount();
        if (kind == TransferKind.Read) SendReadBlock(0);
        else SendBlock(kind, invoke, 0);
    }

    private void SendBlock(TransferKind kind, InvokeIdAndPriority invoke, uint acknowledged)
    {
        if (_sending != kind || acknowledged != _outgoingBlock)
        {
            bool inProgress = _sending == kind;
            EndTransfers();
            DataAccessResult why = inProgress ? DataAccessResult.DataBlockNumberInvalid : DataAccessResult.NoLongGetInProgress;
            if (kind == TransferKind.Get) Answer(new GetResponseWithDatablock(invoke, true, acknowledged, default, why));
            else Answer(new ActionResponseNormal(invoke, inProgress ? ActionResult.LongActionAborted : ActionResult.NoLongActionInProgress));
            return;
        }
        int head = BlockHead + (kind == TransferKind.Get ? 1 : 0);
        int count = Math.Min(_outgoingLength - _outgoingSent, Security.ProtectedLength.RunMax(PlainLimit - head));
        bool last = _outgoingSent + count == _outgoingLength;
        _outgoingBlock++;
        var writer = new AxdrWriter(_plain);
        writer.WriteByte(kind == TransferKind.Get ? GetResponse.Tag : ActionResponse.Tag);
        writer.WriteByte(2); // with a data block, in both services
        writer.WriteByte(invoke.Octet);
        writer.WriteBoolean(last);
        writer.WriteUInt32(_outgoingBlock);
        if (kind == TransferKind.Get) writer.WriteByte(0);
        writer.WriteOctets(_outgoing.AsSpan(_outgoingSent, count));
        writer.Flush();
        _outgoingSent += count;
        if (last) EndTransfers();
    }

    private void ServeSet(SetRequest request)
    {
        switch (request)
        {
            case SetRequestNormal normal:
                EndTransfers();
                Answer(new SetResponseNormal(normal.Invoke, Write(new(normal.Attribute, normal.Access), normal.Value)));
                break;
            case SetRequestWithList list when Allows(Conformance.MultipleReferences) && list.Attributes.Count <= ListCountMax && list.Values.Count == list.Attributes.Count:
                EndTransfers();
                Answer(new SetResponseWithList(list.Invoke, WriteAll(list.Attributes, list.Values)));
                break;
            case SetRequestWithFirstDatablock first when Allows(Conformance.BlockTransferWithSetOrWrite):
                EndTransfers();
                (_setTargets, _incomingIsList, _incomingBlock) = ([new(first.Attribute, first.Access)], false, 0);
                TakeSetBlock(first.Invoke, first.Block);
                break;
            case SetRequestWithListAndFirstDatablock first
                when Allows(Conformance.BlockTransferWithSetOrWrite | Conformance.MultipleReferences) && first.Attributes.Count <= ListCountMax:
                EndTransfers();
                (_setTargets, _incomingIsList, _incomingBlock) = (first.Attributes, true, 0);
                TakeSetBlock(first.Invoke, first.Block);
                break;
            case SetRequestWithDatablock next:
                TakeSetBlock(next.Invoke, next.Block);
                break;
            default:
                Refuse(StateError.ServiceNotAllowed, ServiceError.OperationNotPossible);
                break;
        }
    }

    private void TakeSetBlock(InvokeIdAndPriority invoke, DataBlock block)
    {
        if (_setTargets is not { } targets)
        {
            Answer(new SetResponseLastDatablock(invoke, DataAccessResult.NoLongSetInProgress, block.BlockNumber));
            return;
        }
        if (!TryAppend(block))
        {
            EndTransfers();
            Answer(new SetResponseLastDatablock(invoke, DataAccessResult.LongSetAborted, block.BlockNumber));
            return;
        }
        if (!block.LastBlock)
        {
            Answer(new SetResponseDatablock(invoke, block.BlockNumber));
            return;
        }
        CosemData[]? values = DecodeIncoming();
        DataAccessResult[] results = values is not null && values.Length == targets.Count
            ? WriteAll(targets, values) : [.. Enumerable.Repeat(DataAccessResult.TypeUnmatched, targets.Count)];
        bool list = _incomingIsList;
        EndTransfers();
        if (list) Answer(new SetResponseLastDatablockWithList(invoke, results, block.BlockNumber));
        else Answer(new SetResponseLastDatablock(invoke, results[0], block.BlockNumber));
    }

    private DataAccessResult[] WriteAll(IReadOnlyList<AttributeSelection> targets, IReadOnlyList<CosemData> values)
    {
        var results = new DataAccessResult[targets.Count];
        for (int i = 0; i < results.Length; i++) results[i] = Write(targets[i], values[i]);
        return results;
    }

    private void ServeAction(ActionRequest request)
    {
        switch (request)
        {
            case ActionRequestNormal normal:
                EndTransfers();
                AnswerAction(normal.Invoke, [Invoke(normal.Method, normal.Parameters ?? default)], false);
                break;
            case ActionRequestWithList list when Allows(Conformance.MultipleReferences) && list.Methods.Count <= ListCountMax && list.Parameters.Count == list.Methods.Count:
                EndTransfers();
                AnswerAction(list.Invoke, InvokeAll(list.Methods, list.Parameters), true);
                break;
            case ActionRequestNextBlock next:
                SendBlock(TransferKind.Action, next.Invoke, next.BlockNumber);
                break;
            case ActionRequestWithFirstBlock first when Allows(Conformance.BlockTransferWithAction):
                EndTransfers();
                (_actionTargets, _incomingIsList, _incomingBlock) = ([first.Method], false, 0);
                TakeActionBlock(first.Invoke, first.Block);
                break;
            case ActionRequestWithListAndFirstBlock first
                when Allows(Conformance.BlockTransferWithAction | Conformance.MultipleReferences) && first.Methods.Count <= ListCountMax:
                EndTransfers();
                (_actionTargets, _incomingIsList, _incomingBlock) = (first.Methods, true, 0);
                TakeActionBlock(first.Invoke, first.Block);
                break;
            case ActionRequestWithBlock next:
                TakeActionBlock(next.Invoke, next.Block);
                break;
            default:
                Refuse(StateError.ServiceNotAllowed, ServiceError.OperationNotPossible);
                break;
        }
    }

    private void TakeActionBlock(InvokeIdAndPriority invoke, DataBlock block)
    {
        if (_actionTargets is not { } targets)
        {
            Answer(new ActionResponseNormal(invoke, ActionResult.NoLongActionInProgress));
            return;
        }
        if (!TryAppend(block))
        {
            EndTransfers();
            Answer(new ActionResponseNormal(invoke, ActionResult.LongActionAborted));
            return;
        }
        if (!block.LastBlock)
        {
            Answer(new ActionResponseNextBlock(invoke, block.BlockNumber));
            return;
        }
        CosemData[]? parameters = DecodeIncoming();
        ActionResponseItem[] items = parameters is not null && parameters.Length == targets.Count
            ? InvokeAll(targets, parameters) : [.. Enumerable.Repeat(new ActionResponseItem(ActionResult.TypeUnmatched), targets.Count)];
        bool list = _incomingIsList;
        EndTransfers();
        AnswerAction(invoke, items, list);
    }

    private ActionResponseItem[] InvokeAll(IReadOnlyList<MethodDescriptor> methods, IReadOnlyList<CosemData> parameters)
    {
        var items = new ActionResponseItem[methods.Count];
        for (int i = 0; i < items.Length; i++) items[i] = Invoke(methods[i], parameters[i]);
        return items;
    }

    private void AnswerAction(InvokeIdAndPriority invoke, ActionResponseItem[] items, bool list)
    {
        const int listAt = 3; // after tag, choice and invoke id
        if (list) Answer(new ActionResponseWithList(invoke, items));
        else Answer(new ActionResponseNormal(invoke, items[0]));
        if (_plain.WrittenCount > PlainLimit) BeginTransfer(TransferKind.Action, Conformance.BlockTransferWithAction, invoke, listAt);
    }

    private bool TryAppend(DataBlock block)
    {
        if (block.BlockNumber != _incomingBlock + 1 || _incoming.WrittenCount + block.RawData.Length > RequestLengthMax) return false;
        _incomingBlock++;
        _incoming.Write(block.RawData.Span);
        return true;
    }

    // One value, or with a list their count and the values.
    private CosemData[]? DecodeIncoming()
    {
        if (!_incomingIsList) return CosemData.TryDecode(_incoming.WrittenSpan, out CosemData value, out _) ? [value] : null;
        var reader = new AxdrReader(_incoming.WrittenSpan);
        if (!reader.TryReadLength(out int count) || count > ListCountMax) return null;
        var values = new CosemData[count];
        foreach (ref CosemData item in values.AsSpan())
        {
            if (!reader.TryReadData(out item)) return null;
        }
        return reader.IsAtEnd ? values : null;
    }
}
