using System.Globalization;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;

namespace Praman.Dlms.Explain;

/// <summary>Notes the octets of a plain xDLMS APDU, field by field, with what each means.</summary>
internal static partial class ApduExplainer
{
    private const string Invoke = "IEC 62056-5-3 (Invoke-Id-And-Priority)";

    /// <summary>Walks an APDU that was decoded from these octets.</summary>
    /// <param name="cursor">Stands at its tag.</param>
    /// <param name="apdu">What was decoded.</param>
    /// <param name="names">The meter's short names, where the conversation told them.</param>
    public static void Walk(ExplainCursor cursor, Apdu apdu, Client.ShortNameMap? names = null)
    {
        string name = ApduNames.Of(apdu);
        string clause = ClauseOf(apdu);
        switch (apdu)
        {
            case GetRequest or GetResponse or SetRequest or SetResponse or ActionRequest or ActionResponse:
                string service = name[..name.IndexOf('-', name.IndexOf('-', StringComparison.Ordinal) + 1)];
                cursor.Take(1, "tag", service, clause);
                cursor.Take(1, "choice", name, clause);
                WalkInvoke(cursor);
                break;
            default:
                cursor.Take(1, "tag", name, clause);
                break;
        }
        switch (apdu)
        {
            case GetRequest get: WalkGetRequest(cursor, get); break;
            case GetResponse get: WalkGetResponse(cursor, get); break;
            case SetRequest set: WalkSetRequest(cursor, set); break;
            case SetResponse set: WalkSetResponse(cursor, set); break;
            case ActionRequest action: WalkActionRequest(cursor, action); break;
            case ActionResponse action: WalkActionResponse(cursor, action); break;
            default:
                if (!TryWalkShortNames(cursor, apdu, names)) WalkOther(cursor, apdu);
                break;
        }
        if (cursor.Remaining > 0) cursor.Take(cursor.Remaining, "rest", "the rest of the APDU", clause);
    }

    internal static string ClauseOf(Apdu apdu) => apdu switch
    {
        GetRequest or GetResponse => "IEC 62056-5-3 (GET service)",
        SetRequest or SetResponse => "IEC 62056-5-3 (SET service)",
        ActionRequest or ActionResponse => "IEC 62056-5-3 (ACTION service)",
        AccessRequest or AccessResponse => "IEC 62056-5-3 (ACCESS service)",
        DataNotification or DataNotificationConfirm => "IEC 62056-5-3 (DataNotification service)",
        ReadRequest or ReadResponse => "IEC 62056-5-3 (Read service)",
        WriteRequest or WriteResponse => "IEC 62056-5-3 (Write service)",
        UnconfirmedWriteRequest => "IEC 62056-5-3 (UnconfirmedWrite service)",
        InformationReport => "IEC 62056-5-3 (InformationReport service)",
        EventNotification => "IEC 62056-5-3 (EventNotification service)",
        InitiateRequest or InitiateResponse => "IEC 62056-5-3 (Initiate)",
        ExceptionResponse => "IEC 62056-5-3 (Exception-Response)",
        ConfirmedServiceError => "IEC 62056-5-3 (ConfirmedServiceError)",
        GeneralBlockTransfer => "IEC 62056-5-3 (general block transfer)",
        CipheredApdu or GeneralSigning => "IEC 62056-5-3 (protected APDU)",
        _ => "IEC 62056-5-3 (ACSE)",
    };

    private static void WalkGetRequest(ExplainCursor cursor, GetRequest request)
    {
        switch (request)
        {
            case GetRequestNormal normal:
                WalkAttribute(cursor, normal.Attribute);
                WalkAccess(cursor, normal.Access);
                break;
            case GetRequestNext: WalkBlockNumber(cursor, "the last block received; the next is asked for"); break;
            case GetRequestWithList list: WalkSelections(cursor, list.Attributes); break;
        }
    }

    private static void WalkGetResponse(ExplainCursor cursor, GetResponse response)
    {
        switch (response)
        {
            case GetResponseNormal normal: WalkResult(cursor, normal.Result, "result"); break;
            case GetResponseWithDatablock block:
                WalkBlockHead(cursor, block.LastBlock);
                cursor.Take(1, "choice", block.Result == DataAccessResult.Success ? "raw data follows" : "a refusal follows", GetResponse.Clause);
                if (block.Result == DataAccessResult.Success) WalkRaw(cursor);
                else cursor.Take(1, "data-access-result", block.Result.Name(), GetResponse.Clause);
                break;
            case GetResponseWithList list:
                cursor.TakeLength("results", GetResponse.Clause);
                for (int index = 0; index < list.Results.Count; index++) WalkResult(cursor, list.Results[index], $"result {index + 1}");
                break;
        }
    }

    private static void WalkSetRequest(ExplainCursor cursor, SetRequest request)
    {
        switch (request)
        {
            case SetRequestNormal normal:
                WalkAttribute(cursor, normal.Attribute);
                WalkAccess(cursor, normal.Access);
                DataExplainer.Walk(cursor, normal.Value, "value", "to be written");
                break;
            case SetRequestWithFirstDatablock first:
                WalkAttribute(cursor, first.Attribute);
                WalkAccess(cursor, first.Access);
                WalkBlock(cursor, first.Block);
                break;
            case SetRequestWithDatablock block: WalkBlock(cursor, block.Block); break;
            case SetRequestWithList list:
                WalkSelections(cursor, list.Attributes);
                WalkDataList(cursor, list.Values, "value");
                break;
            case SetRequestWithListAndFirstDatablock list:
                WalkSelections(cursor, list.Attributes);
                WalkBlock(cursor, list.Block);
                break;
        }
    }

    private static void WalkSetResponse(ExplainCursor cursor, SetResponse response)
    {
        switch (response)
        {
            case SetResponseNormal normal: cursor.Take(1, "result", normal.Result.Name(), SetResponse.Clause); break;
            case SetResponseDatablock: WalkBlockNumber(cursor, "the block that is acknowledged"); break;
            case SetResponseLastDatablock last:
                cursor.Take(1, "result", last.Result.Name(), SetResponse.Clause);
                WalkBlockNumber(cursor, "the last block, acknowledged");
                break;
            case SetResponseLastDatablockWithList list:
                WalkResults(cursor, list.Results);
                WalkBlockNumber(cursor, "the last block, acknowledged");
                break;
            case SetResponseWithList list: WalkResults(cursor, list.Results); break;
        }
    }

    private static void WalkActionRequest(ExplainCursor cursor, ActionRequest request)
    {
        switch (request)
        {
            case ActionRequestNormal normal:
                WalkMethod(cursor, normal.Method);
                cursor.Take(1, "parameters present", normal.Parameters is null ? "no parameters" : "parameters follow", ActionRequest.Clause);
                if (normal.Parameters is { } parameters) DataExplainer.Walk(cursor, parameters, "parameters");
                break;
            case ActionRequestNextBlock: WalkBlockNumber(cursor, "the last block received; the next is asked for"); break;
            case ActionRequestWithList list:
                WalkMethods(cursor, list.Methods);
                WalkDataList(cursor, list.Parameters, "parameters");
                break;
            case ActionRequestWithFirstBlock first:
                WalkMethod(cursor, first.Method);
                WalkBlock(cursor, first.Block);
                break;
            case ActionRequestWithListAndFirstBlock list:
                WalkMethods(cursor, list.Methods);
                WalkBlock(cursor, list.Block);
                break;
            case ActionRequestWithBlock block: WalkBlock(cursor, block.Block); break;
        }
    }

    private static void WalkActionResponse(ExplainCursor cursor, ActionResponse response)
    {
        switch (response)
        {
            case ActionResponseNormal normal: WalkItem(cursor, normal.Item, ""); break;
            case ActionResponseWithBlock block: WalkBlock(cursor, block.Block); break;
            case ActionResponseWithList list:
                cursor.TakeLength("results", ActionResponse.Clause);
                for (int index = 0; index < list.Items.Count; index++) WalkItem(cursor, list.Items[index], $" {index + 1}");
                break;
            case ActionResponseNextBlock: WalkBlockNumber(cursor, "the block that is acknowledged"); break;
        }
    }

    private static void WalkItem(ExplainCursor cursor, ActionResponseItem item, string number)
    {
        cursor.Take(1, "result" + number, item.Result.Name(), ActionResponse.Clause);
        cursor.Take(1, "return parameters present", item.HasReturn ? "return parameters follow" : "none", ActionResponse.Clause);
        if (item.HasReturn) WalkResult(cursor, item.Return, "return parameters" + number);
    }

    internal static void WalkInvoke(ExplainCursor cursor)
    {
        var invoke = new InvokeIdAndPriority(cursor.Peek());
        cursor.Take(1, "invoke-id-and-priority", string.Create(CultureInfo.InvariantCulture,
            $"invoke-id {invoke.InvokeId}, {(invoke.IsConfirmed ? "confirmed" : "unconfirmed")}, {(invoke.IsHighPriority ? "high" : "normal")} priority"), Invoke);
    }

    internal static void WalkAttribute(ExplainCursor cursor, AttributeDescriptor attribute)
    {
        const string clause = "IEC 62056-5-3 (Cosem-Attribute-Descriptor)";
        cursor.Open("attribute", CosemNames.Describe(attribute), clause);
        WalkObject(cursor, attribute, clause);
        string? name = CosemNames.AttributeName(attribute.ClassId, attribute.AttributeId);
        cursor.Take(1, "attribute-id", $"attribute {attribute.AttributeId}{(name is null ? "" : $": {name}")}", clause);
        cursor.Close();
    }

    private static void WalkMethod(ExplainCursor cursor, MethodDescriptor method)
    {
        const string clause = "IEC 62056-5-3 (Cosem-Method-Descriptor)";
        cursor.Open("method", CosemNames.Describe(method), clause);
        WalkObject(cursor, new(method.ClassId, method.LogicalName, method.MethodId), clause);
        string? name = CosemNames.MethodName(method.ClassId, method.MethodId);
        cursor.Take(1, "method-id", $"method {method.MethodId}{(name is null ? "" : $": {name}")}", clause);
        cursor.Close();
    }

    private static void WalkObject(ExplainCursor cursor, AttributeDescriptor target, string clause)
    {
        cursor.Take(2, "class-id", string.Create(CultureInfo.InvariantCulture, $"class {target.ClassId}: {CosemNames.ClassName(target.ClassId)}"), clause);
        string? words = ObisNames.Describe(target.LogicalName);
        cursor.Take(6, "instance-id", $"{target.LogicalName}{(words is null ? "" : $": {words}")}", "IEC 62056-6-1 (OBIS)");
    }

    internal static void WalkAccess(ExplainCursor cursor, SelectiveAccess? access)
    {
        const string clause = "IEC 62056-5-3 (Selective-Access-Descriptor)";
        cursor.Take(1, "access-selection", access is null ? "none: the whole attribute" : "a selection follows", clause);
        if (access is null) return;
        cursor.Open("selection", CosemNames.Describe(access), clause);
        cursor.Take(1, "selector", access.Selector switch { 1 => "1: range of values", 2 => "2: range of entries", _ => $"selector {access.Selector}" }, clause);
        DataExplainer.Walk(cursor, access.Parameters, "parameters");
        cursor.Close();
    }

    private static void WalkSelections(ExplainCursor cursor, IReadOnlyList<AttributeSelection> selections)
    {
        cursor.TakeLength("attributes", "IEC 62056-5-3 (SEQUENCE OF)");
        foreach (AttributeSelection selection in selections)
        {
            WalkAttribute(cursor, selection.Attribute);
            WalkAccess(cursor, selection.Access);
        }
    }

    private static void WalkMethods(ExplainCursor cursor, IReadOnlyList<MethodDescriptor> methods)
    {
        cursor.TakeLength("methods", "IEC 62056-5-3 (SEQUENCE OF)");
        foreach (MethodDescriptor method in methods) WalkMethod(cursor, method);
    }

    private static void WalkDataList(ExplainCursor cursor, IReadOnlyList<CosemData> values, string field)
    {
        cursor.TakeLength("values", "IEC 62056-5-3 (SEQUENCE OF)");
        for (int index = 0; index < values.Count; index++) DataExplainer.Walk(cursor, values[index], $"{field} {index + 1}");
    }

    private static void WalkResult(ExplainCursor cursor, GetDataResult result, string field)
    {
        cursor.Take(1, "choice", result.IsSuccess ? "data follows" : "a refusal follows", "IEC 62056-5-3 (Get-Data-Result)");
        if (result.IsSuccess) DataExplainer.Walk(cursor, result.Data, field);
        else cursor.Take(1, field, $"data-access-result {(byte)result.Result}: {result.Result.Name()}", "IEC 62056-5-3 (Data-Access-Result)");
    }

    private static void WalkResults(ExplainCursor cursor, IReadOnlyList<DataAccessResult> results)
    {
        cursor.TakeLength("results", SetResponse.Clause);
        for (int index = 0; index < results.Count; index++) cursor.Take(1, $"result {index + 1}", results[index].Name(), SetResponse.Clause);
    }

    private static void WalkBlockNumber(ExplainCursor cursor, string meaning) =>
        cursor.Take(4, "block-number", string.Create(CultureInfo.InvariantCulture, $"block {cursor.Peek32()}: {meaning}"), "IEC 62056-5-3 (block transfer)");

    private static void WalkBlockHead(ExplainCursor cursor, bool last)
    {
        cursor.Take(1, "last-block", last ? "the last block" : "more blocks follow", "IEC 62056-5-3 (block transfer)");
        WalkBlockNumber(cursor, "its number");
    }

    private static void WalkBlock(ExplainCursor cursor, DataBlock block)
    {
        WalkBlockHead(cursor, block.LastBlock);
        WalkRaw(cursor);
    }

    private static void WalkRaw(ExplainCursor cursor)
    {
        int length = cursor.TakeLength("octets of raw data", "IEC 62056-5-3 (block transfer)");
        cursor.Take(length, "raw-data", "a piece of the encoded result; it means something once all blocks are joined", "IEC 62056-5-3 (block transfer)");
    }
}
