using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Metering;

namespace Praman.Dlms.Server;

// The services themselves, on plain APDUs: what is answered stands in _plain, and nothing where no answer is due.
public sealed partial class DlmsServerAssociation
{
    /// <summary>
    /// Most memory that is allocated for a message that asks for several values, in octets: sixteen times the longest message that comes in. One value
    /// costs at most four times <see cref="ResponseLengthMax"/>.
    /// </summary>
    public const int MessageMemoryMax = 1 << 20;

    /// <summary>
    /// Longest value that is answered, in octets: a meter's longest profile, read whole, is shorter. A longer one is refused: it is read by ranges.
    /// </summary>
    public const int ResponseLengthMax = 1 << 20;

    /// <summary>
    /// Longest answer to a list of several, in octets, so that all its copies stay below <see cref="MessageMemoryMax"/>; what the list asks for beyond
    /// it is refused.
    /// </summary>
    public const int ListLengthMax = 1 << 17;

    /// <summary>Most attributes or methods of one request with a list.</summary>
    public const int ListCountMax = 128;

    // Tag, choice, invoke id: before the value.
    private const int HeadLengthMax = 16;

    private void Serve(Apdu request)
    {
        switch (request)
        {
            case GetRequest get when Allows(Conformance.Get):
                ServeGet(get);
                break;
            case SetRequest set when Allows(Conformance.Set):
                ServeSet(set);
                break;
            case ActionRequest action when Allows(Conformance.Action):
                ServeAction(action);
                break;
            case AccessRequest access when Allows(Conformance.Access):
                EndTransfers();
                ServeAccess(access);
                break;
            case ReadRequest or WriteRequest or UnconfirmedWriteRequest when _settings!.UsesShortNames:
                ServeByName(request);
                break;
            case DataNotificationConfirm confirm:
                _device.OnNotificationConfirmed(_context, new(confirm.LongInvokeIdAndPriority));
                break;
            case GetRequest or SetRequest or ActionRequest or AccessRequest or ReadRequest or WriteRequest or UnconfirmedWriteRequest:
                Refuse(StateError.ServiceNotAllowed, ServiceError.ServiceNotSupported);
                break;
            default:
                Refuse(StateError.ServiceUnknown, ServiceError.ServiceNotSupported);
                break;
        }
    }

    private bool Allows(Conformance needed) => (_conformance & needed) == needed;

    private void ServeGet(GetRequest request)
    {
        switch (request)
        {
            case GetRequestNormal normal:
                EndTransfers();
                GetOne(normal);
                break;
            case GetRequestNext next:
                SendBlock(TransferKind.Get, next.Invoke, next.BlockNumber);
                break;
            case GetRequestWithList list when !Allows(Conformance.MultipleReferences) || list.Attributes.Count > ListCountMax:
                Refuse(StateError.ServiceNotAllowed, ServiceError.OperationNotPossible);
                break;
            case GetRequestWithList list:
                EndTransfers();
                GetList(list);
                break;
        }
    }

    private void GetOne(GetRequestNormal request)
    {
        var writer = new AxdrWriter(_plain);
        GetResponseNormal.WriteDataHead(ref writer, request.Invoke);
        int head = writer.Length;
        DataAccessResult result = Read(request.Attribute, request.Access, ref writer);
        writer.Flush();
        if (result != DataAccessResult.Success)
        {
            _plain.ResetWrittenCount();
            Answer(new GetResponseNormal(request.Invoke, result));
        }
        else if (_plain.WrittenCount > PlainLimit)
        {
            BeginTransfer(TransferKind.Get, Conformance.BlockTransferWithGetOrRead, request.Invoke, head);
        }
    }

    // Octets that a list's answer may have, and each value of it: a list of one has those of a value.
    private int BeginList(int count) => _item.LengthMax = count == 1 ? ResponseLengthMax : ListLengthMax;

    private void GetList(GetRequestWithList request)
    {
        const int listAt = 3; // after tag, choice and invoke id
        var writer = new AxdrWriter(_plain);
        writer.WriteByte(GetResponse.Tag);
        writer.WriteByte(GetResponseWithList.Choice);
        writer.WriteByte(request.Invoke.Octet);
        writer.WriteLength(request.Attributes.Count);
        int lengthMax = BeginList(request.Attributes.Count);
        foreach (AttributeSelection selection in request.Attributes)
        {
            _item.ResetWrittenCount();
            var item = new AxdrWriter(_item);
            DataAccessResult result = Read(selection.Attribute, selection.Access, ref item);
            item.Flush();
            if (result == DataAccessResult.Success && (_item.IsOverfull || writer.Length + _item.WrittenCount > lengthMax)) result = DataAccessResult.OtherReason;
            writer.WriteByte(result == DataAccessResult.Success ? (byte)0 : (byte)1);
            if (result == DataAccessResult.Success) writer.WriteBytes(_item.WrittenSpan);
            else writer.WriteByte((byte)result);
        }
        writer.Flush();
        if (_plain.WrittenCount > PlainLimit) BeginTransfer(TransferKind.Get, Conformance.BlockTransferWithGetOrRead, request.Invoke, listAt);
    }

    private DataAccessResult Read(AttributeDescriptor attribute, SelectiveAccess? access, ref AxdrWriter writer)
    {
        if (access is not null && !Allows(Conformance.SelectiveAccess)) return DataAccessResult.ScopeOfAccessViolated;
        DataAccessResult found = Find(attribute.ClassId, attribute.LogicalName, out CosemObject? instance);
        return instance is null ? found : instance.Class.Read(instance, attribute.AttributeId, access, _context, ref writer);
    }

    private DataAccessResult Write(AttributeSelection target, in CosemData value)
    {
        if (target.Access is not null) return DataAccessResult.ScopeOfAccessViolated; // no attribute of ours is written in part
        DataAccessResult found = Find(target.Attribute.ClassId, target.Attribute.LogicalName, out CosemObject? instance);
        return instance is null ? found : instance.Class.Write(instance, target.Attribute.AttributeId, value, _context);
    }

    private ActionResponseItem Invoke(MethodDescriptor method, in CosemData parameters)
    {
        if (method.ClassId == AssociationLogicalName.Table.ClassId && method.MethodId == 1 && IsOwn(method.LogicalName)) return ReplyToHls(parameters);
        if (_state != State.Associated) return new(ActionResult.ReadWriteDenied);
        DataAccessResult found = Find(method.ClassId, method.LogicalName, out CosemObject? instance);
        if (instance is null) return new((ActionResult)found);
        ActionResult result = instance.Class.Invoke(instance, method.MethodId, parameters, _context, out CosemData returned);
        return returned.IsNull ? new(result) : new(result, returned);
    }

    private DataAccessResult Find(ushort classId, ObisCode name, out CosemObject? instance)
    {
        instance = _device.Objects.Find(name == LogicalDevice.CurrentAssociation ? _settings!.Object : name);
        if (instance is null) return DataAccessResult.ObjectUndefined;
        if (instance.Class.ClassId == classId) return DataAccessResult.Success;
        instance = null;
        return DataAccessResult.ObjectClassInconsistent;
    }

    private bool IsOwn(ObisCode name) => name == LogicalDevice.CurrentAssociation || name == _settings!.Object;

    private void Answer(Apdu response)
    {
        var writer = new AxdrWriter(_plain);
        response.Write(ref writer);
        writer.Flush();
    }

    private void Refuse(StateError state, ServiceError service, uint? counter = null)
    {
        _plain.ResetWrittenCount();
        Answer(new ExceptionResponse(state, service, counter));
        _protectAnswer = false; // readable whatever keys the client holds
    }
}
