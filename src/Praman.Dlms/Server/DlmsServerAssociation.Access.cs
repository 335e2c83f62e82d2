using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;

namespace Praman.Dlms.Server;

// ACCESS (IEC 62056-5-3): gets, sets and invokes in one request, in order; data first, then what each came to.
public sealed partial class DlmsServerAssociation
{
    private void ServeAccess(AccessRequest request)
    {
        var invoke = new LongInvokeId(request.LongInvokeIdAndPriority);
        int count = request.Specifications.Count;
        if (count > ListCountMax || request.Data.Count != count)
        {
            Refuse(StateError.ServiceNotAllowed, ServiceError.OperationNotPossible);
            return;
        }
        var results = new AccessResult[count];
        var writer = new AxdrWriter(_plain);
        writer.WriteByte(AccessResponse.Tag);
        writer.WriteUInt32(request.LongInvokeIdAndPriority);
        DateTimeField.Write(ref writer, null);
        writer.WriteBoolean(invoke.IsSelfDescriptive);
        if (invoke.IsSelfDescriptive) AccessSpecification.WriteList(ref writer, request.Specifications);
        writer.WriteLength(count);
        bool broken = false;
        int lengthMax = BeginList(count);
        for (int index = 0; index < count; index++)
        {
            AccessSpecification specification = request.Specifications[index];
            _item.ResetWrittenCount();
            var item = new AxdrWriter(_item);
            // After a failure that breaks the list nothing more is done.
            DataAccessResult result = broken ? DataAccessResult.OtherReason : ServeElement(specification, request.Data[index], ref item);
            item.Flush();
            if (_item.IsOverfull || writer.Length + _item.WrittenCount > lengthMax)
            {
                _item.ResetWrittenCount();
                result = DataAccessResult.OtherReason;
            }
            if (_item.WrittenCount == 0) writer.WriteNullData();
            else writer.WriteBytes(_item.WrittenSpan);
            results[index] = new(KindOf(specification.Kind), result);
            broken |= invoke.BreaksOnError && result != DataAccessResult.Success;
        }
        writer.WriteLength(count);
        foreach (AccessResult result in results)
        {
            writer.WriteByte((byte)result.Kind);
            writer.WriteByte((byte)result.Result);
        }
        writer.Flush();
        if (_plain.WrittenCount <= PlainLimit) return;
        if (Allows(Conformance.GeneralBlockTransfer)) BeginBlocks();
        else Refuse(StateError.ServiceNotAllowed, ServiceError.PduTooLong); // it has no block transfer of its own
    }

    private DataAccessResult ServeElement(AccessSpecification specification, in CosemData data, ref AxdrWriter writer)
    {
        switch (specification.Kind)
        {
            case AccessKind.Set or AccessKind.SetWithSelection:
                return Write(new(specification.Target, specification.Selection), data);
            case AccessKind.Action:
                ActionResponseItem item = Invoke(new(specification.Target.ClassId, specification.Target.LogicalName, specification.Target.AttributeId), data);
                if (item.HasReturn && item.Return.IsSuccess) writer.WriteData(item.Return.Data);
                return (DataAccessResult)item.Result;
            default:
                DataAccessResult result = Read(specification.Target, specification.Selection, ref writer);
                if (result == DataAccessResult.Success) return result;
                // What a failed read wrote counts for nothing.
                writer.Flush();
                _item.ResetWrittenCount();
                return result;
        }
    }

    private static AccessKind KindOf(AccessKind kind) => kind switch
    {
        AccessKind.GetWithSelection => AccessKind.Get,
        AccessKind.SetWithSelection => AccessKind.Set,
        _ => kind,
    };
}
