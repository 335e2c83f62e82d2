using Praman.Dlms.Acse;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Tests.Apdus;

/// <summary>At least one APDU of every kind and form.</summary>
internal static class SampleApdus
{
    private static readonly InvokeIdAndPriority Invoke = new(3);
    private static readonly AttributeDescriptor Energy = new(3, ObisCode.Parse("1-0:1.8.0.255"), 2);
    private static readonly MethodDescriptor Disconnect = new(70, ObisCode.Parse("0-0:96.3.10.255"), 1);
    private static readonly CosemDateTime Moment = new(2026, 3, 1, 7, 6, 30, 0, 0, 330, 0);
    private static readonly DataBlock Block = new(true, 7, new byte[] { 1, 2, 3 });
    private static readonly byte[] Title = [0x4D, 0x4D, 0x4D, 0, 0, 0, 0, 1];
    private static readonly byte[] Protected = [0x30, 0, 0, 0, 1, 0xAA, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    private static readonly SelectiveAccess Range = SelectiveAccess.Range(Moment, Moment);
    private static readonly SelectiveAccess Entry = SelectiveAccess.Entry(1, 0);
    private static readonly GeneralHead Head = new(new byte[] { 9 }, Title, Title, Moment, new byte[] { 7, 7 });

    public static IReadOnlyList<Apdu> All { get; } =
    [
        new GetRequestNormal(Invoke, Energy),
        new GetRequestNormal(Invoke, Energy, Range),
        new GetRequestNext(Invoke, 0x01020304),
        new GetRequestWithList(Invoke, [new(Energy), new(Energy, Entry)]),
        new GetResponseNormal(Invoke, CosemData.DoubleLongUnsigned(1234567)),
        new GetResponseNormal(Invoke, DataAccessResult.ObjectUndefined),
        new GetResponseWithDatablock(Invoke, false, 1, new byte[] { 1, 2 }, DataAccessResult.Success),
        new GetResponseWithDatablock(Invoke, true, 2, default, DataAccessResult.LongGetAborted),
        new GetResponseWithList(Invoke, [new(CosemData.Null), new(DataAccessResult.ReadWriteDenied), new(CosemData.Structure(CosemData.Unsigned(1)))]),
        new SetRequestNormal(Invoke, Energy, null, CosemData.Unsigned(1)),
        new SetRequestNormal(Invoke, Energy, Entry, CosemData.Unsigned(1)),
        new SetRequestWithFirstDatablock(Invoke, Energy, null, Block),
        new SetRequestWithDatablock(Invoke, Block),
        new SetRequestWithList(Invoke, [new(Energy), new(Energy, Entry)], [CosemData.Unsigned(1), CosemData.Null]),
        new SetRequestWithListAndFirstDatablock(Invoke, [new(Energy)], Block),
        new SetResponseNormal(Invoke, DataAccessResult.TypeUnmatched),
        new SetResponseDatablock(Invoke, 5),
        new SetResponseLastDatablock(Invoke, DataAccessResult.Success, 6),
        new SetResponseLastDatablockWithList(Invoke, [DataAccessResult.Success, DataAccessResult.OtherReason], 7),
        new SetResponseWithList(Invoke, [DataAccessResult.Success, DataAccessResult.HardwareFault]),
        new ActionRequestNormal(Invoke, Disconnect, CosemData.Integer(0)),
        new ActionRequestNormal(Invoke, Disconnect, null),
        new ActionRequestNextBlock(Invoke, 3),
        new ActionRequestWithList(Invoke, [Disconnect, Disconnect], [CosemData.Integer(0), CosemData.Null]),
        new ActionRequestWithFirstBlock(Invoke, Disconnect, Block),
        new ActionRequestWithListAndFirstBlock(Invoke, [Disconnect], Block),
        new ActionRequestWithBlock(Invoke, Block),
        new ActionResponseNormal(Invoke, ActionResult.Success),
        new ActionResponseNormal(Invoke, new ActionResponseItem(ActionResult.Success, CosemData.OctetString([1, 2]))),
        new ActionResponseNormal(Invoke, new ActionResponseItem(ActionResult.OtherReason, true, new GetDataResult(DataAccessResult.OtherReason))),
        new ActionResponseWithBlock(Invoke, Block),
        new ActionResponseWithList(Invoke, [new(ActionResult.Success), new(ActionResult.ReadWriteDenied, CosemData.Unsigned(1))]),
        new ActionResponseNextBlock(Invoke, 9),
        new DataNotification(0x40000001, Moment, CosemData.Structure(CosemData.LogicalName(Energy.LogicalName), CosemData.Unsigned(4))),
        new DataNotification(1, null, CosemData.Array()),
        new DataNotification(1, Moment, CosemData.Unsigned(1)) { HasDateTimeTag = true },
        new EventNotification(Moment, Energy, CosemData.Unsigned(1)),
        new EventNotification(null, Energy, CosemData.Unsigned(1)),
        new DataNotificationConfirm(0x40000001, Moment),
        new DataNotificationConfirm(0x40000001),
        new ReadRequest([VariableAccess.Name(0xFA00), VariableAccess.Parameterized(0x0108, Range), VariableAccess.Block(3), VariableAccess.ReadBlock(true, 2, new byte[] { 1, 2 })]),
        new ReadResponse([ReadResponseItem.Value(CosemData.Unsigned(7)), ReadResponseItem.Refusal(DataAccessResult.ObjectUndefined), ReadResponseItem.Block(false, 1, [1, 2, 3]), ReadResponseItem.Acknowledged(4)]),
        new WriteRequest([VariableAccess.Name(0x0108), VariableAccess.WriteBlock(false, 1)], [CosemData.Unsigned(1), CosemData.OctetString([1, 2])]),
        new WriteResponse([WriteResponseItem.Of(DataAccessResult.Success), WriteResponseItem.Of(DataAccessResult.ReadWriteDenied), WriteResponseItem.Acknowledged(2)]),
        new UnconfirmedWriteRequest([VariableAccess.Name(0x0108)], [CosemData.Boolean(true)]),
        new InformationReport("20260301070630Z"u8.ToArray(), [VariableAccess.Name(0x0108)], [CosemData.DoubleLongUnsigned(5)]),
        new InformationReport(null, [VariableAccess.Name(0x0108), VariableAccess.Name(0x0110)], [CosemData.Unsigned(5), CosemData.Null]),
        new ExceptionResponse(StateError.ServiceNotAllowed, ServiceError.DecipheringError),
        new ExceptionResponse(StateError.ServiceUnknown, ServiceError.InvocationCounterError, 77),
        new ConfirmedServiceError(1, 6, 2),
        new InitiateRequest(Conformance.Get | Conformance.Action | Conformance.SelectiveAccess, 512),
        new InitiateRequest(Conformance.Get, 512) { DedicatedKey = new byte[16], ResponseAllowed = false, QualityOfService = -1 },
        new InitiateResponse(Conformance.Get | Conformance.BlockTransferWithGetOrRead, 1024),
        new InitiateResponse(Conformance.None, 1024) { QualityOfService = 0, VaaName = 0xFA00 },
        Aarq.Create(ApplicationContext.LogicalName, null, AuthenticationMechanism.None, default, new byte[] { 1, 2 }),
        Aarq.Create(ApplicationContext.LogicalNameCiphered, Title, AuthenticationMechanism.HlsGmac, new byte[16], new byte[200]),
        Aarq.Create(ApplicationContext.LogicalName, null, AuthenticationMechanism.Lls, "secret"u8.ToArray(), new byte[] { 1 }) with
        {
            CalledApTitle = Title, CallingAeQualifier = new byte[] { 5, 5 }, CallingAeInvocationId = 4,
        },
        new Aare
        {
            Context = ApplicationContext.LogicalNameCiphered, Diagnostic = AcseDiagnostic.AuthenticationRequired, RespondingApTitle = Title, RespondingAeQualifier = new byte[] { 1 },
            AcseRequirements = new byte[] { 7, 0x80 }, Mechanism = AuthenticationMechanism.Hls, AuthenticationValue = new byte[16], UserInformation = new byte[30],
        },
        new Aare { Result = AssociationResult.RejectedPermanent, IsProviderDiagnostic = true, Diagnostic = (AcseDiagnostic)2 },
        new Rlrq(),
        new Rlrq(null) { UserInformation = new byte[] { 1, 2, 3 } },
        new Rlre(1),
        new ServiceCiphered(0xC8, Protected),
        new ServiceCiphered(0x21, Protected),
        new ServiceCiphered(0xD7, Protected),
        new GeneralGloCiphering(Title, Protected),
        new GeneralDedCiphering(Title, Protected),
        new GeneralCiphering(Head, null, Protected),
        new GeneralCiphering(Head, new KeyInfo(KeyInfo.Identified, 1, default, default), Protected),
        new GeneralCiphering(Head, new KeyInfo(KeyInfo.Wrapped, 0, default, new byte[24]), Protected),
        new GeneralCiphering(Head with { DateTime = null }, new KeyInfo(KeyInfo.Agreed, 0, new byte[] { 2 }, new byte[64]), Protected),
        new GeneralSigning(Head, new byte[] { 0xC0, 1 }, new byte[64]),
        new GeneralBlockTransfer(0x81, 2, 1, new byte[] { 1, 2, 3 }),
        new AccessRequest(5, Moment,
            [new(AccessKind.Get, Energy), new(AccessKind.Set, Energy), new(AccessKind.Action, Energy), new(AccessKind.GetWithSelection, Energy, Entry), new(AccessKind.SetWithSelection, Energy, Range)],
            [CosemData.Null, CosemData.Unsigned(1), CosemData.Integer(0), CosemData.Null, CosemData.Array()]),
        new AccessResponse(5, null, null, [CosemData.Unsigned(1), CosemData.Null], [new(AccessKind.Get, DataAccessResult.Success), new(AccessKind.Action, DataAccessResult.OtherReason)]),
        new AccessResponse(5, Moment, [new(AccessKind.Get, Energy)], [CosemData.Unsigned(1)], [new(AccessKind.Get, DataAccessResult.Success)]),
    ];
}
