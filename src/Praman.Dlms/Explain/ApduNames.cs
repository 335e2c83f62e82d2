using Praman.Dlms.Acse;
using Praman.Dlms.Apdus;
using Praman.Metering;

namespace Praman.Dlms.Explain;

/// <summary>Names of APDUs in the standard's own spelling (IEC 62056-5-3).</summary>
public static class ApduNames
{
    /// <summary><c>get-request-normal</c>, <c>glo-get-request</c>, <c>aarq</c> …</summary>
    public static string Of(Apdu apdu) => apdu switch
    {
        InitiateRequest => "initiate-request",
        InitiateResponse => "initiate-response",
        ConfirmedServiceError => "confirmed-service-error",
        ReadRequest => "read-request",
        WriteRequest => "write-request",
        ReadResponse => "read-response",
        WriteResponse => "write-response",
        UnconfirmedWriteRequest => "unconfirmed-write-request",
        InformationReport => "information-report-request",
        DataNotification => "data-notification",
        DataNotificationConfirm => "data-notification-confirm",
        Aarq => "aarq",
        Aare => "aare",
        Rlrq => "rlrq",
        Rlre => "rlre",
        GetRequestNormal => "get-request-normal",
        GetRequestNext => "get-request-next",
        GetRequestWithList => "get-request-with-list",
        GetResponseNormal => "get-response-normal",
        GetResponseWithDatablock => "get-response-with-datablock",
        GetResponseWithList => "get-response-with-list",
        SetRequestNormal => "set-request-normal",
        SetRequestWithFirstDatablock => "set-request-with-first-datablock",
        SetRequestWithDatablock => "set-request-with-datablock",
        SetRequestWithList => "set-request-with-list",
        SetRequestWithListAndFirstDatablock => "set-request-with-list-and-first-datablock",
        SetResponseNormal => "set-response-normal",
        SetResponseDatablock => "set-response-datablock",
        SetResponseLastDatablock => "set-response-last-datablock",
        SetResponseLastDatablockWithList => "set-response-last-datablock-with-list",
        SetResponseWithList => "set-response-with-list",
        ActionRequestNormal => "action-request-normal",
        ActionRequestNextBlock => "action-request-next-pblock",
        ActionRequestWithList => "action-request-with-list",
        ActionRequestWithFirstBlock => "action-request-with-first-pblock",
        ActionRequestWithListAndFirstBlock => "action-request-with-list-and-first-pblock",
        ActionRequestWithBlock => "action-request-with-pblock",
        ActionResponseNormal => "action-response-normal",
        ActionResponseWithBlock => "action-response-with-pblock",
        ActionResponseWithList => "action-response-with-list",
        ActionResponseNextBlock => "action-response-next-pblock",
        EventNotification => "event-notification-request",
        ExceptionResponse => "exception-response",
        AccessRequest => "access-request",
        AccessResponse => "access-response",
        GeneralGloCiphering => "general-glo-ciphering",
        GeneralDedCiphering => "general-ded-ciphering",
        GeneralCiphering => "general-ciphering",
        GeneralSigning => "general-signing",
        GeneralBlockTransfer => "general-block-transfer",
        ServiceCiphered ciphered => OfService(ciphered.ServiceTag),
        _ => $"apdu-{apdu.TagOctet}",
    };

    private static string OfService(byte tag)
    {
        ServiceCiphering.TryGetPlain(tag, out byte plain, out bool dedicated);
        string service = plain switch
        {
            0x01 => "initiate-request",
            0x05 => "read-request",
            0x06 => "write-request",
            0x08 => "initiate-response",
            0x0C => "read-response",
            0x0D => "write-response",
            0x0E => "confirmed-service-error",
            0x16 => "unconfirmed-write-request",
            0x18 => "information-report-request",
            GetRequest.Tag => "get-request",
            SetRequest.Tag => "set-request",
            EventNotification.Tag => "event-notification-request",
            ActionRequest.Tag => "action-request",
            GetResponse.Tag => "get-response",
            SetResponse.Tag => "set-response",
            ActionResponse.Tag => "action-response",
            _ => $"service-{plain}",
        };
        return (dedicated ? "ded-" : "glo-") + service;
    }

    internal static string Of(VariableAccessKind kind) => kind switch
    {
        VariableAccessKind.VariableName => "variable-name",
        VariableAccessKind.ParameterizedAccess => "parameterized-access",
        VariableAccessKind.BlockNumberAccess => "block-number-access",
        VariableAccessKind.ReadDataBlockAccess => "read-data-block-access",
        VariableAccessKind.WriteDataBlockAccess => "write-data-block-access",
        _ => $"variable-{(byte)kind}",
    };

    internal static string Describe(VariableAccess variable) => variable.Kind switch
    {
        VariableAccessKind.VariableName => $"the variable 0x{variable.Number:X4}",
        VariableAccessKind.ParameterizedAccess => $"a part of the variable 0x{variable.Number:X4}, or a method there",
        VariableAccessKind.BlockNumberAccess => $"the block after {variable.Number}",
        _ => $"block {variable.Number} of a long request",
    };

    /// <summary>The object behind a short name, as the meter's own list tells; null where it does not.</summary>
    internal static string? Describe(VariableAccess variable, Client.ShortNameMap? names)
    {
        if (names is null || variable.Kind is not (VariableAccessKind.VariableName or VariableAccessKind.ParameterizedAccess)) return null;
        if (!names.TryResolve(variable.Number, out Client.ShortNameEntry entry, out sbyte id, out bool isMethod)) return null;
        string what = isMethod ? CosemNames.Describe(new MethodDescriptor(entry.ClassId, entry.LogicalName, id)) : CosemNames.Describe(new AttributeDescriptor(entry.ClassId, entry.LogicalName, id));
        return $"{what} (short name 0x{variable.Number:X4})";
    }

    /// <summary>One sentence that says what the APDU does.</summary>
    public static string Sentence(Apdu apdu) => apdu switch
    {
        GetRequestNormal get => $"Asks for {CosemNames.Describe(get.Attribute)}{(get.Access is { } access ? ", " + CosemNames.Describe(access) : "")}.",
        GetRequestNext next => $"Asks for the block after {next.BlockNumber} of a long response.",
        GetRequestWithList list => $"Asks for {Counted.Of(list.Attributes.Count, "attribute")} at once.",
        GetResponseNormal { Result.IsSuccess: true } => "Answers a GET with the attribute's value.",
        GetResponseNormal response => $"Refuses a GET: {response.Result.Result.Name()}.",
        GetResponseWithDatablock block => $"Block {block.BlockNumber} of a long response{(block.LastBlock ? ", the last" : "; more follow")}.",
        GetResponseWithList list => $"Answers a GET of {Counted.Of(list.Results.Count, "attribute")}.",
        SetRequestNormal set => $"Writes {CosemNames.Describe(set.Attribute)}.",
        SetRequestWithFirstDatablock set => $"Begins a long write of {CosemNames.Describe(set.Attribute)}.",
        SetRequestWithDatablock set => $"Block {set.Block.BlockNumber} of a long write.",
        SetRequestWithList set => $"Writes {Counted.Of(set.Attributes.Count, "attribute")} at once.",
        SetRequestWithListAndFirstDatablock set => $"Begins a long write of {Counted.Of(set.Attributes.Count, "attribute")}.",
        SetResponseNormal set => $"The write came to: {set.Result.Name()}.",
        SetResponse => "Answers a SET.",
        ActionRequestNormal action => $"Invokes {CosemNames.Describe(action.Method)}.",
        ActionRequestWithFirstBlock action => $"Begins a long invocation of {CosemNames.Describe(action.Method)}.",
        ActionRequest => "Invokes methods, or goes on with a long ACTION.",
        ActionResponseNormal action => $"The method came to: {action.Item.Result.Name()}.",
        ActionResponse => "Answers an ACTION.",
        ReadRequest read => $"Reads {Counted.Of(read.Variables.Count, "variable")} by short name.",
        WriteRequest write => $"Writes {Counted.Of(write.Variables.Count, "variable")} by short name.",
        ReadResponse read => $"Answers a read of {Counted.Of(read.Results.Count, "variable")}.",
        WriteResponse write => $"Answers a write of {Counted.Of(write.Results.Count, "variable")}.",
        UnconfirmedWriteRequest write => $"Writes {Counted.Of(write.Variables.Count, "variable")} by short name, without an answer.",
        InformationReport report => $"The meter reports {Counted.Of(report.Values.Count, "variable")} unasked.",
        DataNotification => "The meter pushes values unasked.",
        DataNotificationConfirm => "The client has taken what was pushed.",
        EventNotification notification => $"The meter reports {CosemNames.Describe(notification.Attribute)} unasked.",
        Aarq aarq => $"A client asks for an association ({aarq.Context.Name()}, {CosemNames.Describe(aarq.Mechanism)}).",
        Aare { Result: AssociationResult.Accepted } aare => $"The meter accepts the association{(aare.Diagnostic == AcseDiagnostic.AuthenticationRequired ? ", authentication still to come" : "")}.",
        Aare aare => $"The meter refuses the association: {CosemNames.Diagnostic(aare)}.",
        Rlrq => "A client ends the association.",
        Rlre => "The meter confirms the end of the association.",
        InitiateRequest => "What the client proposes for the association.",
        InitiateResponse => "What the meter grants in the association.",
        ExceptionResponse exception => $"The request was not served: {CosemNames.Name(exception.StateError)}, {CosemNames.Name(exception.ServiceError)}.",
        ConfirmedServiceError error => $"The request failed: {CosemNames.Describe(error)}.",
        GeneralBlockTransfer block => $"Block {block.BlockNumber} of an APDU cut into blocks{(block.IsLastBlock ? ", the last" : "; more follow")}.",
        AccessRequest access => $"Asks for {Counted.Of(access.Specifications.Count, "get, set or action", "gets, sets and actions at once")}.",
        AccessResponse access => $"Answers {Counted.Of(access.Results.Count, "get, set or action", "gets, sets and actions")}.",
        ServiceCiphered or GeneralGloCiphering => "A protected APDU under the global key.",
        GeneralDedCiphering => "A protected APDU under the dedicated key of the association.",
        GeneralCiphering => "A protected APDU whose key it names itself.",
        GeneralSigning => "An APDU with a digital signature.",
        _ => "An APDU.",
    };
}
