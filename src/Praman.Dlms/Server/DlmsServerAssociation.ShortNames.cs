using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;

namespace Praman.Dlms.Server;

// Services by short name (IEC 62056-5-3: Read, Write, UnconfirmedWrite), with their block transfer. What is long goes out and comes in as the APDU's
// own octets after the tag.
public sealed partial class DlmsServerAssociation
{
    // Tag, count, choice, last block, number.
    private const int ReadBlockHead = 3 + 1 + 2;

    private enum LongRequest
    {
        None,
        Read,
        Write,
    }

    private LongRequest _longRequest;

    private void ServeByName(Apdu request)
    {
        switch (request)
        {
            case ReadRequest { Variables: [{ Kind: VariableAccessKind.BlockNumberAccess } next] } when Allows(Conformance.Read):
                SendReadBlock(next.Number);
                break;
            case ReadRequest { Variables: [{ Kind: VariableAccessKind.ReadDataBlockAccess } block] } when Allows(Conformance.Read):
                TakeReadBlock(block);
                break;
            case ReadRequest read when Allows(Conformance.Read) && IsAllowed(read.Variables):
                EndTransfers();
                ReadByName(read.Variables);
                break;
            case WriteRequest { Variables: [{ Kind: VariableAccessKind.WriteDataBlockAccess } block], Values: [var raw] } when Allows(Conformance.Write):
                TakeWriteBlock(block, raw);
                break;
            case WriteRequest write when Allows(Conformance.Write) && IsAllowed(write.Variables) && write.Values.Count == write.Variables.Count:
                EndTransfers();
                WriteByName(write.Variables, write.Values);
                break;
            case UnconfirmedWriteRequest write when Allows(Conformance.UnconfirmedWrite) && IsAllowed(write.Variables) && write.Values.Count == write.Variables.Count:
                EndTransfers();
                WriteByName(write.Variables, write.Values);
                break;
            default:
                bool granted = Allows(request switch { ReadRequest => Conformance.Read, WriteRequest => Conformance.Write, _ => Conformance.UnconfirmedWrite });
                Refuse(StateError.ServiceNotAllowed, granted ? ServiceError.OperationNotPossible : ServiceError.ServiceNotSupported);
                break;
        }
    }

    // One variable, or several where that was granted; a part only where that was; blocks stand alone.
    private bool IsAllowed(IReadOnlyList<VariableAccess> variables)
    {
        if (variables.Count > ListCountMax || (variables.Count > 1 && !Allows(Conformance.MultipleReferences))) return false;
        foreach (VariableAccess variable in variables)
        {
            if (variable.Kind == VariableAccessKind.VariableName) continue;
            bool proves = _state == State.AwaitingProof && variable.Number == ShortNameTable.ReplyToHls;
            if (variable.Kind != VariableAccessKind.ParameterizedAccess || (!proves && !Allows(Conformance.ParameterizedAccess))) return false;
        }
        return true;
    }

    private void ReadByName(IReadOnlyList<VariableAccess> variables)
    {
        const int listAt = 1; // after the tag
        var writer = new AxdrWriter(_plain);
        writer.WriteByte(ReadResponse.Tag);
        writer.WriteLength(variables.Count);
        int lengthMax = BeginList(variables.Count);
        foreach (VariableAccess variable in variables)
        {
            _item.ResetWrittenCount();
            var item = new AxdrWriter(_item);
            DataAccessResult result = ReadByName(variable, ref item);
            item.Flush();
            if (result == DataAccessResult.Success && (_item.IsOverfull || writer.Length + _item.WrittenCount > lengthMax)) result = DataAccessResult.OtherReason;
            writer.WriteByte(result == DataAccessResult.Success ? (byte)ReadItemKind.Data : (byte)ReadItemKind.DataAccessError);
            if (result == DataAccessResult.Success) writer.WriteBytes(_item.WrittenSpan);
            else writer.WriteByte((byte)result);
        }
        writer.Flush();
        if (_plain.WrittenCount > PlainLimit) BeginTransfer(TransferKind.Read, Conformance.BlockTransferWithGetOrRead, default, listAt);
    }

    private DataAccessResult ReadByName(VariableAccess variable, ref AxdrWriter writer)
    {
        if (variable.Number >= ShortNameTable.Association) return ReadAssociation(variable, ref writer);
        if (_state != State.Associated) return DataAccessResult.ReadWriteDenied;
        if (!_device.Objects.ShortNames.TryFind(variable.Number, out ShortNameTarget target)) return DataAccessResult.ObjectUndefined;
        if (!target.IsMethod) return target.Instance.Class.Read(target.Instance, target.Id, variable.Selection, _context, ref writer);
        // A method that returns something is read, with what it is given in the place of a selection.
        if (variable.Selection is not { } given) return DataAccessResult.ReadWriteDenied;
        ActionResult result = target.Instance.Class.Invoke(target.Instance, target.Id, given.Parameters, _context, out CosemData returned);
        if (result == ActionResult.Success) writer.WriteData(returned);
        return (DataAccessResult)result;
    }

    private DataAccessResult ReadAssociation(VariableAccess variable, ref AxdrWriter writer)
    {
        if (variable.Number == ShortNameTable.ReplyToHls && variable.Selection is { } proof)
        {
            ActionResponseItem item = ReplyToHls(proof.Parameters);
            if (item.Result == ActionResult.Success) writer.WriteData(item.Return.Data);
            return (DataAccessResult)item.Result;
        }
        if (_state != State.Associated) return DataAccessResult.ReadWriteDenied;
        if (variable.Number == ShortNameTable.ReadByLogicalName) return ReadByLogicalName(variable.Selection, ref writer);
        if (variable.Selection is not null) return DataAccessResult.ScopeOfAccessViolated;
        switch (variable.Number)
        {
            case ShortNameTable.Association:
                writer.WriteLogicalName(LogicalDevice.CurrentAssociation);
                return DataAccessResult.Success;
            case ShortNameTable.AssociationObjectList:
                _device.Objects.ShortNames.WriteList(_context, ref writer);
                return DataAccessResult.Success;
            case ShortNameTable.AssociationRights:
                _device.Objects.ShortNames.WriteRights(_context, ref writer);
                return DataAccessResult.Success;
            default:
                return DataAccessResult.ObjectUndefined;
        }
    }

    // Attributes named in full, each with the client's own rights; one that cannot be read is null-data.
    private DataAccessResult ReadByLogicalName(SelectiveAccess? references, ref AxdrWriter writer)
    {
        if (references is not { Parameters: { Type: CosemDataType.Array, Count: > 0 and <= ListCountMax } wanted }) return DataAccessResult.TypeUnmatched;
        foreach (CosemData reference in wanted.Items)
        {
            if (!IsReference(reference)) return DataAccessResult.TypeUnmatched;
        }
        _named ??= new() { LengthMax = ListLengthMax };
        writer.WriteArrayHeader(wanted.Count);
        foreach (CosemData reference in wanted.Items)
        {
            _named.ResetWrittenCount();
            var value = new AxdrWriter(_named);
            DataAccessResult result = Read(reference.ToAttribute(), null, ref value);
            value.Flush();
            if (_named.IsOverfull || writer.Length + _named.WrittenCount > ListLengthMax) return DataAccessResult.OtherReason;
            if (result == DataAccessResult.Success) writer.WriteBytes(_named.WrittenSpan);
            else writer.WriteData(CosemData.Null);
        }
        return DataAccessResult.Success;
    }

    private AnswerBuffer? _named; // one value of a list by logical names

    private static bool IsReference(in CosemData data) => data is { Type: CosemDataType.Structure, Count: 3 }
        && data[0].Type == CosemDataType.LongUnsigned && data[1].Type == CosemDataType.OctetString && data[1].OctetSpan.Length == 6 && data[2].Type == CosemDataType.Integer;

    private void WriteByName(IReadOnlyList<VariableAccess> variables, IReadOnlyList<CosemData> values)
    {
        var results = new WriteResponseItem[variables.Count];
        for (int index = 0; index < results.Length; index++) results[index] = WriteResponseItem.Of(WriteByName(variables[index], values[index]));
        Answer(new WriteResponse(results));
    }

    private DataAccessResult WriteByName(VariableAccess variable, in CosemData value)
    {
        if (_state != State.Associated) return DataAccessResult.ReadWriteDenied;
        if (variable.Selection is not null) return DataAccessResult.ScopeOfAccessViolated; // no attribute of ours is written in part
        if (variable.Number >= ShortNameTable.Association) return DataAccessResult.ReadWriteDenied;
        if (!_device.Objects.ShortNames.TryFind(variable.Number, out ShortNameTarget target)) return DataAccessResult.ObjectUndefined;
        if (!target.IsMethod) return target.Instance.Class.Write(target.Instance, target.Id, value, _context);
        return (DataAccessResult)target.Instance.Class.Invoke(target.Instance, target.Id, value, _context, out _);
    }

    private void SendReadBlock(uint acknowledged)
    {
        if (_sending != TransferKind.Read || acknowledged != _outgoingBlock)
        {
            DataAccessResult why = _sending == TransferKind.Read ? DataAccessResult.DataBlockNumberInvalid : DataAccessResult.NoLongGetInProgress;
            EndTransfers();
            Answer(new ReadResponse([ReadResponseItem.Refusal(why)]));
            return;
        }
        int count = Math.Min(_outgoingLength - _outgoingSent, Security.ProtectedLength.RunMax(PlainLimit - ReadBlockHead));
        bool last = _outgoingSent + count == _outgoingLength;
        _outgoingBlock++;
        var writer = new AxdrWriter(_plain);
        writer.WriteByte(ReadResponse.Tag);
        writer.WriteLength(1);
        writer.WriteByte((byte)ReadItemKind.DataBlockResult);
        writer.WriteBoolean(last);
        writer.WriteUInt16((ushort)_outgoingBlock);
        writer.WriteOctets(_outgoing.AsSpan(_outgoingSent, count));
        writer.Flush();
        _outgoingSent += count;
        if (last) EndTransfers();
    }

    private void TakeWriteBlock(VariableAccess block, in CosemData raw)
    {
        if (!Allows(Conformance.BlockTransferWithSetOrWrite) || _state != State.Associated)
        {
            Refuse(StateError.ServiceNotAllowed, ServiceError.OperationNotPossible);
            return;
        }
        if (block.Number == 1) BeginLongRequest(LongRequest.Write);
        if (_longRequest != LongRequest.Write)
        {
            Answer(new WriteResponse([WriteResponseItem.Of(DataAccessResult.NoLongSetInProgress)]));
            return;
        }
        if (raw.Type != CosemDataType.OctetString || !TryAppend(new(block.LastBlock, block.Number, raw.OctetSpan.ToArray())))
        {
            EndTransfers();
            Answer(new WriteResponse([WriteResponseItem.Of(DataAccessResult.LongSetAborted)]));
            return;
        }
        if (!block.LastBlock)
        {
            Answer(new WriteResponse([WriteResponseItem.Acknowledged(block.Number)]));
            return;
        }
        var reader = new AxdrReader(_incoming.WrittenSpan);
        VariableAccess[]? variables = VariableAccess.ReadList(ref reader);
        CosemData[]? values = variables is null ? null : ApduLists.ReadData(ref reader);
        bool whole = values is not null && reader.IsAtEnd && values.Length == variables!.Length && IsAllowed(variables);
        EndTransfers();
        if (whole) WriteByName(variables!, values!);
        else Answer(new WriteResponse([WriteResponseItem.Of(DataAccessResult.TypeUnmatched)]));
    }

    // A read request of many variables, or with long parameters, cut into blocks.
    private void TakeReadBlock(VariableAccess block)
    {
        if (!Allows(Conformance.BlockTransferWithGetOrRead) || _state != State.Associated)
        {
            Refuse(StateError.ServiceNotAllowed, ServiceError.OperationNotPossible);
            return;
        }
        if (block.Number == 1) BeginLongRequest(LongRequest.Read);
        if (_longRequest != LongRequest.Read)
        {
            Answer(new ReadResponse([ReadResponseItem.Refusal(DataAccessResult.NoLongGetInProgress)]));
            return;
        }
        if (!TryAppend(new(block.LastBlock, block.Number, block.RawData)))
        {
            EndTransfers();
            Answer(new ReadResponse([ReadResponseItem.Refusal(DataAccessResult.LongGetAborted)]));
            return;
        }
        if (!block.LastBlock)
        {
            Answer(new ReadResponse([ReadResponseItem.Acknowledged(block.Number)]));
            return;
        }
        var reader = new AxdrReader(_incoming.WrittenSpan);
        VariableAccess[]? variables = VariableAccess.ReadList(ref reader);
        bool whole = variables is not null && reader.IsAtEnd && IsAllowed(variables);
        EndTransfers();
        if (whole) ReadByName(variables!);
        else Answer(new ReadResponse([ReadResponseItem.Refusal(DataAccessResult.TypeUnmatched)]));
    }

    private void BeginLongRequest(LongRequest kind)
    {
        EndTransfers();
        (_longRequest, _incomingBlock) = (kind, 0);
    }
}
