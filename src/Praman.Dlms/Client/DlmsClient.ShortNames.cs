using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Dlms.Server;
using Praman.Metering;

namespace Praman.Dlms.Client;

// A server with short names (IEC 62056-5-3, client SN_MAPPER): the same requests, by Read and Write. Its answers carry no invoke id: a late one of a
// plain association cannot be told from the one awaited.
public sealed partial class DlmsClient
{
    private const byte SelectorOfMethods = 0;

    private int _variableCount, _referenceCount;

    /// <summary>Short names of the server's objects, once <see cref="ReadShortNames"/> is done.</summary>
    public ShortNameMap? ShortNames { get; private set; }

    /// <summary>Reads the association's object list: what a client of a server with short names does first.</summary>
    public ClientStep ReadShortNames()
    {
        if (!_settings.UsesShortNames) return ClientStep.Fail(ClientErrorKind.Unexpected, "the association names objects by logical name");
        if (Begin(Pending.Names, Conformance.Read) is { } refusal) return refusal;
        return TransmitRead([VariableAccess.Name(ShortNameTable.AssociationObjectList)]);
    }

    /// <summary>
    /// Reads attributes by their logical names at once, without the object list (class 12, read_by_logicalname). Each is in <see cref="Results"/>; one that
    /// the server does not give is null-data.
    /// </summary>
    public ClientStep ReadByLogicalName(IReadOnlyList<AttributeDescriptor> attributes)
    {
        ArgumentNullException.ThrowIfNull(attributes);
        if (!_settings.UsesShortNames) return ClientStep.Fail(ClientErrorKind.Unexpected, "the association names objects by logical name");
        if (Begin(Pending.ByLogicalName, Conformance.Read | Conformance.ParameterizedAccess) is { } refusal) return refusal;
        CosemData[] references = [.. attributes.Select(attribute => attribute.ToData())];
        _referenceCount = references.Length;
        return TransmitRead([VariableAccess.Parameterized(ShortNameTable.ReadByLogicalName, new(SelectorOfMethods, CosemData.Array(references)))]);
    }

    /// <summary>Writes an attribute of a server with short names without waiting for anything: done at once, with octets to send.</summary>
    public ClientStep SetUnconfirmed(AttributeDescriptor attribute, CosemData value)
    {
        if (!_settings.UsesShortNames) return ClientStep.Fail(ClientErrorKind.Unexpected, "the association names objects by logical name");
        if (Find(attribute, out ushort name) is { } unknown) return unknown;
        if (Begin(Pending.Set, Conformance.UnconfirmedWrite) is { } refusal) return refusal;
        if (Encode(new UnconfirmedWriteRequest([VariableAccess.Name(name)], [value])) > PlainLimit(UnconfirmedWriteRequest.Tag))
            return Fail(ClientErrorKind.TooLong, $"the value is longer than the {_serverPduSize} octets that the server takes, and this service has no blocks");
        ClientStep step = TransmitPlain();
        if (step.IsFailed) return step;
        _pending = Pending.Nothing;
        return step with { Status = ClientStatus.Done };
    }

    private ClientStep GetByName(AttributeDescriptor attribute, SelectiveAccess? access)
    {
        if (Find(attribute, out ushort name) is { } unknown) return unknown;
        if (Begin(Pending.Get, Conformance.Read | (access is null ? Conformance.None : Conformance.ParameterizedAccess)) is { } refusal) return refusal;
        return TransmitRead([access is null ? VariableAccess.Name(name) : VariableAccess.Parameterized(name, access)]);
    }

    private ClientStep GetListByName(IReadOnlyList<AttributeSelection> attributes)
    {
        var variables = new VariableAccess[attributes.Count];
        Conformance needed = Conformance.Read | Conformance.MultipleReferences;
        for (int index = 0; index < variables.Length; index++)
        {
            if (Find(attributes[index].Attribute, out ushort name) is { } unknown) return unknown;
            if (attributes[index].Access is { } access) (variables[index], needed) = (VariableAccess.Parameterized(name, access), needed | Conformance.ParameterizedAccess);
            else variables[index] = VariableAccess.Name(name);
        }
        return Begin(Pending.GetList, needed) ?? TransmitRead(variables);
    }

    private ClientStep SetByName(IReadOnlyList<AttributeSelection> attributes, IReadOnlyList<CosemData> values, bool list)
    {
        var variables = new VariableAccess[attributes.Count];
        for (int index = 0; index < variables.Length; index++)
        {
            if (Find(attributes[index].Attribute, out ushort name) is { } unknown) return unknown;
            variables[index] = attributes[index].Access is { } access ? VariableAccess.Parameterized(name, access) : VariableAccess.Name(name);
        }
        Conformance needed = Conformance.Write | (list ? Conformance.MultipleReferences : Conformance.None);
        return Begin(list ? Pending.SetList : Pending.Set, needed) ?? TransmitWrite(variables, values);
    }

    // A method that returns something is read with its parameters; one that does not is written.
    private ClientStep ActionByName(MethodDescriptor method, CosemData? parameters)
    {
        if (ShortNames is null) return NamesUnknown();
        if (!ShortNames.TryFind(method, out ushort name))
            return ClientStep.Fail(ClientErrorKind.AccessDenied, $"no short name is known for method {method.MethodId} of class {method.ClassId}, {method.LogicalName}");
        bool returns = (method.ClassId, method.MethodId) is (ShortNameTable.AssociationClass, 3 or 8) or (64, > 2);
        CosemData given = parameters ?? CosemData.Integer(0);
        if (returns) return Begin(Pending.Action, Conformance.Read | Conformance.ParameterizedAccess) ?? TransmitRead([VariableAccess.Parameterized(name, new(SelectorOfMethods, given))]);
        return Begin(Pending.Action, Conformance.Write) ?? TransmitWrite([VariableAccess.Name(name)], [given]);
    }

    private ClientStep TransmitRead(VariableAccess[] variables)
    {
        _variableCount = variables.Length;
        return IsShort(new ReadRequest(variables)) ? TransmitPlain() : BeginBlocks(Conformance.BlockTransferWithGetOrRead, _plain.WrittenSpan[1..].ToArray(), ReadBlock, ReadBlock);
    }

    private static ReadRequest ReadBlock(DataBlock block) => new([VariableAccess.ReadBlock(block.LastBlock, (ushort)block.BlockNumber, block.RawData)]);

    private ClientStep TransmitWrite(VariableAccess[] variables, IReadOnlyList<CosemData> values)
    {
        _variableCount = variables.Length;
        if (IsShort(new WriteRequest(variables, values))) return TransmitPlain();
        return BeginBlocks(Conformance.BlockTransferWithSetOrWrite, _plain.WrittenSpan[1..].ToArray(), WriteBlock, WriteBlock);
    }

    private static WriteRequest WriteBlock(DataBlock block) =>
        new([VariableAccess.WriteBlock(block.LastBlock, (ushort)block.BlockNumber)], [CosemData.OctetString(block.RawData.Span)]);

    private ClientStep? Find(AttributeDescriptor attribute, out ushort name)
    {
        name = 0;
        if (attribute.ClassId == ShortNameTable.AssociationClass && attribute.LogicalName == LogicalDevice.CurrentAssociation && attribute.AttributeId >= 1)
        {
            name = (ushort)(ShortNameTable.Association + Cosem.ShortNames.AttributeOffset(attribute.AttributeId));
            return null;
        }
        if (ShortNames is null) return NamesUnknown();
        return ShortNames.TryFind(attribute, out name) ? null
            : ClientStep.Fail(new(ClientErrorKind.AccessDenied, $"the server lists no object of class {attribute.ClassId} named {attribute.LogicalName}") { Access = DataAccessResult.ObjectUndefined });
    }

    private static ClientStep NamesUnknown() => ClientStep.Fail(ClientErrorKind.Unexpected, "the short names are not known yet: read them first");

    private ClientStep? HandleRead(ReadOnlySpan<byte> apdu)
    {
        var reader = new AxdrReader(apdu);
        reader.TrySkip(1);
        if (apdu.Length > 2 && apdu[1] == 1 && apdu[2] == (byte)ReadItemKind.DataBlockResult) return HandleReadBlock(apdu);
        if (apdu.Length > 2 && apdu[1] == 1 && apdu[2] == (byte)ReadItemKind.BlockNumber)
        {
            reader.TrySkip(2);
            return reader.TryReadUInt16(out ushort acknowledged) && reader.IsAtEnd ? SendNextBlock(acknowledged) : FailMalformed(reader.Error);
        }
        return FinishRead(ref reader, inAssembled: false);
    }

    private ClientStep? HandleReadBlock(ReadOnlySpan<byte> apdu)
    {
        var reader = new AxdrReader(apdu);
        reader.TrySkip(3);
        if (!reader.TryReadBoolean(out bool last) || !reader.TryReadUInt16(out ushort number) || !reader.TryReadOctets(out ReadOnlySpan<byte> raw)) return FailMalformed(reader.Error);
        if (number <= _block) return null; // a repeated one
        if (number != _block + 1) return Fail(ClientErrorKind.Unexpected, $"block {number}, where {_block + 1} was awaited");
        if (_assembled.Length + raw.Length > _settings.ResponseLengthMax) return Fail(ClientErrorKind.TooLong, $"the answer is longer than {_settings.ResponseLengthMax} octets");
        if (raw.IsEmpty && !last) return Fail(ClientErrorKind.Malformed, "an empty block that is not the last");
        _block = number;
        _assembled.Append(raw);
        if (!last) return Transmit(new ReadRequest([VariableAccess.Block(number)]));
        var whole = new AxdrReader(_assembled.Span);
        return FinishRead(ref whole, inAssembled: true);
    }

    // The reader stands at the count of results.
    private ClientStep FinishRead(ref AxdrReader reader, bool inAssembled)
    {
        if (_pending == Pending.GetList)
        {
            if (ReadResponse.ReadList(ref reader) is not { } list) return FailMalformed(reader.Error);
            if (list.Length != _variableCount || !reader.IsAtEnd) return FailMalformed(new(reader.Position, $"{list.Length} results, where {_variableCount} were asked for"));
            _results = [.. list.Select(r => r.Kind == ReadItemKind.Data ? new GetDataResult(r.Data) : new GetDataResult(r.Kind == ReadItemKind.DataAccessError ? r.Result : DataAccessResult.OtherReason))];
            return Finish();
        }
        if (!reader.TryReadLength(out int count) || !reader.TryReadByte(out byte choice)) return FailMalformed(reader.Error);
        if (count != 1) return FailMalformed(new(1, $"{count} results, where one was asked for"));
        if (choice == (byte)ReadItemKind.DataAccessError) return reader.TryReadByte(out byte code) ? Refused(code) : FailMalformed(reader.Error);
        if (choice != (byte)ReadItemKind.Data || reader.IsAtEnd) return FailMalformed(new(reader.Position, "no value where one was to stand"));
        if (_pending is Pending.Action or Pending.Proof)
        {
            if (!reader.TryReadData(out CosemData returned)) return FailMalformed(reader.Error);
            var item = new ActionResponseItem(ActionResult.Success, returned);
            return _pending == Pending.Proof ? HandleProof(new(_invoke, item)) : FinishAction(item);
        }
        (_dataInAssembled, _dataStart, _dataLength) = (inAssembled, reader.Position, reader.Remaining);
        if (_pending == Pending.ByLogicalName)
        {
            if (!reader.TryReadData(out CosemData values)) return FailMalformed(reader.Error);
            if (values.Type is not (CosemDataType.Array or CosemDataType.Structure) || values.Count != _referenceCount) return FailMalformed(new(_dataStart, $"{values.Count} values, where {_referenceCount} were asked for"));
            _results = [.. values.Items.ToArray().Select(value => new GetDataResult(value))];
            return Finish();
        }
        if (_pending != Pending.Names) return Finish();
        if (!ShortNameMap.TryRead(Data, out ShortNameMap? map, out DecodeError error)) return FailMalformed(error);
        ShortNames = map;
        return Finish();
    }

    private ClientStep Refused(byte code)
    {
        if (_pending is not (Pending.Action or Pending.Proof)) return FailDenied((DataAccessResult)code);
        var item = new ActionResponseItem((ActionResult)(code == 0 ? (byte)ActionResult.OtherReason : code));
        return _pending == Pending.Proof ? HandleProof(new(_invoke, item)) : FinishAction(item);
    }

    private ClientStep? HandleWrite(ReadOnlySpan<byte> apdu)
    {
        if (!Apdu.TryDecode(apdu, out Apdu? decoded, out DecodeError error)) return FailMalformed(error);
        IReadOnlyList<WriteResponseItem> results = ((WriteResponse)decoded).Results;
        if (results is [{ Kind: WriteItemKind.BlockNumber } acknowledged]) return SendNextBlock(acknowledged.BlockNumber);
        if (_pending == Pending.SetList && results.Count == _variableCount) return FinishSetList([.. results.Select(r => r.Result)]);
        if (results.Count != 1) return Fail(ClientErrorKind.Malformed, $"{results.Count} results, where {_variableCount} were asked for");
        if (_pending == Pending.Action) return FinishAction(new((ActionResult)results[0].Result));
        return _pending == Pending.SetList && results[0].Result == DataAccessResult.Success
            ? Fail(ClientErrorKind.Malformed, $"one result, where {_variableCount} were asked for") : FinishOrDeny(results[0].Result);
    }
}
