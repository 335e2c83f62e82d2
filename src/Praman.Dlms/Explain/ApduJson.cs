using System.Text.Json.Nodes;
using Praman.Dlms.Apdus;

namespace Praman.Dlms.Explain;

/// <summary>Plain APDUs as JSON: member names and value forms of the project's vectors. Ciphered ones and ACSE are added by <see cref="DlmsDecoder"/>.</summary>
internal static partial class ApduJson
{
    public static JsonObject Of(Apdu apdu)
    {
        var json = new JsonObject { ["tag"] = apdu.TagOctet, ["name"] = ApduNames.Of(apdu) };
        switch (apdu)
        {
            case GetRequest request: AddGetRequest(json, request); break;
            case GetResponse response: AddGetResponse(json, response); break;
            case SetRequest request: AddSetRequest(json, request); break;
            case SetResponse response: AddSetResponse(json, response); break;
            case ActionRequest request: AddActionRequest(json, request); break;
            case ActionResponse response: AddActionResponse(json, response); break;
            default: AddOther(json, apdu); break;
        }
        return json;
    }

    private static void AddGetRequest(JsonObject json, GetRequest request)
    {
        json["invoke"] = Of(request.Invoke);
        switch (request)
        {
            case GetRequestNormal normal:
                json["attribute"] = Of(normal.Attribute);
                json["accessSelection"] = Of(normal.Access);
                break;
            case GetRequestNext next: json["blockNumber"] = next.BlockNumber; break;
            case GetRequestWithList list: json["attributes"] = Of(list.Attributes); break;
        }
    }

    private static void AddGetResponse(JsonObject json, GetResponse response)
    {
        json["invoke"] = Of(response.Invoke);
        switch (response)
        {
            case GetResponseNormal normal: AddResult(json, normal.Result); break;
            case GetResponseWithDatablock block:
                json["lastBlock"] = block.LastBlock;
                json["blockNumber"] = block.BlockNumber;
                if (block.Result == DataAccessResult.Success) json["rawDataHex"] = Hex(block.RawData);
                else json["dataAccessResult"] = (byte)block.Result;
                break;
            case GetResponseWithList list: json["results"] = List(list.Results, Of); break;
        }
    }

    private static void AddSetRequest(JsonObject json, SetRequest request)
    {
        json["invoke"] = Of(request.Invoke);
        switch (request)
        {
            case SetRequestNormal normal:
                json["attribute"] = Of(normal.Attribute);
                json["accessSelection"] = Of(normal.Access);
                json["value"] = DataJson.Of(normal.Value);
                break;
            case SetRequestWithFirstDatablock first:
                json["attribute"] = Of(first.Attribute);
                json["accessSelection"] = Of(first.Access);
                AddBlock(json, first.Block);
                break;
            case SetRequestWithDatablock block: AddBlock(json, block.Block); break;
            case SetRequestWithList list:
                json["attributes"] = Of(list.Attributes);
                json["values"] = List(list.Values, value => DataJson.Of(value));
                break;
            case SetRequestWithListAndFirstDatablock list:
                json["attributes"] = Of(list.Attributes);
                AddBlock(json, list.Block);
                break;
        }
    }

    private static void AddSetResponse(JsonObject json, SetResponse response)
    {
        json["invoke"] = Of(response.Invoke);
        switch (response)
        {
            case SetResponseNormal normal: json["result"] = (byte)normal.Result; break;
            case SetResponseDatablock block: json["blockNumber"] = block.BlockNumber; break;
            case SetResponseLastDatablock last:
                json["result"] = (byte)last.Result;
                json["blockNumber"] = last.BlockNumber;
                break;
            case SetResponseLastDatablockWithList list:
                json["results"] = List(list.Results, result => JsonValue.Create((byte)result));
                json["blockNumber"] = list.BlockNumber;
                break;
            case SetResponseWithList list: json["results"] = List(list.Results, result => JsonValue.Create((byte)result)); break;
        }
    }

    private static void AddActionRequest(JsonObject json, ActionRequest request)
    {
        json["invoke"] = Of(request.Invoke);
        switch (request)
        {
            case ActionRequestNormal normal:
                json["method"] = Of(normal.Method);
                json["parameters"] = normal.Parameters is { } parameters ? DataJson.Of(parameters) : null;
                break;
            case ActionRequestNextBlock next: json["blockNumber"] = next.BlockNumber; break;
            case ActionRequestWithList list:
                json["methods"] = List(list.Methods, Of);
                json["parameters"] = List(list.Parameters, value => DataJson.Of(value));
                break;
            case ActionRequestWithFirstBlock first:
                json["method"] = Of(first.Method);
                AddBlock(json, first.Block);
                break;
            case ActionRequestWithListAndFirstBlock list:
                json["methods"] = List(list.Methods, Of);
                AddBlock(json, list.Block);
                break;
            case ActionRequestWithBlock block: AddBlock(json, block.Block); break;
        }
    }

    private static void AddActionResponse(JsonObject json, ActionResponse response)
    {
        json["invoke"] = Of(response.Invoke);
        switch (response)
        {
            case ActionResponseNormal normal: AddItem(json, normal.Item); break;
            case ActionResponseWithBlock block: AddBlock(json, block.Block); break;
            case ActionResponseWithList list:
                json["results"] = List(list.Items, item =>
                {
                    var one = new JsonObject();
                    AddItem(one, item);
                    return one;
                });
                break;
            case ActionResponseNextBlock next: json["blockNumber"] = next.BlockNumber; break;
        }
    }

    private static void AddOther(JsonObject json, Apdu apdu)
    {
        switch (apdu)
        {
            case InitiateRequest initiate:
                json["dedicatedKey"] = initiate.DedicatedKey is { } key ? Hex(key) : null;
                json["responseAllowed"] = initiate.ResponseAllowed;
                json["qualityOfService"] = initiate.QualityOfService;
                json["dlmsVersion"] = initiate.DlmsVersion;
                json["conformance"] = List([.. initiate.Conformance.Names()], name => JsonValue.Create(name));
                json["maxReceivePduSize"] = initiate.MaxReceivePduSize;
                break;
            case InitiateResponse initiate:
                json["qualityOfService"] = initiate.QualityOfService;
                json["dlmsVersion"] = initiate.DlmsVersion;
                json["conformance"] = List([.. initiate.Conformance.Names()], name => JsonValue.Create(name));
                json["maxReceivePduSize"] = initiate.MaxReceivePduSize;
                json["vaaName"] = initiate.VaaName;
                break;
            case ConfirmedServiceError error:
                json["service"] = error.Service;
                json["errorClass"] = error.ErrorClass;
                json["error"] = error.Error;
                break;
            case ExceptionResponse exception:
                json["stateError"] = (byte)exception.StateError;
                json["serviceError"] = (byte)exception.ServiceError;
                if (exception.InvocationCounter is { } counter) json["invocationCounter"] = counter;
                break;
            case DataNotification notification:
                json["longInvokeIdAndPriority"] = notification.LongInvokeIdAndPriority;
                if (notification.HasDateTimeTag) json["quirk"] = "date-time-with-octet-string-tag";
                json["dateTime"] = Of(notification.DateTime);
                json["bodyHex"] = Convert.ToHexString(notification.Body.Encode());
                json["body"] = DataJson.Of(notification.Body);
                break;
            case EventNotification notification:
                json["time"] = Of(notification.Time);
                json["attribute"] = Of(notification.Attribute);
                json["value"] = DataJson.Of(notification.Value);
                break;
            case GeneralBlockTransfer block:
                json["lastBlock"] = block.IsLastBlock;
                json["streaming"] = block.IsStreaming;
                json["window"] = block.Window;
                json["blockNumber"] = block.BlockNumber;
                json["blockNumberAck"] = block.BlockNumberAcknowledged;
                json["blockDataHex"] = Hex(block.BlockData);
                break;
            case AccessRequest access:
                json["longInvokeIdAndPriority"] = access.LongInvokeIdAndPriority;
                json["dateTime"] = Of(access.DateTime);
                json["specifications"] = List(access.Specifications, Of);
                json["data"] = List(access.Data, value => DataJson.Of(value));
                break;
            case AccessResponse access:
                json["longInvokeIdAndPriority"] = access.LongInvokeIdAndPriority;
                json["dateTime"] = Of(access.DateTime);
                json["specifications"] = access.Specifications is { } specifications ? List(specifications, Of) : null;
                json["data"] = List(access.Data, value => DataJson.Of(value));
                json["results"] = List(access.Results, result => new JsonObject { ["service"] = CosemNames.Name(result.Kind), ["result"] = (byte)result.Result });
                break;
            case GeneralCiphering ciphering:
                AddHead(json, ciphering.Head);
                if (ciphering.Key is { } info) json["keyInfo"] = Of(info);
                break;
            case GeneralSigning signing:
                AddHead(json, signing.Head);
                json["contentHex"] = Hex(signing.Content);
                json["signatureHex"] = Hex(signing.Signature);
                break;
            default: AddShortNames(json, apdu); break;
        }
    }

    private static void AddHead(JsonObject json, GeneralHead head)
    {
        json["transactionId"] = Hex(head.TransactionId);
        json["originatorSystemTitle"] = Hex(head.OriginatorSystemTitle);
        json["recipientSystemTitle"] = Hex(head.RecipientSystemTitle);
        json["dateTime"] = Of(head.DateTime);
        json["otherInformation"] = Hex(head.OtherInformation);
    }

    private static void AddBlock(JsonObject json, DataBlock block)
    {
        json["lastBlock"] = block.LastBlock;
        json["blockNumber"] = block.BlockNumber;
        json["rawDataHex"] = Hex(block.RawData);
    }

    private static void AddResult(JsonObject json, GetDataResult result)
    {
        if (result.IsSuccess) json["data"] = DataJson.Of(result.Data);
        else json["dataAccessResult"] = (byte)result.Result;
    }

    private static void AddItem(JsonObject json, ActionResponseItem item)
    {
        json["result"] = (byte)item.Result;
        json["returnParameters"] = item.HasReturn ? Of(item.Return) : null;
    }

    private static JsonObject Of(GetDataResult result)
    {
        var json = new JsonObject();
        AddResult(json, result);
        return json;
    }

    private static JsonObject Of(KeyInfo info)
    {
        string choice = info.Choice switch { KeyInfo.Identified => "identified", KeyInfo.Wrapped => "wrapped", _ => "agreed" };
        var json = new JsonObject { ["choice"] = choice };
        if (info.Choice == KeyInfo.Agreed) json["parameters"] = Hex(info.Parameters);
        else json["keyId"] = info.KeyId;
        if (info.Choice != KeyInfo.Identified) json["keyCipheredData"] = Hex(info.KeyCipheredData);
        return json;
    }

    private static JsonObject Of(InvokeIdAndPriority invoke) => new()
    {
        ["raw"] = invoke.Octet, ["invokeId"] = invoke.InvokeId, ["serviceClassConfirmed"] = invoke.IsConfirmed, ["highPriority"] = invoke.IsHighPriority,
    };

    private static JsonObject Of(AttributeDescriptor attribute) => new()
    {
        ["classId"] = attribute.ClassId, ["logicalName"] = attribute.LogicalName.ToDottedString(), ["id"] = attribute.AttributeId,
    };

    private static JsonObject Of(MethodDescriptor method) => new()
    {
        ["classId"] = method.ClassId, ["logicalName"] = method.LogicalName.ToDottedString(), ["id"] = method.MethodId,
    };

    private static JsonObject? Of(SelectiveAccess? access) =>
        access is null ? null : new() { ["selector"] = access.Selector, ["parameters"] = DataJson.Of(access.Parameters) };

    private static JsonObject? Of(CosemDateTime? value) => value is { } known ? DataJson.Of(known) : null;

    private static JsonArray Of(IReadOnlyList<AttributeSelection> selections) => List(selections, selection =>
    {
        JsonObject json = Of(selection.Attribute);
        json["accessSelection"] = Of(selection.Access);
        return json;
    });

    private static JsonObject Of(AccessSpecification specification)
    {
        var json = new JsonObject { ["service"] = CosemNames.Name(specification.Kind) };
        if (specification.Kind == AccessKind.Action) json["method"] = Of(specification.Target);
        else json["attribute"] = Of(specification.Target);
        if (specification.Selection is { } selection) json["accessSelection"] = Of(selection);
        return json;
    }

    private static JsonArray List<T>(IReadOnlyList<T> items, Func<T, JsonNode?> make)
    {
        var list = new JsonArray();
        foreach (T item in items) list.Add(make(item));
        return list;
    }

    public static string Hex(ReadOnlyMemory<byte> octets) => Convert.ToHexString(octets.Span);
}
